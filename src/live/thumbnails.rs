//! Thumbnails: pictures are cut and scaled to one size. A named style, of which there is no picture, gets one painted
//! from the first frame, by an engine of its own in a thread of its own: painting it between two frames would delay the
//! second, and the change of size would make the runtime plan its memory anew, twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use image::RgbImage;

use super::meter::{self, Meter};
use super::notice::Notice;
use super::style_list::{StyleCards, StyleEntry};
use crate::device::Device;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::picture;
use crate::runtime::Precision;
use crate::style::StyleEmbedding;

/// The size of a thumbnail in pixels: the window scales it to its own.
const SIZE: (u32, u32) = (96, 72);

/// The centre of a picture, cut to the proportions of [`SIZE`] and scaled to it.
pub(super) fn thumbnail(picture: &RgbImage) -> Result<RgbImage> {
    let (w, h) = picture.dimensions();
    let wide = (h.saturating_mul(SIZE.0) / SIZE.1).clamp(1, w);
    let high = (w.saturating_mul(SIZE.1) / SIZE.0).clamp(1, h);
    let (x, y) = ((w - wide) / 2, (h - high) / 2);
    let centre = image::imageops::crop_imm(picture, x, y, wide, high).to_image();
    picture::resize(&centre, SIZE.0, SIZE.1)
}

/// The thread that paints thumbnails.
pub(super) struct ThumbnailThread {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl ThumbnailThread {
    /// Start it for those of `entries` that have no thumbnail. It waits for the first frame, which is to be sent to the
    /// sender that is given back; dropping that ends it too. `None` when every style has a thumbnail.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub(super) fn start(
        engine: EngineBuilder,
        entries: &[StyleEntry],
        cards: StyleCards,
        meter: Arc<Mutex<Meter>>,
        notices: Sender<Notice>,
    ) -> Result<Option<(Self, SyncSender<RgbImage>)>> {
        let without = entries.iter().filter(|entry| entry.thumbnail.is_none());
        let styles: Vec<_> = without
            .map(|entry| (entry.name.clone(), entry.embedding.clone()))
            .collect();
        if styles.is_empty() {
            return Ok(None);
        }
        let (sender, first_frame) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let work = Work {
            // One thread of the CPU, which leaves the others, and the device, to the painter.
            engine: engine
                .device(Device::Cpu)
                .precision(Precision::Auto)
                .threads(1),
            styles,
            cards,
            meter,
            stop: stop.clone(),
        };
        let thread = thread::Builder::new()
            .name("thumbnails".to_owned())
            .spawn(move || {
                if let Err(error) = work.run(&first_frame) {
                    // The session may have ended meanwhile.
                    drop(notices.send(Notice::error(format!("no thumbnails: {error}"))));
                }
            })
            .map_err(Error::thread("thumbnails"))?;
        Ok(Some((Self { thread, stop }, sender)))
    }

    /// End it after the thumbnail that it is painting, and wait for that.
    pub(super) fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        // A panic was printed by the thread; nothing but thumbnails is lost.
        drop(self.thread.join());
    }
}

struct Work {
    engine: EngineBuilder,
    styles: Vec<(String, StyleEmbedding)>,
    cards: StyleCards,
    meter: Arc<Mutex<Meter>>,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn run(self, first_frame: &Receiver<RgbImage>) -> Result<()> {
        let Ok(frame) = first_frame.recv() else {
            return Ok(());
        };
        let content = thumbnail(&frame)?;
        let mut engine = self.engine.build()?;
        for (name, embedding) in &self.styles {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let began = Instant::now();
            let mut painted = RgbImage::new(SIZE.0, SIZE.1);
            engine.set_style(embedding)?;
            engine.paint(&content, &mut painted)?;
            self.cards.set_thumbnail(name, painted);
            meter::lock(&self.meter).record("thumbnail", began.elapsed());
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_is_the_centre_of_any_picture() {
        for (width, height) in [(640, 480), (1, 900), (900, 1), (96, 72), (17, 33)] {
            let picture = RgbImage::from_pixel(width, height, image::Rgb([9, 8, 7]));
            let small = thumbnail(&picture).unwrap();
            assert_eq!(small.dimensions(), SIZE);
            assert!(small.pixels().all(|p| p.0 == [9, 8, 7]));
        }
    }
}
