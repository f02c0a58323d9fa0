//! Y4M films, and the conversion of their planes.

use impasto::video::y4m::Reader;
use impasto::video::{Frame, FrameSource};

use super::check;

pub fn run(data: &[u8]) {
    let mut reader = match Reader::new(data, "strange.y4m", false) {
        Ok(reader) => reader,
        Err(error) => return check::one_line(&error, "strange.y4m"),
    };
    assert!(reader.format().rate.value() > 0.0);
    let mut frame = Frame::empty();
    for _ in 0..8 {
        match reader.next_frame(&mut frame) {
            Ok(true) => {
                let (width, height) = frame.rgb.dimensions();
                assert_eq!(
                    frame.rgb.as_raw().len(),
                    3 * width as usize * height as usize
                );
            }
            Ok(false) => return,
            Err(error) => return check::one_line(&error, "strange.y4m"),
        }
    }
}
