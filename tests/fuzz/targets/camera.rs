//! What a camera sends: a format, a size, and bytes that need not match them.

use image::RgbImage;
use impasto::camera::decode;
use nokhwa::utils::FrameFormat;

use super::check;

const FORMATS: [FrameFormat; 6] = [
    FrameFormat::MJPEG,
    FrameFormat::YUYV,
    FrameFormat::NV12,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::GRAY,
];

pub fn run(data: &[u8]) {
    let [format, width, height, frame @ ..] = data else {
        return;
    };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    // Odd sizes too; none is 0, as no driver gives that.
    let size = (u32::from(*width) + 1, u32::from(*height) + 1);
    let mut rgb = RgbImage::new(3, 2);
    let decoded = decode(frame, format, size, &mut rgb);
    let (w, h) = rgb.dimensions();
    assert_eq!(rgb.as_raw().len(), 3 * w as usize * h as usize);
    match decoded {
        Ok(()) if format == FrameFormat::MJPEG => assert!(w.max(h) <= 8192),
        Ok(()) => assert_eq!((w, h), size),
        Err(reason) => check::one_line(&reason, ""),
    }
}
