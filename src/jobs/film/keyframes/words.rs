//! A line in; its words out, without quotation marks and comment.

/// A word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    /// It began with a quotation mark: then it is a style, whatever it looks like.
    pub quoted: bool,
}

impl Word {
    /// Whether it stands for the value of the row before.
    pub(super) fn is_dash(&self) -> bool {
        !self.quoted && self.text == "-"
    }
}

/// Words are parted by spaces. A `"` at the beginning of a word keeps spaces up to the next `"`; what follows that
/// without a space (a weight) belongs to the word. A `#` at the beginning of a word ends the line.
pub(super) fn split(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (mut text, quoted) = (String::new(), rest.starts_with('"'));
        if quoted {
            let (inside, behind) = rest[1..]
                .split_once('"')
                .ok_or_else(|| format!("a quotation mark is not closed: {}", short(rest)))?;
            text.push_str(inside);
            rest = behind;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        text.push_str(&rest[..end]);
        rest = rest[end..].trim_start();
        words.push(Word { text, quoted });
    }
    Ok(words)
}

/// A piece of the file as messages quote it: short, and without what a terminal would obey.
pub(super) fn short(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(60)
        .collect();
    if text.chars().nth(60).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_are_parted_and_quotes_keep_spaces() {
        let line = "\t0:04 @irises:0.5  \"my # pic.jpg\":0.5 a#1.jpg \"\" -  # the rest \" of it";
        let words = split(line).unwrap();
        let texts: Vec<_> = words.iter().map(|w| (w.text.as_str(), w.quoted)).collect();
        let expected = [
            ("0:04", false),
            ("@irises:0.5", false),
            ("my # pic.jpg:0.5", true),
            ("a#1.jpg", false),
            ("", true),
            ("-", false),
        ];
        assert_eq!(texts, expected);
        assert!(split("  # only a comment").unwrap().is_empty());
        assert!(split("0 \"open").unwrap_err().contains("\"open"));
    }
}
