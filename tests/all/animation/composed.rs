//! How frames become pictures: offsets, transparency, blending and disposal.

use super::*;

#[test]
fn a_gif_of_no_delay_is_shown_as_browsers_do() {
    let dir = folder();
    let mut gif = bytes::gif_head(2, 2, None);
    for delay in [0, 1, 2, 300] {
        gif.extend(bytes::gif_frame((0, 0, 2, 2), delay, 0, &[0; 4]));
    }
    gif.push(0x3B);
    let back = read(&put(&dir, "a.gif", &gif)).unwrap();
    let seconds: Vec<f64> = back.iter().map(|(_, d)| d.value()).collect();
    assert_eq!(seconds, [0.1, 0.1, 0.02, 3.0]);
    let timeline = Timeline::read(&put(&dir, "a.gif", &gif), &Limits::default()).unwrap();
    assert_eq!((timeline.plays, timeline.rate()), (Plays::ONCE, None));
}

/// A picture of letters: w white, r red, g green, b blue.
fn letters(picture: &RgbImage) -> String {
    let letter = |p: &Rgb<u8>| match p.0 {
        [255, 255, 255] => 'w',
        [255, 0, 0] => 'r',
        [0, 255, 0] => 'g',
        [0, 0, 255] => 'b',
        other => panic!("{other:?}"),
    };
    let rows = picture
        .rows()
        .map(|row| row.map(letter).collect::<String>());
    rows.collect::<Vec<_>>().join("/")
}

#[test]
fn a_gif_is_composed_by_offsets_transparency_and_disposal() {
    use bytes::{BACKGROUND, KEEP, PREVIOUS};
    let dir = folder();
    let mut gif = bytes::gif_head(4, 3, Some(0));
    // Places: 0 red, 1 green, 2 blue, 3 transparent.
    gif.extend(bytes::gif_frame((1, 0, 3, 2), 4, KEEP, &[0, 0, 0, 0, 3, 0]));
    gif.extend(bytes::gif_frame((0, 0, 2, 2), 4, BACKGROUND, &[1, 1, 1, 3]));
    gif.extend(bytes::gif_frame((3, 2, 1, 1), 4, KEEP, &[2]));
    gif.extend(bytes::gif_frame((0, 0, 4, 3), 4, PREVIOUS, &[2; 12]));
    gif.extend(bytes::gif_frame((0, 2, 1, 1), 4, KEEP, &[1]));
    // Over the edge: what is outside is not seen.
    gif.extend(bytes::gif_frame((2, 1, 4, 4), 4, KEEP, &[1; 16]));
    gif.push(0x3B);
    let back = read(&put(&dir, "a.gif", &gif)).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    let expected = [
        "wrrr/wrwr/wwww",
        "ggrr/grwr/wwww",
        "wwrr/wwwr/wwwb",
        "bbbb/bbbb/bbbb",
        "wwrr/wwwr/gwwb",
        "wwrr/wwgg/gwgg",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn an_apng_is_composed_by_offsets_blending_and_disposal() {
    use bytes::{ApngFrame, BACKGROUND, KEEP, PREVIOUS};
    let (r, g, b, clear) = ([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0; 4]);
    let dir = folder();
    let frame = |area, dispose, over, pixels: &[[u8; 4]]| ApngFrame {
        area,
        time: (1, 30),
        dispose,
        over,
        pixels: pixels.to_vec(),
    };
    let frames = [
        frame((0, 0, 3, 2), KEEP, false, &[r, r, r, clear, r, r]),
        frame((1, 0, 2, 2), BACKGROUND, true, &[g, clear, clear, g]),
        frame((0, 1, 1, 1), KEEP, false, &[b]),
        frame((0, 0, 3, 2), PREVIOUS, false, &[b; 6]),
        frame((0, 0, 2, 1), KEEP, false, &[clear, g]),
    ];
    let path = put(&dir, "a.png", &bytes::apng(3, 2, 7, &frames));
    let back = read(&path).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    assert_eq!(
        seen,
        ["rrr/wrr", "rgr/wrg", "rww/bww", "bbb/bbb", "wgw/bww"]
    );
    assert_eq!(back[0].1, Ratio::new(1, 30));
    let timeline = Timeline::read(&path, &Limits::default()).unwrap();
    assert_eq!(
        (timeline.plays, timeline.rate()),
        (times(7), Some(Ratio::whole(30)))
    );
}

#[test]
fn a_webp_is_composed_by_offsets_blending_and_disposal() {
    let (r, g, b, clear) = ([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0; 4]);
    const BLEND: u8 = 0;
    const REPLACE: u8 = 2;
    const DISPOSE: u8 = 1;
    let dir = folder();
    let webp = bytes::webp(
        6,
        4,
        9,
        &[
            ((0, 0), 40, REPLACE, bytes::vp8l(4, 2, r)),
            ((2, 0), 41, BLEND | DISPOSE, bytes::vp8l(4, 4, g)),
            ((4, 2), 0, BLEND, bytes::vp8l(1, 1, b)),
            ((0, 0), 7, BLEND, bytes::vp8l(6, 4, clear)),
            ((0, 0), 7, REPLACE, bytes::vp8l(2, 1, clear)),
        ],
    );
    let path = put(&dir, "a.webp", &webp);
    let back = read(&path).unwrap();
    let seen: Vec<String> = back.iter().map(|(p, _)| letters(p)).collect();
    let expected = [
        "rrrrww/rrrrww/wwwwww/wwwwww",
        "rrgggg/rrgggg/wwgggg/wwgggg",
        "rrwwww/rrwwww/wwwwbw/wwwwww",
        "rrwwww/rrwwww/wwwwbw/wwwwww",
        "wwwwww/rrwwww/wwwwbw/wwwwww",
    ];
    assert_eq!(seen, expected);
    let seconds: Vec<f64> = back.iter().map(|(_, d)| d.value()).collect();
    assert_eq!(seconds, [0.04, 0.041, 0.1, 0.007, 0.007]);
    let timeline = Timeline::read(&path, &Limits::default()).unwrap();
    assert_eq!(timeline.plays, times(9));
}
