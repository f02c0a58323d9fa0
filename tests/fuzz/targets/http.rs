//! The bytes of a connection to `--serve`, with and without a token, and the JSON of a control.

use std::sync::OnceLock;
use std::time::Duration;

use impasto::remote::http::in_memory;
use impasto::remote::view::View;
use impasto::remote::{Control, Desk};

use super::check;

const TOKEN: &str = "correct-horse-battery";

/// The most that is read of an answer. The page and its files are smaller.
const MOST: usize = 256 << 10;

/// How long an answer without end is waited for.
const LONGEST: Duration = Duration::from_millis(30);

pub fn run(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else {
        return;
    };
    match first % 4 {
        0 => control(bytes),
        kind => connection(bytes, (kind == 1).then_some(TOKEN)),
    }
}

fn control(json: &[u8]) {
    let styles = ["great-wave".to_owned(), "irises".to_owned()];
    match in_memory::control(json, &styles) {
        Ok(Control::Strength(value)) => assert!((0.0..=1.0).contains(&value)),
        Ok(Control::Mix(parts)) => assert!((1..=4).contains(&parts.len())),
        Ok(_) => {}
        Err(reason) => check::one_line(&reason, ""),
    }
}

fn connection(bytes: &[u8], token: Option<&str>) {
    static VIEW: OnceLock<std::sync::Mutex<View>> = OnceLock::new();
    let view = VIEW.get_or_init(|| View::start().expect("a thread for the pictures").into());
    let viewers = view.lock().expect("not poisoned").viewers();
    let (desk, controls) = Desk::new();
    let answer = in_memory::answer(&desk, &viewers, token, bytes, MOST, LONGEST);
    let answer = answer.expect("a thread for the server");
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1."),
        "no answer of HTTP"
    );
    // A request without the token reaches nothing behind it.
    if token.is_some() && !contains(bytes, TOKEN.as_bytes()) {
        assert!(controls.try_recv().is_err(), "a control without the token");
        assert!(
            !answer.starts_with(b"HTTP/1.1 2"),
            "an answer without the token"
        );
    }
    // Nor does one from a page of another site.
    if contains(bytes, b"\r\norigin: http://evil") {
        let first = answer
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let only = bytes.windows(4).filter(|four| four == b"\r\n\r\n").count() == 1;
        assert!(
            !only || !first.starts_with(b"HTTP/1.1 2"),
            "an answer to another site"
        );
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
