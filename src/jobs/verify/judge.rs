//! What the fast network has to reach.

use image::RgbImage;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::gatys::{Losses, Objective, Planes};

/// The losses of `picture`, of the size that the objective takes.
pub(super) fn losses(objective: &mut dyn Objective, picture: &RgbImage) -> Result<Losses> {
    let values = Planes::of(picture).values;
    let mut gradient = vec![0.0; values.len()];
    objective.evaluate(&values, &mut gradient)
}

/// Losses, for people and machines.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Scores {
    /// The sum.
    pub total: f64,
    /// Content, with its weight.
    pub content: f64,
    /// Style, with its weight.
    pub style: f64,
    /// Total variation, with its weight.
    pub tv: f64,
    /// By term, with its weight.
    pub terms: Vec<f64>,
}

impl Scores {
    pub(super) fn of(losses: &Losses) -> Self {
        Self {
            total: losses.total,
            content: losses.content,
            style: losses.style,
            tv: losses.tv,
            terms: losses.terms.clone(),
        }
    }
}

/// Limits that a pair passes or fails by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// The least share of the way from the photo's loss down to the optimum's that the fast network has to go, 0..=1.
    pub least_share: f64,
    /// The most that its loss may be, in optima.
    pub most_times: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            least_share: 0.5,
            most_times: 6.0,
        }
    }
}

/// Whether a pair passes.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// All limits hold.
    pub passed: bool,
    /// The share of the way that the fast network went.
    pub share: f64,
    /// Its loss, in optima.
    pub times: f64,
    /// What does not hold, in words.
    pub failed: Vec<String>,
}

impl Thresholds {
    pub(super) fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.least_share) {
            let reason = format!("{} is not between 0 and 1", self.least_share);
            return Err(Error::invalid("--least-share", reason));
        }
        if !(1.0..=1e9).contains(&self.most_times) {
            let reason = format!("{} is not between 1 and 1e9", self.most_times);
            return Err(Error::invalid("--most-times", reason));
        }
        Ok(())
    }

    pub(super) fn judge(&self, photo: &Losses, fast: &Losses, optimum: &Losses) -> Verdict {
        let way = photo.total - optimum.total;
        // Where the photo is the optimum already (its own style, say) there is no way to go.
        let share = if way > 1e-9 * photo.total.abs() {
            (photo.total - fast.total) / way
        } else {
            1.0
        };
        let times = fast.total / optimum.total.max(f64::MIN_POSITIVE);
        let mut failed = Vec::new();
        // What is no number fails.
        if share.is_nan() || share < self.least_share {
            failed.push(format!(
                "goes {:.0} % of the way to the optimum, {:.0} % are wanted",
                100.0 * share,
                100.0 * self.least_share
            ));
        }
        if times.is_nan() || times > self.most_times {
            failed.push(format!(
                "its loss is {times:.1} times the optimum's, {:.1} are allowed",
                self.most_times
            ));
        }
        Verdict {
            passed: failed.is_empty(),
            share,
            times,
            failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(total: f64) -> Losses {
        Losses {
            total,
            ..Losses::default()
        }
    }

    #[test]
    fn a_pair_passes_or_fails_by_its_way_and_its_distance() {
        let limits = Thresholds {
            least_share: 0.6,
            most_times: 3.0,
        };
        let judge = |photo, fast, optimum| limits.judge(&loss(photo), &loss(fast), &loss(optimum));
        assert!(judge(10.0, 2.0, 1.0).passed);
        let short = judge(10.0, 5.0, 1.0);
        assert!(!short.passed && short.failed.len() == 2 && (short.share - 5.0 / 9.0).abs() < 1e-9);
        assert_eq!(judge(10.0, 4.0, 1.0).failed.len(), 1);
        assert!(!judge(10.0, f64::NAN, 1.0).passed);
        assert!(judge(1.0, 1.0, 1.0).passed);
    }
}
