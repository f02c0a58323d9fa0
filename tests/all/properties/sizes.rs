//! A pastiche has the size of its photo, whatever that is and however large the strokes are.

use std::cell::RefCell;

use impasto::engine::{BRUSHES, LEAST_CONTENT_SIDE};
use impasto::picture;
use proptest::prelude::*;

use super::{check, engine, noise};
use crate::common::scene;

/// Widths and heights, 16..=2000. Small pictures and narrow ones are tried most, as large ones take long.
fn sizes() -> impl Strategy<Value = (u32, u32)> {
    let any = LEAST_CONTENT_SIDE..=2000;
    let narrow = LEAST_CONTENT_SIDE..=48_u32;
    let small = LEAST_CONTENT_SIDE..=160_u32;
    prop_oneof![
        8 => (small.clone(), small),
        4 => (any.clone(), narrow.clone()),
        4 => (narrow, any.clone()),
        1 => (any.clone(), any),
    ]
}

#[test]
fn a_pastiche_has_the_size_of_its_photo() {
    let mut engine = engine();
    let style = engine.embed(&scene(64, 48)).unwrap();
    let engine = RefCell::new(engine);
    check(
        file!(),
        64,
        (sizes(), any::<u64>()),
        |((width, height), seed)| {
            let pastiche = engine
                .borrow_mut()
                .stylize(&noise(width, height, seed), &style);
            prop_assert_eq!(pastiche.unwrap().dimensions(), (width, height));
            Ok(())
        },
    );
}

#[test]
fn a_brush_changes_no_size() {
    let mut engine = engine();
    let style = engine.embed(&scene(64, 48)).unwrap();
    let engine = RefCell::new(engine);
    let side = LEAST_CONTENT_SIDE..=200_u32;
    check(
        file!(),
        32,
        (side.clone(), side, BRUSHES),
        |(width, height, brush)| {
            let mut engine = engine.borrow_mut();
            engine.set_brush(brush).unwrap();
            let pastiche = engine.stylize(&scene(width, height), &style).unwrap();
            prop_assert_eq!(pastiche.dimensions(), (width, height));
            Ok(())
        },
    );
}

#[test]
fn what_is_too_small_is_refused() {
    let mut engine = engine();
    let style = engine.embed(&scene(64, 48)).unwrap();
    let engine = RefCell::new(engine);
    let sizes = (0..LEAST_CONTENT_SIDE, 0..=2000_u32, any::<bool>());
    check(file!(), 64, sizes, |(least, other, turned)| {
        let (width, height) = if turned {
            (other, least)
        } else {
            (least, other)
        };
        let photo = image::RgbImage::new(width, height);
        prop_assert!(engine.borrow_mut().stylize(&photo, &style).is_err());
        prop_assert!(engine.borrow_mut().embed(&photo).is_err());
        Ok(())
    });
}

#[test]
fn a_picture_that_is_fitted_has_the_side_that_was_asked_for() {
    let side = 1..=300_u32;
    check(
        file!(),
        64,
        (side.clone(), side.clone(), side),
        |(width, height, wanted)| {
            let fitted = picture::fit_long(&noise(width, height, 1), wanted).unwrap();
            let (w, h) = fitted.dimensions();
            prop_assert_eq!(w.max(h), wanted);
            // The other side is the nearest whole number, and at least one.
            let exact =
                f64::from(width.min(height)) * f64::from(wanted) / f64::from(width.max(height));
            let short = f64::from(w.min(h));
            prop_assert!(
                (short - exact).abs() <= 0.5 + 1e-6 || short == 1.0,
                "{w}x{h}"
            );
            Ok(())
        },
    );
}
