//! Rules that several targets check.

/// The longest error that a person still reads.
const LONGEST: usize = 1200;

/// An error is one line that names what was read.
pub fn one_line(error: &impl std::fmt::Display, name: &str) {
    let text = error.to_string();
    assert!(text.contains(name), "does not name {name}: {text}");
    assert!(!text.contains('\n'), "more than one line: {text}");
    assert!(text.len() < LONGEST, "{} bytes: {text}", text.len());
}
