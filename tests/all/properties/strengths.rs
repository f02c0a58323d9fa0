//! Strength 0 is the photo, 1 the pastiche, and between them no channel leaves the two.

use std::cell::RefCell;

use impasto::picture::mix_with_photo;
use proptest::prelude::*;

use super::{check, engine, noise};

#[test]
fn the_ends_of_strength_are_the_photo_and_the_pastiche() {
    let engine = RefCell::new(engine());
    let side = 16..=90_u32;
    let inputs = ((side.clone(), side), any::<u64>(), any::<u64>());
    check(file!(), 32, inputs, |((width, height), seed, painting)| {
        let mut engine = engine.borrow_mut();
        let style = engine.embed(&noise(40, 30, painting)).unwrap();
        let photo = noise(width, height, seed);
        let whole = engine.stylize(&photo, &style).unwrap();
        prop_assert_eq!(
            engine.stylize_at(&photo, &style, 0.0).unwrap(),
            photo.clone()
        );
        prop_assert_eq!(engine.stylize_at(&photo, &style, 1.0).unwrap(), whole);
        Ok(())
    });
}

#[test]
fn other_strengths_are_refused() {
    let engine = RefCell::new(engine());
    let style = engine.borrow_mut().embed(&noise(20, 20, 3)).unwrap();
    let photo = noise(16, 16, 5);
    check(file!(), 256, any::<f32>(), |strength| {
        let painted = engine.borrow_mut().stylize_at(&photo, &style, strength);
        prop_assert_eq!(painted.is_ok(), (0.0..=1.0).contains(&strength));
        Ok(())
    });
}

#[test]
fn a_photo_that_is_mixed_in_leaves_no_channel_outside_the_two() {
    let inputs = (any::<u64>(), any::<u64>(), 0.0..=1.0_f32);
    check(file!(), 256, inputs, |(photo, painted, strength)| {
        let (photo, painted) = (noise(16, 9, photo), noise(16, 9, painted));
        let mut mixed = painted.clone();
        mix_with_photo(&photo, &mut mixed, strength);
        for ((mixed, a), b) in mixed.iter().zip(photo.iter()).zip(painted.iter()) {
            prop_assert!((*a.min(b)..=*a.max(b)).contains(mixed));
        }
        Ok(())
    });
}
