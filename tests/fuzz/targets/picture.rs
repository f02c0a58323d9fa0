//! Pictures of every format, with the limits, and back into a file with their metadata.

use std::path::Path;

use impasto::picture::{Format, Limits, SaveOptions, decode, encode_as};

use super::check;

const LIMITS: Limits = Limits {
    max_side: 2048,
    max_bytes: 4 << 20,
    max_file_bytes: 1 << 20,
};

pub fn run(data: &[u8]) {
    let picture = match decode(data, Path::new("strange.bin"), &LIMITS) {
        Ok(picture) => picture,
        Err(error) => return check::one_line(&error, "strange.bin"),
    };
    let (width, height) = picture.rgb.dimensions();
    assert!(width >= 1 && height >= 1 && width.max(height) <= LIMITS.max_side);
    // A grey picture of 1 byte a pixel becomes one of 3.
    assert!(picture.rgb.as_raw().len() as u64 <= 3 * LIMITS.max_bytes);
    assert!(
        picture
            .alpha
            .as_ref()
            .is_none_or(|alpha| alpha.dimensions() == (width, height))
    );
    if width * height > 64 * 64 {
        return;
    }
    let options = SaveOptions {
        metadata: Some(&picture.metadata),
        ..SaveOptions::default()
    };
    let written = encode_as(Format::PNG, &picture.rgb, picture.alpha.as_ref(), &options);
    let written = written.expect("a PNG file holds any picture");
    let again = decode(&written, Path::new("again.png"), &Limits::default());
    let again = again.expect("what was written is read");
    assert_eq!(again.rgb.dimensions(), (width, height));
    if picture.alpha.is_none() {
        assert!(again.rgb == picture.rgb, "other pixels");
    }
}
