//! A folder in; the pictures in it and in all folders below it out.

use std::fs;
use std::path::{Path, PathBuf};

use super::find::is_listed;
use super::{formats, read_error};
use crate::{Error, Result};

/// Folders in folders that are searched: deeper trees are mistakes.
const MOST_DEPTH: usize = 64;

/// The pictures in the folder `path` and in the folders below it, sorted by their path. Pictures are told as
/// [`find_pictures`](super::find_pictures) tells them; hidden folders and links to folders are not entered.
///
/// # Errors
/// [`Error::Read`] where a folder is not readable, [`Error::Invalid`] where there is no picture.
pub fn find_pictures_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    search(path, MOST_DEPTH, &mut found)?;
    if found.is_empty() {
        let reason = format!(
            "neither the folder nor one below it holds a picture (looked for {})",
            formats::extensions()
        );
        return Err(Error::invalid(path.display().to_string(), reason));
    }
    found.sort();
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| read_error(folder, e))? {
        let entry = entry.map_err(|e| read_error(folder, e))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|e| read_error(&path, e))?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !kind.is_dir() {
            if is_listed(&path) {
                found.push(path);
            }
        } else if !hidden {
            if depth == 0 {
                let reason = format!("holds folders in folders, more than {MOST_DEPTH} deep");
                return Err(Error::invalid(path.display().to_string(), reason));
            }
            search(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_tree_gives_its_pictures_sorted() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["b/c", ".hidden", "empty"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for name in [
            "b/c/3.jpg",
            "b/2.PNG",
            "a.webp",
            ".hidden/x.png",
            "b/notes.txt",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        // A link back would go round for ever.
        #[cfg(unix)]
        std::os::unix::fs::symlink("..", dir.path().join("b/up")).unwrap();
        let expected = ["a.webp", "b/2.PNG", "b/c/3.jpg"].map(|n| dir.path().join(n));
        assert_eq!(find_pictures_below(dir.path()).unwrap(), expected);
        let none = find_pictures_below(&dir.path().join("empty")).unwrap_err();
        assert!(none.to_string().contains(".png, .jpg"), "{none}");
    }
}
