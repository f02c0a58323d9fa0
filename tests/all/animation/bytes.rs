//! Animations byte by byte, with what no writer of ours makes: offsets, disposal, transparency, bombs.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, RgbaImage};

/// Disposal, as a GIF and an APNG number it (see [`gif_frame`]): the frame stays ...
pub const KEEP: u8 = 0;
/// ... its area becomes clear ...
pub const BACKGROUND: u8 = 1;
/// ... or as before the frame.
pub const PREVIOUS: u8 = 2;

/// The head of a GIF whose colours are red, green, blue and one that frames take for clear. `again`: plays after the
/// first, 0 for without end.
pub fn gif_head(width: u16, height: u16, again: Option<u16>) -> Vec<u8> {
    let mut gif = b"GIF89a".to_vec();
    gif.extend(width.to_le_bytes());
    gif.extend(height.to_le_bytes());
    gif.extend([0x81, 0, 0]);
    gif.extend([255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 7, 7]);
    if let Some(again) = again {
        gif.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01");
        gif.extend(again.to_le_bytes());
        gif.push(0);
    }
    gif
}

/// A frame at (left, top, width, height) for `delay` hundredths. Fewer `pixels` than it has make a damaged one.
pub fn gif_frame(
    (left, top, width, height): (u16, u16, u16, u16),
    delay: u16,
    dispose: u8,
    pixels: &[u8],
) -> Vec<u8> {
    let mut frame = vec![0x21, 0xF9, 4, (dispose + 1) << 2 | 1];
    frame.extend(delay.to_le_bytes());
    frame.extend([3, 0, 0x2C]);
    for number in [left, top, width, height] {
        frame.extend(number.to_le_bytes());
    }
    // Codes of 3 bits that never grow, as each pixel follows a code that forgets what was learnt.
    frame.extend([0, 2]);
    let codes = pixels.iter().flat_map(|p| [4, u32::from(*p)]).chain([5]);
    let (mut bits, mut count, mut data) = (0_u32, 0, Vec::new());
    for code in codes {
        bits |= code << count;
        count += 3;
        while count >= 8 {
            data.push(bits as u8);
            bits >>= 8;
            count -= 8;
        }
    }
    data.push(bits as u8);
    for block in data.chunks(255) {
        frame.push(block.len() as u8);
        frame.extend(block);
    }
    frame.push(0);
    frame
}

/// A frame of an APNG.
pub struct ApngFrame {
    pub area: (u32, u32, u32, u32),
    pub time: (u16, u16),
    pub dispose: u8,
    pub over: bool,
    pub pixels: Vec<[u8; 4]>,
}

/// An APNG; the first frame covers the canvas.
pub fn apng(width: u32, height: u32, plays: u32, frames: &[ApngFrame]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    let size = [width, height].map(u32::to_be_bytes).concat();
    chunk(&mut png, b"IHDR", &[&size[..], &[8, 6, 0, 0, 0]].concat());
    let control = [frames.len() as u32, plays].map(u32::to_be_bytes).concat();
    chunk(&mut png, b"acTL", &control);
    let mut sequence = 0_u32;
    for (n, frame) in frames.iter().enumerate() {
        let (left, top, width, height) = frame.area;
        let mut fc = [sequence, width, height, left, top]
            .map(u32::to_be_bytes)
            .concat();
        fc.extend(frame.time.0.to_be_bytes());
        fc.extend(frame.time.1.to_be_bytes());
        fc.extend([frame.dispose, u8::from(frame.over)]);
        chunk(&mut png, b"fcTL", &fc);
        sequence += 1;
        let mut still = Vec::new();
        image::codecs::png::PngEncoder::new(&mut still)
            .write_image(
                frame.pixels.as_flattened(),
                width,
                height,
                ExtendedColorType::Rgba8,
            )
            .unwrap();
        // Its pixels are the chunk behind the header, and the only one.
        let length = u32::from_be_bytes(still[33..37].try_into().unwrap()) as usize;
        assert_eq!(&still[37..41], b"IDAT");
        let data = &still[41..41 + length];
        if n == 0 {
            chunk(&mut png, b"IDAT", data);
        } else {
            chunk(&mut png, b"fdAT", &[&sequence.to_be_bytes(), data].concat());
            sequence += 1;
        }
    }
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let begin = png.len();
    png.extend(kind);
    png.extend(data);
    let mut sum = u32::MAX;
    for byte in &png[begin..] {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            };
        }
    }
    png.extend((!sum).to_be_bytes());
}

/// A bitstream of one colour, with its width and height.
pub fn vp8l(width: u32, height: u32, colour: [u8; 4]) -> (u32, u32, Vec<u8>) {
    let picture = RgbaImage::from_pixel(width, height, image::Rgba(colour));
    let mut file = Cursor::new(Vec::new());
    image::codecs::webp::WebPEncoder::new_lossless(&mut file)
        .encode(&picture, width, height, ExtendedColorType::Rgba8)
        .unwrap();
    let chunk = file.into_inner().split_off(12);
    assert!(chunk.starts_with(b"VP8L"));
    (width, height, chunk)
}

/// Place, milliseconds, flags, and the bitstream of a frame.
pub type WebpFrame = ((u32, u32), u32, u8, (u32, u32, Vec<u8>));

/// An animated WebP with alpha.
pub fn webp(width: u32, height: u32, plays: u16, frames: &[WebpFrame]) -> Vec<u8> {
    let small = |n: u32| n.to_le_bytes()[..3].to_vec();
    let mut body = b"WEBPVP8X\x0A\0\0\0\x12\0\0\0".to_vec();
    body.extend([small(width - 1), small(height - 1)].concat());
    body.extend(b"ANIM\x06\0\0\0\0\0\0\0");
    body.extend(plays.to_le_bytes());
    for ((left, top), milliseconds, flags, (width, height, stream)) in frames {
        body.extend(b"ANMF");
        body.extend((16 + stream.len() as u32).to_le_bytes());
        for number in [left / 2, top / 2, width - 1, height - 1, *milliseconds] {
            body.extend(small(number));
        }
        body.push(*flags);
        body.extend(stream);
    }
    let mut file = b"RIFF".to_vec();
    file.extend((body.len() as u32).to_le_bytes());
    file.extend(body);
    file
}
