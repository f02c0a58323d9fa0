//! Blend paintings: a lerp between two bundled styles, and a mix of them with a painting of your own.
//!
//! `cargo run --release --example 02_blend_styles`

use impasto::picture::{self, Limits};
use impasto::{Engine, Result, StyleEmbedding};

fn main() -> Result<()> {
    let open =
        |name: &str| picture::open(format!("examples/{name}.png").as_ref(), &Limits::default());
    let photo = open("images/still-life")?.rgb;

    let mut engine = Engine::builder().build()?;
    let wave = engine.style("great-wave")?;
    let scream = engine.style("the-scream")?;
    let woodcut = engine.embed(&open("styles/woodcut")?.rgb)?;

    let halfway = wave.lerp(&scream, 0.5)?;
    picture::save(
        "halfway.png".as_ref(),
        &engine.stylize(&photo, &halfway)?,
        None,
    )?;

    let third = StyleEmbedding::mix(&[(&wave, 0.5), (&scream, 0.2), (&woodcut, 0.3)])?;
    picture::save("mixed.png".as_ref(), &engine.stylize(&photo, &third)?, None)
}
