#![allow(clippy::unwrap_used)]
use super::*;
use tempfile::TempDir;

/// A folder and its watcher; each look is half a second after the last.
struct Scene {
    dir: TempDir,
    folder: Folder,
    now: Duration,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("styles"));
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

    fn news(&mut self) -> News {
        self.now += EVERY;
        self.folder.poll(self.now)
    }

    /// The names of the pictures that one more look tells; there must be no note.
    fn look(&mut self) -> Vec<String> {
        let news = self.news();
        assert_eq!(news.notes, [""; 0]);
        let name = |p: &PathBuf| p.file_name().unwrap().to_str().unwrap().to_owned();
        news.pictures.iter().map(name).collect()
    }
}

const NONE: [&str; 0] = [];

#[test]
fn a_picture_is_told_once_when_it_is_whole() {
    let mut scene = Scene::new();
    scene.write("b.png", b"12");
    scene.write("a.JPG", b"1");
    assert_eq!(scene.look(), NONE);
    assert_eq!(scene.look(), ["a.JPG", "b.png"]);
    assert_eq!(scene.look(), NONE);
    // A copy that is under way: empty, then growing.
    scene.write("c.webp", b"");
    assert_eq!(scene.look(), NONE);
    assert_eq!(scene.look(), NONE);
    for bytes in [&b"1"[..], b"12", b"123"] {
        scene.write("c.webp", bytes);
        assert_eq!(scene.look(), NONE);
    }
    assert_eq!(scene.look(), ["c.webp"]);
}

#[test]
fn a_changed_picture_and_one_that_came_back_are_told_again() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.look();
    assert_eq!(scene.look(), ["a.png"]);
    // Of the same size: only its time tells.
    let file = fs::File::options()
        .write(true)
        .open(scene.folder.path.join("a.png"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(scene.look(), NONE);
    assert_eq!(scene.look(), ["a.png"]);
    let path = scene.folder.path.join("a.png");
    fs::rename(&path, scene.dir.path().join("away.png")).unwrap();
    assert_eq!(scene.look(), NONE);
    fs::rename(scene.dir.path().join("away.png"), &path).unwrap();
    assert_eq!(scene.look(), NONE);
    assert_eq!(scene.look(), ["a.png"]);
}

#[test]
fn looks_are_half_a_second_apart() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.look();
    let soon = scene.now + EVERY - Duration::from_millis(1);
    assert_eq!(scene.folder.poll(soon), News::default());
    assert_eq!(scene.look(), ["a.png"]);
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
    scene.look();
    assert_eq!(scene.look(), ["real.png"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let mut scene = Scene::new();
    let outside = scene.dir.path().join("outside.png");
    fs::write(&outside, "1").unwrap();
    std::os::unix::fs::symlink(&outside, scene.folder.path.join("link.png")).unwrap();
    std::os::unix::fs::symlink("nowhere", scene.folder.path.join("broken.png")).unwrap();
    scene.look();
    assert_eq!(scene.look(), NONE);
}

#[test]
fn a_folder_that_vanishes_is_said_once_and_so_is_its_return() {
    let mut scene = Scene::new();
    scene.write("a.png", b"1");
    scene.look();
    assert_eq!(scene.look(), ["a.png"]);
    let away = scene.dir.path().join("away");
    fs::rename(&scene.folder.path, &away).unwrap();
    let news = scene.news();
    assert_eq!(news.notes.len(), 1);
    assert!(news.notes[0].contains("cannot be watched"), "{news:?}");
    assert_eq!(scene.news(), News::default());
    // A drive that was disconnected for a while: its pictures are known.
    fs::rename(&away, &scene.folder.path).unwrap();
    let news = scene.news();
    assert!(news.notes[0].contains("is back"), "{news:?}");
    assert_eq!(scene.look(), NONE);
    assert_eq!(scene.look(), NONE);
}

#[test]
fn a_folder_of_thousands_is_watched_in_part_and_says_so_once() {
    let mut scene = Scene::new();
    for n in 0..MOST_PICTURES + 3 {
        scene.write(&format!("{n}.png"), b"1");
    }
    let news = scene.news();
    assert_eq!(news.notes.len(), 1, "{:?}", news.notes);
    let news = scene.news();
    assert_eq!((news.pictures.len(), news.notes.len()), (MOST_PICTURES, 0));
    assert_eq!(scene.look(), NONE);
    // Where some go, others find room.
    for path in &news.pictures[..10] {
        fs::remove_file(path).unwrap();
    }
    scene.look();
    scene.look();
    assert_eq!(scene.look().len(), 3);
}
