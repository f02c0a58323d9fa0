//! What is compiled into the program.
#![allow(clippy::unwrap_used)]

use crate::common::*;
use impasto::catalog;
use impasto::style::Gallery;

#[test]
fn the_bundled_models_are_whole_and_light() {
    for name in catalog::names().unwrap() {
        let set = catalog::find(Some(&name)).unwrap();
        let files = [&set.head, &set.transformer, &set.transformer_frozen];
        let int8 = set.int8.as_ref();
        let parts = files.into_iter().chain(&set.predictor).chain(
            int8.into_iter()
                .flat_map(|(moving, frozen)| [moving, frozen]),
        );
        let bytes: usize = parts.map(|part| part.bytes.len()).sum();
        // Models with a predictor read any painting and have int8 twins; a table is small.
        assert_eq!(set.predictor.is_some(), int8.is_some(), "{name}");
        let most = match set.predictor {
            Some(_) => 11_300_000,
            None => 800_000,
        };
        assert!(bytes <= most, "{name} has {bytes} bytes");
    }
}

#[test]
fn the_pocket_table_knows_the_swatches_and_the_photo() {
    let set = catalog::find(Some("pocket")).unwrap();
    assert!(set.predictor.is_none());
    let gallery = Gallery::parse("pocket", &set.gallery.unwrap()).unwrap();
    let mut swatches: Vec<_> = std::fs::read_dir(repository("examples/styles"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    swatches.sort_unstable();
    let names: Vec<_> = gallery.styles.iter().map(|s| s.name.clone()).collect();
    assert_eq!(names, swatches);
    let photo = gallery.photo.unwrap();
    for space in gallery.styles.iter().map(|s| &s.space) {
        assert_eq!((space, space), (&set.space, &photo.space));
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
