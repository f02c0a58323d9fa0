//! Whole pictures through [`Colors::apply`].

use image::Rgb;

use super::*;

/// Photo and pastiche, larger than a chunk and no multiple of one.
fn pair() -> (RgbImage, RgbImage) {
    let photo = RgbImage::from_fn(53, 41, |x, y| Rgb([x as u8 * 4, 200 - y as u8 * 3, 90]));
    let pastiche = RgbImage::from_fn(53, 41, |x, y| {
        let strokes = [(x * 7 + y * 13) % 50, (x * 5 + y * 3) % 90, (x * y) % 60];
        let [red, green, blue] = strokes.map(|s| s as u8);
        Rgb([60 + red, 40 + green, 180 - blue])
    });
    (photo, pastiche)
}

fn applied(colors: &Colors) -> RgbImage {
    let (photo, mut pastiche) = pair();
    colors.apply(&photo, &mut pastiche);
    pastiche
}

/// Lightness, green to red, blue to yellow.
fn lab(pixel: &Rgb<u8>) -> [f32; 3] {
    let mut lab = Lab::new();
    lab.read(&pixel.0);
    [lab.l[0], lab.a[0], lab.b[0]]
}

#[test]
fn the_default_changes_nothing() {
    let colors = Colors::default();
    assert!(colors.is_identity());
    assert_eq!(applied(&colors), pair().1);
    for changed in [
        Colors {
            contrast: 1.1,
            ..Colors::default()
        },
        Colors {
            saturation: 0.9,
            ..Colors::default()
        },
        Colors {
            keep: KeepColors::Luminance,
            ..Colors::default()
        },
        Colors {
            palette: Some(Palette::of(&pair().0)),
            ..Colors::default()
        },
    ] {
        assert!(!changed.is_identity());
        assert_ne!(applied(&changed), pair().1, "{changed:?}");
    }
}

#[test]
fn luminance_keeps_the_hue_of_the_photo_and_the_light_of_the_pastiche() {
    let kept = applied(&Colors {
        keep: KeepColors::Luminance,
        ..Colors::default()
    });
    let (photo, pastiche) = pair();
    for ((kept, photo), pastiche) in kept.pixels().zip(photo.pixels()).zip(pastiche.pixels()) {
        let ([l, a, b], [_, pa, pb]) = (lab(kept), lab(photo));
        assert!((l - lab(pastiche)[0]).abs() < 0.01);
        // Chroma may be less, where sRGB has no more at this lightness; the hue stays. The cross product of the two is the
        // distance from the photo's hue.
        let (chroma, wanted) = (a.hypot(b), pa.hypot(pb));
        assert!(chroma < wanted + 0.01);
        assert!(
            (a * pb - b * pa).abs() < 0.01 * wanted.max(0.05),
            "{kept:?} {photo:?}"
        );
        assert!(a * pa + b * pb > -1e-3, "not the opposite hue");
    }
}

#[test]
fn a_grey_photo_gives_a_grey_picture() {
    let photo = RgbImage::from_fn(53, 41, |x, _| Rgb([x as u8 * 4; 3]));
    for keep in [KeepColors::Luminance, KeepColors::Histogram] {
        let mut pastiche = pair().1;
        Colors {
            keep,
            ..Colors::default()
        }
        .apply(&photo, &mut pastiche);
        for Rgb([r, g, b]) in pastiche.pixels() {
            assert!(
                r.abs_diff(*g) <= 1 && g.abs_diff(*b) <= 1,
                "{keep}: {r} {g} {b}"
            );
        }
    }
}

#[test]
fn histogram_and_palette_move_the_colours_to_those_wanted() {
    let (photo, before) = pair();
    let wanted = Moments::of(&photo);
    let histogram = applied(&Colors {
        keep: KeepColors::Histogram,
        ..Colors::default()
    });
    let palette = applied(&Colors {
        palette: Some(Palette::of(&photo)),
        ..Colors::default()
    });
    assert_eq!(histogram, palette, "the photo as its own palette");
    let (was, is) = (Moments::of(&before), Moments::of(&histogram));
    for n in 0..3 {
        let (far, near) = (
            (was.mean[n] - wanted.mean[n]).abs(),
            (is.mean[n] - wanted.mean[n]).abs(),
        );
        assert!(
            near < 0.02 && near < far / 2.0 + 0.005,
            "{n}: {far} to {near}"
        );
        let spread = (is.covariance[n][n] / wanted.covariance[n][n]).sqrt();
        assert!((0.6..1.2).contains(&spread), "{n}: {spread}");
    }
}

#[test]
fn contrast_and_saturation_are_factors() {
    let (_, before) = pair();
    let with = |contrast, saturation| {
        let colors = Colors {
            contrast,
            saturation,
            ..Colors::default()
        };
        Moments::of(&applied(&colors))
    };
    let was = Moments::of(&before);
    let spread = |m: &Moments, n: usize| m.covariance[n][n].sqrt();
    let more = with(1.5, 1.0);
    assert!((spread(&more, 0) / spread(&was, 0) - 1.5).abs() < 0.1);
    let colourful = with(1.0, 1.3);
    assert!((colourful.mean[2] / was.mean[2] - 1.3).abs() < 0.1);
    assert!((colourful.mean[0] - was.mean[0]).abs() < 0.005);
    for Rgb([r, g, b]) in applied(&Colors {
        saturation: 0.0,
        ..Colors::default()
    })
    .pixels()
    {
        assert!(r == g && g == b);
    }
    for Rgb(pixel) in applied(&Colors {
        contrast: 0.0,
        saturation: 0.0,
        ..Colors::default()
    })
    .pixels()
    {
        assert!(pixel.iter().all(|c| c.abs_diff(128) <= 1), "{pixel:?}");
    }
    // After the photo's colours too.
    let grey = Colors {
        keep: KeepColors::Luminance,
        saturation: 0.0,
        ..Colors::default()
    };
    assert!(
        applied(&grey)
            .pixels()
            .all(|p| p[0] == p[1] && p[1] == p[2])
    );
}

#[test]
fn what_cannot_be_is_said() {
    for (colors, said) in [
        (
            Colors {
                contrast: 3.1,
                ..Colors::default()
            },
            "contrast",
        ),
        (
            Colors {
                saturation: f32::NAN,
                ..Colors::default()
            },
            "saturation",
        ),
        (
            Colors {
                keep: KeepColors::Histogram,
                palette: Some(Palette::of(&pair().0)),
                ..Colors::default()
            },
            "palette-from",
        ),
    ] {
        let error = colors.check().map_err(|e| e.to_string());
        assert!(error.is_err_and(|e| e.contains(said)));
    }
    assert_eq!(Colors::default().check().ok(), Some(()));
    for keep in [
        KeepColors::Off,
        KeepColors::Luminance,
        KeepColors::Histogram,
    ] {
        assert_eq!(keep.to_string().parse(), Ok(keep));
        assert_eq!(keep.next().next().next(), keep);
    }
    assert!("hue".parse::<KeepColors>().is_err());
}

#[test]
fn pictures_without_pixels_and_of_one_are_no_trouble() {
    for keep in [
        KeepColors::Off,
        KeepColors::Luminance,
        KeepColors::Histogram,
    ] {
        let colors = Colors {
            keep,
            contrast: 2.0,
            ..Colors::default()
        };
        for (width, height) in [(0, 5), (1, 1), (1, 300)] {
            let mut pastiche = RgbImage::from_pixel(width, height, Rgb([10, 240, 3]));
            colors.apply(&RgbImage::new(width, height), &mut pastiche);
            assert_eq!(pastiche.dimensions(), (width, height));
        }
    }
}
