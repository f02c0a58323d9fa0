//! `impasto film` from and into animations.

use super::*;

/// `impasto LINE` with tiny networks, which must succeed; what it says.
fn run(dir: &TempDir, line: &str) -> String {
    let output = quick(dir, line).output().unwrap();
    assert!(output.status.success(), "{line}: {}", stderr(&output));
    stderr(&output) + &String::from_utf8_lossy(&output.stdout)
}

fn durations(path: &Path) -> Vec<f64> {
    let timeline = Timeline::read(path, &Limits::default()).unwrap();
    timeline.durations.iter().map(|d| d.value()).collect()
}

#[test]
fn an_animation_is_painted_into_another_with_its_times_and_plays() {
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [4, 7, 2, 100].map(|n| Ratio::new(n, 100));
    let gif = dir.path().join("in.gif");
    write(&gif, &film(40, 24, 4), &seconds, times(3)).unwrap();
    // No ffmpeg is asked.
    for (from, to) in [
        ("in.gif", "a.webp"),
        ("a.webp", "b.png"),
        ("b.png", "c.gif"),
    ] {
        let line = format!("film {from} --style style.png -o {to}");
        let output = quick(&dir, &line)
            .env("IMPASTO_FFMPEG", "missing")
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        let path = dir.path().join(to);
        let timeline = Timeline::read(&path, &Limits::default()).unwrap();
        assert_eq!((timeline.width, timeline.height), (40, 24));
        assert_eq!(timeline.plays, times(3), "{to}");
        assert_eq!(durations(&path), [0.04, 0.07, 0.02, 1.0], "{to}");
        let pictures = |path: &Path| read(path).unwrap().into_iter().map(|f| f.0);
        let (painted, before) = (pictures(&path), pictures(&dir.path().join(from)));
        assert!(!painted.eq(before), "{to} is {from}");
    }
    run(
        &dir,
        "film in.gif --style style.png --start 0.04 --end 0.13 --size 64 -o part.webp",
    );
    let part = read(&dir.path().join("part.webp")).unwrap();
    assert_eq!(durations(&dir.path().join("part.webp")), [0.07, 0.02]);
    assert_eq!(part[0].0.dimensions(), (64, 38));
    save(&dir, "still.png", &scene(40, 30));
    run(&dir, "film still.png --style style.png -o still.gif");
    assert_eq!(durations(&dir.path().join("still.gif")), [0.1]);
    let known = [
        "style.png",
        "in.gif",
        "a.webp",
        "b.png",
        "c.gif",
        "part.webp",
        "still.png",
        "still.gif",
    ];
    assert_eq!(strays(&dir, &known), [""; 0]);
}

#[test]
fn animations_that_cannot_be_painted_are_refused_and_nothing_is_left() {
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [Ratio::new(1, 10); 2];
    write(
        &dir.path().join("in.gif"),
        &film(40, 24, 2),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    write(
        &dir.path().join("thin.gif"),
        &film(40, 1, 2),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    let whole = std::fs::read(dir.path().join("in.gif")).unwrap();
    put(&dir, "cut.gif", &whole[..whole.len() - 9]);
    let said =
        |line: &str| refused_run(&mut quick(&dir, &format!("film {line} --style style.png")));
    assert!(said("cut.gif -o out.webp").contains("cut.gif: the GIF is cut short after 1 frame"));
    assert!(
        said("thin.gif -o out.webp").contains("thin.gif is 40x1 pixels; at least 16x16 are needed")
    );
    assert!(said("in.gif -o in.gif").contains("it is the input in.gif itself"));
    assert!(said("in.gif -o style.png").contains("it is the input style.png itself"));
    assert!(said("in.gif --crf 20 -o out.webp").contains("crf: a WebP has no such setting"));
    assert!(said("in.gif --start 5 -o out.webp").contains("no frame between"));
    assert!(said("missing.gif -o out.webp").contains("missing.gif"));
    assert_eq!(
        strays(&dir, &["style.png", "in.gif", "thin.gif", "cut.gif"]),
        [""; 0]
    );
}

#[test]
fn a_keyframe_file_leads_through_the_film() {
    let dir = folder();
    save(&dir, "a b.png", &scene(64, 64));
    let other = RgbImage::from_fn(64, 64, |x, y| Rgb([255, (x * y) as u8, 0]));
    save(&dir, "c.png", &other);
    let still = vec![scene(32, 24); 5];
    let seconds = [Ratio::new(1, 10); 5];
    write(&dir.path().join("in.png"), &still, &seconds, Plays::Forever).unwrap();
    let keys = "# time style strength\n0 \"a b.png\" 0\n0:00.2 - 1\nend c.png\n";
    put(&dir, "keys.txt", keys.as_bytes());
    run(
        &dir,
        "film in.png --keyframes keys.txt --steady 0 -o keys.webp",
    );
    let painted = read(&dir.path().join("keys.webp")).unwrap();
    // Strength 0 is the film itself.
    assert_eq!(painted[0].0, still[0]);
    // At the rows it is as with that style alone.
    run(&dir, "film in.png --style c.png -o alone.webp");
    let alone = read(&dir.path().join("alone.webp")).unwrap();
    assert_eq!(painted[4].0, alone[0].0);
    assert!(painted[2].0 != painted[4].0 && painted[2].0 != still[0]);

    let said = |keys: &str| {
        put(&dir, "keys.txt", keys.as_bytes());
        refused_run(&mut quick(
            &dir,
            "film in.png --keyframes keys.txt -o out.webp",
        ))
    };
    assert!(said("0 c.png\n0:0x c.png").contains("keys.txt:2: '0:0x' is no time"));
    assert!(
        said("0 c.png\n1 @nobody").contains("keys.txt:2: style @nobody: is not in the gallery")
    );
    assert!(said("0 c.png\n9 c.png\nend c.png").contains("keys.txt:3: 'end' is at 0:00.4"));
    let line = "film in.png --keyframes keys.txt -o c.png";
    assert!(refused_run(&mut quick(&dir, line)).contains("it is the input c.png itself"));
    let line = "film in.png --keyframes keys.txt --style c.png -o out.webp";
    let both = stderr(&quick(&dir, line).output().unwrap());
    assert!(both.contains("cannot be used with"), "{both}");
    assert!(!dir.path().join("out.webp").exists());
}

#[test]
fn with_ffmpeg_films_become_animations_and_the_other_way_round() {
    let ffmpeg = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output();
    if !ffmpeg.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: no ffmpeg here");
        return;
    }
    let dir = folder();
    save(&dir, "style.png", &scene(64, 64));
    let seconds = [Ratio::new(1, 10); 5];
    write(
        &dir.path().join("in.gif"),
        &film(40, 24, 5),
        &seconds,
        Plays::Forever,
    )
    .unwrap();
    run(&dir, "film in.gif --style style.png -o film.mp4");
    run(&dir, "film film.mp4 --style style.png -o back.webp");
    let path = dir.path().join("back.webp");
    assert_eq!(durations(&path), [0.1; 5]);
    assert_eq!(
        Timeline::read(&path, &Limits::default()).unwrap().plays,
        Plays::Forever
    );
    let said = refused_run(&mut quick(
        &dir,
        "film back.webp --style style.png -o x.mp4",
    ));
    assert!(said.contains("paint back.webp into a .png first"), "{said}");
}
