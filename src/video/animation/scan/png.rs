//! A PNG's chunks in; its canvas, the time of each frame and how often it plays out.

use std::io::{Read, Seek};

use super::{Headers, UNTIMED, Walk};
use crate::video::Ratio;
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::format::Plays;

pub(super) fn scan(file: &mut Walk<'_, impl Read + Seek>) -> Found<Headers> {
    file.skip(8)?;
    let (length, kind) = chunk(file)?;
    if (length, &kind) != (13, b"IHDR") {
        return Err(Fault::damaged("does not begin with its header"));
    }
    let [w0, w1, w2, w3, h0, h1, h2, h3, ..] = file.take::<13>()?;
    let side = u32::from_be_bytes;
    let mut headers = Headers::new((side([w0, w1, w2, w3]), side([h0, h1, h2, h3])));
    file.skip(4)?;
    let (mut announced, mut pixels, mut pending) = (None, false, false);
    loop {
        let (length, kind) = chunk(file)?;
        match (&kind, length) {
            // Behind the pixels it does not count.
            (b"acTL", 8) if !pixels => {
                let [n0, n1, n2, n3, p0, p1, p2, p3] = file.take::<8>()?;
                announced = Some(u32::from_be_bytes([n0, n1, n2, n3]));
                headers.plays = Plays::from_zero_forever(u32::from_be_bytes([p0, p1, p2, p3]));
                file.skip(4)?;
            }
            (b"fcTL", 26) => {
                // Number, size and place are the decoder's matter.
                file.skip(20)?;
                let [n0, n1, d0, d1, _, _] = file.take::<6>()?;
                if pending {
                    return Err(Fault::damaged("has a frame without pixels"));
                }
                pending = true;
                headers.durations.push(seconds(
                    u16::from_be_bytes([n0, n1]),
                    u16::from_be_bytes([d0, d1]),
                ));
                file.skip(4)?;
            }
            (b"IDAT" | b"fdAT", _) => {
                pixels = true;
                file.skip(u64::from(length) + 4)?;
                if std::mem::take(&mut pending) {
                    file.count_frame()?;
                }
            }
            (b"IEND", _) => {
                file.skip(u64::from(length) + 4)?;
                break;
            }
            _ => file.skip(u64::from(length) + 4)?,
        }
    }
    let Some(announced) = announced else {
        return Ok(headers.still());
    };
    let found = headers.durations.len();
    if announced == 0 || found == 0 {
        return Err(Fault::damaged("is an animation without frames"));
    }
    if announced as usize != found || pending {
        let what = format!("announces {announced} frames and has {found}");
        return Err(Fault::Damaged(what));
    }
    headers.animated = true;
    Ok(headers)
}

fn chunk(file: &mut Walk<'_, impl Read + Seek>) -> Found<(u32, [u8; 4])> {
    let length = u32::from_be_bytes(file.take()?);
    Ok((length, file.take()?))
}

/// A denominator of 0 stands for 100.
fn seconds(numerator: u16, denominator: u16) -> Ratio {
    match (numerator, denominator) {
        (0, _) => UNTIMED,
        (n, 0) => Ratio::new(u32::from(n), 100),
        (n, d) => Ratio::new(u32::from(n), u32::from(d)),
    }
}
