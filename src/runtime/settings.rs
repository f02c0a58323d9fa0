//! Takes a device and options; gives the provider's settings by the names that ONNX Runtime documents. Kept apart from
//! `ort`'s builders, so that they can be tested on machines without the device.

use std::path::Path;

use super::options::SessionOptions;
use crate::device::Device;

/// The settings of `device`, as names and values. `cache` is where compiled networks may be kept; without it they are
/// compiled at every start.
pub fn settings(
    device: Device,
    options: &SessionOptions,
    cache: Option<&Path>,
) -> Vec<(&'static str, String)> {
    let on = || "1".to_owned();
    let kept = cache.map(|folder| folder.join(device.name()).display().to_string());
    match device {
        // The default, an exhaustive search, takes half a second for every new picture size, and gains nothing for
        // networks like ours.
        Device::Cuda => vec![("cudnn_conv_algo_search", "HEURISTIC".to_owned())],
        Device::TensorRt => {
            // An engine takes minutes to build, for each picture size.
            let kept = kept.into_iter().flat_map(|folder| {
                [
                    ("trt_engine_cache_enable", on()),
                    ("trt_engine_cache_path", folder.clone()),
                    ("trt_timing_cache_enable", on()),
                    ("trt_timing_cache_path", folder),
                ]
            });
            kept.collect()
        }
        Device::OpenVino => {
            let mut all = vec![("device_type", "CPU".to_owned())];
            all.extend(options.threads.map(|n| ("num_of_threads", n.to_string())));
            if options.bf16 {
                // The provider's own option `precision` accepts only FP32 on the CPU; this reaches the plugin.
                let bf16 = r#"{"CPU":{"INFERENCE_PRECISION_HINT":"bf16"}}"#;
                all.push(("load_config", bf16.to_owned()));
            }
            all
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(device: Device, options: &SessionOptions, cache: Option<&str>) -> String {
        let all = settings(device, options, cache.map(Path::new));
        let lines: Vec<String> = all.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        lines.join(" ")
    }

    #[test]
    fn cuda_searches_by_heuristics() {
        let found = of(Device::Cuda, &SessionOptions::default(), None);
        assert_eq!(found, "cudnn_conv_algo_search=HEURISTIC");
    }

    #[test]
    fn tensorrt_caches_its_engines_if_there_is_a_cache_folder() {
        let plain = SessionOptions::default();
        let found = of(Device::TensorRt, &plain, Some("cache"));
        let place = Path::new("cache").join("tensorrt").display().to_string();
        for part in [
            "trt_engine_cache_enable=1",
            "trt_timing_cache_enable=1",
            &format!("trt_engine_cache_path={place}"),
        ] {
            assert!(found.contains(part), "{found}");
        }
        assert_eq!(of(Device::TensorRt, &plain, None), "");
    }

    #[test]
    fn openvino_takes_threads_and_precision() {
        let options = SessionOptions {
            threads: Some(3),
            bf16: true,
            ..SessionOptions::default()
        };
        let found = of(Device::OpenVino, &options, None);
        assert!(
            found.contains("num_of_threads=3") && found.contains("bf16"),
            "{found}"
        );
        let plain = of(Device::OpenVino, &SessionOptions::default(), None);
        assert_eq!(plain, "device_type=CPU");
    }

    #[test]
    fn the_cpu_has_no_settings() {
        assert_eq!(
            of(Device::Cpu, &SessionOptions::default(), Some("cache")),
            ""
        );
    }
}
