//! The objective of the optimiser: its gradient against differences of its loss and against PyTorch; what it refuses.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::common::optimise::{floats, numbers, weights, weights_file};
use impasto::device::Device;
use impasto::gatys::{
    FeatureNetwork, GatysObjective, Measure, Objective, Planes, Pooling, Recipe, TargetPictures,
    weighted,
};
use impasto::runtime::{Runtime, SessionOptions};

fn planes(width: usize, height: usize, seed: u32) -> Planes {
    let values = numbers(3 * width * height, seed);
    let values = values.iter().map(|v| 0.5 + 0.4 * v).collect();
    Planes::from_shape_vec((3, height, width), values).unwrap()
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
    let pictures = TargetPictures {
        content: Some(&content),
        style: Some(&style),
    };
    let mut objective =
        GatysObjective::new(&runtime, &cpu(), network, recipe, pictures, (width, height)).unwrap();
    let image = planes(width, height, 3).into_iter().collect::<Vec<_>>();
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
    let pictures = TargetPictures {
        content: Some(&content),
        style: Some(&content),
    };
    let refused = |recipe: &Recipe, size| {
        let made = GatysObjective::new(&runtime, &cpu(), &network, recipe, pictures, size);
        made.err().map(|e| e.to_string()).unwrap_or_default()
    };
    let plain = |content: &str, style: &str| {
        recipe(&[content], &[style], Pooling::Average, Measure::Relative)
    };
    let deep = plain("relu1_1", "relu5_1");
    assert!(
        refused(&deep, (12, 12)).contains("at least 16x16"),
        "{}",
        refused(&deep, (12, 12))
    );
    let absent = plain("relu4_2", "relu1_1");
    assert!(refused(&absent, (12, 12)).contains("relu4_2"));
    let other_size = plain("relu1_1", "relu1_1");
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
    let one = |name: &str, dims: &[usize], values: &[f32]| {
        let three = || floats(&[3], &[1.0; 3]);
        weights_file(&BTreeMap::from([
            ("input.scale".to_owned(), three()),
            ("input.offset".to_owned(), three()),
            (name.to_owned(), floats(dims, values)),
        ]))
    };
    assert!(refused(&one("other", &[1], &[0.0])).contains("conv1_1"));
    assert!(refused(&one("conv1_1.weight", &[1, 3, 3, 3], &[0.0; 27])).contains("bias"));
    assert!(refused(&one("conv1_1.weight", &[27], &[0.0; 27])).contains("dimensions"));
    assert!(refused(&one("conv1_1.weight", &[1, 3, 3, 3], &[f32::NAN; 27])).contains("finite"));
}

/// A picture that export/judge/reference_gatys.py makes the same way.
fn waves(a: f64, b: f64) -> Planes {
    let side = 64;
    let value = |n: usize| 0.5 + 0.4 * (n as f64 * a).sin() * (n as f64 * b).cos();
    let values = (0..3 * side * side).map(|n| value(n) as f32).collect();
    Planes::from_shape_vec((3, side, side), values).unwrap()
}

/// The authors' weights as export/ship/vgg19.py writes them: for RGB in 0..=1.
fn authors_vgg19(path: &std::path::Path) -> FeatureNetwork {
    let bytes = std::fs::read(path).unwrap();
    let given = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors = BTreeMap::new();
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
    let (scale, offset) = ([255.0; 3], [-123.68, -116.779, -103.939]);
    tensors.insert("input.scale".into(), floats(&[3], &scale));
    tensors.insert("input.offset".into(), floats(&[3], &offset));
    FeatureNetwork::parse("vgg19", &weights_file(&tensors)).unwrap()
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

/// Loss and gradient of real VGG-19 against PyTorch's autograd in float64 (`export/judge/reference_gatys.py --check DIR`): the
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
    let pictures = TargetPictures {
        content: Some(&content),
        style: Some(&style),
    };
    let recipe = Recipe::preset("balanced").unwrap();
    let runtime = Runtime::load(None).unwrap();
    let mut objective =
        GatysObjective::new(&runtime, &cpu(), &network, &recipe, pictures, (64, 64)).unwrap();
    let mut gradient = vec![0.0; image.len()];
    let image = image.as_slice().unwrap();
    let losses = objective.evaluate(image, &mut gradient).unwrap();
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
