//! The secret in the address, without which nothing is served to other machines.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

/// The variable in which the user may choose the secret, so that an address stays the same from one session to the next.
pub const VARIABLE: &str = "IMPASTO_TOKEN";

/// How long a secret may be that the user chooses.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// Letters, digits, `-` and `_`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one, of 128 random bits of the system.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the system has none to give.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| {
            let reason = format!("the system gives no random numbers: {e}; set {VARIABLE}");
            Error::invalid("serve", reason)
        })?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The one that the user chose in [`VARIABLE`].
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is too short to be a secret, or cannot stand in an address.
    pub fn chosen() -> Result<Option<Self>> {
        match std::env::var(VARIABLE) {
            Ok(text) if !text.is_empty() => Self::parse(&text).map(Some),
            Err(std::env::VarError::NotUnicode(_)) => Self::parse("").map(Some),
            _ => Ok(None),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if LENGTHS.contains(&text.len()) && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        let (least, most) = LENGTHS.into_inner();
        let reason = format!("must be {least} to {most} letters, digits, - and _");
        Err(Error::invalid(VARIABLE, reason))
    }

    /// For the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` is the token, in a time that does not tell how much of it is right.
    pub(super) fn is(&self, text: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), text.as_bytes());
        let differing = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
        ours.len() == theirs.len() && std::hint::black_box(differing) == 0
    }
}

/// It is a secret: not in a log by accident.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::random().unwrap();
        assert!(token.is(token.as_str()) && token.as_str().len() == 22);
        assert_ne!(token, Token::random().unwrap());
        let text = token.as_str();
        for wrong in ["", &text[1..], &format!("{text}x"), &text.to_lowercase()] {
            assert!(!token.is(wrong) || wrong == text, "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_chosen_token_is_long_and_plain() {
        assert!(Token::parse("museum-of-2026_hall").is_ok());
        for text in [
            "",
            "short",
            "has a space in it!",
            "ünicode-ünicode-ü",
            &"x".repeat(129),
        ] {
            assert!(Token::parse(text).is_err(), "{text}");
        }
    }
}
