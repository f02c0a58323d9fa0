//! What the tests of the optimiser share: a pair of pictures, and files of feature networks.

use std::collections::BTreeMap;

use assert_cmd::Command;
use image::{Rgb, RgbImage};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use super::{command, save};

/// `photo.png` and `painting.png`, which have little in common.
pub fn pair(dir: &TempDir) {
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

/// `impasto LINE`, for which VGG-19 is not installed, whatever this machine has.
pub fn program(dir: &TempDir, line: &str) -> Command {
    let mut program = command(dir, line);
    program.env("IMPASTO_MODELS", dir.path().join("models"));
    program
}

/// `impasto LINE` on the CPU, and the JSON that it prints.
pub fn report(dir: &TempDir, line: &str) -> serde_json::Value {
    super::json(program(dir, line).args(["--json", "--device", "cpu"]))
}

/// Numbers without a pattern, in -1..1, the same everywhere.
pub fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

/// A tensor of a weights file: kind, dimensions, bytes.
pub type Tensor = (Dtype, Vec<usize>, Vec<u8>);

/// `values` as a tensor.
pub fn floats(dims: &[usize], values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    (Dtype::F32, dims.to_vec(), bytes)
}

/// A weights file of `tensors`.
pub fn weights_file(tensors: &BTreeMap<String, Tensor>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (kind, dims, bytes))| {
        let view = TensorView::new(*kind, dims.clone(), bytes).unwrap();
        (name.as_str(), view)
    });
    safetensors::serialize(views, None).unwrap()
}

/// The weights file of a network like VGG-19 with a handful of channels: `blocks`, with combinations at relu2_1 if
/// `combined`.
pub fn weights(blocks: &[usize], combined: bool) -> Vec<u8> {
    let mut tensors = BTreeMap::new();
    let mut put = |name: &str, tensor| tensors.insert(name.to_owned(), tensor);
    put("input.scale", floats(&[3], &[2.0, 1.8, 2.2]));
    put("input.offset", floats(&[3], &[-1.0, -0.9, -1.1]));
    let mut inputs = 3;
    for (block, convs) in blocks.iter().enumerate() {
        for conv in 1..=*convs {
            let outputs = 4 + block + conv;
            let size = 2.0 / (inputs as f32 * 9.0).sqrt();
            let seed = (block * 10 + conv) as u32;
            let kernel = numbers(outputs * inputs * 9, seed);
            let kernel: Vec<f32> = kernel.iter().map(|v| v * size * 1.5).collect();
            let name = format!("conv{}_{conv}", block + 1);
            put(
                &format!("{name}.weight"),
                floats(&[outputs, inputs, 3, 3], &kernel),
            );
            let bias = numbers(outputs, seed + 500);
            let bias: Vec<f32> = bias.iter().map(|v| v * 0.1).collect();
            put(&format!("{name}.bias"), floats(&[outputs], &bias));
            inputs = outputs;
            if combined && (block, conv) == (1, 1) {
                let kernel = numbers(3 * outputs, 77);
                put("relu2_1.weight", floats(&[3, outputs, 1, 1], &kernel));
                put("relu2_1.bias", floats(&[3], &[0.1, -0.2, 0.3]));
            }
        }
    }
    weights_file(&tensors)
}
