//! Devices as `ort`'s execution providers, with our settings for each.

// With every provider's feature off there is nothing left to do for these.
#[allow(unused_imports)]
use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};

use super::device::Device;
use super::session::SessionOptions;

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
/// Every provider is made to fail aloud: left alone, `ort` goes on with the CPU and tells nobody.
#[cfg_attr(not(feature = "openvino"), allow(unused_variables))]
pub fn dispatch(device: Device, options: &SessionOptions) -> Option<ExecutionProviderDispatch> {
    let provider: ExecutionProviderDispatch = match device {
        Device::Auto | Device::Cpu => return None,
        #[cfg(feature = "openvino")]
        Device::OpenVino => openvino(options).build(),
        // The exhaustive search, which is the default, costs half a second for every new size of picture, and finds
        // nothing better for networks like ours.
        #[cfg(feature = "cuda")]
        Device::Cuda => ep::CUDA::default()
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .build(),
        #[cfg(feature = "tensorrt")]
        Device::TensorRt => ep::TensorRT::default().build(),
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

#[cfg(feature = "openvino")]
fn openvino(options: &SessionOptions) -> ep::OpenVINO {
    use ort::ep::ArbitrarilyConfigurableExecutionProvider as _;

    let mut provider = ep::OpenVINO::default().with_device_type("CPU");
    if let Some(threads) = options.threads {
        provider = provider.with_num_threads(threads);
    }
    if options.bf16 {
        // The one way that reaches the CPU plugin; the provider's own `precision` only knows FP32 there.
        provider = provider.with_arbitrary_config(
            "load_config",
            r#"{"CPU":{"INFERENCE_PRECISION_HINT":"bf16"}}"#,
        );
    }
    provider
}
