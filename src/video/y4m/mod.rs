//! YUV4MPEG2 (Y4M), uncompressed films: a line of text, then planes of bytes. ffmpeg and mplayer read and write it,
//! through pipes too. Bytes go in and frames come out, and the other way round.
//!
//! The crate `y4m` of image-rs (0.8) was tried for headers and frames and not taken: it multiplies the sides of the
//! header unchecked (a hostile header overflows, which panics in a debug build and gives planes that are too short in a
//! release build), it reports a film that is cut off in the middle of a frame as an ordinary end, its errors do not say
//! which word of the header is wrong, and it refuses `F25` without `:1`. Checking all of that before it is called would
//! mean parsing the header ourselves, which is most of what the crate does.

mod file_writer;
mod header;
mod reader;
mod writer;

pub use file_writer::FileWriter;
pub use header::MAGIC;
pub use reader::{Reader, RepeatingReader};
pub use writer::Writer;
