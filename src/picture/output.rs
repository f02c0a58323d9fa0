//! An output's path in; whether it can be written out, before the long work and not after it.

use super::{atomic, formats};
use crate::Result;
use std::fs;
use std::path::Path;

/// Checks that a picture can be saved as `path`, and that this would not overwrite one of `inputs`.
///
/// To be called before long work: a file that cannot be written should not cost its computation. The folder is tried
/// by making a file in it, which is removed at once; nothing else changes. A folder that is missing will be made by
/// [`super::save`], so the nearest one above it is tried. Inputs that do not exist are passed over.
///
/// # Errors
/// [`crate::Error::Write`] where the extension is unknown (those accepted are listed), the folder takes no files,
/// `path` is a folder, a device or read-only, or it is the same file as an input, be it through links.
pub fn check_output(path: &Path, inputs: &[&Path]) -> Result<()> {
    // A folder first: "has no extension" would be true of it, but no help.
    let target = atomic::destination(path)?;
    if formats::by_name(path).is_none() {
        return Err(atomic::unknown_extension(path));
    }
    if let Some(input) = inputs.iter().find(|input| same_file(&target, input)) {
        let input = input.display();
        let reason = format!("it is the input {input} itself; choose another name");
        return Err(atomic::refuse(path, &reason));
    }
    atomic::check_folder(path, atomic::folder_of(&target))
}

/// Checks that files can be written into the folder `path`, which may be missing, as for [`check_output`].
///
/// # Errors
/// [`crate::Error::Write`] where it, or what is above it, is a file or takes no files.
pub fn check_folder(path: &Path) -> Result<()> {
    atomic::check_folder(path, path)
}

/// Whether two paths lead to one file, through links of either kind where the system tells.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    if let (Ok(a), Ok(b)) = (fs::canonicalize(a), fs::canonicalize(b))
        && a == b
    {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |path| fs::metadata(path).map(|m| (m.dev(), m.ino())).ok();
        let (a, b) = (id(a), id(b));
        a.is_some() && a == b
    }
    #[cfg(not(unix))]
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(path: &Path, inputs: &[&Path], expected: &str) {
        let message = check_output(path, inputs).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&path.display().to_string()), "{message}");
    }

    #[test]
    fn a_good_output_passes_and_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing.png");
        check_output(&dir.path().join("a.JPG"), &[&missing]).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        check_output(Path::new("no-folder-named.png"), &[]).unwrap();
    }

    #[test]
    fn bad_outputs_are_refused_each_in_its_words() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("folder.png")).unwrap();
        fs::write(at("file"), "").unwrap();
        refused(&at("a.psd"), &[], "'.psd' is not a format");
        refused(
            &at("a.psd"),
            &[],
            ".png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff, .gif",
        );
        refused(&at("a"), &[], "no extension");
        refused(&at("folder.png"), &[], "it is a folder");
        refused(&at("file/new/a.png"), &[], "is not a folder");
        check_output(&at("no/such/a.png"), &[]).unwrap();
        check_folder(&at("no/such")).unwrap();
        assert!(!at("no").exists(), "only asked for, not made");
        refused(&at("file/a.png"), &[], "is not a folder");
    }

    #[test]
    fn an_input_is_not_overwritten_whatever_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in.png");
        fs::write(&input, "").unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        refused(&input, &[&input], "the input");
        refused(&dir.path().join("sub/../in.png"), &[&input], "the input");
        let hard = dir.path().join("hard.png");
        fs::hard_link(&input, &hard).unwrap();
        #[cfg(unix)]
        {
            refused(&hard, &[&input], "the input");
            let soft = dir.path().join("soft.png");
            std::os::unix::fs::symlink("in.png", &soft).unwrap();
            refused(&soft, &[&input], "the input");
            refused(&input, &[&soft], "the input");
        }
        check_output(&dir.path().join("out.png"), &[&input, &hard]).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_takes_no_files_is_said_before_the_work() {
        use std::os::unix::fs::PermissionsExt;
        // Refuses even the superuser.
        if cfg!(target_os = "linux") {
            refused(Path::new("/proc/a.png"), &[], "the folder /proc");
        }
        let dir = tempfile::tempdir().unwrap();
        let locked = dir.path().join("locked");
        fs::create_dir(&locked).unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
        if fs::write(locked.join("probe"), "").is_ok() {
            eprintln!("skipped: this user (root?) may write into read-only folders");
        } else {
            refused(&locked.join("a.png"), &[], "is not writable");
        }
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
