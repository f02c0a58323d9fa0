//! The judgement of a pair: the losses of the photo, the pastiche and the optimum go in; a verdict by the thresholds comes
//! out.

use image::RgbImage;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::gatys::{Losses, Objective, Planes, planes};

/// The losses of `picture`, of the size that the objective takes.
pub(super) fn losses(objective: &mut dyn Objective, picture: &RgbImage) -> Result<Losses> {
    let mut image = planes::from_picture(picture);
    let mut gradient = Planes::zeros(image.dim());
    objective.evaluate(planes::values(&mut image)?, planes::values(&mut gradient)?)
}

/// Losses, for the report.
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

/// The limits by which a pair passes or fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// The least share of the loss reduction, from the photo's loss to the optimum's, that the fast network has to reach,
    /// 0..=1.
    pub least_share: f64,
    /// The most that its loss may be, as a multiple of the optimum's.
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

/// How a pair is judged, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// All limits hold.
    Passes,
    /// All limits hold, but the optimiser has not converged: against the true optimum they might not.
    Inconclusive,
    /// A limit does not hold. Against a lower optimum it would hold even less, so this does not need convergence.
    Fails,
}

/// The judgement of a pair, and its reasons.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The judgement.
    pub judgement: Judgement,
    /// The share of the loss reduction that the fast network reached.
    pub share: f64,
    /// Its loss, as a multiple of the optimum's.
    pub times: f64,
    /// The limits that do not hold, in words.
    pub failed: Vec<String>,
    /// Why the optimiser's result is not near the optimum; absent when it is.
    pub not_converged: Option<String>,
}

impl Verdict {
    /// The judgement in words, with its reasons.
    pub fn text(&self) -> String {
        match self.judgement {
            Judgement::Passes => "passes".to_owned(),
            Judgement::Fails => format!("fails: {}", self.failed.join("; ")),
            Judgement::Inconclusive => format!(
                "inconclusive: {}; more iterations are needed",
                self.not_converged.as_deref().unwrap_or_default()
            ),
        }
    }
}

impl Thresholds {
    pub(super) fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.least_share) {
            let reason = format!("{} is not between 0 and 1", self.least_share);
            return Err(Error::invalid("least-share", reason));
        }
        if !(1.0..=1e9).contains(&self.most_times) {
            let reason = format!("{} is not between 1 and 1e9", self.most_times);
            return Err(Error::invalid("most-times", reason));
        }
        Ok(())
    }

    /// `not_converged` says why `optimum` is not near the optimum, if it is not.
    pub(super) fn judge(
        &self,
        photo: &Losses,
        fast: &Losses,
        optimum: &Losses,
        not_converged: Option<String>,
    ) -> Verdict {
        let reduction = photo.total - optimum.total;
        // Where the photo is the optimum already (its own style, say) there is nothing to reduce.
        let share = if reduction > 1e-9 * photo.total.abs() {
            (photo.total - fast.total) / reduction
        } else {
            1.0
        };
        let times = fast.total / optimum.total.max(f64::MIN_POSITIVE);
        let mut failed = Vec::new();
        // NaN fails.
        if share.is_nan() || share < self.least_share {
            failed.push(format!(
                "reaches {:.0} % of the loss reduction, {:.0} % are wanted",
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
        let judgement = match (failed.is_empty(), &not_converged) {
            (false, _) => Judgement::Fails,
            (true, Some(_)) => Judgement::Inconclusive,
            (true, None) => Judgement::Passes,
        };
        Verdict {
            judgement,
            share,
            times,
            failed,
            not_converged,
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
        let judge = |photo, fast, optimum| {
            let (photo, fast, optimum) = (loss(photo), loss(fast), loss(optimum));
            limits.judge(&photo, &fast, &optimum, None)
        };
        let passes = |verdict: Verdict| verdict.judgement == Judgement::Passes;
        assert!(passes(judge(10.0, 2.0, 1.0)));
        let short = judge(10.0, 5.0, 1.0);
        assert!(short.failed.len() == 2 && (short.share - 5.0 / 9.0).abs() < 1e-9);
        assert!(!passes(short));
        assert_eq!(judge(10.0, 4.0, 1.0).failed.len(), 1);
        assert!(!passes(judge(10.0, f64::NAN, 1.0)));
        assert!(passes(judge(1.0, 1.0, 1.0)));
    }

    #[test]
    fn without_convergence_a_pair_can_fail_but_not_pass() {
        let judge = |fast| {
            let reason = Some("still falls".to_owned());
            Thresholds::default().judge(&loss(10.0), &loss(fast), &loss(1.0), reason)
        };
        let verdict = judge(2.0);
        assert_eq!(verdict.judgement, Judgement::Inconclusive);
        assert!(verdict.text().contains("still falls"));
        assert_eq!(judge(9.0).judgement, Judgement::Fails);
    }
}
