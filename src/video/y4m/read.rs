//! A film as a source of frames.

use std::io::{BufRead, Read};
use std::path::PathBuf;
use std::time::Instant;

use yuv::{YuvGrayImage, YuvPlanarImage, YuvStandardMatrix};

use super::header::{Chroma, Header, LONGEST_LINE};
use crate::error::{Error, Result};
use crate::picture::reshape;
use crate::video::Frame;
use crate::video::FrameSource;
use crate::video::pacer::Pacer;

/// Reads a film. Colours are BT.601, as the format has no word for anything else.
pub struct Reader<R> {
    input: R,
    name: PathBuf,
    header: Header,
    /// The planes of a frame, one behind the other.
    planes: Vec<u8>,
    line: Vec<u8>,
    number: u64,
    beat: Option<Pacer>,
}

impl<R: BufRead> Reader<R> {
    /// Read the header of `input`, called `name` in errors. `paced`: frames come at the film's own rate, else as fast
    /// as they are asked for.
    ///
    /// # Errors
    /// [`Error::Decode`] when it is no film that can be read, [`Error::Read`].
    pub fn new(mut input: R, name: impl Into<PathBuf>, paced: bool) -> Result<Self> {
        let (name, mut line) = (name.into(), Vec::new());
        read_line(&mut input, &mut line).map_err(Error::read(&name))?;
        let header = Header::parse(&line).map_err(|reason| decode(&name, reason))?;
        Ok(Self {
            planes: vec![0; header.frame_bytes()],
            beat: paced.then(|| Pacer::new(header.rate)),
            input,
            name,
            header,
            line,
            number: 0,
        })
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
        if self.header.chroma == Chroma::None {
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
            Chroma::Half => yuv::yuv420_to_rgb,
            Chroma::Across => yuv::yuv422_to_rgb,
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
            return Err(at("is damaged: there is no FRAME"));
        }
        if let Err(error) = self.input.read_exact(&mut self.planes) {
            return Err(match error.kind() {
                std::io::ErrorKind::UnexpectedEof => at("is cut off"),
                _ => Error::read(&self.name)(error),
            });
        }
        if let Some(beat) = &mut self.beat {
            beat.wait();
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
        let Header {
            width,
            height,
            rate,
            ..
        } = self.header;
        let name = self.name.display();
        format!("{name}, {width}x{height} Y4M, {rate:.3} frames a second")
    }

    fn rate(&self) -> Option<f64> {
        Some(self.header.rate)
    }

    fn is_live(&self) -> bool {
        false
    }
}

fn decode(name: &std::path::Path, reason: String) -> Error {
    Error::Decode {
        path: name.to_owned(),
        reason,
    }
}

/// A line without its line feed; empty at the end of the film. A line that is too long comes cut off, and is then
/// refused for what it says.
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

    /// A film of one frame: all of it this bright and coloured.
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
    fn every_form_gives_the_same_colours() {
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
