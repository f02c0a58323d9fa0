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
    /// CPU threads, in the range [`THREADS`]. More threads than cores make it slower. Default: one for each physical
    /// core. GPUs ignore it.
    pub threads: Option<usize>,
    /// Whether to compute in bf16, which is less precise and several times as fast on processors that have instructions
    /// for it. OpenVINO only: [`Device::Auto`] ignores it when it takes another device, and any other device that is
    /// asked for by name is an error. Default: `false`.
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
