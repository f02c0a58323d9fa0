//! `--style` arguments.

use impasto::style::{StyleArgument, StyleSource};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(argument) = text.parse::<StyleArgument>() else {
        return;
    };
    assert!(argument.weight.is_finite() && argument.weight >= 0.0);
    let what = match &argument.source {
        StyleSource::Named(name) => format!("@{name}"),
        StyleSource::Picture(path) => path.display().to_string(),
    };
    assert!(text.starts_with(&what) && !what.is_empty());
    let stem = argument.stem();
    assert!(
        argument.picture().is_none() || !stem.contains('/'),
        "{stem}"
    );
    // With its weight spelt out it is the same style.
    let again: StyleArgument = format!("{what}:{}", argument.weight)
        .parse()
        .expect("a weight may stand behind it");
    if argument.weight != 1.0 || !what.contains(':') {
        assert_eq!(again.weight, argument.weight);
    }
}
