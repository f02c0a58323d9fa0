//! Draws over the picture: figures, the bar of styles, notices, the list of keys, the mouse pad, the path prompt and the
//! card of a lost camera.

mod address;

use std::time::Duration;

use super::keys::BINDINGS;
use super::notice::Notice;
use super::painted_frame::PaintState;
use super::style_list::StyleCard;
use crate::picture::KeepColors;
pub(super) use address::address;

use crate::picture::canvas::{ACCENT, ALARM, Canvas, FAINT, INK, rectangle};

/// The most styles that are shown: as many as there are number keys.
const SHOWN: usize = 10;

/// How dark a panel is: 84/256 of the light stay.
const PANEL: u16 = 84;

/// The most lines of a notice; the rest is cut off.
const NOTICE_LINES: usize = 4;

/// The numbers in the top line.
#[derive(Debug)]
pub(super) struct Figures<'a> {
    pub(super) fps: f64,
    /// From the camera to the window.
    pub(super) latency: Duration,
    pub(super) model: &'a str,
    pub(super) device: &'a str,
    /// The picture's own size.
    pub(super) output: (u32, u32),
    pub(super) recording: Option<Duration>,
    pub(super) is_paused: bool,
}

/// The line at the top.
pub(super) fn figures(canvas: &mut Canvas, figures: &Figures<'_>, state: &PaintState) {
    let (letter, line) = canvas.letter();
    let (width, pad) = (canvas.width(), line / 2);
    canvas.darken(rectangle(0, 0, width, line + pad), PANEL);
    let y = pad / 2;
    let mut right = width - pad;
    if let Some(time) = figures.recording {
        let seconds = time.as_secs();
        let text = format!("{:02}:{:02}", seconds / 60, seconds % 60);
        right -= text.len() as i32 * letter;
        canvas.text(&text, (right, y), width, INK);
        right -= line;
        canvas.fill(rectangle(right, y + line / 4, line / 2, line / 2), ALARM);
        right -= letter;
    }
    let (pw, ph) = state.processing;
    let (ow, oh) = figures.output;
    let size = if (pw, ph) == (ow, oh) {
        format!("{ow}x{oh}")
    } else {
        format!("{pw}x{ph} > {ow}x{oh}")
    };
    let mut text = format!(
        "{:.0} fps  {} ms  {} on {}  {size}",
        figures.fps,
        figures.latency.as_millis(),
        figures.model,
        figures.device,
    );
    let percent = (state.strength * 100.0).round();
    let brush = (state.brush * 100.0).round() / 100.0;
    let states = [
        (figures.is_paused, "paused".to_owned()),
        (state.tempo.is_some(), beat(state)),
        (percent < 100.0, format!("{percent} %")),
        (brush != 1.0, format!("brush {brush}")),
        (state.touring, "tour".to_owned()),
        (
            state.keep_colors == KeepColors::Luminance,
            "own colours".to_owned(),
        ),
        (
            state.keep_colors == KeepColors::Histogram,
            "own palette".to_owned(),
        ),
        (state.background_only, "background only".to_owned()),
        (state.steady, "steady".to_owned()),
        (state.mirror, "mirror".to_owned()),
    ];
    for (_, state) in states.iter().filter(|(on, _)| *on) {
        text.push_str("  ");
        text.push_str(state);
    }
    canvas.text(&text, (pad, y), right - pad, INK);
}

/// `120 bpm .2..`: the tempo, and the beat of the bar.
fn beat(state: &PaintState) -> String {
    let bar: String = (1..=4)
        .map(|n| match state.beat == Some(n) {
            true => char::from(b'0' + n),
            false => '.',
        })
        .collect();
    format!("{:.0} bpm {bar}", state.tempo.unwrap_or(0.0))
}

/// The bar of styles at the bottom: numbered thumbnails, and under each its weight in the mix. Gives the y at which it
/// begins.
pub(super) fn styles(canvas: &mut Canvas, cards: &[StyleCard], state: &PaintState) -> i32 {
    let (letter, line) = canvas.letter();
    let shown = cards.len().min(SHOWN) as i32;
    let gap = (line / 3).max(2);
    let (width, height) = (canvas.width(), canvas.height());
    if shown == 0 || height < line * 8 {
        return height;
    }
    let cell = ((width - gap) / shown - gap).min(height / 6).max(4);
    let tall = cell * 3 / 4;
    let bar = (line / 4).max(2);
    let top = height - gap - bar - tall;
    canvas.darken(rectangle(0, top - line - gap, width, height), PANEL);
    let left = (width - shown * (cell + gap) + gap) / 2;
    for (n, card) in cards.iter().take(SHOWN).enumerate() {
        let x = left + n as i32 * (cell + gap);
        let place = rectangle(x, top, cell, tall);
        match &card.thumbnail {
            Some(thumbnail) => canvas.paste(thumbnail, place),
            None => canvas.frame(place, 1, FAINT),
        }
        if cell > letter * 3 {
            canvas.darken(rectangle(x, top, letter + 4, line), PANEL);
            let key = ((n + 1) % 10).to_string();
            canvas.text(&key, (x + 2, top), letter, INK);
        }
        if n == state.target {
            canvas.frame(place, (gap / 2).max(1), ACCENT);
        }
        let weight = state.weights.get(n).copied().unwrap_or(0.0);
        let long = (weight.clamp(0.0, 1.0) * cell as f32).round() as i32;
        canvas.fill(rectangle(x, height - gap / 2 - bar, long, bar), ACCENT);
    }
    let text = mix(cards, &state.weights);
    let wide = (text.chars().take(999).count() as i32 * letter).min(width - 2 * gap);
    canvas.text(&text, ((width - wide) / 2, top - line - gap / 2), wide, INK);
    top - line - gap
}

/// `great-wave 70 %, the-scream 30 %`: the styles of the mix, the largest weight first.
fn mix(cards: &[StyleCard], weights: &[f32]) -> String {
    let mut parts: Vec<(&str, f32)> = cards
        .iter()
        .map(|card| card.name.as_str())
        .zip(weights.iter().copied())
        .filter(|(_, weight)| *weight >= 0.005)
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    if let [(name, _)] = parts.as_slice() {
        return (*name).to_owned();
    }
    let one = |(name, weight): &(&str, f32)| format!("{name} {:.0} %", weight * 100.0);
    let all: Vec<String> = parts.iter().map(one).collect();
    all.join(", ")
}

/// A notice below the figures.
pub(super) fn notice(canvas: &mut Canvas, notice: &Notice) {
    let (letter, line) = canvas.letter();
    let room = (canvas.width() / letter - 4).max(8) as usize;
    let mut lines = wrapped(&notice.text, room);
    lines.truncate(NOTICE_LINES);
    let longest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0) as i32;
    let wide = ((longest + 2) * letter).min(canvas.width());
    let (x, y) = ((canvas.width() - wide) / 2, line * 2);
    let tall = lines.len() as i32 * line + line / 2;
    canvas.darken(rectangle(x, y, wide, tall), PANEL);
    let colour = if notice.is_error { ALARM } else { ACCENT };
    for (n, text) in lines.iter().enumerate() {
        let y = y + line / 4 + n as i32 * line;
        canvas.text(text, (x + letter, y), wide - 2 * letter, colour);
    }
}

/// The prompt in which a path is typed.
pub(super) fn path_prompt(canvas: &mut Canvas, text: &str) {
    let (letter, line) = canvas.letter();
    let wide = canvas.width() * 9 / 10;
    let (x, y) = ((canvas.width() - wide) / 2, canvas.height() / 2 - line * 2);
    let whole = rectangle(x, y, wide, line * 4);
    canvas.darken(whole, PANEL / 2);
    canvas.frame(whole, 1, ACCENT);
    let inside = wide - 2 * letter;
    let asks = "a painting's path: Ctrl+V pastes, Esc cancels";
    canvas.text(asks, (x + letter, y + line / 2), inside, FAINT);
    // The end of a long path is where it is being typed.
    let room = (inside / letter).max(2) as usize - 1;
    let skipped = text.chars().count().saturating_sub(room);
    let tail: String = text.chars().skip(skipped).collect();
    canvas.text(&format!("{tail}_"), (x + letter, y + line * 2), inside, INK);
}

/// The list of keys.
pub(super) fn help(canvas: &mut Canvas) {
    let (letter, line) = canvas.letter();
    let keys = BINDINGS.iter().map(|b| b.keys.len()).max().unwrap_or(0) as i32 + 2;
    let does = BINDINGS.iter().map(|b| b.does.len()).max().unwrap_or(0) as i32;
    let wide = ((keys + does + 2) * letter).min(canvas.width());
    let step = line
        .min(canvas.height() / (BINDINGS.len() as i32 + 1))
        .max(1);
    let tall = (BINDINGS.len() as i32 + 1) * step;
    let (x, y) = ((canvas.width() - wide) / 2, (canvas.height() - tall) / 2);
    canvas.darken(rectangle(x, y, wide, tall), PANEL / 2);
    for (n, binding) in BINDINGS.iter().enumerate() {
        let y = y + step / 2 + n as i32 * step;
        canvas.text(binding.keys, (x + letter, y), keys * letter, ACCENT);
        let at = x + letter * (keys + 1);
        canvas.text(binding.does, (at, y), x + wide - at, INK);
    }
}

/// The four styles of the pad in their corners, the lower ones above the line `bottom`, and the pointer.
pub(super) fn pad(canvas: &mut Canvas, names: [&str; 4], (px, py): (f32, f32), bottom: i32) {
    let (letter, line) = canvas.letter();
    let (width, height) = (canvas.width(), canvas.height());
    let half = width / 2 - 2 * letter;
    for (n, name) in names.iter().enumerate() {
        let wide = (name.chars().take(999).count() as i32 * letter).min(half);
        let x = if n % 2 == 0 {
            letter
        } else {
            width - letter - wide
        };
        let y = if n < 2 { line * 2 } else { bottom - line * 2 };
        canvas.darken(rectangle(x - letter / 2, y, wide + letter, line), PANEL);
        canvas.text(name, (x, y), wide, INK);
    }
    let (x, y) = (
        px.clamp(0.0, 1.0) * width as f32,
        py.clamp(0.0, 1.0) * height as f32,
    );
    let (x, y) = (x as i32, y as i32);
    let arm = line;
    canvas.fill(rectangle(x - arm, y, arm * 2 + 1, 1), INK);
    canvas.fill(rectangle(x, y - arm, 1, arm * 2 + 1), INK);
    canvas.frame(
        rectangle(x - arm / 3, y - arm / 3, arm * 2 / 3 + 1, arm * 2 / 3 + 1),
        1,
        ACCENT,
    );
}

/// A card over the darkened picture that says why no frames come.
pub(super) fn card(canvas: &mut Canvas, title: &str, text: &str) {
    let (letter, line) = canvas.letter();
    let (width, height) = (canvas.width(), canvas.height());
    canvas.darken(rectangle(0, 0, width, height), PANEL);
    let room = ((width - 4 * letter) / letter).max(8) as usize;
    let lines = wrapped(text, room);
    let mut y = (height - (lines.len() as i32 + 2) * line) / 2;
    let mut centred = |canvas: &mut Canvas, text: &str, colour| {
        let wide = text.chars().take(999).count() as i32 * letter;
        canvas.text(text, ((width - wide).max(0) / 2, y), width, colour);
        y += line;
    };
    centred(canvas, title, ALARM);
    centred(canvas, "", INK);
    for text in &lines {
        centred(canvas, text, INK);
    }
}

/// `text` in lines of at most `room` characters, broken at spaces where there are any.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
#[path = "hud/tests.rs"]
mod tests;
