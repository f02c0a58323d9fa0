//! The devices on which networks can run, by name, and the one that was chosen.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Where networks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The first of CUDA, DirectML and OpenVINO that works here, else the CPU. Default.
    ///
    /// TensorRT and CoreML must be asked for by name: TensorRT builds an engine for minutes, for each picture size, and
    /// CoreML splits networks with inputs of variable size and so can be slower than the CPU.
    #[default]
    Auto,
    /// The CPU, through ONNX Runtime's own kernels. Always there.
    Cpu,
    /// Intel's OpenVINO, on the CPU.
    OpenVino,
    /// An NVIDIA GPU through CUDA and cuDNN.
    Cuda,
    /// An NVIDIA GPU through TensorRT.
    TensorRt,
    /// Any GPU on Windows through DirectX 12.
    DirectMl,
    /// Apple's CoreML.
    CoreMl,
}

impl Device {
    /// All of them, [`Device::Auto`] first.
    pub const ALL: [Self; 7] = [
        Self::Auto,
        Self::Cpu,
        Self::OpenVino,
        Self::Cuda,
        Self::TensorRt,
        Self::DirectMl,
        Self::CoreMl,
    ];

    /// What [`Device::Auto`] tries before the CPU, in this order.
    pub(super) const AUTO: [Self; 3] = [Self::Cuda, Self::DirectMl, Self::OpenVino];

    /// The name as the user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::OpenVino => "openvino",
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
            Self::DirectMl => "directml",
            Self::CoreMl => "coreml",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL
            .into_iter()
            .find(|device| device.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid(
                "device",
                format!("'{name}' is not a device; choose one of {names}"),
            )
        })
    }
}

/// The device on which a session really runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Never [`Device::Auto`].
    pub device: Device,
    /// Why it was taken, in one line.
    pub why: String,
    /// Whether a device that is usually faster was tried first and failed to start.
    pub second_best: bool,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.device, self.why)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_name_reads_back_as_its_device() {
        for device in Device::ALL {
            assert_eq!(device.to_string().parse::<Device>().unwrap(), device);
            assert_eq!(
                device.name().to_uppercase().parse::<Device>().unwrap(),
                device
            );
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_list() {
        for name in ["gpu", "", "cuda:0"] {
            let message = name.parse::<Device>().unwrap_err().to_string();
            assert!(
                message.contains("device") && message.contains(&format!("'{name}'")),
                "{message}"
            );
            assert!(
                Device::ALL
                    .iter()
                    .all(|device| message.contains(device.name())),
                "{message}"
            );
        }
    }
}
