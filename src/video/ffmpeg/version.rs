//! What `ffmpeg -version` prints in; its version out.

/// A released version, or a build between releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Major and minor number.
    Released(u32, u32),
    /// A build from the development branch, whose name holds no version.
    Development,
}

impl Version {
    /// Reads the first line; `None` when it is not ffmpeg's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("ffmpeg version ")?.split(' ').next()?;
        let numbers = name.strip_prefix('n').unwrap_or(name);
        let mut parts = numbers.split(|c: char| !c.is_ascii_digit());
        let mut number = || parts.next()?.parse::<u32>().ok();
        // Builds between releases are called `N-112233-gabcdef` or by a date, as in `2024-01-07-git-...`.
        Some(match (number(), number()) {
            (Some(major), minor) if major < 1000 => Self::Released(major, minor.unwrap_or(0)),
            _ => Self::Development,
        })
    }

    /// Whether it is `major.minor` or later. A development build counts as the newest.
    pub(super) fn is_at_least(self, major: u32, minor: u32) -> bool {
        match self {
            Self::Released(a, b) => (a, b) >= (major, minor),
            Self::Development => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_printed() {
        for (name, expected) in [
            ("5.1.9-0+deb12u1", Version::Released(5, 1)),
            ("n4.4.1", Version::Released(4, 4)),
            ("7", Version::Released(7, 0)),
            ("8.0-essentials_build-www.gyan.dev", Version::Released(8, 0)),
            ("N-112233-gabcdef", Version::Development),
            ("2024-01-07-git-90bef6390f-full", Version::Development),
        ] {
            let line = format!("ffmpeg version {name} Copyright (c) 2000-2026");
            assert_eq!(Version::parse(&line), Some(expected), "{name}");
        }
        assert_eq!(Version::parse("bash: no such thing"), None);
        assert!(Version::Released(5, 1).is_at_least(4, 4));
        assert!(!Version::Released(4, 3).is_at_least(4, 4));
        assert!(Version::Development.is_at_least(9, 9));
    }
}
