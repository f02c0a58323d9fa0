//! `impasto film`, as a user runs it: sound, times, colours and sizes are kept.
#![allow(clippy::unwrap_used)]

use crate::common::clip::*;
use crate::common::*;

/// The two paintings of these tests, `a.png` and `b.png`.
pub fn paintings(dir: &tempfile::TempDir) {
    save(dir, "a.png", &scene(64, 48));
    save(
        dir,
        "b.png",
        &image::RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb(if (x / 8 + y / 8) % 2 == 0 {
                [20, 30, 160]
            } else {
                [240, 210, 40]
            })
        }),
    );
}

/// A folder with the two paintings; none without ffmpeg.
fn workplace() -> Option<tempfile::TempDir> {
    has_ffmpeg().then(|| {
        let dir = folder();
        paintings(&dir);
        dir
    })
}

#[test]
fn a_film_keeps_its_sound_its_rate_and_its_length_and_glides() {
    let Some(dir) = workplace() else { return };
    std::fs::write(
        dir.path().join("meta.txt"),
        ";FFMETADATA1\ntitle=The sea\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=20020\ntitle=Two\n",
    )
    .unwrap();
    clip(&dir, "plain.mp4", (96, 64), 600, "30000/1001", "-c:a aac");
    ffmpeg(
        &dir,
        "-i plain.mp4 -i meta.txt -map 0 -map_metadata 1 -c copy in.mp4",
    );
    let line = "film in.mp4 --style a.png --style b.png --glide-over-film --piece 64 --json --model live -o out.mp4";
    let done = json(&mut command(&dir, line));
    let (source, out) = (dir.path().join("in.mp4"), dir.path().join("out.mp4"));
    let (before, after) = (probe(&source), probe(&out));
    let video = stream(&after, "video");
    assert_eq!(video["nb_read_frames"], "600");
    assert_eq!(video["r_frame_rate"], "30000/1001");
    assert_eq!(video["avg_frame_rate"], "30000/1001");
    let seconds = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    assert!((seconds(&video["duration"]) - 20.02).abs() < 1e-5);
    let sound = stream(&after, "audio");
    assert_eq!(sound["codec_name"], "aac");
    assert_eq!(sound["duration"], stream(&before, "audio")["duration"]);
    assert_eq!(sound["start_time"], stream(&before, "audio")["start_time"]);
    assert_eq!(after["format"]["duration"], before["format"]["duration"]);
    assert_eq!(after["format"]["tags"]["title"], "The sea");
    assert_eq!(after["chapters"].as_array().unwrap().len(), 2);
    let ticks: Vec<i64> = times(&out)
        .iter()
        .map(|(t, base)| t * 30000 / base)
        .collect();
    assert_eq!(ticks, (0..600).map(|n| n * 1001).collect::<Vec<_>>());
    assert_eq!(
        (done["frames"].as_u64(), done["sound_tracks"].as_u64()),
        (Some(600), Some(1))
    );
    assert!(
        done["network_share"]
            .as_f64()
            .is_some_and(|share| share > 0.0 && share <= 1.0)
    );
    assert!(
        strays(
            &dir,
            &[
                "a.png",
                "b.png",
                "plain.mp4",
                "meta.txt",
                "in.mp4",
                "out.mp4"
            ]
        )
        .is_empty()
    );

    // The first frame has the first style, the last frame the second.
    let (photos, painted) = (frames(&source), frames(&out));
    for (n, name, other) in [(0, "a.png", "b.png"), (599, "b.png", "a.png")] {
        save(&dir, "frame.png", &photos[n]);
        let paint = |style: &str| {
            let line = format!("stylize frame.png --style {style} --model live -o still.png");
            command(&dir, &line).assert().success();
            psnr(&open(dir.path().join("still.png")), &painted[n])
        };
        let (own, wrong) = (paint(name), paint(other));
        assert!(
            own > wrong + 6.0,
            "frame {n}: {own} dB to {name}, {wrong} dB to {other}"
        );
        keep(&format!("film-{n}.png"), &painted[n]);
    }
}

#[test]
fn a_film_of_variable_rate_keeps_the_time_of_each_frame() {
    let Some(dir) = workplace() else { return };
    clip(&dir, "even.mp4", (64, 48), 50, "25", "-c:a aac");
    ffmpeg(
        &dir,
        "-i even.mp4 -vf settb=1/15360,setpts=(N+0.4*mod(N\\,3)+3*gt(N\\,20))*614+511 -vsync passthrough -enc_time_base 1:15360 \
         -video_track_timescale 15360 -c:a copy in.mp4",
    );
    quick(&dir, "film in.mp4 --style a.png --piece 16 -o out.mp4")
        .assert()
        .success();
    let film = |name: &str| times(&dir.path().join(name));
    let (before, after) = (film("in.mp4"), film("out.mp4"));
    assert_eq!(before.len(), 50);
    assert_eq!(before, after);
    let steps: std::collections::HashSet<_> = after.windows(2).map(|w| w[1].0 - w[0].0).collect();
    assert!(steps.len() > 2, "the rate varies: {steps:?}");
    let (before, after) = (
        probe(&dir.path().join("in.mp4")),
        probe(&dir.path().join("out.mp4")),
    );
    let length = |probed: &serde_json::Value| stream(probed, "video")["duration_ts"].as_i64();
    assert_eq!(length(&before), length(&after));
    assert_eq!(
        stream(&before, "audio")["duration"],
        stream(&after, "audio")["duration"]
    );
}

#[test]
fn matrix_and_range_are_kept_at_strength_0() {
    let Some(dir) = workplace() else { return };
    clip(
        &dir,
        "plain.mkv",
        (64, 48),
        8,
        "25",
        "-c:v ffv1 -pix_fmt bgr0 -c:a aac",
    );
    for (matrix, range) in [("bt709", "tv"), ("bt709", "pc"), ("smpte170m", "tv")] {
        let scale = if matrix == "bt709" { "bt709" } else { "bt601" };
        ffmpeg(
            &dir,
            &format!(
                "-i plain.mkv -vf scale=out_color_matrix={scale}:out_range={range},format=yuv420p -colorspace {matrix} \
                 -color_range {range} -color_primaries {matrix} -color_trc {matrix} -crf 10 in.mp4"
            ),
        );
        quick(
            &dir,
            "film in.mp4 --style a.png --strength 0 --crf 10 -o out.mp4",
        )
        .assert()
        .success();
        let probed = probe(&dir.path().join("out.mp4"));
        let video = stream(&probed, "video");
        assert_eq!(video["color_space"], matrix);
        assert_eq!(video["color_range"], range);
        assert_eq!(video["color_primaries"], matrix);
        assert_eq!(video["color_transfer"], matrix);
        // Frames of both are decoded with the matrix that they name.
        let first = |name: &str| {
            let line = format!(
                "-i {name} -vf scale=in_color_matrix={scale}:in_range={range} -frames:v 1 {name}.png"
            );
            ffmpeg(&dir, &line);
            open(dir.path().join(format!("{name}.png")))
        };
        let likeness = psnr(&first("in.mp4"), &first("out.mp4"));
        assert!(likeness > 34.0, "{matrix} {range}: {likeness} dB");
    }
}

#[test]
fn odd_sizes_pixel_aspects_and_rotations() {
    let Some(dir) = workplace() else { return };
    clip(
        &dir,
        "odd.mkv",
        (67, 49),
        6,
        "25",
        "-c:v ffv1 -pix_fmt bgr0 -c:a aac",
    );
    let output = quick(&dir, "film odd.mkv --style a.png -o out.mp4")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("68x50"), "{}", stderr(&output));
    let sides = |name: &str| {
        let probed = probe(&dir.path().join(name));
        let video = stream(&probed, "video").clone();
        (
            video["width"].as_u64().unwrap(),
            video["height"].as_u64().unwrap(),
            video,
        )
    };
    assert_eq!((sides("out.mp4").0, sides("out.mp4").1), (68, 50));
    quick(
        &dir,
        "film odd.mkv --style a.png --codec ffv1 -o lossless.mkv",
    )
    .assert()
    .success();
    assert_eq!((sides("lossless.mkv").0, sides("lossless.mkv").1), (67, 49));

    clip(
        &dir,
        "wide.mp4",
        (72, 48),
        6,
        "25",
        "-vf setsar=64/45 -c:a aac",
    );
    quick(&dir, "film wide.mp4 --style a.png -o out.mp4")
        .assert()
        .success();
    assert_eq!(sides("out.mp4").2["sample_aspect_ratio"], "64:45");
    quick(&dir, "film wide.mp4 --style a.png --size 128 -o out.mp4")
        .assert()
        .success();
    let (width, height, video) = sides("out.mp4");
    assert_eq!((width, height), (128, 60));
    assert_eq!(video["sample_aspect_ratio"], "1:1");

    ffmpeg(
        &dir,
        "-i wide.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4",
    );
    quick(&dir, "film turned.mp4 --style a.png -o out.mp4")
        .assert()
        .success();
    let (width, height, video) = sides("out.mp4");
    assert_eq!((width, height), (48, 72));
    assert_eq!(video["sample_aspect_ratio"], "45:64");
    assert!(video["side_data_list"].is_null(), "it is upright now");
}

#[test]
fn a_part_of_a_film_has_the_sound_of_that_part() {
    let Some(dir) = workplace() else { return };
    clip(&dir, "in.mp4", (64, 48), 100, "25", "-c:a aac");
    quick(
        &dir,
        "film in.mp4 --style a.png --start 1 --end 0:02.6 -o out.mp4",
    )
    .assert()
    .success();
    let probed = probe(&dir.path().join("out.mp4"));
    assert_eq!(stream(&probed, "video")["nb_read_frames"], "40");
    let sound = stream(&probed, "audio")["duration"].as_str().unwrap();
    let sound: f64 = sound.parse().unwrap();
    assert!((sound - 1.6).abs() < 0.06, "{sound} s of sound");
    let said = refusal(&mut quick(
        &dir,
        "film in.mp4 --style a.png --start 9 -o late.mp4",
    ));
    assert!(said.contains("no frame"), "{said}");
    let said = refusal(&mut quick(
        &dir,
        "film in.mp4 --style a.png --start 2 --end 1 -o late.mp4",
    ));
    assert!(said.contains("behind the start"), "{said}");
}

#[test]
fn sound_and_subtitles_that_the_output_cannot_hold_are_converted_or_left_out_and_said() {
    let Some(dir) = workplace() else { return };
    clip(&dir, "plain.mkv", (64, 48), 30, "25", "-c:a pcm_s16le");
    std::fs::write(
        dir.path().join("s.srt"),
        "1\n00:00:00,100 --> 00:00:01,000\nWaves\n",
    )
    .unwrap();
    ffmpeg(&dir, "-i plain.mkv -i s.srt -map 0 -map 1 -c copy in.mkv");
    quick(&dir, "film in.mkv --style a.png -o same.mkv")
        .assert()
        .success();
    let probed = probe(&dir.path().join("same.mkv"));
    assert_eq!(stream(&probed, "audio")["codec_name"], "pcm_s16le");
    assert_eq!(stream(&probed, "subtitle")["codec_name"], "subrip");
    let output = quick(&dir, "film in.mkv --style a.png -o out.mp4")
        .output()
        .unwrap();
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    let probed = probe(&dir.path().join("out.mp4"));
    assert_eq!(
        stream(&probed, "subtitle")["codec_name"],
        "mov_text",
        "{text}"
    );
    assert!(
        text.contains("subtitles 2 (subrip): mp4 cannot hold it as it is"),
        "{text}"
    );
    assert!(
        ["pcm_s16le", "aac"].contains(&stream(&probed, "audio")["codec_name"].as_str().unwrap())
    );
}

#[test]
fn high_dynamic_range_is_tone_mapped_or_refused_in_words() {
    let Some(dir) = workplace() else { return };
    clip(
        &dir,
        "in.mp4",
        (64, 48),
        8,
        "25",
        "-c:a aac -pix_fmt yuv420p10le -c:v libx264 -colorspace bt2020nc -color_trc smpte2084 -color_primaries bt2020",
    );
    let output = quick(&dir, "film in.mp4 --style a.png -o out.mp4")
        .output()
        .unwrap();
    let text = stderr(&output);
    if !output.status.success() {
        assert!(text.contains("needs an ffmpeg with the filter"), "{text}");
        return;
    }
    assert!(text.contains("tone-mapped"), "{text}");
    let probed = probe(&dir.path().join("out.mp4"));
    let video = stream(&probed, "video");
    assert_eq!(
        (&video["color_transfer"], &video["color_space"]),
        (&"bt709".into(), &"bt709".into())
    );
    assert_eq!(video["pix_fmt"], "yuv420p");
}

#[test]
fn a_preview_is_a_sheet_of_stills() {
    let Some(dir) = workplace() else { return };
    clip(&dir, "in.mp4", (96, 64), 40, "25", "-c:a aac");
    let line = "film in.mp4 --style a.png --style b.png --glide-over-film --strength 0.8 --preview --json -o sheet.png";
    let done = json(&mut quick(&dir, line));
    let seconds: Vec<f64> = done["seconds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_f64().unwrap())
        .collect();
    assert_eq!(seconds.len(), 10);
    assert_eq!((seconds[0], seconds[9]), (0.0, 39.0 / 25.0));
    let sheet = open(dir.path().join("sheet.png"));
    assert_eq!(sheet.dimensions(), (5 * 392 + 8, 2 * (256 + 24 + 8) + 8));
    keep("film-sheet.png", &sheet);
    assert!(strays(&dir, &["a.png", "b.png", "in.mp4", "sheet.png"]).is_empty());
}
