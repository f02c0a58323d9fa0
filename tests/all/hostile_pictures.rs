//! Pictures that lie, break off or come from another world: each ends in a picture or in one clear line.

#![allow(clippy::unwrap_used)]

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use impasto::Error;
use impasto::picture::{Limits, Picture, decode, open};
use std::io::Cursor;
use std::path::Path;

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::WebP,
    ImageFormat::Bmp,
    ImageFormat::Tiff,
    ImageFormat::Gif,
];

/// The two halves of every picture in tests/data, as make_pictures.py says.
const LEFT: [u8; 3] = [204, 51, 102];
const RIGHT: [u8; 3] = [30, 160, 90];

fn data(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read(folder.join(name)).unwrap()
}

fn read(bytes: &[u8]) -> impasto::Result<Picture> {
    decode(bytes, Path::new("strange.png"), &Limits::default())
}

/// The error's text, which must be one line that names the file.
fn complaint(bytes: &[u8]) -> String {
    let message = read(bytes).unwrap_err().to_string();
    assert!(message.starts_with("strange.png: "), "{message}");
    assert!(!message.contains('\n') && message.len() < 400, "{message}");
    message
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A picture with enough in it that half its bytes are not the whole.
fn busy(format: ImageFormat) -> Vec<u8> {
    let noise = |x: u32, y: u32| ((x * 37) ^ (y * 101) ^ (x * y)) as u8;
    let rgb = RgbImage::from_fn(40, 30, |x, y| [noise(x, y), noise(y, x), 128].into());
    encode(rgb, format)
}

fn near(picture: &Picture, x: u32, expected: [u8; 3], tolerance: u8) {
    let got = picture.rgb.get_pixel(x, 3).0;
    let close = got
        .iter()
        .zip(expected)
        .all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(close, "at {x}: {got:?}, not {expected:?}");
}

#[test]
fn a_bomb_of_fifty_bytes_is_refused_by_its_header() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    for side in [100_000u32; 2] {
        png.extend(side.to_be_bytes());
    }
    png.extend([8, 2, 0, 0, 0, 1, 2, 3, 4]);
    png.resize(50, 0);
    let error = read(&png).unwrap_err();
    assert!(matches!(
        error,
        Error::TooLarge {
            width: 100_000,
            height: 100_000,
            ..
        }
    ));
    assert!(
        complaint(&png).contains("100000x100000 pixels is over the limit (16384 pixels a side)")
    );

    let mut gif = b"GIF89a\xff\xff\xff\xff\0\0\0".to_vec();
    gif.extend([0x2C, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 0, 0x3B]);
    assert!(matches!(read(&gif), Err(Error::TooLarge { .. })));

    // 15000 a side is within the limit of sides, and 675 MB.
    let mut bmp = encode(RgbImage::new(1, 1), ImageFormat::Bmp);
    for at in [18, 22] {
        bmp[at..at + 4].copy_from_slice(&15_000u32.to_le_bytes());
    }
    assert!(matches!(read(&bmp), Err(Error::TooLarge { .. })));
    assert!(complaint(&bmp).contains("512 MiB"));
}

#[test]
fn empty_and_foreign_files_say_what_they_are() {
    assert!(complaint(b"").contains("empty (0 bytes); copy or download it again"));
    assert!(complaint(b"To do: buy cobalt blue").contains("holds text"));
    assert!(complaint(b"\0\0\0\x1cftypheic\0\0\0\0").contains("holds a HEIC picture"));
    assert!(complaint(&[0x9E; 300]).contains("PNG, JPEG, WebP, BMP, TIFF or GIF"));
}

#[test]
fn a_missing_file_and_a_folder_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.png");
    for (path, expected) in [
        (missing.as_path(), "check the path"),
        (dir.path(), "folder"),
    ] {
        let message = open(path, &Limits::default()).unwrap_err().to_string();
        assert!(
            message.starts_with(&path.display().to_string()),
            "{message}"
        );
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("really-a-jpeg.gif");
    std::fs::write(&path, busy(ImageFormat::Jpeg)).unwrap();
    let picture = open(&path, &Limits::default()).unwrap();
    assert_eq!(picture.rgb.dimensions(), (40, 30));
}

#[test]
fn a_file_over_the_limit_is_not_even_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.png");
    // Sparse: a terabyte on paper, nothing on disk.
    let file = std::fs::File::create(&path).unwrap();
    if file.set_len(1 << 40).is_err() {
        eprintln!("smaller: this file system has no sparse files of a terabyte");
        file.set_len(1 << 20).unwrap();
    }
    let limits = Limits {
        max_file_bytes: 1 << 16,
        ..Limits::default()
    };
    let message = open(&path, &limits).unwrap_err().to_string();
    assert!(message.contains("over the limit of 64 KiB"), "{message}");
}

#[test]
fn a_picture_cut_anywhere_is_an_error_and_never_half_a_picture() {
    for format in FORMATS {
        let whole = busy(format);
        assert!(read(&whole).is_ok(), "{format:?}");
        // GIF's one-byte trailer, and padding behind TIFF and BMP pixels, can be missed by nobody.
        for cut in (1..whole.len() - 8).step_by(7) {
            let result = read(&whole[..cut]);
            assert!(
                result.is_err(),
                "{format:?} cut at {cut} of {}",
                whole.len()
            );
            complaint(&whole[..cut]);
        }
    }
    let progressive = data("progressive.jpg");
    for cut in 1..progressive.len() {
        complaint(&progressive[..cut]);
    }
}

#[test]
fn damaged_bytes_never_panic_and_complain_in_one_line() {
    // A small generator, always the same, so that a failure can be repeated.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut victims: Vec<Vec<u8>> = FORMATS.map(busy).into();
    victims.extend(["cmyk.jpg", "ycck.jpg", "cmyk.tif", "palette.tif"].map(data));
    victims.extend(["palette.png", "progressive.jpg"].map(data));
    let limits = Limits {
        max_side: 2000,
        max_bytes: 16 << 20,
        ..Limits::default()
    };
    for whole in victims {
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                // Headers are where a wrong byte does most.
                let reach = if random(2) == 0 {
                    bytes.len().min(160)
                } else {
                    bytes.len()
                };
                bytes[random(reach)] = random(256) as u8;
            }
            if let Err(error) = decode(&bytes, Path::new("p"), &limits) {
                let message = error.to_string();
                assert!(!message.contains('\n') && message.len() < 400, "{message}");
                assert!(
                    !message.contains("gave up"),
                    "a decoder panicked: {message}"
                );
            }
        }
    }
}

#[test]
fn cmyk_has_the_colours_of_its_inks() {
    for name in ["cmyk.jpg", "ycck.jpg", "cmyk.tif"] {
        let picture = read(&data(name)).unwrap();
        near(&picture, 2, LEFT, 3);
        near(&picture, 13, RIGHT, 3);
        assert!(picture.notes.iter().any(|n| n.contains("CMYK")), "{name}");
    }
}

#[test]
fn palettes_and_progressive_scans_are_read() {
    for (name, tolerance) in [
        ("palette.png", 0),
        ("palette.tif", 0),
        ("progressive.jpg", 3),
    ] {
        let picture = read(&data(name)).unwrap();
        near(&picture, 2, LEFT, tolerance);
        near(&picture, 13, RIGHT, tolerance);
        assert!(
            picture.alpha.is_none() && picture.notes.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn pictures_are_turned_as_their_exif_says() {
    // EXIF: big-endian TIFF, one entry: orientation (0x0112), a short, 6 = turn right.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
    let plain = data("progressive.jpg");
    let mut turned = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, exif.len() as u8 + 2];
    turned.extend(&exif);
    turned.extend(&plain[2..]);
    let picture = read(&turned).unwrap();
    assert_eq!(picture.rgb.dimensions(), (8, 16));
    let (top, bottom) = (
        picture.rgb.get_pixel(3, 2).0,
        picture.rgb.get_pixel(3, 13).0,
    );
    assert!(top[0] > 190 && bottom[0] < 45, "{top:?} above {bottom:?}");

    // Nonsense in its place does no harm.
    for byte in &mut turned[20..30] {
        *byte = 0xAA;
    }
    assert_eq!(read(&turned).unwrap().rgb.dimensions(), (16, 8));
}

#[test]
fn an_ignored_colour_profile_is_noted() {
    use image::ImageEncoder;
    let mut out = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut out);
    encoder
        .set_icc_profile(b"a profile of a wide gamut".to_vec())
        .unwrap();
    let pixels = [9; 3];
    let colour = image::ExtendedColorType::Rgb8;
    encoder.write_image(&pixels, 1, 1, colour).unwrap();
    let picture = read(&out).unwrap();
    assert_eq!(picture.rgb.as_raw(), &pixels);
    assert!(picture.notes.iter().any(|n| n.contains("ICC")));
}

#[test]
fn transparency_of_a_gif_is_kept_apart() {
    let image = RgbaImage::from_fn(4, 4, |x, _| {
        [200, 10, 10, if x < 2 { 0 } else { 255 }].into()
    });
    let picture = read(&encode(image, ImageFormat::Gif)).unwrap();
    let alpha = picture.alpha.unwrap();
    assert_eq!(
        (alpha.get_pixel(0, 0).0, alpha.get_pixel(3, 0).0),
        ([0], [255])
    );
}
