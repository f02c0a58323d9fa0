//! Animated GIF, PNG and WebP, in and out: times, plays, composition, and what is broken or too large.
#![allow(clippy::unwrap_used)]

mod bytes;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use impasto::error::Result;
use impasto::video::animation::{Format, Limits, Plays, Reader, Timeline, WHITE, Writer, Written};
use impasto::video::{Frame, FrameSink, FrameSource, Ratio};
use tempfile::TempDir;

use crate::common::{folder, psnr, quick, refusal as refused_run, save, scene, stderr, strays};

const FORMATS: [&str; 3] = ["gif", "png", "webp"];

fn times(times: u32) -> Plays {
    Plays::Times(NonZeroU32::new(times).unwrap())
}

/// `count` frames of a scene that moves.
fn film(width: u32, height: u32, count: u32) -> Vec<RgbImage> {
    let wide = scene(width + 2 * count, height);
    let crop = |n| image::imageops::crop_imm(&wide, 2 * n, 0, width, height).to_image();
    (0..count).map(crop).collect()
}

fn write(path: &Path, frames: &[RgbImage], seconds: &[Ratio], plays: Plays) -> Result<Written> {
    let mut writer = Writer::create(path, frames[0].dimensions(), plays)?;
    for (frame, seconds) in frames.iter().zip(seconds) {
        writer.write(frame, *seconds)?;
    }
    writer.close()
}

/// All frames and their times.
fn read(path: &Path) -> Result<Vec<(RgbImage, Ratio)>> {
    let mut reader = Reader::open(path, &Limits::default(), WHITE)?;
    let (mut frame, mut all) = (Frame::empty(), Vec::new());
    while reader.next_frame(&mut frame)? {
        assert_eq!(frame.number, all.len() as u64);
        all.push((frame.rgb.clone(), reader.duration()));
    }
    Ok(all)
}

fn refusal(path: &Path) -> String {
    let said = read(path).unwrap_err().to_string();
    assert!(said.starts_with(&path.display().to_string()), "{said}");
    said
}

fn put(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn times_and_plays_come_back_exactly() {
    let dir = folder();
    let frames = film(48, 32, 5);
    let hundredths = [2, 7, 100, 3, 65535].map(|n| Ratio::new(n, 100));
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        for plays in [Plays::Forever, Plays::ONCE, times(2), times(65535)] {
            let written = write(&path, &frames, &hundredths, plays).unwrap();
            assert_eq!((written.frames, written.left_out), (5, 0));
            assert_eq!(written.bytes, std::fs::metadata(&path).unwrap().len());
            let timeline = Timeline::read(&path, &Limits::default()).unwrap();
            assert_eq!(timeline.plays, plays, "{name}");
            assert_eq!(timeline.frames(), 5);
            assert!(timeline.animated);
            for (got, asked) in timeline.durations.iter().zip(hundredths) {
                assert_eq!(got.value(), asked.value(), "{name}");
            }
        }
        for ((got, _), asked) in read(&path).unwrap().iter().zip(&frames) {
            match name {
                "gif" => assert!(psnr(got, asked) > 25.0, "{}", psnr(got, asked)),
                _ => assert_eq!(got, asked, "{name}"),
            }
        }
        assert_eq!(strays(&dir, &[&format!("a.{name}")]), [""; 0]);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn fractions_are_exact_in_png_and_do_not_drift_in_the_others() {
    let dir = folder();
    let frames = film(20, 20, 30);
    let seconds = [Ratio::new(1001, 30000); 30];
    for (name, exact) in [("gif", 1.0), ("png", 1.001), ("webp", 1.001)] {
        let path = dir.path().join(format!("a.{name}"));
        assert_eq!(
            write(&path, &frames, &seconds, Plays::ONCE)
                .unwrap()
                .left_out,
            0
        );
        let timeline = Timeline::read(&path, &Limits::default()).unwrap();
        assert!((timeline.seconds() - exact).abs() < 1e-6, "{name}");
        let rate = (name == "png").then_some(Ratio::new(30000, 1001));
        assert_eq!(timeline.rate(), rate, "{name}");
    }
}

#[test]
fn a_film_that_is_too_fast_for_a_gif_lasts_as_long_and_ends_alike() {
    let dir = folder();
    let path = dir.path().join("a.gif");
    let frames: Vec<RgbImage> = (0..61)
        .map(|n| RgbImage::from_pixel(16, 16, Rgb([n * 4, 0, 0])))
        .collect();
    let written = write(&path, &frames, &[Ratio::new(1, 60); 61], Plays::ONCE).unwrap();
    assert_eq!(written.frames + written.left_out, 61);
    assert!(written.left_out > 5);
    let back = read(&path).unwrap();
    assert_eq!(back.len() as u64, written.frames);
    let seconds: f64 = back.iter().map(|(_, d)| d.value()).sum();
    assert!((seconds - 61.0 / 60.0).abs() <= 0.02, "{seconds}");
    assert_eq!(back.last().unwrap().0.get_pixel(3, 3).0, [240, 0, 0]);
}

#[test]
fn a_frame_that_is_shown_for_longer_than_the_format_can_say_is_written_again() {
    let dir = folder();
    let (path, frames) = (dir.path().join("a.gif"), film(16, 16, 2));
    let seconds = [Ratio::new(1000, 1), Ratio::new(1, 10)];
    write(&path, &frames, &seconds, Plays::ONCE).unwrap();
    let back = read(&path).unwrap();
    assert_eq!(back.len(), 3);
    assert_eq!(back[0].0, back[1].0);
    assert_eq!(back[0].1.value() + back[1].1.value(), 1000.0);
}

#[test]
fn only_what_changed_is_written() {
    let dir = folder();
    let mut frames = vec![scene(320, 240); 3];
    for x in 101..108 {
        frames[1].put_pixel(x, 77, Rgb([255, 0, 0]));
    }
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        let seconds = [Ratio::new(1, 10); 3];
        let one = write(&path, &frames[..1], &seconds, Plays::ONCE).unwrap();
        let three = write(&path, &frames, &seconds, Plays::ONCE).unwrap();
        assert!(three.bytes < one.bytes + 2200, "{name}: {one:?} {three:?}");
        let back = read(&path).unwrap();
        assert_eq!(back[1].0.get_pixel(104, 77).0, [255, 0, 0]);
        if name != "gif" {
            assert!(
                back.iter()
                    .zip(&frames)
                    .all(|((got, _), asked)| got == asked)
            );
        }
    }
}

#[test]
fn the_sink_takes_frames_at_a_steady_rate() {
    let dir = folder();
    let path = dir.path().join("a.webp");
    let mut frame = Frame::empty();
    let mut writer = Writer::create(&path, (20, 16), Plays::Forever).unwrap();
    writer.set_duration(Ratio::new(1, 20));
    for rgb in film(20, 16, 3) {
        frame.rgb = rgb;
        assert!(writer.show(&frame).unwrap().is_continue());
    }
    assert!(!path.exists(), "not before it is whole");
    writer.finish().unwrap();
    let mut reader = Reader::open(&path, &Limits::default(), WHITE).unwrap();
    assert_eq!(reader.rate().unwrap().value(), 20.0);
    assert_eq!(
        reader.describe(),
        format!("{}, 20x16 WebP, 3 frames in 0.15 seconds", path.display())
    );
    assert!(reader.next_frame(&mut frame).unwrap());
}

#[test]
fn stills_are_films_of_one_frame() {
    let dir = folder();
    let picture = scene(40, 30);
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        picture.save(&path).unwrap();
        let back = read(&path).unwrap();
        assert_eq!(back.len(), 1);
        assert_eq!(back[0].1.value(), 0.1, "{name}");
        assert_eq!(back[0].0.dimensions(), (40, 30));
        assert!(name == "gif" || back[0].0 == picture);
    }
    let clear = image::RgbaImage::from_pixel(9, 9, image::Rgba([10, 20, 30, 0]));
    let path = dir.path().join("clear.png");
    clear.save(&path).unwrap();
    let mut reader = Reader::open(&path, &Limits::default(), Rgb([1, 2, 3])).unwrap();
    let mut frame = Frame::empty();
    reader.next_frame(&mut frame).unwrap();
    assert!(frame.rgb.pixels().all(|p| p.0 == [1, 2, 3]));
    // Sides of one pixel go through all three.
    for (width, height) in [(1, 1), (1, 40), (40, 1)] {
        for name in FORMATS {
            let path = dir.path().join(format!("s.{name}"));
            let frames = vec![RgbImage::from_pixel(width, height, Rgb([9, 8, 7])); 2];
            write(&path, &frames, &[Ratio::new(1, 10); 2], Plays::ONCE).unwrap();
            let back = read(&path).unwrap();
            assert!(back.iter().all(|(got, _)| *got == frames[0]), "{name}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_refused_and_nothing_is_left() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    let refused = |name: &str, size, plays, expected: &str| {
        let said = match Writer::create(&at(name), size, plays) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{name} was begun"),
        };
        assert!(said.contains(expected) && said.contains(name), "{said}");
    };
    refused("a.mp4", (16, 16), Plays::ONCE, ".webp");
    refused("a.gif", (65536, 16), Plays::ONCE, "65535 a side");
    refused("a.webp", (16, 16385), Plays::ONCE, "16384 a side");
    refused("a.png", (0, 16), Plays::ONCE, "no pixels");
    refused("a.webp", (16, 16), times(65536), "65535 at most");
    Writer::create(&at("a.gif"), (16, 16), times(65536)).unwrap();

    let mut writer = Writer::create(&at("a.gif"), (16, 16), Plays::ONCE).unwrap();
    let said = writer.close().unwrap_err().to_string();
    assert!(said.contains("no frame"), "{said}");
    let other = RgbImage::new(17, 16);
    let said = writer.write(&other, Ratio::new(1, 10)).unwrap_err();
    assert!(said.to_string().contains("size"), "{said}");
    writer
        .write(&RgbImage::new(16, 16), Ratio::new(1, 10))
        .unwrap();
    drop(writer);
    assert_eq!(strays(&dir, &[]), [""; 0]);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_before_a_frame_is_read() {
    let dir = folder();
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        write(
            &path,
            &film(24, 16, 3),
            &[Ratio::new(1, 10); 3],
            Plays::ONCE,
        )
        .unwrap();
        let whole = std::fs::read(&path).unwrap();
        let every = |length: &usize| length.is_multiple_of(7) || whole.len() - length < 40;
        for length in (0..whole.len()).filter(every) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let said = match Reader::open(&path, &Limits::default(), WHITE) {
                Err(error) => error.to_string(),
                Ok(_) => panic!(
                    "{name} was opened without its last {}",
                    whole.len() - length
                ),
            };
            let expected = if length < 12 {
                "the file is no"
            } else {
                "is cut short"
            };
            // The signature of GIF and PNG is shorter than what is looked at.
            assert!(
                said.contains(expected) || said.contains("is cut short"),
                "{said}"
            );
        }
        let said = refusal(&path);
        assert!(
            said.contains("after 3 frames") || said.contains("after 2 frames"),
            "{said}"
        );
    }
}

#[test]
fn damaged_files_are_refused_or_read_and_never_panic() {
    let dir = folder();
    let mut seed = 12345_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let (mut read_on, mut refused) = (0, 0);
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        write(&path, &film(24, 18, 4), &[Ratio::new(1, 10); 4], times(3)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            std::fs::write(&path, &bytes).unwrap();
            match read(&path) {
                Ok(_) => read_on += 1,
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().starts_with(&path.display().to_string()));
                }
            }
        }
    }
    assert!(
        read_on > 50 && refused > 200,
        "{read_on} read, {refused} refused"
    );
}

#[test]
fn strangers_and_folders_are_refused() {
    let dir = folder();
    for bytes in [&b""[..], b"GIF", b"text, and no picture at all", &[0; 100]] {
        let said = refusal(&put(&dir, "a.gif", bytes));
        assert!(said.contains("no GIF, PNG or WebP"), "{said}");
    }
    assert!(refusal(&dir.path().join("missing.gif")).contains("cannot be read"));
    assert!(refusal(dir.path()).contains("cannot be read"));
    assert_eq!(
        Format::of_file(&put(&dir, "a.png", b"GIF89a......")).unwrap(),
        Some(Format::Gif)
    );
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let dir = folder();
    let said = |name, bytes: &[u8]| refusal(&put(&dir, name, bytes));
    // A canvas of 65535x65535 pixels in a few bytes, and one of 16384x16384.
    let mut gif = bytes::gif_head(65535, 65535, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("over the limit (16384 pixels a side)"));
    let webp = bytes::webp(
        16384,
        16384,
        0,
        &[((0, 0), 40, 0, bytes::vp8l(2, 2, [9, 9, 9, 255]))],
    );
    assert!(said("a.webp", &webp).contains("over the limit (256 MiB a frame)"));
    // A frame that is larger than its canvas.
    let mut gif = bytes::gif_head(16, 16, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 60000, 60000), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("60000x60000"));
    // A million frames of one pixel.
    let one = bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]);
    let mut gif = bytes::gif_head(1, 1, Some(0));
    (0..1_000_000).for_each(|_| gif.extend(&one));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("more than 200000 frames"));
    // A day and more.
    let mut gif = bytes::gif_head(1, 1, Some(0));
    (0..132).for_each(|_| gif.extend(bytes::gif_frame((0, 0, 1, 1), 65535, 0, &[0])));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("lasts 86506 seconds"));
    // Zero frames.
    let mut gif = bytes::gif_head(16, 16, Some(0));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("no frames"));
    assert!(said("a.webp", &bytes::webp(16, 16, 0, &[])).contains("without frames"));
    assert!(said("a.png", &bytes::apng(16, 16, 0, &[])).contains("without frames"));
    let mut gif = bytes::gif_head(0, 16, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("no pixels"));
}

#[test]
fn a_gif_of_no_delay_is_shown_as_browsers_do() {
    let dir = folder();
    let mut gif = bytes::gif_head(2, 2, None);
    for delay in [0, 1, 2, 300] {
        gif.extend(bytes::gif_frame((0, 0, 2, 2), delay, 0, &[0; 4]));
    }
    gif.push(0x3B);
    let back = read(&put(&dir, "a.gif", &gif)).unwrap();
    let seconds: Vec<f64> = back.iter().map(|(_, d)| d.value()).collect();
    assert_eq!(seconds, [0.1, 0.1, 0.02, 3.0]);
    let timeline = Timeline::read(&put(&dir, "a.gif", &gif), &Limits::default()).unwrap();
    assert_eq!((timeline.plays, timeline.rate()), (Plays::ONCE, None));
}

/// A picture of letters: w white, r red, g green, b blue.
fn letters(picture: &RgbImage) -> String {
    let letter = |p: &Rgb<u8>| match p.0 {
        [255, 255, 255] => 'w',
        [255, 0, 0] => 'r',
        [0, 255, 0] => 'g',
        [0, 0, 255] => 'b',
        other => panic!("{other:?}"),
    };
    let rows = picture
        .rows()
        .map(|row| row.map(letter).collect::<String>());
    rows.collect::<Vec<_>>().join("/")
}

#[test]
fn a_gif_is_composed_by_offsets_transparency_and_disposal() {
    use bytes::{BACKGROUND, KEEP, PREVIOUS};
    let dir = folder();
    let mut gif = bytes::gif_head(4, 3, Some(0));
    // Places: 0 red, 1 green, 2 blue, 3 transparent.
    gif.extend(bytes::gif_frame((1, 0, 3, 2), 4, KEEP, &[0, 0, 0, 0, 3, 0]));
    gif.extend(bytes::gif_frame((0, 0, 2, 2), 4, BACKGROUND, &[1, 1, 1, 3]));
    gif.extend(bytes::gif_frame((3, 2, 1, 1), 4, KEEP, &[2]));
    gif.extend(bytes::gif_frame((0, 0, 4, 3), 4, PREVIOUS, &[2; 12]));
    gif.extend(bytes::gif_frame((0, 2, 1, 1), 4, KEEP, &[1]));
    // Over the edge: what is outside is not seen.
    gif.extend(bytes::gif_frame((2, 1, 4, 4), 4, KEEP, &[1; 16]));
    gif.push(0x3B);
    let back = read(&put(&dir, "a.gif", &gif)).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    let expected = [
        "wrrr/wrwr/wwww",
        "ggrr/grwr/wwww",
        "wwrr/wwwr/wwwb",
        "bbbb/bbbb/bbbb",
        "wwrr/wwwr/gwwb",
        "wwrr/wwgg/gwgg",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn an_apng_is_composed_by_offsets_blending_and_disposal() {
    use bytes::{ApngFrame, BACKGROUND, KEEP, PREVIOUS};
    let (r, g, b, clear) = ([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0; 4]);
    let dir = folder();
    let frame = |area, dispose, over, pixels: &[[u8; 4]]| ApngFrame {
        area,
        time: (1, 30),
        dispose,
        over,
        pixels: pixels.to_vec(),
    };
    let frames = [
        frame((0, 0, 3, 2), KEEP, false, &[r, r, r, clear, r, r]),
        frame((1, 0, 2, 2), BACKGROUND, true, &[g, clear, clear, g]),
        frame((0, 1, 1, 1), KEEP, false, &[b]),
        frame((0, 0, 3, 2), PREVIOUS, false, &[b; 6]),
        frame((0, 0, 2, 1), KEEP, false, &[clear, g]),
    ];
    let path = put(&dir, "a.png", &bytes::apng(3, 2, 7, &frames));
    let back = read(&path).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    assert_eq!(
        seen,
        ["rrr/wrr", "rgr/wrg", "rww/bww", "bbb/bbb", "wgw/bww"]
    );
    assert_eq!(back[0].1, Ratio::new(1, 30));
    let timeline = Timeline::read(&path, &Limits::default()).unwrap();
    assert_eq!(
        (timeline.plays, timeline.rate()),
        (times(7), Some(Ratio::whole(30)))
    );
}

#[test]
fn a_webp_is_composed_by_offsets_blending_and_disposal() {
    let (r, g, b, clear) = ([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0; 4]);
    const BLEND: u8 = 0;
    const REPLACE: u8 = 2;
    const DISPOSE: u8 = 1;
    let dir = folder();
    let webp = bytes::webp(
        6,
        4,
        9,
        &[
            ((0, 0), 40, REPLACE, bytes::vp8l(4, 2, r)),
            ((2, 0), 41, BLEND | DISPOSE, bytes::vp8l(4, 4, g)),
            ((4, 2), 0, BLEND, bytes::vp8l(1, 1, b)),
            ((0, 0), 7, BLEND, bytes::vp8l(6, 4, clear)),
            ((0, 0), 7, REPLACE, bytes::vp8l(2, 1, clear)),
        ],
    );
    let path = put(&dir, "a.webp", &webp);
    let back = read(&path).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    let expected = [
        "rrrrww/rrrrww/wwwwww/wwwwww",
        "rrgggg/rrgggg/wwgggg/wwgggg",
        "rrwwww/rrwwww/wwwwbw/wwwwww",
        "rrwwww/rrwwww/wwwwbw/wwwwww",
        "wwwwww/rrwwww/wwwwbw/wwwwww",
    ];
    assert_eq!(seen, expected);
    let seconds: Vec<f64> = back.iter().map(|(_, d)| d.value()).collect();
    assert_eq!(seconds, [0.04, 0.041, 0.1, 0.007, 0.007]);
    let timeline = Timeline::read(&path, &Limits::default()).unwrap();
    assert_eq!(timeline.plays, times(9));
}

/// `impasto LINE` with tiny networks, which must succeed; what it says.
fn run(dir: &TempDir, line: &str) -> String {
    let output = quick(dir, line).output().unwrap();
    assert!(output.status.success(), "{line}: {}", stderr(&output));
    stderr(&output) + &String::from_utf8_lossy(&output.stdout)
}

fn durations(path: &Path) -> Vec<f64> {
    let timeline = Timeline::read(path, &Limits::default()).unwrap();
    timeline.durations.iter().map(|d| d.value()).collect()
}

#[test]
fn an_animation_is_painted_into_another_with_its_times_and_plays() {
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [4, 7, 2, 100].map(|n| Ratio::new(n, 100));
    let gif = dir.path().join("in.gif");
    write(&gif, &film(40, 24, 4), &seconds, times(3)).unwrap();
    // No ffmpeg is asked.
    for (from, to) in [
        ("in.gif", "a.webp"),
        ("a.webp", "b.png"),
        ("b.png", "c.gif"),
    ] {
        let line = format!("film {from} --style style.png -o {to}");
        let output = quick(&dir, &line)
            .env("IMPASTO_FFMPEG", "missing")
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        let path = dir.path().join(to);
        let timeline = Timeline::read(&path, &Limits::default()).unwrap();
        assert_eq!((timeline.width, timeline.height), (40, 24));
        assert_eq!(timeline.plays, times(3), "{to}");
        assert_eq!(durations(&path), [0.04, 0.07, 0.02, 1.0], "{to}");
        let pictures = |path: &Path| read(path).unwrap().into_iter().map(|f| f.0);
        let (painted, before) = (pictures(&path), pictures(&dir.path().join(from)));
        assert!(!painted.eq(before), "{to} is {from}");
    }
    run(
        &dir,
        "film in.gif --style style.png --start 0.04 --end 0.13 --size 64 -o part.webp",
    );
    let part = read(&dir.path().join("part.webp")).unwrap();
    assert_eq!(durations(&dir.path().join("part.webp")), [0.07, 0.02]);
    assert_eq!(part[0].0.dimensions(), (64, 38));
    save(&dir, "still.png", &scene(40, 30));
    run(&dir, "film still.png --style style.png -o still.gif");
    assert_eq!(durations(&dir.path().join("still.gif")), [0.1]);
    let known = [
        "style.png",
        "in.gif",
        "a.webp",
        "b.png",
        "c.gif",
        "part.webp",
        "still.png",
        "still.gif",
    ];
    assert_eq!(strays(&dir, &known), [""; 0]);
}

#[test]
fn animations_that_cannot_be_painted_are_refused_and_nothing_is_left() {
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [Ratio::new(1, 10); 2];
    write(
        &dir.path().join("in.gif"),
        &film(40, 24, 2),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    write(
        &dir.path().join("thin.gif"),
        &film(40, 1, 2),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    let whole = std::fs::read(dir.path().join("in.gif")).unwrap();
    put(&dir, "cut.gif", &whole[..whole.len() - 9]);
    let said =
        |line: &str| refused_run(&mut quick(&dir, &format!("film {line} --style style.png")));
    assert!(said("cut.gif -o out.webp").contains("cut.gif: the GIF is cut short after 1 frame"));
    assert!(
        said("thin.gif -o out.webp").contains("thin.gif is 40x1 pixels; at least 16x16 are needed")
    );
    assert!(said("in.gif -o in.gif").contains("it is the input in.gif itself"));
    assert!(said("in.gif -o style.png").contains("it is the input style.png itself"));
    assert!(said("in.gif --crf 20 -o out.webp").contains("crf: a WebP has no such setting"));
    assert!(said("in.gif --start 5 -o out.webp").contains("no frame between"));
    assert!(said("missing.gif -o out.webp").contains("missing.gif"));
    assert_eq!(
        strays(&dir, &["style.png", "in.gif", "thin.gif", "cut.gif"]),
        [""; 0]
    );
}

#[test]
fn a_keyframe_file_leads_through_the_film() {
    let dir = folder();
    save(&dir, "a b.png", &scene(64, 64));
    let other = RgbImage::from_fn(64, 64, |x, y| Rgb([255, (x * y) as u8, 0]));
    save(&dir, "c.png", &other);
    let still = vec![scene(32, 24); 5];
    let seconds = [Ratio::new(1, 10); 5];
    write(&dir.path().join("in.png"), &still, &seconds, Plays::Forever).unwrap();
    let keys = "# time style strength\n0 \"a b.png\" 0\n0:00.2 - 1\nend c.png\n";
    put(&dir, "keys.txt", keys.as_bytes());
    run(
        &dir,
        "film in.png --keyframes keys.txt --steady 0 -o keys.webp",
    );
    let painted = read(&dir.path().join("keys.webp")).unwrap();
    // Strength 0 is the film itself.
    assert_eq!(painted[0].0, still[0]);
    // At the rows it is as with that style alone.
    run(&dir, "film in.png --style c.png -o alone.webp");
    let alone = read(&dir.path().join("alone.webp")).unwrap();
    assert_eq!(painted[4].0, alone[0].0);
    assert!(painted[2].0 != painted[4].0 && painted[2].0 != still[0]);

    let said = |keys: &str| {
        put(&dir, "keys.txt", keys.as_bytes());
        refused_run(&mut quick(
            &dir,
            "film in.png --keyframes keys.txt -o out.webp",
        ))
    };
    assert!(said("0 c.png\n0:0x c.png").contains("keys.txt:2: '0:0x' is no time"));
    assert!(
        said("0 c.png\n1 @nobody").contains("keys.txt:2: style @nobody: is not in the gallery")
    );
    assert!(said("0 c.png\n9 c.png\nend c.png").contains("keys.txt:3: 'end' is at 0:00.4"));
    let line = "film in.png --keyframes keys.txt -o c.png";
    assert!(refused_run(&mut quick(&dir, line)).contains("it is the input c.png itself"));
    let line = "film in.png --keyframes keys.txt --style c.png -o out.webp";
    let both = stderr(&quick(&dir, line).output().unwrap());
    assert!(both.contains("cannot be used with"), "{both}");
    assert!(!dir.path().join("out.webp").exists());
}

#[test]
fn with_ffmpeg_films_become_animations_and_the_other_way_round() {
    let ffmpeg = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output();
    if !ffmpeg.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no ffmpeg here");
        return;
    }
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [Ratio::new(1, 10); 5];
    write(
        &dir.path().join("in.gif"),
        &film(40, 24, 5),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    run(&dir, "film in.gif --style style.png -o film.mp4");
    run(&dir, "film film.mp4 --style style.png -o back.webp");
    let path = dir.path().join("back.webp");
    assert_eq!(durations(&path), [0.1; 5]);
    assert_eq!(
        Timeline::read(&path, &Limits::default()).unwrap().plays,
        Plays::Forever
    );
    let said = refused_run(&mut quick(
        &dir,
        "film back.webp --style style.png -o x.mp4",
    ));
    assert!(said.contains("paint back.webp into a .png first"), "{said}");
}
