#![allow(clippy::unwrap_used)]
use super::*;
use tempfile::TempDir;

/// A folder and its watcher; each poll is half a second after the last.
struct Scene {
    dir: TempDir,
    folder: FolderWatcher,
    now: Duration,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = FolderWatcher::new(dir.path().join("styles"));
        fs::create_dir(&folder.path).unwrap();
        Self {
            dir,
            folder,
            now: Duration::ZERO,
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path.join(name), bytes).unwrap();
    }

    fn changes(&mut self) -> FolderChanges {
        self.now += PERIOD;
        self.folder.poll(self.now)
    }

    /// The names of the pictures that the next poll reports; there must be no notice.
    fn poll(&mut self) -> Vec<String> {
        let changes = self.changes();
        assert!(changes.notices.is_empty(), "{changes:?}");
        let name = |p: &PathBuf| p.file_name().unwrap().to_str().unwrap().to_owned();
        changes.pictures.iter().map(name).collect()
    }
}

const NONE: [&str; 0] = [];

#[test]
fn a_picture_is_reported_once_when_it_is_complete() {
    let mut scene = Scene::new();
    scene.write("b.png", b"12");
    scene.write("a.JPG", b"1");
    assert_eq!(scene.poll(), NONE);
    assert_eq!(scene.poll(), ["a.JPG", "b.png"]);
    assert_eq!(scene.poll(), NONE);
    // A copy that is under way: empty, then growing.
    scene.write("c.webp", b"");
    assert_eq!(scene.poll(), NONE);
    assert_eq!(scene.poll(), NONE);
    for bytes in [&b"1"[..], b"12", b"123"] {
        scene.write("c.webp", bytes);
        assert_eq!(scene.poll(), NONE);
    }
    assert_eq!(scene.poll(), ["c.webp"]);
}

#[test]
fn a_changed_picture_and_one_that_came_back_are_reported_again() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.poll();
    assert_eq!(scene.poll(), ["a.png"]);
    // Of the same size: only its time differs.
    let file = fs::File::options()
        .write(true)
        .open(scene.folder.path.join("a.png"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(scene.poll(), NONE);
    assert_eq!(scene.poll(), ["a.png"]);
    let path = scene.folder.path.join("a.png");
    fs::rename(&path, scene.dir.path().join("away.png")).unwrap();
    assert_eq!(scene.poll(), NONE);
    fs::rename(scene.dir.path().join("away.png"), &path).unwrap();
    assert_eq!(scene.poll(), NONE);
    assert_eq!(scene.poll(), ["a.png"]);
}

#[test]
fn polls_are_half_a_second_apart() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.poll();
    let soon = scene.now + PERIOD - Duration::from_millis(1);
    assert_eq!(scene.folder.poll(soon), FolderChanges::default());
    assert_eq!(scene.poll(), ["a.png"]);
}

#[test]
fn hidden_temporary_and_other_names_and_folders_are_left_out() {
    let mut scene = Scene::new();
    for name in [
        ".a.png",
        "~a.png",
        "~$a.png",
        "a.png~",
        "a.png.part",
        "a.crdownload",
        "notes.txt",
        "png",
        ".png",
    ] {
        scene.write(name, b"1");
    }
    fs::create_dir(scene.folder.path.join("folder.png")).unwrap();
    scene.write("folder.png/inside.png", b"1");
    scene.write("real.png", b"1");
    scene.poll();
    assert_eq!(scene.poll(), ["real.png"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let mut scene = Scene::new();
    let outside = scene.dir.path().join("outside.png");
    fs::write(&outside, "1").unwrap();
    std::os::unix::fs::symlink(&outside, scene.folder.path.join("link.png")).unwrap();
    std::os::unix::fs::symlink("nowhere", scene.folder.path.join("broken.png")).unwrap();
    scene.poll();
    assert_eq!(scene.poll(), NONE);
}

#[test]
fn a_folder_that_vanishes_is_reported_once_and_so_is_its_return() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.poll();
    assert_eq!(scene.poll(), ["a.png"]);
    let away = scene.dir.path().join("away");
    fs::rename(&scene.folder.path, &away).unwrap();
    let changes = scene.changes();
    assert_eq!(changes.notices.len(), 1);
    assert!(
        changes.notices[0].text.contains("cannot be watched"),
        "{changes:?}"
    );
    assert_eq!(scene.changes(), FolderChanges::default());
    // A drive that was disconnected for a while: its pictures are known.
    fs::rename(&away, &scene.folder.path).unwrap();
    let changes = scene.changes();
    assert!(changes.notices[0].text.contains("is back"), "{changes:?}");
    assert_eq!(scene.poll(), NONE);
    assert_eq!(scene.poll(), NONE);
}

#[test]
fn a_folder_of_thousands_is_watched_in_part_and_says_so_once() {
    let mut scene = Scene::new();
    for n in 0..MOST_PICTURES + 3 {
        scene.write(&format!("{n}.png"), b"1");
    }
    let changes = scene.changes();
    assert_eq!(changes.notices.len(), 1, "{:?}", changes.notices);
    let changes = scene.changes();
    assert_eq!(
        (changes.pictures.len(), changes.notices.len()),
        (MOST_PICTURES, 0)
    );
    assert_eq!(scene.poll(), NONE);
    // When some go, there is room for others.
    for path in &changes.pictures[..10] {
        fs::remove_file(path).unwrap();
    }
    scene.poll();
    scene.poll();
    assert_eq!(scene.poll().len(), 3);
}
