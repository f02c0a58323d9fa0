//! Controls in JSON: `{"do": "strength", "value": 0.5}` goes in, a control that is in range comes out.

use std::ops::RangeInclusive;

use serde::Deserialize;

use crate::picture::KeepColors;
use crate::remote::{Control, StyleKey};

/// A style: its name, or its place in the list, from 0.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Style {
    Index(usize),
    Name(String),
}

impl From<Style> for StyleKey {
    fn from(style: Style) -> Self {
        match style {
            Style::Index(index) => Self::Index(index),
            Style::Name(name) => Self::Name(name),
        }
    }
}

/// What a client may ask for.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Command {
    GlideTo { style: Style },
    GlideBy { by: isize },
    Mix { styles: Vec<(Style, f32)> },
    Pad { x: f32, y: f32 },
    KeepMix {},
    Strength { value: f32 },
    Brush { value: f32 },
    Glide { seconds: f64 },
    Tour { on: bool },
    Pause { on: bool },
    Mirror { on: bool },
    Steady { on: bool },
    KeepColors { value: String },
    BackgroundOnly { on: bool },
    Save {},
    Record { on: Option<bool> },
    Tempo { bpm: Option<f64> },
    Tap {},
}

impl Command {
    /// Read one from JSON.
    ///
    /// # Errors
    /// What is wrong with it, for the client.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(|e| format!("not a control: {e}; see /api"))
    }

    /// The control, for a session with these `styles`.
    ///
    /// # Errors
    /// Which number is out of range, or which style is unknown.
    pub(super) fn into_control(self, styles: &[String]) -> Result<Control, String> {
        let known = |style: Style| match style {
            Style::Index(index) if index < styles.len() => Ok(style.into()),
            Style::Index(index) => Err(format!("there is no style {index} of {}", styles.len())),
            Style::Name(ref name) if styles.contains(name) => Ok(style.into()),
            Style::Name(_) => Err("there is no style of that name; see /api/status".to_owned()),
        };
        Ok(match self {
            Self::GlideTo { style } => Control::GlideTo(known(style)?),
            Self::GlideBy { by } => Control::GlideBy(by),
            Self::Mix { styles } => {
                if !(1..=4).contains(&styles.len()) {
                    return Err(format!("a mix has 1 to 4 styles, not {}", styles.len()));
                }
                let part =
                    |(style, weight)| Ok((known(style)?, within("weight", weight, 0.0..=1e6)?));
                let parts = styles
                    .into_iter()
                    .map(part)
                    .collect::<Result<Vec<_>, String>>()?;
                if parts.iter().all(|(_, weight)| *weight == 0.0) {
                    return Err("a mix needs a weight above 0".to_owned());
                }
                Control::Mix(parts)
            }
            Self::Pad { x, y } => Control::Pad {
                x: within("x", x, 0.0..=1.0)?,
                y: within("y", y, 0.0..=1.0)?,
            },
            Self::KeepMix {} => Control::KeepMix,
            Self::Strength { value } => Control::Strength(within("strength", value, 0.0..=1.0)?),
            Self::Brush { value } => Control::Brush(within("brush", value, 0.25..=4.0)?),
            Self::Glide { seconds } => Control::Glide(within("glide", seconds, 0.0..=600.0)?),
            Self::Tour { on } => Control::Tour(on),
            Self::Pause { on } => Control::Pause(on),
            Self::Mirror { on } => Control::Mirror(on),
            Self::Steady { on } => Control::Steady(on),
            Self::KeepColors { value } => Control::KeepColors(value.parse::<KeepColors>()?),
            Self::BackgroundOnly { on } => Control::BackgroundOnly(on),
            Self::Save {} => Control::Save,
            Self::Record { on } => Control::Record(on),
            Self::Tempo { bpm } => {
                let in_range = |bpm| within("tempo", bpm, 20.0..=300.0);
                Control::Tempo(bpm.map(in_range).transpose()?)
            }
            Self::Tap {} => Control::tap(),
        })
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    what: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    if range.contains(&value) {
        return Ok(value);
    }
    let (least, most) = (range.start(), range.end());
    Err(format!("{what}: {value} is not between {least} and {most}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn control(json: &str) -> Result<Control, String> {
        let styles = ["wave".to_owned(), "scream".to_owned()];
        Command::parse(json.as_bytes())?.into_control(&styles)
    }

    #[test]
    fn controls_are_read_as_written() {
        for (json, shown) in [
            (
                r#"{"do":"glide-to","style":"wave"}"#,
                r#"GlideTo(Name("wave"))"#,
            ),
            (r#"{"do":"glide-to","style":1}"#, "GlideTo(Index(1))"),
            (r#"{"do":"glide-by","by":-1}"#, "GlideBy(-1)"),
            (
                r#"{"do":"mix","styles":[["wave",1],[1,0.5]]}"#,
                r#"Mix([(Name("wave"), 1.0), (Index(1), 0.5)])"#,
            ),
            (r#"{"do":"pad","x":0,"y":1}"#, "Pad { x: 0.0, y: 1.0 }"),
            (r#"{"do":"keep-mix"}"#, "KeepMix"),
            (r#"{"do":"strength","value":0.5}"#, "Strength(0.5)"),
            (r#"{"do":"brush","value":4}"#, "Brush(4.0)"),
            (
                r#"{"do":"keep-colors","value":"luminance"}"#,
                "KeepColors(Luminance)",
            ),
            (
                r#"{"do":"background-only","on":true}"#,
                "BackgroundOnly(true)",
            ),
            (r#"{"do":"record"}"#, "Record(None)"),
            (r#"{"do":"record","on":true}"#, "Record(Some(true))"),
            (r#"{"do":"tempo","bpm":null}"#, "Tempo(None)"),
        ] {
            assert_eq!(format!("{:?}", control(json).unwrap()), shown);
        }
    }

    #[test]
    fn what_is_malformed_or_out_of_range_says_why() {
        for (json, reason) in [
            ("", "not a control"),
            ("[1]", "not a control"),
            (r#"{"do":"format-disk"}"#, "unknown variant"),
            (r#"{"do":"strength"}"#, "missing field `value`"),
            (r#"{"do":"save","now":1}"#, "unknown field `now`"),
            (r#"{"do":"strength","value":"1"}"#, "invalid type"),
            (r#"{"do":"strength","value":NaN}"#, "not a control"),
            (r#"{"do":"strength","value":1e999}"#, "not a control"),
            (r#"{"do":"strength","value":1e300}"#, "strength: inf"),
            (r#"{"do":"strength","value":-0.1}"#, "between 0 and 1"),
            (r#"{"do":"brush","value":0.1}"#, "between 0.25 and 4"),
            (r#"{"do":"glide","seconds":601}"#, "between 0 and 600"),
            (r#"{"do":"pad","x":2,"y":0}"#, "x: 2"),
            (r#"{"do":"glide-to","style":2}"#, "no style 2 of 2"),
            (r#"{"do":"glide-to","style":"x"}"#, "no style of that name"),
            (r#"{"do":"glide-to","style":-1}"#, "not a control"),
            (r#"{"do":"mix","styles":[]}"#, "1 to 4"),
            (r#"{"do":"mix","styles":[[0,0]]}"#, "above 0"),
            (r#"{"do":"keep-colors","value":"pink"}"#, "pink"),
            (r#"{"do":"tempo","bpm":1000}"#, "between 20 and 300"),
        ] {
            let said = control(json).unwrap_err();
            assert!(said.contains(reason), "{json}: {said}");
        }
        let deep = "[".repeat(100_000);
        assert!(control(&deep).is_err());
    }
}
