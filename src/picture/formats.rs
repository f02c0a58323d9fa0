//! File formats: an extension or the first bytes of a file in, the format out.

use image::ImageFormat;
use std::path::Path;

/// The extensions under which pictures are found in a folder and saved, in lower case.
pub const EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"];

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

/// Files that users take for pictures, by what they begin with: phones write HEIC, browsers save AVIF and SVG.
fn instead(bytes: &[u8]) -> &'static str {
    let head = &bytes[..bytes.len().min(1024)];
    let brand = match head {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => brand.get(..4),
        _ => None,
    };
    match brand {
        Some(b"avif" | b"avis") => return "an AVIF picture",
        Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1") => return "a HEIC picture",
        Some(_) => return "a film",
        None => {}
    }
    for (start, what) in [
        (&b"%PDF"[..], "a PDF document"),
        (b"8BPS", "a Photoshop document"),
        (b"\xff\x0a", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
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
        let cases: [(&[u8], &str); 7] = [
            (b"Dear Vincent, ...", "text"),
            ("caf\u{e9}".as_bytes().split_last().unwrap().1, "text"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", "a film"),
            (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
            (b"P6 2 2 255", "text"),
            (b"\x80\x81\x82\x00", "no picture of a known kind"),
        ];
        for (bytes, what) in cases {
            assert_eq!(by_content(bytes), Err(what));
        }
    }
}
