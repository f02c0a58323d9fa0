//! What is compiled into the program.
#![allow(clippy::unwrap_used)]

use impasto::catalog;
use impasto::style::Gallery;

#[test]
fn the_bundled_models_are_whole_and_light() {
    for name in catalog::names().unwrap() {
        let set = catalog::find(Some(&name)).unwrap();
        let files = [
            set.predictor.as_ref().unwrap(),
            &set.head,
            &set.transformer,
            &set.transformer_frozen,
        ];
        let (moving, frozen) = set.int8.as_ref().unwrap();
        let parts = files.into_iter().chain([moving, frozen]);
        let bytes: usize = parts.map(|part| part.bytes.len()).sum();
        assert!(bytes <= 11_300_000, "{name} has {bytes} bytes");
    }
}

#[test]
fn the_gallery_belongs_to_the_bundled_predictor() {
    let set = catalog::find(None).unwrap();
    let gallery = Gallery::parse("gallery", &set.gallery.unwrap()).unwrap();
    assert_eq!(gallery.styles.len(), 12);
    for style in &gallery.styles {
        assert_eq!(
            style.space, set.space,
            "@{} was made by another predictor: make the gallery anew",
            style.name
        );
        assert_eq!(Some(style.values.len()), set.bottleneck);
        assert!(
            style.title.is_some() && style.painter.is_some() && style.year.is_some(),
            "@{}",
            style.name
        );
        style.embedding().unwrap();
    }
}

/// With `IMPASTO_ASSETS`: the rows of the gallery are what the predictor says of the paintings.
#[test]
fn the_gallery_is_what_the_predictor_sees() {
    let Some(assets) = std::env::var_os("IMPASTO_ASSETS") else {
        eprintln!("skipped: IMPASTO_ASSETS is not set, so there are no paintings to read");
        return;
    };
    let mut engine = impasto::Engine::builder().build().unwrap();
    let gallery = engine.gallery().clone();
    for style in &gallery.styles {
        let path =
            std::path::Path::new(&assets).join(format!("images/test/style/{}.jpg", style.name));
        let picture = impasto::picture::open(&path, &Default::default()).unwrap();
        let embedding = engine.embed(&picture.rgb).unwrap();
        let kept = style.embedding().unwrap();
        let size = kept.values().iter().map(|v| v * v).sum::<f32>().sqrt();
        assert!(embedding.distance(&kept) < 0.02 * size, "@{}", style.name);
    }
}
