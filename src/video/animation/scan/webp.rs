//! A WebP's chunks in; its canvas, the time of each frame and how often it plays out.

use std::io::{Read, Seek};

use super::{Headers, UNTIMED, Walk};
use crate::video::Ratio;
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::format::Plays;

const ANIMATED: u8 = 0x02;

pub(super) fn scan(file: &mut Walk<'_, impl Read + Seek>) -> Found<Headers> {
    let [_, _, _, _, s0, s1, s2, s3, ..] = file.take::<12>()?;
    let announced = u64::from(u32::from_le_bytes([s0, s1, s2, s3])).saturating_sub(4);
    if announced > file.left() {
        // The frames in front of the cut are counted, for the message.
        return Err(match walk_chunks(file, u64::MAX) {
            Err(fault @ (Fault::Read(_) | Fault::Refused(_))) => fault,
            _ => Fault::Short,
        });
    }
    // Bytes behind the announced length are no part of the picture.
    let end = file.left() - announced;
    walk_chunks(file, end)
}

/// The chunks until `end` bytes are left; to the end of the file where that is more than there are.
fn walk_chunks(file: &mut Walk<'_, impl Read + Seek>, end: u64) -> Found<Headers> {
    let end = if end > file.left() { 0 } else { end };
    let (length, kind) = chunk(file)?;
    match &kind {
        b"VP8X" if length >= 10 => {}
        b"VP8 " | b"VP8L" => {
            let size = bitstream(file, &kind, u64::from(length))?;
            return Ok(Headers::new(size).still());
        }
        _ => return Err(Fault::damaged("does not begin with its header")),
    }
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = file.take::<10>()?;
    file.skip(padded(length) - 10)?;
    let mut headers = Headers::new((1 + small([w0, w1, w2]), 1 + small([h0, h1, h2])));
    headers.animated = flags & ANIMATED != 0;
    let (mut control, mut pixels) = (false, false);
    while file.left() >= end + 8 {
        let (length, kind) = chunk(file)?;
        match &kind {
            b"ANIM" if length >= 6 => {
                let [_, _, _, _, low, high] = file.take::<6>()?;
                headers.plays =
                    Plays::from_zero_forever(u32::from(u16::from_le_bytes([low, high])));
                control = true;
                file.skip(padded(length) - 6)?;
            }
            b"ANMF" => {
                let seconds = frame(file, length, &mut headers)?;
                headers.durations.push(seconds);
                file.count_frame()?;
            }
            _ => {
                pixels |= matches!(&kind, b"VP8 " | b"VP8L");
                file.skip(padded(length))?;
            }
        }
    }
    match (headers.animated, headers.durations.len()) {
        (true, 0) => Err(Fault::damaged("is an animation without frames")),
        (true, _) if !control => Err(Fault::damaged("is an animation without its header (ANIM)")),
        (true, _) => Ok(headers),
        (false, _) if !pixels => Err(Fault::damaged("has no pixels")),
        (false, _) => Ok(headers.still()),
    }
}

/// One frame: its seconds.
fn frame(
    file: &mut Walk<'_, impl Read + Seek>,
    length: u32,
    headers: &mut Headers,
) -> Found<Ratio> {
    let mut left = padded(length)
        .checked_sub(24)
        .ok_or_else(|| Fault::damaged("has a frame without pixels"))?;
    let [.., w0, w1, w2, h0, h1, h2, d0, d1, d2, _] = file.take::<16>()?;
    let size = (1 + small([w0, w1, w2]), 1 + small([h0, h1, h2]));
    let (mut inner, mut kind) = chunk(file)?;
    if &kind == b"ALPH" {
        left = left
            .checked_sub(padded(inner) + 8)
            .ok_or_else(|| Fault::damaged("has a frame without pixels"))?;
        file.skip(padded(inner))?;
        (inner, kind) = chunk(file)?;
    }
    if !matches!(&kind, b"VP8 " | b"VP8L") {
        return Err(Fault::damaged("has a frame without pixels"));
    }
    let rest = left
        .checked_sub(u64::from(inner))
        .ok_or_else(|| Fault::damaged("has a frame that is longer than its chunk"))?;
    let found = bitstream(file, &kind, u64::from(inner))?;
    if found != size {
        // Decoders ask for memory by the one size before they look at the other.
        return Err(Fault::damaged("has a frame with two different sizes"));
    }
    headers.frame(size);
    file.skip(rest)?;
    Ok(match small([d0, d1, d2]) {
        0 => UNTIMED,
        milliseconds => Ratio::new(milliseconds, 1000),
    })
}

/// Pass over `length` bytes of compressed pixels; their width and height.
fn bitstream(
    file: &mut Walk<'_, impl Read + Seek>,
    kind: &[u8; 4],
    length: u64,
) -> Found<(u32, u32)> {
    let short = || Fault::damaged("has a frame without pixels");
    let (size, used) = if kind == b"VP8L" {
        if length < 5 {
            return Err(short());
        }
        let [_, a, b, c, d] = file.take::<5>()?;
        let bits = u32::from_le_bytes([a, b, c, d]);
        ((1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)), 5)
    } else {
        if length < 10 {
            return Err(short());
        }
        let [.., w0, w1, h0, h1] = file.take::<10>()?;
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
        ((side(w0, w1), side(h0, h1)), 10)
    };
    file.skip(length - used)?;
    Ok(size)
}

fn chunk(file: &mut Walk<'_, impl Read + Seek>) -> Found<(u32, [u8; 4])> {
    let kind = file.take()?;
    Ok((u32::from_le_bytes(file.take()?), kind))
}

/// Chunks are filled up to an even length.
fn padded(length: u32) -> u64 {
    u64::from(length) + u64::from(length & 1)
}

/// A number of three bytes.
fn small([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}
