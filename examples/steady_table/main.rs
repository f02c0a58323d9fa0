//! The table of `--steady`: warp error, flicker and sharpness for several amounts, on clips whose motion is known.
//!
//!     cargo run --release --example steady_table
//!     cargo run --release --example steady_table -- --keep DIR      # also writes the frames, and strips of them
//!
//! The frames are 320x240, painted by the bundled model `live` in two styles; a figure is the mean of both.
#![allow(clippy::print_stdout)]

mod clips;
mod measures;

use std::path::{Path, PathBuf};

use image::RgbImage;
use impasto::motion::Steady;
use impasto::picture;
use impasto::{Engine, Error, Result, StyleEmbedding};

use clips::Clip;
use measures::{Measures, measure};

/// Frames of a clip.
const FRAMES: usize = 30;

const AMOUNTS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

const STYLES: [&str; 2] = ["great-wave", "the-scream"];

/// Frames of a strip: every second, near the end.
const SHOWN: [usize; 6] = [16, 18, 20, 22, 24, 26];

fn main() -> Result<()> {
    let keep = keep(std::env::args().skip(1))?;
    let mut engine = Engine::builder().model("live").build()?;
    let styles: Vec<StyleEmbedding> = STYLES
        .iter()
        .map(|name| engine.style(name))
        .collect::<Result<_>>()?;
    println!("| clip | amount | warp error | flicker | sharpness | uncovered |");
    println!("|---|---|---|---|---|---|");
    for (number, clip) in clips::all(FRAMES)?.iter().enumerate() {
        let painted = styles
            .iter()
            .map(|style| paint(&mut engine, clip, style))
            .collect::<Result<Vec<_>>>()?;
        let mut strips = Vec::new();
        for amount in AMOUNTS {
            let mut all = Vec::new();
            for painted in &painted {
                let shown = steady(clip, painted, amount)?;
                all.push(measure(clip, painted, &shown));
                strips.push((amount, shown));
            }
            println!("{}", row(clip.name, amount, &all));
        }
        if let Some(folder) = &keep {
            write(&folder.join(number.to_string()), clip, &strips)?;
        }
    }
    Ok(())
}

/// The folder of `--keep`.
fn keep(mut arguments: impl Iterator<Item = String>) -> Result<Option<PathBuf>> {
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(None),
        (Some("--keep"), Some(folder)) => Ok(Some(folder.into())),
        _ => Err(Error::invalid("arguments", "only --keep DIR is known")),
    }
}

fn paint(engine: &mut Engine, clip: &Clip, style: &StyleEmbedding) -> Result<Vec<RgbImage>> {
    engine.set_style(style)?;
    let one = |content: &RgbImage| {
        let mut pastiche = RgbImage::new(0, 0);
        engine.paint(content, &mut pastiche)?;
        Ok(pastiche)
    };
    clip.frames.iter().map(one).collect()
}

fn steady(clip: &Clip, painted: &[RgbImage], amount: f32) -> Result<Vec<RgbImage>> {
    let mut steady = Steady::new(amount)?;
    let one = |(content, painted): (&RgbImage, &RgbImage)| {
        let mut shown = painted.clone();
        steady.apply(content, &mut shown)?;
        Ok(shown)
    };
    clip.frames.iter().zip(painted).map(one).collect()
}

/// A line of the table: the means of `all`.
fn row(clip: &str, amount: f32, all: &[Measures]) -> String {
    let mean = |of: fn(&Measures) -> Option<f64>| {
        let known: Vec<f64> = all.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let cell = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
    let label = match amount {
        0.0 => "frame by frame".to_owned(),
        amount => amount.to_string(),
    };
    format!(
        "| {clip} | {label} | {} | {} | {} | {} |",
        cell(mean(|m| m.warp)),
        cell(mean(|m| m.flicker)),
        cell(mean(|m| Some(m.sharpness))),
        cell(mean(|m| m.uncovered)),
    )
}

/// The frames as files, and a strip of each amount and style below one of the content.
fn write(folder: &Path, clip: &Clip, strips: &[(f32, Vec<RgbImage>)]) -> Result<()> {
    let mut cells = Vec::new();
    let mut strip = |label: &str, frames: &[RgbImage]| {
        let shown = SHOWN.iter().filter_map(|t| Some((*t, frames.get(*t)?)));
        cells.extend(shown.map(|(t, frame)| (frame.clone(), format!("{label}, frame {t}"))));
    };
    strip("content", &clip.frames);
    save(&folder.join("content"), &clip.frames)?;
    for (n, (amount, frames)) in strips.iter().enumerate() {
        let style = STYLES[n % STYLES.len()];
        strip(&format!("{style} {amount}"), frames);
        save(&folder.join(format!("{style}-{amount}")), frames)?;
    }
    let sheet = picture::contact_sheet(&cells, SHOWN.len(), 320)?;
    picture::save(&folder.join("strips.png"), &sheet, None)
}

fn save(folder: &Path, frames: &[RgbImage]) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::write(folder))?;
    for (t, frame) in frames.iter().enumerate() {
        picture::save(&folder.join(format!("{t:03}.png")), frame, None)?;
    }
    Ok(())
}
