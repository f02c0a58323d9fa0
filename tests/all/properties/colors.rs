//! The way through OKLab and back leaves every colour of sRGB where it was.

use impasto::picture::{Colors, KeepColors, Palette};
use proptest::prelude::*;

use super::{check, most_difference, noise};

/// The most levels that a picture changes that is matched to its own colours: the map adds a little noise to the colours that
/// it moves (half a hundredth of the range), which makes them a thousandth greyer, and a thousandth of OKLab's range is a few
/// levels in the dark.
const MOST_MATCHED: u8 = 5;

/// Nearly no change, but not none: the way through OKLab is taken.
const NEARLY_ONE: f32 = 1.000_001;

#[test]
fn there_and_back_is_the_same_colour() {
    let colors = Colors {
        contrast: NEARLY_ONE,
        ..Colors::default()
    };
    assert!(!colors.is_identity());
    check(file!(), 256, any::<u64>(), |seed| {
        let picture = noise(37, 9, seed);
        let mut back = picture.clone();
        colors.apply(&picture, &mut back);
        let most = most_difference(&picture, &back);
        prop_assert!(most <= 1, "{most} levels");
        Ok(())
    });
}

#[test]
fn a_picture_that_keeps_its_own_colours_keeps_them() {
    let modes = prop_oneof![Just(KeepColors::Luminance), Just(KeepColors::Histogram)];
    check(file!(), 128, (any::<u64>(), modes), |(seed, keep)| {
        let picture = noise(23, 17, seed);
        let mut kept = picture.clone();
        let colors = Colors {
            keep,
            ..Colors::default()
        };
        colors.apply(&picture, &mut kept);
        let most = most_difference(&picture, &kept);
        let allowed = if keep == KeepColors::Luminance {
            1
        } else {
            MOST_MATCHED
        };
        prop_assert!(most <= allowed, "{most} levels");
        Ok(())
    });
}

#[test]
fn a_picture_matched_to_its_own_palette_is_the_picture() {
    check(file!(), 128, any::<u64>(), |seed| {
        let picture = noise(23, 17, seed);
        let mut matched = picture.clone();
        let colors = Colors {
            palette: Some(Palette::of(&picture)),
            ..Colors::default()
        };
        colors.apply(&picture, &mut matched);
        let most = most_difference(&picture, &matched);
        prop_assert!(most <= MOST_MATCHED, "{most} levels");
        Ok(())
    });
}

#[test]
fn saturation_0_is_grey() {
    let grey = Colors {
        saturation: 0.0,
        ..Colors::default()
    };
    check(file!(), 128, any::<u64>(), |seed| {
        let mut picture = noise(23, 17, seed);
        grey.apply(&picture.clone(), &mut picture);
        for pixel in picture.pixels() {
            let [r, g, b] = pixel.0;
            prop_assert!(r.max(g).max(b) - r.min(g).min(b) <= 1, "{pixel:?}");
        }
        Ok(())
    });
}

#[test]
fn any_factors_are_taken_or_refused() {
    check(
        file!(),
        512,
        (any::<f32>(), any::<f32>(), any::<u64>()),
        |(contrast, saturation, seed)| {
            let colors = Colors {
                contrast,
                saturation,
                ..Colors::default()
            };
            let range = impasto::picture::FACTORS;
            let fair = range.contains(&contrast) && range.contains(&saturation);
            prop_assert_eq!(colors.check().is_ok(), fair);
            if fair {
                let mut picture = noise(5, 5, seed);
                colors.apply(&picture.clone(), &mut picture);
            }
            Ok(())
        },
    );
}
