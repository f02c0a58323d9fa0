//! Pipes, sockets, devices and folders in place of files: named at once, in one line, and not waited for.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command as System;
use std::time::{Duration, Instant};

use assert_cmd::Command;

use crate::common::{command, complaint, folder, quick, repository, save, scene, tiny};

/// A run that waits for a pipe is killed then, and has another exit status.
const LIMIT: Duration = Duration::from_secs(60);

fn pipe(path: &Path) {
    let made = System::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// The one line that `command` says, which must be the same whatever the terminal says; status 1 or 2.
fn refused(command: &mut Command) -> String {
    let began = Instant::now();
    let output = command.timeout(LIMIT).output().unwrap();
    let code = output.status.code().unwrap_or(-1);
    assert!(matches!(code, 1 | 2), "{command:?}: {:?}", output.status);
    let line = complaint(&output, code);
    eprintln!("{:?}: {line}", began.elapsed());
    line
}

#[test]
fn what_is_no_file_is_refused_by_its_kind_wherever_it_is_named() {
    let dir = folder();
    for name in ["p.png", "s.png"] {
        save(&dir, name, &scene(64, 48));
    }
    pipe(&dir.path().join("pipe"));
    let _listens = UnixListener::bind(dir.path().join("socket")).unwrap();
    symlink("/dev/zero", dir.path().join("link")).unwrap();
    let lines = [
        "stylize X --style s.png -o o.png",
        "stylize p.png X --style s.png -o out",
        "stylize p.png --style X -o o.png",
        "stylize p.png --style s.png --mask X=s.png -o o.png",
        "stylize p.png --style s.png --palette-from X -o o.png",
        "stylize p.png --style s.png --refine=1 --features X -o o.png",
        "blend X --from s.png --to p.png -o o.png",
        "film X --style s.png -o o.gif",
        "film X --style s.png -o o.mp4",
    ];
    for (path, kind) in [
        ("pipe", "it is a pipe"),
        ("socket", "it is a socket"),
        ("link", "it is a device"),
        ("/dev/zero", "it is a device"),
    ] {
        for line in lines {
            // Among several photos the others are painted.
            let said = match line.contains("p.png X") {
                true => {
                    let mut run = quick(&dir, &line.replace('X', path));
                    let output = run.timeout(LIMIT).output().unwrap();
                    assert_eq!(output.status.code(), Some(2), "{path}");
                    String::from_utf8_lossy(&output.stderr).into_owned()
                }
                false => refused(&mut quick(&dir, &line.replace('X', path))),
            };
            assert!(said.contains(kind) && said.contains(path), "{line}: {said}");
            assert!(said.contains("only ordinary files are read"), "{said}");
        }
        for line in ["models add vgg19 X", "styles list --gallery X"] {
            let said = refused(&mut command(&dir, &line.replace('X', path)));
            assert!(said.contains(kind), "{line}: {said}");
        }
        let mut list = command(&dir, "styles list");
        let said = refused(list.env("IMPASTO_GALLERY", path));
        assert!(said.contains(kind), "{said}");
        // A film of one picture.
        let line = format!("film p.png --keyframes {path} -o o.gif");
        let said = refused(&mut quick(&dir, &line));
        assert!(said.contains(kind), "{line}: {said}");
        if cfg!(feature = "live") {
            let line = "live --source test-card --headless --sink null --frames 1 --midi";
            let line = format!("{line} --midi-map {path} --style s.png");
            let said = refused(&mut quick(&dir, &line));
            assert!(said.contains(kind), "{line}: {said}");
        }
    }
}

#[test]
fn a_pipe_in_the_folder_of_a_model_is_refused() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let tiny = Path::new(&tiny()).to_owned();
    for part in ["models.toml", "predictor.onnx"] {
        let model = dir.path().join("model");
        std::fs::create_dir(&model).unwrap();
        for file in ["models.toml", "predictor.onnx"] {
            match file == part {
                true => pipe(&model.join(file)),
                false => drop(std::fs::copy(tiny.join(file), model.join(file)).unwrap()),
            }
        }
        let line = "stylize p.png --style p.png -o o.png --model model";
        let said = refused(&mut command(&dir, line));
        assert!(
            said.contains(part) && said.contains("it is a pipe"),
            "{said}"
        );
        std::fs::remove_dir_all(&model).unwrap();
    }
}

#[test]
fn files_larger_than_their_kind_is_read_are_refused_unread() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    let large = dir.path().join("large");
    // Sparse: nothing on disk.
    let file = std::fs::File::create(&large).unwrap();
    if file.set_len(1 << 40).is_err() {
        eprintln!("skipped: this file system has no sparse files of a terabyte");
        return;
    }
    for (line, limit) in [
        (
            "stylize large --style p.png -o o.png",
            "over the limit of 512 MiB",
        ),
        (
            "film p.png --keyframes large -o o.gif",
            "over the limit of 1 MiB",
        ),
    ] {
        let said = refused(&mut quick(&dir, line));
        assert!(said.contains(limit), "{said}");
    }
    let said = refused(&mut command(&dir, "styles list --gallery large"));
    assert!(said.contains("over the limit of 64 MiB"), "{said}");
    let said = refused(&mut command(&dir, "models add vgg19 large"));
    assert!(said.contains("over the limit of 512 MiB"), "{said}");
}

#[test]
fn inputs_that_may_be_pipes_still_are() {
    let dir = folder();
    let photo = save(&dir, "p.png", &scene(64, 48));
    // A photo and a list on standard input.
    let mut run = quick(&dir, "stylize - --style p.png -o one.png");
    let run = run
        .write_stdin(std::fs::read(photo).unwrap())
        .timeout(LIMIT);
    run.assert().success();
    let feed = dir.path().join("feed");
    pipe(&feed);
    let writer = std::thread::spawn({
        let feed = feed.clone();
        move || std::fs::write(feed, "p.png\n")
    });
    let mut run = quick(&dir, "stylize --paths-from feed --style p.png -o out");
    run.timeout(LIMIT).assert().success();
    writer.join().unwrap().unwrap();
    assert!(dir.path().join("out/p.png").is_file());
    // `/dev/stdin` is the file that a shell put there.
    let mut run = System::new(env!("CARGO_BIN_EXE_impasto"));
    run.args(["stylize", "/dev/stdin", "--style", "p.png", "-o", "two.png"])
        .args(["--model", &tiny()])
        .current_dir(dir.path())
        .stdin(std::fs::File::open(dir.path().join("p.png")).unwrap());
    assert!(run.status().unwrap().success());
}

#[test]
fn ctrl_c_ends_the_wait_for_the_writer_of_a_pipe() {
    let dir = folder();
    save(&dir, "p.png", &scene(64, 48));
    pipe(&dir.path().join("feed"));
    let mut lines = vec!["stylize --paths-from feed --style p.png -o out"];
    if cfg!(feature = "live") {
        lines.push("live --source feed --headless --sink null --style p.png");
    }
    for line in lines {
        let line = format!("{line} --model {}", repository("tests/data/tiny").display());
        let mut child = crate::common::start(&dir, &line);
        std::thread::sleep(Duration::from_secs(2));
        let began = Instant::now();
        let id = child.id().to_string();
        assert!(
            System::new("kill")
                .args(["-INT", &id])
                .status()
                .unwrap()
                .success()
        );
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > Duration::from_secs(10) {
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        eprintln!("{line}: {:?}", began.elapsed());
        assert_eq!(status.code(), Some(130), "{line}");
    }
}
