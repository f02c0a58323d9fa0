//! Which devices: the user's word and the devices that are there go in, the wanted ones come out.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// Which devices to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All that there are, and those that come.
    All,
    /// Those whose name has these letters in it, written small.
    Named(String),
    /// The file of a device, or a pipe.
    File(PathBuf),
}

impl Wanted {
    /// As the user wrote it: what has a slash in it is a file.
    pub(super) fn read(name: Option<&str>) -> Self {
        match name {
            None | Some("") => Self::All,
            Some(name) if name.contains('/') => Self::File(name.into()),
            Some(name) => Self::Named(name.to_lowercase()),
        }
    }

    /// Whether a device of this name is wanted.
    pub(super) fn is_met_by(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(part) => name.to_lowercase().contains(part),
            Self::File(_) => false,
        }
    }

    /// Refuse a name that none of the devices `there` has.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the devices that there are.
    pub(super) fn check(&self, there: &[&str]) -> Result<()> {
        let Self::Named(part) = self else {
            return Ok(());
        };
        if there.iter().any(|name| self.is_met_by(name)) {
            return Ok(());
        }
        let there = match there {
            [] => "there is no MIDI device at all; plug it in first".to_owned(),
            some => format!("there are: {}", some.join(", ")),
        };
        Err(Error::invalid(
            "midi",
            format!("no device has '{part}' in its name; {there}"),
        ))
    }
}

/// The name of a device as it can be shown: one line without control letters, not endless.
pub(super) fn shown(name: &str) -> String {
    let letters = name.trim().chars().filter(|c| !c.is_control());
    letters.take(80).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_met_by_any_part_of_it_and_a_slash_makes_it_a_file() {
        assert_eq!(Wanted::read(None), Wanted::All);
        assert_eq!(
            Wanted::read(Some("/dev/snd/midiC1D0")),
            Wanted::File("/dev/snd/midiC1D0".into())
        );
        let wanted = Wanted::read(Some("Nano"));
        assert!(wanted.is_met_by("nanoKONTROL2") && !wanted.is_met_by("Launchkey"));
        assert!(wanted.check(&["Launchkey", "nanoPAD"]).is_ok());
    }

    #[test]
    fn a_name_that_is_not_there_is_refused_with_what_is_there() {
        let wanted = Wanted::read(Some("nano"));
        let said = wanted.check(&["Launchkey", "Keystep"]).unwrap_err();
        assert_eq!(
            said.to_string(),
            "midi: no device has 'nano' in its name; there are: Launchkey, Keystep"
        );
        let said = wanted.check(&[]).unwrap_err().to_string();
        assert!(said.contains("no MIDI device at all"), "{said}");
        assert!(Wanted::All.check(&[]).is_ok());
    }
}
