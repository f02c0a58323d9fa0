//! How to run a model: device, threads, precision.

use std::ops::RangeInclusive;

use super::precision::Precision;
use crate::device::Device;
use crate::error::{Error, Result};

/// How many threads may be asked for. ONNX Runtime takes 0 for "choose" and counts in 32 bits, where a huge number
/// would wrap around.
pub const THREADS: RangeInclusive<usize> = 1..=1024;

/// How to run a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// Where. Default: [`Device::Auto`].
    pub device: Device,
    /// How many threads compute, of [`THREADS`]. More than the processor has cores make it slower. Default: as many as
    /// there are physical cores. GPUs take no notice.
    pub threads: Option<usize>,
    /// Whether to compute in bf16, which has 8 bits of precision in place of 24, and is several times as fast on
    /// processors that have instructions for it. Only OpenVINO can; with [`Device::Auto`] it counts if that is what is
    /// taken, and any other device that is asked for by name refuses. Default: `false`.
    pub bf16: bool,
}

impl SessionOptions {
    /// `Ok` when the options make sense together.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        if let Some(threads) = self.threads
            && !THREADS.contains(&threads)
        {
            let (least, most) = (THREADS.start(), THREADS.end());
            let reason = format!("{threads} is not between {least} and {most}");
            return Err(Error::invalid("threads", reason));
        }
        if self.bf16 {
            Precision::Bf16.device(self.device)?;
        }
        Ok(())
    }
}
