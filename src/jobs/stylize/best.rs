//! `--best`: a pastiche and its painting in; the pastiche made better by optimisation (Gatys et al. 2016) out.
//!
//! The optimiser is that of `gatys`. It begins at the fast network's pastiche, which is most of the way already, and goes
//! from small pictures to large ones, so that large strokes are found while pictures are small and steps cheap.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::time::Duration;

use image::RgbImage;

use super::StylizeJob;
use crate::error::{Error, Result};
use crate::gatys::{Losses, Planes, Recipe, planes};
use crate::jobs::gatys::{
    GatysOptions, GatysRunner, Init, Method, StepRecord, scales_up_to, shares, style_file,
};
use crate::jobs::refine::open_pictures;

/// How many steps may be asked for.
pub const BEST_STEPS: RangeInclusive<usize> = 1..=10_000;

/// The default number of steps.
pub const BEST_DEFAULT: usize = 80;

/// The largest long side, in pixels.
pub const BEST_SIZE: u32 = 2000;

/// The long side of the first of several scales, in pixels, at most.
const FIRST: u32 = 512;

/// The updates that L-BFGS keeps.
const HISTORY: usize = 20;

/// The step after which the time is known: the first takes longer, as its line search knows nothing yet.
const TIMED: usize = 2;

/// What `--best` came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Bettered {
    /// The losses of the fast network's pastiche, and of the picture that was made of it, at the same size.
    pub before: Losses,
    /// After the optimisation.
    pub after: Losses,
    /// The steps that were taken.
    pub steps: usize,
    /// The network that measured.
    pub features: String,
    /// It was stopped; the picture is the best so far.
    pub interrupted: bool,
}

/// Makes pastiches better.
pub(super) struct BestPainter {
    runner: GatysRunner,
    options: GatysOptions,
    paintings: Vec<RgbImage>,
}

/// What there is to say after a step.
pub(super) struct BestStep<'a> {
    /// What is done of how much, in units of time.
    pub(super) done: usize,
    pub(super) total: usize,
    /// Photo, size and loss.
    pub(super) said: String,
    /// How long it will take, once.
    pub(super) estimate: Option<String>,
    picture: &'a Planes,
}

impl BestStep<'_> {
    /// The picture so far.
    pub(super) fn picture(&self) -> RgbImage {
        planes::to_picture(self.picture.view())
    }
}

/// Called after each step; may stop the optimisation.
pub(super) type Watch<'a> = &'a mut dyn FnMut(&BestStep<'_>) -> Result<ControlFlow<()>>;

impl BestPainter {
    /// Open the network that measures, and the paintings of the job.
    pub(super) fn open(job: &StylizeJob, steps: usize) -> Result<Self> {
        let pictures = job.styles.iter().map(style_file);
        let pictures = pictures.collect::<Result<Vec<&Path>>>()?;
        let options = GatysOptions {
            recipe: Recipe::preset("balanced")?,
            init: Init::Pastiche,
            seed: 0,
            method: Method::Lbfgs { history: HISTORY },
            iterations: steps,
            size: None,
            scales: 1,
            features: job.features.clone(),
            engine: job.engine.clone(),
        };
        Ok(Self {
            runner: GatysRunner::open(&options)?,
            options,
            paintings: open_pictures(pictures)?,
        })
    }

    /// The network that measures.
    pub(super) fn features(&self) -> &str {
        self.runner.features()
    }

    /// Make `pastiche` of `photo` better, after painting number `nth`; `name` is the photo's. When `watch` breaks off,
    /// the pastiche is the best so far.
    pub(super) fn better(
        &self,
        photo: &RgbImage,
        pastiche: &mut RgbImage,
        (nth, name): (usize, &str),
        watch: Watch<'_>,
    ) -> Result<Bettered> {
        let painting = self.paintings.get(nth);
        let painting = painting.ok_or_else(|| Error::invalid("best", "has no such painting"))?;
        let long = pastiche.width().max(pastiche.height());
        check_size(long)?;
        let options = GatysOptions {
            size: Some(long),
            scales: scales_up_to(long, FIRST),
            ..self.options.clone()
        };
        let plan = Plan::new(&shares(pastiche, &options));
        let mut clock = Clock::default();
        let mut failed = None;
        let made = self.runner.optimise_from(
            &options,
            (photo, painting),
            pastiche,
            &mut |record, picture| {
                let estimate = clock.left(record, &plan).map(|left| {
                    let (left, steps) = (in_words(left), options.iterations);
                    format!("{name}: about {left} for {steps} steps; Ctrl-C keeps what is reached")
                });
                let (w, h) = record.size;
                let (done, total) = plan.done(record.step);
                let step = BestStep {
                    done,
                    total,
                    said: format!("{name} {w}x{h} loss {:.4}", record.losses.total),
                    estimate,
                    picture,
                };
                watch(&step).unwrap_or_else(|error| {
                    failed = Some(error);
                    ControlFlow::Break(())
                })
            },
        )?;
        if let Some(error) = failed {
            return Err(error);
        }
        let bettered = Bettered {
            before: made.begun.unwrap_or_default(),
            after: made.losses,
            steps: made.records.len(),
            features: made.features,
            interrupted: made.interrupted,
        };
        // The scale that it was stopped at may not have come below the pastiche yet.
        if bettered.after.total < bettered.before.total {
            *pastiche = made.picture;
        }
        Ok(bettered)
    }
}

/// Refuses a photo that is larger than [`BEST_SIZE`].
fn check_size(long: u32) -> Result<()> {
    if long <= BEST_SIZE {
        return Ok(());
    }
    let reason = format!(
        "{long} pixels are too many for --best, whose memory and time go by the pixel; add --size {BEST_SIZE} or less"
    );
    Err(Error::invalid("size", reason))
}

/// The units of time of each step, in order: 1 at the first scale.
struct Plan {
    /// Steps of a scale, the units of each, and its pixels against the first scale's.
    scales: Vec<(usize, usize, f64)>,
}

impl Plan {
    fn new(shares: &[((usize, usize), usize, f64)]) -> Self {
        let scale = |(_, steps, times): &((usize, usize), usize, f64)| {
            (*steps, (times.round() as usize).max(1), *times)
        };
        Self {
            scales: shares.iter().map(scale).collect(),
        }
    }

    /// The units done after `steps` steps, and those of all.
    fn done(&self, steps: usize) -> (usize, usize) {
        let (mut left, mut done, mut total) = (steps, 0, 0);
        for (steps, units, _) in &self.scales {
            let taken = left.min(*steps);
            left -= taken;
            done += taken * units;
            total += steps * units;
        }
        (done, total)
    }

    /// How many times as long as step number `step` all that follow take.
    fn left(&self, step: usize) -> f64 {
        let (mut before, mut this, mut left) = (0, 1.0, 0.0);
        for (steps, _, times) in &self.scales {
            if (before + 1..=before + steps).contains(&step) {
                this = *times;
            }
            left += (before + steps).saturating_sub(step.max(before)) as f64 * times;
            before += steps;
        }
        left / this
    }
}

/// Times the first steps.
#[derive(Default)]
struct Clock {
    before: Duration,
}

impl Clock {
    /// The time that is left, once, when it can be told.
    fn left(&mut self, record: &StepRecord, plan: &Plan) -> Option<Duration> {
        let before = std::mem::replace(&mut self.before, record.spent);
        let one = record.spent.saturating_sub(before);
        let left = plan.left(record.step);
        (record.step == TIMED && left > 0.0).then(|| one.mul_f64(left))
    }
}

/// `3 min 20 s`, in steps of five seconds above 10 s.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let seconds = if seconds > 10 {
        seconds.div_ceil(5) * 5
    } else {
        seconds
    };
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s} s"),
        (m, 0) => format!("{m} min"),
        (m, s) => format!("{m} min {s} s"),
    }
}

/// Check that the number of steps is within [`BEST_STEPS`].
pub(super) fn check_steps(steps: usize) -> Result<()> {
    if BEST_STEPS.contains(&steps) {
        return Ok(());
    }
    let (least, most) = (BEST_STEPS.start(), BEST_STEPS.end());
    let reason = format!("{steps} is not between {least} and {most} steps");
    Err(Error::invalid("best", reason))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_counts_time_and_not_steps() {
        let plan = Plan::new(&[((64, 64), 3, 1.0), ((90, 90), 3, 2.0), ((128, 128), 4, 4.0)]);
        assert_eq!(plan.done(0), (0, 25));
        assert_eq!(plan.done(3), (3, 25));
        assert_eq!(plan.done(5), (7, 25));
        assert_eq!(plan.done(10), (25, 25));
        assert_eq!(plan.left(2), 23.0);
        assert_eq!(plan.left(5), (2.0 + 16.0) / 2.0);
        assert_eq!(plan.left(10), 0.0);
    }

    #[test]
    fn the_time_is_told_once_the_second_step_is_timed() {
        let plan = Plan::new(&[((64, 64), 4, 1.0), ((128, 128), 4, 4.0)]);
        let mut clock = Clock::default();
        let mut left = |step, seconds| {
            let record = StepRecord {
                size: (64, 64),
                step,
                evaluations: step,
                spent: Duration::from_secs(seconds),
                losses: Losses::default(),
            };
            clock.left(&record, &plan)
        };
        assert_eq!(left(1, 9), None);
        assert_eq!(left(2, 11), Some(Duration::from_secs(2 * 18)));
        assert_eq!(left(3, 13), None);
    }

    #[test]
    fn times_are_said_in_words() {
        let said = |seconds| in_words(Duration::from_secs_f64(seconds));
        assert_eq!(said(0.2), "1 s");
        assert_eq!(said(12.0), "15 s");
        assert_eq!(said(198.0), "3 min 20 s");
        assert_eq!(said(60.0), "1 min");
    }
}
