//! `impasto runtime`: builds of ONNX Runtime for devices that the plain one lacks, in the user's cache.

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use crate::device::Device;
use crate::error::{Error, Result};
pub use crate::fetch::packages::Measured;
pub use crate::fetch::packages::installable;
use crate::fetch::packages::{Package, installable_here, package_here};
use crate::fetch::{cache_dirs, install};
use crate::progress::Progress;

/// A package that this system can have.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RuntimeInfo {
    /// The device, as `--device` takes it.
    pub device: String,
    /// The package and its version, as pip writes it.
    pub package: String,
    /// Its library, if it is installed.
    pub library: Option<PathBuf>,
    /// How fast it is, if that was measured.
    pub measured: Option<Measured>,
    /// What the user has to bring himself; empty for nothing.
    pub needs: String,
}

/// All packages for this system.
///
/// # Errors
/// [`Error::NoCacheFolder`] when there is no folder to keep them in.
pub fn list_runtimes() -> Result<Vec<RuntimeInfo>> {
    installable_here()
        .into_iter()
        .map(|device| info(&package_here(device)?))
        .collect()
}

/// Download and install the package for `device`. One that is there already is left alone unless `again`. `progress` is
/// asked all the time whether to go on.
///
/// # Errors
/// [`Error::Interrupted`] when `progress` says stop, and nothing has changed;
/// [`Error::Device`] where there is none for this system; [`Error::Install`] when it cannot be had, or is not what is
/// known; [`Error::Write`].
pub fn install_runtime(
    device: Device,
    again: bool,
    progress: &mut dyn Progress,
) -> Result<RuntimeInfo> {
    let package = package_here(device)?;
    let cache = cache()?;
    if again || package.installed_in(&cache).is_none() {
        install(&package, &cache, &mut || {
            // A step of one is not shown, but tells whether to stop.
            progress.step(0, 1, "runtime").is_continue()
        })?;
    }
    info(&package)
}

/// Write down how fast the package for `device` is: `auto` takes OpenVINO if it needs less than the CPU's time.
///
/// # Errors
/// [`Error::Device`], [`Error::Invalid`] for a number without sense, [`Error::Write`].
pub fn record_speed(device: Device, measured: Measured) -> Result<()> {
    let times = measured.times_of_cpu;
    if !(times.is_finite() && times > 0.0) {
        let reason = format!("{times} is no ratio of two times");
        return Err(Error::invalid("speed", reason));
    }
    package_here(device)?.put_measured(&cache()?, measured)
}

/// Remove the package for `device`; gives the folder that was removed, if it was there.
///
/// # Errors
/// [`Error::Device`], [`Error::Write`].
pub fn remove_runtime(device: Device) -> Result<Option<PathBuf>> {
    let folder = package_here(device)?.folder_in(&cache()?);
    if !folder.exists() {
        return Ok(None);
    }
    fs::remove_dir_all(&folder).map_err(Error::write(&folder))?;
    Ok(Some(folder))
}

fn info(package: &Package) -> Result<RuntimeInfo> {
    let cache = cache()?;
    Ok(RuntimeInfo {
        device: package.device.to_string(),
        package: format!("{}=={}", package.package, package.version),
        library: package.installed_in(&cache),
        measured: package.measured_in(&cache),
        needs: package.needs.to_owned(),
    })
}

fn cache() -> Result<PathBuf> {
    let found = cache_dirs::cache_here().ok_or(Error::NoCacheFolder)?;
    std::path::absolute(&found).map_err(Error::read(&found))
}
