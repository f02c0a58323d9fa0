//! One step up: a content, the same smaller and its pastiche in, the pastiche at the content's size out.
//!
//! For each pixel and channel, with paint p of the small pastiche and luminance Y of the content:
//!
//! pastiche = clamp(up(sharp(p)) + gain x (Y - up(down(Y))), least p around, most p around)
//!
//! The first term has the strokes, with edges as steep as the network paints them. The second has what the small content
//! lost of an edge, as much of it as the paint follows the content there: it puts edges where they are in the content.
//! The limits let no pixel leave the paints that lie around it: so there are no halos, and on a flat stroke nothing of
//! the photo shines through.

use fast_image_resize::{FilterType, PixelType, Resizer};
use image::RgbImage;

use super::bands::{Plane, ROWS, in_bands, resize_rows};
use super::gains::{Gains, ONE, ZERO};
use super::paint::{Paint, luma};
use crate::error::Result;

/// The most threads that are started unless the user names a number: a band waits for memory, not for the processor.
const MOST_THREADS: usize = 4;

/// Brings pastiches up. Its buffers are reused.
pub(super) struct Step {
    gains: Gains,
    paint: Paint,
    /// For each pixel of a row, the pixel of the small row that it lies in.
    columns: Vec<u32>,
    workers: Vec<Worker>,
}

/// What one thread needs: four bytes a pixel, of which the last is that of the luminance.
#[derive(Default)]
struct Worker {
    resizer: Resizer,
    /// A band of paint and one of gains, at the size of the result.
    paint: Vec<u8>,
    gains: Vec<u8>,
    /// One row: what the small content lost, and the limits of the paint.
    lost: Vec<i16>,
    least: Vec<[u8; 4]>,
    most: Vec<[u8; 4]>,
}

/// What all threads read.
struct Shared<'a> {
    content: &'a RgbImage,
    gains: Plane<'a>,
    sharp: Plane<'a>,
    paint: &'a Paint,
    columns: &'a [u32],
}

impl Step {
    pub(super) fn new(threads: Option<usize>) -> Self {
        let threads = threads.unwrap_or_else(|| {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            cores.min(MOST_THREADS)
        });
        Self {
            gains: Gains::default(),
            paint: Paint::default(),
            columns: Vec::new(),
            workers: (0..threads.max(1)).map(|_| Worker::default()).collect(),
        }
    }

    /// Fill `pastiche`, which has the size of `content`, from `painted`, which was painted from `small`: the same content,
    /// smaller.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when a side is zero.
    pub(super) fn bring_up(
        &mut self,
        content: &RgbImage,
        small: &RgbImage,
        painted: &RgbImage,
        pastiche: &mut RgbImage,
    ) -> Result<()> {
        self.gains.find(small, painted)?;
        self.paint.read(small, painted);
        let (width, small_width) = (content.width() as usize, small.width() as usize);
        self.columns.clear();
        self.columns
            .extend((0..width).map(|x| nearest(x, width, small_width) as u32));
        let shared = Shared {
            content,
            gains: self.gains.plane(),
            sharp: Plane {
                bytes: &self.paint.sharp,
                size: small.dimensions(),
                pixels: PixelType::U8x4,
            },
            paint: &self.paint,
            columns: &self.columns,
        };
        let length = width * 3 * content.height() as usize;
        let rows: &mut [u8] = pastiche;
        in_bands(
            &mut self.workers,
            &mut rows[..length],
            width * 3,
            |worker, first, band| worker.fill(&shared, first, band),
        )
    }
}

/// Which of `count` pixels along a side covers the middle of pixel `at` of `length`.
fn nearest(at: usize, length: usize, count: usize) -> usize {
    (2 * at + 1) * count / (2 * length)
}

impl Worker {
    /// Fill `band`, from row `first` of the pastiche on.
    fn fill(&mut self, shared: &Shared<'_>, first: usize, band: &mut [u8]) -> Result<()> {
        let (width, height) = shared.content.dimensions();
        let size = (width as usize, height as usize);
        let (stride, wide) = (size.0 * 3, size.0 * 4);
        let length = band.len() / 3 * 4;
        self.paint.resize(wide * ROWS, 0);
        self.gains.resize(wide * ROWS, 0);
        self.lost.resize(wide, 0);
        let (paint, gains) = (&mut self.paint[..length], &mut self.gains[..length]);
        let resizer = &mut self.resizer;
        resize_rows(
            resizer,
            FilterType::Bilinear,
            shared.gains,
            size,
            first,
            gains,
        )?;
        resize_rows(
            resizer,
            FilterType::CatmullRom,
            shared.sharp,
            size,
            first,
            paint,
        )?;
        let small_size = shared.sharp.size;
        let small_width = small_size.0 as usize;
        let mut at = None;
        let rows = band.chunks_exact_mut(stride);
        let rows = rows.zip(paint.chunks_exact_mut(wide).zip(gains.chunks_exact(wide)));
        for (n, (row, (paint, gains))) in rows.enumerate() {
            let y = first + n;
            let small = nearest(y, size.1, small_size.1 as usize);
            if at.replace(small) != Some(small) {
                let place = small * small_width..(small + 1) * small_width;
                let least = &shared.paint.least[place.clone()];
                spread(least, shared.columns, &mut self.least);
                spread(&shared.paint.most[place], shared.columns, &mut self.most);
            }
            let content = shared.content.as_raw()[y * stride..][..stride].chunks_exact(3);
            let lost = self.lost.chunks_exact_mut(4);
            for ((lost, content), paint) in lost.zip(content).zip(paint.chunks_exact(4)) {
                lost.fill(i16::from(luma(content)) - i16::from(paint[3]));
            }
            let limits = (self.least.as_flattened(), self.most.as_flattened());
            finish(paint, gains, &self.lost, limits);
            for (pixel, paint) in row.chunks_exact_mut(3).zip(paint.chunks_exact(4)) {
                pixel.copy_from_slice(&paint[..3]);
            }
        }
        Ok(())
    }
}

/// `row`, with the pixels of `small` at `columns`.
fn spread(small: &[[u8; 4]], columns: &[u32], row: &mut Vec<[u8; 4]>) {
    row.clear();
    row.extend(columns.iter().map(|x| small[*x as usize]));
}

/// Add to `row`, the paint, what the small content lost times the gains, within the limits.
fn finish(row: &mut [u8], gains: &[u8], lost: &[i16], (least, most): (&[u8], &[u8])) {
    let limits = least.iter().zip(most);
    for (((value, gain), lost), (least, most)) in row.iter_mut().zip(gains).zip(lost).zip(limits) {
        // At most 255 x 128, which fits.
        let more = (i16::from(*gain) - ZERO) * *lost / ONE;
        let new = i16::from(*value) + more;
        *value = new.max(i16::from(*least)).min(i16::from(*most)) as u8;
    }
}
