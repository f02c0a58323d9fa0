//! The optimiser: its gradient against differences of its loss, and its jobs as a user runs them.
#![allow(clippy::unwrap_used)]

mod common;

use common::{folder, impasto, save};
use image::{Rgb, RgbImage};
use impasto::gatys::{
    FeatureNetwork, Matching, Measure, Objective, Pictures, Planes, Pooling, Recipe, weighted,
};
use impasto::runtime::{Device, Runtime, SessionOptions};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::BTreeMap;
use tempfile::TempDir;

/// Numbers without a pattern, in -1..1, the same everywhere.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// A network like VGG-19 with a handful of channels: weights file of `blocks`, with combinations at relu2_1 if `combined`.
fn weights(blocks: &[usize], combined: bool) -> Vec<u8> {
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)> = BTreeMap::new();
    tensors.insert("input.scale".into(), (vec![3], vec![2.0, 1.8, 2.2]));
    tensors.insert("input.offset".into(), (vec![3], vec![-1.0, -0.9, -1.1]));
    let mut inputs = 3;
    for (block, convs) in blocks.iter().enumerate() {
        for conv in 1..=*convs {
            let outputs = 4 + block + conv;
            let size = 2.0 / (inputs as f32 * 9.0).sqrt();
            let seed = (block * 10 + conv) as u32;
            let kernel = numbers(outputs * inputs * 9, seed)
                .iter()
                .map(|v| v * size * 1.5)
                .collect();
            let name = format!("conv{}_{conv}", block + 1);
            tensors.insert(
                format!("{name}.weight"),
                (vec![outputs, inputs, 3, 3], kernel),
            );
            let bias = numbers(outputs, seed + 500)
                .iter()
                .map(|v| v * 0.1)
                .collect();
            tensors.insert(format!("{name}.bias"), (vec![outputs], bias));
            inputs = outputs;
            if combined && (block, conv) == (1, 1) {
                let kernel = numbers(3 * outputs, 77);
                tensors.insert("relu2_1.weight".into(), (vec![3, outputs, 1, 1], kernel));
                tensors.insert("relu2_1.bias".into(), (vec![3], vec![0.1, -0.2, 0.3]));
            }
        }
    }
    let bytes: BTreeMap<String, (Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(name, (dims, values))| {
            let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, (dims, raw))
        })
        .collect();
    let views = bytes.iter().map(|(name, (dims, raw))| {
        (
            name.as_str(),
            TensorView::new(Dtype::F32, dims.clone(), raw).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

fn planes(width: usize, height: usize, seed: u32) -> Planes {
    let values = numbers(3 * width * height, seed);
    Planes {
        width,
        height,
        values: values.iter().map(|v| 0.5 + 0.4 * v).collect(),
    }
}

fn cpu() -> SessionOptions {
    SessionOptions {
        device: Device::Cpu,
        ..SessionOptions::default()
    }
}

/// The gradient along random directions is what the loss changes by.
fn check_gradient(network: &FeatureNetwork, recipe: &Recipe, (width, height): (usize, usize)) {
    let runtime = Runtime::load(None).unwrap();
    let (content, style) = (planes(width, height, 1), planes(19, 22, 2));
    let pictures = Pictures {
        content: Some(&content),
        style: Some(&style),
    };
    let mut objective =
        Matching::new(&runtime, &cpu(), network, recipe, pictures, (width, height)).unwrap();
    let image = planes(width, height, 3).values;
    let mut gradient = vec![0.0; image.len()];
    let losses = objective.evaluate(&image, &mut gradient).unwrap();
    assert!(
        losses.total > 1e-3 && losses.total.is_finite(),
        "{losses:?}"
    );
    let sum: f64 = losses.terms.iter().sum();
    assert!((sum + losses.tv - losses.total).abs() < 1e-9 * losses.total);
    let length = gradient
        .iter()
        .map(|g| f64::from(*g).powi(2))
        .sum::<f64>()
        .sqrt();
    let step = 2e-3;
    for seed in 10..16 {
        // Half of the direction is the gradient itself, so that the slope is large against rounding.
        let noise = numbers(image.len(), seed);
        let direction: Vec<f64> = gradient
            .iter()
            .zip(&noise)
            .map(|(g, n)| {
                f64::from(*g) / length + 0.7 * f64::from(*n) / (image.len() as f64).sqrt()
            })
            .collect();
        let mut at = |by: f64| {
            let moved: Vec<f32> = image
                .iter()
                .zip(&direction)
                .map(|(v, d)| (f64::from(*v) + by * d) as f32)
                .collect();
            let mut unused = vec![0.0; moved.len()];
            objective.evaluate(&moved, &mut unused).unwrap().total
        };
        let slope = (at(step) - at(-step)) / (2.0 * step);
        let said: f64 = gradient
            .iter()
            .zip(&direction)
            .map(|(g, d)| f64::from(*g) * d)
            .sum();
        assert!(
            (slope - said).abs() < 0.01 * said.abs(),
            "{slope} {said} {recipe:?}"
        );
    }
}

fn recipe(content: &[&str], style: &[&str], pooling: Pooling, measure: Measure) -> Recipe {
    Recipe {
        content: weighted(content, 1.0).unwrap(),
        style: weighted(style, 4.0).unwrap(),
        tv: 0.3,
        pooling,
        measure,
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let network = FeatureNetwork::parse("tiny", &weights(&[2, 2, 3], false)).unwrap();
    for pooling in [Pooling::Average, Pooling::Max] {
        // Odd sides leave a row that no pool covers.
        for size in [(16, 12), (15, 13)] {
            let after = recipe(
                &["relu2_2"],
                &["relu1_1..relu3_1"],
                pooling,
                Measure::Relative,
            );
            check_gradient(&network, &after, size);
            let before = recipe(
                &["conv3_2", "relu1_2"],
                &["conv1_2", "conv2_2", "relu2_2"],
                pooling,
                Measure::Mean,
            );
            check_gradient(&network, &before, size);
        }
    }
    for measure in [Measure::Gatys, Measure::Size] {
        let other = recipe(&["relu3_3"], &["relu1_1"], Pooling::Average, measure);
        check_gradient(&network, &other, (16, 16));
    }
}

#[test]
fn combinations_of_channels_have_their_gradient_too() {
    let network = FeatureNetwork::parse("tiny", &weights(&[2, 2], true)).unwrap();
    let recipe = recipe(
        &["relu2_1"],
        &["relu2_1"],
        Pooling::Average,
        Measure::Relative,
    );
    check_gradient(&network, &recipe, (14, 10));
    assert!(network.has("relu2_1".parse().unwrap()) && !network.has("relu1_1".parse().unwrap()));
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    let runtime = Runtime::load(None).unwrap();
    let network = FeatureNetwork::parse("tiny", &weights(&[2, 2, 3, 1, 1], false)).unwrap();
    let content = planes(12, 12, 1);
    let pictures = Pictures {
        content: Some(&content),
        style: Some(&content),
    };
    let refused = |recipe: &Recipe, size| {
        let made = Matching::new(&runtime, &cpu(), &network, recipe, pictures, size);
        made.err().map(|e| e.to_string()).unwrap_or_default()
    };
    let deep = recipe(
        &["relu1_1"],
        &["relu5_1"],
        Pooling::Average,
        Measure::Relative,
    );
    assert!(
        refused(&deep, (12, 12)).contains("at least 16x16"),
        "{}",
        refused(&deep, (12, 12))
    );
    let absent = recipe(
        &["relu4_2"],
        &["relu1_1"],
        Pooling::Average,
        Measure::Relative,
    );
    assert!(refused(&absent, (12, 12)).contains("relu4_2"));
    let other_size = recipe(
        &["relu1_1"],
        &["relu1_1"],
        Pooling::Average,
        Measure::Relative,
    );
    assert!(refused(&other_size, (20, 12)).contains("another size"));
    let nothing = Recipe {
        content: vec![],
        style: vec![],
        ..other_size
    };
    assert!(refused(&nothing, (12, 12)).contains("weights are 0"));
}

#[test]
fn hostile_weights_are_refused() {
    let good = weights(&[2, 2], false);
    let refused = |bytes: &[u8]| {
        let made = FeatureNetwork::parse("x.safetensors", bytes);
        let message = made.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(message.contains("x.safetensors"), "{message}");
        message
    };
    refused(b"");
    refused(&[255; 64]);
    refused(&good[..good.len() - 5]);
    let one = |name: &str, dims: Vec<usize>, values: &[f32]| {
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let three = [1.0_f32; 3].map(f32::to_le_bytes).concat();
        let views = [
            (
                "input.scale",
                TensorView::new(Dtype::F32, vec![3], &three).unwrap(),
            ),
            (
                "input.offset",
                TensorView::new(Dtype::F32, vec![3], &three).unwrap(),
            ),
            (name, TensorView::new(Dtype::F32, dims, &raw).unwrap()),
        ];
        safetensors::serialize(views, None).unwrap()
    };
    assert!(refused(&one("other", vec![1], &[0.0])).contains("conv1_1"));
    assert!(refused(&one("conv1_1.weight", vec![1, 3, 3, 3], &[0.0; 27])).contains("bias"));
    assert!(refused(&one("conv1_1.weight", vec![27], &[0.0; 27])).contains("dimensions"));
    assert!(refused(&one("conv1_1.weight", vec![1, 3, 3, 3], &[f32::NAN; 27])).contains("finite"));
}

fn scene(dir: &TempDir) {
    let photo = RgbImage::from_fn(96, 64, |x, y| {
        let inside = (x as i32 - 40).pow(2) + (y as i32 - 30).pow(2) < 400;
        if inside {
            Rgb([220, 120, 40])
        } else {
            Rgb([(x * 2) as u8, 90, (y * 3) as u8])
        }
    });
    let painting = RgbImage::from_fn(80, 80, |x, y| {
        if (x / 5 + y / 5) % 2 == 0 {
            Rgb([20, 30, 120])
        } else {
            Rgb([230, 200, 60])
        }
    });
    save(dir, "photo.png", &photo);
    save(dir, "painting.png", &painting);
}

/// The program, for which VGG-19 is not installed, whatever this machine has.
fn program(dir: &TempDir) -> assert_cmd::Command {
    let mut program = impasto(dir);
    program.env("IMPASTO_MODELS", dir.path().join("models"));
    program
}

/// `impasto ARGUMENTS` in `dir` with `--json`.
fn json(dir: &TempDir, arguments: &[&str]) -> serde_json::Value {
    let done = program(dir)
        .args(arguments)
        .args(["--json", "--device", "cpu"])
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    serde_json::from_slice(&done.stdout).unwrap()
}

fn refused(dir: &TempDir, arguments: &[&str], said: &str) {
    let done = program(dir).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        !done.status.success() && complaint.contains(said),
        "{arguments:?}: {complaint}"
    );
}

#[test]
fn a_transfer_goes_down_and_is_the_same_twice() {
    let dir = folder();
    scene(&dir);
    let at = dir.path();
    let run = |name: &str, more: &[&str]| {
        let transfer = [
            "gatys",
            "transfer",
            "photo.png",
            "--style",
            "painting.png",
            "-o",
            name,
            "--size",
            "64",
            "--features",
            "compact",
        ];
        json(&dir, &[&transfer, more].concat())
    };
    let short = run("short.png", &["-n", "2"]);
    let long = run("long.png", &["-n", "15", "--curve", "--every", "10"]);
    assert!(
        long["total"].as_f64() < short["total"].as_f64().map(|t| 0.8 * t),
        "{short} {long}"
    );
    assert_eq!(
        image::open(at.join("long.png"))
            .unwrap()
            .to_rgb8()
            .dimensions(),
        (64, 43)
    );
    for name in ["long-curve.png", "long-curve.csv", "long-0010.png"] {
        assert!(at.join(name).is_file(), "{name}");
    }
    let again = run("again.png", &["-n", "15"]);
    assert_eq!(again["total"], long["total"]);
    assert_eq!(
        std::fs::read(at.join("again.png")).unwrap(),
        std::fs::read(at.join("long.png")).unwrap()
    );
    let other = run("other.png", &["-n", "15", "--seed", "1"]);
    assert_ne!(other["total"], long["total"]);
    let adam = run(
        "adam.png",
        &[
            "-n",
            "20",
            "--optimiser",
            "adam",
            "--init",
            "content",
            "--scales",
            "2",
        ],
    );
    assert!(adam["total"].as_f64() < short["total"].as_f64());
    let pastiche = run("pastiche.png", &["-n", "10", "--init", "pastiche"]);
    assert!(pastiche["total"].as_f64() < short["total"].as_f64());
}

#[test]
fn low_layers_are_reconstructed_better_than_deep_ones() {
    let dir = folder();
    scene(&dir);
    let psnr = |layer: &str| {
        let command = [
            "gatys",
            "reconstruct",
            "photo.png",
            "--layer",
            layer,
            "-o",
            "r.png",
            "--size",
            "64",
            "-n",
            "40",
            "--features",
            "compact",
        ];
        json(&dir, &command)["psnr"].as_f64().unwrap()
    };
    let (low, deep) = (psnr("relu1_1"), psnr("relu5_1"));
    assert!(
        low > deep + 5.0,
        "{low} dB at relu1_1, {deep} dB at relu5_1"
    );
}

#[test]
fn textures_and_grids_are_made() {
    let dir = folder();
    scene(&dir);
    let at = dir.path();
    let common = ["--size", "48", "-n", "3", "--features", "compact"];
    let texture = [
        "gatys",
        "synthesize",
        "painting.png",
        "--layers",
        "relu1_1..relu3_1",
        "-o",
        "t.png",
    ];
    assert_eq!(
        json(&dir, &[&texture[..], &common].concat())["terms"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let grid = [
        "gatys",
        "grid",
        "photo.png",
        "--style",
        "painting.png",
        "-o",
        "g.png",
        "--cell",
        "48",
    ];
    let lists = [
        "--layers",
        "relu1_1",
        "--layers",
        "relu1_1..relu3_1",
        "--inits",
        "noise,content",
        "--weights",
        "1,8",
    ];
    let made = json(&dir, &[&grid[..], &lists, &common].concat());
    assert_eq!(made["cells"].as_array().unwrap().len(), 8);
    assert_eq!(image::open(at.join("g.png")).unwrap().width(), 2 * 56 + 8);
}

#[test]
fn what_cannot_be_optimised_is_refused() {
    let dir = folder();
    scene(&dir);
    let at = dir.path();
    let transfer = [
        "gatys",
        "transfer",
        "photo.png",
        "-o",
        "x.png",
        "--features",
        "compact",
        "--size",
        "64",
        "--style",
    ];
    let with = |more: &[&'static str]| [&transfer[..], more].concat();
    refused(&dir, &with(&["@great-wave"]), "needs a picture");
    refused(
        &dir,
        &with(&[
            "painting.png",
            "--content-weight",
            "0",
            "--style-weight",
            "0",
        ]),
        "weights are 0",
    );
    refused(
        &dir,
        &with(&["painting.png", "--style-weight", "-1"]),
        "between 0",
    );
    refused(
        &dir,
        &with(&["painting.png", "--preset", "rembrandt"]),
        "rembrandt",
    );
    refused(
        &dir,
        &with(&["painting.png", "--content-layer", "conv9_1"]),
        "conv9_1",
    );
    refused(
        &dir,
        &with(&["painting.png", "--content-layer", "conv4_2"]),
        "has no conv4_2",
    );
    refused(
        &dir,
        &with(&["painting.png", "--iterations", "0"]),
        "--iterations",
    );
    refused(
        &dir,
        &with(&["painting.png", "--history", "0"]),
        "--history",
    );
    refused(
        &dir,
        &with(&["painting.png", "--init", "nowhere.png"]),
        "nowhere.png",
    );
    let small = [
        "gatys",
        "transfer",
        "photo.png",
        "--style",
        "painting.png",
        "-o",
        "x.png",
        "--size",
        "16",
        "--features",
        "compact",
    ];
    refused(&dir, &small, "at least 16x16");
    let unknown = [
        "gatys",
        "transfer",
        "photo.png",
        "--style",
        "painting.png",
        "-o",
        "x.png",
        "--features",
        "painting.png",
    ];
    refused(&dir, &unknown, "painting.png");
    let absent = [
        "gatys",
        "transfer",
        "photo.png",
        "--style",
        "painting.png",
        "-o",
        "x.png",
        "--features",
        "vgg19",
    ];
    refused(&dir, &absent, "not installed");
    assert!(!at.join("x.png").exists());
}

#[test]
fn weights_are_installed_with_their_hash_and_watched_over() {
    let dir = folder();
    scene(&dir);
    let at = dir.path();
    std::fs::write(at.join("w.safetensors"), weights(&[2, 2, 3, 2, 1], false)).unwrap();
    std::fs::write(at.join("short.safetensors"), weights(&[2, 2], false)).unwrap();
    let run = |arguments: &[&str]| {
        let done = program(&dir).args(arguments).output().unwrap();
        (
            done.status.success(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    };
    let (done, said) = run(&["models", "add", "vgg19", "short.safetensors"]);
    assert!(!done && said.contains("relu3_1"), "{said}");
    assert!(run(&["models", "add", "vgg19", "w.safetensors"]).0);
    let transfer = [
        "gatys",
        "transfer",
        "photo.png",
        "--style",
        "painting.png",
        "-o",
        "x.png",
        "--size",
        "64",
        "-n",
        "1",
    ];
    let (done, said) = run(&transfer);
    assert!(done && said.contains("features: vgg19"), "{said}");
    std::fs::write(
        at.join("models/vgg19.safetensors"),
        weights(&[2, 2, 3, 2, 2], false),
    )
    .unwrap();
    let (done, said) = run(&transfer);
    assert!(!done && said.contains("not what was installed"), "{said}");
}

#[test]
fn a_verification_writes_its_report_and_judges() {
    let dir = folder();
    scene(&dir);
    let at = dir.path();
    let run = |more: &[&str]| {
        let verify = [
            "verify",
            "photo.png",
            "--style",
            "painting.png",
            "-o",
            "report",
            "--size",
            "64",
            "-n",
            "6",
            "--features",
            "compact",
            "--json",
        ];
        let done = program(&dir)
            .args([&verify, more].concat())
            .output()
            .unwrap();
        (
            done.status.code(),
            serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap_or_default(),
        )
    };
    let (code, report) = run(&["--least-share", "0", "--most-times", "1e9"]);
    assert_eq!(
        (code, &report["passed"]),
        (Some(0), &true.into()),
        "{report}"
    );
    for name in [
        "index.html",
        "report.json",
        "photo__painting/sheet.png",
        "photo__painting/curve.png",
        "photo__painting/optimum.png",
    ] {
        assert!(at.join("report").join(name).is_file(), "{name}");
    }
    let (code, report) = run(&["--least-share", "1", "--most-times", "1"]);
    assert_eq!(
        (code, &report["passed"]),
        (Some(2), &false.into()),
        "{report}"
    );
    std::fs::create_dir_all(at.join("photos")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/a.png")).unwrap();
    std::fs::copy(at.join("photo.png"), at.join("photos/b.png")).unwrap();
    let set = json(
        &dir,
        &[
            "verify",
            "--set",
            "photos",
            "painting.png",
            "-o",
            "all",
            "--size",
            "48",
            "-n",
            "2",
            "--features",
            "compact",
            "--least-share",
            "0",
            "--most-times",
            "1e9",
        ],
    );
    assert_eq!(set["pairs"].as_array().unwrap().len(), 2);
}

/// A picture that export/reference_gatys.py makes the same way.
fn waves(a: f64, b: f64) -> Planes {
    let side = 64;
    let value = |n: usize| 0.5 + 0.4 * (n as f64 * a).sin() * (n as f64 * b).cos();
    Planes {
        width: side,
        height: side,
        values: (0..3 * side * side).map(|n| value(n) as f32).collect(),
    }
}

/// The authors' weights as export/vgg19.py writes them: for RGB in 0..=1.
fn authors_vgg19(path: &std::path::Path) -> FeatureNetwork {
    let bytes = std::fs::read(path).unwrap();
    let given = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> = BTreeMap::new();
    for (name, view) in given.iter() {
        let mut data = view.data().to_vec();
        if name == "conv1_1.weight" {
            let plane = data.len() / (64 * 3);
            for kernel in data.chunks_exact_mut(3 * plane) {
                let (red, rest) = kernel.split_at_mut(plane);
                red.swap_with_slice(&mut rest[plane..]);
            }
        }
        tensors.insert(name.to_owned(), (view.dtype(), view.shape().to_vec(), data));
    }
    let three = |values: [f32; 3]| (Dtype::F32, vec![3], values.map(f32::to_le_bytes).concat());
    tensors.insert("input.scale".into(), three([255.0; 3]));
    tensors.insert("input.offset".into(), three([-123.68, -116.779, -103.939]));
    let views = tensors.iter().map(|(name, (kind, dims, data))| {
        (
            name.as_str(),
            TensorView::new(*kind, dims.clone(), data).unwrap(),
        )
    });
    FeatureNetwork::parse("vgg19", &safetensors::serialize(views, None).unwrap()).unwrap()
}

/// What PyTorch finds; see below.
const LOSS: f64 = 13.891564728637187;
const LENGTH: f64 = 1.8675462210819802;
const ALONG_WAVES: [f64; 6] = [
    0.11947934212068506,
    0.28394519730635576,
    -0.23824510421026607,
    0.3497147023253652,
    -0.23954561327712998,
    -0.3680085283504728,
];

/// Loss and gradient of real VGG-19 against PyTorch's autograd in float64 (`export/reference_gatys.py --check DIR`): the
/// loss, the gradient's length and what it is along six waves. With `IMPASTO_REFERENCE=DIR` every value of it.
#[test]
fn vgg19_has_the_gradient_that_pytorch_finds() {
    let Some(assets) = std::env::var_os("IMPASTO_ASSETS") else {
        eprintln!("skipped: IMPASTO_ASSETS is not set");
        return;
    };
    let assets = std::path::PathBuf::from(assets);
    let network = authors_vgg19(&assets.join("weights/vgg19/vgg19_conv.safetensors"));
    let (content, style, image) = (waves(0.013, 0.0007), waves(0.29, 0.003), waves(0.37, 0.011));
    let pictures = Pictures {
        content: Some(&content),
        style: Some(&style),
    };
    let recipe = Recipe::preset("balanced").unwrap();
    let runtime = Runtime::load(None).unwrap();
    let mut objective =
        Matching::new(&runtime, &cpu(), &network, &recipe, pictures, (64, 64)).unwrap();
    let mut gradient = vec![0.0; image.values.len()];
    let losses = objective.evaluate(&image.values, &mut gradient).unwrap();
    let found: Vec<f64> = gradient.iter().map(|g| f64::from(*g)).collect();
    let length = found.iter().map(|g| g * g).sum::<f64>().sqrt();
    assert!(
        (losses.total / LOSS - 1.0).abs() < 1e-4,
        "{} {LOSS}",
        losses.total
    );
    assert!((length / LENGTH - 1.0).abs() < 1e-3, "{length} {LENGTH}");
    for (k, wanted) in ALONG_WAVES.iter().enumerate() {
        let wave = |n: usize| (n as f64 * 0.1 * (k + 1) as f64).sin();
        let along: f64 = found.iter().enumerate().map(|(n, g)| g * wave(n)).sum();
        assert!(
            (along - wanted).abs() < 1e-3 * LENGTH,
            "{k}: {along} {wanted}"
        );
    }
    if let Some(folder) = std::env::var_os("IMPASTO_REFERENCE") {
        let bytes = std::fs::read(std::path::Path::new(&folder).join("gradient.f64")).unwrap();
        let wanted = bytes
            .chunks_exact(8)
            .map(|b| f64::from_le_bytes(b.try_into().unwrap()));
        let error: f64 = wanted.zip(&found).map(|(a, b)| (a - b).powi(2)).sum();
        eprintln!(
            "relative error of the gradient: {:e}",
            error.sqrt() / LENGTH
        );
        assert!(error.sqrt() < 1e-3 * LENGTH);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_writes_the_best_picture_so_far() {
    let dir = folder();
    scene(&dir);
    let command = "gatys transfer photo.png --style painting.png -o x.png --size 48 -n 100000 --every 3 --features compact --device cpu";
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_impasto"))
        .args(command.split(' '))
        .current_dir(dir.path())
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    while !dir.path().join("x-0003.png").exists() {
        assert!(began.elapsed().as_secs() < 120 && child.try_wait().unwrap().is_none());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(!dir.path().join("x.png").exists());
    let id = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let size = image::open(dir.path().join("x.png"))
        .unwrap()
        .to_rgb8()
        .dimensions();
    assert_eq!(size, (48, 32));
}
