//! A file that is read from front to back, with parts of it skipped, and its frames counted.

use std::io::{Read, Seek};

use crate::video::animation::fault::{Fault, Found};

/// Reads and skips; never beyond the end of the file.
pub(super) struct Walk<'a, R> {
    input: &'a mut R,
    /// Bytes that are left.
    left: u64,
    most_frames: u32,
    /// Frames that are whole.
    frames: &'a mut usize,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    pub(super) fn new(
        input: &'a mut R,
        length: u64,
        most_frames: u32,
        frames: &'a mut usize,
    ) -> Self {
        Self {
            input,
            left: length,
            most_frames,
            frames,
        }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The next `N` bytes.
    pub(super) fn take<const N: usize>(&mut self) -> Found<[u8; N]> {
        let mut bytes = [0; N];
        self.left = self.left.checked_sub(N as u64).ok_or(Fault::Short)?;
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Found<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    /// Pass over `count` bytes.
    pub(super) fn skip(&mut self, count: u64) -> Found<()> {
        self.left = self.left.checked_sub(count).ok_or(Fault::Short)?;
        let count = i64::try_from(count).map_err(|_| Fault::Short)?;
        Ok(self.input.seek_relative(count)?)
    }

    /// One more frame is whole.
    pub(super) fn count_frame(&mut self) -> Found<()> {
        *self.frames += 1;
        if *self.frames as u64 > u64::from(self.most_frames) {
            return Err(Fault::Refused(format!(
                "it has more than {} frames, which is the limit; split it first",
                self.most_frames
            )));
        }
        Ok(())
    }
}
