//! YUV4MPEG2, the plainest of films: a line of text, then planes of bytes. ffmpeg and mplayer read and write it,
//! through pipes too.

mod film_file;
mod header;
mod read;
mod write;

pub use film_file::FilmFile;
pub use read::Reader;
pub use write::Writer;
