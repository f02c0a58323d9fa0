//! A file, a folder or a pattern in; the paths of its pictures out.

use super::{formats, read_error};
use crate::{Error, Result};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The pictures that `path` stands for: a file gives itself, whatever its name; a folder gives its pictures, and so does
/// a pattern such as `photos/*.jpg`, which not every shell expands.
///
/// In a folder, pictures are told by their extension ([`super::EXTENSIONS`], in any case), sorted by name. Subfolders
/// are not searched and hidden files are skipped. A link that leads nowhere is listed, so that it is reported and not
/// silently left out.
///
/// # Errors
/// [`Error::Read`] where `path` is missing or not readable, [`Error::Invalid`] where a folder holds no picture or a
/// pattern matches none.
pub fn find_pictures(path: &Path) -> Result<Vec<PathBuf>> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(_) if is_pattern(path) => return matches(path),
        Err(error) => return Err(read_error(path, error)),
    };
    if !meta.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let search = Search {
        recursive: false,
        except: None,
    };
    let found = search.find(path)?.pictures.into_iter();
    Ok(found.map(|(picture, _)| picture).collect())
}

/// The pictures in the folder `path` and in all folders below it, sorted by their path.
///
/// # Errors
/// [`Error::Read`] where a folder is not readable, [`Error::Invalid`] where there is no picture.
pub fn find_pictures_below(path: &Path) -> Result<Vec<PathBuf>> {
    let search = Search {
        recursive: true,
        except: None,
    };
    let mut found = search.find(path)?;
    if let Some((_, error)) = found.unreadable.pop() {
        return Err(error);
    }
    let mut pictures: Vec<PathBuf> = found.pictures.into_iter().map(|(path, _)| path).collect();
    pictures.sort();
    Ok(pictures)
}

/// How a folder is searched for pictures.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// Subfolders too.
    pub recursive: bool,
    /// A subfolder that is passed over: the one that outputs go to.
    pub except: Option<&'a Path>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// Pictures, each with the folder that it is in, seen from the folder that was searched; sorted, a folder's pictures
    /// before those of its subfolders.
    pub pictures: Vec<(PathBuf, PathBuf)>,
    /// Subfolders that cannot be read, and why.
    pub unreadable: Vec<(PathBuf, Error)>,
    /// Pictures by their names that are of a kind that is not read: AVIF, HEIC, JPEG XL.
    pub unconverted: Vec<PathBuf>,
}

impl Search<'_> {
    /// The pictures of the folder `root`, told as by [`find_pictures`].
    ///
    /// Links to folders are followed, but each real folder is searched once, whatever ways lead to it: a link to a folder
    /// above is no endless tree. Hidden folders are passed over.
    ///
    /// # Errors
    /// [`Error::Read`] where `root` is not readable, [`Error::Invalid`] where there is no picture.
    pub fn find(&self, root: &Path) -> Result<Found> {
        let mut found = Found::default();
        let mut searched: HashSet<PathBuf> = self
            .except
            .into_iter()
            .chain([root])
            .filter_map(|folder| folder.canonicalize().ok())
            .collect();
        let mut folders = vec![(root.to_owned(), PathBuf::new())];
        while let Some((folder, place)) = folders.pop() {
            let entries = match entries(&folder) {
                Ok(entries) => entries,
                Err(error) if place.as_os_str().is_empty() => return Err(error),
                Err(error) => {
                    found.unreadable.push((folder, error));
                    continue;
                }
            };
            let mut below = Vec::new();
            for path in entries.into_iter().filter(|path| !is_hidden(path)) {
                if is_listed(&path) {
                    found.pictures.push((path, place.clone()));
                } else if formats::needs_converter(&path) && path.is_file() {
                    found.unconverted.push(path);
                } else if self.recursive && path.is_dir() {
                    let is_new = path.canonicalize().is_ok_and(|real| searched.insert(real));
                    let name = path
                        .file_name()
                        .filter(|_| is_new)
                        .map(|name| place.join(name));
                    below.extend(name.map(|name| (path, name)));
                }
            }
            // The last is taken first.
            folders.extend(below.into_iter().rev());
        }
        if found.pictures.is_empty() {
            return Err(nothing(root, self.recursive, found.unconverted.len()));
        }
        Ok(found)
    }
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).map_err(|e| read_error(folder, e))?;
    let paths = read.map(|entry| entry.map(|e| e.path()).map_err(|e| read_error(folder, e)));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn nothing(folder: &Path, recursive: bool, unconverted: usize) -> Error {
    let looked_for = formats::extensions();
    let below = match recursive {
        true => "in subfolders too",
        false => "subfolders are not searched",
    };
    let mut reason = format!("the folder holds no pictures (looked for {looked_for}; {below})");
    if unconverted > 0 {
        reason += &format!(
            "; {unconverted} are AVIF, HEIC or JPEG XL, which are not read: convert them first"
        );
    }
    Error::invalid(folder.display().to_string(), reason)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether `path` stands for any number of pictures: a folder, or a pattern.
pub fn is_collection(path: &Path) -> bool {
    path.is_dir() || (!path.exists() && is_pattern(path))
}

/// Whether a name has the wildcards `*` or `?`. (No file of Windows can; a file of another system that does wins over
/// the pattern.)
fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?']))
}

/// The pictures that a pattern matches, sorted by name.
fn matches(pattern: &Path) -> Result<Vec<PathBuf>> {
    let wrong = |reason: String| Error::invalid(pattern.display().to_string(), reason);
    let paths = glob::glob(&pattern.to_string_lossy()).map_err(|e| wrong(e.to_string()))?;
    let found: Vec<PathBuf> = paths.flatten().filter(|path| is_listed(path)).collect();
    if found.is_empty() {
        let looked_for = formats::extensions();
        return Err(wrong(format!(
            "no file matches (looked for {looked_for}); check the path"
        )));
    }
    Ok(found)
}

/// Whether a file of a folder is one of its pictures.
fn is_listed(path: &Path) -> bool {
    // Follows links; a pipe or device of that name would block, so only ordinary files.
    let ordinary = fs::metadata(path).map_or(true, |meta| meta.is_file());
    !is_hidden(path) && ordinary && formats::by_name(path).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_gives_its_pictures_sorted() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "b.PNG",
            "a.jpeg",
            "c.tif",
            ".hidden.png",
            "notes.txt",
            "png",
        ];
        for name in names {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::create_dir(dir.path().join("folder.png")).unwrap();
        let found = find_pictures(dir.path()).unwrap();
        let expected = ["a.jpeg", "b.PNG", "c.tif"].map(|n| dir.path().join(n));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_gives_itself_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("picture.dat");
        fs::write(&file, "").unwrap();
        assert_eq!(find_pictures(&file).unwrap(), [file]);
    }

    #[test]
    fn a_pattern_gives_the_pictures_that_match() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b1.jpg", "a1.jpg", "a2.png", "a.txt", "lit*eral.png"] {
            // Windows has no such names as the last.
            drop(fs::write(dir.path().join(name), ""));
        }
        let found = |pattern| find_pictures(&dir.path().join(pattern));
        let expected =
            |names: &[&str]| names.iter().map(|n| dir.path().join(n)).collect::<Vec<_>>();
        assert_eq!(found("*.jpg").unwrap(), expected(&["a1.jpg", "b1.jpg"]));
        assert_eq!(found("a?.*").unwrap(), expected(&["a1.jpg", "a2.png"]));
        assert!(is_collection(&dir.path().join("*.jpg")));
        if cfg!(unix) {
            assert_eq!(found("lit*eral.png").unwrap(), expected(&["lit*eral.png"]));
        }
        let message = found("*.webp").unwrap_err().to_string();
        assert!(message.contains("*.webp: no file matches"), "{message}");
    }

    #[test]
    fn nothing_found_says_what_was_looked_for() {
        let dir = tempfile::tempdir().unwrap();
        let message = find_pictures(dir.path()).unwrap_err().to_string();
        assert!(message.contains(".png, .jpg"), "{message}");
        let missing = dir.path().join("missing");
        let message = find_pictures(&missing).unwrap_err().to_string();
        assert!(message.contains("no such file or folder"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn a_broken_link_is_listed_so_that_it_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("a.png");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert_eq!(find_pictures(dir.path()).unwrap(), [link]);
    }
}
