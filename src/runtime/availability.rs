//! Takes a device; gives whether it can be used here, and if not, why and what to do.

use std::fmt;

use super::builder::builder;
use super::loaded::Runtime;
use super::options::SessionOptions;
use super::{library, provider};
use crate::device::Device;
use crate::error::Error;
use crate::fetch::{packages, pins};

/// Whether a device can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// A session can be opened on it.
    Available,
    /// It cannot.
    Missing {
        /// Why not.
        reason: String,
        /// What the user can do about it.
        remedy: String,
    },
}

impl Availability {
    /// Whether it is [`Availability::Available`].
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    fn missing(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Missing {
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available => f.write_str("available"),
            Self::Missing { reason, remedy } => write!(f, "{reason}; {remedy}"),
        }
    }
}

/// The end of every remedy.
const OTHERWISE: &str = "or choose the device auto";

impl Runtime {
    /// Whether a session can be opened on `device`, and if not, why and what to do. Starts the device's provider,
    /// which takes up to a second on a GPU.
    pub fn available(&self, device: Device) -> Availability {
        let listed = in_principle(self, device);
        if !listed.is_available() {
            return listed;
        }
        match builder(self, device, &SessionOptions::default()) {
            Ok(_) => Availability::Available,
            Err(error) => did_not_start(device, &error),
        }
    }
}

/// Everything that can be known without starting the provider.
pub(super) fn in_principle(runtime: &Runtime, device: Device) -> Availability {
    if let Some(missing) = not_on_this_system(device, std::env::consts::OS) {
        return missing;
    }
    match provider::in_library(device) {
        Some(true) => Availability::Available,
        Some(false) => not_in_library(runtime, device),
        None => Availability::missing(
            "this program was built without it",
            format!("build it with --features {device}, {OTHERWISE}"),
        ),
    }
}

/// A device that no library can bring to the system `os` (as in [`std::env::consts::OS`]).
fn not_on_this_system(device: Device, os: &str) -> Option<Availability> {
    let systems: &[&str] = match device {
        Device::Auto | Device::Cpu => return None,
        Device::OpenVino | Device::Cuda | Device::TensorRt => &["linux", "windows"],
        Device::DirectMl => &["windows"],
        Device::CoreMl => &["macos"],
    };
    if systems.contains(&os) {
        return None;
    }
    Some(Availability::missing(
        format!(
            "it exists on {} only, and this is {os}",
            systems.join(" and ")
        ),
        "choose the device auto",
    ))
}

/// The package whose library has the provider, with the version that we know to work, as pip writes it.
fn requirement(device: Device) -> String {
    // Also where there is no package for this system: the user may have a library from elsewhere.
    match packages::package(device, "linux", "x86_64")
        .or_else(|| packages::package(device, "windows", "x86_64"))
    {
        Some(package) => format!("{}=={}", package.package, package.version),
        None => format!("{}=={}", pins::PACKAGE, pins::VERSION),
    }
}

fn not_in_library(runtime: &Runtime, device: Device) -> Availability {
    let requirement = requirement(device);
    let remedy = match packages::package_here(device) {
        Ok(_) => library::how_to_get(device.name(), &requirement),
        Err(_) => format!("get one that does: {}", library::by_hand(&requirement)),
    };
    Availability::missing(
        format!(
            "ONNX Runtime's library at {} was built without it",
            runtime.library().display()
        ),
        format!("{remedy}, {OTHERWISE}"),
    )
}

/// The provider is in the library, but would not start or would not take the model; `said` is its own explanation.
pub(super) fn did_not_start(device: Device, said: &dyn fmt::Display) -> Availability {
    let remedy = match device {
        Device::Cuda => "install an NVIDIA driver, CUDA and cuDNN of the versions that it names",
        Device::TensorRt => "install TensorRT beside CUDA and cuDNN, in the versions that it names",
        Device::OpenVino => "see that all files of the package lie together in one folder",
        _ => "see that the driver is up to date",
    };
    Availability::missing(
        format!("it failed to start: {}", one_line(said)),
        format!("{remedy}, {OTHERWISE}"),
    )
}

/// What ONNX Runtime says, on one line.
pub(super) fn one_line(said: &dyn fmt::Display) -> String {
    said.to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The error for a device that the user asked for by name.
pub(super) fn refuse(device: Device, availability: &Availability) -> Error {
    Error::Device {
        device: device.to_string(),
        reason: availability.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_lacks_what_it_cannot_have() {
        let lacks = |device, os| not_on_this_system(device, os).is_some();
        assert!(lacks(Device::DirectMl, "linux") && lacks(Device::DirectMl, "macos"));
        assert!(lacks(Device::CoreMl, "linux") && lacks(Device::CoreMl, "windows"));
        assert!(lacks(Device::Cuda, "macos") && lacks(Device::OpenVino, "macos"));
        assert!(!lacks(Device::DirectMl, "windows") && !lacks(Device::CoreMl, "macos"));
        assert!(!lacks(Device::Cuda, "linux") && !lacks(Device::OpenVino, "linux"));
        for os in ["linux", "macos", "windows", "freebsd"] {
            assert!(!lacks(Device::Cpu, os) && !lacks(Device::Auto, os));
        }
    }

    #[test]
    fn what_a_provider_said_is_kept_on_one_line() {
        let text = did_not_start(Device::Cuda, &"libcudart.so.13:\n  cannot open").to_string();
        assert!(text.contains("libcudart.so.13: cannot open"), "{text}");
        assert!(
            text.contains("cuDNN") && text.contains("device auto"),
            "{text}"
        );
    }
}
