//! Files of a few bytes that name the largest size: refused before memory is taken, in every format that is read.

#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, RgbImage};
use tempfile::TempDir;

use crate::common::{folder, repository, save, scene, tiny};

/// What a refusal may take above one for a trivial reason.
const MOST_MEMORY: u64 = 50 << 20;

/// Far above the 100 ms that are aimed at: other tests run at the same time.
const MOST_TIME: Duration = Duration::from_secs(2);

/// The side of a square of RGB just within the limit of memory, and of RGBA.
const SIDE: u32 = 13_000;
const SIDE_RGBA: u32 = 11_500;

fn be(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

/// A picture of 16x16 as `image` writes it.
fn small(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    RgbImage::new(16, 16).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn png(width: u32, height: u32, [depth, color, interlaced]: [u8; 3]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8], data: &[u8]| {
        file.extend(be(data.len() as u32));
        let body = [name, data].concat();
        file.extend(&body);
        file.extend(be(crc(&body)));
    };
    let mut header = [be(width), be(height)].concat();
    header.extend([depth, color, 0, 0, interlaced]);
    chunk(b"IHDR", &header);
    if color == 3 {
        chunk(b"PLTE", &[1, 2, 3]);
    }
    // A stream of deflate that is begun and not ended.
    chunk(b"IDAT", &[0x78, 0x9c, 0xed, 0xc1]);
    chunk(b"IEND", b"");
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (0u32.wrapping_sub(sum & 1)))
        })
    })
}

/// A small PNG whose colour profile is of many zeros, packed.
fn png_of_a_large_profile(bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new(&mut out);
    encoder.set_icc_profile(vec![0; bytes]).unwrap();
    let pixels = [9; 3];
    encoder
        .write_image(&pixels, 1, 1, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

/// `file`, a JPEG, whose frame header names another size; `progressive` makes it the header of a progressive one.
fn jpeg(mut file: Vec<u8>, side: u32, progressive: bool) -> Vec<u8> {
    let find = |file: &[u8], markers: &[u8]| {
        let found = file
            .windows(2)
            .position(|w| w[0] == 0xFF && markers.contains(&w[1]));
        found.unwrap()
    };
    let frame = find(&file, &[0xC0, 0xC1, 0xC2]);
    let side = (side as u16).to_be_bytes();
    file[frame + 5..frame + 7].copy_from_slice(&side);
    file[frame + 7..frame + 9].copy_from_slice(&side);
    if progressive && file[frame + 1] != 0xC2 {
        file[frame + 1] = 0xC2;
        let scan = find(&file, &[0xDA]);
        // The first pass: only the mean of each block.
        let end = scan + 2 + usize::from(file[scan + 3]);
        file[end - 3..end].copy_from_slice(&[0, 0, 0]);
    }
    file
}

fn gif(canvas: u32, frame: u32) -> Vec<u8> {
    let two = |side: u32| (side as u16).to_le_bytes();
    let mut file = b"GIF89a".to_vec();
    file.extend([two(canvas), two(canvas)].concat());
    file.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    file.extend([0x2C, 0, 0, 0, 0]);
    file.extend([two(frame), two(frame)].concat());
    file.extend([0, 2, 2, 0x4C, 1, 0, 0x3B]);
    file
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((chunks.len() as u32 + 4).to_le_bytes());
    file.extend(b"WEBP");
    file.extend(chunks);
    file
}

fn webp_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend((data.len() as u32).to_le_bytes());
    chunk.extend(data);
    chunk.extend(vec![0; data.len() % 2]);
    chunk
}

/// A whole lossless WebP of one colour, whose pixels take no bits.
fn vp8l(width: u32, height: u32) -> Vec<u8> {
    let (mut bits, mut count) = (0u128, 0);
    let mut put = |value: u32, width: u32| {
        bits |= u128::from(value) << count;
        count += width;
    };
    put(width - 1, 14);
    put(height - 1, 14);
    // No alpha, version 0; no transform, colour cache or codes that change from place to place.
    put(0, 1 + 3 + 1 + 1 + 1);
    for _ in 0..5 {
        // A code of one symbol, which is 0.
        put(0b0001, 4);
    }
    [&[0x2f][..], &bits.to_le_bytes()[..10]].concat()
}

fn vp8(side: u32) -> Vec<u8> {
    // A key frame that is shown, with a first partition of 64 bytes.
    let tag: u32 = 1 << 4 | 64 << 5;
    let mut data = tag.to_le_bytes()[..3].to_vec();
    data.extend([0x9d, 0x01, 0x2a]);
    data.extend([(side as u16).to_le_bytes(); 2].concat());
    data.extend([0; 96]);
    data
}

/// The canvas of an animation of one frame of one pixel.
fn webp_canvas(side: u32) -> Vec<u8> {
    let three = |value: u32| value.to_le_bytes()[..3].to_vec();
    let extended = [vec![2, 0, 0, 0], three(side - 1), three(side - 1)].concat();
    let mut frame = [three(0), three(0), three(0), three(0), three(9), vec![0]].concat();
    frame.extend(webp_chunk(b"VP8L", &vp8l(1, 1)));
    let chunks = [
        webp_chunk(b"VP8X", &extended),
        webp_chunk(b"ANIM", &[0; 6]),
        webp_chunk(b"ANMF", &frame),
    ];
    riff(&chunks.concat())
}

fn bmp(side: u32, runs: bool) -> Vec<u8> {
    let mut file = small(ImageFormat::Bmp);
    for at in [18, 22] {
        file[at..at + 4].copy_from_slice(&side.to_le_bytes());
    }
    if runs {
        // 8 bits by runs, which end at once.
        file[28..30].copy_from_slice(&8u16.to_le_bytes());
        file[30..34].copy_from_slice(&1u32.to_le_bytes());
        let pixels = u32::from_le_bytes(file[10..14].try_into().unwrap()) as usize;
        file.resize(pixels.max(54 + 1024), 0);
        let begin = file.len() as u32;
        file[10..14].copy_from_slice(&begin.to_le_bytes());
        file.extend([0, 1]);
    }
    file
}

/// A TIFF of grey pixels: `strips` strips that all have the same `data`.
fn tiff(side: (u32, u32), bits: u32, packed: u32, strips: u32, data: &[u8]) -> Vec<u8> {
    let begin = 8 + 2 + 12 * 9 + 4;
    let table = begin + data.len() as u32;
    let at = |place: u32, value: u32| if strips == 1 { value } else { place };
    let entries = [
        (256, 4, 1, side.0),
        (257, 4, 1, side.1),
        (258, 3, 1, bits),
        (259, 3, 1, packed),
        (262, 3, 1, 1),
        (273, 4, strips, at(table, begin)),
        (277, 3, 1, 1),
        (278, 4, 1, side.1.div_ceil(strips)),
        (279, 4, strips, at(table + 4 * strips, data.len() as u32)),
    ];
    let mut file = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, count, value) in entries {
        file.extend((tag as u16).to_le_bytes());
        file.extend((kind as u16).to_le_bytes());
        file.extend(u32::to_le_bytes(count));
        file.extend(u32::to_le_bytes(value));
    }
    file.extend([0; 4]);
    file.extend(data);
    for value in [begin, data.len() as u32] {
        (0..strips).for_each(|_| file.extend(value.to_le_bytes()));
    }
    file
}

/// Every bomb, by its name.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let data = |name: &str| std::fs::read(repository("tests/data").join(name)).unwrap();
    let of_rgb = |progressive| jpeg(small(ImageFormat::Jpeg), SIDE_RGBA, progressive);
    let of_cmyk = |progressive| jpeg(data("cmyk.jpg"), SIDE_RGBA, progressive);
    let run = [0x81, 0xFF].repeat(128);
    let grey = (16_384, 10_000);
    vec![
        ("png", png(SIDE, SIDE, [8, 2, 0])),
        ("png-interlaced", png(SIDE, SIDE, [8, 2, 1])),
        ("png-deep", png(8190, 8190, [16, 6, 0])),
        ("png-palette", png(SIDE, SIDE, [1, 3, 1])),
        ("jpeg", of_rgb(false)),
        ("jpeg-progressive", of_rgb(true)),
        ("jpeg-cmyk", of_cmyk(false)),
        ("jpeg-cmyk-progressive", of_cmyk(true)),
        (
            "jpeg-many-scans",
            jpeg(data("progressive.jpg"), SIDE_RGBA, true),
        ),
        ("gif-canvas", gif(SIDE_RGBA, 1)),
        ("gif", gif(SIDE_RGBA, SIDE_RGBA)),
        ("gif-frame", gif(1, 16_000)),
        (
            "webp-lossless",
            riff(&webp_chunk(b"VP8L", &vp8l(SIDE, SIDE))),
        ),
        ("webp-lossy", riff(&webp_chunk(b"VP8 ", &vp8(SIDE)))),
        ("webp-canvas", webp_canvas(SIDE_RGBA)),
        ("bmp", bmp(SIDE, false)),
        ("bmp-runs", bmp(SIDE, true)),
        ("tiff", tiff(grey, 8, 1, 1, &[0; 40])),
        ("tiff-fax", tiff(grey, 1, 4, 1, &[0; 40])),
        ("tiff-lzw", tiff(grey, 8, 5, 1, &[0x80, 0, 0, 0])),
        ("tiff-jpeg", tiff(grey, 8, 7, 1, &small(ImageFormat::Jpeg))),
        (
            "tiff-deflate",
            tiff(grey, 8, 8, 1, &[0x78, 0x9c, 0xed, 0xc1]),
        ),
        ("tiff-runs", tiff(grey, 8, 32773, 1, &run)),
        (
            "tiff-strips-in-one-place",
            tiff(grey, 8, 32773, 10_000, &run),
        ),
    ]
}

/// The most memory that the program had at once, how long it ran, and what it said.
fn measured(dir: &TempDir, photo: &str) -> (u64, Duration, String) {
    measured_as(dir, &["stylize", photo, "-o", "o.png"])
}

/// The same of any command.
fn measured_as(dir: &TempDir, words: &[&str]) -> (u64, Duration, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impasto"));
    command
        .args(words)
        .args(["--style", "s.png"])
        .args(["--model", &tiny()])
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let began = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|l| l.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        most = most.max(peak.unwrap_or(0) << 10);
        std::thread::sleep(Duration::from_micros(200));
    }
    let took = began.elapsed();
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    (most, took, said)
}

#[test]
fn bombs_of_every_format_are_refused_at_once_and_in_little_memory() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    // The trivial reason. The first run finds the program on the disk.
    std::fs::write(dir.path().join("text.png"), "no picture").unwrap();
    measured(&dir, "text.png");
    let (least, usual, said) = measured(&dir, "text.png");
    assert!(said.contains("holds text"), "{said}");
    let mut wrong = Vec::new();
    for (name, bytes) in bombs() {
        std::fs::write(dir.path().join(name), &bytes).unwrap();
        if let Some(kept) = std::env::var_os("IMPASTO_KEEP") {
            let folder = repository("").join(kept);
            std::fs::write(folder.join(name), &bytes).unwrap();
        }
        let (most, took, said) = measured(&dir, name);
        let memory = most.saturating_sub(least);
        eprintln!(
            "{name}, {} bytes: {:+} ms, {:+} KiB: {}",
            bytes.len(),
            took.as_millis() as i64 - usual.as_millis() as i64,
            memory >> 10,
            said.trim()
        );
        let lines = said.lines().filter(|l| l.starts_with("impasto: ")).count();
        // Where there is no /proc the memory is 0, and the rest still holds.
        if memory > MOST_MEMORY || took > MOST_TIME || lines != 1 || said.contains("panicked") {
            wrong.push(name);
        }
        assert!(!Path::new(&dir.path().join("o.png")).exists(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn animations_of_a_few_bytes_are_refused_too() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    let film = |name: &str| measured_as(&dir, &["film", name, "-o", "o.gif"]);
    std::fs::write(dir.path().join("empty.gif"), b"GIF89a").unwrap();
    film("empty.gif");
    let (least, ..) = film("empty.gif");
    // Within the limit of a frame, 256 MiB.
    for (name, bytes) in [
        ("canvas.gif", gif(8000, 1)),
        ("frame.gif", gif(8000, 8000)),
        ("canvas.webp", webp_canvas(8000)),
        ("still.webp", riff(&webp_chunk(b"VP8L", &vp8l(8000, 8000)))),
        ("still.png", png(8000, 8000, [8, 2, 0])),
    ] {
        std::fs::write(dir.path().join(name), &bytes).unwrap();
        let (most, took, said) = film(name);
        let memory = most.saturating_sub(least);
        eprintln!(
            "{name}, {} bytes: {took:?}, {:+} KiB: {said}",
            bytes.len(),
            memory >> 10
        );
        assert!(said.contains("cannot hold them"), "{name}: {said}");
        assert!(memory < MOST_MEMORY && took < MOST_TIME, "{name}");
    }
}

#[test]
fn a_profile_that_unpacks_to_much_is_left_out() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    let (least, ..) = measured(&dir, "s.png");
    let bytes = png_of_a_large_profile(256 << 20);
    std::fs::write(dir.path().join("profile.png"), &bytes).unwrap();
    let (most, took, said) = measured(&dir, "profile.png");
    let memory = most.saturating_sub(least);
    eprintln!(
        "{} bytes: {took:?}, {} KiB: {said}",
        bytes.len(),
        memory >> 10
    );
    assert!(memory < MOST_MEMORY, "{} KiB", memory >> 10);
}

#[test]
fn a_progressive_jpeg_whose_coefficients_are_over_the_limit_is_refused_by_name() {
    use impasto::Error;
    use impasto::picture::{Limits, decode};
    // As many bytes as such a picture could have.
    let data = std::fs::read(repository("tests/data/cmyk.jpg")).unwrap();
    let mut bytes = jpeg(data, SIDE_RGBA, true);
    let end = bytes.split_off(bytes.len() - 2);
    bytes.resize(4 << 20, 0);
    bytes.extend(end);
    let error = decode(&bytes, Path::new("p.jpg"), &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("progressive JPEG"), "{error}");
}
