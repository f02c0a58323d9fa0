//! Galleries: what is written as TOML or JSON is read again, to the last bit of every number.

use impasto::style::{Gallery, GalleryStyle};
use proptest::prelude::*;

use super::check;

fn finite() -> impl Strategy<Value = f32> {
    prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO
}

fn style() -> impl Strategy<Value = GalleryStyle> {
    let text = || prop::option::of(any::<String>());
    let values = prop::collection::vec(finite(), 1..20);
    (
        "[a-z0-9][a-z0-9-]{0,20}",
        text(),
        text(),
        text(),
        any::<String>(),
        values,
    )
        .prop_map(|(name, title, painter, year, space, values)| GalleryStyle {
            name,
            title,
            painter,
            year,
            space,
            values,
        })
}

fn gallery() -> impl Strategy<Value = Gallery> {
    prop::collection::vec(style(), 0..5).prop_map(|styles| {
        let mut gallery = Gallery::default();
        for style in styles {
            gallery.add(style, true).unwrap();
        }
        gallery
    })
}

fn bits(gallery: &Gallery) -> Vec<u32> {
    let values = gallery.styles.iter().flat_map(|style| &style.values);
    values.map(|value| value.to_bits()).collect()
}

#[test]
fn a_gallery_survives_toml() {
    check(file!(), 256, gallery(), |gallery| {
        let text = gallery.to_toml().unwrap();
        let back = Gallery::parse("gallery", &text).unwrap();
        prop_assert_eq!(bits(&back), bits(&gallery));
        prop_assert_eq!(back, gallery);
        Ok(())
    });
}

#[test]
fn a_gallery_survives_json() {
    check(file!(), 256, gallery(), |gallery| {
        let text = serde_json::to_string(&gallery).unwrap();
        let back: Gallery = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(bits(&back), bits(&gallery));
        prop_assert_eq!(back, gallery);
        Ok(())
    });
}

#[test]
fn any_text_is_a_gallery_or_refused() {
    let pieces = prop::sample::select(vec![
        "[[style]]\n",
        "name = \"a\"\n",
        "space = \"s\"\n",
        "values = [1, 2.5]\n",
        "values = [nan]\n",
        "values = [1e99]\n",
        "values = [",
        "]",
        "name = \"../x\"\n",
        "title = 3\n",
        "[style]\n",
        "\u{0}",
        "\"",
        "# x\n",
        "values = []\n",
    ]);
    let text = prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat()),
    ];
    check(file!(), 1024, text, |text| {
        if let Ok(gallery) = Gallery::parse("gallery", &text) {
            for style in &gallery.styles {
                prop_assert!(!style.name.contains(['/', '\\', '.']));
                // An embedding, or an error that names the style.
                if let Err(error) = style.embedding() {
                    prop_assert!(error.to_string().contains(&style.name));
                }
            }
        }
        Ok(())
    });
}
