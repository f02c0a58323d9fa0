//! `impasto styles add DIR`, `map`, `nearest`, `path` and `purity`, and `blend --through-collection`.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use image::RgbImage;
use impasto::Engine;
use impasto::jobs::{AddStyles, StyleBook, add_styles};
use impasto::progress::Progress;
use impasto::style::Gallery;
use tempfile::TempDir;

use crate::common::*;

/// A swatch of the examples.
fn swatch(name: &str) -> RgbImage {
    open(repository(&format!("examples/styles/{name}.png")))
}

/// Five variants of a picture: another part of it each, turned or mirrored.
fn variants(picture: &RgbImage) -> Vec<RgbImage> {
    use image::imageops::{crop_imm, flip_horizontal, rotate90, rotate180};
    let part = |x: u32, y: u32| crop_imm(picture, x, y, 176, 176).to_image();
    vec![
        part(0, 0),
        flip_horizontal(&part(208, 0)),
        rotate90(&part(0, 208)),
        rotate180(&part(208, 208)),
        part(104, 104),
    ]
}

/// A folder `hands` of four kinds with five variants each.
fn labelled() -> TempDir {
    let dir = folder();
    for kind in ["woodcut", "mosaic", "watercolour", "swirls"] {
        std::fs::create_dir_all(dir.path().join("hands").join(kind)).unwrap();
        for (n, picture) in variants(&swatch(kind)).iter().enumerate() {
            save(&dir, &format!("hands/{kind}/{n}.png"), picture);
        }
    }
    dir
}

fn gallery(dir: &TempDir) -> Gallery {
    let text = std::fs::read_to_string(dir.path().join("gallery.toml")).unwrap();
    Gallery::parse("g", &text).unwrap()
}

#[test]
fn a_folder_is_added_with_all_its_folders() {
    let dir = folder();
    for name in ["a", "a/b"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    for (n, name) in [
        "a/Blue Night.png",
        "a/b/blue_night.png",
        "a/b/great-wave.png",
    ]
    .iter()
    .enumerate()
    {
        save(&dir, name, &scene(64 + n as u32, 48));
    }
    std::fs::write(dir.path().join("a/bad.png"), "no picture").unwrap();
    let add = || {
        command(&dir, "styles add a --painter-from-folder")
            .output()
            .unwrap()
    };
    let output = add();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("1 of 4 pictures failed") && said.contains("bad.png"),
        "{said}"
    );
    let added = gallery(&dir);
    let names: Vec<_> = added
        .styles
        .iter()
        .map(|s| (s.name.as_str(), s.painter.as_deref()))
        .collect();
    // The name of a bundled style is taken.
    let expected = [
        ("blue-night", Some("a")),
        ("blue-night-2", Some("b")),
        ("great-wave-2", Some("b")),
    ];
    assert_eq!(names, expected);

    let output = add();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(gallery(&dir), added, "nothing is added twice");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("@blue-night-2 was there already"), "{said}");

    // Replaced under their names, and not numbered further.
    save(&dir, "a/Blue Night.png", &scene(90, 48));
    command(&dir, "styles add a --force").output().unwrap();
    let replaced = gallery(&dir);
    assert_eq!(replaced.styles.len(), 3);
    assert_ne!(replaced.get("blue-night"), added.get("blue-night"));
    assert_eq!(replaced.get("blue-night-2"), added.get("blue-night-2"));
}

#[test]
fn several_files_are_added_and_one_bad_file_alone_is_an_error() {
    let dir = folder();
    save(&dir, "one.png", &scene(64, 48));
    save(&dir, "two.png", &scene(65, 48));
    quick(&dir, "styles add one.png two.png --painter Me")
        .assert()
        .success();
    assert_eq!(gallery(&dir).styles.len(), 2);
    std::fs::write(dir.path().join("bad.png"), "no").unwrap();
    assert!(refusal(&mut quick(&dir, "styles add bad.png")).contains("bad.png"));
    let said = refusal(&mut quick(&dir, "styles add one.png two.png --name x"));
    assert!(said.contains("for one picture"), "{said}");
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    let said = refusal(&mut quick(&dir, "styles add empty"));
    assert!(said.contains("in subfolders too"), "{said}");
}

/// Stops a job before a step.
struct StopBefore(usize);

impl Progress for StopBefore {
    fn step(&mut self, done: usize, _total: usize, _next: &str) -> ControlFlow<()> {
        match done < self.0 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn note(&mut self, _note: &str) {}
}

#[test]
fn what_was_read_before_an_interruption_is_kept() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("many")).unwrap();
    for n in 0..6 {
        save(&dir, &format!("many/s{n}.png"), &scene(64 + n, 48));
    }
    let mut engine = Engine::builder().model(tiny()).build().unwrap();
    let path = dir.path().join("gallery.toml");
    let mut book = StyleBook::open(engine.gallery().clone(), path).unwrap();
    let job = AddStyles {
        pictures: vec![dir.path().join("many")],
        ..AddStyles::default()
    };
    let done = add_styles(&mut book, &mut engine, &job, &mut StopBefore(4)).unwrap();
    assert_eq!((done.added.len(), done.left.len()), (4, 2));
    assert!(done.left[0].ends_with("s4.png"));
    assert_eq!(gallery(&dir).styles.len(), 4);
    let rest = add_styles(&mut book, &mut engine, &job, &mut StopBefore(99)).unwrap();
    assert_eq!(
        (rest.known.len(), rest.added.len(), rest.left.len()),
        (4, 2, 0)
    );
}

#[test]
fn the_nearest_style_of_a_picture_that_was_added_is_its_own() {
    let dir = folder();
    save(&dir, "mine.png", &scene(90, 64));
    quick(&dir, "styles add mine.png").assert().success();
    for metric in ["euclidean", "cosine", "whitened"] {
        let line = format!("styles nearest mine.png --json --metric {metric}");
        let near = json(&mut quick(&dir, &line));
        assert_eq!(near["nearest"][0]["name"], "mine");
        assert!(near["nearest"][0]["distance"].as_f64().unwrap() < 1e-6);
    }
    let dir = folder();
    let near = json(&mut command(
        &dir,
        "styles nearest @starry-night --count 3 --json",
    ));
    let near = near["nearest"].as_array().unwrap();
    let distances: Vec<f64> = near
        .iter()
        .map(|n| n["distance"].as_f64().unwrap())
        .collect();
    assert_eq!(distances.len(), 3);
    assert!(distances[0] > 0.0 && distances.windows(2).all(|d| d[0] <= d[1]));
    assert!(near.iter().all(|n| n["name"] != "starry-night"));
    let said = refusal(&mut command(&dir, "styles nearest @stary-night"));
    assert!(said.contains("@starry-night"), "{said}");
}

#[test]
fn a_path_begins_and_ends_where_it_should() {
    let dir = folder();
    let path = json(&mut command(
        &dir,
        "styles path @irises @tableau-7 --steps 9 --json",
    ));
    let (stops, steps) = (
        path["stops"].as_array().unwrap(),
        path["steps"].as_array().unwrap(),
    );
    assert!(stops.len() >= 2 && steps.len() == 9);
    for (mix, name) in [(&steps[0], "@irises"), (&steps[8], "@tableau-7")] {
        assert_eq!(mix["mix"].as_array().unwrap().len(), 1);
        assert_eq!(mix["mix"][0]["style"], name);
    }
    assert_eq!(
        (&stops[0]["style"], &stops.last().unwrap()["style"]),
        (&"@irises".into(), &"@tableau-7".into())
    );
    for step in steps {
        let weights = step["mix"].as_array().unwrap().iter();
        let sum: f64 = weights.map(|m| m["weight"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }
    let said = refusal(&mut command(&dir, "styles path @irises @irises"));
    assert!(said.contains("same style"), "{said}");
    let said = refusal(&mut command(
        &dir,
        "styles path @irises @the-kiss --steps 1",
    ));
    assert!(said.contains("--steps"), "{said}");
}

#[test]
fn a_blend_goes_through_the_collection() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    // A style near the straight way, so that the way leads over it.
    let model = "--model live --size 64 --steps 3";
    let strip = |more: &str, out: &str| {
        let line =
            format!("blend photo.png --from @irises --to @tableau-7 {model} {more} -o {out}");
        command(&dir, &line).assert().success();
        open(dir.path().join(out))
    };
    let straight = strip("", "straight.png");
    let through = strip("--through-collection", "through.png");
    let part =
        |strip: &RgbImage, n: u32| image::imageops::crop_imm(strip, n * 64, 0, 64, 48).to_image();
    assert_eq!(part(&straight, 0), part(&through, 0));
    assert_eq!(part(&straight, 2), part(&through, 2));
    let stops = json(&mut command(&dir, "styles path @irises @tableau-7 --json"));
    let direct = stops["stops"].as_array().unwrap().len() == 2;
    assert_eq!(part(&straight, 1) == part(&through, 1), direct);
}

/// Every address in the page that a browser would follow by itself.
fn references(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for mark in [
        "src=\"", "href=\"", "url(", "@import", "fetch(", "http:", "https:", "//www",
    ] {
        let after = page.match_indices(mark).map(|(at, _)| &page[at..]);
        found.extend(after.filter(|text| !text.starts_with("src=\"data:image/jpeg;base64,")));
    }
    found
}

#[test]
fn the_map_is_one_page_that_loads_nothing_and_escapes_names() {
    let dir = folder();
    let hostile = "\"><script>alert('1')</script><img src=x onerror=alert(2)>&";
    for n in 0..2 {
        let name = format!("p{n}.png");
        save(&dir, &name, &scene(64 + n, 48));
        let mut add = command(&dir, "styles add --name");
        add.args([
            &format!("mine-{n}"),
            &name,
            "--painter",
            hostile,
            "--title",
            "</script><b>",
        ]);
        add.assert().success();
    }
    let output = command(&dir, "styles map -o map.html --model live")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let page = std::fs::read_to_string(dir.path().join("map.html")).unwrap();
    assert_eq!(page.matches("class=\"style\"").count(), 14);
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 14);
    assert!(page.contains("default-src 'none'"));
    let found = references(&page);
    assert!(
        found.is_empty(),
        "{:?}",
        found
            .iter()
            .map(|f| &f[..40.min(f.len())])
            .collect::<Vec<_>>()
    );
    assert!(page.contains("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)"));
    assert!(
        !page.contains("<script>alert") && !page.contains("<img src=x") && !page.contains("<b>")
    );
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(page.contains(">PCA<") && page.contains(">t-SNE<"));
    // The same each time.
    command(&dir, "styles map -o again.html --model live")
        .assert()
        .success();
    assert_eq!(
        std::fs::read_to_string(dir.path().join("again.html")).unwrap(),
        page
    );
    assert!(
        strays(
            &dir,
            &[
                "p0.png",
                "p1.png",
                "gallery.toml",
                ".gallery.toml.lock",
                "map.html",
                "again.html"
            ]
        )
        .is_empty()
    );
}

#[test]
fn a_map_of_a_folder_is_a_picture_of_its_pictures() {
    let dir = folder();
    std::fs::create_dir_all(dir.path().join("hands/red")).unwrap();
    for (n, shade) in [40, 90, 140, 190, 240].into_iter().enumerate() {
        let plain = RgbImage::from_pixel(70, 50, image::Rgb([shade, 10, 10]));
        save(&dir, &format!("hands/red/{n}.png"), &plain);
    }
    std::fs::write(dir.path().join("hands/bad.png"), "no").unwrap();
    for method in ["pca", "tsne"] {
        let line = format!("styles map hands -o map.png --method {method}");
        let output = quick(&dir, &line).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let map = open(dir.path().join("map.png"));
        keep(&format!("map-{method}.png"), &map);
        for shade in [40u8, 90, 140, 190, 240] {
            let near = |p: &&image::Rgb<u8>| p.0[0].abs_diff(shade) < 4 && p.0[1].abs_diff(10) < 4;
            // None is covered by another.
            let count = map.pixels().filter(near).count();
            assert!(count > 120 * 96 * 95 / 100, "{method}, {shade}: {count}");
        }
    }
    let said = failure(&mut quick(&dir, "styles map hands/red -o map.svg"));
    assert!(said.contains(".svg"), "{said}");
    let said = failure(&mut quick(
        &dir,
        "styles map hands/red -o map.html --method umap",
    ));
    assert!(said.contains("neither pca nor tsne"), "{said}");
}

#[test]
fn the_nearest_of_most_variants_is_of_the_same_hand() {
    let dir = labelled();
    let report = json(&mut command(&dir, "styles purity hands --json"));
    eprintln!("{report:#}");
    assert_eq!(report["pictures"], 20);
    for (_, purity) in report["metrics"].as_object().unwrap() {
        let (share, chance) = (
            purity["share"].as_f64().unwrap(),
            purity["chance"].as_f64().unwrap(),
        );
        assert!((chance - 4.0 / 19.0).abs() < 1e-9);
        assert!(share >= 0.8, "{report:#}");
        assert_eq!(purity["labels"].as_array().unwrap().len(), 4);
    }
    save(&dir, "hands/stray.png", &scene(64, 48));
    let said = refusal(&mut quick(&dir, "styles purity hands"));
    assert!(said.contains("subfolder"), "{said}");
    std::fs::create_dir_all(dir.path().join("singles/a")).unwrap();
    save(&dir, "singles/a/1.png", &scene(64, 48));
    let said = refusal(&mut quick(&dir, "styles purity singles"));
    assert!(said.contains("two pictures"), "{said}");
}
