//! The output as the user named it in; the file of each picture out, decided before any work is done.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::output_names::output_names;
pub use super::standard_stream::{STANDARD_STREAM, is_standard_stream};
use crate::error::{Error, Result};
use crate::picture::{self, Format};
use crate::style::StyleArgument;

/// The longest name of a file, in bytes, that every usual file system takes.
const LONGEST_NAME: usize = 255;

/// Whether a user who writes `output` means a folder: it is one, ends in a slash, or has no extension although
/// several pictures go there.
pub(super) fn means_folder(output: &Path, several: bool) -> bool {
    let text = output.as_os_str().to_string_lossy();
    let slash = text.ends_with(['/', std::path::MAIN_SEPARATOR]);
    output.is_dir() || slash || (several && output.extension().is_none())
}

/// `Ok` when the folder `output` is there or can be made.
pub(super) fn check_folder(output: &Path) -> Result<()> {
    if output.exists() && !output.is_dir() {
        let reason = format!(
            "{} is a file, and a folder is needed; name another",
            output.display()
        );
        return Err(Error::invalid("output", reason));
    }
    picture::check_folder(output)
}

/// Make the folder `output` unless it is there.
pub(super) fn make_folder(output: &Path) -> Result<()> {
    std::fs::create_dir_all(output).map_err(Error::write(output))
}

/// What outputs are made of.
pub(super) struct Sources<'a> {
    pub(super) contents: &'a [PathBuf],
    /// For each content the folder of its outputs within the output's.
    pub(super) folders: &'a [PathBuf],
    /// Whether one of the contents was a folder or a pattern.
    pub(super) any_collection: bool,
    /// The picture that gives the colours.
    pub(super) palette: Option<&'a Path>,
}

/// Where each output goes.
pub(super) struct OutputPaths {
    folder: bool,
    each: bool,
    output: PathBuf,
    format: Format,
    /// For each content the folder of its outputs, within `output`, and their stem: see [`output_names`].
    names: Vec<(PathBuf, String)>,
    /// Contents and style pictures as the file system knows them: no output may replace one.
    inputs: HashSet<PathBuf>,
}

/// Names that are given out one by one, each once.
#[derive(Default)]
pub(super) struct Distinct {
    taken: HashSet<String>,
}

impl Distinct {
    /// `name`, with `-2`, `-3` ... behind it if it was there before (in either case: some file systems do not tell them
    /// apart).
    fn next(&mut self, name: String) -> String {
        let mut unique = name.clone();
        let mut number = 2;
        while !self.taken.insert(unique.to_lowercase()) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        unique
    }
}

impl OutputPaths {
    /// Decide for `sources`, painted in each of `styles` or in one blend of them, and refuse an `output` that cannot be.
    pub(super) fn new(
        output: &Path,
        sources: &Sources<'_>,
        styles: &[StyleArgument],
        each: bool,
        format: Option<Format>,
    ) -> Result<Self> {
        let Sources {
            contents,
            folders,
            any_collection,
            palette,
        } = *sources;
        let count = contents.len() * if each { styles.len() } else { 1 };
        let pictures = styles.iter().filter_map(StyleArgument::picture);
        let inputs: Vec<&Path> = contents
            .iter()
            .map(PathBuf::as_path)
            .chain(pictures)
            .chain(palette)
            .collect();
        // A folder of one picture is treated as a folder of two.
        let several = count > 1 || any_collection;
        let folder = means_folder(output, several);
        if folder {
            check_folder(output)?;
        } else if several {
            let reason = format!(
                "{} is one file, and the pictures of a folder or of several contents and styles need a folder (it may be new)",
                output.display()
            );
            return Err(Error::invalid("output", reason));
        } else if !is_standard_stream(output) {
            picture::check_output(output, &inputs)?;
        }
        let named = Format::of(output).filter(|_| !folder && !is_standard_stream(output));
        if let (Some(named), Some(format)) = (named, format)
            && named != format
        {
            let reason = format!(
                "asks for {format}, and the name {} for {named}; leave it out, or change the name",
                output.display()
            );
            return Err(Error::invalid("format", reason));
        }
        Ok(Self {
            folder,
            each,
            output: output.to_owned(),
            format: format.or(named).unwrap_or(Format::PNG),
            names: output_names(contents, folders),
            inputs: inputs
                .iter()
                .filter_map(|c| c.canonicalize().ok())
                .collect(),
        })
    }

    /// For one more content of a list that is not known to its end; `names` has the names of those before.
    pub(super) fn next(
        folder: &Path,
        content: PathBuf,
        (styles, each): (&[StyleArgument], bool),
        (format, palette): (Option<Format>, Option<&Path>),
        names: &mut Distinct,
    ) -> Result<Self> {
        let sources = Sources {
            contents: std::slice::from_ref(&content),
            folders: &[PathBuf::new()],
            any_collection: true,
            palette,
        };
        let mut paths = Self::new(folder, &sources, styles, each, format)?;
        for (_, name) in &mut paths.names {
            *name = names.next(std::mem::take(name));
        }
        Ok(paths)
    }

    /// For one content in one style, to be written to just this file.
    pub(super) fn exactly(output: PathBuf) -> Self {
        Self {
            folder: false,
            each: false,
            format: Format::of(&output).unwrap_or(Format::PNG),
            output,
            names: Vec::new(),
            inputs: HashSet::new(),
        }
    }

    /// The folder of the outputs, when they have one.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.then_some(self.output.as_path())
    }

    /// No output may replace one of `files` either.
    pub(super) fn protect<'p>(&mut self, files: impl Iterator<Item = &'p Path>) -> Result<()> {
        let files: Vec<&Path> = files.collect();
        if !self.folder && !is_standard_stream(&self.output) {
            picture::check_output(&self.output, &files)?;
        }
        let known = files.iter().filter_map(|file| file.canonicalize().ok());
        self.inputs.extend(known);
        Ok(())
    }

    /// The format of the outputs.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Make the output's folder, when it is one.
    pub(super) fn prepare(&self) -> Result<()> {
        if self.folder {
            make_folder(&self.output)?;
        }
        Ok(())
    }

    /// The file for content number `index` in the style called `style`.
    pub(super) fn output(&self, index: usize, style: &str) -> PathBuf {
        if !self.folder {
            return self.output.clone();
        }
        let (folder, stem) = &self.names[index];
        let folder = self.output.join(folder);
        let extension = self.format.extension();
        let name = |end: String| file_name(stem, &end);
        let plain = (!self.each).then(|| name(format!(".{extension}")));
        let styled = std::iter::once(name(format!("__{style}.{extension}")));
        let numbered = (2..).map(|n| name(format!("__{style}-{n}.{extension}")));
        // `-o .` must not replace a photo; the numbers are endless, so one of them is free.
        let mut names = plain.into_iter().chain(styled).chain(numbered);
        let free = names.find(|name| {
            let path = folder.join(name).canonicalize();
            !path.is_ok_and(|p| self.inputs.contains(&p))
        });
        folder.join(free.unwrap_or_default())
    }
}

/// `stem` and `end` as the name of a file. Where that would be longer than file systems take, the stem is cut, with the
/// first digits of its sha256 behind it, so that names which begin alike stay apart.
fn file_name(stem: &str, end: &str) -> String {
    if stem.len() + end.len() <= LONGEST_NAME {
        return format!("{stem}{end}");
    }
    let digest = Sha256::digest(stem);
    let told: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    let room = LONGEST_NAME.saturating_sub(end.len() + told.len() + 1);
    format!("{}-{told}{end}", &stem[..stem.floor_char_boundary(room)])
}

/// The names in order, with `-2`, `-3` ... behind those that were there before (in either case: some file
/// systems do not tell them apart).
pub(super) fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct = Distinct::default();
    names.map(|name| distinct.next(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_too_long_are_cut_and_stay_apart() {
        let stem = "\u{e9}".repeat(125);
        assert_eq!(file_name(&stem, ".png").len(), 254);
        let other = format!("{stem}b");
        let (one, two) = (file_name(&stem, "__s.png"), file_name(&other, "__s.png"));
        assert!(one.len() <= LONGEST_NAME && two.len() <= LONGEST_NAME);
        assert_ne!(one, two);
        assert!(one.ends_with("__s.png") && one.starts_with("\u{e9}"));
    }

    #[test]
    fn outputs_of_the_same_name_do_not_overwrite_each_other() {
        let names = ["x", "x", "X", "y", "x-2"].map(str::to_owned);
        assert_eq!(
            distinct(names.into_iter()),
            ["x", "x-2", "X-3", "y", "x-2-2"]
        );
    }
}
