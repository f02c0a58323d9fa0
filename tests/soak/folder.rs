//! A folder of ten thousand pictures of which one in twenty is broken, killed twice and resumed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Instant, SystemTime};

use serde_json::Value;

use crate::common::{folder, save, scene, tiny};
use crate::number;

/// One picture in so many is broken.
const BROKEN_EVERY: usize = 20;

/// The exit status when an input cannot be read.
const FAILED: i32 = 2;

/// Write `count` pictures of many sizes in four formats; the number that are broken.
fn photos(dir: &Path, count: usize) -> usize {
    let scene = scene(80, 60);
    let mut broken = 0;
    for n in 0..count {
        let extension = ["png", "jpg", "bmp", "webp"][n % 4];
        let path = dir.join(format!("{n:05}.{extension}"));
        let (width, height) = (24 + (n % 57) as u32, 24 + (n % 37) as u32);
        let picture = image::imageops::crop_imm(&scene, 0, 0, width, height).to_image();
        picture.save(&path).unwrap();
        if n % BROKEN_EVERY == 7 {
            broken += 1;
            let whole = std::fs::read(&path).unwrap();
            let bytes = match n / BROKEN_EVERY % 4 {
                0 => Vec::new(),
                1 => whole[..whole.len() / 3].to_vec(),
                2 => b"<html>no picture</html>".to_vec(),
                // Of the wrong kind, and cut.
                _ => [&b"GIF89a"[..], &whole[20..40]].concat(),
            };
            std::fs::write(&path, bytes).unwrap();
        }
    }
    broken
}

fn stylize(dir: &Path) -> Command {
    let line = "stylize photos/ --style style.png --resume --json-lines --threads 1 -o out/";
    let mut command = Command::new(env!("CARGO_BIN_EXE_impasto"));
    command
        .args(line.split_whitespace())
        .args(["--model", &tiny()])
        .current_dir(dir)
        .env("IMPASTO_GALLERY", dir.join("gallery.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// When each picture was written.
fn written(out: &Path) -> BTreeMap<String, SystemTime> {
    let Ok(entries) = std::fs::read_dir(out) else {
        return BTreeMap::new();
    };
    let times = entries.map(|entry| {
        let entry = entry.unwrap();
        let time = entry.metadata().unwrap().modified().unwrap();
        (entry.file_name().into_string().unwrap(), time)
    });
    times.filter(|(name, _)| !name.starts_with('.')).collect()
}

fn rss_mib(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

/// What a run told of each picture, and its memory after a tenth of `count` lines and at the last one.
struct Told {
    lines: Vec<Value>,
    memory: (f64, f64),
}

/// Whether a line says that a picture was painted.
fn is_painted(line: &Value) -> bool {
    line["status"] == "painted"
}

/// Run until the end, or SIGKILL it after so many painted pictures.
fn run(dir: &Path, count: usize, kill_after: Option<usize>) -> (Told, Option<i32>) {
    let mut child = stylize(dir).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut told, mut early, mut late): (Vec<Value>, _, _) = (Vec::new(), 0.0, 0.0);
    let mut painted = 0;
    for line in lines.map_while(Result::ok) {
        // The line that a kill has cut says nothing.
        let Ok(value) = serde_json::from_str(&line) else {
            continue;
        };
        painted += usize::from(is_painted(&value));
        told.push(value);
        late = rss_mib(&child).unwrap_or(late);
        if told.len() <= count / 10 {
            early = late;
        }
        if Some(painted) == kill_after {
            child.kill().unwrap();
            break;
        }
    }
    let status = child.wait().unwrap();
    let memory = (early, late);
    let lines = told;
    (Told { lines, memory }, status.code())
}

fn soak(count: usize) {
    let dir = folder();
    let path = dir.path();
    std::fs::create_dir(path.join("photos")).unwrap();
    save(&dir, "style.png", &scene(64, 48));
    let broken = photos(&path.join("photos"), count);
    let good = count - broken;
    let out = path.join("out");

    let began = Instant::now();
    let mut before = BTreeMap::new();
    for part in [count / 3, count / 4] {
        let (told, status) = run(path, count, Some(part));
        let painted = told.lines.iter().filter(|l| is_painted(l)).count();
        assert_eq!((painted, status), (part, None), "killed");
        let after = written(&out);
        // The last one may have been written and not yet been noted: it alone may be painted again.
        let again = before.iter().filter(|(n, t)| after.get(*n) != Some(*t));
        assert!(again.count() <= 1);
        assert!(after.len() > before.len());
        before = after;
    }
    let (told, status) = run(path, count, None);
    eprintln!(
        "{count} pictures, {broken} broken, killed twice: {:.1} s; memory after a tenth {:.1} MiB, at the end {:.1} MiB",
        began.elapsed().as_secs_f64(),
        told.memory.0,
        told.memory.1
    );
    assert_eq!(status, Some(FAILED), "some could not be painted");
    let after = written(&out);
    assert_eq!(after.len(), good);
    let again = before.iter().filter(|(n, t)| after.get(*n) != Some(*t));
    assert!(again.count() <= 1, "painted twice");
    let failed = told.lines.iter().filter(|l| !l["error"].is_null());
    assert_eq!(failed.count(), broken, "{:?}", told.lines.first());
    assert!(told.memory.1 < told.memory.0 + 8.0, "memory grows");

    // Only what is broken is tried again.
    let (told, status) = run(path, count, None);
    assert_eq!((written(&out), status), (after, Some(FAILED)));
    assert!(!told.lines.iter().any(is_painted));
}

#[test]
fn hundreds_of_pictures_are_killed_and_resumed() {
    soak(300);
}

#[test]
#[ignore = "minutes"]
fn thousands_of_pictures_are_killed_and_resumed() {
    soak(number("IMPASTO_SOAK_PICTURES", 10_000) as usize);
}
