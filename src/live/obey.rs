//! Controls from outside are checked and obeyed: a control goes in, what is done about it comes out.

use super::commands::PainterCommand;
use super::controls::Controls;
use super::notice::Notice;
use super::painted_frame::PaintedFrame;
use crate::engine::BRUSHES;
use crate::remote::{Control, StyleKey};
use crate::style::TEMPOS;

/// The most letters of a style's name.
const NAME: usize = 60;

/// Do what `control` asks for, with the frame that is shown. What cannot be done is said in a notice.
pub(super) fn obey(control: Control, controls: &mut Controls, painted: &PaintedFrame) {
    if let Err(reason) = try_to(control, controls, painted) {
        controls.notify(Notice::error(reason));
    }
}

fn try_to(control: Control, controls: &mut Controls, painted: &PaintedFrame) -> Result<(), String> {
    match control {
        Control::GlideTo(key) => {
            let index = place(&key, controls)?;
            controls.send(PainterCommand::GlideTo(index));
        }
        Control::GlideBy(places) => {
            // Further than the longest list is no more than round it, and its sum with a place must not overflow.
            let places = places.clamp(-10_000, 10_000);
            controls.send(PainterCommand::GlideBy(places));
        }
        Control::Mix(parts) => controls.send(PainterCommand::Mix(mix(&parts, controls)?)),
        Control::Pad { x, y } => {
            within("pad x", x, 0.0..=1.0)?;
            within("pad y", y, 0.0..=1.0)?;
            controls.mix_at((x, y), painted);
        }
        Control::KeepMix => controls.send(PainterCommand::KeepMix),
        Control::Strength(strength) => {
            controls.set_strength(within("strength", strength, 0.0..=1.0)?);
        }
        Control::Brush(brush) => controls.set_brush(within("brush", brush, BRUSHES)?),
        Control::Glide(seconds) => controls.set_glide(within("glide", seconds, 0.0..=600.0)?),
        Control::Tour(on) => controls.send(PainterCommand::Tour(on)),
        Control::Pause(on) => controls.pause(on),
        Control::Mirror(on) => controls.send(PainterCommand::Mirror(on)),
        Control::Steady(on) => controls.send(PainterCommand::Steady(on)),
        Control::KeepColors(keep) => controls.send(PainterCommand::KeepColors(keep)),
        Control::BackgroundOnly(on) => controls.send(PainterCommand::BackgroundOnly(on)),
        Control::Save => controls.save(painted),
        Control::Record(wanted) => {
            let is_on = controls.recording().is_some();
            if wanted.is_none_or(|on| on != is_on) {
                controls.toggle_recording();
            }
        }
        Control::Painting {
            name,
            picture,
            glide,
        } => controls.read_picture(&clean(&name), picture, glide),
        Control::Tempo(None) => controls.send(PainterCommand::Tempo(None)),
        Control::Tempo(Some(tempo)) => {
            let tempo = within("tempo", tempo, TEMPOS)?;
            controls.send(PainterCommand::Tempo(Some(tempo)));
        }
        Control::Tap(at) => controls.send(PainterCommand::Tap(at)),
    }
    Ok(())
}

/// The place of a style in the list.
fn place(key: &StyleKey, controls: &Controls) -> Result<usize, String> {
    let cards = controls.cards().lock();
    match key {
        StyleKey::Index(index) if *index < cards.len() => Ok(*index),
        StyleKey::Index(index) => Err(format!("there is no style {index} of {}", cards.len())),
        StyleKey::Name(name) => {
            let found = cards.iter().position(|card| card.name == *name);
            found.ok_or_else(|| format!("there is no style {}", clean(name)))
        }
    }
}

/// Four places and weights; places that were not given have weight 0.
fn mix(parts: &[(StyleKey, f32)], controls: &Controls) -> Result<[(usize, f32); 4], String> {
    if parts.is_empty() || parts.len() > 4 {
        return Err(format!("a mix has 1 to 4 styles, not {}", parts.len()));
    }
    let mut mix = [(0, 0.0); 4];
    for (slot, (key, weight)) in mix.iter_mut().zip(parts) {
        *slot = (place(key, controls)?, within("weight", *weight, 0.0..=1e6)?);
    }
    if mix.iter().all(|(_, weight)| *weight == 0.0) {
        return Err("a mix needs a weight above 0".to_owned());
    }
    Ok(mix)
}

/// `value`, which must be of `range`; what is not a number is of no range.
fn within<T: PartialOrd + std::fmt::Display>(
    what: &str,
    value: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, String> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (range.start(), range.end());
    Err(format!("{what}: {value} is not between {least} and {most}"))
}

/// A name that can be shown: one line, not long.
fn clean(name: &str) -> String {
    let words = name.split(|c: char| c.is_control() || c.is_whitespace());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(NAME).collect();
    if name.is_empty() {
        "painting".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::{Receiver, channel};

    use image::RgbImage;

    use super::super::controls::{Ends, Settings};
    use super::super::embedder::Embedder;
    use super::super::style_list::{StyleCards, StyleEntry};
    use super::*;
    use crate::style::StyleEmbedding;
    use crate::video::{FilmFormat, Ratio};

    struct Session {
        controls: Controls,
        commands: Receiver<PainterCommand>,
        notices: Receiver<Notice>,
    }

    impl Session {
        /// With the styles `a` and `b`.
        fn new() -> Self {
            let entry = |name: &str| StyleEntry {
                name: name.to_owned(),
                embedding: StyleEmbedding::new(vec![0.0], "s").unwrap(),
                thumbnail: None,
            };
            let ((commands, received), (notices, told)) = (channel(), channel());
            let ends = Ends {
                embedder: Embedder::start(None, None, commands.clone()).unwrap(),
                commands,
                cards: StyleCards::new(&[entry("a"), entry("b")]),
                notices,
                paused: Default::default(),
            };
            let settings = Settings {
                strength: 1.0,
                brush: 1.0,
                glide: 2.0,
            };
            let format = FilmFormat::square(Ratio::ONE);
            Self {
                controls: Controls::new(Path::new("."), format, settings, ends),
                commands: received,
                notices: told,
            }
        }

        fn obey(&mut self, control: Control) -> Option<PainterCommand> {
            obey(control, &mut self.controls, &PaintedFrame::empty());
            self.commands.try_recv().ok()
        }
    }

    fn named(name: &str) -> StyleKey {
        StyleKey::Name(name.to_owned())
    }

    #[test]
    fn what_can_be_done_is_done() {
        use PainterCommand as Does;
        let mut session = Session::new();
        let glide = session.obey(Control::GlideTo(named("b")));
        assert!(matches!(glide, Some(Does::GlideTo(1))));
        let far = session.obey(Control::GlideBy(isize::MIN));
        assert!(matches!(far, Some(Does::GlideBy(-10_000))));
        let mix = session.obey(Control::Mix(vec![
            (StyleKey::Index(1), 3.0),
            (named("a"), 1.0),
        ]));
        assert!(matches!(
            mix,
            Some(Does::Mix([(1, 3.0), (0, 1.0), (0, 0.0), (0, 0.0)]))
        ));
        let strength = session.obey(Control::Strength(0.25));
        assert!(matches!(strength, Some(Does::Strength(0.25))));
        assert_eq!(session.controls.strength(), 0.25);
        assert!(session.obey(Control::Pause(true)).is_none() && session.controls.is_paused());
        assert!(session.notices.try_recv().is_err());
    }

    #[test]
    fn what_is_out_of_range_or_unknown_is_refused_with_the_reason() {
        let mut session = Session::new();
        for (control, reason) in [
            (Control::GlideTo(StyleKey::Index(2)), "no style 2 of 2"),
            (Control::GlideTo(named("x\ny")), "no style x y"),
            (Control::Strength(f32::NAN), "strength: NaN"),
            (Control::Strength(1.5), "between 0 and 1"),
            (Control::Brush(0.0), "between 0.25 and 4"),
            (Control::Glide(f64::INFINITY), "glide: inf"),
            (Control::Tempo(Some(19.9)), "between 20 and 300"),
            (Control::Pad { x: 0.0, y: -0.1 }, "pad y"),
            (Control::Mix(vec![]), "1 to 4 styles, not 0"),
            (Control::Mix(vec![(named("a"), 0.0)]), "above 0"),
            (Control::Mix(vec![(named("a"), -1.0)]), "weight: -1"),
        ] {
            assert!(session.obey(control).is_none(), "{reason}");
            let notice = session.notices.try_recv().unwrap();
            assert!(
                notice.is_error && notice.text.contains(reason),
                "{notice:?}"
            );
        }
    }

    #[test]
    fn a_painting_gets_a_name_that_is_free_and_can_be_shown() {
        let mut session = Session::new();
        let mut named = |name: &str| {
            session
                .controls
                .read_picture(&clean(name), RgbImage::new(20, 20), true);
            session.notices.recv().unwrap().text
        };
        assert_eq!(named("a"), "reading a 2");
        assert_eq!(named("a"), "reading a 3");
        assert_eq!(named(" \u{1b}[31m\n"), "reading [31m");
        assert_eq!(named(""), "reading painting");
        assert_eq!(named(&"x".repeat(999)).len(), "reading ".len() + NAME);
    }
}
