//! The feature network: a file of weights goes in; the convolutions of VGG-19, or of a smaller network that approximates
//! its features, come out.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};

use super::layer::{BLOCKS, Layer};
use super::recipe::Recipe;
use crate::error::{Error, Result};
use crate::files;

/// Limits of channels and weights: VGG-19 has 512 and 20 million.
const MAX_CHANNELS: usize = 4096;
const MAX_WEIGHTS: usize = 200_000_000;

/// The largest file that is read; VGG-19's has 80 MB.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// Peak memory of a run, as a multiple of all features. Measured with ONNX Runtime's CPU provider, VGG-19 and the compact
/// network, from 512x341 to 1024x683 pixels: 3.7; the rest is for the updates that L-BFGS keeps.
const PEAK_FACTOR: f64 = 4.0;

/// A convolution with an odd kernel, stride 1 and zero padding that keeps the size.
#[derive(Debug, Clone)]
pub(super) struct Convolution {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Side of the kernel: 1 or 3.
    pub(super) side: usize,
    /// `[outputs, inputs, side, side]`.
    pub(super) kernel: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Convolutions in five blocks with pooling between them.
///
/// A file has them as safetensors: `convB_N.weight` (outputs, inputs, 3, 3) and `convB_N.bias`, f32 or f16, for RGB in
/// 0..=1, with `input.scale` and `input.offset` (3 each): the input of the first convolution is `rgb * scale + offset`. A
/// network that approximates VGG-19 also has `reluB_N.weight` (features, outputs, 1, 1) and a bias for each layer that it
/// offers: 1x1 convolutions that map its own features to VGG-19's. `export/ship/vgg19.py` and
/// `export/ship/features.py` write such files.
#[derive(Debug, Clone)]
pub struct FeatureNetwork {
    name: String,
    pub(super) scale: [f32; 3],
    pub(super) offset: [f32; 3],
    /// By block and number.
    pub(super) convolutions: BTreeMap<(usize, usize), Convolution>,
    /// The 1x1 convolutions whose outputs are offered in place of a layer's own features.
    pub(super) combinations: BTreeMap<Layer, Convolution>,
}

impl FeatureNetwork {
    /// Read a file's bytes; messages call the network `name`.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not such a file, its shapes do not fit, or a weight is not finite.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self> {
        let refuse = |reason: String| Error::Model {
            model: name.to_owned(),
            reason: format!("{reason}; write it again with export/ship/vgg19.py"),
        };
        let file = SafeTensors::deserialize(bytes)
            .map_err(|e| refuse(format!("is not a safetensors file: {e}")))?;
        let three = |key: &str| -> Result<[f32; 3]> {
            let (_, values) = tensor(&file, key, 3).map_err(refuse)?;
            values
                .try_into()
                .map_err(|_| refuse(format!("{key} has not 3 numbers")))
        };
        let (scale, offset) = (three("input.scale")?, three("input.offset")?);
        let mut convolutions = BTreeMap::new();
        let mut channels = 3;
        for (block, convs) in BLOCKS.iter().enumerate() {
            for conv in 1..=*convs {
                let key = format!("conv{}_{conv}", block + 1);
                if !file.names().contains(&format!("{key}.weight").as_str()) {
                    continue;
                }
                let found = convolution(&file, &key, channels, 3).map_err(refuse)?;
                channels = found.outputs;
                convolutions.insert((block + 1, conv), found);
            }
            if !convolutions.keys().any(|(b, _)| *b == block + 1) {
                // Without a block nothing after it can be computed.
                break;
            }
        }
        if convolutions.is_empty() {
            return Err(refuse("has no conv1_1.weight".to_owned()));
        }
        let mut combinations = BTreeMap::new();
        for key in file.names() {
            let Some(layer) = key.strip_suffix(".weight") else {
                continue;
            };
            let Ok(layer) = layer.parse::<Layer>() else {
                continue;
            };
            if layer.rectified {
                let inputs = convolutions
                    .get(&(layer.block, layer.conv))
                    .ok_or_else(|| refuse(format!("has {key} without its convolution")))?;
                let found =
                    convolution(&file, &layer.to_string(), inputs.outputs, 1).map_err(refuse)?;
                combinations.insert(layer, found);
            }
        }
        Ok(Self {
            name: name.to_owned(),
            scale,
            offset,
            convolutions,
            combinations,
        })
    }

    /// Read a file.
    ///
    /// # Errors
    /// [`Error::Read`], and as [`FeatureNetwork::parse`].
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = files::read(path, MAX_FILE_BYTES).map_err(Error::read(path))?;
        Self::parse(&path.display().to_string(), &bytes)
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether features of `layer` can be had.
    pub fn has(&self, layer: Layer) -> bool {
        if self.combinations.is_empty() {
            self.convolutions.contains_key(&(layer.block, layer.conv))
        } else {
            self.combinations.contains_key(&layer)
        }
    }

    /// The layers that it has, in words.
    pub fn layers(&self) -> String {
        if self.combinations.is_empty() {
            return "conv and relu of every convolution".to_owned();
        }
        let names: Vec<_> = self.combinations.keys().map(Layer::to_string).collect();
        names.join(", ")
    }

    /// The approximate memory of an optimisation at this size, in bytes: the features of every convolution up to the deepest
    /// layer of `recipe` in the forward and the backward pass, and the weights of both.
    pub fn bytes(&self, recipe: &Recipe, width: usize, height: usize) -> u64 {
        let layers = recipe.content.iter().chain(&recipe.style);
        let last = layers.map(|(layer, _)| (layer.block, layer.conv)).max();
        let used = self.convolutions.iter();
        let used = used.filter(|(place, _)| last.is_some_and(|last| **place <= last));
        let (mut features, mut weights) = (0.0, 0.0);
        for ((block, conv), convolution) in used {
            let positions = (width as f64) * (height as f64) / 4.0_f64.powi(*block as i32 - 1);
            let offered = |(layer, _): &(&Layer, _)| (layer.block, layer.conv) == (*block, *conv);
            let combined = self.combinations.iter().find(offered);
            let outputs = convolution.outputs + combined.map_or(0, |(_, c)| c.outputs);
            features += positions * outputs as f64;
            weights += convolution.kernel.len() as f64;
        }
        (4.0 * (PEAK_FACTOR * features + 3.0 * weights)) as u64
    }

    /// Channels of the features of `layer`, which it has.
    pub(super) fn features(&self, layer: Layer) -> usize {
        self.combinations.get(&layer).map_or_else(
            || {
                let own = self.convolutions.get(&(layer.block, layer.conv));
                own.map_or(0, |c| c.outputs)
            },
            |c| c.outputs,
        )
    }
}

fn convolution(
    file: &SafeTensors<'_>,
    key: &str,
    inputs: usize,
    side: usize,
) -> std::result::Result<Convolution, String> {
    let (dims, kernel) = tensor(file, &format!("{key}.weight"), MAX_WEIGHTS)?;
    let [outputs, given, high, wide] = dims[..] else {
        return Err(format!("{key}.weight has {} dimensions, not 4", dims.len()));
    };
    if (given, high, wide) != (inputs, side, side) || !(1..=MAX_CHANNELS).contains(&outputs) {
        return Err(format!(
            "{key}.weight is {dims:?}, not [outputs, {inputs}, {side}, {side}]"
        ));
    }
    let (_, bias) = tensor(file, &format!("{key}.bias"), outputs)?;
    if bias.len() != outputs {
        return Err(format!(
            "{key}.bias has {} numbers, not {outputs}",
            bias.len()
        ));
    }
    Ok(Convolution {
        inputs,
        outputs,
        side,
        kernel,
        bias,
    })
}

/// The shape and numbers of a tensor of at most `most` numbers, all of them finite.
fn tensor(
    file: &SafeTensors<'_>,
    key: &str,
    most: usize,
) -> std::result::Result<(Vec<usize>, Vec<f32>), String> {
    let view = file.tensor(key).map_err(|_| format!("has no {key}"))?;
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => data
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect(),
        Dtype::F16 => data
            .chunks_exact(2)
            .map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32())
            .collect(),
        other => return Err(format!("{key} is of {other:?}, not of F32 or F16")),
    };
    if values.len() > most {
        return Err(format!("{key} has {} numbers, over {most}", values.len()));
    }
    if !values.iter().all(|v| v.is_finite()) {
        return Err(format!("{key} holds a number that is not finite"));
    }
    Ok((view.shape().to_vec(), values))
}
