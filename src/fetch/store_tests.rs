//! The parts of the build script that handle untrusted input: the wheel and the cache.
#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use super::pins::Pin;
use super::store::{self, Problem};
use super::wheel;

const NAME: &str = "onnxruntime/capi/libonnxruntime.so.1.28.0";

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The library in a wheel.
fn unpack(wheel: &[u8]) -> Result<Vec<u8>, String> {
    let mut library = Vec::new();
    wheel::unpack(Cursor::new(wheel), NAME, store::LIBRARY_LIMIT, &mut library)?;
    Ok(library)
}

/// A pin of a library that consists of the bytes `library`.
const PIN: Pin = Pin {
    os: "linux",
    arch: "x86_64",
    platform: "",
    wheel: "test.whl",
    wheel_sha256: "",
    library: "library",
    library_sha256: "b718f1354f7247312eca086d9a024afe5fa717ddea5adeddd6f12bcf945b2e8c",
};

#[test]
fn only_the_named_file_comes_out_of_a_wheel() {
    let wheel = zip(&[
        ("../../evil", b"x"),
        ("/etc/evil", b"y"),
        (NAME, b"library"),
        ("LICENSE", b"z"),
    ]);
    assert_eq!(unpack(&wheel).unwrap(), b"library");
}

#[test]
fn a_wheel_without_it_or_a_damaged_one_is_an_error() {
    assert!(
        unpack(&zip(&[("LICENSE", b"z")]))
            .unwrap_err()
            .contains(NAME)
    );
    let good = zip(&[(NAME, &[7; 5000])]);
    for cut in [0, 10, good.len() / 2, good.len() - 1] {
        assert!(unpack(&good[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_library_that_swells_beyond_the_limit_is_refused() {
    let bomb = zip(&[(NAME, &vec![0; store::LIBRARY_LIMIT as usize + 1])]);
    assert!(bomb.len() < 1 << 20);
    assert!(unpack(&bomb).unwrap_err().contains("more than"));
}

#[test]
fn a_wrong_sum_names_both() {
    assert!(wheel::check("a.whl", &b"library"[..], PIN.library_sha256).is_ok());
    let text = wheel::check("a.whl", &b"other"[..], PIN.library_sha256).unwrap_err();
    assert!(
        text.contains("a.whl") && text.contains(PIN.library_sha256),
        "{text}"
    );
}

#[test]
fn the_library_is_fetched_once_and_damage_is_repaired() {
    let root = tempfile::tempdir().unwrap();
    let library = root.path().join("deep/down/library");
    let fetched = Cell::new(0);
    let fetch = |_: &Pin, scratch: &Path| {
        fetched.set(fetched.get() + 1);
        fs::write(scratch.join("wheel"), b"a wheel").unwrap();
        Ok(b"library".to_vec())
    };
    assert!(!store::is_whole(&library, &PIN));
    for _ in 0..3 {
        store::keep(&library, &PIN, fetch).unwrap();
        assert!(store::is_whole(&library, &PIN));
    }
    assert_eq!(fetched.get(), 1);

    fs::write(&library, b"librar").unwrap();
    assert!(!store::is_whole(&library, &PIN));
    store::keep(&library, &PIN, fetch).unwrap();
    assert_eq!(fs::read(&library).unwrap(), b"library");
    assert_eq!(fetched.get(), 2);

    // Nothing of the work is left lying about.
    let names: Vec<_> = fs::read_dir(library.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != "lock")
        .collect();
    assert_eq!(names, ["library"]);
}

#[test]
fn what_a_killed_build_left_is_removed_by_the_next() {
    let root = tempfile::tempdir().unwrap();
    for name in ["fetching-1", "fetching-99999", "fetching-other", "kept"] {
        fs::create_dir(root.path().join(name)).unwrap();
        fs::write(root.path().join(name).join("wheel"), "half").unwrap();
    }
    let library = root.path().join("library");
    store::keep(&library, &PIN, |_, _| Ok(b"library".to_vec())).unwrap();
    let mut names: Vec<_> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    // On some systems the lock is not to be had, and then nothing is removed.
    let lock = fs::File::create(root.path().join("lock")).unwrap();
    if lock.try_lock().is_ok() {
        assert_eq!(names, ["fetching-other", "kept", "library", "lock"]);
    }
}

#[test]
fn builds_at_the_same_time_fetch_once() {
    let root = tempfile::tempdir().unwrap();
    let library = root.path().join("library");
    let fetched = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                store::keep(&library, &PIN, |_, _| {
                    fetched.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    Ok(b"library".to_vec())
                })
                .unwrap();
            });
        }
    });
    assert_eq!(fetched.into_inner(), 1);
}

#[test]
fn a_fetch_that_fails_leaves_nothing_and_a_bad_folder_is_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let library = root.path().join("place/library");
    let fail = |_: &Pin, _: &Path| Err("no network".to_owned());
    assert!(
        matches!(store::keep(&library, &PIN, fail), Err(Problem::Fetch(why)) if why == "no network")
    );
    assert!(!library.exists());

    fs::write(root.path().join("file"), b"").unwrap();
    let inside_a_file = root.path().join("file/library");
    assert!(matches!(
        store::keep(&inside_a_file, &PIN, fail),
        Err(Problem::Folder(_))
    ));
}
