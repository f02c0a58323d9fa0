//! ffmpeg as a decoder and encoder of films: a path goes in, frames with their times come out; frames go in, a film comes
//! out. Frames pass through pipes and are never written to disk.
//!
//! ffmpeg is a program here and not a library: its bindings need a C library, libclang and a build of their own for each
//! system, and its licence would become ours.

mod codec;
mod color;
mod decoder;
mod encoder;
mod join;
mod matroska;
mod packets;
mod probe;
mod program;
mod running;
mod runs;
mod showinfo;
mod timeline;
mod version;

pub use codec::{Codec, CodecChoice, Container};
pub use color::ColorTags;
pub use decoder::{Decoder, Decoding};
pub use encoder::{Encoder, Encoding};
pub use join::{Joining, Part, StreamCopy, join, plan_streams};
pub use packets::{Packets, packets};
pub use probe::{FilmInfo, OtherStream, StreamKind, VideoStream, probe};
pub use program::Ffmpeg;
#[cfg(feature = "live")]
pub(super) use running::{Handle, Running};
pub use timeline::{Timeline, Timing};
