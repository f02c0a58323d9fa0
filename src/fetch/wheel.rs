//! Takes a wheel, which is a zip file; checks its sha256 and extracts files.
//!
//! Files are extracted by the names that we ask for, so no name in the archive becomes a path.
//!
//! The build script includes this file.

use std::fmt::Display;
use std::io::{self, Read, Seek, Write};

use sha2::{Digest, Sha256};

/// Checks the sha256 of all that `bytes` gives; `name` is for the message.
pub fn check(name: &str, mut bytes: impl Read, sha256: &str) -> Result<(), String> {
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let count = bytes
            .read(&mut buffer)
            .map_err(|error| format!("{name}: {error}"))?;
        if count == 0 {
            break;
        }
        sum.update(&buffer[..count]);
    }
    let found: String = sum.finalize().iter().map(|b| format!("{b:02x}")).collect();
    if found != sha256 {
        return Err(format!(
            "{name} has sha256 {found}, but {sha256} was expected"
        ));
    }
    Ok(())
}

/// Writes the one file `name` of the archive, of at most `limit` bytes, to `out`.
pub fn unpack(
    wheel: impl Read + Seek,
    name: &str,
    limit: u64,
    out: &mut impl Write,
) -> Result<(), String> {
    let failed = |error: &dyn Display| format!("{name} in the wheel: {error}");
    let mut archive = zip::ZipArchive::new(wheel).map_err(|error| failed(&error))?;
    let file = archive.by_name(name).map_err(|error| failed(&error))?;
    // The size in the archive's directory may be wrong, so the bytes that come out are counted.
    let count = io::copy(&mut file.take(limit + 1), out).map_err(|error| failed(&error))?;
    if count > limit {
        return Err(failed(&format!("more than {limit} bytes")));
    }
    Ok(())
}
