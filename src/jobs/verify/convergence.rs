//! Whether an optimisation has converged: the records of its steps go in; the reason why its result is no optimum yet, if
//! there is one, comes out.

use crate::jobs::gatys::Optimised;

/// An optimisation has converged when its last so many evaluations ...
const LAST_EVALUATIONS: usize = 10;

/// ... lowered the loss by less than this share. (Ours, from noise, at 64 to 256 pixels: 0.16 after 40 evaluations, 0.02
/// after 100.)
const MAX_DECREASE: f64 = 0.05;

/// Why `optimised` is not near enough to the optimum to judge a picture of loss `pastiche` by; `None` when it is.
pub(super) fn not_converged(optimised: &Optimised, pastiche: f64) -> Option<String> {
    let size = optimised.records.last().map(|record| record.size);
    let points: Vec<(usize, f64)> = optimised
        .records
        .iter()
        .filter(|record| Some(record.size) == size)
        .map(|record| (record.evaluations, record.losses.total))
        .collect();
    if optimised.losses.total > pastiche {
        let reason = "the optimiser's loss is still above that of the fast network";
        return Some(reason.to_owned());
    }
    if optimised.stalled {
        return None;
    }
    let Some(decrease) = decrease(&points) else {
        let reason = format!(
            "the optimiser made no more than {LAST_EVALUATIONS} evaluations at the last size"
        );
        return Some(reason);
    };
    (decrease >= MAX_DECREASE).then(|| {
        format!(
            "the optimiser's loss still fell by {:.0} % in its last {LAST_EVALUATIONS} evaluations (under {:.0} % is \
             wanted)",
            100.0 * decrease,
            100.0 * MAX_DECREASE
        )
    })
}

/// The share by which the least loss fell in the last evaluations; `points` are evaluations and losses, in order.
fn decrease(points: &[(usize, f64)]) -> Option<f64> {
    let (last, _) = points.last()?;
    let least = |until: usize| {
        let losses = points
            .iter()
            .filter(|(evaluations, _)| *evaluations <= until);
        losses.map(|(_, loss)| *loss).reduce(f64::min)
    };
    let (before, now) = (least(last.checked_sub(LAST_EVALUATIONS)?)?, least(*last)?);
    Some((before - now) / before.max(f64::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decrease_is_that_of_the_last_evaluations() {
        let falls: Vec<(usize, f64)> = (1..=20).map(|n| (n, 40.0 - n as f64)).collect();
        assert_eq!(decrease(&falls), Some(1.0 / 3.0));
        assert_eq!(decrease(&falls[..10]), None);
        let flat: Vec<(usize, f64)> = (1..=20).map(|n| (n, 1.0)).collect();
        assert_eq!(decrease(&flat), Some(0.0));
        // Losses that go up and down, as Adam's do.
        assert_eq!(decrease(&[(1, 4.0), (12, 3.0), (13, 3.5)]), Some(0.25));
        assert_eq!(decrease(&[]), None);
    }
}
