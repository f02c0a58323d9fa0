//! Loss curves: the records of an optimisation go in, a CSV table or a plot comes out.

use std::fmt::Write;

use image::RgbImage;

use super::descent::StepRecord;
use crate::picture::canvas::{ACCENT, ALARM, Canvas, FAINT, INK, rectangle};

/// Width and height of a plot, in pixels.
const SIZE: (u32, u32) = (960, 600);

/// Room around the axes: left, top, right, bottom.
const ROOM: (i32, i32, i32, i32) = (110, 50, 30, 60);

/// A curve of a plot.
pub struct Curve<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Seconds, evaluations and loss, in order.
    pub points: Vec<(f64, f64, f64)>,
}

impl<'a> Curve<'a> {
    /// The total loss at the last scale; losses of other scales cannot be compared with it.
    pub fn of(name: &'a str, records: &[StepRecord]) -> Self {
        let last = records.last().map(|record| record.size);
        let at_last = records.iter().filter(|record| Some(record.size) == last);
        Self {
            name,
            points: at_last
                .map(|r| (r.spent.as_secs_f64(), r.evaluations as f64, r.losses.total))
                .collect(),
        }
    }
}

/// `step,evaluations,seconds,width,height,total,content,style,tv` and a column for each term.
pub fn table(records: &[StepRecord], terms: &[String]) -> String {
    let mut text = "step,evaluations,seconds,width,height,total,content,style,tv".to_owned();
    for term in terms {
        // Writing to a string cannot fail.
        let _ = write!(text, ",{term}");
    }
    text.push('\n');
    for r in records {
        let l = &r.losses;
        let _ = write!(
            text,
            "{},{},{:.3},{},{},{:e},{:e},{:e},{:e}",
            r.step,
            r.evaluations,
            r.spent.as_secs_f64(),
            r.size.0,
            r.size.1,
            l.total,
            l.content,
            l.style,
            l.tv
        );
        for term in &l.terms {
            let _ = write!(text, ",{term:e}");
        }
        text.push('\n');
    }
    text
}

/// The curves over the evaluations of the objective, with a logarithmic axis for the loss; `level` is a named horizontal
/// line.
pub fn plot(title: &str, lines: &[Curve<'_>], level: Option<(&str, f64)>) -> RgbImage {
    let mut canvas = Canvas::new();
    canvas.blank(SIZE.0, SIZE.1);
    let (left, top) = (ROOM.0, ROOM.1);
    let (right, bottom) = (SIZE.0 as i32 - ROOM.2, SIZE.1 as i32 - ROOM.3);
    let (_, line_height) = canvas.letter();
    canvas.text(title, (left, (top - line_height) / 2), right - left, INK);

    let values = || {
        let points = lines.iter().flat_map(|line| &line.points);
        let all = points.map(|(_, _, loss)| *loss).chain(level.map(|l| l.1));
        all.filter(|v| v.is_finite() && *v > 0.0).map(f64::log10)
    };
    let evaluations = lines.iter().flat_map(|line| &line.points).map(|p| p.1);
    let most_x = evaluations.fold(1.0, f64::max);
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    if low > high {
        canvas.text("nothing to draw", (left, top), right - left, FAINT);
        return canvas.picture().clone();
    }
    let (low, high) = (low - 0.05, high.max(low + 0.1) + 0.05);
    let across = |x: f64| left + (x / most_x * f64::from(right - left)).round() as i32;
    let down = |loss: f64| {
        let share = (loss.max(f64::MIN_POSITIVE).log10() - low) / (high - low);
        bottom - (share.clamp(0.0, 1.0) * f64::from(bottom - top)).round() as i32
    };
    axes(
        &mut canvas,
        (left, top, right, bottom),
        most_x,
        (low, high),
        &down,
        &across,
    );
    if let Some((name, value)) = level {
        let y = down(value);
        canvas.fill(rectangle(left, y, right - left, 2), ALARM);
        canvas.text(name, (left + 8, y - line_height - 2), right - left, ALARM);
    }
    let colours = [ACCENT, INK, FAINT];
    for (n, line) in lines.iter().enumerate() {
        let colour = colours[n % colours.len()];
        for pair in line.points.windows(2) {
            segment(
                &mut canvas,
                (across(pair[0].1), down(pair[0].2)),
                (across(pair[1].1), down(pair[1].2)),
                colour,
            );
        }
        let y = top + 8 + n as i32 * line_height;
        canvas.fill(rectangle(right - 260, y + line_height / 2, 24, 3), colour);
        canvas.text(line.name, (right - 228, y), 228, colour);
    }
    canvas.picture().clone()
}

fn axes(
    canvas: &mut Canvas,
    (left, top, right, bottom): (i32, i32, i32, i32),
    most_x: f64,
    (low, high): (f64, f64),
    down: &dyn Fn(f64) -> i32,
    across: &dyn Fn(f64) -> i32,
) {
    let (letter, line) = canvas.letter();
    canvas.fill(rectangle(left, top, 1, bottom - top), FAINT);
    canvas.fill(rectangle(left, bottom, right - left, 1), FAINT);
    for n in 0..=4 {
        let x = most_x * f64::from(n) / 4.0;
        let text = format!("{x:.0}");
        let at = across(x);
        canvas.fill(rectangle(at, bottom, 1, 6), FAINT);
        let at = at - text.len() as i32 * letter / 2;
        canvas.text(&text, (at, bottom + 10), 200, FAINT);
    }
    let text = "evaluations of the objective";
    let at = (left + right - text.len() as i32 * letter) / 2;
    canvas.text(text, (at, bottom + 12 + line), right - left, FAINT);
    for n in 0..=4 {
        let value = 10.0_f64.powf(low + (high - low) * f64::from(n) / 4.0);
        let y = down(value);
        canvas.fill(rectangle(left - 6, y, 6, 1), FAINT);
        let text = if (0.01..10_000.0).contains(&value) {
            format!("{value:.3}")
        } else {
            format!("{value:.1e}")
        };
        let x = left - 12 - text.len() as i32 * letter;
        canvas.text(&text, (x, y - line / 2), left, FAINT);
    }
}

/// A line of two pixels' width.
fn segment(
    canvas: &mut Canvas,
    (x0, y0): (i32, i32),
    (x1, y1): (i32, i32),
    colour: embedded_graphics::pixelcolor::Rgb888,
) {
    let steps = (x1 - x0).abs().max((y1 - y0).abs()).max(1);
    for n in 0..=steps {
        let at = |from: i32, to: i32| from + (to - from) * n / steps;
        canvas.fill(rectangle(at(x0, x1), at(y0, y1), 2, 2), colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_losses_can_be_plotted() {
        let line = |values: &[f64]| Curve {
            name: "run",
            points: values
                .iter()
                .enumerate()
                .map(|(n, v)| (0.0, n as f64, *v))
                .collect(),
        };
        for values in [
            &[][..],
            &[1.0],
            &[5.0, 1.0, 0.1],
            &[f64::NAN, 0.0, -1.0],
            &[f64::INFINITY, 1e300],
        ] {
            let plot = plot("test", &[line(values)], Some(("level", 0.5)));
            assert_eq!(plot.dimensions(), SIZE);
        }
        let fall = plot("falls", &[line(&[5.0, 1.0, 0.1])], None);
        assert_ne!(fall, plot("falls", &[], None));
    }
}
