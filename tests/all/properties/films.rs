//! Y4M films: what is written is read again, with its size, its rate and its colours.

use image::RgbImage;
use impasto::video::y4m::{Reader, Writer};
use impasto::video::{FilmFormat, Frame, FrameSink, FrameSource, Ratio};
use proptest::prelude::*;

use super::{check, most_difference, noise};

/// The most levels that 8 bits of luma and chroma in the limited range cost, there and back.
const MOST_LEVELS: u8 = 4;

/// The bytes of a film of these pictures.
fn written(pictures: &[RgbImage], format: FilmFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, "film.y4m", format);
    for picture in pictures {
        let mut frame = Frame::empty();
        frame.rgb = picture.clone();
        assert!(writer.show(&frame).unwrap().is_continue());
    }
    writer.finish().unwrap();
    drop(writer);
    bytes
}

#[test]
fn a_film_is_read_as_it_was_written() {
    let numbers = (16..=70_u32, 16..=33_u32, 1..=3_usize);
    // 0.5 to 1000 frames a second.
    let rates = (1000..=60_000_u32, 60..=2000_u32);
    check(
        file!(),
        128,
        (numbers, rates, any::<u64>()),
        |((width, height, count), rate, seed)| {
            // Blocks of one colour, as chroma has half of the size.
            let block = |n: u64| {
                let small = noise(width.div_ceil(2), height.div_ceil(2), seed.wrapping_add(n));
                RgbImage::from_fn(width, height, |x, y| *small.get_pixel(x / 2, y / 2))
            };
            let pictures: Vec<_> = (0..count as u64).map(block).collect();
            let format = FilmFormat::square(Ratio::new(rate.0, rate.1));
            let bytes = written(&pictures, format);
            let mut reader = Reader::new(bytes.as_slice(), "film.y4m", false).unwrap();
            prop_assert_eq!(reader.format(), format);
            let mut frame = Frame::empty();
            for picture in &pictures {
                prop_assert!(reader.next_frame(&mut frame).unwrap());
                prop_assert_eq!(frame.rgb.dimensions(), (width, height));
                let most = most_difference(picture, &frame.rgb);
                prop_assert!(most <= MOST_LEVELS, "{most} levels");
            }
            prop_assert!(!reader.next_frame(&mut frame).unwrap());
            Ok(())
        },
    );
}

#[test]
fn a_film_that_is_cut_off_ends_or_is_refused() {
    let whole = written(
        &[noise(19, 17, 1), noise(19, 17, 2)],
        FilmFormat::square(Ratio::whole(25)),
    );
    check(
        file!(),
        256,
        (0..whole.len(), any::<prop::sample::Index>(), any::<u8>()),
        |(kept, place, byte)| {
            let mut bytes = whole[..kept].to_vec();
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let Ok(mut reader) = Reader::new(bytes.as_slice(), "film.y4m", false) else {
                return Ok(());
            };
            let mut frame = Frame::empty();
            let mut frames = 0;
            while let Ok(true) = reader.next_frame(&mut frame) {
                frames += 1;
                // A byte of the header may make the frames smaller, but each has at least its own line.
                prop_assert!(frames <= bytes.len());
            }
            Ok(())
        },
    );
}
