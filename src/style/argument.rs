//! A style as the user writes it (`painting.jpg`, `@great-wave`, `a.jpg:0.7`) becomes a source and a weight.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};

/// Where a style comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum StyleSource {
    /// The name of a style in a gallery, without the `@`.
    Named(String),
    /// The file of a picture.
    Picture(PathBuf),
}

/// A style and its weight in a blend.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleArgument {
    /// Where it comes from.
    pub source: StyleSource,
    /// Its weight, >= 0; 1 by default. Weights are divided by their sum.
    pub weight: f32,
}

impl StyleArgument {
    /// The gallery's style `name`, with weight 1.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            source: StyleSource::Named(name.into()),
            weight: 1.0,
        }
    }

    /// The picture in the file `path`, with weight 1.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            source: StyleSource::Picture(path.into()),
            weight: 1.0,
        }
    }

    /// The picture's file, when the style is a picture.
    pub fn picture(&self) -> Option<&Path> {
        match &self.source {
            StyleSource::Picture(path) => Some(path),
            StyleSource::Named(_) => None,
        }
    }

    /// What output files call it: the name, or the file's stem.
    pub fn stem(&self) -> String {
        match &self.source {
            StyleSource::Named(name) => name.clone(),
            StyleSource::Picture(path) => path
                .file_stem()
                .map_or("style".into(), |s| s.to_string_lossy().into_owned()),
        }
    }
}

impl FromStr for StyleArgument {
    type Err = Error;

    /// `@NAME`, `FILE`, or either with `:WEIGHT` behind it. A file whose own name ends in `:0.5` wins over a weight.
    fn from_str(text: &str) -> Result<Self> {
        let refuse = |reason: String| {
            Err(Error::Style {
                style: if text.is_empty() { "''" } else { text }.to_owned(),
                reason,
            })
        };
        if text.contains("://") {
            return refuse(
                "is an internet address, and only files are read; download it first".into(),
            );
        }
        let (what, weight) = match text.rsplit_once(':') {
            Some((what, number)) if !what.is_empty() && !Path::new(text).exists() => {
                let wrong = || format!("weight '{number}' is not a number of 0 or more");
                match number.parse::<f32>() {
                    Ok(weight) if weight.is_finite() && weight >= 0.0 => (what, weight),
                    Ok(_) => return refuse(wrong()),
                    Err(_) => match percent(number) {
                        Some(share) => {
                            return refuse(format!(
                                "weights are numbers: write {what}:{share} for {number}"
                            ));
                        }
                        // No name of a gallery has a colon.
                        None if text.starts_with('@') => {
                            return refuse(format!("{}, as in {what}:0.7", wrong()));
                        }
                        None => (text, 1.0), // a colon of the path, as in C:\painting.jpg
                    },
                }
            }
            _ => (text, 1.0),
        };
        if what.is_empty() {
            return refuse("is empty; give a file or @name".into());
        }
        let style = match what.strip_prefix('@') {
            Some(name) => Self::named(name),
            None => Self::file(what),
        };
        Ok(Self { weight, ..style })
    }
}

/// `70%` as 0.7.
fn percent(text: &str) -> Option<f32> {
    let number: f32 = text.strip_suffix('%')?.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number / 100.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (StyleSource, f32) {
        let argument: StyleArgument = text.parse().unwrap();
        (argument.source, argument.weight)
    }

    #[test]
    fn styles_are_read_as_written() {
        assert_eq!(
            parse("@great-wave"),
            (StyleSource::Named("great-wave".into()), 1.0)
        );
        assert_eq!(
            parse("@great-wave:0.3"),
            (StyleSource::Named("great-wave".into()), 0.3)
        );
        assert_eq!(
            parse("a/b.jpg:2"),
            (StyleSource::Picture("a/b.jpg".into()), 2.0)
        );
        assert_eq!(
            parse("C:\\b.jpg"),
            (StyleSource::Picture("C:\\b.jpg".into()), 1.0)
        );
        assert_eq!(parse("b.jpg").1, 1.0);
    }

    #[test]
    fn weights_that_make_no_sense_are_refused() {
        for text in ["a.jpg:NaN", "a.jpg:-1", "a.jpg:inf", "a.jpg:1e99", ""] {
            assert!(text.parse::<StyleArgument>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_percentage_or_an_address_is_refused_with_the_remedy() {
        for (text, remedy) in [
            ("@irises:70%", "@irises:0.7"),
            ("a.jpg:25%", "a.jpg:0.25"),
            ("@irises:lots", "@irises:0.7"),
            ("https://example.org/a.jpg", "download it first"),
        ] {
            let said = text.parse::<StyleArgument>().unwrap_err().to_string();
            assert!(said.contains(remedy) && said.contains(text), "{said}");
        }
    }
}
