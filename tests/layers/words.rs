//! The words of Rust, as far as imports need them.

/// Names and signs of `source`, without comments, strings, characters, lifetimes and numbers.
pub fn tokens(source: &str) -> Vec<String> {
    let text: Vec<char> = source.chars().collect();
    let at = |n: usize| text.get(n).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut n = 0;
    while n < text.len() {
        let c = at(n);
        if c == '/' && at(n + 1) == '/' {
            while n < text.len() && at(n) != '\n' {
                n += 1;
            }
        } else if c == '/' && at(n + 1) == '*' {
            n = after_comment(&text, n);
        } else if c == '"' {
            n = after_string(&text, n);
        } else if c == '\'' {
            n = after_quote(&text, n);
        } else if c.is_alphanumeric() || c == '_' {
            let start = n;
            while at(n).is_alphanumeric() || at(n) == '_' {
                n += 1;
            }
            let word: String = text[start..n].iter().collect();
            let raw = ["r", "br", "cr"].contains(&word.as_str());
            let hashes = (n..).take_while(|k| at(*k) == '#').count();
            if raw && at(n + hashes) == '"' {
                n = after_raw_string(&text, n + hashes, hashes);
            } else if word == "r" && hashes == 1 {
                // `r#name` is the name.
                n += 1;
            } else if !c.is_ascii_digit()
                && !(["b", "c"].contains(&word.as_str()) && (at(n) == '"' || at(n) == '\''))
            {
                tokens.push(word);
            }
        } else if c == ':' && at(n + 1) == ':' {
            tokens.push("::".to_owned());
            n += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            n += 1;
        }
    }
    tokens
}

/// Past the comment that opens at `n`; comments nest.
fn after_comment(text: &[char], mut n: usize) -> usize {
    let mut depth = 0;
    while n < text.len() {
        match (text[n], text.get(n + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                n += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                n += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => n += 1,
        }
    }
    n
}

/// Past the string whose quote stands at `n`.
fn after_string(text: &[char], mut n: usize) -> usize {
    n += 1;
    while n < text.len() && text[n] != '"' {
        n += if text[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

/// Past the raw string whose quote stands at `n`, opened with `hashes` signs.
fn after_raw_string(text: &[char], mut n: usize, hashes: usize) -> usize {
    n += 1;
    while n < text.len() {
        if text[n] == '"' && text[n + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return n + 1 + hashes;
        }
        n += 1;
    }
    n
}

/// Past the character or the lifetime whose quote stands at `n`.
fn after_quote(text: &[char], n: usize) -> usize {
    if text.get(n + 1) == Some(&'\\') {
        let close = text[(n + 3).min(text.len())..]
            .iter()
            .position(|c| *c == '\'');
        return close.map_or(text.len(), |close| n + 4 + close);
    }
    // A character closes right after one sign; a lifetime does not, and its name is left to be read as a word.
    if text.get(n + 2) == Some(&'\'') {
        return n + 3;
    }
    let name = text[n + 1..]
        .iter()
        .take_while(|c| c.is_alphanumeric() || **c == '_')
        .count();
    n + 1 + name
}
