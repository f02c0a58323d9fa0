//! Work on a picture band by band: its rows in, each band given to one of several threads.

use std::sync::{Mutex, PoisonError};
use std::thread;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::{Error, Result};

/// The rows of a band: few enough to share a picture among threads, enough to make planning a resize cheap.
pub(super) const ROWS: usize = 128;

/// Pictures of fewer bytes are not worth a thread.
const LEAST_BYTES: usize = 1 << 19;

/// A picture to be resized, `channels` bytes a pixel.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) size: (u32, u32),
    pub(super) pixels: PixelType,
}

/// Fill `target`, rows of `width` pixels from row `first` on of a picture that is `height` rows high, with `source`
/// resized to that picture. Rows are the same in whatever bands they are resized.
pub(super) fn resize_rows(
    resizer: &mut Resizer,
    filter: FilterType,
    source: Plane<'_>,
    (width, height): (usize, usize),
    first: usize,
    target: &mut [u8],
) -> Result<()> {
    let rows = target.len() / (width * source.pixels.size()).max(1);
    let scale = f64::from(source.size.1) / height as f64;
    let top = first as f64 * scale;
    let high = (rows as f64 * scale).min(f64::from(source.size.1) - top);
    let (w, h) = (width as u32, rows as u32);
    let view =
        ImageRef::new(source.size.0, source.size.1, source.bytes, source.pixels).map_err(failed)?;
    let mut into = Image::from_slice_u8(w, h, target, source.pixels).map_err(failed)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        // A fourth channel is no opacity here.
        .use_alpha(false)
        .crop(0.0, top, f64::from(source.size.0), high);
    resizer.resize(&view, &mut into, &options).map_err(failed)
}

fn failed(reason: impl ToString) -> Error {
    let reason = reason.to_string();
    Error::invalid(
        "brush",
        format!("the pastiche cannot be brought up: {reason}"),
    )
}

/// Call `work` with each band of `rows` (which are `stride` bytes long) and the number of its first row: by all of the
/// `workers` at once where there is enough to do.
pub(super) fn in_bands<W: Send>(
    workers: &mut [W],
    rows: &mut [u8],
    stride: usize,
    work: impl Fn(&mut W, usize, &mut [u8]) -> Result<()> + Sync,
) -> Result<()> {
    let is_large = rows.len() >= LEAST_BYTES;
    let bands = rows.chunks_mut(stride * ROWS).enumerate();
    let Some((first, others)) = workers.split_first_mut() else {
        return Ok(());
    };
    let waiting = Mutex::new(bands);
    let run = |worker: &mut W| -> Result<()> {
        loop {
            let next = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let Some((n, band)) = next else {
                return Ok(());
            };
            work(worker, n * ROWS, band)?;
        }
    };
    thread::scope(|scope| {
        let run = &run;
        let others = others.iter_mut().filter(|_| is_large);
        // A thread that cannot be started is done without: the others take its bands.
        let started: Vec<_> = others
            .filter_map(|worker| {
                let thread = thread::Builder::new().name("brush".to_owned());
                thread.spawn_scoped(scope, move || run(worker)).ok()
            })
            .collect();
        let mut done = run(first);
        for thread in started {
            let joined = thread.join();
            done = done.and(joined.unwrap_or_else(|_| Err(Error::panicked("brush"))));
        }
        done
    })
}
