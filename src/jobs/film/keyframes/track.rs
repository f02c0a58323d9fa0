//! Rows and a film's length in; weights, strength and brush at any time out.

use super::row::Row;
use super::time::clock;

/// What holds at one time beside the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// How much of the painting, 0..=1.
    pub strength: f32,
    /// How large the strokes are, 0.25..=4.
    pub brush: f32,
}

/// The rows of a keyframe file at their times in one film.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    keys: Vec<Key>,
    styles: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Key {
    seconds: f64,
    styles: Vec<(usize, f32)>,
    strength: f32,
    brush: f32,
}

impl Track {
    /// At least one row, with places below `styles`; an error is a line and a reason.
    pub(super) fn new(
        rows: &[Row],
        styles: usize,
        last: Option<f64>,
    ) -> Result<Self, (usize, String)> {
        let mut keys: Vec<Key> = Vec::with_capacity(rows.len());
        for row in rows {
            let seconds = row.time.seconds(last).ok_or_else(|| {
                let reason = format!(
                    "'{}' needs the length of the film, which it does not tell; write the time instead",
                    row.time
                );
                (row.line, reason)
            })?;
            // The same time is fine: a film may end where a row stands, and one of a single frame has only that time.
            if let Some(before) = keys.last().filter(|before| before.seconds > seconds) {
                let reason = format!(
                    "'{}' is at {} in this film, before the row above ({})",
                    row.time,
                    clock(seconds),
                    clock(before.seconds)
                );
                return Err((row.line, reason));
            }
            keys.push(Key {
                seconds,
                styles: row.styles.clone(),
                strength: row.strength,
                brush: row.brush,
            });
        }
        Ok(Self { keys, styles })
    }

    /// What holds at `seconds` from the film's beginning: linear between two rows, still before the first and after the
    /// last. `weights` gets one for each of [`Keyframes::styles`](super::Keyframes::styles); they sum to 1. Nothing is
    /// allocated once that has its length.
    pub fn at(&self, seconds: f64, weights: &mut Vec<f32>) -> Held {
        weights.clear();
        weights.resize(self.styles, 0.0);
        let next = self.keys.partition_point(|key| key.seconds <= seconds);
        let after = self.keys.get(next);
        let before = next.checked_sub(1).and_then(|place| self.keys.get(place));
        let (Some(from), Some(to)) = (before.or(after), after.or(before)) else {
            return Held {
                strength: 1.0,
                brush: 1.0,
            };
        };
        let gap = to.seconds - from.seconds;
        let share = if gap > 0.0 {
            ((seconds - from.seconds) / gap).clamp(0.0, 1.0) as f32
        } else {
            0.0
        };
        for (key, part) in [(from, 1.0 - share), (to, share)] {
            for (place, weight) in &key.styles {
                if let Some(sum) = weights.get_mut(*place) {
                    *sum += weight * part;
                }
            }
        }
        Held {
            strength: from.strength + (to.strength - from.strength) * share,
            brush: match from.brush == to.brush {
                true => from.brush,
                false => from.brush * (to.brush / from.brush).powf(share),
            },
        }
    }

    /// The seconds of the first row and of the last.
    pub fn span(&self) -> (f64, f64) {
        let seconds = |key: Option<&Key>| key.map_or(0.0, |key| key.seconds);
        (seconds(self.keys.first()), seconds(self.keys.last()))
    }
}
