//! Exact ratios: frame rates as 30000:1001 and pixel aspects as 64:45, which no decimal number holds.

use std::fmt;

/// A ratio of two whole numbers, as films write rates (frames : seconds) and pixel aspects (width : height).
///
/// It is kept as it was written and never reduced. `0:0` stands for an unknown one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// The first number.
    pub numerator: u32,
    /// The second number.
    pub denominator: u32,
}

impl Ratio {
    /// 1:1, square pixels.
    pub const ONE: Self = Self::whole(1);

    /// `numerator` : `denominator`.
    pub const fn new(numerator: u32, denominator: u32) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// `number` : 1.
    pub const fn whole(number: u32) -> Self {
        Self::new(number, 1)
    }

    /// Reads `30000:1001`, or `25` for 25:1; `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once(':').unwrap_or((text, "1"));
        let number = |text: &str| text.parse().ok();
        Some(Self::new(number(numerator)?, number(denominator)?))
    }

    /// As a decimal number; not a number for 0:0, infinite for any other N:0.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_kept_as_they_are_written() {
        for text in ["30000:1001", "64:45", "25:1", "0:0", "50:2"] {
            assert_eq!(
                Ratio::parse(text).map(|r| r.to_string()).as_deref(),
                Some(text)
            );
        }
        assert_eq!(Ratio::parse("25"), Some(Ratio::whole(25)));
        for text in [
            "",
            ":",
            "1:",
            ":1",
            "-1:1",
            "1.5:1",
            "1:2:3",
            "4294967296:1",
        ] {
            assert_eq!(Ratio::parse(text), None, "{text}");
        }
        assert_eq!(Ratio::new(30, 2).value(), 15.0);
    }
}
