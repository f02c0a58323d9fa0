//! What is painted when it is measured: takes a size or a painting, gives a frame of the test card or a style.

use std::time::Instant;

use image::RgbImage;

use crate::engine::Engine;
use crate::error::Result;
use crate::measure::percentiles::milliseconds;
use crate::style::StyleEmbedding;
use crate::video::test_card::TestCard;
use crate::video::{Frame, FrameSource};

/// A style to paint with, and how long reading it took, in milliseconds.
pub fn first_style(
    engine: &mut Engine,
    painting: &RgbImage,
) -> Result<(StyleEmbedding, Option<f64>)> {
    let began = Instant::now();
    match engine.embed(painting) {
        Ok(style) => Ok((style, Some(milliseconds(began.elapsed())))),
        Err(error) => {
            // A model without a predictor paints the styles of its gallery only.
            let first = engine.gallery().styles.first().ok_or(error)?;
            Ok((first.embedding()?, None))
        }
    }
}

/// A frame of the test card.
pub fn card(width: u32, height: u32, number: u64) -> Result<RgbImage> {
    let mut source = TestCard::new(width, height, 30, false);
    let mut frame = Frame::empty();
    for _ in 0..=number {
        source.next_frame(&mut frame)?;
    }
    Ok(frame.rgb)
}
