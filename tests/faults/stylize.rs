//! `impasto stylize`: a folder of pictures, with `--resume` too, and one large picture in tiles.

use std::path::Path;

use crate::campaign::Job;
use crate::common::scene;

fn folder(inputs: &Path) {
    std::fs::create_dir(inputs.join("photos")).unwrap();
    for n in 0..24 {
        let picture = scene(240 + n, 180);
        picture
            .save(inputs.join(format!("photos/{n:02}.png")))
            .unwrap();
    }
    scene(64, 48).save(inputs.join("style.png")).unwrap();
}

fn large(inputs: &Path) {
    scene(2400, 1600).save(inputs.join("large.png")).unwrap();
    scene(64, 48).save(inputs.join("style.png")).unwrap();
}

fn of_folder() -> Job {
    let line = "stylize photos/ --style style.png --threads 1 --model TINY -o out/";
    Job::new("stylize folder", line, folder)
}

fn resumed() -> Job {
    let line = "stylize photos/ --style style.png --resume --threads 1 --model TINY -o out/";
    Job {
        // The record of what is done, which the next run reads: it parses in any state.
        whole: |name, bytes| {
            name.starts_with("out/.")
                && !name.ends_with(".part")
                && std::str::from_utf8(bytes).is_ok()
        },
        ..Job::new("stylize --resume", line, folder)
    }
}

fn tiled() -> Job {
    let line = "stylize large.png --style style.png --tile 256 --threads 1 --model TINY -o out.png";
    Job::new("stylize in tiles", line, large)
}

#[test]
fn a_folder() {
    of_folder().short();
}

#[test]
fn a_folder_with_resume() {
    resumed().short();
}

#[test]
fn tiles() {
    tiled().short();
}

#[test]
#[ignore = "100 signals"]
fn long_folder() {
    of_folder().long();
}

#[test]
#[ignore = "100 signals"]
fn long_resume() {
    resumed().long();
}

#[test]
#[ignore = "100 signals"]
fn long_tiles() {
    tiled().long();
}
