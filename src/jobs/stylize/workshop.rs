//! A job in; networks loaded and styles read, ready to paint one photo after another, out.

use std::ops::ControlFlow;
use std::path::Path;

use super::best::BestPainter;
use super::done_work::{DoneWork, Writer};
use super::paint::Painter;
use super::settings::settings;
use super::targets::{StyleFitter, Target, targets};
use super::{Failure, StylizeJob, StylizeProgress, Summary};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::output_paths::OutputPaths;
use crate::jobs::regions::RegionPainter;
use crate::jobs::{StyleBook, note_device, user_gallery_path};

/// What stays from one photo to the next.
pub(super) struct Workshop<'a> {
    job: &'a StylizeJob,
    engine: Engine,
    targets: Vec<Target>,
    fitter: Option<StyleFitter>,
    best: Option<BestPainter>,
    regions: RegionPainter,
    pub(super) summary: Summary,
}

impl<'a> Workshop<'a> {
    pub(super) fn open(job: &'a StylizeJob, progress: &mut dyn StylizeProgress) -> Result<Self> {
        let mut engine = job.engine.clone().build()?;
        let book = StyleBook::open(
            engine.gallery().clone(),
            user_gallery_path(job.gallery.as_deref())?,
        )?;
        let mut embedded = Vec::new();
        for argument in &job.styles {
            embedded.push(book.embed(&mut engine, argument, &mut |n| progress.note(n))?);
        }
        let targets = targets(job, &embedded)?;
        let fitter = job
            .refine
            .map(|steps| StyleFitter::open(job, steps))
            .transpose()?;
        let best = job
            .best
            .map(|steps| BestPainter::open(job, steps))
            .transpose()?;
        if let Some(best) = &best {
            progress.note(&format!("features: {}", best.features()));
        }
        let regions = RegionPainter::open(&job.regions, &book, &mut engine, &mut |n| {
            progress.note(n);
        })?;
        note_device(&job.engine, engine.device(), progress);
        let summary = Summary {
            model: engine.model().to_owned(),
            device: engine.device().clone(),
            painted: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
            setup: engine.take_timings(),
            interrupted: false,
        };
        Ok(Self {
            job,
            engine,
            targets,
            fitter,
            best,
            regions,
            summary,
        })
    }

    /// How many pictures each photo gives.
    pub(super) fn targets(&self) -> usize {
        self.targets.len()
    }

    /// What is painted already in the folder of the job, which is there; `None` when nobody asked for it.
    pub(super) fn done_work(&self, writer: &Writer) -> Result<Option<DoneWork>> {
        if !self.job.resume {
            return Ok(None);
        }
        let settings = settings(self.job, &self.engine, &self.targets)?;
        DoneWork::open(&self.job.output, writer, settings).map(Some)
    }

    /// Paint one photo, whose outputs are at a place of `outputs`. It is number `index` of `contents`. `Break` when an
    /// optimisation was stopped, whose picture is written all the same.
    pub(super) fn paint(
        &mut self,
        (outputs, place): (&OutputPaths, usize),
        content: &Path,
        done: Option<&mut DoneWork>,
        (index, contents): (usize, usize),
        progress: &mut dyn StylizeProgress,
    ) -> Result<ControlFlow<()>> {
        let mut painter = Painter {
            job: self.job,
            outputs,
            place,
            targets: &self.targets,
            fitter: self.fitter.as_ref(),
            best: self.best.as_ref(),
            regions: &mut self.regions,
            engine: &mut self.engine,
            done,
            contents,
        };
        painter.paint(index, content, &mut self.summary, progress)
    }

    /// Note that a photo could not be painted.
    pub(super) fn fail(&mut self, failure: Failure, progress: &mut dyn StylizeProgress) {
        progress.note(&failure.error.to_string());
        progress.failed(&failure);
        self.summary.failed.push(failure);
    }

    /// Tell `progress` that all `contents` are done.
    pub(super) fn finish(self, contents: usize, progress: &mut dyn StylizeProgress) -> Summary {
        let steps = |target: &Target| 1 + target.steps(self.job.refine);
        let total = contents * self.targets.iter().map(steps).sum::<usize>();
        // Nothing is left that could be stopped.
        let _ = progress.step(total, total, "");
        self.summary
    }
}
