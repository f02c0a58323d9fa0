#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use image::{Rgb, RgbImage};

use super::*;

fn cards(count: usize) -> Vec<StyleCard> {
    (0..count)
        .map(|n| StyleCard {
            name: ["great-wave", "the-scream", "irises", "water-lilies"][n % 4].to_owned(),
            thumbnail: (n != 2).then(|| {
                let tint = Rgb([(n * 50 % 256) as u8, 120, 200 - (n * 20 % 200) as u8]);
                Arc::new(RgbImage::from_fn(96, 72, |x, y| {
                    if (x / 12 + y / 12) % 2 == 0 {
                        tint
                    } else {
                        Rgb([230, 220, 200])
                    }
                }))
            }),
        })
        .collect()
}

fn state() -> PaintState {
    PaintState {
        processing: (320, 240),
        brush: 2.0,
        weights: vec![0.7, 0.3, 0.0],
        target: 1,
        strength: 0.8,
        touring: true,
        tempo: Some(120.0),
        beat: Some(2),
        mirror: true,
        keep_colors: KeepColors::Luminance,
        background_only: false,
        steady: true,
    }
}

fn draw_all(width: u32, height: u32, cards: &[StyleCard], part: &str) -> RgbImage {
    let mut canvas = Canvas::new();
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 140])
    });
    canvas.begin(&picture, None);
    let moment = Figures {
        fps: 24.4,
        latency: Duration::from_millis(61),
        model: "live",
        device: "cpu",
        output: (width, height),
        recording: Some(Duration::from_secs(75)),
        is_paused: true,
    };
    match part {
        "hud" => {
            figures(&mut canvas, &moment, &state());
            styles(&mut canvas, cards, &state());
            notice(&mut canvas, &Notice::info("saved impasto-0001.png"));
        }
        "help" => help(&mut canvas),
        "pad" => pad(
            &mut canvas,
            ["great-wave", "the-scream", "irises", "water-lilies"],
            (0.3, 0.6),
            height as i32,
        ),
        "prompt" => path_prompt(
            &mut canvas,
            "/home/someone/pictures/paintings/a-very-long-name-of-a-painting-that-does-not-fit.jpg",
        ),
        _ => card(
            &mut canvas,
            "camera lost",
            "camera 0 \"Desk\" is gone; plug it in again (looking for it, 3 s)",
        ),
    }
    canvas.picture().clone()
}

/// With `IMPASTO_KEEP=DIR` the pictures are kept for the eye.
#[test]
fn everything_is_drawn_at_every_size() {
    let keep = std::env::var_os("IMPASTO_KEEP");
    for (width, height) in [
        (320, 240),
        (640, 480),
        (1280, 720),
        (1920, 1080),
        (16, 16),
        (200, 40),
        (1, 900),
    ] {
        for part in ["hud", "help", "pad", "prompt", "card"] {
            let drawn = draw_all(width, height, &cards(6), part);
            assert_eq!(drawn.dimensions(), (width, height));
            if let Some(folder) = keep.as_ref().filter(|_| width >= 320) {
                let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
                std::fs::create_dir_all(&path).unwrap();
                drawn
                    .save(path.join(format!("live-{part}-{width}.png")))
                    .unwrap();
            }
        }
    }
}

#[test]
fn hostile_names_and_numbers_are_drawn_too() {
    let mut cards = cards(40);
    cards[0].name = "\u{1b}[31m\u{1f600}".repeat(10_000);
    cards[1].thumbnail = Some(Arc::new(RgbImage::new(0, 0)));
    let mut canvas = Canvas::new();
    canvas.blank(640, 480);
    let state = PaintState {
        weights: vec![f32::NAN, 7.0, -3.0],
        target: usize::MAX,
        strength: f32::NAN,
        ..self::state()
    };
    let bottom = styles(&mut canvas, &cards, &state);
    pad(
        &mut canvas,
        [cards[0].name.as_str(); 4],
        (f32::NAN, 9e9),
        bottom,
    );
    card(&mut canvas, &cards[0].name, &cards[0].name);
    path_prompt(&mut canvas, &cards[0].name);
}

#[test]
fn the_weight_of_a_style_is_drawn() {
    let bar = |weights: Vec<f32>| {
        let mut canvas = Canvas::new();
        canvas.blank(640, 480);
        styles(
            &mut canvas,
            &cards(2),
            &PaintState {
                weights,
                ..self::state()
            },
        );
        let bottom = canvas.picture().rows().nth(476).unwrap();
        bottom.filter(|p| p.0 == [255, 196, 84]).count()
    };
    assert!(bar(vec![1.0, 0.0]) > bar(vec![0.3, 0.0]));
    assert_eq!(bar(vec![0.0, 0.0]), 0);
}

#[test]
fn the_mix_is_listed_by_weight() {
    assert_eq!(
        mix(&cards(3), &[0.3, 0.7, 0.001]),
        "the-scream 70 %, great-wave 30 %"
    );
    assert_eq!(mix(&cards(3), &[0.0, 1.0, 0.0]), "the-scream");
}

#[test]
fn long_sentences_are_wrapped() {
    assert_eq!(wrapped("a bc def", 4), ["a bc", "def"]);
    assert_eq!(wrapped("", 4), [""]);
}
