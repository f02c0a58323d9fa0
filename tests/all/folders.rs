//! Folders with links in circles, names of every kind, files that cannot be read and files that vanish.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::common::{complaint, folder, quick, save, scene, start, stderr, tiny, wait_for};

/// The files below `root`, seen from there.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => {
                    let path = entry.path();
                    let name = path.strip_prefix(root).unwrap();
                    found.insert(name.to_string_lossy().into_owned());
                }
            }
        }
    }
    found
}

fn names(expected: &[&str]) -> BTreeSet<String> {
    expected.iter().map(|name| (*name).to_owned()).collect()
}

/// A folder with the painting `s.png` and pictures of these names.
fn tree(pictures: &[&str]) -> TempDir {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    for name in pictures {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(dir.path().join("s.png"), path).unwrap();
    }
    dir
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_to_the_outside_end() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["t/a.png", "t/sub/b.png", "outside/o.png"]);
    let at = |name: &str| dir.path().join("t").join(name);
    symlink(".", at("self")).unwrap();
    symlink("..", at("sub/up")).unwrap();
    symlink("../..", at("sub/out")).unwrap();
    symlink("two", at("one")).unwrap();
    symlink("one", at("two")).unwrap();
    symlink("../outside", at("link")).unwrap();
    symlink("../outside/o.png", at("o2.png")).unwrap();
    // A tree with a link above itself has all that is there, each folder once and by the nearest way.
    let line = "stylize t -r --style s.png -o ../elsewhere";
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let line = line.replace(" t ", " ../t ").replace("s.png", "../s.png");
    quick(&dir, &line).current_dir(&inner).assert().success();
    let painted = files(&dir.path().join("elsewhere"));
    for name in ["a.png", "sub/b.png", "link/o.png", "o2.png"] {
        assert!(painted.contains(name), "{name}: {painted:?}");
    }
    assert!(painted.len() < 10, "{painted:?}");
    // What it leads to is not written to.
    assert_eq!(files(&dir.path().join("outside")), names(&["o.png"]));
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_said_and_the_others_painted() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["t/a.png"]);
    for (link, target) in [("b.png", "nowhere"), ("c.png", "c.png")] {
        symlink(target, dir.path().join("t").join(link)).unwrap();
    }
    let output = quick(&dir, "stylize t --style s.png -o out").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for name in ["b.png", "c.png"] {
        let place = Path::new("t").join(name).display().to_string();
        let line = said.lines().find(|l| l.contains(&place)).unwrap();
        assert!(line.contains("correct the link"), "{line}");
    }
    assert_eq!(files(&dir.path().join("out")), names(&["a.png"]));
    // Named alone, too.
    let output = quick(&dir, "stylize t/c.png --style s.png -o o.png").output();
    assert!(complaint(&output.unwrap(), 1).contains("in a circle"));
}

#[test]
fn a_way_through_parents_is_the_folder_itself() {
    let dir = tree(&["t/sub/a.png", "t/b.png"]);
    // The output lies in the input, by two other names; it is not painted again.
    for output in ["t/sub/../out", "t/out", "t/../t/out"] {
        let line = format!("stylize t/sub/.. -r --style s.png -o {output}");
        quick(&dir, &line).assert().success();
        let painted = files(&dir.path().join("t/out"));
        assert_eq!(painted, names(&["b.png", "sub/a.png"]), "{output}");
    }
    // Nothing is written above the output's folder.
    assert_eq!(files(dir.path()).len(), 2 + 2 + 1);
}

#[test]
fn the_output_may_be_the_input_and_replaces_no_photo() {
    let dir = tree(&["t/a.png", "t/b.png"]);
    let before = fs::read(dir.path().join("t/a.png")).unwrap();
    quick(&dir, "stylize t --style s.png -o t")
        .assert()
        .success();
    assert_eq!(fs::read(dir.path().join("t/a.png")).unwrap(), before);
    let expected = ["a.png", "a__s.png", "b.png", "b__s.png"];
    assert_eq!(files(&dir.path().join("t")), names(&expected));
}

#[cfg(unix)]
#[test]
fn names_of_any_bytes_are_painted_each_to_a_file_of_its_own() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = tree(&["t/plain.png"]);
    let raw: [&[u8]; 6] = [
        b"caf\xe9.png",
        b"caf\xea.png",
        b"new\nline.png",
        b"\x1b[2Jclear.png",
        b"-o.png",
        b" .png",
    ];
    for (n, name) in raw.iter().enumerate() {
        let path = dir.path().join("t").join(OsStr::from_bytes(name));
        if fs::copy(dir.path().join("s.png"), path).is_err() {
            eprintln!("skipped: this file system takes no name such as {n}");
            return;
        }
    }
    let line = "stylize t --style s.png -o out";
    let output = quick(&dir, line).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 7);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(!said.contains('\x1b'), "moves the cursor: {said:?}");
    assert_eq!(output.stdout.iter().filter(|b| **b == b'\n').count(), 7);
}

#[test]
fn names_of_255_bytes_are_painted_whatever_is_added_to_them() {
    let long = "x".repeat(251);
    let two = |end: &str| format!("t/{long}.{end}");
    let dir = tree(&[&two("png"), &two("bmp"), "t/short.png"]);
    // The names clash, and what tells them apart does not fit.
    for line in [
        "stylize t --style s.png -o one",
        "stylize t --style s.png --each -o two",
        "stylize t --style s.png --format tiff -o three",
        "stylize t --style s.png -o t",
    ] {
        let output = quick(&dir, line).output().unwrap();
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        let folder = line.rsplit(' ').next().unwrap();
        let count = fs::read_dir(dir.path().join(folder)).unwrap().count();
        assert_eq!(count, if folder == "t" { 6 } else { 3 }, "{line}");
    }
}

#[test]
fn names_that_differ_only_in_case_or_extension_stay_apart() {
    let dir = tree(&["t/a.png", "t/A.PNG", "t/a.bmp", "t/A.tiff"]);
    let photos = fs::read_dir(dir.path().join("t")).unwrap().count();
    quick(&dir, "stylize t --style s.png -o out")
        .assert()
        .success();
    let painted = files(&dir.path().join("out"));
    let different: BTreeSet<String> = painted.iter().map(|n| n.to_lowercase()).collect();
    assert_eq!(painted.len(), photos, "{painted:?}");
    // Also where the file system does not tell cases apart.
    assert_eq!(different.len(), photos, "{painted:?}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_said_and_the_others_painted() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tree(&["t/a.png", "t/locked.png", "t/no/b.png", "t/yes/c.png"]);
    let at = |name: &str| dir.path().join("t").join(name);
    let set = |name: &str, mode| {
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("locked.png", 0);
    set("no", 0);
    let open = fs::read_dir(at("no")).is_ok();
    let line = "stylize t -r --style s.png -o out";
    let output = quick(&dir, line).output().unwrap();
    set("no", 0o755);
    if open {
        eprintln!("skipped: this user (root?) may read everything");
        return;
    }
    assert_eq!(output.status.code(), Some(2));
    for name in ["t/locked.png", "t/no"] {
        let said = format!("{name}: cannot be read: permission denied");
        assert!(stderr(&output).contains(&said), "{}", stderr(&output));
    }
    let painted = files(&dir.path().join("out"));
    assert_eq!(painted, names(&["a.png", "yes/c.png"]));
}

#[test]
fn photos_that_vanish_while_others_are_painted_are_said() {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    fs::create_dir(dir.path().join("t")).unwrap();
    for n in 10..40 {
        save(&dir, &format!("t/{n}.png"), &scene(900, 700));
    }
    let line = format!("stylize t --style s.png -o out --model {}", tiny());
    let mut child = start(&dir, &line);
    wait_for(&mut child, &dir.path().join("out/10.png"));
    for n in 35..40 {
        fs::remove_file(dir.path().join(format!("t/{n}.png"))).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for n in 35..40 {
        let name = Path::new("t").join(format!("{n}.png"));
        let line = format!("{}: cannot be read", name.display());
        assert!(said.contains(&line), "{said}");
    }
    assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 25);
}
