//! What is written: times, plays, changed regions, still pictures, refusals.

use super::*;

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
