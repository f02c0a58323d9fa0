//! `stylize --shard`, `--resume` and `--paths-from`: many machines, kills, and nothing painted twice.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::*;

/// A folder `photos` of so many small pictures, in which `s.png` lies beside.
fn photos(count: usize) -> TempDir {
    let dir = folder();
    std::fs::create_dir(dir.path().join("photos")).unwrap();
    for n in 0..count as u32 {
        save(&dir, &format!("photos/p{n:02}.png"), &scene(40 + n, 32));
    }
    save(&dir, "s.png", &scene(64, 48));
    dir
}

/// The pictures in `out`, and when they were written.
fn painted(dir: &TempDir) -> BTreeMap<String, std::time::SystemTime> {
    let entries = std::fs::read_dir(dir.path().join("out")).unwrap();
    let entries = entries.map(|e| e.unwrap());
    entries
        .map(|e| {
            (
                e.file_name().into_string().unwrap(),
                e.metadata().unwrap().modified().unwrap(),
            )
        })
        .filter(|(name, _)| name.ends_with(".png"))
        .collect()
}

/// How many pictures a run painted and how many it found.
fn counts(command: &mut Command) -> (usize, usize) {
    let report = json(command.arg("--json"));
    let count = |key: &str| report[key].as_array().unwrap().len();
    (count("pictures"), count("skipped"))
}

fn run(dir: &TempDir, more: &str) -> Command {
    quick(dir, &format!("stylize photos --style s.png -o out {more}"))
}

#[test]
fn the_parts_of_a_job_have_every_picture_once() {
    let dir = photos(11);
    for of in [1, 2, 3, 7] {
        let mut all = BTreeSet::new();
        let mut sum = 0;
        for index in 1..=of {
            let report = json(run(&dir, "--json").args(["--shard", &format!("{index}/{of}")]));
            for picture in report["pictures"].as_array().unwrap() {
                sum += 1;
                all.insert(picture["output"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!((sum, all.len()), (11, 11), "{of} parts");
    }
    let said = failure(&mut run(&dir, "--shard 4/3"));
    assert!(said.contains("1/8 to 8/8"), "{said}");
}

#[test]
fn parts_and_going_on_need_a_folder() {
    let dir = photos(1);
    for flag in ["--resume", "--shard 1/2"] {
        let line = format!("stylize photos/p00.png --style s.png -o out.png {flag}");
        let said = refusal(&mut quick(&dir, &line));
        assert!(said.contains("needs a folder"), "{said}");
    }
    let said = refusal(&mut quick(&dir, "stylize - --style s.png -o out/ --resume"));
    assert!(said.contains("standard input"), "{said}");
}

#[test]
fn only_what_changed_is_painted_again() {
    let dir = photos(5);
    assert_eq!(counts(&mut run(&dir, "--resume")), (5, 0));
    let first = painted(&dir);
    assert_eq!(counts(&mut run(&dir, "--resume")), (0, 5));
    assert_eq!(painted(&dir), first, "nothing was written");

    std::fs::remove_file(dir.path().join("out/p01.png")).unwrap();
    assert_eq!(counts(&mut run(&dir, "--resume")), (1, 4));
    std::fs::write(dir.path().join("out/p02.png"), "another").unwrap();
    assert_eq!(counts(&mut run(&dir, "--resume")), (1, 4));
    save(&dir, "photos/p03.png", &scene(50, 50));
    assert_eq!(counts(&mut run(&dir, "--resume")), (1, 4));
    // A photo more is one picture more.
    save(&dir, "photos/p09.png", &scene(50, 40));
    assert_eq!(counts(&mut run(&dir, "--resume")), (1, 5));

    assert_eq!(counts(&mut run(&dir, "--resume --strength 0.5")), (6, 0));
    // The pictures are those of strength 0.5 now, so those of strength 1 are gone.
    assert_eq!(counts(&mut run(&dir, "--resume")), (6, 0));
    save(&dir, "s.png", &scene(48, 64));
    assert_eq!(counts(&mut run(&dir, "--resume")), (6, 0));
    assert_eq!(counts(&mut run(&dir, "--resume --threads 1")), (0, 6));
}

#[test]
fn parts_go_on_where_other_parts_were() {
    let dir = photos(9);
    let part = |index: u32| counts(run(&dir, "--resume").args(["--shard", &format!("{index}/3")]));
    let sums: Vec<_> = (1..=3).map(part).collect();
    assert_eq!(sums.iter().map(|s| s.0).sum::<usize>(), 9);
    // Another division, or none, knows what these have done.
    assert_eq!(counts(run(&dir, "--resume").args(["--shard", "1/2"])).0, 0);
    assert_eq!(counts(&mut run(&dir, "--resume")), (0, 9));
}

#[test]
fn a_style_more_paints_only_that_style() {
    let dir = photos(3);
    save(&dir, "t.png", &scene(48, 64));
    assert_eq!(counts(&mut run(&dir, "--each --resume")), (3, 0));
    assert_eq!(
        counts(&mut run(&dir, "--each --resume --style t.png")),
        (3, 3)
    );
}

#[test]
fn a_torn_line_costs_one_picture() {
    let dir = photos(4);
    assert_eq!(counts(&mut run(&dir, "--resume")), (4, 0));
    let list = dir.path().join("out/.impasto-done.jsonl");
    let whole = std::fs::read(&list).unwrap();
    // A line without its end is whole all the same.
    for (keep, painted) in [(whole.len() - 1, 0), (whole.len() - 30, 1)] {
        std::fs::write(&list, &whole[..keep]).unwrap();
        let counted = counts(&mut run(&dir, "--resume"));
        assert_eq!(counted, (painted, 4 - painted), "{keep}");
        assert_eq!(counts(&mut run(&dir, "--resume")), (0, 4), "{keep}");
    }
}

#[cfg(unix)]
#[test]
fn after_a_kill_only_what_is_left_is_painted() {
    let dir = photos(24);
    let line = "stylize photos --style s.png -o out --resume --size 300 --model live --threads 1";
    let mut child = start(&dir, line);
    wait_for(&mut child, &dir.path().join("out/p03.png"));
    child.kill().unwrap();
    child.wait().unwrap();
    let before = painted(&dir);
    assert!(before.len() >= 4 && before.len() < 24, "{}", before.len());
    let (new, found) = counts(&mut command(&dir, line));
    assert_eq!(new + found, 24);
    // The last may be there without its line.
    assert!(
        found == before.len() || found + 1 == before.len(),
        "{found}"
    );
    let after = painted(&dir);
    let same = before.iter().filter(|(name, time)| after[*name] == **time);
    assert_eq!((after.len(), same.count()), (24, found));
    assert_eq!(counts(&mut command(&dir, line)), (0, 24));
}

/// What `impasto stylize --paths-from -` makes of `input`: its lines, and the exit status.
fn feed(dir: &TempDir, more: &str, input: &[u8]) -> (Vec<Value>, Option<i32>) {
    let line = format!("stylize --paths-from - --json-lines --style s.png -o out {more}");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(line.split_whitespace())
        .args(["--model", &tiny()])
        .current_dir(dir.path())
        .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), output.status.code())
}

#[test]
fn pictures_are_painted_as_their_paths_come() {
    let dir = photos(3);
    let input = b"photos/p00.png\n\n{\"content\": \"photos/p01.png\", \"output\": \"deep/er.jpg\"}\n\
        photos/missing.png\n{\"content\": \"photos/p02.png\", \"output\": \"../p02.png\"}\nphotos/p00.png";
    let (lines, status) = feed(&dir, "", input);
    let status_of = |line: &Value| line["status"].as_str().unwrap().to_owned();
    let all: Vec<_> = lines.iter().map(status_of).collect();
    assert_eq!(all, ["painted", "painted", "failed", "failed", "painted"]);
    assert_eq!(status, Some(2));
    for file in ["out/p00.png", "out/deep/er.jpg", "out/p00-2.png"] {
        assert!(dir.path().join(file).exists(), "{file}");
    }
    assert!(lines[2]["error"].as_str().unwrap().contains("missing.png"));
    assert!(!dir.path().join("p02.png").exists());
    assert!(!dir.path().join("out/.impasto-done-feed1.jsonl").exists());
}

#[test]
fn a_feed_goes_on_and_tells_what_it_found() {
    let dir = photos(3);
    let input = b"photos/p00.png\nphotos/p01.png\nphotos/p02.png\n";
    let (lines, status) = feed(&dir, "--resume", &input[..input.len() / 3]);
    assert_eq!((lines.len(), status), (1, Some(0)));
    let (lines, status) = feed(&dir, "--resume", input);
    let skipped = lines.iter().filter(|line| line["status"] == "skipped");
    assert_eq!((lines.len(), skipped.count(), status), (3, 1, Some(0)));
    // A list in a file does the same.
    std::fs::write(dir.path().join("list.txt"), input).unwrap();
    let line = "stylize --paths-from list.txt --resume --style s.png -o out --json";
    let report = json(&mut quick(&dir, line));
    assert_eq!(report["skipped"].as_array().unwrap().len(), 3);
}

#[test]
fn a_list_needs_a_folder_and_no_other_pictures() {
    let dir = photos(1);
    std::fs::write(dir.path().join("list"), "photos/p00.png").unwrap();
    let said = refusal(&mut quick(
        &dir,
        "stylize --paths-from list --style s.png -o o.png",
    ));
    assert!(said.contains("need a folder"), "{said}");
    failure(&mut quick(
        &dir,
        "stylize photos --paths-from list --style s.png -o out",
    ));
    let said = refusal(&mut quick(
        &dir,
        "stylize --paths-from none --style s.png -o out",
    ));
    assert!(said.contains("none"), "{said}");
    assert!(!Path::new("out").exists());
}
