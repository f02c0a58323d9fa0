//! Frames and a path in; an animated GIF that appears whole or not at all out.

use super::atomic::{self, refuse};
use super::encode::{check, gif_speed};
use crate::{Error, Result};
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, Frame, ImageFormat, ImageResult, RgbImage};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

/// Saves frames of one size as an animation that loops forever, whole or not at all.
///
/// `delay_ms` is each frame's time in milliseconds, rounded to the format's hundredths of a second and at least 20,
/// because viewers slow down what is faster.
///
/// # Errors
/// [`Error::Invalid`] where there are no frames or their sizes differ; otherwise as [`super::save`].
pub fn save_gif(path: &Path, frames: &[RgbImage], delay_ms: u16) -> Result<()> {
    save_gif_while(path, frames, delay_ms, &mut |_| ControlFlow::Continue(()))
}

/// As [`save_gif`]; `watch` is called before each frame with its number, and may break off: a palette is learnt for each
/// frame, which takes longer than painting a small one.
///
/// # Errors
/// As [`save_gif`]; [`Error::Interrupted`] where `watch` breaks off, and nothing is written.
pub fn save_gif_while(
    path: &Path,
    frames: &[RgbImage],
    delay_ms: u16,
    watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<()> {
    let Some(first) = frames.first() else {
        return Err(Error::invalid("frames", "an animation needs at least one"));
    };
    if check(path, first)? != ImageFormat::Gif {
        return Err(refuse(path, "an animation is saved as .gif"));
    }
    if let Some(odd) = frames.iter().find(|f| f.dimensions() != first.dimensions()) {
        let (size, wanted) = (odd.dimensions(), first.dimensions());
        let reason = format!("their sizes differ: {size:?} and {wanted:?}");
        return Err(Error::invalid("frames", reason));
    }
    let delay = (u32::from(delay_ms) + 5) / 10 * 10;
    let delay = Delay::from_numer_denom_ms(delay.max(20), 1);
    let bytes = animate(frames, delay, watch).map_err(|e| refuse(path, &e.to_string()))?;
    // Only an animation with all of its frames is written.
    let bytes = bytes.ok_or(Error::Interrupted)?;
    atomic::write_bytes(path, &bytes)
}

/// The bytes of an animation; `None` where `watch` breaks off.
fn animate(
    frames: &[RgbImage],
    delay: Delay,
    watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> ImageResult<Option<Vec<u8>>> {
    let mut out = Cursor::new(Vec::new());
    {
        let mut encoder = GifEncoder::new_with_speed(&mut out, gif_speed(&frames[0]));
        encoder.set_repeat(Repeat::Infinite)?;
        for (n, frame) in frames.iter().enumerate() {
            if watch(n).is_break() {
                return Ok(None);
            }
            let rgba = image::DynamicImage::from(frame.clone()).into_rgba8();
            encoder.encode_frame(Frame::from_parts(rgba, 0, 0, delay))?;
        }
        // Dropping the encoder writes the trailer.
    }
    Ok(Some(out.into_inner()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Limits, open};
    use super::*;
    use image::AnimationDecoder;

    #[test]
    fn an_animation_has_its_frames_and_its_pace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gif");
        let colours = [[250, 0, 0], [0, 250, 0], [0, 0, 250]];
        let frames = colours.map(|c| RgbImage::from_pixel(5, 4, c.into()));
        for (asked, got) in [(1, 20), (104, 100), (105, 110), (u16::MAX, 65540)] {
            save_gif(&path, &frames, asked).unwrap();
            let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
            let decoder = image::codecs::gif::GifDecoder::new(file).unwrap();
            let read = decoder.into_frames().collect_frames().unwrap();
            assert_eq!(read.len(), 3);
            for (frame, colour) in read.iter().zip(colours) {
                assert_eq!(frame.delay().numer_denom_ms(), (got, 1));
                assert_eq!(frame.buffer().get_pixel(2, 2).0[..3], colour);
            }
        }
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.windows(11).any(|w| w == b"NETSCAPE2.0"), "it loops");
        assert_eq!(bytes.last(), Some(&0x3B), "it has its trailer");
        let picture = open(&path, &Limits::default()).unwrap();
        assert!(picture.notes[0].contains("first frame"));
    }

    #[test]
    fn an_animation_that_is_broken_off_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gif");
        let frames = [1, 2, 3].map(|n| RgbImage::from_pixel(5, 4, [n, 0, 0].into()));
        let mut seen = Vec::new();
        let stopped = save_gif_while(&path, &frames, 80, &mut |n| {
            seen.push(n);
            match n {
                1 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
        assert_eq!(seen, [0, 1]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_animation_is_refused_and_nothing_written() {
        let dir = tempfile::tempdir().unwrap();
        let frame = RgbImage::new(48, 32);
        let fails = |name: &str, frames: &[RgbImage], expected: &str| {
            let message = save_gif(&dir.path().join(name), frames, 100).unwrap_err();
            assert!(message.to_string().contains(expected), "{message}");
        };
        fails("p.gif", &[], "at least one");
        fails("p.png", std::slice::from_ref(&frame), ".gif");
        fails("p.gif", &[frame, RgbImage::new(2, 2)], "sizes");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
