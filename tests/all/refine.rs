//! Refinement: the way back through the networks, and what is found on it.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use crate::common::*;
use image::RgbImage;
use impasto::catalog::{self, ModelSet};
use impasto::device::Device;
use impasto::engine::{EngineBuilder, StyleGradient};
use impasto::gatys::{
    FeatureNetwork, GatysObjective, Measure, Objective, Pooling, Recipe, TargetPictures, planes,
    weighted,
};
use impasto::jobs::{AddStyle, FileOptions, Mismatch, Refinement, Refiner, StyleBook, StylizeJob};
use impasto::picture::Colors;
use impasto::progress::Progress;
use impasto::runtime::{Runtime, SessionOptions};
use impasto::style::Gallery;
use impasto::{Engine, Error, StyleEmbedding};
use ndarray::ArrayView3;

fn cpu() -> SessionOptions {
    SessionOptions {
        device: Device::Cpu,
        threads: Some(1),
        bf16: false,
    }
}

fn style_gradient(set: &ModelSet, photo: &RgbImage) -> StyleGradient {
    let runtime = Runtime::load(None).unwrap();
    StyleGradient::open(&runtime, set, photo.dimensions(), &cpu()).unwrap()
}

/// A value for each byte of a picture, `[H, W, 3]`.
fn array<'a>(photo: &RgbImage, values: &'a [f32]) -> ArrayView3<'a, f32> {
    ArrayView3::from_shape(impasto::picture::view(photo).dim(), values).unwrap()
}

/// Weights of a loss, one for each byte of a picture; no two channels or places have the same.
fn waves(photo: &RgbImage) -> Vec<f32> {
    let wave = |n: usize| (n as f32 * 0.37).sin() + (n as f32 * 0.0113).cos() * 0.5;
    (0..photo.as_raw().len()).map(wave).collect()
}

/// The tiny transformer is gamma (x - mean) / sigma + beta, and its embedding holds three betas and one gamma: so the
/// derivative is known without any network.
#[test]
fn the_gradient_of_the_tiny_model_is_the_one_on_paper() {
    let set = catalog::find(Some(&tiny())).unwrap();
    let photo = scene(21, 34);
    let style = StyleEmbedding::new(vec![0.5, 0.45, 0.55, 0.1], set.space.clone()).unwrap();
    let pull = waves(&photo);
    let found = style_gradient(&set, &photo)
        .gradient(&photo, &style, array(&photo, &pull))
        .unwrap();

    let mut wanted = [0.0_f64; 4];
    let values: Vec<f64> = photo
        .as_raw()
        .iter()
        .map(|v| f64::from(*v) / 255.0)
        .collect();
    let count = (values.len() / 3) as f64;
    for channel in 0..3 {
        let plane = || values.iter().skip(channel).step_by(3);
        let mean = plane().sum::<f64>() / count;
        let variance = plane().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        for (v, p) in plane().zip(pull.iter().skip(channel).step_by(3)) {
            let p = f64::from(*p) * 255.0;
            wanted[channel] += p;
            wanted[3] += p * (v - mean) / (variance + 1e-5).sqrt();
        }
    }
    let size = wanted.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
    for (f, w) in found.iter().zip(wanted) {
        assert!(
            (f64::from(*f) - w).abs() < 1e-4 * size,
            "{found:?} {wanted:?}"
        );
    }
}

/// What the bundled transformers paint changes as the gradient says, along the gradient and in other directions.
#[test]
fn the_gradient_of_the_bundled_models_is_the_slope() {
    let painting = image::imageops::rotate90(&scene(90, 70));
    for name in catalog::names().unwrap() {
        let set = catalog::find(Some(&name)).unwrap();
        let builder = Engine::builder().device(Device::Cpu).threads(1);
        let mut engine = builder.model(&name).build().unwrap();
        let start = match set.predictor {
            Some(_) => engine.embed(&painting).unwrap(),
            None => bundled_style(&name),
        };
        // Neither side is a multiple of 4.
        let photo = scene(133, 97);
        // Smooth weights: the rounding of bytes is lost in their sum.
        let weight = |x: u32, y: u32, c: u32| {
            (x as f32 * 0.031 + c as f32).sin() + (y as f32 * 0.043).cos() * 0.7
        };
        let pull: Vec<f32> = (0..97)
            .flat_map(|y| (0..133).flat_map(move |x| [0, 1, 2].map(|c| weight(x, y, c))))
            .collect();
        let gradient = style_gradient(&set, &photo)
            .gradient(&photo, &start, array(&photo, &pull))
            .unwrap();
        let length = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
        let gradient: Vec<f64> = gradient.iter().map(|g| f64::from(*g)).collect();
        let mut loss = |direction: &[f64], by: f64| -> f64 {
            let values = start.values();
            let moved = values.iter().zip(direction);
            let moved = moved
                .map(|(v, d)| (f64::from(*v) + by * d) as f32)
                .collect::<Vec<_>>();
            let style = StyleEmbedding::new(moved, set.space.clone()).unwrap();
            let pastiche = engine.stylize(&photo, &style).unwrap();
            let bytes = pastiche.as_raw().iter().zip(&pull);
            bytes.map(|(b, p)| f64::from(*b) * f64::from(*p)).sum()
        };
        let size = length(&gradient);
        for turn in 0..3 {
            let aside = optimise::numbers(gradient.len(), turn);
            let share = f64::from(turn) * 0.05;
            let direction: Vec<f64> = gradient
                .iter()
                .zip(aside)
                .map(|(g, a)| g / size + share * f64::from(a))
                .collect();
            let said: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
            let step = 0.02 / length(&direction);
            let slope = (loss(&direction, step) - loss(&direction, -step)) / (2.0 * step);
            assert!(
                (slope - said).abs() < 0.02 * said.abs(),
                "{name}, direction {turn}: {slope}, not {said}"
            );
        }
    }
}

/// The errors of `style` on `photo`, found without the refiner.
fn errors(photo: &RgbImage, painting: &RgbImage, style: &StyleEmbedding) -> Mismatch {
    let found = catalog::features(Some("compact")).unwrap();
    let network = FeatureNetwork::parse(&found.name, &found.bytes).unwrap();
    let recipe = Recipe {
        content: weighted(&["relu4_2"], 1.0).unwrap(),
        style: weighted(&["relu1_1..relu5_1"], 1.0).unwrap(),
        tv: 0.0,
        pooling: Pooling::Average,
        measure: Measure::Relative,
    };
    let pastiche = tiny_engine().stylize(photo, style).unwrap();
    let size = (photo.width() as usize, photo.height() as usize);
    let (content, painting) = (planes::from_picture(photo), planes::from_picture(painting));
    let pictures = TargetPictures {
        content: Some(&content),
        style: Some(&painting),
    };
    let runtime = Runtime::load(None).unwrap();
    let mut objective =
        GatysObjective::new(&runtime, &cpu(), &network, &recipe, pictures, size).unwrap();
    let mut image = planes::from_picture(&pastiche);
    let image = planes::values(&mut image).unwrap();
    let losses = objective.evaluate(image, &mut vec![0.0; image.len()]);
    let losses = losses.unwrap();
    Mismatch {
        content: losses.content,
        style: losses.style,
    }
}

fn tiny_options() -> EngineBuilder {
    Engine::builder()
        .device(Device::Cpu)
        .threads(1)
        .model(tiny())
}

fn tiny_engine() -> Engine {
    tiny_options().build().unwrap()
}

fn loss(errors: Mismatch) -> f64 {
    errors.content + 36.0 * errors.style
}

/// A painting that the tiny predictor does not get right at once.
fn squares() -> RgbImage {
    RgbImage::from_fn(64, 48, |x, y| {
        let odd = (x / 7 + y / 5) % 2 == 0;
        image::Rgb(if odd { [20, 30, 120] } else { [230, 200, 60] })
    })
}

#[test]
fn what_is_refined_is_better_by_as_much_as_is_said() {
    let refiner = Refiner::open(&tiny_options(), Some("compact")).unwrap();
    let mut engine = tiny_engine();
    // Of one area, so that the painting is measured as it is.
    let photos = [scene(64, 48), image::imageops::rotate180(&scene(48, 64))];
    let painting = squares();
    let start = engine.embed(&painting).unwrap();
    let mut told = Vec::new();
    let refined = refiner
        .refine(&mut engine, &photos, &painting, 8, &mut |step| {
            told.push(step);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((refined.steps, told), (8, (0..8).collect::<Vec<_>>()));
    assert!(
        loss(refined.after) < 0.9 * loss(refined.before),
        "{refined:?}"
    );
    assert_eq!(refined.style.space(), start.space());
    for (said, style) in [(refined.before, &start), (refined.after, &refined.style)] {
        let found = photos.each_ref().map(|p| errors(p, &painting, style));
        let mean = |of: fn(&Mismatch) -> f64| found.iter().map(of).sum::<f64>() / 2.0;
        let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * b;
        assert!(
            near(said.content, mean(|e| e.content)) && near(said.style, mean(|e| e.style)),
            "{said:?} {found:?}"
        );
    }
}

#[test]
fn nonsense_is_refused_before_the_work() {
    let refiner = Refiner::open(&tiny_options(), Some("compact")).unwrap();
    let mut engine = tiny_engine();
    let mut refused = |photos: &[RgbImage], steps| {
        let mut watch = |_| -> ControlFlow<()> { panic!("it began") };
        let made = refiner.refine(&mut engine, photos, &scene(64, 48), steps, &mut watch);
        made.unwrap_err().to_string()
    };
    assert!(refused(&[scene(64, 48)], 0).contains("refine"));
    assert!(refused(&[scene(64, 48)], 1001).contains("refine"));
    assert!(refused(&[], 5).contains("photo"));
    assert!(refused(&[scene(15, 48)], 5).contains("16x16"));
}

/// A user who presses Ctrl-C after so many steps.
struct Impatient(usize);

impl Progress for Impatient {
    fn step(&mut self, _: usize, _: usize, _: &str) -> ControlFlow<()> {
        if self.0 == 0 {
            return ControlFlow::Break(());
        }
        self.0 -= 1;
        ControlFlow::Continue(())
    }

    fn note(&mut self, _: &str) {}
}

impl impasto::jobs::StylizeProgress for Impatient {}

#[test]
fn stopped_half_way_it_leaves_nothing() {
    let dir = folder();
    let photo = save(&dir, "photo.png", &scene(64, 48));
    let painting = save(&dir, "painting.png", &scene(48, 64));
    let path = dir.path().join("gallery.toml");
    let job = StylizeJob {
        contents: vec![photo],
        styles: vec![painting.to_str().unwrap().parse().unwrap()],
        each: false,
        strength: 1.0,
        size: None,
        brush: None,
        colors: Colors::default(),
        files: FileOptions::default(),
        refine: Some(50),
        best: None,
        regions: Default::default(),
        features: Some("compact".to_owned()),
        output: dir.path().join("out.png"),
        shard: None,
        resume: false,
        gallery: Some(path.clone()),
        engine: tiny_options(),
    };
    let stopped = impasto::jobs::stylize(&job, &mut Impatient(4)).unwrap_err();
    assert!(matches!(stopped, Error::Interrupted), "{stopped}");
    let add = AddStyle {
        picture: painting,
        name: "mine".to_owned(),
        refine: Some(Refinement {
            steps: 50,
            features: Some("compact".to_owned()),
            photos: vec![],
            engine: tiny_options(),
        }),
        ..AddStyle::default()
    };
    let mut book = StyleBook::open(Gallery::default(), path).unwrap();
    let stopped = book.add(&mut tiny_engine(), &add, &mut Impatient(2));
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert!(book.get("mine").is_err());
    assert!(strays(&dir, &["photo.png", "painting.png"]).is_empty());
}

fn inverted(width: u32, height: u32) -> RgbImage {
    let mut picture = scene(width, height);
    image::imageops::invert(&mut picture);
    picture
}

#[test]
fn a_style_is_refined_for_a_photo() {
    let dir = folder();
    save(&dir, "photo.png", &scene(96, 72));
    save(&dir, "a.png", &image::imageops::rotate90(&scene(80, 60)));
    save(&dir, "b.png", &inverted(80, 60));
    let line = "stylize photo.png --style a.png:0.7 --style b.png:0.3 --device cpu -o";
    quick(&dir, &format!("{line} plain.png")).assert().success();
    let report = json(&mut quick(
        &dir,
        &format!("{line} fitted.png --refine=6 --features compact --json"),
    ));
    let parts = report["pictures"][0]["refined"].as_array().unwrap();
    let names: Vec<_> = parts.iter().map(|p| p["style"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    for part in parts {
        let total = |when: &str| {
            let error = |what: &str| part[when][what].as_f64().unwrap();
            error("content_error") + 36.0 * error("style_error")
        };
        assert_eq!(
            (&part["steps"], &part["features"]),
            (&6.into(), &"compact".into())
        );
        assert!(total("after") < total("before"), "{part}");
    }
    let (plain, fitted) = (
        open(dir.path().join("plain.png")),
        open(dir.path().join("fitted.png")),
    );
    assert_eq!(plain.dimensions(), fitted.dimensions());
    assert!(psnr(&plain, &fitted) < 45.0, "nothing was refined");

    // A bare --refine does not take the photo for its number.
    let line =
        "stylize --refine photo.png --features compact --style a.png --device cpu -o bare.png";
    quick(&dir, line).assert().success();
}

#[test]
fn a_refined_style_is_kept_like_any_other() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    save(&dir, "other.png", &inverted(60, 80));
    save(&dir, "a.png", &squares());
    let quick = |line: &str| {
        let output = quick(&dir, line).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    quick("styles add a.png --name plain");
    let said = quick(
        "styles add a.png --name fitted --refine=8 --features compact --on photo.png --on other.png",
    );
    assert!(said.contains("refined in 8 steps"), "{said}");
    quick("styles add a.png --name card --refine=8 --features compact");
    let text = std::fs::read_to_string(dir.path().join("gallery.toml")).unwrap();
    let gallery = Gallery::parse("g", &text).unwrap();
    let [plain, fitted, card] =
        ["plain", "fitted", "card"].map(|name| gallery.get(name).unwrap().embedding().unwrap());
    let moved = [&fitted, &card].map(|style| plain.distance(style));
    assert!(moved.iter().all(|d| *d > 0.01), "{moved:?} {said}");
    quick("stylize photo.png --style @fitted:0.5 --style @card:0.5 -o blend.png");
}

#[test]
fn what_cannot_be_refined_is_said() {
    let dir = folder();
    save(&dir, "photo.png", &scene(64, 48));
    let line = "stylize photo.png --style photo.png -o out.png --refine=2 --model";
    let model = repository("tests/data/fixed").display().to_string();
    let said = refusal(command(&dir, line).arg(&model));
    assert!(
        said.contains("transformer.onnx")
            && said.contains("Abs")
            && said.contains("leave refinement out"),
        "{said}"
    );
    let without = line
        .replace("--refine=2 ", "")
        .replace("out.png", "fine.png");
    command(&dir, &without).arg(&model).assert().success();

    let named = quick(
        &dir,
        "stylize photo.png --style @the-scream -o out.png --refine",
    )
    .output()
    .unwrap();
    let said = complaint(&named, 2);
    assert!(
        said.contains("@the-scream") && said.contains("picture"),
        "{said}"
    );
    for wrong in ["0", "1001", "many"] {
        let line = format!("stylize photo.png --style photo.png -o out.png --refine={wrong}");
        assert!(failure(&mut command(&dir, &line)).contains("--refine"));
    }
    for alone in [
        "styles add photo.png --name x --on photo.png",
        "stylize photo.png --style photo.png -o out.png --features compact",
    ] {
        assert!(failure(&mut command(&dir, alone)).contains("--refine"));
    }
    assert!(strays(&dir, &["photo.png", "fine.png"]).is_empty());
}
