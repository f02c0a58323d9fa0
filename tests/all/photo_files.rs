//! What photographers expect of files: profiles, EXIF data, qualities, formats, folders in folders, and files that stay.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::Path;

use image::codecs::{jpeg, png, webp};
use image::metadata::Orientation;
use image::{ExtendedColorType, ImageDecoder, ImageEncoder, RgbImage};
use impasto::picture::{self, Limits};
use moxcms::ColorProfile;
use tempfile::TempDir;

use crate::common::*;

/// EXIF data with orientation 6, a camera, a date, a copyright, a place, and a thumbnail of 40 bytes of 0xAB.
fn exif() -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    let texts = [
        (0x0110u16, "Impasto Camera 1\0"),
        (0x0132, "2026:11:24 18:00:00\0"),
        (0x8298, "(c) A. Painter\0"),
    ];
    // The first directory has 5 entries and ends at 74; the place's has 1 and ends at 92; the thumbnail's 2 and ends at 122.
    let mut at = 122u32;
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [
            &tag.to_le_bytes()[..],
            &kind.to_le_bytes(),
            &count.to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    bytes.extend(5u16.to_le_bytes());
    for (tag, text) in &texts[..1] {
        bytes.extend(entry(*tag, 2, text.len() as u32, at));
        at += text.len() as u32;
    }
    bytes.extend(entry(0x0112, 3, 1, 6));
    for (tag, text) in &texts[1..] {
        bytes.extend(entry(*tag, 2, text.len() as u32, at));
        at += text.len() as u32;
    }
    bytes.extend(entry(0x8825, 4, 1, 74));
    bytes.extend(92u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(entry(0x0001, 2, 2, u32::from(b'N')));
    bytes.extend(0u32.to_le_bytes());
    bytes.extend(2u16.to_le_bytes());
    bytes.extend(entry(0x0201, 4, 1, at));
    bytes.extend(entry(0x0202, 4, 1, 40));
    bytes.extend(0u32.to_le_bytes());
    assert_eq!(bytes.len(), 122);
    texts
        .iter()
        .for_each(|(_, text)| bytes.extend(text.as_bytes()));
    bytes.extend([0xAB; 40]);
    bytes
}

/// A photo with EXIF data and a profile, `name`d by its format.
fn photo(dir: &TempDir, name: &str, rgb: &RgbImage, exif: &[u8], profile: &[u8]) {
    let mut out = Cursor::new(Vec::new());
    let (width, height) = rgb.dimensions();
    fn write<E: ImageEncoder>(
        mut e: E,
        rgb: &RgbImage,
        exif: &[u8],
        profile: &[u8],
        size: (u32, u32),
    ) {
        if !exif.is_empty() {
            e.set_exif_metadata(exif.to_vec()).unwrap();
        }
        if !profile.is_empty() {
            e.set_icc_profile(profile.to_vec()).unwrap();
        }
        e.write_image(rgb, size.0, size.1, ExtendedColorType::Rgb8)
            .unwrap();
    }
    let size = (width, height);
    match Path::new(name).extension().unwrap().to_str().unwrap() {
        "jpg" => write(
            jpeg::JpegEncoder::new_with_quality(&mut out, 98),
            rgb,
            exif,
            profile,
            size,
        ),
        "webp" => write(
            webp::WebPEncoder::new_lossless(&mut out),
            rgb,
            exif,
            profile,
            size,
        ),
        _ => write(png::PngEncoder::new(&mut out), rgb, exif, profile, size),
    }
    std::fs::write(dir.path().join(name), out.into_inner()).unwrap();
}

/// EXIF data and profile of a file.
fn metadata(path: &Path) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let reader = image::ImageReader::open(path)
        .unwrap()
        .with_guessed_format()
        .unwrap();
    let mut decoder = reader.into_decoder().unwrap();
    (
        decoder.exif_metadata().unwrap(),
        decoder.icc_profile().unwrap(),
    )
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn camera_date_and_place_are_kept_and_the_picture_stands_upright() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    for from in ["p.jpg", "p.png", "p.webp"] {
        photo(&dir, from, &scene(64, 48), &exif(), &[]);
        for to in ["o.jpg", "o.png", "o.webp"] {
            let line = format!("stylize {from} --style s.png --size 32 -o {to}");
            quick(&dir, &line).assert().success();
            let out = dir.path().join(to);
            let (kept, profile) = metadata(&out);
            let kept = kept.unwrap_or_else(|| panic!("{from} to {to}: nothing kept"));
            for text in ["Impasto Camera 1", "2026:11:24 18:00:00", "(c) A. Painter"] {
                assert!(has(&kept, text), "{from} to {to}: {text}");
            }
            assert_eq!(
                Orientation::from_exif_chunk(&kept),
                Some(Orientation::NoTransforms)
            );
            assert!(
                !kept.contains(&0xAB),
                "{from} to {to}: the photo's thumbnail"
            );
            // 64x48 turned by a quarter.
            assert_eq!(open(&out).dimensions(), (24, 32), "{from} to {to}");
            assert_eq!(profile, None);
        }
    }
    let line = "stylize p.jpg --style s.png --strip -o bare.jpg";
    quick(&dir, line).assert().success();
    assert_eq!(metadata(&dir.path().join("bare.jpg")), (None, None));
    quick(&dir, "stylize p.jpg --style s.png -o o.tiff")
        .assert()
        .success();
}

#[test]
fn damaged_exif_data_and_profiles_are_said_and_no_more() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    let damaged: [&[u8]; 3] = [b"II*\0\xFF\xFF\xFF\xFF", b"no EXIF data at all", &[0; 70]];
    for (n, exif) in damaged.iter().enumerate() {
        let name = format!("p{n}.jpg");
        photo(&dir, &name, &scene(64, 48), exif, b"no profile at all");
        let line = format!("stylize {name} --style s.png -o o.jpg");
        let output = quick(&dir, &line).output().unwrap();
        let text = stderr(&output);
        assert!(output.status.success(), "{text}");
        assert!(text.contains(&format!("{name}: the EXIF data")), "{text}");
        assert!(
            text.contains("profile (ICC) is damaged; colours are taken as sRGB"),
            "{text}"
        );
        assert_eq!(metadata(&dir.path().join("o.jpg")).0, None);
    }
}

#[test]
fn a_wide_profile_is_applied_and_said() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let rgb = RgbImage::from_pixel(64, 48, image::Rgb([200, 60, 30]));
    for name in ["p.png", "p.webp", "p.jpg"] {
        photo(&dir, name, &rgb, &[], &profile);
        // Strength 0 is the photo itself.
        let line = format!("stylize {name} --style s.png --strength 0 -o o.png");
        let output = quick(&dir, &line).output().unwrap();
        assert!(output.status.success());
        let said = format!("{name}: converted from Display P3 to sRGB; values change by");
        assert!(stderr(&output).contains(&said), "{}", stderr(&output));
        let [r, g, b] = open(dir.path().join("o.png")).get_pixel(9, 9).0;
        assert!(
            r.abs_diff(217) <= 3 && g.abs_diff(42) <= 5 && b <= 5,
            "{name}: {r} {g} {b}"
        );
        // The output says what it is, as the photo did.
        let tagged = metadata(&dir.path().join("o.png")).1.unwrap();
        let tagged = ColorProfile::new_from_slice(&tagged).unwrap();
        assert_eq!(tagged.red_colorant, ColorProfile::new_srgb().red_colorant);
        let again = picture::open(&dir.path().join("o.png"), &Limits::default()).unwrap();
        assert!(again.notes.is_empty(), "{:?}", again.notes);
    }
}

#[test]
fn quality_and_format_are_as_asked() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    for name in ["photos/a.png", "photos/b.png"] {
        save(&dir, name, &scene(128, 96));
    }
    let size = |more: &str, out: &str| {
        let line = format!("stylize photos/a.png --style photos/b.png {more} -o {out}");
        quick(&dir, &line).assert().success();
        std::fs::metadata(dir.path().join(out)).unwrap().len()
    };
    let (low, usual, high) = (
        size("--quality 20", "l.jpg"),
        size("", "u.jpg"),
        size("--quality 100", "h.jpg"),
    );
    assert!(low * 2 < usual && usual < high, "{low} {usual} {high}");
    assert_eq!(size("--quality 95", "same.jpg"), usual);
    quick(
        &dir,
        "stylize photos --style photos/b.png --format jpg --quality 20 -o out",
    )
    .assert()
    .success();
    assert_eq!(
        std::fs::metadata(dir.path().join("out/a.jpg"))
            .unwrap()
            .len(),
        low
    );
    for (format, name) in [
        ("webp", "a.webp"),
        ("jpeg", "a.jpg"),
        ("TIFF", "a.tiff"),
        ("gif", "a.gif"),
        ("bmp", "a.bmp"),
    ] {
        let line = format!("stylize photos --style photos/b.png --format {format} -o {format}");
        quick(&dir, &line).assert().success();
        open(dir.path().join(format).join(name));
    }
    let output = quick(&dir, "stylize - --style photos/b.png --format jpg -o -")
        .write_stdin(std::fs::read(dir.path().join("photos/a.png")).unwrap())
        .output()
        .unwrap();
    assert_eq!(
        image::guess_format(&output.stdout).unwrap(),
        image::ImageFormat::Jpeg
    );
    for (more, said) in [
        (
            "--quality 90 -o o.png",
            "--quality: is for JPEG, and the output is PNG",
        ),
        (
            "--quality 90 -o o.webp",
            "--quality: is for JPEG, and the output is WebP",
        ),
        ("--quality 90 -o folder/", "--quality: is for JPEG"),
        (
            "--format jpg -o o.png",
            "--format: asks for JPEG, and the name o.png for PNG",
        ),
    ] {
        let line = format!("stylize photos/a.png --style photos/b.png {more}");
        let line = refusal(&mut quick(&dir, &line));
        assert!(line.contains(said), "{line}");
    }
    let line = "stylize photos/a.png --style photos/b.png --format psd -o x/";
    assert!(failure(&mut quick(&dir, line)).contains("png, jpg"));
}

#[test]
fn files_that_are_there_are_kept_and_listed() {
    let dir = folder();
    std::fs::create_dir_all(dir.path().join("photos")).unwrap();
    for name in ["photos/a.png", "photos/b.png", "s.png"] {
        save(&dir, name, &scene(64, 48));
    }
    std::fs::create_dir(dir.path().join("out")).unwrap();
    let kept = dir.path().join("out/a.png");
    std::fs::write(&kept, "mine").unwrap();
    let line = "stylize photos --style s.png --no-clobber -o out";
    let output = quick(&dir, line).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.lines()
            .any(|l| l.contains("a.png") && l.contains("skipped")),
        "{text}"
    );
    assert_eq!(std::fs::read(&kept).unwrap(), b"mine");
    open(dir.path().join("out/b.png"));
    let said = json(&mut quick(&dir, &format!("{line} --json")));
    assert_eq!(said["skipped"].as_array().unwrap().len(), 2);
    assert_eq!(said["pictures"].as_array().unwrap().len(), 0);
    // One file too, and with several styles only those that are missing.
    let line = "stylize s.png --style s.png --no-clobber -o out/a.png";
    quick(&dir, line).assert().success();
    assert_eq!(std::fs::read(&kept).unwrap(), b"mine");
    std::fs::write(dir.path().join("out/a__s.png"), "mine too").unwrap();
    let line = "stylize photos/a.png --style s.png --style photos/b.png --each --no-clobber -o out";
    quick(&dir, line).assert().success();
    assert_eq!(
        std::fs::read(dir.path().join("out/a__s.png")).unwrap(),
        b"mine too"
    );
    open(dir.path().join("out/a__b.png"));
}

#[test]
fn a_tree_is_painted_into_a_tree() {
    let dir = folder();
    for sub in ["t/x/deep", "t/y", "t/.hidden", "t/empty"] {
        std::fs::create_dir_all(dir.path().join(sub)).unwrap();
    }
    for name in [
        "t/a.png",
        "t/x/a.png",
        "t/x/deep/a.png",
        "t/y/b.png",
        "t/.hidden/h.png",
        "s.png",
    ] {
        save(&dir, name, &scene(64, 48));
    }
    #[cfg(unix)]
    {
        // A link to a folder above, one to a folder beside, and one to itself.
        std::os::unix::fs::symlink("..", dir.path().join("t/x/up")).unwrap();
        std::os::unix::fs::symlink("../y", dir.path().join("t/x/beside")).unwrap();
        std::os::unix::fs::symlink("self", dir.path().join("t/self")).unwrap();
    }
    let files = |root: &str| {
        let mut found = Vec::new();
        let mut folders = vec![dir.path().join(root)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        found.push(path.strip_prefix(dir.path()).unwrap().display().to_string())
                    }
                }
            }
        }
        found.sort();
        found
    };
    // Into the tree itself: a second run does not paint what the first one painted.
    for _ in 0..2 {
        quick(&dir, "stylize t -r --style s.png -o t/out")
            .assert()
            .success();
        let mut expected = vec!["t/out/a.png", "t/out/x/a.png", "t/out/x/deep/a.png"];
        // Each real folder once, by the way nearest to the top.
        expected.push("t/out/y/b.png");
        expected.sort();
        assert_eq!(files("t/out"), expected);
    }
    // Without the flag only the folder itself.
    quick(&dir, "stylize t --style s.png -o flat")
        .assert()
        .success();
    assert_eq!(files("flat"), ["flat/a.png"]);
    // Two trees stay two.
    quick(
        &dir,
        "stylize t/x/deep t/y --recursive --style s.png -o two",
    )
    .assert()
    .success();
    assert_eq!(files("two"), ["two/deep/a.png", "two/y/b.png"]);
    let line = refusal(&mut quick(&dir, "stylize t/empty -r --style s.png -o e"));
    assert!(
        line.contains("holds no pictures") && line.contains("in subfolders too"),
        "{line}"
    );
}

#[test]
fn names_that_clash_say_where_they_came_from() {
    let dir = folder();
    for sub in ["x", "y"] {
        std::fs::create_dir(dir.path().join(sub)).unwrap();
    }
    for name in ["x/a.jpg", "x/a.png", "y/b.png", "x/b.png"] {
        save(&dir, name, &scene(64, 48));
    }
    quick(&dir, "stylize x y --style y/b.png -o out")
        .assert()
        .success();
    let mut names: Vec<_> = std::fs::read_dir(dir.path().join("out"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["a-jpg.png", "a-png.png", "x-b.png", "y-b.png"]);
}

#[test]
fn a_phone_s_pictures_are_told_and_the_converter_named() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    save(&dir, "photos/a.png", &scene(64, 48));
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let avif = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf";
    std::fs::write(dir.path().join("photos/b.HEIC"), heic).unwrap();
    // Told by content, whatever its name.
    std::fs::write(dir.path().join("c.jpg"), avif).unwrap();
    let line = refusal(&mut quick(
        &dir,
        "stylize photos/b.HEIC --style photos/a.png -o o.png",
    ));
    assert!(
        line.contains("HEIC") && line.contains("heif-convert"),
        "{line}"
    );
    let line = refusal(&mut quick(
        &dir,
        "stylize c.jpg --style photos/a.png -o o.png",
    ));
    assert!(
        line.contains("AVIF") && line.contains("ffmpeg -i in.avif out.png"),
        "{line}"
    );
    let output = quick(&dir, "stylize photos --style photos/a.png -o out")
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(
        stderr(&output).contains("passed over (1)"),
        "{}",
        stderr(&output)
    );
}
