//! What a knob or key can be bound to: its value goes in, a control comes out.

use std::fmt;
use std::str::FromStr;

use crate::remote::{Control, StyleKey};

/// What a knob or key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Strength,
    Brush,
    PadX,
    PadY,
    Glide,
    /// From 0.
    Style(u8),
    Next,
    Previous,
    Tour,
    Record,
    Tap,
    Save,
    Pause,
    Mirror,
}

/// Every target with its name, in the order in which the learn mode offers them.
pub(super) const TARGETS: &[(Target, &str)] = &[
    (Target::Strength, "strength"),
    (Target::Brush, "brush"),
    (Target::PadX, "pad x"),
    (Target::PadY, "pad y"),
    (Target::Glide, "glide"),
    (Target::Style(0), "style 1"),
    (Target::Style(1), "style 2"),
    (Target::Style(2), "style 3"),
    (Target::Style(3), "style 4"),
    (Target::Style(4), "style 5"),
    (Target::Style(5), "style 6"),
    (Target::Style(6), "style 7"),
    (Target::Style(7), "style 8"),
    (Target::Next, "next"),
    (Target::Previous, "previous"),
    (Target::Tour, "tour"),
    (Target::Record, "record"),
    (Target::Tap, "tap"),
    (Target::Save, "save"),
    (Target::Pause, "pause"),
    (Target::Mirror, "mirror"),
];

/// The largest value of MIDI.
const MOST: f32 = 127.0;

/// The longest glide that a knob sets, in seconds.
const LONGEST_GLIDE: f64 = 10.0;

/// How a session stands, for what is switched on and off.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Switches {
    pub(super) touring: bool,
    pub(super) paused: bool,
    pub(super) mirror: bool,
}

impl Target {
    /// The control for a value of a knob, 0..=127; `None` for targets that happen once. `pad` keeps the other direction.
    pub(super) fn value(self, value: u8, pad: &mut (f32, f32)) -> Option<Control> {
        let share = f32::from(value.min(127)) / MOST;
        match self {
            Self::Strength => Some(Control::Strength(share)),
            // As much larger with each step; the middle is 1.
            Self::Brush => Some(Control::Brush(0.25 * 16_f32.powf(share))),
            // Short glides finely.
            Self::Glide => Some(Control::Glide(LONGEST_GLIDE * f64::from(share).powi(2))),
            Self::PadX | Self::PadY => {
                match self {
                    Self::PadX => pad.0 = share,
                    _ => pad.1 = share,
                }
                Some(Control::Pad { x: pad.0, y: pad.1 })
            }
            _ => None,
        }
    }

    /// The control when a key is pressed; `None` for targets that have a value.
    pub(super) fn press(self, now: Switches) -> Option<Control> {
        match self {
            Self::Style(place) => Some(Control::GlideTo(StyleKey::Index(place.into()))),
            Self::Next => Some(Control::GlideBy(1)),
            Self::Previous => Some(Control::GlideBy(-1)),
            Self::Tour => Some(Control::Tour(!now.touring)),
            Self::Record => Some(Control::Record(None)),
            Self::Tap => Some(Control::tap()),
            Self::Save => Some(Control::Save),
            Self::Pause => Some(Control::Pause(!now.paused)),
            Self::Mirror => Some(Control::Mirror(!now.mirror)),
            Self::Strength | Self::Brush | Self::PadX | Self::PadY | Self::Glide => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = TARGETS.iter().find(|(target, _)| target == self);
        f.write_str(found.map_or("nothing", |(_, name)| name))
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = TARGETS.iter().find(|(_, name)| *name == text);
        found.map(|(target, _)| *target).ok_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|(_, name)| *name).collect();
            format!("'{text}' is none of: {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_value_or_is_pressed_and_its_name_leads_back() {
        for (target, name) in TARGETS {
            let value = target.value(64, &mut (0.5, 0.5)).is_some();
            assert_ne!(value, target.press(Switches::default()).is_some(), "{name}");
            assert_eq!(name.parse(), Ok(*target));
            assert_eq!(target.to_string(), *name);
        }
        assert!("style 9".parse::<Target>().is_err());
    }

    #[test]
    fn values_cover_their_range() {
        let said = |target: Target, value| {
            let mut pad = (0.25, 0.75);
            format!("{:?}", target.value(value, &mut pad))
        };
        assert_eq!(said(Target::Strength, 0), "Some(Strength(0.0))");
        assert_eq!(said(Target::Strength, 127), "Some(Strength(1.0))");
        assert_eq!(said(Target::Brush, 0), "Some(Brush(0.25))");
        assert_eq!(said(Target::Brush, 127), "Some(Brush(4.0))");
        assert_eq!(said(Target::Glide, 127), "Some(Glide(10.0))");
        assert_eq!(said(Target::PadX, 127), "Some(Pad { x: 1.0, y: 0.75 })");
        assert_eq!(said(Target::PadY, 0), "Some(Pad { x: 0.25, y: 0.0 })");
        assert_eq!(said(Target::Strength, 255), "Some(Strength(1.0))");
    }
}
