//! Who may read what the program writes: pictures follow the umask, as any program's output does; what is kept for the user
//! is the user's alone.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::*;

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Runs `impasto LINE` with this umask, which a shell sets, as it belongs to a whole process.
fn with_umask(dir: &tempfile::TempDir, umask: &str, line: &str) {
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("umask {umask}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .args(["--model", &tiny()])
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .status();
    assert!(status.unwrap().success(), "{line}");
}

#[test]
fn pictures_follow_the_umask() {
    let dir = folder();
    save(&dir, "photo.png", &scene(40, 30));
    for (umask, wanted) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        for name in ["out.png", "out.jpg", "out.gif"] {
            let path = dir.path().join(name);
            let _ = fs::remove_file(&path);
            with_umask(
                &dir,
                umask,
                &format!("stylize photo.png --style photo.png -o {name}"),
            );
            assert_eq!(mode(&path), wanted, "{name}, umask {umask}");
        }
        let glide = dir.path().join("glide.gif");
        let _ = fs::remove_file(&glide);
        with_umask(
            &dir,
            umask,
            "blend photo.png --from photo.png --to photo.png --steps 2 -o glide.gif",
        );
        assert_eq!(mode(&glide), wanted, "glide.gif, umask {umask}");
    }
}

#[test]
fn a_gallery_is_its_users_alone() {
    let dir = folder();
    save(&dir, "one.png", &scene(40, 30));
    save(&dir, "two.png", &scene(30, 40));
    let gallery = dir.path().join("gallery.toml");
    with_umask(&dir, "000", "styles add one.png");
    assert_eq!(mode(&gallery), 0o600);
    // Whoever shares it on purpose goes on sharing it.
    fs::set_permissions(&gallery, Permissions::from_mode(0o660)).unwrap();
    with_umask(&dir, "077", "styles add two.png");
    assert_eq!(mode(&gallery), 0o660);
}
