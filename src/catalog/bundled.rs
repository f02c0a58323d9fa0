//! The model files that are compiled in: takes a name of the manifest, gives the bytes.

/// `models/models.toml`.
pub(super) const MANIFEST: &str = include_str!("../../models/models.toml");

/// `models/gallery.toml`: embeddings of paintings out of copyright.
pub(super) const GALLERY: &str = include_str!("../../models/gallery.toml");

/// The bytes of a bundled file, by its name in the manifest; the manifest and the gallery by their own.
pub fn file(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "models.toml" => MANIFEST.as_bytes(),
        "gallery.toml" => GALLERY.as_bytes(),
        "predictor.onnx" => include_bytes!("../../models/predictor.onnx"),
        "features.safetensors" => include_bytes!("../../models/features.safetensors"),
        "matte.onnx" => include_bytes!("../../models/matte.onnx"),
        "fine/head.onnx" => include_bytes!("../../models/fine/head.onnx"),
        "fine/transformer.onnx" => include_bytes!("../../models/fine/transformer.onnx"),
        "fine/transformer_frozen.onnx" => {
            include_bytes!("../../models/fine/transformer_frozen.onnx")
        }
        "fine/transformer_int8.onnx" => include_bytes!("../../models/fine/transformer_int8.onnx"),
        "fine/transformer_frozen_int8.onnx" => {
            include_bytes!("../../models/fine/transformer_frozen_int8.onnx")
        }
        "fine/transformer_web.onnx" => include_bytes!("../../models/fine/transformer_web.onnx"),
        "live/transformer_web.onnx" => include_bytes!("../../models/live/transformer_web.onnx"),
        "live/head.onnx" => include_bytes!("../../models/live/head.onnx"),
        "live/transformer.onnx" => include_bytes!("../../models/live/transformer.onnx"),
        "live/transformer_frozen.onnx" => {
            include_bytes!("../../models/live/transformer_frozen.onnx")
        }
        "live/transformer_int8.onnx" => include_bytes!("../../models/live/transformer_int8.onnx"),
        "live/transformer_frozen_int8.onnx" => {
            include_bytes!("../../models/live/transformer_frozen_int8.onnx")
        }
        "swift/head.onnx" => include_bytes!("../../models/swift/head.onnx"),
        "swift/transformer.onnx" => include_bytes!("../../models/swift/transformer.onnx"),
        "swift/transformer_frozen.onnx" => {
            include_bytes!("../../models/swift/transformer_frozen.onnx")
        }
        "swift/transformer_int8.onnx" => include_bytes!("../../models/swift/transformer_int8.onnx"),
        "swift/transformer_frozen_int8.onnx" => {
            include_bytes!("../../models/swift/transformer_frozen_int8.onnx")
        }
        "swift/transformer_web.onnx" => include_bytes!("../../models/swift/transformer_web.onnx"),
        "pocket/head.onnx" => include_bytes!("../../models/pocket/head.onnx"),
        "pocket/transformer.onnx" => include_bytes!("../../models/pocket/transformer.onnx"),
        "pocket/transformer_frozen.onnx" => {
            include_bytes!("../../models/pocket/transformer_frozen.onnx")
        }
        "pocket/transformer_web.onnx" => include_bytes!("../../models/pocket/transformer_web.onnx"),
        "pocket/styles.toml" => include_bytes!("../../models/pocket/styles.toml"),
        _ => return None,
    })
}
