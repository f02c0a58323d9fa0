//! `impasto blend` into an animation.

use std::path::Path;

use crate::campaign::Job;
use crate::common::scene;

fn inputs(folder: &Path) {
    scene(320, 240).save(folder.join("photo.png")).unwrap();
    scene(64, 48).save(folder.join("a.png")).unwrap();
    scene(48, 64).save(folder.join("b.png")).unwrap();
}

fn into(name: &'static str, steps: u32, output: &str) -> Job {
    let line = format!(
        "blend photo.png --from a.png --to b.png --steps {steps} --threads 1 --model TINY -o {output}"
    );
    Job::new(name, line, inputs)
}

#[test]
fn a_gif() {
    into("blend to GIF", 4, "out.gif").short();
}

#[test]
fn a_strip() {
    into("blend to a strip", 4, "out.png").short();
}

#[test]
#[ignore = "100 signals"]
fn long_gif() {
    into("blend to GIF", 16, "out.gif").long();
}

#[test]
#[ignore = "100 signals"]
fn long_strip() {
    into("blend to a strip", 16, "out.png").long();
}
