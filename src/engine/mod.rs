//! The engine: predictor, head and transformer together, and the style they are set to.

mod builder;
mod pool;
mod pullback;
mod steady;
mod tiled;
mod tiles;
mod transformer;

pub use builder::EngineBuilder;
pub use pullback::Pullback;
pub use tiles::TILES;

use std::ops::ControlFlow;

use image::RgbImage;

use crate::device::Choice;
use crate::error::{Error, PictureRole, Result};
use crate::measure::Timings;
use crate::picture;
use crate::style::{Head, Predictor, StyleEmbedding};
use tiled::Tiled;
use transformer::Transformer;

/// The least side of a content picture, in pixels.
pub const LEAST_CONTENT_SIDE: u32 = 16;

/// The most pixels that are painted in one piece; larger pictures are painted in tiles. The program takes
/// about 270 bytes a pixel with `fine` and 210 with `live` (measured up to 2048x2048), so this is some 9 GB.
pub const MOST_PIXELS: u64 = 32_000_000;

/// The side of the tiles that pictures of more than [`MOST_PIXELS`] are painted in.
pub const TILE: u32 = 1024;

/// Paints pictures in the style of paintings.
///
/// ```no_run
/// use impasto::Engine;
///
/// # fn main() -> impasto::Result<()> {
/// let mut engine = Engine::builder().build()?;
/// let painting = impasto::picture::open("painting.jpg".as_ref(), &Default::default())?;
/// let photo = impasto::picture::open("photo.jpg".as_ref(), &Default::default())?;
/// let style = engine.embed(&painting.rgb)?;
/// let pastiche = engine.stylize(&photo.rgb, &style)?;
/// impasto::picture::save("out.png".as_ref(), &pastiche, None)?;
/// # Ok(())
/// # }
/// ```
///
/// Methods take `&mut self` because a network's buffers are reused from one call to the next:
/// use one engine per thread.
pub struct Engine {
    model: String,
    predictor: Option<Predictor>,
    head: Head,
    transformer: Transformer,
    tiled: Tiled,
    /// Pictures of more pixels than a square of this side are painted in tiles of it.
    tile: Option<u32>,
    space: String,
    gallery: Option<String>,
    /// The style that `params` was made from.
    current: Option<StyleEmbedding>,
    params: Vec<f32>,
    timings: Timings,
}

impl Engine {
    /// An engine with the default model on the best device there is, unless told otherwise.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The device that the transformer runs on, and why.
    pub fn device(&self) -> &Choice {
        self.transformer.device()
    }

    /// What embeddings of this engine carry (see [`StyleEmbedding::space`]).
    pub fn space(&self) -> &str {
        &self.space
    }

    /// The named styles that come with the model, as the text of a [`Gallery`](crate::style::Gallery).
    pub fn gallery(&self) -> Option<&str> {
        self.gallery.as_deref()
    }

    /// Take the predictor out, so that another thread can read paintings while this engine paints.
    /// Afterwards [`Engine::embed`] is refused, as in an engine that has none; `None` when it has none.
    pub fn take_predictor(&mut self) -> Option<Predictor> {
        self.predictor.take()
    }

    /// The stages that ran since the last call of [`Engine::take_timings`].
    pub fn take_timings(&mut self) -> Timings {
        std::mem::take(&mut self.timings)
    }

    /// Read a painting: any picture from 16x16 pixels. Runs once per painting, not per frame.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Style`] when the model knows only its own styles;
    /// [`Error::Inference`] when the network fails.
    pub fn embed(&mut self, painting: &RgbImage) -> Result<StyleEmbedding> {
        let Some(predictor) = &mut self.predictor else {
            return Err(Error::Style {
                style: "picture".to_owned(),
                reason: format!(
                    "model '{}' has no style predictor; it knows only its own styles",
                    self.model
                ),
            });
        };
        self.timings.time("predictor", || predictor.embed(painting))
    }

    /// The embedding at `strength` of the way from the photo itself (0) to `style` (1).
    ///
    /// Strength 0 is the photo's own embedding, so it gives the photo back as the network sees it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `strength` is not in 0..=1; as [`Engine::embed`].
    pub fn at_strength(
        &mut self,
        photo: &RgbImage,
        style: &StyleEmbedding,
        strength: f32,
    ) -> Result<StyleEmbedding> {
        if !(0.0..=1.0).contains(&strength) {
            return Err(Error::invalid(
                "strength",
                format!("{strength} is not between 0 and 1"),
            ));
        }
        if strength == 1.0 {
            return Ok(style.clone());
        }
        self.embed(photo)?.lerp(style, strength)
    }

    /// Set the style of the following [`Engine::paint`] calls.
    ///
    /// # Errors
    /// [`Error::Style`] when the embedding was made by another model's predictor.
    pub fn set_style(&mut self, style: &StyleEmbedding) -> Result<()> {
        if self.current.as_ref() == Some(style) {
            return Ok(());
        }
        self.current = None;
        self.transformer.style_changes();
        self.timings
            .time("head", || self.head.params(style, &mut self.params))?;
        self.current = Some(style.clone());
        Ok(())
    }

    /// Paint `content` in the style last set, into `pastiche`, whose buffer is reused when the size is the same.
    /// `content`: from 16x16 pixels; the pastiche has its size.
    ///
    /// # Errors
    /// [`Error::TooSmall`], [`Error::Invalid`] when no style was set, [`Error::Inference`]; of a picture in tiles,
    /// [`Error::Model`] when the network cannot paint so.
    pub fn paint(&mut self, content: &RgbImage, pastiche: &mut RgbImage) -> Result<()> {
        self.paint_watched(content, pastiche, &mut |_, _| ControlFlow::Continue(()))
    }

    /// The same, told of the tiles of a picture of more than [`MOST_PIXELS`], or of [`EngineBuilder::tile`]: `watch` is
    /// called before each with how many of how many are done, those that are only measured included.
    ///
    /// The statistics of the instance norms are those of the whole picture, so there are no seams: within a rounding it
    /// is the picture that would be painted in one piece.
    ///
    /// # Errors
    /// As [`Engine::paint`], and [`Error::Interrupted`] when `watch` breaks off.
    pub fn paint_watched(
        &mut self,
        content: &RgbImage,
        pastiche: &mut RgbImage,
        watch: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<()> {
        picture::at_least(PictureRole::Content, content, LEAST_CONTENT_SIDE)?;
        if self.current.is_none() {
            return Err(Error::invalid("style", "was not set before painting"));
        }
        let (width, height) = content.dimensions();
        let whole = self.tile.map_or(MOST_PIXELS, |side| u64::from(side).pow(2));
        let in_tiles = u64::from(width) * u64::from(height) > whole;
        self.timings.time("transformer", || {
            if in_tiles {
                let side = self.tile.unwrap_or(TILE);
                self.tiled
                    .paint(content, &self.params, side, pastiche, watch)
            } else {
                self.transformer.paint(content, &self.params, pastiche)
            }
        })
    }

    /// Paint `content` in `style`.
    ///
    /// # Errors
    /// As [`Engine::set_style`] and [`Engine::paint`].
    pub fn stylize(&mut self, content: &RgbImage, style: &StyleEmbedding) -> Result<RgbImage> {
        self.set_style(style)?;
        let mut pastiche = RgbImage::new(0, 0);
        self.paint(content, &mut pastiche)?;
        Ok(pastiche)
    }
}
