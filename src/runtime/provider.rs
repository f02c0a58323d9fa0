//! Takes a device; gives `ort`'s execution provider for it, with our settings.

// Unused when every provider's feature is off.
#[allow(unused_imports)]
use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};

use super::options::SessionOptions;
use super::settings::settings;
use crate::device::Device;
use crate::fetch::cache_dirs;

/// Whether the loaded library was built with the provider; `None` if this program was built without it.
/// That a provider is in the library does not mean that it starts: see [`super::availability`].
pub fn in_library(device: Device) -> Option<bool> {
    let answer: ort::Result<bool> = match device {
        Device::Auto | Device::Cpu => Ok(true),
        #[cfg(feature = "openvino")]
        Device::OpenVino => ep::OpenVINO::is_available(),
        #[cfg(feature = "cuda")]
        Device::Cuda => ep::CUDA::is_available(),
        #[cfg(feature = "tensorrt")]
        Device::TensorRt => ep::TensorRT::is_available(),
        #[cfg(feature = "directml")]
        Device::DirectMl => ep::DirectML::is_available(),
        #[cfg(feature = "coreml")]
        Device::CoreMl => ep::CoreML::is_available(),
        #[allow(unreachable_patterns)]
        _ => return None,
    };
    Some(answer.unwrap_or(false))
}

/// What a session registers for `device`: nothing for the CPU, which every session has.
///
/// A provider that cannot be registered is an error: by default `ort` falls back to the CPU without a word.
#[cfg_attr(not(feature = "openvino"), allow(unused_variables))]
pub fn dispatch(device: Device, options: &SessionOptions) -> Option<ExecutionProviderDispatch> {
    let provider: ExecutionProviderDispatch = match device {
        Device::Auto | Device::Cpu => return None,
        #[cfg(feature = "openvino")]
        Device::OpenVino => configured(ep::OpenVINO::default(), device, options).build(),
        #[cfg(feature = "cuda")]
        Device::Cuda => configured(ep::CUDA::default(), device, options).build(),
        #[cfg(feature = "tensorrt")]
        Device::TensorRt => configured(ep::TensorRT::default(), device, options).build(),
        #[cfg(feature = "directml")]
        Device::DirectMl => ep::DirectML::default().build(),
        #[cfg(feature = "coreml")]
        Device::CoreMl => ep::CoreML::default().build(),
        // A device whose feature is off never gets here: `availability` turns it away.
        #[allow(unreachable_patterns)]
        _ => return None,
    };
    #[allow(unreachable_code)]
    Some(provider.error_on_failure())
}

/// `provider` with our settings for `device`.
#[allow(dead_code)]
fn configured<P: ep::ArbitrarilyConfigurableExecutionProvider>(
    provider: P,
    device: Device,
    options: &SessionOptions,
) -> P {
    let cache = cache_dirs::cache_here().map(|folder| folder.join("compiled"));
    settings(device, options, cache.as_deref())
        .into_iter()
        .fold(provider, |p, (name, value)| {
            p.with_arbitrary_config(name, value)
        })
}
