//! Takes a device and options; gives `ort`'s session builder with our settings, and the device's provider registered.

use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder};

use super::loaded::Runtime;
use super::options::SessionOptions;
use super::provider;
use crate::device::Device;

/// One operation at a time, on all threads: networks like ours are a chain. Between two operations of a run the
/// threads spin, which makes short operations fast. They stop when the run ends: the program then needs its cores to
/// decode the next picture or to read the camera.
pub fn builder(
    runtime: &Runtime,
    device: Device,
    options: &SessionOptions,
) -> ort::Result<SessionBuilder> {
    let mut builder = ort::session::Session::builder(runtime.environment())?
        // Left alone, `ort` lets ONNX Runtime choose, which takes CoreML on macOS even when the CPU was asked for.
        .with_auto_device(AutoDevicePolicy::PreferCPU)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_inter_threads(1)?
        .with_config_entry("session.force_spinning_stop", "1")?;
    if let Some(threads) = options.threads {
        builder = builder.with_intra_threads(threads)?;
    }
    if device == Device::DirectMl {
        // DirectML does not support it.
        builder = builder.with_memory_pattern(false)?;
    }
    if let Some(provider) = provider::dispatch(device, options) {
        builder = builder.with_execution_providers([provider])?;
    }
    Ok(builder)
}
