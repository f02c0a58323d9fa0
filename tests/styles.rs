//! `impasto styles`, as a user runs it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use impasto::style::Gallery;

#[test]
fn twelve_paintings_are_built_in() {
    let dir = folder();
    let output = impasto(&dir).args(["styles", "list"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() >= 12, "{text}");
    for painter in ["Hokusai", "Munch", "Monet", "Klimt", "Gogh"] {
        assert!(text.contains(painter), "{painter} is missing: {text}");
    }
}

#[test]
fn a_painting_added_is_used_by_name() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    save(
        &dir,
        "mine.png",
        &image::imageops::rotate180(&scene(90, 64)),
    );
    let add = [
        "styles",
        "add",
        "mine.png",
        "--name",
        "mine",
        "--title",
        "Waves",
        "--painter",
        "Me",
    ];
    impasto(&dir).args(add).assert().success();
    let list = String::from_utf8(
        impasto(&dir)
            .args(["styles", "list"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    assert!(
        list.contains("@mine") && list.contains("Waves, Me") && list.contains("(yours)"),
        "{list}"
    );
    for (style, out) in [("@mine", "1.png"), ("mine.png", "2.png")] {
        impasto(&dir)
            .args(["stylize", "photo.png", "--style", style, "-o", out])
            .assert()
            .success();
    }
    assert_eq!(
        open(dir.path().join("1.png")),
        open(dir.path().join("2.png")),
        "a name is as good as the picture"
    );

    let again = impasto(&dir).args(add).output().unwrap();
    assert!(complaint(&again, 1).contains("--force"));
    impasto(&dir).args(add).arg("--force").assert().success();
    let text = std::fs::read_to_string(dir.path().join("gallery.toml")).unwrap();
    assert_eq!(Gallery::parse("g", &text).unwrap().styles.len(), 1);
}

#[test]
fn names_that_are_taken_or_hostile_are_refused() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for name in ["great-wave", "../x", "A B", ""] {
        let output = impasto(&dir)
            .args(["styles", "add", "p.png", "--name", name])
            .output()
            .unwrap();
        complaint(&output, 1);
    }
    assert!(strays(&dir, &["p.png"]).is_empty());
}

#[test]
fn a_misspelt_style_is_met_with_a_suggestion() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let output = impasto(&dir)
        .args(["stylize", "p.png", "--style", "@grate-wave", "-o", "o.png"])
        .output()
        .unwrap();
    assert!(complaint(&output, 1).contains("@great-wave"));
}

#[test]
fn a_style_of_another_predictor_is_refused() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    impasto(&dir)
        .args(["styles", "add", "p.png", "--name", "mine"])
        .assert()
        .success();
    let args = [
        "stylize",
        "p.png",
        "--style",
        "@mine",
        "-o",
        "o.png",
        "--model",
        &tiny(),
    ];
    let output = impasto(&dir).args(args).output().unwrap();
    assert!(complaint(&output, 1).contains("another predictor"));
}

#[test]
fn show_tells_the_painter_and_the_nearest_styles() {
    let dir = folder();
    let output = impasto(&dir)
        .args(["styles", "show", "@starry-night", "--json"])
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["values"].as_array().unwrap().len(), 100);
    assert_eq!(json["nearest"].as_array().unwrap().len(), 11);
    assert!(json["painter"].as_str().unwrap().contains("Gogh"));
}
