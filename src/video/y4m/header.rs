//! The first line of a film.

use yuv::YuvRange;

/// The longest line that is read; ffmpeg writes some 70 bytes.
pub(super) const LONGEST_LINE: usize = 1024;

/// Sides of a film, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=8192;

/// How the colour planes are thinned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    Half,   // 4:2:0
    Across, // 4:2:2
    Full,   // 4:4:4
    None,   // grey
}

/// What the first line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frames a second.
    pub(super) rate: f64,
    pub(super) chroma: Chroma,
    pub(super) range: YuvRange,
}

impl Header {
    /// Read the line, which has lost its line feed. The error is what is wrong, and the remedy.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "its first line is no text".to_owned())?;
        let mut words = text.split(' ');
        if words.next() != Some("YUV4MPEG2") {
            return Err("is not Y4M (its first line does not begin with YUV4MPEG2)".to_owned());
        }
        let mut header = Self {
            width: 0,
            height: 0,
            rate: 25.0,
            chroma: Chroma::Half,
            range: YuvRange::Limited,
        };
        for word in words.filter(|w| !w.is_empty()) {
            let mut letters = word.chars();
            let key = letters.next();
            let value = letters.as_str();
            match key {
                Some('W') => header.width = side(value)?,
                Some('H') => header.height = side(value)?,
                Some('F') => header.rate = rate(value)?,
                Some('C') => header.chroma = chroma(value)?,
                Some('X') if value == "COLORRANGE=FULL" => header.range = YuvRange::Full,
                // Interlacing, the shape of pixels, comments: the picture can be seen without.
                _ => {}
            }
        }
        if header.width == 0 || header.height == 0 {
            return Err("its first line says no width or no height".to_owned());
        }
        Ok(header)
    }

    /// Sides of a colour plane; 0 when there is none.
    pub(super) fn chroma_size(&self) -> (usize, usize) {
        let (w, h) = (self.width as usize, self.height as usize);
        match self.chroma {
            Chroma::Half => (w.div_ceil(2), h.div_ceil(2)),
            Chroma::Across => (w.div_ceil(2), h),
            Chroma::Full => (w, h),
            Chroma::None => (0, 0),
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

fn rate(value: &str) -> Result<f64, String> {
    let (frames, seconds) = value.split_once(':').unwrap_or((value, "1"));
    let rate = match (frames.parse::<u32>(), seconds.parse::<u32>()) {
        // ffmpeg writes 0:0 for a film without a rate.
        (Ok(0), Ok(0)) => 25.0,
        (Ok(frames), Ok(seconds)) => f64::from(frames) / f64::from(seconds),
        _ => f64::NAN,
    };
    match (0.01..=1000.0).contains(&rate) {
        true => Ok(rate),
        false => Err(format!("a rate of '{value}' makes no sense")),
    }
}

fn chroma(value: &str) -> Result<Chroma, String> {
    match value {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(Chroma::Half),
        "422" => Ok(Chroma::Across),
        "444" => Ok(Chroma::Full),
        "mono" => Ok(Chroma::None),
        _ => Err(format!(
            "pixels of the form '{value}' are not read; `ffmpeg -i FILM -pix_fmt yuv420p out.y4m` makes some that are"
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
            (321, 241, Chroma::Half)
        );
        assert!((header.rate - 29.97).abs() < 0.01);
        assert_eq!(header.chroma_size(), (161, 121));
        assert_eq!(header.frame_bytes(), 321 * 241 + 2 * 161 * 121);
        assert_eq!(
            parse("YUV4MPEG2 W64 H48 Cmono XCOLORRANGE=FULL").map(|h| h.range),
            Ok(YuvRange::Full)
        );
    }

    #[test]
    fn nonsense_is_refused_in_words() {
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
            ("YUV4MPEG2 W64 H48 C420p10", "yuv420p"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(said), "{line}: {error}");
        }
        assert!(Header::parse(b"YUV4MPEG2 \xff\xfe").is_err());
    }
}
