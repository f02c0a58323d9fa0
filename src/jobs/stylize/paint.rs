//! One photo and the styles of the job in; its pastiches, written to files, out.

use std::path::Path;

use image::{GrayImage, RgbImage};

use super::done_work::{DoneWork, hash_file};
use super::targets::{StyleFitter, Target};
use super::{Painted, Skipped, StylizeJob, StylizeProgress, Summary, inputs, name_of};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::output_paths::OutputPaths;
use crate::measure::Timings;
use crate::picture;
use crate::style::StyleEmbedding;

/// Everything that painting one photo after another needs.
pub(super) struct Painter<'a> {
    pub(super) job: &'a StylizeJob,
    pub(super) outputs: &'a OutputPaths,
    /// The place of the photo among those that `outputs` was made for.
    pub(super) place: usize,
    pub(super) targets: &'a [Target],
    pub(super) fitter: Option<&'a StyleFitter>,
    pub(super) engine: &'a mut Engine,
    pub(super) done: Option<&'a mut DoneWork>,
    /// How many photos there are.
    pub(super) contents: usize,
}

impl Painter<'_> {
    /// Paint photo number `index` in every style of the job; what is written goes to `summary` and `progress` at once.
    pub(super) fn paint(
        &mut self,
        index: usize,
        content: &Path,
        summary: &mut Summary,
        progress: &mut dyn StylizeProgress,
    ) -> Result<()> {
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
            return Ok(());
        }
        let mut timings = Timings::default();
        let (rgb, alpha) = self.read(content, &mut timings, progress)?;
        let in_file = |error: Error| error.in_file(content);
        // Where `strength` starts from: the photo's own embedding, read once for all styles.
        let own = (self.job.strength < 1.0)
            .then(|| self.engine.embed(&rgb))
            .transpose()
            .map_err(in_file)?;
        let mut pastiche = RgbImage::new(0, 0);
        let targets = self.targets;
        for (nth, target) in left.iter().map(|nth| (*nth, &targets[*nth])) {
            if nth > left[0] {
                next_step(progress, done, total, &name)?;
            }
            let (mut style, mut refined) = (target.style.clone(), Vec::new());
            if let Some(fitter) = self.fitter {
                timings.merge(&self.engine.take_timings());
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
            self.stylize(
                &rgb,
                own.as_ref(),
                &style,
                &mut pastiche,
                &mut |k, tiles| progress.step(k, tiles, &format!("{name} in tiles")),
            )
            .map_err(in_file)?;
            if self.job.keep_colors {
                timings.time("colours", || picture::keep_colors(&rgb, &mut pastiche));
            }
            picture::mix_with_photo(&rgb, &mut pastiche, self.job.strength);
            let output = self.outputs.output(self.place, &target.name);
            let mut timings = std::mem::take(&mut timings);
            timings.merge(&self.engine.take_timings());
            timings.time("encode", || {
                inputs::save(&output, &pastiche, alpha.as_ref())
            })?;
            if let (Some(done), Some(sha256)) = (&mut self.done, &sha256) {
                done.record(content, (sha256, nth), &output)?;
            }
            let picture = Painted {
                content: content.to_owned(),
                style: target.name.clone(),
                output,
                size: pastiche.dimensions(),
                refined,
                timings,
            };
            progress.painted(&picture);
            summary.painted.push(picture);
        }
        Ok(())
    }

    /// The targets that are not painted yet; the others go to `summary` and `progress`.
    fn left(
        &mut self,
        content: &Path,
        sha256: Option<&str>,
        summary: &mut Summary,
        progress: &mut dyn StylizeProgress,
    ) -> Result<Vec<usize>> {
        let (Some(done), Some(sha256)) = (&mut self.done, sha256) else {
            return Ok((0..self.targets.len()).collect());
        };
        let mut left = Vec::new();
        for (nth, target) in self.targets.iter().enumerate() {
            let output = self.outputs.output(self.place, &target.name);
            if !done.is_done(&output, sha256, nth)? {
                left.push(nth);
                continue;
            }
            let picture = Skipped {
                content: content.to_owned(),
                style: target.name.clone(),
                output,
            };
            progress.skipped(&picture);
            summary.skipped.push(picture);
        }
        Ok(left)
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
    ) -> Result<(RgbImage, Option<GrayImage>)> {
        let picture = timings.time("decode", || inputs::open(content))?;
        for note in &picture.notes {
            progress.note(&format!("{}: {note}", content.display()));
        }
        timings.time("resize", || {
            let Some(size) = self.job.size else {
                return Ok((picture.rgb, picture.alpha));
            };
            let rgb = picture::fit_long(&picture.rgb, size)?;
            let alpha = picture
                .alpha
                .map(|a| picture::resize(&a, rgb.width(), rgb.height()))
                .transpose()?;
            Ok((rgb, alpha))
        })
    }

    fn stylize(
        &mut self,
        photo: &RgbImage,
        own: Option<&StyleEmbedding>,
        style: &StyleEmbedding,
        pastiche: &mut RgbImage,
        watch: &mut dyn FnMut(usize, usize) -> std::ops::ControlFlow<()>,
    ) -> Result<()> {
        match own {
            Some(own) => self
                .engine
                .set_style(&own.lerp(style, self.job.strength)?)?,
            None => self.engine.set_style(style)?,
        }
        self.engine.paint_watched(photo, pastiche, watch)
    }
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
