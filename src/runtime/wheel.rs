//! Reads a wheel, which is a zip file: checks it, and takes files out of it.
//!
//! What comes out is asked for by name, so no name in the archive can ever become a path.
//!
//! The build script includes this file.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// No wheel of ours has more bytes than this (they have about 24 million).
pub const WHEEL_LIMIT: u64 = 64 << 20;

/// No library of ours has more bytes than this (they have about 33 million).
pub const LIBRARY_LIMIT: u64 = 128 << 20;

/// Reads a file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(format!("{}: more than {limit} bytes", path.display()));
    }
    Ok(bytes)
}

/// Checks the sha256 of `bytes`; `name` is for the message.
pub fn check(name: &str, bytes: &[u8], sha256: &str) -> Result<(), String> {
    let found: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    if found != sha256 {
        return Err(format!(
            "{name} has sha256 {found}, but {sha256} was expected"
        ));
    }
    Ok(())
}

/// The bytes of the one file `name` of the archive.
pub fn unpack(wheel: &[u8], name: &str) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{name} in the wheel: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|error| failed(&error))?;
    let mut file = archive.by_name(name).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    // The size in the archive's directory is a claim: what is counted is what comes out.
    file.by_ref()
        .take(LIBRARY_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LIBRARY_LIMIT {
        return Err(format!(
            "{name} in the wheel: more than {LIBRARY_LIMIT} bytes"
        ));
    }
    Ok(bytes)
}
