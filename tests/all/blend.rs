//! `impasto blend`, as a user runs it.
#![allow(clippy::unwrap_used)]

use crate::common::*;

/// For runs that end before they blend anything.
const TO_ITSELF: &str = "blend photo.png --from photo.png --to photo.png";

#[test]
fn a_strip_leads_from_one_painting_to_the_other() {
    let dir = folder();
    let content = repository("examples/images/still-life.png");
    let blend = "blend --from @great-wave --to @the-scream --steps 5 --size 192 -o strip.png";
    command(&dir, blend).arg(&content).assert().success();
    let strip = open(dir.path().join("strip.png"));
    keep("blend.png", &strip);
    let width = strip.width() / 5;
    assert_eq!(width, 192);
    let frame =
        |k: u32| image::imageops::crop_imm(&strip, k * width, 0, width, strip.height()).to_image();
    let to_first: Vec<_> = (1..5).map(|k| psnr(&frame(0), &frame(k))).collect();
    assert!(
        to_first.windows(2).all(|w| w[0] > w[1]),
        "each step is farther from the first: {to_first:?} dB"
    );

    let single = "stylize --style @the-scream --size 192 -o end.png";
    command(&dir, single).arg(&content).assert().success();
    assert_eq!(
        open(dir.path().join("end.png")),
        frame(4),
        "the last step is the painting itself"
    );
}

#[test]
fn a_blend_may_be_a_gif_or_a_folder() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    save(&dir, "s.png", &image::imageops::rotate180(&scene(64, 64)));
    let blend = |out: &str| {
        let line = "blend photo.png --from photo.png --to s.png --steps 4 --size 32 -o";
        quick(&dir, &format!("{line} {out}")).assert().success();
    };
    blend("out.gif");
    let gif = image::codecs::gif::GifDecoder::new(std::io::BufReader::new(
        std::fs::File::open(dir.path().join("out.gif")).unwrap(),
    ))
    .unwrap();
    assert_eq!(
        image::AnimationDecoder::into_frames(gif).count(),
        6,
        "four there, two back"
    );
    blend("frames");
    assert_eq!(
        std::fs::read_dir(dir.path().join("frames"))
            .unwrap()
            .count(),
        4
    );
}

#[test]
fn a_file_that_would_be_huge_is_refused_before_work_begins() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    for (out, size) in [("x.png", "512"), ("x.gif", "2000")] {
        let line = format!("{TO_ITSELF} --steps 1000 --size {size} -o {out}");
        assert!(
            refusal(&mut command(&dir, &line)).contains("--size"),
            "{out}"
        );
    }
}

#[test]
fn steps_that_make_no_sense_are_refused() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    for steps in ["0", "1", "1001", "99999999999999999999", "-3", "NaN"] {
        let line = format!("{TO_ITSELF} -o x.png --steps {steps}");
        let text = failure(&mut command(&dir, &line));
        assert!(text.contains("--steps"), "{text}");
    }
    assert!(strays(&dir, &["photo.png"]).is_empty());
}
