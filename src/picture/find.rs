//! A file, a folder or a pattern in; the paths of its pictures out.

use super::{formats, read_error};
use crate::{Error, Result};
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
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(|e| read_error(path, e))? {
        let picture = entry.map_err(|e| read_error(path, e))?.path();
        if is_listed(&picture) {
            found.push(picture);
        }
    }
    if found.is_empty() {
        let looked_for = formats::extensions();
        return Err(Error::invalid(
            path.display().to_string(),
            format!(
                "the folder holds no pictures (looked for {looked_for}; subfolders are not searched)"
            ),
        ));
    }
    found.sort();
    Ok(found)
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
pub(super) fn is_listed(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    // Follows links; a pipe or device of that name would block, so only ordinary files.
    let ordinary = fs::metadata(path).map_or(true, |meta| meta.is_file());
    !hidden && ordinary && formats::by_name(path).is_some()
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
