//! The files of the page, compiled in.

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../../examples/web/", $name)))),*]
    };
}

/// Names and bytes of examples/web, without its tests and what builds it.
pub(super) const FILES: &[(&str, &[u8])] = files! {
    "index.html" "style.css" "icon.svg" "manifest.webmanifest" "sample.jpg"
    "colors.js" "decode.js" "engine.js" "keys.js" "main.js" "manifest.js" "mix.js" "notice.js" "offline.js" "painter.js"
    "panel.js" "pixels.js" "rate.js" "record.js" "resize.js" "source.js" "strip.js" "sw.js" "worker.js"
};

/// Names of bundled model files that the page reads.
pub(super) const MODELS: &[&str] = &[
    "models.toml",
    "gallery.toml",
    "predictor.onnx",
    "live/head.onnx",
    "live/transformer.onnx",
    "live/transformer_web.onnx",
    "fine/head.onnx",
    "fine/transformer.onnx",
    "fine/transformer_web.onnx",
    "swift/head.onnx",
    "swift/transformer.onnx",
    "swift/transformer_web.onnx",
    "pocket/head.onnx",
    "pocket/styles.toml",
    "pocket/transformer.onnx",
    "pocket/transformer_web.onnx",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_and_every_model_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/web");
        let kinds = ["html", "css", "js", "svg", "jpg", "webmanifest"];
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                kinds
                    .iter()
                    .any(|kind| path.extension().is_some_and(|e| e == *kind))
            })
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        let mut served: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        there.sort();
        served.sort_unstable();
        assert_eq!(served, there);
        for name in MODELS {
            assert!(crate::catalog::bundled_file(name).is_some(), "{name}");
        }
    }
}
