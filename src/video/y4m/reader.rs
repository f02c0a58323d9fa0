//! Reads a film: bytes go in, RGB frames come out.

use std::io::{BufRead, Read, Seek};
use std::path::PathBuf;
use std::time::Instant;

use yuv::{YuvGrayImage, YuvPlanarImage, YuvStandardMatrix};

use super::header::{Chroma, Header, LONGEST_LINE};
use crate::error::{Error, Result};
use crate::picture::reshape;
use crate::video::pacer::Pacer;
use crate::video::{FilmFormat, Frame, FrameSource, Ratio};

/// Reads a film. Colours are BT.601, as the header cannot name another matrix.
pub struct Reader<R> {
    input: R,
    name: PathBuf,
    header: Header,
    /// The planes of a frame, one after the other.
    planes: Vec<u8>,
    line: Vec<u8>,
    number: u64,
    pacer: Option<Pacer>,
}

impl<R: BufRead> Reader<R> {
    /// Read the header of `input`, called `name` in errors. `paced`: frames come at the film's own rate, else as fast
    /// as they are read.
    ///
    /// # Errors
    /// [`Error::Decode`] when it is not a film or not of a supported pixel format, [`Error::Read`].
    pub fn new(mut input: R, name: impl Into<PathBuf>, paced: bool) -> Result<Self> {
        let (name, mut line) = (name.into(), Vec::new());
        read_line(&mut input, &mut line).map_err(Error::read(&name))?;
        let header = Header::parse(&line).map_err(|reason| decode(&name, reason))?;
        Ok(Self {
            planes: vec![0; header.frame_bytes()],
            pacer: paced.then(|| Pacer::new(header.format.rate.value())),
            input,
            name,
            header,
            line,
            number: 0,
        })
    }

    /// Rate and pixel aspect.
    pub fn format(&self) -> FilmFormat {
        self.header.format
    }

    fn convert(&self, frame: &mut Frame) -> std::result::Result<(), yuv::YuvError> {
        let Header {
            width,
            height,
            range,
            ..
        } = self.header;
        let (chroma_width, chroma_height) = self.header.chroma_size();
        let (y, colour) = self.planes.split_at(width as usize * height as usize);
        let (u, v) = colour.split_at(chroma_width * chroma_height);
        let (stride, matrix) = (width * 3, YuvStandardMatrix::Bt601);
        if self.header.chroma == Chroma::Mono {
            let grey = YuvGrayImage {
                y_plane: y,
                y_stride: width,
                width,
                height,
            };
            return yuv::yuv400_to_rgb(&grey, &mut frame.rgb, stride, range, matrix);
        }
        let picture = YuvPlanarImage {
            y_plane: y,
            y_stride: width,
            u_plane: u,
            u_stride: chroma_width as u32,
            v_plane: v,
            v_stride: chroma_width as u32,
            width,
            height,
        };
        let convert = match self.header.chroma {
            Chroma::Yuv420 => yuv::yuv420_to_rgb,
            Chroma::Yuv422 => yuv::yuv422_to_rgb,
            _ => yuv::yuv444_to_rgb,
        };
        convert(&picture, &mut frame.rgb, stride, range, matrix)
    }
}

impl<R: BufRead> FrameSource for Reader<R> {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        read_line(&mut self.input, &mut self.line).map_err(Error::read(&self.name))?;
        if self.line.is_empty() {
            return Ok(false);
        }
        let at = |reason: &str| decode(&self.name, format!("{reason} at frame {}", self.number));
        if self.line != b"FRAME" && !self.line.starts_with(b"FRAME ") {
            return Err(at("is damaged: the word FRAME is missing"));
        }
        if let Err(error) = self.input.read_exact(&mut self.planes) {
            return Err(match error.kind() {
                std::io::ErrorKind::UnexpectedEof => at("is cut off"),
                _ => Error::read(&self.name)(error),
            });
        }
        if let Some(pacer) = &mut self.pacer {
            pacer.wait();
        }
        frame.captured = Instant::now();
        frame.number = self.number;
        reshape(&mut frame.rgb, self.header.width, self.header.height);
        self.convert(frame)
            .map_err(|e| at(&format!("cannot be converted ({e})")))?;
        self.number += 1;
        Ok(true)
    }

    fn describe(&self) -> String {
        let Header { width, height, .. } = self.header;
        let (name, rate) = (self.name.display(), self.header.format.rate.value());
        format!("{name}, {width}x{height} Y4M, {rate:.3} frames a second")
    }

    fn rate(&self) -> Option<Ratio> {
        Some(self.header.format.rate)
    }

    fn pixel_aspect(&self) -> Ratio {
        self.header.format.pixel_aspect
    }
}

/// Reads a film again and again. Frame numbers go on counting.
pub struct RepeatingReader<R>(pub Reader<R>);

impl<R: BufRead + Seek> RepeatingReader<R> {
    fn rewind(&mut self) -> Result<()> {
        let Reader {
            input, line, name, ..
        } = &mut self.0;
        // The header is known; what follows it is the first frame.
        input
            .rewind()
            .and_then(|()| read_line(input, line))
            .map_err(Error::read(name))
    }
}

impl<R: BufRead + Seek> FrameSource for RepeatingReader<R> {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        if self.0.next_frame(frame)? {
            return Ok(true);
        }
        self.rewind()?;
        // A film without a frame ends here.
        self.0.next_frame(frame)
    }

    fn describe(&self) -> String {
        format!("{}, repeated", self.0.describe())
    }

    fn rate(&self) -> Option<Ratio> {
        self.0.rate()
    }

    fn pixel_aspect(&self) -> Ratio {
        self.0.pixel_aspect()
    }
}

fn decode(name: &std::path::Path, reason: String) -> Error {
    Error::Decode {
        path: name.to_owned(),
        reason,
    }
}

/// A line without its line feed; empty at the end of the film. A line that is too long is cut off, and then refused as
/// an invalid header.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<()> {
    line.clear();
    input.take(LONGEST_LINE as u64).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A film of one frame in which every pixel has these values.
    fn film(form: &str, y: u8, u: u8, v: u8) -> Vec<u8> {
        let mut film = format!("YUV4MPEG2 W17 H18 F25:1 C{form}\nFRAME\n").into_bytes();
        let colour = match form {
            "mono" => 0,
            "444" => 17 * 18,
            "422" => 9 * 18,
            _ => 9 * 9,
        };
        film.extend(std::iter::repeat_n(y, 17 * 18));
        film.extend(std::iter::repeat_n(u, colour));
        film.extend(std::iter::repeat_n(v, colour));
        film
    }

    #[test]
    fn every_pixel_format_gives_the_same_colours() {
        for (form, y, u, v, expected) in [
            ("420jpeg", 82, 90, 240, [255, 0, 0]), // BT.601's red
            ("422", 82, 90, 240, [255, 0, 0]),
            ("444", 82, 90, 240, [255, 0, 0]),
            ("444", 235, 128, 128, [255, 255, 255]),
            ("mono", 126, 0, 0, [128, 128, 128]),
        ] {
            let film = film(form, y, u, v);
            let mut reader = Reader::new(&film[..], "film", false).unwrap();
            let mut frame = Frame::empty();
            assert!(reader.next_frame(&mut frame).unwrap());
            assert_eq!(frame.rgb.dimensions(), (17, 18));
            for pixel in frame.rgb.pixels() {
                let off = pixel
                    .0
                    .iter()
                    .zip(expected)
                    .map(|(a, b)| a.abs_diff(b))
                    .max();
                assert!(off <= Some(2), "{form}: {pixel:?}");
            }
            assert!(!reader.next_frame(&mut frame).unwrap());
        }
    }

    #[test]
    fn a_repeated_film_begins_again_and_its_frames_go_on_counting() {
        let mut film = film("420", 100, 128, 128);
        let second = film[film.len() - (17 * 18 + 2 * 81) - 6..].to_vec();
        film.extend(second.iter().map(|b| if *b == 100 { 200 } else { *b }));
        let reader = Reader::new(std::io::Cursor::new(film), "film", false).unwrap();
        let mut reader = RepeatingReader(reader);
        let mut frame = Frame::empty();
        let seen = [(); 5].map(|()| {
            assert!(reader.next_frame(&mut frame).unwrap());
            (frame.number, frame.rgb.get_pixel(3, 3).0[0] > 120)
        });
        let expected = [(0, false), (1, true), (2, false), (3, true), (4, false)];
        assert_eq!(seen, expected);
        let empty = std::io::Cursor::new(b"YUV4MPEG2 W16 H16\n");
        let mut empty = RepeatingReader(Reader::new(empty, "film", false).unwrap());
        assert!(!empty.next_frame(&mut frame).unwrap());
    }

    #[test]
    fn a_film_that_is_cut_off_or_damaged_says_where() {
        let whole = film("420", 100, 128, 128);
        let mut frame = Frame::empty();
        for length in [whole.len() - 1, whole.len() - 200] {
            let mut reader = Reader::new(&whole[..length], "a.y4m", false).unwrap();
            let said = reader.next_frame(&mut frame).unwrap_err().to_string();
            assert!(
                said.contains("a.y4m") && said.contains("cut off at frame 0"),
                "{said}"
            );
        }
        let mut damaged = whole.clone();
        damaged.extend_from_slice(b"GARBAGE that never ends");
        let mut reader = Reader::new(&damaged[..], "a.y4m", false).unwrap();
        assert!(reader.next_frame(&mut frame).unwrap());
        let said = reader.next_frame(&mut frame).unwrap_err().to_string();
        assert!(said.contains("frame 1"), "{said}");
        let endless = vec![b'x'; 1 << 20];
        assert!(Reader::new(&endless[..], "a.y4m", false).is_err());
    }
}
