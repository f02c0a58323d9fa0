//! The path of a shared library in; whether its end is missing out, as after a download that broke off. The system maps
//! libraries of Linux without looking at their length, and kills the process when it reads what is not there (SIGBUS).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The bytes of a header of 64 bits.
const HEADER: usize = 64;

/// The bytes of an entry of the table of segments.
const SEGMENT: usize = 56;

/// A segment that is loaded.
const LOAD: u64 = 1;

/// How the names of ONNX Runtime's own libraries begin; it loads those beside it by itself.
const OWN: &str = "libonnxruntime";

/// The first of `library` and those that it brings whose end is missing.
pub(super) fn cut_off(library: &Path) -> Option<PathBuf> {
    let beside = library.parent().and_then(|folder| folder.read_dir().ok());
    let beside = beside.into_iter().flatten().flatten();
    let own = beside.filter(|entry| entry.file_name().to_string_lossy().starts_with(OWN));
    std::iter::once(library.to_owned())
        .chain(own.map(|entry| entry.path()))
        // What cannot be read is said when it is loaded.
        .find(|path| path.is_file() && is_cut_off(path).unwrap_or(false))
}

/// Whether the file is shorter than its own tables say. `false` for files of other kinds.
fn is_cut_off(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; HEADER];
    file.read_exact(&mut header)?;
    // 64 bits, little-endian: every system that ONNX Runtime is made for.
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(false);
    }
    let (sections, segments) = (number(&header[40..48]), number(&header[32..40]));
    let end_of =
        |start: u64, size: &[u8], count: &[u8]| start.saturating_add(number(size) * number(count));
    // The table of sections stands at the end.
    if end_of(sections, &header[58..60], &header[60..62]) > length
        || end_of(segments, &header[54..56], &header[56..58]) > length
    {
        return Ok(true);
    }
    file.seek(SeekFrom::Start(segments))?;
    let mut segment = [0; SEGMENT];
    for _ in 0..number(&header[56..58]) {
        file.read_exact(&mut segment)?;
        let (start, size) = (number(&segment[8..16]), number(&segment[32..40]));
        if number(&segment[..4]) == LOAD && start.saturating_add(size) > length {
            return Ok(true);
        }
    }
    Ok(false)
}

/// At most 8 bytes, the least first.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, b| sum << 8 | u64::from(*b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A header, a segment that is the whole file, and a table of one section of 64 bytes.
    fn library() -> Vec<u8> {
        let mut bytes = vec![0; 400];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[32] = 64;
        bytes[40..42].copy_from_slice(&336u16.to_le_bytes());
        (bytes[54], bytes[56], bytes[58], bytes[60]) = (56, 1, 64, 1);
        bytes[64] = 1;
        bytes[96..98].copy_from_slice(&300u16.to_le_bytes());
        bytes
    }

    #[test]
    fn a_library_without_its_end_is_found_also_beside_the_one_that_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let (whole, part) = (
            at("libonnxruntime.so.1"),
            at("libonnxruntime_providers_x.so"),
        );
        std::fs::write(&whole, library()).unwrap();
        std::fs::write(at("libz.so"), &library()[..300]).unwrap();
        assert_eq!(cut_off(&whole), None);
        for length in [399, 336, 200, 100] {
            std::fs::write(&part, &library()[..length]).unwrap();
            assert_eq!(cut_off(&whole), Some(part.clone()), "{length}");
        }
        let mut no_sections = library();
        no_sections[60] = 0;
        std::fs::write(&part, &no_sections[..290]).unwrap();
        assert!(is_cut_off(&part).unwrap(), "the segment is not whole");
        for other in [&b"text"[..], b"", &library()[..20]] {
            std::fs::write(&part, other).unwrap();
            assert_eq!(cut_off(&whole), None);
        }
    }
}
