//! Animated GIF, PNG and WebP files, frame by frame, with the limits.

use image::Rgb;
use impasto::video::animation::{Limits, Reader};
use impasto::video::{TimedFrame, TimedSource};

use super::check;

const LIMITS: Limits = Limits {
    max_side: 512,
    max_bytes: 1 << 20,
    max_frames: 40,
    max_seconds: 3600,
    max_file_bytes: 1 << 20,
};

pub fn run(data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::io::Write::write_all(&mut file, data).expect("written");
    let path = file.path();
    let name = path.to_string_lossy().into_owned();
    let mut reader = match Reader::open(path, &LIMITS, Rgb([255; 3])) {
        Ok(reader) => reader,
        Err(error) => return check::one_line(&error, &name),
    };
    assert!((1..=LIMITS.max_frames as usize).contains(&reader.timeline().frames()));
    assert!(reader.timeline().seconds() <= f64::from(LIMITS.max_seconds));
    let mut frame = TimedFrame::default();
    let mut size = None;
    for number in 0..=LIMITS.max_frames {
        match reader.next_frame(&mut frame) {
            Ok(true) => {
                let found = frame.rgb.dimensions();
                assert_eq!(*size.get_or_insert(found), found, "frames of several sizes");
                assert!(number < LIMITS.max_frames, "more frames than were counted");
            }
            Ok(false) => return,
            Err(error) => return check::one_line(&error, &name),
        }
    }
}
