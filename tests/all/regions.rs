//! `stylize --mask`, `--foreground keep` and `--background keep`, as a user runs them.
#![allow(clippy::unwrap_used)]

use image::{GrayImage, Rgb, RgbImage};
use tempfile::TempDir;

use crate::common::*;

/// The size of the photo.
const SIZE: (u32, u32) = (64, 48);

/// `photo.png`, and three paintings `a.png`, `b.png`, `c.png` that are nothing alike.
fn pictures() -> TempDir {
    let dir = folder();
    save(&dir, "photo.png", &scene(SIZE.0, SIZE.1));
    let bars = RgbImage::from_fn(64, 64, |x, _| {
        Rgb([if x / 6 % 2 == 0 { 250 } else { 10 }, 40, 90])
    });
    let checks = RgbImage::from_fn(64, 64, |x, y| {
        Rgb([20, if (x / 9 + y / 5) % 2 == 0 { 240 } else { 90 }, 10])
    });
    let slope = RgbImage::from_fn(64, 64, |x, y| Rgb([(x * 4) as u8, (y * 3) as u8, 250]));
    for (name, picture) in [("a.png", bars), ("b.png", checks), ("c.png", slope)] {
        save(&dir, name, &picture);
    }
    dir
}

/// A mask of the photo's size in which `level` says how white each column is.
fn mask(dir: &TempDir, name: &str, level: impl Fn(u32) -> u8) {
    let mask = GrayImage::from_fn(SIZE.0, SIZE.1, |x, _| [level(x)].into());
    mask.save(dir.path().join(name)).unwrap();
}

/// `stylize photo.png --style a.png FLAGS`, and the picture.
fn paint(dir: &TempDir, flags: &str) -> RgbImage {
    said(dir, flags).0
}

/// The same, with what was said.
fn said(dir: &TempDir, flags: &str) -> (RgbImage, String) {
    let line = format!("stylize photo.png --style a.png -o out.png {flags}");
    let output = quick(dir, &line).output().unwrap();
    assert!(output.status.success(), "{flags}: {}", stderr(&output));
    (open(dir.path().join("out.png")), stderr(&output))
}

/// The photo in one style all over.
fn whole(dir: &TempDir, styles: &str) -> RgbImage {
    let line = format!("stylize photo.png {styles} -o whole.png");
    quick(dir, &line).assert().success();
    open(dir.path().join("whole.png"))
}

/// Asserts that column `x` of `picture` is that of `wanted`, byte for byte.
fn same_column(picture: &RgbImage, wanted: &RgbImage, x: u32) {
    for y in 0..SIZE.1 {
        assert_eq!(
            picture.get_pixel(x, y),
            wanted.get_pixel(x, y),
            "at {x}, {y}"
        );
    }
}

#[test]
fn white_is_the_other_style_and_black_the_base() {
    let dir = pictures();
    let (a, b) = (whole(&dir, "--style a.png"), whole(&dir, "--style b.png"));
    assert_ne!(a, b, "the test needs two styles that differ");
    mask(&dir, "white.png", |_| 255);
    mask(&dir, "black.png", |_| 0);
    mask(&dir, "half.png", |x| if x < 32 { 255 } else { 0 });
    mask(&dir, "soft.png", |x| (x * 4) as u8);
    assert_eq!(paint(&dir, "--mask white.png=b.png"), b);
    let (painted, notes) = said(&dir, "--mask black.png=b.png");
    assert_eq!(painted, a);
    assert!(
        notes.contains("black.png is black all over, so it has no effect"),
        "{notes}"
    );
    let half = paint(&dir, "--mask half.png=b.png");
    same_column(&half, &b, 31);
    same_column(&half, &a, 32);
    let soft = paint(&dir, "--mask soft.png=b.png");
    same_column(&soft, &a, 0);
    for (x, y, pixel) in soft.enumerate_pixels() {
        let share = f32::from((x * 4) as u8) / 255.0;
        for channel in 0..3 {
            let at = |picture: &RgbImage| f32::from(picture.get_pixel(x, y)[channel]);
            let wanted = at(&b) * share + at(&a) * (1.0 - share);
            assert!(
                (f32::from(pixel[channel]) - wanted).abs() <= 0.51,
                "{x} {y}"
            );
        }
    }
}

#[test]
fn later_masks_lie_over_earlier_ones_and_have_their_own_strength() {
    let dir = pictures();
    mask(&dir, "left.png", |x| if x < 40 { 255 } else { 0 });
    mask(&dir, "middle.png", |x| {
        if (20..50).contains(&x) { 255 } else { 0 }
    });
    let painted = paint(&dir, "--mask left.png=b.png --mask middle.png=c.png");
    let all = ["a", "b", "c"].map(|style| whole(&dir, &format!("--style {style}.png")));
    for (x, style) in [(5, 1), (19, 1), (20, 2), (45, 2), (50, 0), (63, 0)] {
        same_column(&painted, &all[style], x);
    }
    let half = whole(&dir, "--style c.png --strength 0.5");
    assert_ne!(half, all[2]);
    let painted = paint(&dir, "--mask middle.png=c.png,strength=0.5");
    same_column(&painted, &half, 30);
    same_column(&painted, &all[0], 10);
    // Strength 0 is the photo itself.
    let painted = paint(&dir, "--mask left.png=b.png,strength=0");
    same_column(&painted, &scene(SIZE.0, SIZE.1), 10);
    let blend = whole(&dir, "--style b.png:0.7 --style c.png:0.3");
    let painted = paint(&dir, "--mask left.png=b.png:0.7+c.png:0.3");
    same_column(&painted, &blend, 10);
}

#[test]
fn what_is_kept_is_the_photo_byte_for_byte() {
    let dir = pictures();
    let (photo, a) = (scene(SIZE.0, SIZE.1), whole(&dir, "--style a.png"));
    mask(&dir, "m.png", |x| match x {
        0..20 => 255,
        20..40 => 128,
        _ => 0,
    });
    let kept = paint(&dir, "--mask m.png --foreground keep");
    same_column(&kept, &photo, 10);
    same_column(&kept, &a, 50);
    let kept = paint(&dir, "--mask m.png --background keep");
    same_column(&kept, &a, 10);
    same_column(&kept, &photo, 50);
    // It lies over all regions, wherever it stands, and no colour is changed in it.
    mask(&dir, "white.png", |_| 255);
    let flags = "--mask m.png --mask white.png=b.png --foreground keep --keep-colors";
    let kept = paint(&dir, flags);
    same_column(&kept, &photo, 10);
    same_column(&kept, &whole(&dir, "--style b.png --keep-colors"), 50);
    // A cut-out: its transparency is the mask.
    let cut = image::RgbaImage::from_fn(SIZE.0, SIZE.1, |x, _| {
        image::Rgba([7, 7, 7, if x < 20 { 255 } else { 0 }])
    });
    cut.save(dir.path().join("cut.png")).unwrap();
    let (kept, notes) = said(&dir, "--mask cut.png --foreground keep");
    same_column(&kept, &photo, 10);
    same_column(&kept, &a, 50);
    assert!(notes.contains("opaque is the region"), "{notes}");
}

#[test]
fn a_mask_of_another_size_fits_where_its_shape_does() {
    let dir = pictures();
    let b = whole(&dir, "--style b.png");
    let large = GrayImage::from_pixel(641, 480, [255].into());
    large.save(dir.path().join("large.png")).unwrap();
    assert_eq!(paint(&dir, "--mask large.png=b.png"), b);
    for (name, size) in [
        ("line.png", (64, 1)),
        ("tall.png", (48, 64)),
        ("dot.png", (1, 48)),
    ] {
        GrayImage::from_pixel(size.0, size.1, [255].into())
            .save(dir.path().join(name))
            .unwrap();
        let line = format!("stylize photo.png --style a.png -o no.png --mask {name}=b.png");
        let line = refusal(&mut quick(&dir, &line));
        let sizes = format!(
            "{name} is {}x{} pixels, and the photo 64x48",
            size.0, size.1
        );
        assert!(
            line.contains(&sizes) && line.contains("photo.png"),
            "{line}"
        );
        assert!(!dir.path().join("no.png").exists());
    }
}

#[test]
fn of_several_photos_those_that_the_mask_fits_are_painted() {
    let dir = pictures();
    mask(&dir, "half.png", |x| if x < 32 { 255 } else { 0 });
    save(&dir, "tall.png", &scene(48, 64));
    let line = "stylize photo.png tall.png --style a.png --mask half.png=b.png -o out";
    let output = quick(&dir, line).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("tall.png: half.png is 64x48"));
    assert!(dir.path().join("out/photo.png").exists());
    assert!(!dir.path().join("out/tall.png").exists());
}

#[test]
fn masks_that_make_no_sense_are_refused() {
    let dir = pictures();
    mask(&dir, "m.png", |_| 255);
    std::fs::write(dir.path().join("letter.png"), "no picture").unwrap();
    for (flags, said) in [
        ("--mask m.png", "--foreground keep"),
        ("--mask m.png=", "MASK.png=STYLE"),
        ("--mask =b.png", "cannot be read"),
        ("--mask m.png=nowhere.png", "nowhere.png"),
        ("--mask m.png=@grate-wave", "@grate-wave"),
        ("--mask m.png=b.png,strength=1.5", "from 0 to 1"),
        ("--mask m.png=b.png,size=3", "no option 'size'"),
        ("--mask m.png=b.png:0.5", "strength=0.5"),
        ("--mask nowhere.png=b.png", "nowhere.png"),
        ("--mask letter.png=b.png", "letter.png"),
        ("--mask m.png --mask m.png --foreground keep", "second mask"),
        ("--foreground blur", "keep"),
        ("--foreground keep --background keep", "cannot be used with"),
    ] {
        let line = format!("stylize photo.png --style a.png -o no.png {flags}");
        let text = failure(&mut quick(&dir, &line));
        assert!(text.contains(said), "{flags}: {text}");
        assert!(!dir.path().join("no.png").exists(), "{flags}");
    }
    // Neither a mask nor a region's painting is written over.
    for out in ["m.png", "b.png"] {
        let before = std::fs::read(dir.path().join(out)).unwrap();
        let line = format!("stylize photo.png --style a.png --mask m.png=b.png -o {out}");
        assert!(refusal(&mut quick(&dir, &line)).contains("it is the input"));
        assert_eq!(std::fs::read(dir.path().join(out)).unwrap(), before);
    }
}

/// Somebody before a blue sky, drawn plainly; and whether a point is surely of the person, or surely not.
fn somebody() -> (RgbImage, impl Fn(u32, u32) -> Option<bool>) {
    let inside = |x: u32, y: u32, (cx, cy): (f32, f32), (rx, ry): (f32, f32)| {
        ((x as f32 - cx) / rx).powi(2) + ((y as f32 - cy) / ry).powi(2) < 1.0
    };
    let picture = RgbImage::from_fn(320, 240, move |x, y| {
        let at = |center, radii| inside(x, y, center, radii);
        let eye = |cx| at((cx, 92.0), (7.0, 4.0));
        let pupil = |cx| at((cx, 92.0), (3.5, 3.5));
        Rgb(if pupil(143.0) || pupil(177.0) {
            [40, 30, 30]
        } else if eye(143.0) || eye(177.0) {
            [250, 250, 250]
        } else if at((160.0, 124.0), (14.0, 5.0)) {
            [170, 70, 70]
        } else if at((160.0, 80.0), (48.0, 55.0)) && y < 70 {
            [50, 35, 25]
        } else if at((160.0, 95.0), (42.0, 55.0)) {
            [224, 172, 140]
        } else if x.abs_diff(160) < 20 && (120..170).contains(&y) {
            [200, 150, 120]
        } else if at((160.0, 255.0), (95.0, 100.0)) {
            [40, 60, 110]
        } else {
            [90 + (y / 6) as u8, 140 + (y / 6) as u8, 190 + (y / 6) as u8]
        })
    });
    let sure = move |x: u32, y: u32| {
        let person =
            inside(x, y, (160.0, 95.0), (32.0, 44.0)) || inside(x, y, (160.0, 255.0), (82.0, 88.0));
        let near = inside(x, y, (160.0, 90.0), (66.0, 80.0))
            || inside(x, y, (160.0, 255.0), (115.0, 120.0));
        match (person, near) {
            (true, _) => Some(true),
            (false, false) => Some(false),
            (false, true) => None,
        }
    };
    (picture, sure)
}

#[test]
fn a_person_is_found_without_a_mask() {
    let dir = pictures();
    let (photo, sure) = somebody();
    save(&dir, "photo.png", &photo);
    let a = whole(&dir, "--style a.png");
    for (flag, person_kept) in [("--foreground", true), ("--background", false)] {
        let painted = paint(&dir, &format!("{flag} keep"));
        keep(&format!("regions{flag}.png"), &painted);
        let mut seen = [(0, 0); 2];
        for (x, y, pixel) in painted.enumerate_pixels() {
            let Some(person) = sure(x, y) else { continue };
            let wanted = if person == person_kept { &photo } else { &a };
            let exact = usize::from(pixel == wanted.get_pixel(x, y));
            seen[usize::from(person)].0 += exact;
            seen[usize::from(person)].1 += 1;
        }
        // The network is a little unsure of the eyes.
        for (exact, all) in seen {
            assert!(all > 10_000 && exact * 100 >= all * 98, "{flag}: {seen:?}");
        }
    }
    save(
        &dir,
        "photo.png",
        &RgbImage::from_pixel(64, 48, Rgb([90, 140, 190])),
    );
    let (painted, notes) = said(&dir, "--foreground keep");
    assert_eq!(painted, whole(&dir, "--style a.png"));
    assert!(notes.contains("photo.png: no person was found"), "{notes}");
}
