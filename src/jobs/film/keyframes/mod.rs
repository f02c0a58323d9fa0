//! Keyframe files: a table that a person writes in; the mix of styles, strength and brush at any time out.
//!
//! ```text
//! # time   style                      strength  brush
//! 0:00     @great-wave                1.0       1
//! 0:04.5   @irises:0.5 mine.jpg:0.5   0.8       1     # half of each
//! 50%      "my painting.jpg":2 @irises
//! end      @the-scream                -         2
//! ```
//!
//! One row a line; `#` at the beginning of a word begins a comment. A **time** is seconds (`4.5`), `m:ss` or
//! `h:mm:ss`, with decimals (`1:02:03.25`), a share of the film (`50%`), or `end`; times increase from row to row.
//! **Styles** are written as everywhere, `@NAME`, `FILE`, either with `:WEIGHT`; a row has any number, and their weights
//! are divided by their sum. A relative path is taken from the folder of the keyframe file; one with spaces stands in
//! `"`. **Strength** is 0 to 1, **brush** 0.25 to 4; both are 1 until they are given. What is missing at the end of a
//! row is as in the row before, and so is a `-`.
//!
//! A line with the names of the columns, as a comment or not, sets their order: `time` comes first, and columns may be
//! left out. Without it they are as above.
//!
//! Between two rows everything moves **linearly**: gammas and betas are affine in the embedding, so the mean of two
//! mixes is painted half-way between them, and a person can say from the table what is seen at any time. Easing would
//! come to rest at every row; who wants that adds rows. The brush moves by its ratio: half-way from 1 to 4 it is 2. Before
//! the first row and after the last everything stands still.

mod row;
mod time;
mod track;
mod words;

use std::path::{Path, PathBuf};

pub use track::{Held, Track};

use crate::error::{Error, Result};
use crate::files;
use crate::style::{StyleArgument, StyleSource};
use row::{Columns, Row};

/// The most bytes of a keyframe file.
pub const MOST_BYTES: u64 = 1 << 20;

/// The most rows.
pub const MOST_ROWS: usize = 10_000;

/// The most different styles: each painting is read, and its embedding kept.
pub const MOST_STYLES: usize = 200;

/// A style of a keyframe file.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyStyle {
    /// Where it comes from.
    pub source: StyleSource,
    /// The line where it stands first, from 1.
    pub line: usize,
}

impl KeyStyle {
    /// It alone, with weight 1.
    pub fn argument(&self) -> StyleArgument {
        StyleArgument {
            source: self.source.clone(),
            weight: 1.0,
        }
    }
}

/// A keyframe file that was read and found right, but for times that depend on the film.
#[derive(Debug, Clone)]
pub struct Keyframes {
    path: PathBuf,
    styles: Vec<KeyStyle>,
    rows: Vec<Row>,
}

impl Keyframes {
    /// Read the file `path`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `FILE:LINE` for everything that is wrong in it, also for pictures that are not there;
    /// [`Error::Read`].
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = files::read(path, MOST_BYTES).map_err(Error::read(path))?;
        Self::parse(&bytes, path)
    }

    /// Read `bytes`, which stand in the file `path`.
    ///
    /// # Errors
    /// As [`Keyframes::open`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let whole = |reason: String| Error::invalid(path.display().to_string(), reason);
        if bytes.len() as u64 > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            return Err(whole(format!("a keyframe file has at most {most} MiB")));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            at(path, line, "is not text in UTF-8; save it as such")
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut parsed = Self {
            path: path.to_owned(),
            styles: Vec::new(),
            rows: Vec::new(),
        };
        let (mut columns, mut header) = (Columns::default(), None);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in (1..).zip(text.lines()) {
            let fail = |reason: String| at(path, number, reason);
            if parsed.rows.is_empty()
                && let Some(named) = Columns::named(line).map_err(fail)?
            {
                if let Some(first) = header {
                    let reason = format!("names the columns again, as line {first} does; keep one");
                    return Err(fail(reason));
                }
                (columns, header) = (named, Some(number));
                continue;
            }
            let words = words::split(line).map_err(fail)?;
            if words.is_empty() {
                continue;
            }
            if parsed.rows.len() == MOST_ROWS {
                return Err(fail(format!(
                    "is row {}; {MOST_ROWS} are the most",
                    MOST_ROWS + 1
                )));
            }
            let find = |styles: &mut _, source| known(styles, source, number);
            let styles = &mut parsed.styles;
            let row = Row::read(&words, &columns, parsed.rows.last(), number, |word| {
                let (source, weight) = row::style(word, folder)?;
                Ok((find(styles, source)?, weight))
            });
            parsed.rows.push(row.map_err(fail)?);
        }
        if parsed.rows.is_empty() {
            return Err(whole(
                "has no row; write one, as in: 0:00 @great-wave".into(),
            ));
        }
        Ok(parsed)
    }

    /// The different styles, in the order in which they first appear; places of the weights of [`Track::at`].
    pub fn styles(&self) -> &[KeyStyle] {
        &self.styles
    }

    /// Whether a time depends on how long the film is: a share of it, or `end`.
    pub fn needs_length(&self) -> bool {
        self.rows.iter().any(|row| row.time.is_relative())
    }

    /// What stands at which time of a film whose last frame begins at `last` seconds: that is `end`, and 100%. `None`
    /// where it is not known.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `FILE:LINE` where the length is needed and not known, or a row comes before the one above
    /// it in this film.
    pub fn track(&self, last: Option<f64>) -> Result<Track> {
        Track::new(&self.rows, self.styles.len(), last)
            .map_err(|(line, reason)| at(&self.path, line, reason))
    }

    /// `error`, which came of using the style number `style`, with the line where that stands.
    pub fn explain(&self, style: usize, error: Error) -> Error {
        match (self.styles.get(style), &error) {
            (_, Error::Interrupted) | (None, _) => error,
            (Some(known), _) => at(&self.path, known.line, error.to_string()),
        }
    }
}

fn at(path: &Path, line: usize, reason: impl Into<String>) -> Error {
    Error::invalid(format!("{}:{line}", path.display()), reason)
}

/// The place of a style among those that are known, of which it may become one.
fn known(
    styles: &mut Vec<KeyStyle>,
    source: StyleSource,
    line: usize,
) -> std::result::Result<usize, String> {
    if let Some(place) = styles.iter().position(|style| style.source == source) {
        return Ok(place);
    }
    if styles.len() == MOST_STYLES {
        return Err(format!(
            "names style {}; {MOST_STYLES} are the most",
            MOST_STYLES + 1
        ));
    }
    styles.push(KeyStyle { source, line });
    Ok(styles.len() - 1)
}

#[cfg(test)]
mod tests;
