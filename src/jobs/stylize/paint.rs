//! One photo and the styles of the job in; its pastiches, written to files, out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::best::{BestPainter, Bettered};
use super::done_work::{DoneWork, hash_file};
use super::targets::{StyleFitter, Target};
use super::{Painted, Skipped, StylizeJob, StylizeProgress, Summary, WhySkipped, inputs, name_of};
use crate::engine::{Engine, auto_brush, painted_size};
use crate::error::{Error, Result};
use crate::jobs::output_paths::{OutputPaths, is_standard_stream};
use crate::jobs::regions::RegionPainter;
use crate::measure::Timings;
use crate::picture::{self, Colors, Picture, SaveOptions};
use crate::style::StyleEmbedding;

/// Everything that painting one photo after another needs.
pub(super) struct Painter<'a> {
    pub(super) job: &'a StylizeJob,
    pub(super) outputs: &'a OutputPaths,
    /// The place of the photo among those that `outputs` was made for.
    pub(super) place: usize,
    pub(super) targets: &'a [Target],
    pub(super) fitter: Option<&'a StyleFitter>,
    pub(super) best: Option<&'a BestPainter>,
    pub(super) regions: &'a mut RegionPainter,
    pub(super) engine: &'a mut Engine,
    pub(super) done: Option<&'a mut DoneWork>,
    /// How many photos there are.
    pub(super) contents: usize,
}

impl Painter<'_> {
    /// Paint photo number `index` in every style of the job; what is written goes to `summary` and `progress` at once.
    /// `Break` when an optimisation was stopped, whose picture is written all the same.
    pub(super) fn paint(
        &mut self,
        index: usize,
        content: &Path,
        summary: &mut Summary,
        progress: &mut dyn StylizeProgress,
    ) -> Result<ControlFlow<()>> {
        let (name, total) = (name_of(content), self.steps());
        let mut done = index * self.steps_of_one();
        next_step(progress, done, total, &name)?;
        // A photo that cannot be read here cannot be decoded either; that error is the one to tell.
        let sha256 = match &self.done {
            Some(_) => hash_file(content).ok().map(|(_, sha256)| sha256),
            None => None,
        };
        let left = self.left(content, sha256.as_deref(), summary, progress)?;
        if left.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let mut timings = Timings::default();
        let Picture {
            rgb,
            alpha,
            metadata,
            ..
        } = self.read(content, &mut timings, progress)?;
        let options = SaveOptions {
            quality: self.job.files.quality,
            metadata: (!self.job.files.strip).then_some(&metadata),
            keeps_existing: self.job.files.no_clobber,
        };
        let in_file = |error: Error| error.in_file(content);
        timings.time("regions", || {
            self.regions.fit(&rgb, &name, &mut |n| progress.note(n))
        })?;
        // Where `strength` starts from: the photo's own embedding, read once for all styles.
        let own = self
            .needs_own()
            .then(|| self.engine.embed_photo(&rgb))
            .transpose()
            .map_err(in_file)?;
        let photo = Photo {
            rgb: &rgb,
            own: own.as_ref(),
            colors: &self.job.colors,
        };
        let mut pastiche = RgbImage::new(0, 0);
        let targets = self.targets;
        for (first, (nth, output)) in left.into_iter().enumerate() {
            let target = &targets[nth];
            if first > 0 {
                next_step(progress, done, total, &name)?;
            }
            let (mut style, mut refined) = (target.style.clone(), Vec::new());
            if let Some(fitter) = self.fitter {
                timings.merge(&self.engine.take_timings());
                // The fit is made at a size of its own.
                self.engine.set_brush(1.0)?;
                let mut watch = |n| progress.step(done + n, total, &name);
                (style, refined) = timings
                    .time("refine", || {
                        fitter.fit(self.engine, &rgb, target, &mut watch)
                    })
                    .map_err(in_file)?;
                // The engine's stages of that time are part of "refine".
                self.engine.take_timings();
            }
            done += 1 + target.steps(self.job.refine);
            let brush = self
                .choose_brush(rgb.dimensions(), &name, progress)
                .map_err(in_file)?;
            let mut best = None;
            let mut tiles = |k, tiles: usize| progress.step(k, tiles, &format!("{name} in tiles"));
            if self.regions.shows_base() {
                let strength = self.job.strength;
                photo
                    .paint(self.engine, (&style, strength), &mut pastiche, &mut tiles)
                    .map_err(in_file)?;
                if let Some(painter) = self.best {
                    let better = || better(painter, &rgb, &mut pastiche, (nth, &name), progress);
                    best = Some(timings.time("best", better).map_err(in_file)?);
                }
                photo.finish(strength, &mut pastiche, &mut timings);
            } else {
                picture::reshape(&mut pastiche, rgb.width(), rgb.height());
            }
            let stopped = best
                .as_ref()
                .is_some_and(|best: &Bettered| best.interrupted);
            let job_strength = self.job.strength;
            let engine = &mut *self.engine;
            self.regions
                .paint(&rgb, &mut pastiche, &mut |region, into| {
                    next_step(progress, done - 1, total, &name)?;
                    let strength = region.strength.unwrap_or(job_strength);
                    engine.set_brush(region.brush.unwrap_or(brush))?;
                    let mut tiles =
                        |k, tiles: usize| progress.step(k, tiles, &format!("{name} in tiles"));
                    photo.paint(engine, (&region.style, strength), into, &mut tiles)?;
                    photo.finish(strength, into, &mut timings);
                    Ok(())
                })
                .map_err(in_file)?;
            let mut timings = std::mem::take(&mut timings);
            timings.merge(&self.engine.take_timings());
            let saved = timings.time("encode", || {
                let format = self.outputs.format();
                inputs::save(&output, format, (&pastiche, alpha.as_ref()), &options)
            });
            // Another run was sooner.
            if saved.is_err() && self.is_kept(&output) {
                let found = self.found(content, (nth, output), WhySkipped::Kept);
                progress.skipped(&found);
                summary.skipped.push(found);
                continue;
            }
            saved?;
            // What was stopped half-way is not done.
            if let (Some(done), Some(sha256), false) = (&mut self.done, &sha256, stopped) {
                done.record(content, (sha256, nth), &output)?;
            }
            let picture = Painted {
                content: content.to_owned(),
                style: target.name.clone(),
                output,
                size: pastiche.dimensions(),
                brush,
                refined,
                best,
                timings,
            };
            progress.painted(&picture);
            summary.painted.push(picture);
            if stopped {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether a style is painted at part strength.
    fn needs_own(&self) -> bool {
        let own = self.job.regions.strengths();
        std::iter::once(self.job.strength)
            .chain(own)
            .any(|s| s < 1.0)
    }

    /// Set the brush for a picture of `size`, and return it.
    fn choose_brush(
        &mut self,
        size: (u32, u32),
        name: &str,
        progress: &mut dyn StylizeProgress,
    ) -> Result<f32> {
        let brush = self.job.brush.unwrap_or_else(|| auto_brush(size));
        self.engine.set_brush(brush)?;
        let (width, height) = painted_size(size, brush);
        let way = self.engine.way(size.0, size.1)?;
        let detail = format!("{name}: brush {brush:.2}, painted at {width}x{height} {way}");
        progress.detail(&detail);
        Ok(brush)
    }

    /// Whether the file `output` is there and is to stay.
    fn is_kept(&self, output: &Path) -> bool {
        self.job.files.no_clobber
            && !is_standard_stream(output)
            && std::fs::symlink_metadata(output).is_ok()
    }

    /// The targets that are to be painted, with their files; the others go to `summary` and `progress`.
    fn left(
        &mut self,
        content: &Path,
        sha256: Option<&str>,
        summary: &mut Summary,
        progress: &mut dyn StylizeProgress,
    ) -> Result<Vec<(usize, PathBuf)>> {
        let mut left = Vec::new();
        for (nth, target) in self.targets.iter().enumerate() {
            let output = self.outputs.output(self.place, &target.name);
            let painted = match (&mut self.done, sha256) {
                (Some(done), Some(sha256)) => done.is_done(&output, sha256, nth)?,
                _ => false,
            };
            let why = if painted {
                WhySkipped::Painted
            } else if self.is_kept(&output) {
                WhySkipped::Kept
            } else {
                left.push((nth, output));
                continue;
            };
            let found = self.found(content, (nth, output), why);
            progress.skipped(&found);
            summary.skipped.push(found);
        }
        Ok(left)
    }

    fn found(&self, content: &Path, (nth, output): (usize, PathBuf), why: WhySkipped) -> Skipped {
        Skipped {
            why,
            content: content.to_owned(),
            style: self.targets[nth].name.clone(),
            output,
        }
    }

    /// The steps of the progress for one photo: one for each style, and one for each step of its refinement.
    fn steps_of_one(&self) -> usize {
        let steps = |target: &Target| 1 + target.steps(self.job.refine);
        self.targets.iter().map(steps).sum()
    }

    fn steps(&self) -> usize {
        self.contents * self.steps_of_one()
    }

    /// Decode a photo and bring it to the size of the job.
    fn read(
        &self,
        content: &Path,
        timings: &mut Timings,
        progress: &mut dyn StylizeProgress,
    ) -> Result<Picture> {
        let mut picture = timings.time("decode", || inputs::open(content))?;
        for note in &picture.notes {
            progress.note(&format!("{}: {note}", content.display()));
        }
        timings.time("resize", || {
            let Some(size) = self.job.size else {
                return Ok(picture);
            };
            picture.rgb = picture::fit_long(&picture.rgb, size)?;
            let (width, height) = picture.rgb.dimensions();
            picture.alpha = picture
                .alpha
                .map(|a| picture::resize(&a, width, height))
                .transpose()?;
            Ok(picture)
        })
    }
}

/// A photo, and how its pastiches are finished.
#[derive(Clone, Copy)]
struct Photo<'a> {
    rgb: &'a RgbImage,
    /// Its own embedding, where a style is painted at part strength.
    own: Option<&'a StyleEmbedding>,
    colors: &'a Colors,
}

impl Photo<'_> {
    /// Paint the whole photo in a style at a strength; to be finished with [`Photo::finish`].
    fn paint(
        &self,
        engine: &mut Engine,
        (style, strength): (&StyleEmbedding, f32),
        pastiche: &mut RgbImage,
        watch: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<()> {
        match self.own {
            Some(own) if strength < 1.0 => engine.set_style(&own.lerp(style, strength)?)?,
            _ => engine.set_style(style)?,
        }
        engine.paint_watched(self.rgb, pastiche, watch)
    }

    /// Colours, and the photo itself where the strength is low.
    fn finish(&self, strength: f32, pastiche: &mut RgbImage, timings: &mut Timings) {
        if !self.colors.is_identity() {
            timings.time("colours", || self.colors.apply(self.rgb, pastiche));
        }
        picture::mix_with_photo(self.rgb, pastiche, strength);
    }
}

/// The pastiche made better, with progress and previews.
fn better(
    painter: &BestPainter,
    photo: &RgbImage,
    pastiche: &mut RgbImage,
    of: (usize, &str),
    progress: &mut dyn StylizeProgress,
) -> Result<Bettered> {
    painter.better(photo, pastiche, of, &mut |step| {
        if let Some(estimate) = &step.estimate {
            progress.note(estimate);
        }
        let asked = progress.step(step.done, step.total, &step.said);
        let shown = progress.improved(&|| step.picture())?;
        Ok(if asked.is_break() { asked } else { shown })
    })
}

fn next_step(
    progress: &mut dyn StylizeProgress,
    done: usize,
    total: usize,
    name: &str,
) -> Result<()> {
    match progress.step(done, total, name).is_break() {
        true => Err(Error::Interrupted),
        false => Ok(()),
    }
}
