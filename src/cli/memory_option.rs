//! The text of `--memory` in; bytes out.

/// The units that are understood, with their bytes; the longest that fits counts.
const UNITS: [(&str, u64); 10] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("b", 1),
];

/// The most that makes sense: a tebibyte.
pub const MOST_MEMORY: u64 = 1 << 40;
const MOST: f64 = MOST_MEMORY as f64;

/// `2GB`, `1.5 GB`, `512 MiB`, `500m`, or a number of bytes.
pub fn memory(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let unit = UNITS.iter().find(|(unit, _)| lower.ends_with(unit));
    let (number, factor) = match unit {
        Some((unit, factor)) => (&lower[..lower.len() - unit.len()], *factor),
        None => (lower.as_str(), 1),
    };
    // Only digits and a point: `inf`, `1e9` and `-1` are numbers, too.
    let number = number.trim_end();
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let bytes = number.parse::<f64>().ok().filter(|_| plain);
    match bytes.map(|number| number * factor as f64) {
        Some(bytes) if (1.0..=MOST).contains(&bytes) => Ok(bytes as u64),
        Some(bytes) if bytes > MOST => Err(format!("'{text}' is more than 1 TiB")),
        _ => Err(format!(
            "'{text}' is not a size of memory such as 2GB, 1.5GB, 500MB or 512MiB"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_with_their_units() {
        for (text, bytes) in [
            ("2GB", 2_000_000_000),
            ("1.5 gb", 1_500_000_000),
            ("512 MiB", 536_870_912),
            ("500MB", 500_000_000),
            (" 500m ", 500_000_000),
            ("3g", 3_000_000_000),
            ("8KiB", 8192),
            ("1TB", 0),
            ("123456789", 123_456_789),
            ("7b", 7),
        ] {
            assert_eq!(memory(text).unwrap_or(0), bytes, "{text}");
        }
    }

    #[test]
    fn junk_is_refused_with_an_example() {
        for text in [
            "", "GB", "-1GB", "1e9", "inf", "nan", "2 GBs", "0", "0.2b", "1.2.3MB", "２GB", "two",
        ] {
            let said = memory(text).expect_err(text);
            assert!(
                said.contains(&format!("'{text}'")) && said.contains("2GB"),
                "{said}"
            );
        }
        assert!(memory("5000000GB").expect_err("much").contains("1 TiB"));
    }
}
