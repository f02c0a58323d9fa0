//! The weights of a transition sum to one and stay in 0..=1, whatever is asked for and when.

use impasto::style::Transition;
use proptest::prelude::*;

use super::check;

#[derive(Debug, Clone)]
enum Ask {
    Append,
    Glide(usize, f64),
    Hold(Vec<(usize, f32)>),
    Stay,
    Wait,
}

fn ask() -> impl Strategy<Value = Ask> {
    let seconds = prop_oneof![Just(0.0), 0.0..5.0_f64, any::<f64>()];
    let amount = prop_oneof![0.0..1.0_f32, any::<f32>()];
    prop_oneof![
        1 => Just(Ask::Append),
        4 => (0..8_usize, seconds).prop_map(|(style, seconds)| Ask::Glide(style, seconds)),
        2 => prop::collection::vec((0..8_usize, amount), 0..4).prop_map(Ask::Hold),
        1 => Just(Ask::Stay),
        4 => Just(Ask::Wait),
    ]
}

#[test]
fn weights_sum_to_one_at_all_times() {
    let asked = prop::collection::vec((ask(), -0.1..0.9_f64), 1..60);
    check(file!(), 512, (1..5_usize, asked), |(styles, asked)| {
        let (mut transition, mut now) = (Transition::new(styles), 0.0);
        for (ask, step) in asked {
            // A clock that runs backwards now and then.
            now += step;
            match ask {
                Ask::Append => transition.append(),
                Ask::Glide(style, seconds) => drop(transition.glide_to(style, seconds, now)),
                Ask::Hold(weights) => transition.hold(&weights, now),
                Ask::Stay => transition.stay(now),
                Ask::Wait => {}
            }
            let weights = transition.weights(now);
            let sum: f32 = weights.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-5, "{weights:?} sum to {sum}");
            prop_assert!(
                weights.iter().all(|w| (0.0..=1.0).contains(w)),
                "{weights:?}"
            );
        }
        Ok(())
    });
}
