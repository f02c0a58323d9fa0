//! Folders and files of paintings in; a style for each in the user's gallery out.
//!
//! Paintings are read without a lock, so that other programs can change the gallery meanwhile. What was read is put in
//! under the lock, in one write: at the end, every half minute, and when the job is stopped. So a stop loses nothing that
//! was read, and a kill at most half a minute.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::gallery_edit::Refinement;
use crate::jobs::{Failure, StyleBook};
use crate::picture;
use crate::progress::Progress;
use crate::style::{GalleryStyle, StyleArgument};

/// How long read styles wait in memory.
const WRITE_EVERY: Duration = Duration::from_secs(30);

/// The longest name of a style.
const LONGEST_NAME: usize = 64;

/// Paintings to be added to the user's gallery, each under the name of its file.
#[derive(Debug, Clone, Default)]
pub struct AddStyles {
    /// Pictures, and folders: these are searched with all folders in them.
    pub pictures: Vec<PathBuf>,
    /// Who painted all of them.
    pub painter: Option<String>,
    /// The painter is the folder that a picture lies in.
    pub painter_from_folder: bool,
    /// When all were painted.
    pub year: Option<String>,
    /// Replace your own styles of the same names; else a number is put behind a name that is taken.
    pub replace: bool,
    /// Fit each embedding before it is kept.
    pub refine: Option<Refinement>,
}

/// What was added.
#[derive(Debug, Default)]
pub struct AddedStyles {
    /// The pictures, and the names of their styles.
    pub added: Vec<(PathBuf, String)>,
    /// Pictures whose style was in the user's gallery already, and its name there.
    pub known: Vec<(PathBuf, String)>,
    /// Those that could not be read.
    pub failed: Vec<Failure>,
    /// Those that were not come to, because the job was stopped.
    pub left: Vec<PathBuf>,
}

/// Add every picture of `job` to the gallery of `book`. One that cannot be read does not stop the others: see
/// [`AddedStyles::failed`]. A stop is no error here: see [`AddedStyles::left`].
///
/// # Errors
/// [`Error::Read`] and [`Error::Invalid`] for a folder that cannot be read or holds no picture; as
/// [`picture::write_bytes`].
pub fn add_styles(
    book: &mut StyleBook,
    engine: &mut Engine,
    job: &AddStyles,
    progress: &mut dyn Progress,
) -> Result<AddedStyles> {
    let files = job.files()?;
    let mut done = AddedStyles::default();
    let mut read: Vec<(PathBuf, GalleryStyle)> = Vec::new();
    // Names given in this run, which `replace` must not replace.
    let mut names = Vec::new();
    let mut written = Instant::now();
    for (index, file) in files.iter().enumerate() {
        let name = file.display().to_string();
        if progress.step(index, files.len(), &name).is_break() {
            done.left = files[index..].to_vec();
            break;
        }
        match job.read(book, engine, file, &mut Within(progress)) {
            Ok(style) => read.push((file.clone(), style)),
            Err(Error::Interrupted) => {
                done.left = files[index..].to_vec();
                break;
            }
            Err(error) => {
                progress.note(&error.to_string());
                let content = file.clone();
                done.failed.push(Failure { content, error });
            }
        }
        if written.elapsed() > WRITE_EVERY {
            keep(
                book,
                job.replace,
                &mut read,
                &mut names,
                &mut done,
                progress,
            )?;
            written = Instant::now();
        }
    }
    keep(
        book,
        job.replace,
        &mut read,
        &mut names,
        &mut done,
        progress,
    )?;
    if done.left.is_empty() {
        let _ = progress.step(files.len(), files.len(), "");
    }
    Ok(done)
}

impl AddStyles {
    /// The pictures, folders replaced by what is in them.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in &self.pictures {
            if path.is_dir() {
                files.extend(picture::find_pictures_below(path)?);
            } else if picture::is_collection(path) {
                files.extend(picture::find_pictures(path)?);
            } else {
                files.push(path.clone());
            }
        }
        Ok(files)
    }

    fn read(
        &self,
        book: &StyleBook,
        engine: &mut Engine,
        file: &Path,
        progress: &mut dyn Progress,
    ) -> Result<GalleryStyle> {
        let argument = StyleArgument::file(file);
        let mut style = book.embed(engine, &argument, &mut |n| progress.note(n))?;
        if let Some(how) = &self.refine {
            style = how.refine(engine, file, progress)?.style;
        }
        let folder = || Some(file.parent()?.file_name()?.to_string_lossy().into_owned());
        Ok(GalleryStyle {
            name: style_name(file),
            title: None,
            painter: match self.painter_from_folder {
                true => folder(),
                false => self.painter.clone(),
            },
            year: self.year.clone(),
            space: style.space().to_owned(),
            values: style.values().to_vec(),
        })
    }
}

/// Put the styles of `read` in the gallery, in one write.
fn keep(
    book: &mut StyleBook,
    replace: bool,
    read: &mut Vec<(PathBuf, GalleryStyle)>,
    names: &mut Vec<String>,
    done: &mut AddedStyles,
    progress: &mut dyn Progress,
) -> Result<()> {
    if read.is_empty() {
        return Ok(());
    }
    let bundled = book.bundled.clone();
    book.change(progress, |user| {
        for (file, mut style) in read.drain(..) {
            let same = |s: &&GalleryStyle| s.space == style.space && s.values == style.values;
            if let Some(known) = user.styles.iter().find(same) {
                done.known.push((file, known.name.clone()));
                continue;
            }
            style.name = free_name(&style.name, &mut |name| {
                let taken = match replace {
                    true => names.iter().any(|given| given == name),
                    false => user.get(name).is_some(),
                };
                !taken && bundled.get(name).is_none()
            });
            names.push(style.name.clone());
            done.added.push((file, style.name.clone()));
            user.add(style, replace)?;
        }
        Ok(())
    })
}

/// The name of a style for the picture in `file`: the letters and digits of the file's name, in lower case, with hyphens
/// between; `style` where there are none.
pub fn style_name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = String::new();
    for c in stem.chars().flat_map(char::to_lowercase) {
        if name.len() == LONGEST_NAME {
            break;
        }
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "style" } else { name }.to_owned()
}

/// `name` if it is `free`, else with the first number behind it that is.
pub(super) fn free_name(name: &str, free: &mut dyn FnMut(&str) -> bool) -> String {
    let mut found = name.to_owned();
    let mut number = 1;
    while !free(&found) {
        number += 1;
        let end = format!("-{number}");
        let room = name.len().min(LONGEST_NAME - end.len());
        found = format!("{}{end}", name[..room].trim_end_matches('-'));
    }
    found
}

/// The progress of one picture within that of all: notes pass, and so does a stop; steps are not shown.
struct Within<'a>(&'a mut dyn Progress);

impl Progress for Within<'_> {
    fn step(&mut self, _: usize, _: usize, next: &str) -> std::ops::ControlFlow<()> {
        // A step of one is not shown, but tells whether to stop.
        self.0.step(0, 1, next)
    }

    fn note(&mut self, note: &str) {
        self.0.note(note);
    }

    fn detail(&mut self, detail: &str) {
        self.0.detail(detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_file_names() {
        for (file, name) in [
            ("a/Great Wave (1831).jpg", "great-wave-1831"),
            ("--x__y--.png", "x-y"),
            ("\u{c9}t\u{e9}.png", "t"),
            ("\u{6d6e}\u{4e16}.png", "style"),
            ("<script>.png", "script"),
        ] {
            assert_eq!(style_name(file.as_ref()), name);
        }
        let long = format!("{}.png", "ab".repeat(80));
        assert_eq!(style_name(long.as_ref()).len(), 64);
    }

    #[test]
    fn a_taken_name_gets_a_number_and_stays_short_enough() {
        let taken = ["x".to_owned(), "x-2".to_owned(), "y".repeat(64)];
        let free = |name: &str| free_name(name, &mut |n| !taken.contains(&n.to_owned()));
        assert_eq!(free("x"), "x-3");
        assert_eq!(free("z"), "z");
        assert_eq!(free(&"y".repeat(64)), format!("{}-2", "y".repeat(62)));
    }
}
