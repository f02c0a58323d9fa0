//! The pictures of a folder.

use super::{formats, read_error};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The pictures that `path` stands for: a file gives itself, whatever its name; a folder gives its pictures.
///
/// In a folder, pictures are told by their extension ([`super::EXTENSIONS`], in any case), sorted by name. Subfolders
/// are not searched and hidden files are skipped. A link that leads nowhere is listed, so that it is reported and not
/// silently left out.
///
/// # Errors
/// [`Error::Read`] where `path` is missing or not readable, [`Error::Invalid`] where a folder holds no picture.
pub fn find_pictures(path: &Path) -> Result<Vec<PathBuf>> {
    let meta = fs::metadata(path).map_err(|e| read_error(path, e))?;
    if !meta.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(|e| read_error(path, e))? {
        let entry = entry.map_err(|e| read_error(path, e))?;
        let picture = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Follows links; a pipe or device of that name would block, so only ordinary files.
        let ordinary = fs::metadata(&picture).map_or(true, |m| m.is_file());
        if !hidden && ordinary && formats::by_name(&picture).is_some() {
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
