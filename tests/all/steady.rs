//! Pastiches that hold still along the movement: what must stay, what must go, and what must be kept.
//!
//! The "network" is a fast stand-in with the faults of a real one: strokes that depend on the place in the frame, and noise
//! of the camera made larger.
#![allow(clippy::unwrap_used)]

use image::{Rgb, RgbImage};
use impasto::motion::{AMOUNT, Steady};

use crate::common::difference;

/// Random numbers that are the same on every machine.
struct Random(u32);

impl Random {
    fn level(&mut self, most: i32) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % (2 * most + 1) as u32) as i32 - most
    }
}

/// A textured scene seen from `at`, with noise of up to `noise` levels.
fn scene(width: u32, height: u32, at: (f32, f32), noise: i32, seed: u32) -> RgbImage {
    let mut random = Random(seed.wrapping_mul(747_796_405) | 1);
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 + at.0, y as f32 + at.1);
        let wave = |a: f32, b: f32| (x * a + y * b).sin();
        let sum = wave(0.13, 0.05) + wave(-0.06, 0.17) + wave(0.41, -0.34) * 0.7;
        let level = |shift: f32, noise: i32| (120.0 + shift + 40.0 * sum) as i32 + noise;
        let levels = [0.0, 20.0, -30.0].map(|shift| level(shift, random.level(noise)));
        Rgb(levels.map(|level| level.clamp(0, 255) as u8))
    })
}

/// The content's contrast raised, and strokes that stand still in the frame whatever moves.
fn paint(content: &RgbImage) -> RgbImage {
    RgbImage::from_fn(content.width(), content.height(), |x, y| {
        let stroke = if (x / 3 + y / 2) % 4 == 0 { 14 } else { 0 };
        let level = |level: u8| (i32::from(level) - 110) * 3 / 2 + 110 + stroke;
        Rgb(content
            .get_pixel(x, y)
            .0
            .map(|l| level(l).clamp(0, 255) as u8))
    })
}

fn gradients(picture: &RgbImage) -> f64 {
    let row = picture.width() as usize * 3;
    let lines: Vec<&[u8]> = picture.as_raw().chunks_exact(row).collect();
    let across = lines.iter().flat_map(|l| l.iter().zip(&l[3..]));
    across.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum()
}

fn all_steady(amount: f32, contents: &[RgbImage]) -> Vec<RgbImage> {
    let mut steady = Steady::new(amount).unwrap();
    let one = |content: &RgbImage| {
        let mut pastiche = paint(content);
        steady.apply(content, &mut pastiche).unwrap();
        pastiche
    };
    contents.iter().map(one).collect()
}

#[test]
fn amount_0_changes_no_byte() {
    let contents: Vec<_> = (0..4)
        .map(|t| scene(96, 64, (t as f32, 0.0), 8, t))
        .collect();
    for (content, shown) in contents.iter().zip(all_steady(0.0, &contents)) {
        assert_eq!(shown, paint(content));
    }
}

#[test]
fn a_still_scene_with_noise_flickers_less_than_half() {
    let contents: Vec<_> = (0..24)
        .map(|t| scene(160, 120, (0.0, 0.0), 8, t + 1))
        .collect();
    let flicker = |frames: &[RgbImage]| {
        let steps = frames[8..].windows(2).map(|p| difference(&p[0], &p[1]));
        steps.sum::<f64>()
    };
    let painted: Vec<_> = contents.iter().map(paint).collect();
    let (before, after) = (flicker(&painted), flicker(&all_steady(AMOUNT, &contents)));
    assert!(after < before * 0.5, "{after} of {before}");
    // And the more, the larger the amount.
    let little = flicker(&all_steady(0.25, &contents));
    assert!(
        after < little && little < before,
        "{after}, {little}, {before}"
    );
}

#[test]
fn a_still_scene_without_noise_becomes_what_is_painted() {
    let (first, then) = (
        scene(96, 64, (0.0, 0.0), 0, 1),
        scene(96, 64, (0.0, 0.0), 0, 1),
    );
    let mut steady = Steady::new(1.0).unwrap();
    steady.apply(&first, &mut paint(&first)).unwrap();
    // As after a change of style: another pastiche of the same content.
    let mut goal = paint(&then);
    goal.iter_mut()
        .for_each(|level| *level = level.saturating_sub(25));
    let mut last = goal.clone();
    for _ in 0..120 {
        last = goal.clone();
        steady.apply(&then, &mut last).unwrap();
    }
    let worst = last
        .iter()
        .zip(goal.iter())
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(worst <= Some(2), "{worst:?} levels are left");
}

#[test]
fn a_cut_is_not_blended_over() {
    let mut steady = Steady::new(1.0).unwrap();
    for t in 0..6 {
        let content = scene(160, 120, (0.5 * t as f32, 0.0), 3, t);
        steady.apply(&content, &mut paint(&content)).unwrap();
    }
    let content = RgbImage::from_fn(160, 120, |x, y| {
        let check = if (x / 9 + y / 7) % 2 == 0 { 230 } else { 25 };
        Rgb([check, 255 - check, 128])
    });
    let mut shown = paint(&content);
    steady.apply(&content, &mut shown).unwrap();
    assert_eq!(shown, paint(&content));
}

#[test]
fn after_a_reset_and_after_a_change_of_size_nothing_is_blended() {
    let mut steady = Steady::new(1.0).unwrap();
    let content = |width, t| scene(width, 64, (0.0, 0.0), 12, t);
    let shown = |content: &RgbImage, steady: &mut Steady| {
        let mut shown = paint(content);
        steady.apply(content, &mut shown).unwrap();
        shown == paint(content)
    };
    assert!(shown(&content(96, 1), &mut steady));
    assert!(!shown(&content(96, 2), &mut steady));
    steady.reset();
    assert!(shown(&content(96, 3), &mut steady));
    assert!(shown(&content(80, 4), &mut steady));
    assert!(!shown(&content(80, 5), &mut steady));
}

#[test]
fn sixty_frames_of_a_pan_stay_sharp() {
    let at = |t: u32| (1.3 * t as f32, 0.45 * t as f32);
    let contents: Vec<_> = (0..60).map(|t| scene(160, 120, at(t), 0, 1)).collect();
    // No strokes that stand still: what is lost is lost by warping alone.
    let mut steady = Steady::new(1.0).unwrap();
    let mut shown = RgbImage::new(0, 0);
    for content in &contents {
        shown = content.clone();
        steady.apply(content, &mut shown).unwrap();
    }
    let kept = gradients(&shown) / gradients(&contents[59]);
    assert!(
        (0.9..1.25).contains(&kept),
        "{kept} of the gradients' energy"
    );
    let off = difference(&shown, &contents[59]);
    // Half a pixel of this scene is about so much: errors of the flow add up over some frames.
    assert!(off < 8.0, "{off} levels from where it should be");
}

#[test]
fn what_an_object_uncovers_has_no_trail() {
    let ground = scene(160, 120, (0.0, 0.0), 0, 1);
    let mut steady = Steady::new(1.0).unwrap();
    for t in 0..16_i32 {
        let left = 10 + 6 * t;
        let mut content = ground.clone();
        for (x, y, pixel) in content.enumerate_pixels_mut() {
            if (left..left + 24).contains(&(x as i32)) && (40..80).contains(&y) {
                let stripe = if (x as i32 - left) / 4 % 2 == 0 {
                    250
                } else {
                    190
                };
                *pixel = Rgb([stripe, 40, 200]);
            }
        }
        let mut shown = paint(&content);
        let painted = shown.clone();
        steady.apply(&content, &mut shown).unwrap();
        // Just behind the object, where it was in the last frame.
        for y in 42..78 {
            for x in left - 5..left - 1 {
                let pair = shown.get_pixel(x as u32, y).0.into_iter();
                let pair = pair.zip(painted.get_pixel(x as u32, y).0);
                let apart = pair.map(|(a, b)| a.abs_diff(b)).max();
                assert!(apart <= Some(48), "frame {t}: {apart:?} levels at {x}, {y}");
            }
        }
    }
}

#[test]
fn any_size_is_steadied() {
    let sizes = [
        (16, 16),
        (1, 1),
        (17, 300),
        (31, 23),
        (400, 1),
        (1, 400),
        (7, 9),
        (641, 481),
    ];
    for (width, height) in sizes {
        let mut steady = Steady::new(AMOUNT).unwrap();
        for t in 0..3 {
            let content = scene(width, height, (3.0 * t as f32, 1.5), 4, t);
            let mut shown = paint(&content);
            steady.apply(&content, &mut shown).unwrap();
            assert_eq!(shown.dimensions(), (width, height));
        }
    }
    let mut steady = Steady::new(AMOUNT).unwrap();
    steady
        .apply(&RgbImage::new(0, 0), &mut RgbImage::new(0, 0))
        .unwrap();
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    for amount in [-0.1, 1.01, f32::NAN, f32::INFINITY] {
        let said = Steady::new(amount).unwrap_err().to_string();
        assert!(said.contains("between 0 and 1"), "{said}");
    }
    let mut steady = Steady::new(AMOUNT).unwrap();
    let said = steady
        .apply(&RgbImage::new(9, 9), &mut RgbImage::new(9, 8))
        .unwrap_err();
    assert!(said.to_string().contains("another size"), "{said}");
}
