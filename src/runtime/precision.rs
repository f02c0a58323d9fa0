//! The number formats that networks compute with.

use std::fmt;
use std::str::FromStr;

use crate::device::Device;
use crate::error::{Error, Result};

/// What the transformer computes with. The predictor and the head always take f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// f32; where [`Device::Auto`] takes OpenVINO, the one that was fastest when OpenVINO was installed. Default.
    #[default]
    Auto,
    /// Single precision, on every device.
    F32,
    /// bfloat16: two to four times as fast on processors with instructions for it. OpenVINO only.
    Bf16,
    /// Convolutions in int8, the rest in f32: the pastiche differs from the f32 one by about 1 level on average, and takes
    /// a quarter to two thirds less time. CPU only, with a model that has int8 networks (`export/ship/quantise.py`).
    Int8,
}

impl Precision {
    /// All of them, [`Precision::Auto`] first.
    pub const ALL: [Self; 4] = [Self::Auto, Self::F32, Self::Bf16, Self::Int8];

    /// The name as the user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// The device to use when the user names this precision and `device`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when that device cannot compute so: another precision is never taken in its place.
    pub fn device(self, device: Device) -> Result<Device> {
        match (self, device) {
            (Self::Int8, Device::Auto | Device::Cpu) => Ok(Device::Cpu),
            (Self::Bf16, Device::Auto | Device::OpenVino) => Ok(Device::OpenVino),
            (Self::Auto | Self::F32, device) => Ok(device),
            (Self::Int8 | Self::Bf16, device) => {
                let able = if self == Self::Int8 {
                    "cpu"
                } else {
                    "openvino"
                };
                let reason = format!("{device} cannot compute in {self}; only {able} can");
                Err(Error::invalid("precision", reason))
            }
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|p| p.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            let reason = format!("'{name}' is not a precision; choose one of {names}");
            Error::invalid("precision", reason)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precision_chooses_its_device_or_refuses() {
        let of = |p: Precision, d| p.device(d).map_err(|e| e.to_string());
        assert_eq!(of(Precision::Int8, Device::Auto), Ok(Device::Cpu));
        assert_eq!(of(Precision::Bf16, Device::Auto), Ok(Device::OpenVino));
        assert_eq!(of(Precision::Auto, Device::Cuda), Ok(Device::Cuda));
        assert_eq!(of(Precision::F32, Device::Auto), Ok(Device::Auto));
        for (precision, device, able) in [
            (Precision::Int8, Device::Cuda, "cpu"),
            (Precision::Bf16, Device::Cpu, "openvino"),
        ] {
            let said = of(precision, device).expect_err("refused");
            assert!(said.contains(&format!("only {able} can")), "{said}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for p in Precision::ALL {
            assert_eq!(p.to_string().parse::<Precision>().ok(), Some(p));
        }
        assert!("fp8".parse::<Precision>().is_err());
    }
}
