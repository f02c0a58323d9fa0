//! The steps of an optimisation: an objective, an optimiser and a picture go in; the best picture and a record of every
//! step come out.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use image::RgbImage;

use crate::error::Result;
use crate::gatys::{GatysObjective, Losses, Optimiser, Planes, planes};

/// The state of an optimisation after a step.
#[derive(Debug, Clone)]
pub struct StepRecord {
    /// Width and height at this scale.
    pub size: (usize, usize),
    /// Steps so far, over all scales.
    pub step: usize,
    /// Evaluations of the objective so far.
    pub evaluations: usize,
    /// Time so far, without writing and showing pictures.
    pub spent: Duration,
    /// Losses at this scale.
    pub losses: Losses,
}

/// The result of an optimisation.
#[derive(Debug, Clone)]
pub struct Optimised {
    /// The best picture of the last scale.
    pub picture: RgbImage,
    /// Its losses.
    pub losses: Losses,
    /// The losses of the picture that it began with, at the same scale; of [`GatysRunner::optimise_from`] only.
    ///
    /// [`GatysRunner::optimise_from`]: super::GatysRunner::optimise_from
    pub begun: Option<Losses>,
    /// Names of the terms in [`Losses::terms`].
    pub terms: Vec<String>,
    /// One for each step.
    pub records: Vec<StepRecord>,
    /// Evaluations in all.
    pub evaluations: usize,
    /// Time in all, without writing and showing pictures.
    pub spent: Duration,
    /// The user stopped it; the picture is the best so far.
    pub interrupted: bool,
    /// It ended early, as no better picture could be found.
    pub stalled: bool,
    /// The device, and why it was chosen.
    pub device: String,
    /// The feature network's name.
    pub features: String,
}

/// Called after each step with its record and the picture; may stop the optimisation.
pub type OnStep<'s> = &'s mut dyn FnMut(&StepRecord, &Planes) -> ControlFlow<()>;

/// An optimisation so far, over all scales.
#[derive(Default)]
pub(super) struct Descent {
    pub(super) records: Vec<StepRecord>,
    pub(super) evaluations: usize,
    steps: usize,
    pub(super) spent: Duration,
    pub(super) best: Option<Losses>,
    pub(super) interrupted: bool,
    pub(super) stalled: bool,
}

impl Descent {
    /// One scale; `image` becomes the best that was found.
    pub(super) fn scale(
        &mut self,
        objective: &mut GatysObjective,
        optimiser: &mut dyn Optimiser,
        image: &mut Planes,
        steps: usize,
        on_step: OnStep<'_>,
    ) -> Result<()> {
        let mut best: Option<(Losses, Planes)> = None;
        for _ in 0..steps {
            let began = Instant::now();
            let step = optimiser.step(objective, planes::values(image)?)?;
            self.spent += began.elapsed();
            self.evaluations += step.evaluations;
            self.steps += 1;
            if best
                .as_ref()
                .is_none_or(|(b, _)| step.losses.total < b.total)
            {
                // The buffer of the last best picture is used again.
                let mut kept = best.take().map(|(_, kept)| kept).unwrap_or_default();
                kept.clone_from(image);
                best = Some((step.losses.clone(), kept));
            }
            let record = StepRecord {
                size: objective.size(),
                step: self.steps,
                evaluations: self.evaluations,
                spent: self.spent,
                losses: step.losses,
            };
            self.records.push(record.clone());
            self.interrupted = on_step(&record, image).is_break();
            self.stalled = step.stalled;
            if self.interrupted || step.stalled {
                break;
            }
        }
        if let Some((losses, kept)) = best {
            *image = kept;
            self.best = Some(losses);
        }
        Ok(())
    }
}
