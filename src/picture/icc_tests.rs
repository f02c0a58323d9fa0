//! Profiles made here, and pictures converted by them.
#![allow(clippy::unwrap_used)]

use image::{GrayImage, ImageBuffer, Luma, Rgb, Rgba, RgbaImage};

use super::*;

fn conversion(profile: &ColorProfile, is_grey: bool) -> Conversion {
    match Profile::read(&profile.encode().unwrap(), is_grey).unwrap() {
        Profile::Other(conversion) => conversion,
        Profile::Srgb => panic!("taken for sRGB"),
    }
}

/// The colour that `moxcms` itself makes of a pixel.
fn wanted(profile: &ColorProfile, pixel: [u8; 3]) -> [u8; 3] {
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    };
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options);
    let mut out = [0; 3];
    transform.unwrap().transform(&pixel, &mut out).unwrap();
    out
}

#[test]
fn display_p3_becomes_srgb() {
    let p3 = ColorProfile::new_display_p3();
    let conversion = conversion(&p3, false);
    let pixels = [
        [200, 60, 30],
        [128, 128, 128],
        [10, 90, 200],
        [255, 255, 255],
        [3, 7, 5],
        [77, 201, 99],
    ];
    let picture = RgbImage::from_fn(6, 1, |x, _| Rgb(pixels[x as usize]));
    let (converted, note) = conversion.apply(picture.into());
    for (pixel, converted) in pixels.iter().zip(converted.to_rgb8().pixels()) {
        let wanted = wanted(&p3, *pixel);
        let off = converted
            .0
            .iter()
            .zip(wanted)
            .map(|(a, b)| a.abs_diff(b))
            .max();
        assert!(off <= Some(1), "{pixel:?}: {converted:?} for {wanted:?}");
    }
    let red = converted.to_rgb8().get_pixel(0, 0).0;
    assert!(
        red[0] > 210 && red[1] < 55,
        "a red of P3 is a stronger one in sRGB: {red:?}"
    );
    assert!(
        note.starts_with("converted from Display P3 to sRGB; values change by "),
        "{note}"
    );
}

#[test]
fn a_grid_is_as_good_as_the_formula() {
    let adobe = ColorProfile::new_adobe_rgb();
    let conversion = conversion(&adobe, false);
    let (mut worst, mut sum, mut count) = (0, 0, 0);
    for r in (0..256).step_by(17) {
        for g in (0..256).step_by(15) {
            for b in (0..256).step_by(13) {
                let pixel = [r as u8, g as u8, b as u8];
                let wanted = wanted(&adobe, pixel);
                let got = conversion.pixel(pixel.map(|v| f32::from(v) / 255.0), &mut 0.0);
                for (got, wanted) in got.iter().zip(wanted) {
                    let off = u32::from(got.abs_diff(wanted));
                    worst = worst.max(off);
                    sum += off;
                    count += 1;
                }
            }
        }
    }
    let mean = f64::from(sum) / f64::from(count);
    // The worst are next to the edge of sRGB's gamut, where values are cut off within a cell.
    assert!(
        mean < 0.3 && worst <= 12,
        "{mean} on average, at most {worst}"
    );
}

#[test]
fn alpha_and_sixteen_bits_are_converted_too() {
    let p3 = ColorProfile::new_display_p3();
    let conversion = conversion(&p3, false);
    let plain = RgbImage::from_pixel(1, 1, Rgb([200, 60, 30]));
    let (plain, _) = conversion.apply(plain.into());
    let clear = RgbaImage::from_pixel(1, 1, Rgba([200, 60, 30, 77]));
    let (clear, _) = conversion.apply(clear.into());
    assert_eq!(clear.to_rgba8().get_pixel(0, 0)[3], 77);
    assert_eq!(clear.to_rgb8(), plain.to_rgb8());
    let deep = ImageBuffer::from_pixel(1, 1, Rgb([200u16 * 257, 60 * 257, 30 * 257]));
    assert_eq!(conversion.apply(deep.into()).0.to_rgb8(), plain.to_rgb8());
}

#[test]
fn a_grey_profile_converts_greys_and_they_stay_grey() {
    let gamma = ColorProfile::new_gray_with_gamma(1.0);
    let conversion = conversion(&gamma, true);
    let line = GrayImage::from_fn(256, 1, |x, _| Luma([x as u8]));
    let (converted, _) = conversion.apply(line.into());
    let converted = converted.to_rgb8();
    assert!(
        converted
            .pixels()
            .all(|p| p[0].abs_diff(p[1]) <= 1 && p[1].abs_diff(p[2]) <= 1)
    );
    // Linear light of 55/255 is level 128.
    assert!(converted.get_pixel(55, 0)[0].abs_diff(128) <= 1);
    assert!(
        Profile::read(&gamma.encode().unwrap(), false).is_err(),
        "not for colours"
    );
}

#[test]
fn srgb_is_known_by_what_it_does_and_damage_is_said() {
    let bytes = srgb().unwrap();
    assert_eq!(
        bytes[24..36],
        [7, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
        "not the time of the run"
    );
    assert!(matches!(Profile::read(&bytes, false), Ok(Profile::Srgb)));
    let damaged = |bytes: &[u8]| Profile::read(bytes, false).err();
    assert_eq!(damaged(b"").as_deref(), Some("is damaged"));
    assert_eq!(
        damaged(b"a profile of a wide gamut").as_deref(),
        Some("is damaged")
    );
    // Cut short, and with bytes turned over: refused or read, and no panic comes through.
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for cut in (0..p3.len()).step_by(101) {
        drop(Profile::read(&p3[..cut], false));
    }
    for at in (0..p3.len()).step_by(89) {
        let mut bytes = p3.clone();
        bytes[at] ^= 0xFF;
        drop(Profile::read(&bytes, false));
    }
    let hostile = "Display\n\x1b[31mP3".repeat(30);
    let mut named = ColorProfile::new_display_p3();
    named.description = Some(ProfileText::PlainString(hostile));
    let said = name(&named);
    assert!(
        said.chars().count() <= 60 && !said.contains(char::is_control),
        "{said}"
    );
}
