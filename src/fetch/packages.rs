//! The builds of ONNX Runtime that `impasto runtime install` knows: takes a device and a system, gives the package, its
//! files and the folder where they are kept.
//!
//! To move to another version: change the numbers, download each wheel with the command in `src/fetch/pip.rs`, put in its
//! sha256, and list its files (`python3 -m zipfile -l WHEEL`). No library may have a telemetry client: see
//! [`pins::VERSION`].

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::cache_dirs;
use super::pins::{self, PACKAGE, Pin, VERSION};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::files;

/// A build of ONNX Runtime for one system.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// The device that it brings.
    pub device: Device,
    /// Its name at the registry.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its wheel for one system, and the file that is loaded; the others lie beside it in [`pins::FOLDER`].
    pub pin: Pin,
    /// The other files of the wheel that the library loads; no more than it needs.
    pub others: &'static [&'static str],
    /// What must be installed besides; empty for nothing.
    pub needs: &'static str,
}

/// What CUDA's provider needs.
const CUDA: &str = "an NVIDIA driver, CUDA 13 and cuDNN 9, which are not part of it";

const PACKAGES: [Package; 4] = [
    // On Windows its wheel lacks OpenVINO itself.
    Package {
        device: Device::OpenVino,
        package: "onnxruntime-openvino",
        version: "1.24.1",
        pin: Pin {
            os: "linux",
            arch: "x86_64",
            platform: "manylinux_2_28_x86_64",
            wheel: "onnxruntime_openvino-1.24.1-cp311-cp311-manylinux_2_28_x86_64.whl",
            wheel_sha256: "3007c803634cc69c6d52af1dea7ce729d9bb62b9a11070fd2f959119199007a8",
            library: "libonnxruntime.so.1.24.1",
            library_sha256: "2d963a419b96018b79dfe63bb50120ddcb724149912a8a6d8ac747a557c089f4",
        },
        others: &[
            "libonnxruntime_providers_openvino.so",
            "libonnxruntime_providers_shared.so",
            "libopenvino.so.2541",
            "libopenvino_intel_cpu_plugin.so",
            "libopenvino_onnx_frontend.so.2541",
            "libtbb.so.12",
        ],
        needs: "",
    },
    Package {
        device: Device::Cuda,
        package: "onnxruntime-gpu",
        version: VERSION,
        pin: Pin {
            os: "linux",
            arch: "x86_64",
            platform: "manylinux_2_28_x86_64",
            wheel: "onnxruntime_gpu-1.28.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
            wheel_sha256: "774d4c307317f7a0fefc33930820b7ac2a62be2c595e6a1e63e318555f7176b8",
            library: "libonnxruntime.so.1.28.0",
            library_sha256: "018d05f615e96f6e0cfb95d2865f63915681d5d2688dd187f599822b245d27bc",
        },
        others: &[
            "libonnxruntime_providers_cuda.so",
            "libonnxruntime_providers_shared.so",
            "libonnxruntime_providers_tensorrt.so",
        ],
        needs: CUDA,
    },
    Package {
        device: Device::Cuda,
        package: "onnxruntime-gpu",
        version: VERSION,
        pin: Pin {
            os: "windows",
            arch: "x86_64",
            platform: "win_amd64",
            wheel: "onnxruntime_gpu-1.28.0-cp311-cp311-win_amd64.whl",
            wheel_sha256: "d5004c1d38da77970d4534e2e20e34ade9c4fb167bfc685a9843d2863a58122a",
            library: "onnxruntime.dll",
            library_sha256: "e6d9451880e2012077e838fefee2be6fff3b915c8c8fc96ba471ab605370d1fa",
        },
        others: &[
            "onnxruntime_providers_cuda.dll",
            "onnxruntime_providers_shared.dll",
            "onnxruntime_providers_tensorrt.dll",
        ],
        needs: CUDA,
    },
    Package {
        device: Device::DirectMl,
        package: "onnxruntime-directml",
        version: "1.24.4",
        pin: Pin {
            os: "windows",
            arch: "x86_64",
            platform: "win_amd64",
            wheel: "onnxruntime_directml-1.24.4-cp311-cp311-win_amd64.whl",
            wheel_sha256: "96642a787e5a6f33bf043521c0f06eb1eb663f6b830e5862a2026d03f9c90543",
            library: "onnxruntime.dll",
            library_sha256: "0a49bb13573807ad309aa9967a46471c07d6495bab5b279d1fad474aefd8ef4b",
        },
        others: &["DirectML.dll", "onnxruntime_providers_shared.dll"],
        needs: "",
    },
];

/// What `runtime install` knows by name.
pub const INSTALLABLE: [Device; 4] = [
    Device::OpenVino,
    Device::Cuda,
    Device::DirectMl,
    Device::Cpu,
];

/// The package that brings `device` to a system (as in [`std::env::consts`]), if there is one.
pub fn package(device: Device, os: &str, arch: &str) -> Option<Package> {
    let device = match device {
        Device::TensorRt => Device::Cuda,
        other => other,
    };
    if device == Device::Cpu {
        return pins::pin(os, arch).map(|pin| Package {
            device,
            package: PACKAGE,
            version: VERSION,
            pin: *pin,
            others: &[],
            needs: "",
        });
    }
    let found = PACKAGES
        .iter()
        .find(|p| p.device == device && p.pin.os == os && p.pin.arch == arch);
    found.copied()
}

/// The devices for which a package can be installed on this system.
pub fn installable_here() -> Vec<Device> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    INSTALLABLE
        .into_iter()
        .filter(|device| package(*device, os, arch).is_some())
        .collect()
}

/// The device that `name` means, where a package of it can be installed here.
///
/// # Errors
/// [`Error::Device`] for any other name; it says which names there are.
pub fn installable(name: &str) -> Result<Device> {
    let device = name.parse::<Device>().map_err(|_| Error::Device {
        device: name.to_owned(),
        reason: format!("no package has that name; {}", choices()),
    })?;
    package_here(device).map(|_| device)
}

/// The package that brings `device` to the system that this program was built for.
///
/// # Errors
/// [`Error::Device`] where there is none; it says which devices have one.
pub fn package_here(device: Device) -> Result<Package> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    package(device, os, arch).ok_or_else(|| Error::Device {
        device: device.to_string(),
        reason: format!(
            "there is no package of it for {os} on {arch}; {}",
            choices()
        ),
    })
}

/// What can be installed here, for messages.
fn choices() -> String {
    let names: Vec<&str> = installable_here().into_iter().map(Device::name).collect();
    format!("what can be installed here: {}", names.join(", "))
}

/// The file in which `runtime install` writes down a [`Measured`].
const MEASURED: &str = "measured.json";

/// The largest such file that is read, in bytes.
const MOST_MEASURED: u64 = 64 << 10;

/// How fast a package was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The time for a picture, as a multiple of the CPU provider's.
    pub times_of_cpu: f64,
    /// Whether that was in bf16 (8 bits of precision), which was faster than f32.
    pub bf16: bool,
}

/// The library to load for networks on `device`, where a package for it was installed into the cache folder `cache`.
///
/// [`Device::Auto`] takes what was installed for a GPU, and OpenVINO where it was measured to be clearly faster than the
/// CPU provider: a library has one of them, never both.
pub fn installed_for(device: Device, cache: &Path) -> Option<PathBuf> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let find = |device| package(device, os, arch).filter(|p| p.installed_in(cache).is_some());
    let found = match device {
        Device::Cpu => None,
        Device::Auto => Device::AUTO.into_iter().filter_map(find).find(|p| {
            p.device != Device::OpenVino
                || p.measured_in(cache).is_some_and(|m| m.times_of_cpu < 0.9)
        }),
        named => find(named),
    };
    found?.installed_in(cache)
}

/// What was measured of the package whose library is `library`; `None` for any other library, and for a file that
/// cannot be read or has no positive ratio.
pub fn measured_beside(library: &Path) -> Option<Measured> {
    let text = files::read_text(&library.with_file_name(MEASURED), MOST_MEASURED).ok()?;
    serde_json::from_str(&text)
        .ok()
        .filter(|m: &Measured| m.times_of_cpu > 0.0)
}

impl Package {
    /// What [`Package::put_measured`] wrote; `None` as in [`measured_beside`].
    pub fn measured_in(&self, cache: &Path) -> Option<Measured> {
        measured_beside(&self.folder_in(cache).join(self.pin.library))
    }

    /// Writes down how fast it is; [`Device::Auto`] decides by it.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn put_measured(&self, cache: &Path, measured: Measured) -> Result<()> {
        let path = self.folder_in(cache).join(MEASURED);
        let text = serde_json::to_string(&measured).unwrap_or_default();
        std::fs::write(&path, text).map_err(Error::write(&path))
    }

    /// The folder of its files inside the user's cache.
    pub fn folder_in(&self, cache: &Path) -> PathBuf {
        cache_dirs::package_in(
            cache,
            self.package,
            self.version,
            (self.pin.os, self.pin.arch),
        )
    }

    /// All files that are taken out of the wheel.
    pub fn files(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.pin.library).chain(self.others.iter().copied())
    }

    /// Its library in the cache, if all its files are there.
    pub fn installed_in(&self, cache: &Path) -> Option<PathBuf> {
        let folder = self.folder_in(cache);
        self.files()
            .all(|name| folder.join(name).is_file())
            .then(|| folder.join(self.pin.library))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_agree_with_package_version_and_platform() {
        for p in &PACKAGES {
            let name = p.package.replace('-', "_");
            let (version, platform) = (p.version, p.pin.platform);
            assert!(
                p.pin
                    .wheel
                    .starts_with(&format!("{name}-{version}-cp311-cp311-"))
                    && p.pin.wheel.ends_with(&format!("{platform}.whl")),
                "{}",
                p.pin.wheel
            );
            assert_eq!(p.pin.wheel_sha256.len(), 64);
            assert!(p.pin.platform.starts_with(if p.pin.os == "linux" {
                "manylinux"
            } else {
                "win"
            }));
            assert!(p.files().all(|file| !file.contains(['/', '\\'])));
        }
    }

    #[test]
    fn each_device_has_what_its_system_offers() {
        let name = |device, os, arch| package(device, os, arch).map(|p| p.package);
        assert_eq!(
            name(Device::TensorRt, "linux", "x86_64"),
            Some("onnxruntime-gpu")
        );
        assert_eq!(name(Device::Cpu, "macos", "aarch64"), Some("onnxruntime"));
        assert_eq!(name(Device::DirectMl, "linux", "x86_64"), None);
        assert_eq!(name(Device::OpenVino, "windows", "x86_64"), None);
        assert_eq!(name(Device::CoreMl, "macos", "aarch64"), None);
        assert_eq!(name(Device::Auto, "linux", "x86_64"), None);
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn auto_takes_openvino_only_where_it_was_measured_to_be_faster() {
        let cache = tempfile::tempdir().unwrap();
        let openvino = package_here(Device::OpenVino).unwrap();
        let put = |p: &Package| {
            let folder = p.folder_in(cache.path());
            std::fs::create_dir_all(&folder).unwrap();
            for file in p.files() {
                std::fs::write(folder.join(file), b"x").unwrap();
            }
            folder.join(p.pin.library)
        };
        let library = Some(put(&openvino));
        let auto = || installed_for(Device::Auto, cache.path());
        assert_eq!(installed_for(Device::OpenVino, cache.path()), library);
        assert_eq!(installed_for(Device::Cpu, cache.path()), None);
        assert_eq!(installed_for(Device::Cuda, cache.path()), None);
        assert_eq!(auto(), None);
        let measured = |times_of_cpu| {
            let bf16 = false;
            let found = Measured { times_of_cpu, bf16 };
            openvino.put_measured(cache.path(), found).unwrap();
        };
        measured(1.2);
        assert_eq!(auto(), None);
        measured(0.5);
        assert_eq!(auto(), library);
        measured(-1.0);
        assert_eq!(auto(), None);
        let cuda = put(&package_here(Device::Cuda).unwrap());
        assert_eq!(auto(), Some(cuda));
    }

    #[test]
    fn a_package_with_a_file_missing_is_not_installed() {
        let cache = tempfile::tempdir().unwrap();
        let p = package(Device::OpenVino, "linux", "x86_64").unwrap();
        let folder = p.folder_in(cache.path());
        std::fs::create_dir_all(&folder).unwrap();
        for file in p.files() {
            assert_eq!(p.installed_in(cache.path()), None);
            std::fs::write(folder.join(file), b"x").unwrap();
        }
        assert_eq!(
            p.installed_in(cache.path()).unwrap(),
            folder.join(p.pin.library)
        );
    }
}
