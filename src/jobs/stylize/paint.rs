//! One photo and the styles of the job in; its pastiches, written to files, out.

use std::path::{Path, PathBuf};

use image::RgbImage;

use super::targets::{StyleFitter, Target};
use super::{Painted, Skipped, StylizeJob, StylizeProgress, inputs, name_of};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::output_paths::{OutputPaths, is_standard_stream};
use crate::measure::Timings;
use crate::picture::{self, Picture, SaveOptions};
use crate::style::StyleEmbedding;

/// Everything that painting one photo after another needs.
pub(super) struct Painter<'a> {
    pub(super) job: &'a StylizeJob,
    pub(super) outputs: &'a OutputPaths,
    pub(super) targets: &'a [Target],
    pub(super) fitter: Option<&'a StyleFitter>,
    pub(super) engine: &'a mut Engine,
    /// How many photos there are.
    pub(super) contents: usize,
    /// Outputs that were there and were kept.
    pub(super) skipped: Vec<Skipped>,
}

impl Painter<'_> {
    /// Paint photo number `index` in every style of the job; what is written goes to `painted` and `progress` at once.
    pub(super) fn paint(
        &mut self,
        index: usize,
        content: &Path,
        painted: &mut Vec<Painted>,
        progress: &mut dyn StylizeProgress,
    ) -> Result<()> {
        let (name, total) = (name_of(content), self.steps());
        let mut done = index * self.steps_of_one();
        next_step(progress, done, total, &name)?;
        let (mut wanted, kept): (Vec<_>, Vec<_>) = self
            .targets
            .iter()
            .map(|target| (target, self.outputs.output(index, &target.name)))
            .partition(|(_, output)| !self.is_kept(output));
        for (_, output) in kept {
            self.skip(content, output, progress);
        }
        if wanted.is_empty() {
            return Ok(());
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
        // Where `strength` starts from: the photo's own embedding, read once for all styles.
        let own = (self.job.strength < 1.0)
            .then(|| self.engine.embed(&rgb))
            .transpose()
            .map_err(in_file)?;
        let mut pastiche = RgbImage::new(0, 0);
        for (nth, (target, output)) in wanted.drain(..).enumerate() {
            if nth > 0 {
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
            if !self.job.colors.is_identity() {
                timings.time("colours", || self.job.colors.apply(&rgb, &mut pastiche));
            }
            picture::mix_with_photo(&rgb, &mut pastiche, self.job.strength);
            let mut timings = std::mem::take(&mut timings);
            timings.merge(&self.engine.take_timings());
            let saved = timings.time("encode", || {
                let format = self.outputs.format();
                inputs::save(&output, format, (&pastiche, alpha.as_ref()), &options)
            });
            // Another run was sooner.
            if saved.is_err() && self.is_kept(&output) {
                self.skip(content, output, progress);
                continue;
            }
            saved?;
            let picture = Painted {
                content: content.to_owned(),
                style: target.name.clone(),
                output,
                size: pastiche.dimensions(),
                refined,
                timings,
            };
            progress.painted(&picture);
            painted.push(picture);
        }
        Ok(())
    }

    /// Whether the file `output` is there and is to stay.
    fn is_kept(&self, output: &Path) -> bool {
        self.job.files.no_clobber
            && !is_standard_stream(output)
            && std::fs::symlink_metadata(output).is_ok()
    }

    fn skip(&mut self, content: &Path, output: PathBuf, progress: &mut dyn StylizeProgress) {
        let skipped = Skipped {
            content: content.to_owned(),
            output,
        };
        progress.skipped(&skipped);
        self.skipped.push(skipped);
    }

    /// Tell `progress` that all is done.
    pub(super) fn finish(&self, progress: &mut dyn StylizeProgress) {
        let total = self.steps();
        // Nothing is left that could be stopped.
        let _ = progress.step(total, total, "");
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
