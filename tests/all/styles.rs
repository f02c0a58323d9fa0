//! `impasto styles`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::*;
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

#[test]
fn show_prints_the_numbers_only_when_asked() {
    let dir = folder();
    let show = |line: &str| {
        let output = command(&dir, line).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let short = show("styles show great-wave");
    assert!(
        short.contains("nearest") && short.lines().count() == 3,
        "{short}"
    );
    let long = show("styles show great-wave --values");
    assert!(long.starts_with(&short) && long.split_whitespace().count() > 256);
}

#[test]
fn none_of_eight_styles_added_at_once_is_lost() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let model = tiny();
    let children: Vec<_> = (0..8)
        .map(|n| {
            start(
                &dir,
                &format!("styles add p.png --name s{n} --model {model}"),
            )
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let text = std::fs::read_to_string(dir.path().join("gallery.toml")).unwrap();
    let gallery = Gallery::parse("g", &text).unwrap();
    let mut names: Vec<_> = gallery.styles.iter().map(|s| s.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"]);
}

#[test]
fn your_own_styles_are_renamed_and_removed() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    for name in ["one", "two"] {
        let line = format!("styles add p.png --name {name}");
        quick(&dir, &line).assert().success();
    }
    command(&dir, "styles rename @one three").assert().success();
    let own = |text: String| -> Vec<String> {
        let own = text.lines().filter(|line| line.ends_with("(yours)"));
        own.map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(own(list(&dir)), ["@three", "@two"]);
    command(&dir, "styles remove two").assert().success();
    assert_eq!(own(list(&dir)), ["@three"]);
    for (line, said) in [
        ("styles remove two", "@two"),
        ("styles remove great-wave", "bundled"),
        ("styles rename great-wave mine", "bundled"),
        ("styles rename three great-wave", "bundled"),
        ("styles rename three Not/A/Name", "lower-case"),
        ("styles rename tree four", "@three?"),
    ] {
        let refused = refusal(&mut command(&dir, line));
        assert!(refused.contains(said), "{line}: {refused}");
    }
    assert_eq!(own(list(&dir)), ["@three"]);
}

#[test]
fn a_sheet_shows_a_photo_in_every_style() {
    let dir = folder();
    save(&dir, "p.png", &scene(90, 60));
    command(
        &dir,
        "styles sheet p.png --size 48 -o sheet.png --model live",
    )
    .assert()
    .success();
    let sheet = open(dir.path().join("sheet.png"));
    keep("style-sheet.png", &sheet);
    // The photo and twelve styles of 48x32 pixels, in four rows of four.
    assert_eq!(
        sheet.dimensions(),
        (4 * (48 + 8) + 8, 4 * (32 + 24 + 8) + 8)
    );
    let at = |column: u32, row: u32| {
        let (x, y) = (8 + column * 56, 8 + row * 64 + 24);
        image::imageops::crop_imm(&sheet, x, y, 48, 32).to_image()
    };
    assert_eq!(
        at(0, 0),
        impasto::picture::resize(&scene(90, 60), 48, 32).unwrap()
    );
    assert_ne!(at(1, 0), at(2, 0));
    assert!(
        psnr(&at(0, 3), &at(0, 0)) < 25.0,
        "the last style is painted"
    );
}
