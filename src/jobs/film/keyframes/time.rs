//! A time as a person writes it in; seconds, or what they depend on, out.

use std::fmt;

use super::words::short;

/// The longest time, in seconds: 1000 hours.
const LONGEST: f64 = 3_600_000.0;

const ACCEPTED: &str = "write seconds (4.5), m:ss (0:04.5), h:mm:ss, a share (50%) or end";

/// When a row is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// Seconds from the film's beginning.
    Seconds(f64),
    /// A share of the film, 0..=1.
    Share(f64),
    /// The film's end.
    End,
}

impl Moment {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{}' is no time; {ACCEPTED}", short(text));
        if text.eq_ignore_ascii_case("end") {
            return Ok(Self::End);
        }
        if let Some(number) = text.strip_suffix('%') {
            let share = decimal(number).ok_or_else(wrong)? / 100.0;
            if share > 1.0 {
                return Err(format!(
                    "'{}' is behind the end of the film (100%)",
                    short(text)
                ));
            }
            return Ok(Self::Share(share));
        }
        let parts: Vec<&str> = text.split(':').collect();
        let Some((last, above)) = parts.split_last().filter(|_| parts.len() <= 3) else {
            return Err(wrong());
        };
        let mut seconds = decimal(last).ok_or_else(wrong)?;
        let mut unit = 1.0;
        for (k, part) in above.iter().rev().enumerate() {
            let whole = part.bytes().all(|b| b.is_ascii_digit());
            let number = decimal(part).filter(|_| whole).ok_or_else(wrong)?;
            unit *= 60.0;
            // Seconds go to 59 behind minutes, and minutes behind hours.
            let carried = (k == 0 && seconds >= 60.0) || (k == 1 && seconds >= 3600.0);
            if carried {
                let what = if k == 0 { "seconds" } else { "minutes" };
                return Err(format!(
                    "'{}' has more than 59 {what}; {ACCEPTED}",
                    short(text)
                ));
            }
            seconds += number * unit;
        }
        if seconds > LONGEST {
            return Err(format!("'{}' is more than 1000 hours", short(text)));
        }
        Ok(Self::Seconds(seconds))
    }

    pub(super) fn is_relative(self) -> bool {
        !matches!(self, Self::Seconds(_))
    }

    /// Seconds, in a film whose last frame begins at `last`; `None` where that is needed and not known.
    pub(super) fn seconds(self, last: Option<f64>) -> Option<f64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Share(share) => Some(share * last?),
            Self::End => last,
        }
    }

    /// Whether it comes after `before` in every film; `None` where that depends on the film.
    pub(super) fn is_after(self, before: Self) -> Option<bool> {
        match (before, self) {
            (Self::Seconds(a), Self::Seconds(b)) | (Self::Share(a), Self::Share(b)) => Some(b > a),
            (Self::End, Self::End | Self::Share(_)) => Some(false),
            _ => None,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => f.write_str(&clock(*seconds)),
            Self::Share(share) => write!(f, "{}%", share * 100.0),
            Self::End => f.write_str("end"),
        }
    }
}

/// Seconds as `m:ss`, with as many decimals as they need, to thousandths.
pub(super) fn clock(seconds: f64) -> String {
    let thousandths = (seconds * 1000.0).round() as u64;
    let (minutes, rest) = (thousandths / 60_000, thousandths % 60_000);
    let text = format!("{minutes}:{:02}.{:03}", rest / 1000, rest % 1000);
    let text = text.trim_end_matches('0');
    match text.strip_suffix('.') {
        Some(_) => format!("{minutes}:{:02}", rest / 1000),
        None => text.to_owned(),
    }
}

/// Digits, with one point among them or before them; nothing else that a float may be.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|b| *b == b'.').count();
    let plain = digits > 0 && points <= 1 && digits + points == text.len() && text.len() <= 20;
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("0", 0.0),
            ("4.5", 4.5),
            (".5", 0.5),
            ("90", 90.0),
            ("0:04.5", 4.5),
            ("1:30", 90.0),
            ("75:00", 4500.0),
            ("1:02:03.25", 3723.25),
        ] {
            assert_eq!(Moment::parse(text), Ok(Moment::Seconds(seconds)), "{text}");
        }
        assert_eq!(Moment::parse("50%"), Ok(Moment::Share(0.5)));
        assert_eq!(Moment::parse("END"), Ok(Moment::End));
    }

    #[test]
    fn what_is_no_time_is_refused_with_what_is() {
        for text in [
            "",
            "x",
            "-1",
            "1:",
            ":1",
            "1:2:3:4",
            "1.5:00",
            "nan",
            "1e3",
            "inf",
            "%",
            "-5%",
            "1..2",
            "4,5",
            "123456789012345678901234567890",
        ] {
            let said = Moment::parse(text).unwrap_err();
            assert!(said.contains("0:04.5"), "{text}: {said}");
        }
        assert!(Moment::parse("1:75").unwrap_err().contains("59 seconds"));
        assert!(Moment::parse("1:75:00").unwrap_err().contains("59 minutes"));
        assert!(Moment::parse("101%").unwrap_err().contains("100%"));
        assert!(
            Moment::parse("1001:00:00")
                .unwrap_err()
                .contains("1000 hours")
        );
    }

    #[test]
    fn times_are_shown_as_they_are_written() {
        for text in ["0:00", "0:04.5", "1:30", "75:00", "0:00.001", "0:10"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Moment::Share(0.5).to_string(), "50%");
    }
}
