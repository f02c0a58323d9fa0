//! The objective as an ONNX graph: a feature network, the terms and the size of the picture go in; a model that computes
//! the losses and their gradient comes out.
//!
//! Only the forward pass and the losses are built here; [`crate::onnx::derivative`] differentiates them. Only standard
//! operators are used, so that every execution provider runs the graph.

use std::collections::BTreeMap;

use super::layer::{BLOCKS, Layer};
use super::network::{Convolution, FeatureNetwork};
use super::recipe::Pooling;
use crate::error::{Error, PictureRole, Result};
use crate::onnx::Attribute::{Int, Ints};
use crate::onnx::{Graph, Tensor};

/// What a term of the objective compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The features themselves.
    Content,
    /// Their Gram matrix.
    Style,
}

/// A term: what is compared, and at which layer.
pub(super) type Term = (Kind, Layer);

/// The name of the input or output that belongs to a term.
pub(super) fn port(what: &str, (kind, layer): Term) -> String {
    let kind = match kind {
        Kind::Content => "content",
        Kind::Style => "style",
    };
    format!("{what}.{kind}.{layer}")
}

/// The shape of a term's target, for a picture of this width and height.
pub(super) fn target_dims(
    network: &FeatureNetwork,
    (kind, layer): Term,
    (width, height): (usize, usize),
) -> Vec<usize> {
    let (n, stride) = (network.features(layer), layer.stride());
    match kind {
        Kind::Content => vec![1, n, height / stride, width / stride],
        Kind::Style => vec![n, n],
    }
}

/// A graph `image` (1,3,H,W in 0..=1) -> for each term `target.TERM`, features (1,N,h,w) or a Gram matrix (N,N), and
/// `activation.TERM`, the mean of the features without their signs (a number).
pub(super) fn targets(
    network: &FeatureNetwork,
    terms: &[Term],
    pooling: Pooling,
    size: (usize, usize),
) -> Result<Vec<u8>> {
    let mut builder = Builder::new(network, terms, pooling, size)?;
    for &term in terms {
        let target = builder.compared(term)?;
        let dims = target_dims(network, term, size);
        builder.graph.output(&target, &port("target", term), &dims);
        let features = builder.features(term.1)?;
        let graph = &mut builder.graph;
        let activation = graph.apply("Abs", &[&features], &[]);
        let mean = graph.apply("ReduceMean", &[&activation], &[("keepdims", Int(0))]);
        graph.output(&mean, &port("activation", term), &[]);
    }
    Ok(builder.graph.into_bytes())
}

/// A graph `image`, `target.TERM`, `weight.TERM` (a number) -> `loss.TERM` = weight * |difference|^2, and `gradient`
/// (1,3,H,W) of their sum.
pub(super) fn objective(
    network: &FeatureNetwork,
    terms: &[Term],
    pooling: Pooling,
    size: (usize, usize),
) -> Result<Vec<u8>> {
    let mut builder = Builder::new(network, terms, pooling, size)?;
    let mut total: Option<Tensor> = None;
    for &term in terms {
        let made = builder.compared(term)?;
        let dims = target_dims(network, term, size);
        let graph = &mut builder.graph;
        let target = graph.input(&port("target", term), &dims);
        let weight = graph.input(&port("weight", term), &[]);
        let difference = graph.apply("Sub", &[&made, &target], &[]);
        let square = graph.apply("Mul", &[&difference, &difference], &[]);
        let sum = graph.apply("ReduceSum", &[&square], &[("keepdims", Int(0))]);
        let loss = graph.apply("Mul", &[&sum, &weight], &[]);
        graph.output(&loss, &port("loss", term), &[]);
        total = Some(match total {
            Some(total) => graph.apply("Add", &[&total, &loss], &[]),
            None => loss,
        });
    }
    let total = total.ok_or_else(|| Error::invalid("objective", "has no terms"))?;
    let Builder {
        mut graph, image, ..
    } = builder;
    let gradient = graph.gradient(&total, &image)?;
    graph.output(&gradient, "gradient", &[1, 3, size.1, size.0]);
    Ok(graph.into_bytes())
}

struct Builder<'n> {
    network: &'n FeatureNetwork,
    graph: Graph,
    image: Tensor,
    size: (usize, usize),
    /// The network's own features, before and after each ReLU.
    own: BTreeMap<Layer, Tensor>,
}

impl<'n> Builder<'n> {
    /// The network up to the deepest term.
    fn new(
        network: &'n FeatureNetwork,
        terms: &[Term],
        pooling: Pooling,
        size: (usize, usize),
    ) -> Result<Self> {
        for (_, layer) in terms {
            if !network.has(*layer) {
                return Err(Error::Model {
                    model: network.name().to_owned(),
                    reason: format!(
                        "has no {layer}; it has {}. VGG-19 has all: see `impasto models add`",
                        network.layers()
                    ),
                });
            }
        }
        let last = terms.iter().map(|(_, layer)| (layer.block, layer.conv));
        let last = last.max().unwrap_or((1, 1));
        let (width, height) = size;
        let least = 1_u32 << (last.0 - 1);
        if width.min(height) < least as usize {
            return Err(Error::TooSmall {
                picture: PictureRole::Optimised,
                width: width as u32,
                height: height as u32,
                least,
            });
        }
        let mut graph = Graph::new("objective");
        let image = graph.input("image", &[1, 3, height, width]);
        let scale = graph.numbers(&[1, 3, 1, 1], &network.scale);
        let offset = graph.numbers(&[1, 3, 1, 1], &network.offset);
        let scaled = graph.apply("Mul", &[&image, &scale], &[]);
        let mut x = graph.apply("Add", &[&scaled, &offset], &[]);
        let mut own = BTreeMap::new();
        for block in 1..=last.0 {
            if block > 1 {
                x = pool(&mut graph, pooling, &x);
            }
            for conv in 1..=BLOCKS[block - 1] {
                if (block, conv) > last {
                    break;
                }
                let Some(convolution) = network.convolutions.get(&(block, conv)) else {
                    continue;
                };
                let layer = |rectified| Layer {
                    block,
                    conv,
                    rectified,
                };
                x = convolve(&mut graph, convolution, &x);
                own.insert(layer(false), x.clone());
                x = graph.apply("Relu", &[&x], &[]);
                own.insert(layer(true), x.clone());
            }
        }
        Ok(Self {
            network,
            graph,
            image,
            size,
            own,
        })
    }

    /// The features that the network offers for `layer`.
    fn features(&mut self, layer: Layer) -> Result<Tensor> {
        let own = self.own.get(&layer).cloned();
        let own = own.ok_or_else(|| Error::invalid(layer.to_string(), "is not in the graph"))?;
        Ok(match self.network.combinations.get(&layer) {
            Some(combination) => convolve(&mut self.graph, combination, &own),
            None => own,
        })
    }

    /// What `term` compares with its target, in the shape of [`target_dims`].
    fn compared(&mut self, (kind, layer): Term) -> Result<Tensor> {
        let features = self.features(layer)?;
        Ok(match kind {
            Kind::Content => features,
            Kind::Style => self.gram(layer, &features),
        })
    }

    /// G = F F^T / M: (N,N) for features of N channels at M positions.
    fn gram(&mut self, layer: Layer, features: &Tensor) -> Tensor {
        let (channels, stride) = (self.network.features(layer), layer.stride());
        let positions = (self.size.0 / stride) * (self.size.1 / stride);
        let graph = &mut self.graph;
        let rows = graph.integers(&[channels as i64, -1]);
        let matrix = graph.apply("Reshape", &[features, &rows], &[]);
        let product = graph.apply("Gemm", &[&matrix, &matrix], &[("transB", Int(1))]);
        let share = graph.number(1.0 / positions as f32);
        graph.apply("Mul", &[&product, &share], &[])
    }
}

/// A convolution with zeros around the picture, so that it keeps its size.
fn convolve(graph: &mut Graph, c: &Convolution, x: &Tensor) -> Tensor {
    let kernel = graph.numbers(&[c.outputs, c.inputs, c.side, c.side], &c.kernel);
    let bias = graph.numbers(&[c.outputs], &c.bias);
    let side = c.side as i64;
    let attributes = [
        ("kernel_shape", Ints(vec![side; 2])),
        ("pads", Ints(vec![side / 2; 4])),
    ];
    graph.apply("Conv", &[x, &kernel, &bias], &attributes)
}

/// Pooling over squares of 2 x 2; a last row or column that fills no square is dropped.
fn pool(graph: &mut Graph, pooling: Pooling, x: &Tensor) -> Tensor {
    let operator = match pooling {
        Pooling::Average => "AveragePool",
        Pooling::Max => "MaxPool",
    };
    let two = || Ints(vec![2, 2]);
    let attributes = [("kernel_shape", two()), ("strides", two())];
    graph.apply(operator, &[x], &attributes)
}
