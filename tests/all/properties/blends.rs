//! Blends of embeddings are convex, do not depend on the order, and leave a style that is blended with itself.

use impasto::StyleEmbedding;
use impasto::style::collection::Way;
use proptest::prelude::*;

use super::check;

/// Embeddings of one network, each with a weight; at least one weight counts.
fn parts() -> impl Strategy<Value = Vec<(StyleEmbedding, f32)>> {
    (1..=12_usize).prop_flat_map(|values| {
        let embedding = prop::collection::vec(-1e3_f32..1e3, values)
            .prop_map(|values| StyleEmbedding::new(values, "s").unwrap());
        let weight = prop_oneof![Just(0.0_f32), 1e-3_f32..10.0];
        prop::collection::vec((embedding, weight), 1..=6)
            .prop_filter("all weights are 0", |parts| {
                parts.iter().any(|(_, w)| *w > 0.0)
            })
    })
}

fn mix(parts: &[(StyleEmbedding, f32)]) -> StyleEmbedding {
    let parts: Vec<_> = parts
        .iter()
        .map(|(style, weight)| (style, *weight))
        .collect();
    StyleEmbedding::mix(&parts).unwrap()
}

/// The difference that rounding may make: relative to the largest value that takes part, as values may cancel.
fn tolerance(parts: &[(StyleEmbedding, f32)]) -> f32 {
    let values = parts.iter().flat_map(|(style, _)| style.values().to_vec());
    1e-6 * values.fold(1.0, |most: f32, value| most.max(value.abs()))
}

fn largest_gap(a: &StyleEmbedding, b: &StyleEmbedding) -> f32 {
    let (a, b) = (a.values(), b.values());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn a_blend_lies_between_its_styles_in_every_value() {
    check(file!(), 512, parts(), |parts| {
        let (mixed, slack) = (mix(&parts), tolerance(&parts));
        for (place, value) in mixed.values().iter().enumerate() {
            // A style of weight 0 takes no part.
            let of = parts.iter().filter(|(_, weight)| *weight > 0.0);
            let of: Vec<f32> = of.map(|(style, _)| style.values()[place]).collect();
            let least = of.iter().copied().fold(f32::INFINITY, f32::min);
            let most = of.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert!(
                (least - slack..=most + slack).contains(value),
                "value {place} is {value}, not in {least}..={most}"
            );
        }
        Ok(())
    });
}

#[test]
fn the_order_of_a_blend_does_not_matter() {
    let shuffled = parts().prop_flat_map(|parts| (Just(parts.clone()), Just(parts).prop_shuffle()));
    check(file!(), 512, shuffled, |(parts, shuffled)| {
        let gap = largest_gap(&mix(&parts), &mix(&shuffled));
        prop_assert!(gap <= tolerance(&parts), "{gap}");
        Ok(())
    });
}

#[test]
fn a_style_blended_with_itself_is_the_style() {
    check(file!(), 512, parts(), |parts| {
        let one = &parts[0].0;
        let same: Vec<_> = parts
            .iter()
            .map(|(_, weight)| (one.clone(), *weight))
            .collect();
        let gap = largest_gap(&mix(&same), one);
        prop_assert!(gap <= tolerance(&same), "{gap}");
        Ok(())
    });
}

#[test]
fn the_scale_of_the_weights_does_not_matter() {
    check(
        file!(),
        512,
        (parts(), 0.1_f32..100.0),
        |(parts, factor)| {
            let scaled: Vec<_> = parts.iter().map(|(s, w)| (s.clone(), w * factor)).collect();
            let gap = largest_gap(&mix(&parts), &mix(&scaled));
            prop_assert!(gap <= tolerance(&parts), "{gap}");
            Ok(())
        },
    );
}

#[test]
fn any_weights_give_finite_values_or_are_refused() {
    let values = prop::collection::vec(any::<f32>(), 3);
    let parts = prop::collection::vec((values, any::<f32>()), 1..5);
    check(file!(), 1024, parts, |parts| {
        let made = parts.into_iter().map(|(values, weight)| {
            Ok::<_, impasto::Error>((StyleEmbedding::new(values, "s")?, weight))
        });
        let Ok(made) = made.collect::<Result<Vec<_>, _>>() else {
            return Ok(()); // a value that is not finite
        };
        let parts: Vec<_> = made
            .iter()
            .map(|(style, weight)| (style, *weight))
            .collect();
        if let Ok(mixed) = StyleEmbedding::mix(&parts) {
            prop_assert!(mixed.values().iter().all(|value| value.is_finite()));
        }
        Ok(())
    });
}

#[test]
fn a_path_through_styles_stays_between_those_it_is_between() {
    let stops = parts()
        .prop_filter("a path has two ends", |parts| parts.len() > 1)
        .prop_map(|parts| parts.into_iter().map(|(s, _)| s).collect::<Vec<_>>());
    check(file!(), 256, (stops, 0.0..=1.0_f64), |(stops, t)| {
        let path = Way::new(stops.clone()).unwrap();
        let at = path.at(t).unwrap();
        let stops: Vec<_> = stops.into_iter().map(|s| (s, 1.0)).collect();
        let slack = tolerance(&stops);
        for (place, value) in at.values().iter().enumerate() {
            let of = || stops.iter().map(|(style, _)| style.values()[place]);
            let (least, most) = (of().fold(f32::MAX, f32::min), of().fold(f32::MIN, f32::max));
            prop_assert!((least - slack..=most + slack).contains(value));
        }
        Ok(())
    });
}
