//! Paints the style swatches of `examples/styles`: twelve small pictures, each in a technique of its own.
//!
//! ```text
//! cargo run --release --example make_styles -- examples/styles
//! ```
//!
//! Nothing is random: the same program writes the same pictures. With names after the folder only
//! those are painted: `-- examples/styles swirls ink`.

#![allow(clippy::print_stdout)]

mod swatches;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use image::RgbImage;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next().map(PathBuf::from) else {
        bail!("name the folder to write to, for example: make_styles examples/styles [NAME...]");
    };
    let wanted: Vec<String> = args.collect();
    for name in &wanted {
        if !swatches::ALL.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> = swatches::ALL.iter().map(|(name, _)| *name).collect();
            bail!(
                "no swatch is called {name}; there are: {}",
                known.join(", ")
            );
        }
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, paint) in swatches::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let bytes = indexed_png(&paint())?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{} ({} kB)", path.display(), bytes.len() / 1000);
    }
    Ok(())
}

/// A PNG with a palette; `picture` must hold at most 256 colours.
fn indexed_png(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut palette: Vec<[u8; 3]> = picture.pixels().map(|pixel| pixel.0).collect();
    palette.sort_unstable();
    palette.dedup();
    // Dark to bright, so that neighbouring numbers mean neighbouring colours and compress well.
    palette.sort_by_key(|&[r, g, b]| 3 * u32::from(r) + 6 * u32::from(g) + u32::from(b));
    let mut indices = Vec::new();
    for pixel in picture.pixels() {
        let index = palette
            .iter()
            .position(|colour| *colour == pixel.0)
            .context("a colour has left the palette")?;
        indices.push(u8::try_from(index).context("more than 256 colours")?);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(bytes)
}
