//! Glides, tours, strengths and the beat, frame by frame.

use super::*;
use crate::live::embedder::Embedder;

fn animation(styles: usize, tour: Option<f64>) -> StyleAnimation {
    let styles: Vec<StyleEntry> = (0..styles)
        .map(|n| StyleEntry {
            name: n.to_string(),
            embedding: StyleEmbedding::new(vec![n as f32], "s").unwrap(),
            thumbnail: None,
        })
        .collect();
    StyleAnimation::new(&styles, 1.0, tour, 1.0, None)
}

fn state(animation: &mut StyleAnimation) -> PaintState {
    let mut state = PaintState::default();
    animation.describe(&mut state);
    state
}

#[test]
fn steps_go_round_the_list() {
    let mut animation = animation(3, None);
    for (step, target) in [(1, 1), (1, 2), (1, 0), (-1, 2), (-4, 1)] {
        animation.apply(&PainterCommand::GlideBy(step));
        assert_eq!(state(&mut animation).target, target);
    }
    animation.apply(&PainterCommand::GlideTo(7));
    assert_eq!(state(&mut animation).target, 1);
}

#[test]
fn a_tour_goes_on_by_itself_until_the_user_mixes() {
    let mut animation = animation(2, Some(2.0));
    animation.advance(1.9);
    assert_eq!(state(&mut animation).target, 0);
    animation.advance(2.1);
    assert!(state(&mut animation).target == 1 && state(&mut animation).touring);
    animation.apply(&PainterCommand::Mix([
        (0, 1.0),
        (1, 1.0),
        (0, 0.0),
        (0, 0.0),
    ]));
    animation.advance(9.0);
    let state = state(&mut animation);
    assert!(!state.touring && state.weights == [0.5, 0.5], "{state:?}");
}

#[test]
fn the_strength_moves_and_does_not_jump() {
    let mut animation = animation(1, None);
    animation.apply(&PainterCommand::Strength(0.5));
    animation.advance(0.1);
    assert!(
        (state(&mut animation).strength - 0.9).abs() < 1e-6 && animation.needs_content_embedding()
    );
    animation.advance(5.0);
    assert!((state(&mut animation).strength - 0.5).abs() < 1e-6);
    animation.apply(&PainterCommand::Strength(f32::INFINITY));
    animation.advance(50.0);
    assert!(!animation.needs_content_embedding());
}

#[test]
fn a_style_that_is_replaced_fades_in() {
    let mut animation = animation(1, None);
    let answers = std::sync::mpsc::channel().0;
    let mut content = ContentEmbedding::new(Embedder::start(None, None, answers).unwrap());
    let mut at = |animation: &mut StyleAnimation, now: f64| {
        animation.advance(now);
        animation.style(&mut content).unwrap().values()[0]
    };
    assert_eq!(at(&mut animation, 1.0), 0.0);
    animation.put(0, StyleEmbedding::new(vec![8.0], "s").unwrap());
    let mut last = at(&mut animation, 1.0);
    assert_eq!(last, 0.0);
    for n in 1..=20 {
        let value = at(&mut animation, 1.0 + f64::from(n) / 20.0);
        assert!((0.0..0.8).contains(&(value - last)), "{last} to {value}");
        last = value;
    }
    assert_eq!(last, 8.0);
    // Replaced again while fading: it fades from the current mix, not from the first one.
    animation.put(0, StyleEmbedding::new(vec![0.0], "s").unwrap());
    let middle = at(&mut animation, 2.5);
    animation.put(0, StyleEmbedding::new(vec![100.0], "s").unwrap());
    assert_eq!(at(&mut animation, 2.5), middle);
}

#[test]
fn styles_join_and_change() {
    let mut animation = animation(1, None);
    let embedding = |v: f32| StyleEmbedding::new(vec![v], "s").unwrap();
    animation.put(1, embedding(5.0));
    animation.put(0, embedding(7.0));
    animation.apply(&PainterCommand::GlideTo(1));
    animation.advance(9.0);
    assert_eq!(state(&mut animation).weights, [0.0, 1.0]);
}

#[test]
fn with_a_tempo_a_glide_begins_at_the_beat_and_lasts_whole_beats() {
    // Half a second a beat; a glide of 1 second is two beats.
    let mut animation = animation(3, None);
    animation.apply(&PainterCommand::Tempo(Some(120.0)));
    animation.advance(0.6);
    animation.apply(&PainterCommand::GlideTo(1));
    // What will be is told at once, so that the next step goes on from there.
    assert_eq!(state(&mut animation).target, 1);
    animation.advance(0.99);
    assert_eq!(state(&mut animation).weights, [1.0, 0.0, 0.0]);
    // The frame comes after the beat, and the glide is where it would be had the frame come in time.
    animation.advance(1.25);
    let at = |t: f64| ease(t) as f32;
    assert_eq!(state(&mut animation).weights[1], at(0.25));
    animation.advance(1.5);
    assert_eq!(state(&mut animation).weights[1], 0.5);
    animation.advance(2.0);
    assert_eq!(state(&mut animation).weights, [0.0, 1.0, 0.0]);
    assert_eq!(state(&mut animation).beat, Some(1));
}

#[test]
fn with_a_tempo_a_tour_steps_at_bars_whatever_the_frames_are() {
    let glides = |rate: f64| {
        let mut animation = animation(2, Some(3.0));
        animation.lock = BeatLock::new(Some(120.0));
        animation.begin_tour();
        let mut half = Vec::new();
        for n in 0..=(10.0 * rate) as u32 {
            animation.advance(f64::from(n) / rate);
            let state = state(&mut animation);
            if state.weights == [0.5, 0.5] {
                half.push(animation.now());
            }
        }
        half
    };
    // 3 seconds are two bars of 2 seconds; a glide is half over after half a second.
    assert_eq!(glides(30.0), [4.5, 8.5]);
    assert_eq!(glides(10.0), [4.5, 8.5]);
}

#[test]
fn a_mix_by_hand_replaces_the_glide_that_waits() {
    let mut animation = animation(2, None);
    animation.apply(&PainterCommand::Tempo(Some(60.0)));
    animation.advance(0.1);
    animation.apply(&PainterCommand::GlideTo(1));
    let corners = [(0, 1.0), (0, 0.0), (0, 0.0), (0, 0.0)];
    animation.apply(&PainterCommand::Mix(corners));
    animation.advance(5.0);
    assert_eq!(state(&mut animation).weights, [1.0, 0.0]);
    animation.apply(&PainterCommand::Tempo(None));
    animation.apply(&PainterCommand::GlideTo(1));
    animation.advance(5.5);
    assert_eq!(state(&mut animation).weights, [0.5, 0.5]);
}
