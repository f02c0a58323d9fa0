//! `stylize --resume` after SIGKILL: what was painted is not painted again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::common::{folder, scene};
use crate::process::{KILL, Running, To, impasto};
use crate::random::Random;

const PHOTOS: usize = 40;

const LINE: &str = "stylize photos/ --style a.png --resume --threads 1 --model TINY -o out/";

/// When each picture was written.
fn times(out: &Path) -> BTreeMap<String, SystemTime> {
    let Ok(entries) = std::fs::read_dir(out) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry))
        .filter(|(name, _)| name.ends_with(".png"))
        .map(|(name, entry)| (name, entry.metadata().unwrap().modified().unwrap()))
        .collect()
}

/// Killed again and again, until it is done; at most the one picture of each kill that was not noted yet is painted again.
#[test]
fn nothing_is_painted_twice_after_kills() {
    let mut random = Random::new("resume");
    let (root, logs) = (folder(), folder());
    let work = root.path();
    std::fs::create_dir(work.join("photos")).unwrap();
    for n in 0..PHOTOS as u32 {
        let photo = scene(300 + n, 200);
        photo.save(work.join(format!("photos/{n:02}.png"))).unwrap();
    }
    scene(64, 48).save(work.join("a.png")).unwrap();
    let (out, log) = (work.join("out"), logs.path().join("log"));
    let (mut kills, mut again) = (0, 0);
    while times(&out).len() < PHOTOS {
        let before = times(&out);
        let mut run = Running::start(&mut impasto(work, LINE), &log);
        let wanted = before.len() + 1 + random.next() as usize % 8;
        let mut status = None;
        while status.is_none() && times(&out).len() < wanted {
            status = run.wait(Duration::from_millis(2));
        }
        if status.is_none() {
            run.send(KILL, To::Process);
            assert!(run.wait(Duration::from_secs(2)).is_some());
            kills += 1;
        }
        again += painted_again(&before, &times(&out));
    }
    let before = times(&out);
    let mut last = Running::start(&mut impasto(work, LINE), &log);
    let status = last.wait(Duration::from_secs(60));
    assert!(status.is_some_and(|s| s.success()), "{}", last.said());
    again += painted_again(&before, &times(&out));
    eprintln!("{kills} kills, {again} of {PHOTOS} pictures painted again");
    assert!(kills >= 3 && again <= kills, "{kills} kills, {again} again");
    for name in times(&out).keys() {
        assert!(image::open(out.join(name)).is_ok(), "{name}");
    }
}

/// How many pictures were painted again: one at most, which was not noted yet.
fn painted_again(
    before: &BTreeMap<String, SystemTime>,
    after: &BTreeMap<String, SystemTime>,
) -> usize {
    let changed = |(name, time): &(&String, &SystemTime)| after.get(*name) != Some(*time);
    let again = before.iter().filter(changed).count();
    assert!(again <= 1, "{again} of {} were painted again", before.len());
    again
}
