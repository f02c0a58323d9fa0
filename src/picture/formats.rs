//! File formats: an extension or the first bytes of a file in, the format out.

use image::ImageFormat;
use std::path::Path;

/// The extensions under which pictures are found in a folder and saved, in lower case.
pub const EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"];

/// A format in which pictures are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format(pub(super) ImageFormat);

impl Format {
    /// The one that the name of a file asks for, if it is one of [`EXTENSIONS`].
    pub fn of(path: &Path) -> Option<Self> {
        by_name(path).map(Self)
    }

    /// PNG.
    pub const PNG: Self = Self(ImageFormat::Png);

    /// Its usual extension, in lower case and without the dot.
    pub fn extension(self) -> &'static str {
        match self.0 {
            ImageFormat::Jpeg => "jpg",
            ImageFormat::WebP => "webp",
            ImageFormat::Bmp => "bmp",
            ImageFormat::Tiff => "tiff",
            ImageFormat::Gif => "gif",
            _ => "png",
        }
    }

    /// Whether it loses detail, more or less of it as [`super::SaveOptions::quality`] says. WebP is written without loss.
    pub fn has_quality(self) -> bool {
        self.0 == ImageFormat::Jpeg
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(title(self.0))
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = format!("a.{}", text.trim_start_matches('.'));
        by_name(Path::new(&name)).map(Self).ok_or_else(|| {
            let known = EXTENSIONS.join(", ");
            format!("'{text}' is not a format that is written; use one of {known}")
        })
    }
}

/// The extensions as a list in words, for messages.
pub(super) fn extensions() -> String {
    EXTENSIONS.map(|e| format!(".{e}")).join(", ")
}

/// The format that a file name asks for, or `None` where the extension is not one of [`EXTENSIONS`].
pub(super) fn by_name(path: &Path) -> Option<ImageFormat> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "png" => Some(ImageFormat::Png),
        "jpg" | "jpeg" => Some(ImageFormat::Jpeg),
        "webp" => Some(ImageFormat::WebP),
        "bmp" => Some(ImageFormat::Bmp),
        "tif" | "tiff" => Some(ImageFormat::Tiff),
        "gif" => Some(ImageFormat::Gif),
        _ => None,
    }
}

/// The format of `bytes`, or in words what they are instead.
pub(super) fn by_content(bytes: &[u8]) -> Result<ImageFormat, &'static str> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    match image::guess_format(bytes) {
        Ok(format @ (Png | Jpeg | WebP | Bmp | Tiff | Gif)) => Ok(format),
        _ => Err(instead(bytes)),
    }
}

/// The name of a format, as people write it.
pub(super) fn title(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Gif => "GIF",
        _ => "picture",
    }
}

/// The most pixels a side that a format can store; encoders report it late, and less clearly.
pub(super) fn max_side(format: ImageFormat) -> u32 {
    match format {
        ImageFormat::WebP => 16384,
        ImageFormat::Jpeg | ImageFormat::Gif => 65535,
        _ => i32::MAX as u32,
    }
}

/// A command that turns the file into one that is read, for kinds that users take for pictures and expect to be.
pub(super) fn converter(what: &str) -> Option<&'static str> {
    Some(match what {
        AVIF => "ffmpeg -i in.avif out.png",
        HEIC => "heif-convert in.heic out.png` or, with ImageMagick, `magick in.heic out.png",
        JPEG_XL => "djxl in.jxl out.png",
        _ => return None,
    })
}

/// Whether a file of a folder is a picture, by its extension, of a kind that is not read: it should not be passed over in
/// silence.
#[cfg(feature = "jobs")]
pub(super) fn needs_converter(path: &Path) -> bool {
    let known = ["avif", "heic", "heif", "jxl"];
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| known.iter().any(|k| e.eq_ignore_ascii_case(k)))
}

const AVIF: &str = "an AVIF picture";
const HEIC: &str = "a HEIC picture";
const JPEG_XL: &str = "a JPEG XL picture";

/// What a file in the container of MP4 holds, by the brands at its beginning: the first is often only "some picture", and
/// those behind it tell.
fn by_brands(head: &[u8]) -> &'static str {
    let length = head.first_chunk().map_or(0, |l| u32::from_be_bytes(*l)) as usize;
    let box_ = &head[..length.clamp(12, head.len().max(12)).min(head.len())];
    let first = box_.get(8..12);
    let others = box_.get(16..).unwrap_or_default().as_chunks::<4>().0;
    let brands = || first.into_iter().chain(others.iter().map(|b| &b[..]));
    let any = |wanted: &[&[u8]]| brands().any(|brand| wanted.contains(&brand));
    if any(&[b"avif", b"avis"]) {
        AVIF
    } else if any(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1",
    ]) {
        HEIC
    } else {
        "a film"
    }
}

/// Files that users take for pictures, by what they begin with: phones write HEIC, browsers save AVIF and SVG.
fn instead(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(1024)];
    if head.get(4..8) == Some(b"ftyp") && head.len() >= 12 {
        return by_brands(head);
    }
    for (start, what) in [
        (&b"%PDF"[..], "a PDF document"),
        (b"8BPS", "a Photoshop document"),
        (b"\xff\x0a", JPEG_XL),
        (b"\0\0\0\x0cJXL ", JPEG_XL),
        (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip archive"),
    ] {
        if head.starts_with(start) {
            return what;
        }
    }
    if head.windows(4).any(|w| w == b"<svg") {
        return "an SVG drawing";
    }
    // UTF-8 that is cut in the middle of a character is still text.
    let text = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    };
    if text && !head.contains(&0) {
        "text"
    } else {
        "no picture of a known kind"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_extension_has_a_format_in_any_case() {
        for extension in EXTENSIONS {
            assert!(by_name(Path::new(&format!("a.{extension}"))).is_some());
            assert!(by_name(Path::new(&format!("a.{}", extension.to_uppercase()))).is_some());
        }
        for name in ["a", "a.", ".png", "a.png.txt", "png"] {
            assert_eq!(by_name(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn strangers_are_named() {
        let cases: [(&[u8], &str); 10] = [
            (b"Dear Vincent, ...", "text"),
            ("caf\u{e9}".as_bytes().split_last().unwrap().1, "text"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", "a film"),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", AVIF),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", HEIC),
            (b"\0\0\0\0ftypavif", AVIF),
            (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
            (b"P6 2 2 255", "text"),
            (b"\x80\x81\x82\x00", "no picture of a known kind"),
        ];
        for (bytes, what) in cases {
            assert_eq!(by_content(bytes), Err(what));
        }
    }
}
