//! Blend paintings: a lerp between two embeddings, and a mix of three.
//!
//! `cargo run --release --example 02_blend_styles`

use impasto::picture::{self, Limits};
use impasto::{Engine, Result, StyleEmbedding};

fn main() -> Result<()> {
    let open =
        |name: &str| picture::open(format!("examples/{name}.png").as_ref(), &Limits::default());
    let photo = open("images/still-life")?.rgb;

    let mut engine = Engine::builder().build()?;
    let swirls = engine.embed(&open("styles/swirls")?.rgb)?;
    let mosaic = engine.embed(&open("styles/mosaic")?.rgb)?;
    let woodcut = engine.embed(&open("styles/woodcut")?.rgb)?;

    let halfway = swirls.lerp(&mosaic, 0.5)?;
    picture::save(
        "halfway.png".as_ref(),
        &engine.stylize(&photo, &halfway)?,
        None,
    )?;

    let third = StyleEmbedding::mix(&[(&swirls, 0.5), (&mosaic, 0.2), (&woodcut, 0.3)])?;
    picture::save("mixed.png".as_ref(), &engine.stylize(&photo, &third)?, None)
}
