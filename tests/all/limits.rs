//! Each limit that `--help` names: one more is refused in one line.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use crate::common::{command, failure, folder, quick, refusal, save, scene, stderr};

/// The words after the name of a limit in the help of a command.
fn limit(dir: &TempDir, of: &str, name: &str) -> String {
    let output = command(dir, &format!("{of} --help")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, limits) = text.split_once("Limits; ").expect("a paragraph of limits");
    let line = limits.lines().find_map(|l| l.trim().strip_prefix(name));
    line.unwrap_or_else(|| panic!("{of} --help names no limit of {name}: {limits}"))
        .trim()
        .to_owned()
}

/// The numbers in `text`.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn inputs() -> TempDir {
    let dir = folder();
    save(&dir, "s.png", &scene(64, 48));
    dir
}

/// A file of so many bytes that takes no place; `false` where the file system has none.
fn sparse(dir: &TempDir, name: &str, start: &[u8], bytes: u64) -> bool {
    fs::write(dir.path().join(name), start).unwrap();
    let file = fs::File::options().write(true).open(dir.path().join(name));
    let made = file.unwrap().set_len(bytes).is_ok();
    if !made {
        eprintln!("skipped: this file system has no sparse files of {bytes} bytes");
    }
    made
}

#[test]
fn numbers_of_flags() {
    let dir = inputs();
    for (of, flag, line) in [
        ("stylize", "--size", "stylize s.png --style s.png -o o.png"),
        ("stylize", "--tile", "stylize s.png --style s.png -o o.png"),
        (
            "stylize",
            "--threads",
            "stylize s.png --style s.png -o o.png",
        ),
        (
            "blend",
            "--steps",
            "blend s.png --from s.png --to s.png -o o",
        ),
        ("film", "--size", "film s.png --style s.png -o o.gif"),
    ] {
        let named = numbers(&limit(&dir, of, flag));
        let (least, most) = (named[0], named[1]);
        for wrong in [most + 1, least - 1] {
            let said = failure(&mut quick(&dir, &format!("{line} {flag} {wrong}")));
            assert!(said.contains(&wrong.to_string()), "{flag} {wrong}: {said}");
        }
    }
    assert_eq!(limit(&dir, "stylize", "--memory"), "1024 GiB");
    let said = failure(&mut quick(
        &dir,
        "stylize s.png --style s.png -o o.png --memory 1025GiB",
    ));
    assert!(said.contains("more than 1 TiB"), "{said}");
}

#[test]
fn sizes_of_pictures_and_files() {
    let dir = inputs();
    let named = numbers(&limit(&dir, "stylize", "a picture"));
    let [side, decoded, file] = named[..] else {
        panic!("{named:?}");
    };
    let paint = |name: &str| {
        refusal(&mut quick(
            &dir,
            &format!("stylize {name} --style s.png -o o.png"),
        ))
    };
    save(&dir, "wide.png", &image::RgbImage::new(side as u32 + 1, 16));
    let said = paint("wide.png");
    assert!(said.contains(&format!("{side} pixels a side")), "{said}");
    // A header is enough: the fewest rows of that width that are over the limit of memory.
    let rows = (decoded << 20) / (side * 3) + 1;
    let mut header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    header.extend((side as u32).to_be_bytes());
    header.extend((rows as u32).to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    header.extend([0; 4]);
    fs::write(dir.path().join("many.png"), &header).unwrap();
    let said = paint("many.png");
    assert!(said.contains("many.png: "), "{said}");
    if sparse(&dir, "long.png", &header, (file << 20) + 1) {
        let said = paint("long.png");
        assert!(said.contains(&format!("limit of {file} MiB")), "{said}");
    }
    let gallery = numbers(&limit(&dir, "stylize", "--gallery"))[0];
    if sparse(&dir, "g.toml", b"", (gallery << 20) + 1) {
        let said = refusal(&mut command(&dir, "styles list --gallery g.toml"));
        assert!(said.contains(&format!("limit of {gallery} MiB")), "{said}");
    }
    let model = numbers(&limit(&dir, "stylize", "--model"));
    fs::create_dir(dir.path().join("model")).unwrap();
    if sparse(&dir, "model/models.toml", b"", (model[1] << 20) + 1) {
        let line = "stylize s.png --style s.png -o o.png --model model";
        let said = refusal(&mut command(&dir, line));
        assert!(
            said.contains(&format!("limit of {} MiB", model[1])),
            "{said}"
        );
    }
    let features = numbers(&limit(&dir, "verify", "--features"))[0];
    if sparse(&dir, "f.safetensors", b"", (features << 20) + 1) {
        let line = "stylize s.png --style s.png --refine=1 --features f.safetensors -o o.png";
        let said = refusal(&mut quick(&dir, line));
        assert!(said.contains(&format!("limit of {features} MiB")), "{said}");
    }
}

#[test]
fn lines_of_lists() {
    let dir = inputs();
    let line = numbers(&limit(&dir, "stylize", "--paths-from"))[0] << 10;
    let list = "x".repeat(line as usize + 1);
    fs::write(dir.path().join("list"), list).unwrap();
    let line_of = "stylize --paths-from list --style s.png -o out";
    let said = refusal(&mut quick(&dir, line_of));
    assert!(said.contains(&format!("more than {line} bytes")), "{said}");
}

/// A GIF of `frames` frames of one pixel, each shown for so many hundredths of a second.
fn gif(frames: u64, hundredths: u16) -> Vec<u8> {
    let mut file = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    let mut frame = vec![0x21, 0xF9, 4, 0];
    frame.extend(hundredths.to_le_bytes());
    frame.extend([0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0]);
    (0..frames).for_each(|_| file.extend(&frame));
    file.push(0x3B);
    file
}

#[test]
fn animations() {
    let dir = inputs();
    let named = numbers(&limit(&dir, "film", "an animation").replace(',', " "));
    let [_, memory, frames, hours, file] = named[..] else {
        panic!("{named:?}");
    };
    let paint = |name: &str| {
        refusal(&mut quick(
            &dir,
            &format!("film {name} --style s.png -o o.gif"),
        ))
    };
    fs::write(dir.path().join("many.gif"), gif(frames + 1, 1)).unwrap();
    let said = paint("many.gif");
    assert!(
        said.contains("many.gif") && said.contains("frames"),
        "{said}"
    );
    let shown = hours * 3600 * 100 / 65_535 + 1;
    fs::write(dir.path().join("slow.gif"), gif(shown, u16::MAX)).unwrap();
    let said = paint("slow.gif");
    assert!(said.contains("seconds"), "{said}");
    let side = (((memory << 20) / 4) as f64).sqrt() as u16 + 1;
    let mut large = gif(1, 1);
    for at in [6, 8] {
        large[at..at + 2].copy_from_slice(&side.to_le_bytes());
    }
    fs::write(dir.path().join("large.gif"), large).unwrap();
    assert!(paint("large.gif").contains(&format!("{memory} MiB a frame")));
    if sparse(&dir, "long.gif", &gif(1, 1), (file << 30) + 1) {
        assert!(paint("long.gif").contains("over the limit"));
    }
}

#[test]
fn keyframes() {
    let dir = inputs();
    let named = numbers(&limit(&dir, "film", "--keyframes"));
    let [rows, styles, bytes] = named[..] else {
        panic!("{named:?}");
    };
    let many = |count: u64, style: &dyn Fn(u64) -> String| {
        let mut text = String::new();
        for n in 0..count {
            writeln!(text, "{n} {}", style(n)).unwrap();
        }
        text
    };
    let names = |n| format!("@s{n}");
    for (text, most) in [
        (many(rows + 1, &|_| "@irises".to_owned()), rows),
        (many(styles + 1, &names), styles),
        (" ".repeat((bytes << 20) as usize + 1), bytes),
    ] {
        fs::write(dir.path().join("keys.txt"), text).unwrap();
        let line = "film s.png --keyframes keys.txt -o o.gif";
        let said = refusal(&mut quick(&dir, line));
        assert!(said.contains(&most.to_string()), "{most}: {said}");
    }
}

#[test]
fn every_help_fits_and_says_its_limits() {
    let dir = folder();
    let mut commands = vec!["stylize", "blend", "film", "verify", "gatys", "styles"];
    if cfg!(feature = "live") {
        commands.push("live");
    }
    for of in commands {
        let output = command(&dir, &format!("{of} --help")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("Limits; "), "{of}: {}", stderr(&output));
        // The short help stays short.
        let output = command(&dir, &format!("{of} -h")).output().unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("Limits; "));
    }
}
