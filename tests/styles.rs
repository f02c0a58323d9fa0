//! `impasto styles`, as a user runs it.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use impasto::style::Gallery;
use tempfile::TempDir;

/// What `impasto styles list` prints.
fn list(dir: &TempDir) -> String {
    let output = command(dir, "styles list").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn twelve_paintings_are_built_in() {
    let text = list(&folder());
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
    let mut add = command(
        &dir,
        "styles add mine.png --name mine --title Waves --painter Me",
    );
    add.assert().success();
    let list = list(&dir);
    assert!(
        list.contains("@mine") && list.contains("Waves, Me") && list.contains("(yours)"),
        "{list}"
    );
    for (style, out) in [("@mine", "1.png"), ("mine.png", "2.png")] {
        let line = format!("stylize photo.png --style {style} -o {out}");
        command(&dir, &line).assert().success();
    }
    assert_eq!(
        open(dir.path().join("1.png")),
        open(dir.path().join("2.png")),
        "a name is as good as the picture"
    );

    assert!(refusal(&mut add).contains("--force"));
    add.arg("--force").assert().success();
    let text = std::fs::read_to_string(dir.path().join("gallery.toml")).unwrap();
    assert_eq!(Gallery::parse("g", &text).unwrap().styles.len(), 1);
}

#[test]
fn names_that_are_taken_or_hostile_are_refused() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for name in ["great-wave", "../x", "A B", ""] {
        refusal(command(&dir, "styles add p.png --name").arg(name));
    }
    assert!(strays(&dir, &["p.png"]).is_empty());
}

#[test]
fn a_misspelt_style_is_met_with_a_suggestion() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let mut misspelt = command(&dir, "stylize p.png --style @grate-wave -o o.png");
    assert!(refusal(&mut misspelt).contains("@great-wave"));
}

#[test]
fn a_style_of_another_predictor_is_refused() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    command(&dir, "styles add p.png --name mine")
        .assert()
        .success();
    let mut foreign = quick(&dir, "stylize p.png --style @mine -o o.png");
    assert!(refusal(&mut foreign).contains("another predictor"));
}

#[test]
fn show_tells_the_painter_and_the_nearest_styles() {
    let dir = folder();
    let json = json(&mut command(&dir, "styles show @starry-night --json"));
    assert_eq!(json["values"].as_array().unwrap().len(), 256);
    assert_eq!(json["nearest"].as_array().unwrap().len(), 11);
    assert!(json["painter"].as_str().unwrap().contains("Gogh"));
}
