//! The engine, which holds predictor, head and transformer: paintings and photos in, embeddings and pastiches out.

mod arrays;
mod brush;
mod builder;
mod gradient;
mod kept;
mod memory;
mod moments;
mod norm_stats;
mod padded;
mod pastiche;
mod plan;
mod tile_grid;
mod tile_painter;
mod transformer;
mod way;

pub use brush::{BRUSHES, auto_brush, painted_size};
pub use builder::EngineBuilder;
#[doc(hidden)]
pub use gradient::StyleGradient;
pub use tile_grid::TILES;
pub use way::{Tiling, Way};

use std::ops::{ControlFlow, Deref};

use image::{ImageBuffer, Rgb, RgbImage};
use ndarray::{Array1, ArrayView3, ArrayViewMut3};

use crate::device::Choice;
use crate::error::{Error, PictureRole, Result, STYLE_PICTURE};
use crate::measure::Timings;
use crate::picture::{self, BrushScaler};
use crate::style::{Gallery, Head, Predictor, StyleEmbedding};
use tile_painter::{TilePainter, Watch};
use transformer::Transformer;
use way::Budget;

/// The least side of a content picture, in pixels.
pub const LEAST_CONTENT_SIDE: u32 = 16;

/// The most pixels that are painted in one piece where neither a memory is named nor the system tells what is free. The
/// program takes about 270 bytes a pixel with `fine` and 210 with `live` (measured up to 2048x2048), so this is some 9 GB.
pub const MOST_PIXELS: u64 = 32_000_000;

/// The usual side of tiles.
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
    tile_painter: TilePainter,
    /// Decides what is painted in tiles.
    budget: Budget,
    /// How large the strokes are: pictures are painted at their size divided by this.
    brush: f32,
    /// Made when it is first needed.
    brush_scaler: Option<BrushScaler>,
    threads: Option<usize>,
    space: String,
    gallery: Gallery,
    /// The style that `params` was made from.
    current: Option<StyleEmbedding>,
    /// The gammas and betas of the current style.
    params: Array1<f32>,
    timings: Timings,
}

impl Engine {
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

    /// The named styles that come with the model; empty when there are none.
    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    /// The style of the gallery that is called `name`, with or without an `@` before it.
    ///
    /// # Errors
    /// [`Error::StyleNotFound`], with the names that are spelt alike.
    pub fn style(&self, name: &str) -> Result<StyleEmbedding> {
        self.gallery.find(name)?.embedding()
    }

    /// Take the predictor out, so that another thread can read paintings while this engine paints.
    /// Afterwards [`Engine::embed`] is refused, as in an engine that has none; `None` when it has none.
    #[doc(hidden)]
    pub fn take_predictor(&mut self) -> Option<Predictor> {
        self.predictor.take()
    }

    /// The times of the stages that ran since the last call of [`Engine::take_timings`].
    pub fn take_timings(&mut self) -> Timings {
        std::mem::take(&mut self.timings)
    }

    /// Read a painting: any picture from 16x16 pixels. Runs once per painting, not per frame.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Style`] when the model knows only its own styles;
    /// [`Error::Inference`] when the network fails.
    pub fn embed(&mut self, painting: &RgbImage) -> Result<StyleEmbedding> {
        self.embed_buffer(painting)
    }

    fn embed_buffer<B: Deref<Target = [u8]>>(
        &mut self,
        painting: &ImageBuffer<Rgb<u8>, B>,
    ) -> Result<StyleEmbedding> {
        let Some(predictor) = &mut self.predictor else {
            let own: Vec<_> = self.gallery.styles.iter().map(|s| &*s.name).collect();
            return Err(Error::Style {
                style: STYLE_PICTURE.to_owned(),
                reason: format!(
                    "model '{}' reads no pictures; choose another --model, or one of its own styles: @{}",
                    self.model,
                    own.join(", @")
                ),
            });
        };
        self.timings.time("predictor", || predictor.embed(painting))
    }

    /// The embedding that paints `photo` as itself, where strength 0 is: what the predictor reads in the photo. A model without a
    /// predictor has one for all photos.
    ///
    /// # Errors
    /// As [`Engine::embed`]; [`Error::Style`] when the model has neither.
    pub fn embed_photo(&mut self, photo: &RgbImage) -> Result<StyleEmbedding> {
        self.embed_photo_buffer(photo)
    }

    fn embed_photo_buffer<B: Deref<Target = [u8]>>(
        &mut self,
        photo: &ImageBuffer<Rgb<u8>, B>,
    ) -> Result<StyleEmbedding> {
        match (&self.predictor, &self.gallery.photo) {
            (None, Some(fixed)) => fixed.embedding(),
            _ => self.embed_buffer(photo),
        }
    }

    /// The embedding at `strength` of the way from the photo itself (0) to `style` (1).
    ///
    /// Strength 0 is [`Engine::embed_photo`], so it gives the photo back as the network sees it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `strength` is not in 0..=1; as [`Engine::embed_photo`].
    pub fn at_strength(
        &mut self,
        photo: &RgbImage,
        style: &StyleEmbedding,
        strength: f32,
    ) -> Result<StyleEmbedding> {
        self.buffer_at_strength(photo, style, strength)
    }

    fn buffer_at_strength<B: Deref<Target = [u8]>>(
        &mut self,
        photo: &ImageBuffer<Rgb<u8>, B>,
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
        self.embed_photo_buffer(photo)?.lerp(style, strength)
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
        self.transformer.reset_stats();
        self.timings
            .time("head", || self.head.params(style, &mut self.params))?;
        self.current = Some(style.clone());
        Ok(())
    }

    /// The brush of the following paintings: see [`EngineBuilder::brush`].
    pub fn brush(&self) -> f32 {
        self.brush
    }

    /// Set the brush of the following [`Engine::paint`] calls: see [`EngineBuilder::brush`]. It may change from one
    /// picture to the next.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not one of [`BRUSHES`].
    pub fn set_brush(&mut self, brush: f32) -> Result<()> {
        brush::check(brush)?;
        self.brush = brush;
        Ok(())
    }

    /// Paint `content` in the style last set, into `pastiche`, whose buffer is reused when it is large enough.
    /// `content`: from 16x16 pixels; the pastiche has its size, whatever the brush.
    /// After an error `pastiche` is undefined.
    ///
    /// # Errors
    /// [`Error::TooSmall`]; [`Error::Invalid`] when no style was set, or a brush below 1 would enlarge the picture to more
    /// than 268 megapixels; [`Error::Inference`]; as [`Engine::way`].
    pub fn paint(&mut self, content: &RgbImage, pastiche: &mut RgbImage) -> Result<()> {
        self.paint_watched(content, pastiche, &mut |_, _| ControlFlow::Continue(()))
    }

    /// As [`Engine::paint`], with progress: where the picture is painted in tiles (see [`Engine::way`]), `watch`
    /// is called before each with how many of how many are done, those that are only measured included. It is the size
    /// at which the picture is painted that decides on tiles: with a large brush there are fewer, or none.
    ///
    /// The statistics of the instance norms are those of the whole picture, so there are no seams: but for rounding it
    /// is the picture that is painted in one piece.
    ///
    /// # Errors
    /// As [`Engine::paint`], and [`Error::Interrupted`] when `watch` breaks off.
    pub fn paint_watched(
        &mut self,
        content: &RgbImage,
        pastiche: &mut RgbImage,
        watch: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<()> {
        let size = content.dimensions();
        self.check(size)?;
        let painted = painted_size(size, self.brush);
        if painted == size {
            picture::reshape(pastiche, content.width(), content.height());
            let (content, pastiche) = (picture::view(content), picture::view_mut(pastiche));
            return self.paint_view(content, pastiche, watch);
        }
        brush::check_painted(size, painted)?;
        let threads = self.threads;
        let kept = self.brush_scaler.take();
        let mut scaler = kept.unwrap_or_else(|| BrushScaler::new(threads));
        let done = self.paint_scaled(&mut scaler, content, painted, pastiche, watch);
        self.brush_scaler = Some(scaler);
        done
    }

    /// Paint `content` at the size `painted`, and bring the pastiche to its own.
    fn paint_scaled(
        &mut self,
        scaler: &mut BrushScaler,
        content: &RgbImage,
        painted: (u32, u32),
        pastiche: &mut RgbImage,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let (small, small_pastiche) = self
            .timings
            .time("brush", || scaler.prepare(content, painted))?;
        let (small, small_pastiche) = (picture::view(small), picture::view_mut(small_pastiche));
        self.paint_view(small, small_pastiche, watch)?;
        self.timings
            .time("brush", || scaler.finish(content, pastiche))
    }

    /// `Ok` when a content of `size` (width, height) can be painted now.
    fn check(&self, size: (u32, u32)) -> Result<()> {
        picture::at_least(PictureRole::Content, size, LEAST_CONTENT_SIDE)?;
        if self.current.is_none() {
            return Err(Error::invalid("style", "was not set before painting"));
        }
        Ok(())
    }

    /// Paint `content`, which lies in memory without gaps, into `pastiche`, both `[H, W, 3]`.
    fn paint_view(
        &mut self,
        content: ArrayView3<'_, u8>,
        pastiche: ArrayViewMut3<'_, u8>,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        let (height, width, _) = content.dim();
        let way = self.way_of(height, width)?;
        let params = self.params.view();
        self.timings.time("transformer", || match &way {
            Way::Whole => self.transformer.paint(content, params, pastiche),
            Way::Tiles(tiling) => self
                .tile_painter
                .paint(content, params, tiling, pastiche, watch),
        })
    }

    /// How a picture of `width` x `height` pixels is painted with the present brush: in one piece where that fits into the memory
    /// ([`EngineBuilder::memory`]) and no tile was asked for ([`EngineBuilder::tile`]), else in the tiles that are
    /// estimated to be quickest in that memory.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the memory is too small for a picture of this size; [`Error::Model`] when the network
    /// cannot paint in tiles and would have to.
    pub fn way(&self, width: u32, height: u32) -> Result<Way> {
        let (width, height) = painted_size((width, height), self.brush);
        self.way_of(height as usize, width as usize)
    }

    fn way_of(&self, height: usize, width: usize) -> Result<Way> {
        way::choose((height, width), self.budget, || self.tile_painter.network())
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

    /// Paint `photo` at `strength` of the way from the photo (0, which gives the photo itself) to `style` (1).
    ///
    /// # Errors
    /// As [`Engine::at_strength`] and [`Engine::stylize`].
    pub fn stylize_at(
        &mut self,
        photo: &RgbImage,
        style: &StyleEmbedding,
        strength: f32,
    ) -> Result<RgbImage> {
        let style = self.at_strength(photo, style, strength)?;
        let mut pastiche = self.stylize(photo, &style)?;
        picture::mix_with_photo(photo, &mut pastiche, strength);
        Ok(pastiche)
    }
}
