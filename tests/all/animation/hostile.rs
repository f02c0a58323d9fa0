//! Files that are cut, damaged, foreign or too large.

use super::*;

#[test]
fn a_file_that_is_cut_anywhere_is_refused_before_a_frame_is_read() {
    let dir = folder();
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        write(
            &path,
            &film(24, 16, 3),
            &[Ratio::new(1, 10); 3],
            Plays::ONCE,
        )
        .unwrap();
        let whole = std::fs::read(&path).unwrap();
        let every = |length: &usize| length.is_multiple_of(7) || whole.len() - length < 40;
        for length in (0..whole.len()).filter(every) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let said = match Reader::open(&path, &Limits::default(), WHITE) {
                Err(error) => error.to_string(),
                Ok(_) => panic!(
                    "{name} was opened without its last {}",
                    whole.len() - length
                ),
            };
            let expected = if length < 12 {
                "the file is no"
            } else {
                "is cut short"
            };
            // The signature of GIF and PNG is shorter than what is looked at.
            assert!(
                said.contains(expected) || said.contains("is cut short"),
                "{said}"
            );
        }
        let said = refusal(&path);
        assert!(
            said.contains("after 3 frames") || said.contains("after 2 frames"),
            "{said}"
        );
    }
}

#[test]
fn damaged_files_are_refused_or_read_and_never_panic() {
    let dir = folder();
    let mut seed = 12345_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let (mut read_on, mut refused) = (0, 0);
    for name in FORMATS {
        let path = dir.path().join(format!("a.{name}"));
        write(&path, &film(24, 18, 4), &[Ratio::new(1, 10); 4], times(3)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            std::fs::write(&path, &bytes).unwrap();
            match read(&path) {
                Ok(_) => read_on += 1,
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().starts_with(&path.display().to_string()));
                }
            }
        }
    }
    assert!(
        read_on > 50 && refused > 200,
        "{read_on} read, {refused} refused"
    );
}

#[test]
fn strangers_and_folders_are_refused() {
    let dir = folder();
    for bytes in [&b""[..], b"GIF", b"text, and no picture at all", &[0; 100]] {
        let said = refusal(&put(&dir, "a.gif", bytes));
        assert!(said.contains("no GIF, PNG or WebP"), "{said}");
    }
    assert!(refusal(&dir.path().join("missing.gif")).contains("cannot be read"));
    assert!(refusal(dir.path()).contains("cannot be read"));
    assert_eq!(
        Format::of_file(&put(&dir, "a.png", b"GIF89a......")).unwrap(),
        Some(Format::Gif)
    );
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let dir = folder();
    let said = |name, bytes: &[u8]| refusal(&put(&dir, name, bytes));
    // A canvas of 65535x65535 pixels in a few bytes, and one of 16384x16384.
    let mut gif = bytes::gif_head(65535, 65535, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("over the limit (16384 pixels a side)"));
    let webp = bytes::webp(
        16384,
        16384,
        0,
        &[((0, 0), 40, 0, bytes::vp8l(2, 2, [9, 9, 9, 255]))],
    );
    assert!(said("a.webp", &webp).contains("over the limit (256 MiB a frame)"));
    // A frame that is larger than its canvas.
    let mut gif = bytes::gif_head(16, 16, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 60000, 60000), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("60000x60000"));
    // A million frames of one pixel.
    let one = bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]);
    let mut gif = bytes::gif_head(1, 1, Some(0));
    (0..1_000_000).for_each(|_| gif.extend(&one));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("more than 200000 frames"));
    // A day and more.
    let mut gif = bytes::gif_head(1, 1, Some(0));
    (0..132).for_each(|_| gif.extend(bytes::gif_frame((0, 0, 1, 1), 65535, 0, &[0])));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("lasts 86506 seconds"));
    // Zero frames.
    let mut gif = bytes::gif_head(16, 16, Some(0));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("no frames"));
    assert!(said("a.webp", &bytes::webp(16, 16, 0, &[])).contains("without frames"));
    assert!(said("a.png", &bytes::apng(16, 16, 0, &[])).contains("without frames"));
    let mut gif = bytes::gif_head(0, 16, Some(0));
    gif.extend(bytes::gif_frame((0, 0, 1, 1), 4, 0, &[0]));
    gif.push(0x3B);
    assert!(said("a.gif", &gif).contains("no pixels"));
}
