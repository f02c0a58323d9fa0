//! The addresses of OSC, in one table: messages go in, controls come out; also printed by `--help` and the README.

use rosc::{OscMessage, OscType};

use crate::remote::{Control, StyleKey};

/// How far a brush and a glide may go, as [`Control`] says.
const BRUSH: std::ops::RangeInclusive<f64> = 0.25..=4.0;
const GLIDE: std::ops::RangeInclusive<f64> = 0.0..=600.0;
const TEMPO: std::ops::RangeInclusive<f64> = 20.0..=300.0;

/// The most styles of a mix.
const MOST_MIXED: usize = 4;

/// One address.
pub(super) struct Row {
    address: &'static str,
    arguments: &'static str,
    does: &'static str,
    /// `Ok(None)`: nothing, as a button was let go.
    read: fn(&[OscType]) -> Result<Option<Control>, String>,
}

const fn row(
    address: &'static str,
    arguments: &'static str,
    does: &'static str,
    read: fn(&[OscType]) -> Result<Option<Control>, String>,
) -> Row {
    Row {
        address,
        arguments,
        does,
        read,
    }
}

/// Every address.
pub(super) const TABLE: &[Row] = &[
    row(
        "/impasto/style",
        "NUMBER or NAME",
        "glide to that style; 1 is the first",
        |a| Ok(Some(Control::GlideTo(style(one(a)?)?))),
    ),
    row("/impasto/next", "", "glide to the style after", |a| {
        Ok(pressed(a)?.then_some(Control::GlideBy(1)))
    }),
    row("/impasto/previous", "", "glide to the style before", |a| {
        Ok(pressed(a)?.then_some(Control::GlideBy(-1)))
    }),
    row(
        "/impasto/mix",
        "STYLE WEIGHT ...",
        "mix up to four styles",
        |a| mix(a).map(Some),
    ),
    row(
        "/impasto/pad",
        "X Y",
        "mix four styles, one per corner; 0 to 1 across and down",
        |a| match a {
            [x, y] => Ok(Some(Control::Pad {
                x: within(x, &(0.0..=1.0))? as f32,
                y: within(y, &(0.0..=1.0))? as f32,
            })),
            _ => Err("takes two numbers".to_owned()),
        },
    ),
    row(
        "/impasto/strength",
        "0..1",
        "how much of the painting",
        |a| {
            let value = within(one(a)?, &(0.0..=1.0))?;
            Ok(Some(Control::Strength(value as f32)))
        },
    ),
    row("/impasto/brush", "0.25..4", "the size of strokes", |a| {
        Ok(Some(Control::Brush(within(one(a)?, &BRUSH)? as f32)))
    }),
    row("/impasto/glide", "SECONDS", "how long a glide takes", |a| {
        Ok(Some(Control::Glide(within(one(a)?, &GLIDE)?)))
    }),
    row(
        "/impasto/tour",
        "0 or 1",
        "one style after the other",
        |a| Ok(Some(Control::Tour(switch(one(a)?)?))),
    ),
    row("/impasto/pause", "0 or 1", "stand still, and go on", |a| {
        Ok(Some(Control::Pause(switch(one(a)?)?)))
    }),
    row("/impasto/mirror", "0 or 1", "flip left and right", |a| {
        Ok(Some(Control::Mirror(switch(one(a)?)?)))
    }),
    row(
        "/impasto/steady",
        "0 or 1",
        "hold the strokes steady",
        |a| Ok(Some(Control::Steady(switch(one(a)?)?))),
    ),
    row(
        "/impasto/background",
        "0 or 1",
        "paint the background only",
        |a| Ok(Some(Control::BackgroundOnly(switch(one(a)?)?))),
    ),
    row("/impasto/save", "", "save the picture and its photo", |a| {
        Ok(pressed(a)?.then_some(Control::Save))
    }),
    row(
        "/impasto/record",
        "0 or 1, or nothing",
        "record a film, and end it; nothing: whichever it is not",
        |a| match a {
            [] => Ok(Some(Control::Record(None))),
            _ => Ok(Some(Control::Record(Some(switch(one(a)?)?)))),
        },
    ),
    row(
        "/impasto/tempo",
        "20..300 or 0",
        "beats a minute, to which glides are locked; 0 ends that",
        |a| match number(one(a)?)? {
            0.0 => Ok(Some(Control::Tempo(None))),
            _ => Ok(Some(Control::Tempo(Some(within(one(a)?, &TEMPO)?)))),
        },
    ),
    row("/impasto/tap", "", "a beat", |a| {
        Ok(pressed(a)?.then(Control::tap))
    }),
];

/// What is wrong with a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// No such address.
    Unknown,
    /// The address, and what is wrong with its arguments.
    Arguments(&'static str, String),
}

/// The control that a message asks for.
pub(super) fn control(message: &OscMessage) -> Result<Option<Control>, Wrong> {
    let address = message.addr.as_str();
    let row = TABLE
        .iter()
        .find(|row| row.address == address)
        .ok_or(Wrong::Unknown)?;
    (row.read)(&message.args).map_err(|reason| Wrong::Arguments(row.address, reason))
}

/// The addresses as lines of text, for `--help`.
pub fn help_text() -> String {
    let left = |row: &Row| format!("{} {}", row.address, row.arguments);
    let width = TABLE.iter().map(|row| left(row).len()).max().unwrap_or(0);
    let lines = TABLE
        .iter()
        .map(|row| format!("  {:width$}  {}\n", left(row), row.does));
    format!("OSC addresses:\n{}", lines.collect::<String>())
}

/// The addresses as a table of the README.
pub fn markdown() -> String {
    let lines = TABLE.iter().map(|row| {
        let arguments = match row.arguments {
            "" => String::new(),
            some => format!(" {some}"),
        };
        format!("| `{}{arguments}` | {} |\n", row.address, row.does)
    });
    format!(
        "| address | what it does |\n|---|---|\n{}",
        lines.collect::<String>()
    )
}

fn one(arguments: &[OscType]) -> Result<&OscType, String> {
    match arguments {
        [one] => Ok(one),
        _ => Err(format!("takes one argument, not {}", arguments.len())),
    }
}

/// A finite number, sent as whatever kind of number, or as on and off.
fn number(argument: &OscType) -> Result<f64, String> {
    let number = match argument {
        OscType::Int(n) => f64::from(*n),
        OscType::Long(n) => *n as f64,
        OscType::Float(n) => f64::from(*n),
        OscType::Double(n) => *n,
        OscType::Bool(on) => f64::from(u8::from(*on)),
        _ => return Err("takes a number".to_owned()),
    };
    match number.is_finite() {
        true => Ok(number),
        false => Err("takes a finite number".to_owned()),
    }
}

fn within(argument: &OscType, range: &std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number = number(argument)?;
    match range.contains(&number) {
        true => Ok(number),
        false => Err(format!(
            "{number} is not between {} and {}",
            range.start(),
            range.end()
        )),
    }
}

fn switch(argument: &OscType) -> Result<bool, String> {
    Ok(within(argument, &(0.0..=1.0))? >= 0.5)
}

/// Whether a button was pressed: those of many programs send 1 then, and 0 when they are let go.
fn pressed(arguments: &[OscType]) -> Result<bool, String> {
    match arguments {
        [] => Ok(true),
        _ => Ok(number(one(arguments)?)? != 0.0),
    }
}

/// A style by its name, or its place from 1, as on the keys.
fn style(argument: &OscType) -> Result<StyleKey, String> {
    if let OscType::String(name) = argument {
        return Ok(StyleKey::Name(name.clone()));
    }
    let place = within(argument, &(1.0..=1e6))?;
    match place.fract() == 0.0 {
        true => Ok(StyleKey::Index(place as usize - 1)),
        false => Err(format!("{place} is no whole number")),
    }
}

fn mix(arguments: &[OscType]) -> Result<Control, String> {
    let (pairs, rest) = arguments.as_chunks::<2>();
    if pairs.is_empty() || pairs.len() > MOST_MIXED || !rest.is_empty() {
        return Err(format!(
            "takes one to {MOST_MIXED} styles, each followed by its weight"
        ));
    }
    let read =
        |[name, weight]: &[OscType; 2]| Ok((style(name)?, within(weight, &(0.0..=1e6))? as f32));
    let mix: Vec<(StyleKey, f32)> = pairs.iter().map(read).collect::<Result<_, String>>()?;
    match mix.iter().any(|(_, weight)| *weight > 0.0) {
        true => Ok(Control::Mix(mix)),
        false => Err("needs a weight above 0".to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(address: &str, args: Vec<OscType>) -> String {
        let message = OscMessage {
            addr: address.to_owned(),
            args,
        };
        match control(&message) {
            Ok(Some(Control::Tap(_))) => "Tap".to_owned(),
            Ok(Some(control)) => format!("{control:?}"),
            Ok(None) => "nothing".to_owned(),
            Err(wrong) => format!("{wrong:?}"),
        }
    }

    #[test]
    fn addresses_mean_what_the_table_says() {
        use OscType::{Bool, Double, Float, Int, Long};
        let name = |text: &str| OscType::String(text.to_owned());
        for (address, args, control) in [
            ("style", vec![Int(2)], "GlideTo(Index(1))"),
            ("style", vec![Float(1.0)], "GlideTo(Index(0))"),
            ("style", vec![name("irises")], "GlideTo(Name(\"irises\"))"),
            ("next", vec![], "GlideBy(1)"),
            ("next", vec![Float(1.0)], "GlideBy(1)"),
            ("next", vec![Float(0.0)], "nothing"),
            ("previous", vec![], "GlideBy(-1)"),
            (
                "mix",
                vec![name("a"), Float(0.5), Int(2), Int(1)],
                "Mix([(Name(\"a\"), 0.5), (Index(1), 1.0)])",
            ),
            (
                "pad",
                vec![Float(0.25), Double(1.0)],
                "Pad { x: 0.25, y: 1.0 }",
            ),
            ("strength", vec![Int(1)], "Strength(1.0)"),
            ("brush", vec![Float(2.5)], "Brush(2.5)"),
            ("glide", vec![Long(3)], "Glide(3.0)"),
            ("tour", vec![Bool(true)], "Tour(true)"),
            ("pause", vec![Int(0)], "Pause(false)"),
            ("mirror", vec![Float(1.0)], "Mirror(true)"),
            ("steady", vec![Int(1)], "Steady(true)"),
            ("background", vec![Bool(false)], "BackgroundOnly(false)"),
            ("save", vec![], "Save"),
            ("record", vec![], "Record(None)"),
            ("record", vec![Int(1)], "Record(Some(true))"),
            ("tempo", vec![Float(120.5)], "Tempo(Some(120.5))"),
            ("tempo", vec![Int(0)], "Tempo(None)"),
            ("tap", vec![], "Tap"),
        ] {
            assert_eq!(said(&format!("/impasto/{address}"), args), control);
        }
    }

    #[test]
    fn what_is_out_of_range_or_no_number_is_refused_with_the_address() {
        use OscType::{Double, Float, Int};
        for (address, args) in [
            ("/impasto/strength", vec![Float(f32::NAN)]),
            ("/impasto/strength", vec![Double(f64::INFINITY)]),
            ("/impasto/strength", vec![Float(1.01)]),
            ("/impasto/strength", vec![]),
            ("/impasto/strength", vec![OscType::String("1".into())]),
            ("/impasto/brush", vec![Int(0)]),
            ("/impasto/glide", vec![Float(-0.1)]),
            ("/impasto/pad", vec![Float(0.5)]),
            ("/impasto/pad", vec![Float(0.5), Float(f32::NAN)]),
            ("/impasto/style", vec![Int(0)]),
            ("/impasto/style", vec![Float(1.5)]),
            ("/impasto/style", vec![Double(1e300)]),
            ("/impasto/tempo", vec![Int(19)]),
            ("/impasto/tour", vec![Int(7)]),
            ("/impasto/mix", vec![]),
            ("/impasto/mix", vec![Int(1)]),
            ("/impasto/mix", vec![Int(1), Int(0)]),
            ("/impasto/mix", vec![Int(1); 10]),
        ] {
            let said = said(address, args.clone());
            assert!(
                said.starts_with(&format!("Arguments(\"{address}\"")),
                "{address} {args:?}: {said}"
            );
        }
        assert_eq!(said("/impasto/nothing", vec![]), "Unknown");
        assert_eq!(said("/impasto/style/", vec![Int(1)]), "Unknown");
    }

    #[test]
    fn every_address_is_in_the_help_and_the_table() {
        let (help, table) = (help_text(), markdown());
        for row in TABLE {
            assert!(help.contains(row.address) && table.contains(row.address));
            assert!(row.address.starts_with("/impasto/") && !row.does.is_empty());
        }
        assert!(help.lines().all(|line| line.len() <= 100), "{help}");
    }
}
