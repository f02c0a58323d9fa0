//! Painted frames go in; pieces of a film, each complete in itself, come out in a work folder. While ffmpeg completes one
//! piece, the next is begun.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::painter::Carry;
use super::pipeline::FilmSink;
use super::work_folder::{Place, Record, WorkFolder};
use crate::error::{Error, Result};
use crate::video::TimedFrame;
use crate::video::ffmpeg::{Encoder, Encoding};

/// Writes pieces of a fixed number of frames.
pub(super) struct PieceSink {
    work: Arc<WorkFolder>,
    how: Encoding,
    /// Frames of a piece.
    frames: u64,
    open: Option<Open>,
    completing: Option<JoinHandle<Result<Record>>>,
    /// Those that are complete, in order.
    records: Vec<Record>,
}

struct Open {
    encoder: Encoder,
    place: Place,
    record: Record,
}

impl PieceSink {
    /// A sink that goes on behind the pieces of `records`.
    pub(super) fn new(
        work: Arc<WorkFolder>,
        how: Encoding,
        frames: u64,
        records: Vec<Record>,
    ) -> Self {
        Self {
            work,
            how,
            frames,
            open: None,
            completing: None,
            records,
        }
    }

    /// The complete pieces.
    pub(super) fn into_records(mut self) -> Vec<Record> {
        // An error was returned by the call that met it, or the run had failed before.
        let _ = self.complete();
        self.records
    }

    /// Wait for the piece that is being completed.
    fn complete(&mut self) -> Result<()> {
        let Some(thread) = self.completing.take() else {
            return Ok(());
        };
        let record = thread
            .join()
            .unwrap_or_else(|_| Err(Error::panicked("encode")))?;
        self.records.push(record);
        Ok(())
    }

    /// Let ffmpeg complete the open piece, in a thread of its own.
    fn close(&mut self, carry: Option<&Carry>) -> Result<()> {
        self.complete()?;
        let Some(Open {
            encoder,
            place,
            mut record,
        }) = self.open.take()
        else {
            return Ok(());
        };
        record.carry = carry.cloned();
        let completing = move || {
            encoder.finish()?;
            place.keep(&record)?;
            // The records of a whole film are held; the pictures are in files now.
            if let Some(carry) = &mut record.carry {
                carry.steady = None;
            }
            Ok(record)
        };
        let thread = thread::Builder::new()
            .name("complete".to_owned())
            .spawn(completing);
        self.completing = Some(thread.map_err(Error::thread("encode"))?);
        Ok(())
    }
}

impl FilmSink for PieceSink {
    fn write(&mut self, frame: &TimedFrame, carry: Option<&Carry>) -> Result<()> {
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let piece = frame.number / self.frames;
                let place = self.work.new_piece(piece)?;
                self.open.insert(Open {
                    encoder: Encoder::start(&self.how, place.path())?,
                    place,
                    record: Record {
                        piece,
                        frames: 0,
                        first: frame.tick,
                        last: frame.tick,
                        carry: None,
                    },
                })
            }
        };
        open.encoder
            .write(&frame.rgb, frame.tick - open.record.first)?;
        open.record.frames += 1;
        open.record.last = frame.tick;
        if open.record.frames == self.frames {
            self.close(carry)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.close(None)?;
        self.complete()
    }
}
