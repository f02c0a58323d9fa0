//! The limits that hold for a command in; the last paragraphs of its `--help` out. Made of the constants that are checked,
//! so that the two cannot disagree.

use std::fmt::Write;

use impasto::engine::TILES;
use impasto::jobs::film::keyframes;
use impasto::jobs::{BLEND_STEPS, MOST_GALLERY_BYTES, MOST_GIF_PIXELS, MOST_STYLES, SIZES};
use impasto::runtime::THREADS;
use impasto::{catalog, picture, video};

use super::memory_option::MOST_MEMORY;
use super::path_lines::LONGEST;

/// What a limit is about, and the most there may be.
type Limit = (&'static str, String);

/// Bytes as people read them.
fn bytes(count: u64) -> String {
    match count {
        _ if count >= 1 << 30 && count.is_multiple_of(1 << 30) => format!("{} GiB", count >> 30),
        _ if count >= 1 << 20 => format!("{} MiB", count >> 20),
        _ => format!("{} KiB", count >> 10),
    }
}

/// The paragraph.
fn text(limits: Vec<Limit>) -> String {
    let mut text = "Limits; what is over one is refused in one line:".to_owned();
    for (what, most) in limits {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {what:<18}{most}");
    }
    text
}

fn pictures() -> Limit {
    let limits = picture::Limits::default();
    let most = format!(
        "{0} pixels wide or high, {1} decoded, {2} a file; ordinary files only",
        limits.max_side,
        bytes(limits.max_bytes),
        bytes(limits.max_file_bytes)
    );
    ("a picture", most)
}

fn outputs() -> Limit {
    let (least, most) = SIZES.into_inner();
    ("--size", format!("{least} to {most} pixels"))
}

fn engine() -> [Limit; 2] {
    let (least, most) = THREADS.into_inner();
    let models = format!(
        "{} a network, {} its models.toml",
        bytes(catalog::MOST_MODEL_BYTES),
        bytes(catalog::MOST_MANIFEST_BYTES)
    );
    [
        ("--threads", format!("{least} to {most}")),
        ("--model", models),
    ]
}

fn gallery() -> Limit {
    ("--gallery", bytes(MOST_GALLERY_BYTES))
}

fn with_engine(mut limits: Vec<Limit>) -> String {
    limits.push(gallery());
    limits.extend(engine());
    text(limits)
}

/// Of `stylize`.
pub fn stylize() -> String {
    let (least, most) = TILES.into_inner();
    with_engine(vec![
        pictures(),
        outputs(),
        ("--memory", bytes(MOST_MEMORY)),
        ("--tile", format!("{least} to {most} pixels")),
        ("--paths-from", format!("{} a line", bytes(LONGEST))),
    ])
}

/// Of `blend`.
pub fn blend() -> String {
    let (least, most) = BLEND_STEPS.into_inner();
    with_engine(vec![
        pictures(),
        outputs(),
        ("--steps", format!("{least} to {most}")),
        ("a GIF", format!("{MOST_GIF_PIXELS} pixels in all steps")),
    ])
}

/// Of `film`.
pub fn film() -> String {
    let frames = picture::Limits::default();
    let animation = video::animation::Limits::default();
    with_engine(vec![
        (
            "a film",
            format!(
                "{} pixels wide or high, {} a frame; an ordinary file",
                frames.max_side,
                bytes(frames.max_bytes)
            ),
        ),
        (
            "an animation",
            format!(
                "{} pixels wide or high, {} a frame, {} frames, {} hours, {}",
                animation.max_side,
                bytes(animation.max_bytes),
                animation.max_frames,
                animation.max_seconds / 3600,
                bytes(animation.max_file_bytes)
            ),
        ),
        (
            "--keyframes",
            format!(
                "{} rows, {} styles, {}",
                keyframes::MOST_ROWS,
                keyframes::MOST_STYLES,
                bytes(keyframes::MOST_BYTES)
            ),
        ),
        pictures(),
        outputs(),
    ])
}

/// Of `live`.
#[cfg(feature = "live")]
pub fn live() -> String {
    let uploads = bytes(impasto::remote::http::MOST_UPLOAD_BYTES as u64);
    with_engine(vec![
        pictures(),
        outputs(),
        (
            "--styles",
            format!(
                "{} pictures; more are passed over, and it is said",
                impasto::live::MOST_WATCHED
            ),
        ),
        ("--serve", format!("{uploads} an upload of a painting")),
    ])
}

/// Of `styles`.
pub fn styles() -> String {
    text(vec![
        pictures(),
        gallery(),
        ("map, nearest, path", format!("{MOST_STYLES} styles")),
    ])
}

/// Of `gatys` and `verify`.
pub fn optimiser() -> String {
    text(vec![
        pictures(),
        outputs(),
        ("--features", bytes(catalog::MOST_FEATURE_BYTES)),
    ])
}
