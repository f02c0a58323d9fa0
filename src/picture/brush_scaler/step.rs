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
use super::gains::{Gains, ONE, ZERO, luma};
use super::light::Light;
use super::paint::Paint;
use crate::error::Result;

/// The most threads that are started unless the user names a number: a band waits for memory, not for the processor.
const MOST_THREADS: usize = 4;

/// Brings pastiches up. Its buffers are reused.
pub(super) struct Step {
    gains: Gains,
    paint: Paint,
    light: Light,
    /// For each byte of a row, the byte of the small row that it lies in.
    columns: Vec<u32>,
    workers: Vec<Worker>,
}

/// What one thread needs.
#[derive(Default)]
struct Worker {
    resizer: Resizer,
    /// A band of gains at the size of the result.
    gains: Vec<u8>,
    /// One row: the luminance of the small content, half-way to the result's size; what the small content lost, and the limits of the paint. Three values a pixel.
    light: Vec<u16>,
    lost: Vec<i16>,
    least: Vec<u8>,
    most: Vec<u8>,
}

/// What all threads read.
struct Shared<'a> {
    content: &'a RgbImage,
    gains: Plane<'a>,
    light: &'a Light,
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
            light: Light::default(),
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
        self.paint.read(painted);
        let pixels = (small.width() as usize) * (small.height() as usize);
        let bytes = small.as_raw()[..pixels * 3].chunks_exact(3);
        let (width, small_width) = (content.width() as usize, small.width() as usize);
        let small_size = (small_width, small.height() as usize);
        self.light.read(bytes.map(luma), small_size, width);
        self.columns.clear();
        let bytes = 0..width * 3;
        self.columns
            .extend(bytes.map(|n| (nearest(n / 3, width, small_width) * 3 + n % 3) as u32));
        let size = small.dimensions();
        let shared = Shared {
            content,
            gains: self.gains.plane(),
            light: &self.light,
            sharp: Plane {
                bytes: &self.paint.sharp,
                size,
                pixels: PixelType::U8x3,
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
        let stride = size.0 * 3;
        self.gains.resize(stride * ROWS, 0);
        self.lost.resize(stride, 0);
        let gains = &mut self.gains[..band.len()];
        let (resizer, smooth) = (&mut self.resizer, FilterType::Bilinear);
        resize_rows(resizer, smooth, shared.gains, size, first, gains)?;
        let sharp = FilterType::CatmullRom;
        resize_rows(resizer, sharp, shared.sharp, size, first, band)?;
        let small_stride = shared.sharp.size.0 as usize * 3;
        let mut at = None;
        for (n, row) in band.chunks_exact_mut(stride).enumerate() {
            let y = first + n;
            let small = nearest(y, size.1, shared.sharp.size.1 as usize);
            if at.replace(small) != Some(small) {
                let place = small * small_stride..(small + 1) * small_stride;
                spread(
                    &shared.paint.least[place.clone()],
                    shared.columns,
                    &mut self.least,
                );
                spread(&shared.paint.most[place], shared.columns, &mut self.most);
            }
            let content = shared.content.as_raw()[y * stride..][..stride].chunks_exact(3);
            let pixels = self.lost.chunks_exact_mut(3).zip(content);
            shared.light.row(
                (y, size.1),
                &mut self.light,
                pixels,
                |light, (lost, content)| {
                    lost.fill(i16::from(luma(content)) - i16::from(light));
                },
            );
            let gains = &gains[n * stride..][..stride];
            finish(row, gains, &self.lost, &self.least, &self.most);
        }
        Ok(())
    }
}

/// `row`, with the values of `small` at `columns`.
fn spread(small: &[u8], columns: &[u32], row: &mut Vec<u8>) {
    row.clear();
    row.extend(columns.iter().map(|n| small[*n as usize]));
}

/// Add to `row`, the paint, what the small content lost times the gains, within the limits.
fn finish(row: &mut [u8], gains: &[u8], lost: &[i16], least: &[u8], most: &[u8]) {
    let limits = least.iter().zip(most);
    for (((value, gain), lost), (least, most)) in row.iter_mut().zip(gains).zip(lost).zip(limits) {
        // At most 255 x 128, which fits.
        let more = (i16::from(*gain) - ZERO) * *lost / ONE;
        let new = i16::from(*value) + more;
        *value = new.max(i16::from(*least)).min(i16::from(*most)) as u8;
    }
}
