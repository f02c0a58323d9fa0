//! Paint a photo in the style of a painting.
//!
//! `cargo run --release --example 01_stylize_image -- photo.jpg painting.jpg out.png`

use std::path::PathBuf;

use impasto::picture::{self, Limits};
use impasto::{Engine, Result};

fn main() -> Result<()> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = |default: &str| paths.next().unwrap_or_else(|| default.into());
    let photo = picture::open(&next("examples/images/still-life.png"), &Limits::default())?;
    let painting = picture::open(&next("examples/styles/swirls.png"), &Limits::default())?;

    let mut engine = Engine::builder().build()?;
    let style = engine.embed(&painting.rgb)?;
    let pastiche = engine.stylize(&photo.rgb, &style)?;
    picture::save(&next("stylized.png"), &pastiche, photo.alpha.as_ref())
}
