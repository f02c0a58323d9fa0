//! A GIF's blocks in; its canvas, the time of each frame and how often it plays out.

use std::io::{Read, Seek};
use std::num::NonZeroU32;

use super::{Headers, UNTIMED, Walk};
use crate::video::Ratio;
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::format::Plays;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;
const GRAPHIC_CONTROL: u8 = 0xF9;
const APPLICATION: u8 = 0xFF;

pub(super) fn scan(file: &mut Walk<'_, impl Read + Seek>) -> Found<Headers> {
    let [.., w0, w1, h0, h1, flags, _, _] = file.take::<13>()?;
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
    let mut headers = Headers::new((side(w0, w1), side(h0, h1)));
    file.skip(table(flags))?;
    let mut delay = 0;
    loop {
        match file.byte()? {
            EXTENSION => match file.byte()? {
                GRAPHIC_CONTROL => {
                    if let Some([_, d0, d1, _]) = block::<4>(file)? {
                        delay = u16::from_le_bytes([d0, d1]);
                    }
                }
                APPLICATION => {
                    if let Some(plays) = application(file)? {
                        headers.plays = plays;
                    }
                }
                _ => skip_blocks(file)?,
            },
            IMAGE => {
                let [_, _, _, _, w0, w1, h0, h1, flags] = file.take::<9>()?;
                headers.frame((side(w0, w1), side(h0, h1)));
                // The least size of a code stands between the table and the blocks.
                file.skip(table(flags) + 1)?;
                skip_blocks(file)?;
                headers.durations.push(seconds(delay));
                delay = 0;
                file.count_frame()?;
            }
            TRAILER => break,
            other => {
                let what = format!("has a block of no known kind (0x{other:02X})");
                return Err(Fault::Damaged(what));
            }
        }
    }
    headers.animated = true;
    Ok(headers)
}

/// Browsers show a frame of 0 or 1 hundredth for 10, and so do animations look as their makers saw them.
fn seconds(delay: u16) -> Ratio {
    match delay {
        0 | 1 => UNTIMED,
        delay => Ratio::new(u32::from(delay), 100),
    }
}

/// The bytes of the colour table that `flags` announce.
fn table(flags: u8) -> u64 {
    match flags & 0x80 {
        0 => 0,
        _ => 6 << (flags & 7),
    }
}

/// The first `N` bytes of a chain of blocks, `None` where its first block has another length; the rest is skipped.
fn block<const N: usize>(file: &mut Walk<'_, impl Read + Seek>) -> Found<Option<[u8; N]>> {
    let length = file.byte()?;
    if usize::from(length) != N {
        file.skip(u64::from(length))?;
        if length != 0 {
            skip_blocks(file)?;
        }
        return Ok(None);
    }
    let bytes = file.take::<N>()?;
    skip_blocks(file)?;
    Ok(Some(bytes))
}

/// How often it plays, where the application is the one that tells. The extension counts the plays after the first.
fn application(file: &mut Walk<'_, impl Read + Seek>) -> Found<Option<Plays>> {
    let length = file.byte()?;
    if length != 11 {
        file.skip(u64::from(length))?;
        if length != 0 {
            skip_blocks(file)?;
        }
        return Ok(None);
    }
    let name = file.take::<11>()?;
    if !matches!(&name, b"NETSCAPE2.0" | b"ANIMEXTS1.0") {
        skip_blocks(file)?;
        return Ok(None);
    }
    let Some([1, low, high]) = block::<3>(file)? else {
        return Ok(None);
    };
    Ok(Some(match u16::from_le_bytes([low, high]) {
        0 => Plays::Forever,
        again => Plays::Times(NonZeroU32::MIN.saturating_add(u32::from(again))),
    }))
}

/// Skip a chain of blocks, each led by its length, up to the empty one that ends it.
fn skip_blocks(file: &mut Walk<'_, impl Read + Seek>) -> Found<()> {
    loop {
        match file.byte()? {
            0 => return Ok(()),
            length => file.skip(u64::from(length))?,
        }
    }
}
