//! A line's words in; a row of the table out.

use std::path::Path;

use super::time::Moment;
use super::words::{Word, short, split};
use crate::style::{StyleArgument, StyleSource};

/// What a brush may be.
const BRUSH: std::ops::RangeInclusive<f32> = 0.25..=4.0;

/// A column behind the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Style,
    Strength,
    Brush,
}

impl Column {
    const ALL: [Self; 3] = [Self::Style, Self::Strength, Self::Brush];

    fn name(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Strength => "strength",
            Self::Brush => "brush",
        }
    }
}

/// The columns behind the time, from left to right.
#[derive(Debug, Clone)]
pub(super) struct Columns(Vec<Column>);

impl Default for Columns {
    fn default() -> Self {
        Self(Column::ALL.to_vec())
    }
}

impl Columns {
    /// The columns that a line names, as a comment or not; `None` where it does not.
    ///
    /// A comment is one only where it has nothing but names of columns, as it may be a sentence.
    pub(super) fn named(line: &str) -> Result<Option<Self>, String> {
        let bare = line.trim_start();
        let comment = bare.starts_with('#');
        let words = match split(bare.trim_start_matches('#')) {
            Ok(words) => words,
            Err(_) if comment => return Ok(None),
            Err(reason) => return Err(reason),
        };
        let Some((first, others)) = words.split_first() else {
            return Ok(None);
        };
        if !first.text.eq_ignore_ascii_case("time") {
            return Ok(None);
        }
        let mut columns = Vec::new();
        for word in others {
            let column = Column::ALL
                .into_iter()
                .find(|column| word.text.eq_ignore_ascii_case(column.name()));
            let reason = match column {
                Some(column) if !columns.contains(&column) => {
                    columns.push(column);
                    continue;
                }
                Some(column) => format!("names the column '{}' twice", column.name()),
                None => format!(
                    "'{}' is no column; there are time, style, strength and brush",
                    short(&word.text)
                ),
            };
            return if comment { Ok(None) } else { Err(reason) };
        }
        match columns.contains(&Column::Style) {
            true => Ok(Some(Self(columns))),
            false if comment => Ok(None),
            false => Err("names no column 'style', which every table needs".into()),
        }
    }

    fn list(&self) -> String {
        let names = self.0.iter().map(|column| column.name());
        ["time"]
            .into_iter()
            .chain(names)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub line: usize,
    pub time: Moment,
    /// Places among the styles, and weights that sum to 1.
    pub styles: Vec<(usize, f32)>,
    pub strength: f32,
    pub brush: f32,
}

impl Row {
    /// Read a row; what it leaves out is as in the row `before`. `find`: the place of a style, and its weight.
    pub(super) fn read(
        words: &[Word],
        columns: &Columns,
        before: Option<&Self>,
        line: usize,
        mut find: impl FnMut(&Word) -> Result<(usize, f32), String>,
    ) -> Result<Self, String> {
        let Some((time, mut rest)) = words.split_first() else {
            return Err("has no time".into());
        };
        let time = Moment::parse(&time.text)?;
        let mut row = match before {
            Some(before) => Self {
                line,
                time,
                ..before.clone()
            },
            None => Self {
                line,
                time,
                styles: Vec::new(),
                strength: 1.0,
                brush: 1.0,
            },
        };
        if let Some(before) = before
            && time.is_after(before.time) == Some(false)
        {
            return Err(format!(
                "{time} does not come after {}, which line {} has; times increase (for a cut, 0.001 is enough)",
                before.time, before.line
            ));
        }
        for column in &columns.0 {
            match rest.split_first() {
                Some((first, others)) if first.is_dash() => rest = others,
                None => break,
                Some((first, others)) => match column {
                    Column::Style => {
                        let end = rest.iter().position(ends_styles).unwrap_or(rest.len());
                        let (styles, others) = rest.split_at(end);
                        rest = others;
                        if !styles.is_empty() {
                            row.styles = mix(styles, &mut find)?;
                        }
                    }
                    Column::Strength => {
                        (row.strength, rest) = (number(first, "strength", &(0.0..=1.0))?, others);
                    }
                    Column::Brush => (row.brush, rest) = (number(first, "brush", &BRUSH)?, others),
                },
            }
        }
        if let Some(word) = rest.first() {
            return Err(format!(
                "'{}' is too much; the columns are: {} (a path with spaces stands in \"\")",
                short(&word.text),
                columns.list()
            ));
        }
        if row.styles.is_empty() {
            return Err(
                "has no style, and the first row needs one, as in: 0:00 @great-wave".into(),
            );
        }
        Ok(row)
    }
}

/// Whether a word is no style: a dash, or a number, as it may be written.
fn ends_styles(word: &Word) -> bool {
    let number = word.text.strip_suffix('%').unwrap_or(&word.text);
    !word.quoted && (word.is_dash() || number.parse::<f32>().is_ok())
}

/// Places and weights that sum to 1.
fn mix(
    words: &[Word],
    find: &mut impl FnMut(&Word) -> Result<(usize, f32), String>,
) -> Result<Vec<(usize, f32)>, String> {
    let mut mix: Vec<(usize, f32)> = Vec::new();
    for word in words {
        let (place, weight) = find(word)?;
        match mix.iter_mut().find(|(known, _)| *known == place) {
            Some((_, sum)) => *sum += weight,
            None => mix.push((place, weight)),
        }
    }
    let sum: f64 = mix.iter().map(|(_, weight)| f64::from(*weight)).sum();
    if !(sum > 0.0 && sum.is_finite()) {
        return Err("all weights are 0; give one style more".into());
    }
    for (_, weight) in &mut mix {
        *weight = (f64::from(*weight) / sum) as f32;
    }
    Ok(mix)
}

fn number(word: &Word, what: &str, range: &std::ops::RangeInclusive<f32>) -> Result<f32, String> {
    let (text, least, most) = (short(&word.text), range.start(), range.end());
    match word.text.parse::<f32>() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) => Err(format!("{what} '{text}' is not between {least} and {most}")),
        Err(_) => {
            let percent = word.text.strip_suffix('%').map(str::parse::<f32>);
            Err(match percent {
                Some(Ok(percent)) => {
                    format!(
                        "{what} '{text}' is a number here: write {}",
                        percent / 100.0
                    )
                }
                _ => format!("{what} '{text}' is no number between {least} and {most}"),
            })
        }
    }
}

/// A style as everywhere, whose relative path begins at `folder`.
pub(super) fn style(word: &Word, folder: &Path) -> Result<(StyleSource, f32), String> {
    // A file whose own name ends in a weight wins over the weight, as elsewhere, but is looked for here.
    if !word.text.is_empty() && !word.text.starts_with('@') && folder.join(&word.text).is_file() {
        return Ok((StyleSource::Picture(folder.join(&word.text)), 1.0));
    }
    let argument: StyleArgument = word
        .text
        .parse()
        .map_err(|error: crate::Error| short_line(&error.to_string()))?;
    let source = match argument.source {
        StyleSource::Picture(path) => {
            let file = folder.join(&path);
            if !file.exists() {
                let (style, file) = (short(&path.display().to_string()), file.display());
                let shown = short_line(&file.to_string());
                return Err(format!(
                    "style {style}: there is no file {shown}; a path begins at the keyframe file's folder, and a style of \
                     the gallery is written @NAME"
                ));
            }
            StyleSource::Picture(file)
        }
        named => named,
    };
    Ok((source, argument.weight))
}

/// A message on one line that a terminal can show.
fn short_line(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(300).collect()
}
