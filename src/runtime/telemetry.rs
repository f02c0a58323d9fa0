//! Takes the path of a library of ONNX Runtime; gives an error where that library would report its use to its maker.
//!
//! From 1.29 on, Microsoft's packages for Linux and macOS carry a telemetry client: when the first environment is
//! created it writes a device id and an event database into the user's cache folder, and later looks up and contacts a
//! collector. `with_telemetry(false)` can only be called afterwards, and safe Rust cannot change the environment of its
//! process. So such a library is not started unless the variable that it reads is set. The pinned libraries have no
//! such client, and neither have builds from source, whatever their version.

use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};
use crate::fetch::pins;
use crate::files;

/// The variable that the client reads; that its name is in the library is how the client is found.
const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// The first minor version that has a client.
const FIRST: u32 = 29;

/// Refuses `library` if it has a client, unless the user has decided by setting the variable.
///
/// # Errors
/// [`Error::LibraryUnusable`], with the remedy.
pub fn refuse(library: &Path) -> Result<()> {
    if std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty()) {
        return Ok(());
    }
    // A library that cannot be loaded gets its own message when it is.
    if ort::util::probe(library).is_none_or(|minor| minor < FIRST) || !has_client(library)? {
        return Ok(());
    }
    let message = format!(
        "{} reports its use to Microsoft over the network, so it was not started; set {VARIABLE}=1, which it obeys, \
         or use ONNX Runtime {}, which does not report: impasto runtime install cpu",
        library.display(),
        pins::VERSION
    );
    Err(Error::LibraryUnusable {
        message,
        source: None,
    })
}

/// Whether the name of the variable occurs in the file.
pub fn has_client(library: &Path) -> Result<bool> {
    let mut file = files::open(library).map_err(Error::read(library))?;
    let (word, mut kept) = (VARIABLE.as_bytes(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file
            .read(&mut buffer[kept..])
            .map_err(Error::read(library))?;
        if count == 0 {
            return Ok(false);
        }
        let filled = &buffer[..kept + count];
        if contains(filled, word) {
            return Ok(true);
        }
        // The name may lie across two reads.
        let (start, length) = (filled.len().saturating_sub(word.len() - 1), filled.len());
        buffer.copy_within(start..length, 0);
        kept = length - start;
    }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn found(bytes: &[u8]) -> bool {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        has_client(file.path()).unwrap()
    }

    #[test]
    fn the_client_is_found_wherever_its_variable_stands() {
        let with = |before: usize| [&vec![b'x'; before], VARIABLE.as_bytes(), b"yy"].concat();
        for before in [0, 1, 5000, (1 << 20) - 1, (1 << 20) - 7, 1 << 20, 3 << 20] {
            assert!(found(&with(before)), "{before}");
        }
        assert!(!found(b""));
        assert!(!found(&with(5)[..VARIABLE.len() + 4]));
        assert!(!found(&vec![b'O'; 3 << 20]));
    }
}
