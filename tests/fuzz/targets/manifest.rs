//! Manifests of models and galleries of styles: the same text as each.

use impasto::Gallery;
use impasto::catalog::Manifest;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(manifest) = Manifest::parse("strange.toml", text) {
        assert!(!manifest.models.is_empty());
        for model in &manifest.models {
            assert!((2..=1 << 20).contains(&model.params));
            let file = std::path::Path::new(&model.head.file);
            assert!(file.is_relative() && !model.head.file.contains(".."));
        }
    }
    if let Ok(gallery) = Gallery::parse("strange.toml", text) {
        let written = gallery.to_toml().expect("a gallery can be written");
        let again = Gallery::parse("again.toml", &written).expect("and read again");
        assert_eq!(again.styles.len(), gallery.styles.len());
        for (before, after) in gallery.styles.iter().zip(&again.styles) {
            assert_eq!(before.name, after.name);
            // Numbers that are none are refused here, whatever they were written as.
            assert_eq!(before.embedding().is_ok(), after.embedding().is_ok());
        }
    }
}
