#![allow(clippy::unwrap_used)]
use super::*;

fn sum(transition: &mut Transition, now: f64) -> f64 {
    transition.weights(now).iter().map(|w| f64::from(*w)).sum()
}

#[test]
fn a_glide_meets_both_ends_and_its_steps_are_small() {
    let mut transition = Transition::new(2);
    transition.glide_to(1, 2.0, 1.0).unwrap();
    assert_eq!(transition.weights(1.0), [1.0, 0.0]);
    let mut before = 1.0;
    for frame in 0..=60 {
        let now = 1.0 + f64::from(frame) / 30.0;
        let weight = transition.weights(now)[0];
        // The greatest speed of the path is 1.875 of the mean.
        assert!(
            before - weight <= 1.875 / 60.0 + 1e-6 && weight <= before,
            "frame {frame}"
        );
        assert!((sum(&mut transition, now) - 1.0).abs() < 1e-6);
        before = weight;
    }
    assert_eq!(transition.weights(3.0), [0.0, 1.0]);
    assert!(!transition.is_moving());
}

#[test]
fn a_new_goal_in_the_middle_starts_where_the_mix_is() {
    let mut transition = Transition::new(3);
    transition.glide_to(1, 1.0, 0.0).unwrap();
    let middle = transition.weights(0.5).to_vec();
    transition.glide_to(2, 1.0, 0.5).unwrap();
    assert_eq!(transition.weights(0.5), middle);
    let next = transition.weights(0.533).to_vec();
    let jump = next
        .iter()
        .zip(&middle)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    // It goes on at the speed that it had, the greatest of the path.
    assert!(jump < 1.875 * 0.033 + 1e-3, "{jump}");
    assert_eq!(transition.weights(9.0), [0.0, 0.0, 1.0]);
}

#[test]
fn no_time_is_a_jump_and_nonsense_is_refused() {
    let mut transition = Transition::new(2);
    transition.glide_to(1, 0.0, 5.0).unwrap();
    assert_eq!(transition.weights(5.0), [0.0, 1.0]);
    for (style, seconds) in [(2, 1.0), (0, -1.0), (0, f64::NAN), (0, f64::INFINITY)] {
        assert!(transition.glide_to(style, seconds, 6.0).is_err());
    }
    assert_eq!(transition.weights(f64::NAN), [0.0, 1.0]);
}

#[test]
fn the_hand_is_followed_alike_at_any_rate() {
    let reach = |frames: u32| {
        let mut transition = Transition::new(4);
        transition.hold(&[(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)], 0.0);
        for frame in 1..=frames {
            transition.weights(0.2 * f64::from(frame) / f64::from(frames));
        }
        transition.weights(0.2).to_vec()
    };
    for (a, b) in reach(3).iter().zip(reach(48)) {
        assert!((a - b).abs() < 1e-5);
    }
    let mut transition = Transition::new(2);
    transition.hold(&[(1, 3.0), (0, 1.0)], 0.0);
    assert_eq!(transition.weights(10.0), [0.25, 0.75]);
    transition.stay(10.0);
    assert_eq!(transition.weights(20.0), [0.25, 0.75]);
}

#[test]
fn a_hand_that_means_nothing_moves_nothing() {
    let mut transition = Transition::new(2);
    transition.hold(&[(7, 1.0), (1, f32::NAN), (1, -1.0), (1, 0.0)], 0.0);
    assert_eq!(transition.weights(9.0), [1.0, 0.0]);
}

#[test]
fn a_style_that_joins_in_the_middle_changes_nothing() {
    let mut transition = Transition::new(2);
    transition.glide_to(1, 1.0, 0.0).unwrap();
    let before = transition.weights(0.4).to_vec();
    transition.append();
    assert_eq!(transition.weights(0.4)[..2], before);
    transition.glide_to(2, 1.0, 0.4).unwrap();
    assert_eq!(transition.weights(2.0), [0.0, 0.0, 1.0]);
}

#[test]
fn the_embedding_is_the_mix() {
    let style = |v: f32| StyleEmbedding::new(vec![v], "s").unwrap();
    let strip = [style(2.0), style(6.0)];
    let mut transition = Transition::new(2);
    let mut mix = style(0.0);
    transition.glide_to(1, 2.0, 0.0).unwrap();
    transition.embedding_into(1.0, &strip, &mut mix).unwrap();
    assert_eq!(mix.values().to_vec(), [4.0]);
    assert!(
        transition
            .embedding_into(1.0, &strip[..1], &mut mix)
            .is_err()
    );
}

#[test]
fn a_tour_keeps_its_beat() {
    let mut tour = Tour::new(2.0);
    assert!(!tour.is_due(100.0));
    tour.begin(0.0);
    assert!(!tour.is_due(1.9) && tour.is_due(2.1) && !tour.is_due(3.9) && tour.is_due(4.0));
    assert!(tour.is_due(50.0) && !tour.is_due(51.0) && tour.is_due(52.0));
    tour.stop();
    assert!(!tour.is_due(99.0));
    for nonsense in [0.0, -1.0, f64::NAN] {
        let mut tour = Tour::new(nonsense);
        tour.begin(0.0);
        assert!(tour.is_on() && !tour.is_due(1e9), "{nonsense}");
    }
}

/// One frame at 30 frames a second, in seconds.
const FRAME: f64 = 1.0 / 30.0;

fn assert_is_mix(weights: &[f32]) {
    let sum: f32 = weights.iter().sum();
    assert!((sum - 1.0).abs() < 1e-5, "{weights:?}");
    let fair = |w: &f32| (0.0..=1.0).contains(w);
    assert!(weights.iter().all(fair), "{weights:?}");
}

#[test]
fn a_change_of_mind_bends_the_way_and_does_not_break_it() {
    let mut transition = Transition::new(3);
    let mut all = Vec::new();
    for n in 0..150 {
        let now = f64::from(n) * FRAME;
        match n {
            5 => transition.glide_to(1, 2.0, now).unwrap(),
            30 => transition.glide_to(2, 2.0, now).unwrap(),
            50 => transition.glide_to(0, 1.0, now).unwrap(),
            _ => {}
        }
        all.push(transition.weights(now).to_vec());
        assert_is_mix(&all[n as usize]);
    }
    let middle = all[30][1];
    assert!(middle > 0.3 && middle < 0.7, "{middle}");
    assert_eq!(all[149], [1.0, 0.0, 0.0]);
    for style in 0..3 {
        let speeds: Vec<f64> = all
            .windows(2)
            .map(|w| f64::from(w[1][style] - w[0][style]) / FRAME)
            .collect();
        for (n, pair) in speeds.windows(2).enumerate() {
            // A glide of 1 s accelerates by less than 5.8 a second squared. One that stopped first would lose 15/16,
            // its speed in the middle of 2 s, in a single frame.
            let bend = (pair[1] - pair[0]).abs();
            assert!(bend < 10.0 * FRAME, "style {style}, frame {n}: {bend}");
        }
    }
}

#[test]
fn a_jump_of_the_hand_is_no_jump_of_the_picture() {
    let mut transition = Transition::new(4);
    transition.glide_to(1, 1.0, 0.0).unwrap();
    let mut before = transition.weights(0.5).to_vec();
    for n in 0..60 {
        let now = 0.5 + f64::from(n) * FRAME;
        transition.hold(&[(if n < 30 { 3 } else { 2 }, 1.0)], now);
        let weights = transition.weights(now).to_vec();
        assert_is_mix(&weights);
        let steps = weights.iter().zip(&before).map(|(a, b)| (a - b).abs());
        let step = f64::from(steps.fold(0.0, f32::max));
        assert!(step <= FRAME / HOLD_TAU + 1e-6, "frame {n}: {step}");
        before = weights;
    }
    // A glide takes over from a hand that still moves.
    transition.hold(&[(0, 1.0)], 2.5);
    let before = transition.weights(2.55).to_vec();
    transition.glide_to(1, 1.0, 2.55).unwrap();
    assert_eq!(transition.weights(2.55), before);
    assert_eq!(transition.weights(3.55), [0.0, 1.0, 0.0, 0.0]);
    assert!(!transition.is_moving());
}

#[test]
fn a_key_pressed_as_the_hand_lets_go_is_not_lost() {
    let mut transition = Transition::new(2);
    transition.hold(&[(0, 1.0), (1, 1.0)], 0.0);
    transition.glide_to(1, 1.0, 0.1).unwrap();
    transition.stay(0.1);
    assert!(transition.is_moving());
    assert_eq!(transition.weights(1.1), [0.0, 1.0]);
}

#[test]
fn whatever_is_asked_it_stays_a_mix_without_jumps() {
    let mut transition = Transition::new(2);
    let mut styles = 2;
    let mut random = 1u64;
    let mut dice = move |sides: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((random >> 33) % sides) as usize
    };
    for n in 0..20_000 {
        let now = f64::from(n) * FRAME;
        let before = transition.weights(now).to_vec();
        let seconds = [1e-9, 0.3, 1.0, 20.0, f64::MAX][dice(5)];
        match dice(12) {
            0..=4 => transition.glide_to(dice(styles), seconds, now).unwrap(),
            5 => transition.hold(&[(dice(styles), f32::MAX), (1, 1e-45)], now),
            6 => transition.stay(now),
            7 if styles < 9 => {
                transition.append();
                styles += 1;
            }
            _ => {}
        }
        let after = transition.weights(now).to_vec();
        assert_is_mix(&after);
        for (a, b) in after.iter().zip(&before) {
            let step = f64::from((a - b).abs());
            assert!(step <= ARRIVED + 1e-6, "{before:?} {after:?}");
        }
        assert!(transition.glides.len() <= MOST_GLIDES);
    }
}
