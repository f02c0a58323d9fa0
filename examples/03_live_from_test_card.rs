//! Live without a camera or a window: the test card, painted, as a GIF that glides between two styles.
//!
//!     cargo run --release --example 03_live_from_test_card -- glide.gif
//!
//! `impasto live` does the same with a camera and a window, and threads between them.

use image::RgbImage;
use impasto::picture;
use impasto::style::Transition;
use impasto::video::Frame;
use impasto::video::{FrameSource, test_card::TestCard};
use impasto::{Engine, Result};

/// Frames, and frames a second.
const FRAMES: usize = 48;
const RATE: f64 = 12.0;

fn main() -> Result<()> {
    let output = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "glide.gif".into());
    let mut engine = Engine::builder().model("live").build()?;

    let gallery = engine.gallery().clone();
    let named = |name: &str| {
        gallery
            .get(name)
            .map_or_else(|| unreachable!("{name} is bundled"), |s| s.embedding())
    };
    let strip = [named("great-wave")?, named("the-scream")?];

    // Weights over the strip: all of the first style, and from second 1 on a glide of 2 seconds to the other.
    let mut transition = Transition::new(strip.len());
    let mut style = strip[0].clone();

    let mut source = TestCard::new(320, 240, RATE as u32, false);
    let (mut frame, mut pastiche) = (Frame::empty(), RgbImage::new(0, 0));
    let mut film = Vec::new();
    while film.len() < FRAMES && source.next_frame(&mut frame)? {
        let now = frame.number as f64 / RATE;
        if frame.number == RATE as u64 {
            transition.glide_to(1, 2.0, now)?;
        }
        transition.embedding_into(now, &strip, &mut style)?;
        engine.set_style(&style)?;
        engine.paint(&frame.rgb, &mut pastiche)?;
        film.push(pastiche.clone());
    }
    picture::save_gif(output.as_ref(), &film, (1000.0 / RATE) as u16)
}
