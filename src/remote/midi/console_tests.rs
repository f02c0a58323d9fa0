#![allow(clippy::unwrap_used)]

use super::*;

fn console(clock: bool) -> (tempfile::TempDir, Console) {
    let dir = tempfile::tempdir().unwrap();
    let console = Console::open(dir.path().join("midi.toml"), clock).unwrap();
    (dir, console)
}

const fn knob(number: u8, value: u8) -> Message {
    Message::Controller {
        channel: 1,
        controller: number,
        value,
    }
}

const fn key(number: u8, velocity: u8) -> Message {
    Message::Note {
        channel: 1,
        note: number,
        velocity,
    }
}

/// What comes of a message, in a word.
fn said(console: &mut Console, message: Message) -> String {
    match console.take(message, Switches::default()).control {
        Some(Control::Tap(_)) => "Tap".to_owned(),
        Some(control) => format!("{control:?}"),
        None => "nothing".to_owned(),
    }
}

/// Learn the target of this name with a message.
fn learn(console: &mut Console, name: &str, message: Message) {
    let wanted = format!("for: {name} (");
    for _ in 0..=TARGETS.len() {
        if console.learn().contains(&wanted) {
            let notice = console.take(message, Switches::default()).notice.unwrap();
            assert!(notice.contains(name), "{notice}");
            return;
        }
    }
    panic!("{name} is not offered");
}

#[test]
fn what_is_learnt_is_done_and_kept_in_the_file() {
    let (_dir, mut console) = console(false);
    assert!(console.is_empty());
    assert_eq!(said(&mut console, knob(7, 127)), "nothing");
    learn(&mut console, "strength", knob(7, 3));
    assert_eq!(said(&mut console, knob(7, 127)), "Strength(1.0)");
    assert_eq!(said(&mut console, knob(8, 127)), "nothing");
    learn(&mut console, "style 2", key(36, 100));
    assert_eq!(said(&mut console, key(36, 0)), "nothing");
    assert_eq!(said(&mut console, key(36, 100)), "GlideTo(Index(1))");
    let mut again = Console::open(console.path.clone(), false).unwrap();
    assert_eq!(said(&mut again, knob(7, 0)), "Strength(0.0)");
    assert_eq!(said(&mut again, key(36, 1)), "GlideTo(Index(1))");
}

#[test]
fn every_target_is_offered_once_and_then_learning_ends() {
    let (_dir, mut console) = console(false);
    for (_, name) in TARGETS {
        let notice = console.learn();
        assert!(notice.contains(&format!(": {name} (")), "{notice}");
    }
    assert!(console.learn().contains("over"));
    assert!(
        console
            .take(knob(1, 1), Switches::default())
            .notice
            .is_none()
    );
    assert!(console.learn().contains("strength"));
}

#[test]
fn a_key_that_is_let_go_is_not_learnt_and_the_next_target_follows() {
    let (_dir, mut console) = console(false);
    console.learn();
    assert!(
        console
            .take(key(5, 0), Switches::default())
            .notice
            .is_none()
    );
    assert!(
        console
            .take(key(5, 9), Switches::default())
            .notice
            .is_some()
    );
    assert!(
        console
            .take(key(6, 9), Switches::default())
            .notice
            .is_none()
    );
    assert!(console.learn().contains("brush"));
}

#[test]
fn a_button_is_pressed_once_however_often_it_sends_its_value() {
    let (_dir, mut console) = console(false);
    learn(&mut console, "next", knob(20, 127));
    // Still held from learning.
    assert_eq!(said(&mut console, knob(20, 127)), "nothing");
    let values = [0, 63, 64, 127, 100, 30, 127];
    let pressed = values.map(|value| said(&mut console, knob(20, value)) == "GlideBy(1)");
    assert_eq!(pressed, [false, false, true, false, false, false, true]);
}

#[test]
fn switches_go_the_other_way() {
    let (_dir, mut console) = console(false);
    learn(&mut console, "tour", key(1, 1));
    for touring in [false, true] {
        let now = Switches {
            touring,
            ..Switches::default()
        };
        let control = console.take(key(1, 1), now).control.unwrap();
        assert!(matches!(control, Control::Tour(on) if on != touring));
    }
}

#[test]
fn the_two_knobs_of_the_pad_keep_each_other() {
    let (_dir, mut console) = console(false);
    learn(&mut console, "pad x", knob(1, 1));
    learn(&mut console, "pad y", knob(2, 1));
    assert_eq!(said(&mut console, knob(1, 127)), "Pad { x: 1.0, y: 0.5 }");
    assert_eq!(said(&mut console, knob(2, 0)), "Pad { x: 1.0, y: 0.0 }");
}

#[test]
fn the_clock_taps_once_a_beat_and_only_where_it_is_followed() {
    let (_dir, mut console) = console(true);
    let taps = |console: &mut Console, clocks: usize| {
        (0..clocks)
            .filter(|_| said(console, Message::Clock) == "Tap")
            .count()
    };
    assert_eq!(taps(&mut console, 24 * 4), 4);
    taps(&mut console, 7);
    // The first clock after the start is a beat.
    assert_eq!(said(&mut console, Message::Start), "nothing");
    assert_eq!(said(&mut console, Message::Clock), "Tap");
    let (_dir, mut console) = self::console(false);
    assert_eq!(taps(&mut console, 100), 0);
}

#[test]
fn a_map_that_cannot_be_written_is_told_and_holds_for_now() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut console = Console::open(file.join("midi.toml"), false);
    // Some systems refuse to look into a file, others find nothing there.
    let Ok(console) = &mut console else { return };
    console.learn();
    let notice = console
        .take(knob(1, 1), Switches::default())
        .notice
        .unwrap();
    assert!(notice.contains("for now"), "{notice}");
    assert_eq!(said(console, knob(1, 127)), "Strength(1.0)");
}
