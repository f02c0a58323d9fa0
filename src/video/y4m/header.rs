//! The first line of a film: text goes in, size, rate, pixel aspect and plane layout come out.

use yuv::YuvRange;

use crate::video::{FilmFormat, Ratio};

/// The first bytes of every film.
pub const MAGIC: &[u8] = b"YUV4MPEG2";

/// The longest line that is read; ffmpeg writes some 70 bytes.
pub(super) const LONGEST_LINE: usize = 1024;

/// The rate of a film that gives none, as ffmpeg has it.
const DEFAULT_RATE: Ratio = Ratio::whole(25);

/// Sides of a film, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=8192;

/// How the colour planes are subsampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    Yuv420,
    Yuv422,
    Yuv444,
    Mono,
}

/// What the first line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: FilmFormat,
    pub(super) chroma: Chroma,
    pub(super) range: YuvRange,
}

impl Header {
    /// Read the line, which has lost its line feed. The error is what is wrong, and the remedy.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        let Some(line) = line
            .strip_prefix(MAGIC)
            .filter(|rest| rest.first().is_none_or(|b| *b == b' '))
        else {
            return Err("is not a Y4M film (it does not begin with YUV4MPEG2); \
                 `ffmpeg -i FILM -pix_fmt yuv420p -f yuv4mpegpipe -` makes one of any film"
                .to_owned());
        };
        let text =
            std::str::from_utf8(line).map_err(|_| "its first line is not text".to_owned())?;
        let mut header = Self {
            width: 0,
            height: 0,
            format: FilmFormat::square(DEFAULT_RATE),
            chroma: Chroma::Yuv420,
            range: YuvRange::Limited,
        };
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let mut letters = word.chars();
            let key = letters.next();
            let value = letters.as_str();
            match key {
                Some('W') => header.width = side(value)?,
                Some('H') => header.height = side(value)?,
                Some('F') => header.format.rate = rate(value)?,
                Some('A') => header.format.pixel_aspect = pixel_aspect(value)?,
                Some('C') => header.chroma = chroma(value)?,
                Some('X') if value == "COLORRANGE=FULL" => header.range = YuvRange::Full,
                // Interlacing and comments: the frames can be read without them.
                _ => {}
            }
        }
        if header.width == 0 || header.height == 0 {
            return Err("its first line has no width or no height".to_owned());
        }
        Ok(header)
    }

    /// Width and height of a colour plane; 0 when there is none.
    pub(super) fn chroma_size(&self) -> (usize, usize) {
        let (w, h) = (self.width as usize, self.height as usize);
        match self.chroma {
            Chroma::Yuv420 => (w.div_ceil(2), h.div_ceil(2)),
            Chroma::Yuv422 => (w.div_ceil(2), h),
            Chroma::Yuv444 => (w, h),
            Chroma::Mono => (0, 0),
        }
    }

    /// Bytes of a frame.
    pub(super) fn frame_bytes(&self) -> usize {
        let (w, h) = self.chroma_size();
        self.width as usize * self.height as usize + 2 * w * h
    }
}

fn side(value: &str) -> Result<u32, String> {
    match value.parse() {
        Ok(side) if SIDES.contains(&side) => Ok(side),
        _ => {
            let (least, most) = (SIDES.start(), SIDES.end());
            Err(format!(
                "a side of '{value}' pixels is not between {least} and {most}"
            ))
        }
    }
}

fn rate(value: &str) -> Result<Ratio, String> {
    match Ratio::parse(value) {
        // ffmpeg writes 0:0 for a film without a rate.
        Some(rate) if rate == Ratio::new(0, 0) => Ok(DEFAULT_RATE),
        Some(rate) if (0.01..=1000.0).contains(&rate.value()) => Ok(rate),
        _ => Err(format!(
            "a rate of '{value}' frames a second is not between 0.01 and 1000"
        )),
    }
}

/// Any ratio that can be written again, 0:0 (unknown) among them. It changes no pixel, so no value is harmful.
fn pixel_aspect(value: &str) -> Result<Ratio, String> {
    Ratio::parse(value).ok_or_else(|| format!("a pixel aspect of '{value}' is not of the form 1:1"))
}

fn chroma(value: &str) -> Result<Chroma, String> {
    match value {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(Chroma::Yuv420),
        "422" => Ok(Chroma::Yuv422),
        "444" => Ok(Chroma::Yuv444),
        "mono" => Ok(Chroma::Mono),
        _ => Err(format!(
            "pixel format '{value}' is not supported; `ffmpeg -i FILM -pix_fmt yuv420p out.y4m` makes a film that is"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Header, String> {
        Header::parse(line.as_bytes())
    }

    #[test]
    fn what_ffmpeg_writes_is_understood() {
        let header = parse(
            "YUV4MPEG2 W321 H241 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED",
        );
        let header = header.expect("is a header");
        assert_eq!(
            (header.width, header.height, header.chroma),
            (321, 241, Chroma::Yuv420)
        );
        assert_eq!(header.format.rate, Ratio::new(30000, 1001));
        assert_eq!(header.format.pixel_aspect, Ratio::ONE);
        assert_eq!(header.chroma_size(), (161, 121));
        assert_eq!(header.frame_bytes(), 321 * 241 + 2 * 161 * 121);
        assert_eq!(
            parse("YUV4MPEG2 W64 H48 Cmono XCOLORRANGE=FULL").map(|h| h.range),
            Ok(YuvRange::Full)
        );
    }

    #[test]
    fn invalid_headers_are_refused_with_the_reason() {
        for (line, said) in [
            ("", "YUV4MPEG2"),
            ("RIFF", "YUV4MPEG2"),
            ("YUV4MPEG2", "no width"),
            ("YUV4MPEG2 W64", "no height"),
            ("YUV4MPEG2 W0 H48", "'0'"),
            ("YUV4MPEG2 W-5 H48", "'-5'"),
            ("YUV4MPEG2 W64 H4294967295", "4294967295"),
            ("YUV4MPEG2 W64 H48 F0:1", "0:1"),
            ("YUV4MPEG2 W64 H48 F1:0", "1:0"),
            ("YUV4MPEG2 W64 H48 A1:x", "1:x"),
            ("YUV4MPEG2 W64 H48 C420p10", "yuv420p"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(said), "{line}: {error}");
        }
        assert!(Header::parse(b"YUV4MPEG2 \xff\xfe").is_err());
    }

    #[test]
    fn rates_and_pixel_aspects_are_kept_exactly() {
        for (words, rate, aspect) in [
            (
                "F24000:1001 A64:45",
                Ratio::new(24000, 1001),
                Ratio::new(64, 45),
            ),
            ("F25 A0:0", Ratio::whole(25), Ratio::new(0, 0)),
            ("F0:0", Ratio::whole(25), Ratio::ONE),
            ("", Ratio::whole(25), Ratio::ONE),
        ] {
            let format = parse(&format!("YUV4MPEG2 W64 H48 {words}")).map(|h| h.format);
            let expected = FilmFormat {
                rate,
                pixel_aspect: aspect,
            };
            assert_eq!(format, Ok(expected), "{words}");
        }
    }
}
