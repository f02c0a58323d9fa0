//! Films that the tests make with ffmpeg, and what ffprobe says of films.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use image::RgbImage;
use impasto::video::test_card::TestCard;
use impasto::video::{Frame, FrameSource};
use serde_json::Value;
use tempfile::TempDir;

/// Whether there is an ffmpeg; without one the test says that it skips, unless it must not.
pub fn has_ffmpeg() -> bool {
    let there = |program: &str| {
        let run = Command::new(program)
            .arg("-version")
            .stdout(Stdio::null())
            .status();
        run.is_ok_and(|status| status.success())
    };
    if there("ffmpeg") && there("ffprobe") {
        return true;
    }
    let required = std::env::var_os("IMPASTO_REQUIRE_FFMPEG").is_some();
    assert!(
        !required,
        "IMPASTO_REQUIRE_FFMPEG is set, and there is no ffmpeg"
    );
    eprintln!("skipped: there is no ffmpeg");
    false
}

/// Runs ffmpeg in `dir`; spaces part the words of the line.
pub fn ffmpeg(dir: &TempDir, line: &str) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(line.split_whitespace())
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A film of `frames` frames of the project's moving scene and a tone of the same length, as `name` in `dir`. `more`:
/// arguments of the output.
pub fn clip(
    dir: &TempDir,
    name: &str,
    (width, height): (u32, u32),
    frames: u32,
    rate: &str,
    more: &str,
) {
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"])
        .args([
            "-s",
            &format!("{width}x{height}"),
            "-r",
            rate,
            "-i",
            "pipe:0",
        ])
        .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"])
        .args([
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-shortest",
            "-pix_fmt",
            "yuv420p",
        ])
        .args(more.split_whitespace())
        .arg(name)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut card = TestCard::new(width, height, 25, false);
    let mut frame = Frame::empty();
    for _ in 0..frames {
        assert!(card.next_frame(&mut frame).unwrap());
        input.write_all(&frame.rgb).unwrap();
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// What ffprobe says of the film `path`: streams, format, chapters.
pub fn probe(path: &Path) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-count_frames"])
        .args(["-show_streams", "-show_format", "-show_chapters"])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The first stream of a kind (`video`, `audio`, `subtitle`).
pub fn stream<'a>(probed: &'a Value, kind: &str) -> &'a Value {
    let streams = probed["streams"].as_array().unwrap();
    streams
        .iter()
        .find(|s| s["codec_type"] == kind)
        .unwrap_or(&Value::Null)
}

/// The time of each frame, in ticks of its stream, and the ticks of a second.
pub fn times(path: &Path) -> Vec<(i64, i64)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-select_streams", "v:0"])
        .args([
            "-show_entries",
            "frame=best_effort_timestamp:stream=time_base",
        ])
        .arg(path)
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let base = found["streams"][0]["time_base"].as_str().unwrap();
    let base: i64 = base.strip_prefix("1/").unwrap().parse().unwrap();
    let frames = found["frames"].as_array().unwrap().iter();
    frames
        .map(|f| (f["best_effort_timestamp"].as_i64().unwrap(), base))
        .collect()
}

/// All frames of the film `path`, as it is shown.
pub fn frames(path: &Path) -> Vec<RgbImage> {
    let probed = probe(path);
    let video = stream(&probed, "video");
    let side = |name: &str| video[name].as_u64().unwrap() as u32;
    let (width, height) = (side("width"), side("height"));
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-noautorotate", "-i"])
        .arg(path)
        .args([
            "-map",
            "0:v:0",
            "-vsync",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ])
        .output()
        .unwrap();
    let frames = output.stdout.chunks_exact((width * height * 3) as usize);
    frames
        .map(|f| RgbImage::from_raw(width, height, f.to_vec()).unwrap())
        .collect()
}
