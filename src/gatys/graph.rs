//! The objective as an ONNX graph with its own gradient, built for one size of picture.
//!
//! Only plain operators are used, so that every execution provider runs it. Written out by hand, the derivative of a
//! chain of convolutions needs little: a convolution's is the convolution with the kernel transposed and turned by half
//! a turn, a ReLU's lets through what was positive, average pooling's spreads a quarter over four, and that of
//! |F F^T / M - A|^2 is 4/M (F F^T / M - A) F (Gatys et al. 2016, eq. 6).

use super::layer::{BLOCKS, Layer};
use super::network::{Convolution, FeatureNetwork};
use super::operations::{conv, plus, pool, unpool};
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

/// A layer's features, and their sizes.
#[derive(Debug, Clone)]
pub(super) struct Features {
    pub(super) tensor: Tensor,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Features {
    fn positions(&self) -> usize {
        self.height * self.width
    }

    fn dims(&self) -> [usize; 4] {
        [1, self.channels, self.height, self.width]
    }
}

/// One operation of the network, kept for the way back.
enum Operation {
    /// Before and after the ReLU.
    Convolution {
        place: (usize, usize),
        before: Features,
        after: Features,
        kernel: Tensor,
    },
    Pool {
        from: Features,
        to: Features,
    },
}

/// The name of the input or output that belongs to a term.
pub(super) fn port(what: &str, (kind, layer): Term) -> String {
    let kind = match kind {
        Kind::Content => "content",
        Kind::Style => "style",
    };
    format!("{what}.{kind}.{layer}")
}

/// The shape of a term's target.
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

/// A graph `image` (1,3,H,W in 0..=1) -> `target.TERM`: features (1,N,h,w) or a Gram matrix (N,N) for each term.
pub(super) fn targets(
    network: &FeatureNetwork,
    terms: &[Term],
    pooling: Pooling,
    size: (usize, usize),
) -> Result<Vec<u8>> {
    let mut builder = Builder::new(network, terms, pooling, size)?;
    for &term in terms {
        let features = builder.taps(term.1)?;
        let target = match term.0 {
            Kind::Content => features.tensor.clone(),
            Kind::Style => builder.gram(&features).0,
        };
        let dims = target_dims(network, term, size);
        builder.graph.output(&target, &port("target", term), &dims);
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
    let mut pulls = Vec::new();
    for &term in terms {
        let pull = builder.term(term)?;
        pulls.push((term.1, pull));
    }
    let gradient = builder.way_back(&pulls)?;
    let dims = [1, 3, size.1, size.0];
    builder.graph.output(&gradient, "gradient", &dims);
    Ok(builder.graph.into_bytes())
}

struct Builder<'n> {
    network: &'n FeatureNetwork,
    graph: Graph,
    pooling: Pooling,
    operations: Vec<Operation>,
    scale: Tensor,
}

impl<'n> Builder<'n> {
    /// The way forward, as far as the deepest term.
    fn new(
        network: &'n FeatureNetwork,
        terms: &[Term],
        pooling: Pooling,
        (width, height): (usize, usize),
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
        let mut at = Features {
            tensor: graph.apply("Add", &[&scaled, &offset], &[]),
            channels: 3,
            height,
            width,
        };
        let mut builder = Self {
            network,
            graph,
            pooling,
            operations: Vec::new(),
            scale,
        };
        'blocks: for block in 1..=BLOCKS.len() {
            for conv in 1..=BLOCKS[block - 1] {
                if (block, conv) > last {
                    break 'blocks;
                }
                if let Some(convolution) = network.convolutions.get(&(block, conv)) {
                    at = builder.convolve((block, conv), convolution, at);
                }
            }
            if block < last.0 {
                at = builder.pool(at);
            }
        }
        Ok(builder)
    }

    fn convolve(&mut self, place: (usize, usize), c: &Convolution, from: Features) -> Features {
        let kernel = self
            .graph
            .numbers(&[c.outputs, c.inputs, c.side, c.side], &c.kernel);
        let bias = self.graph.numbers(&[c.outputs], &c.bias);
        let before = Features {
            tensor: conv(&mut self.graph, &from.tensor, &kernel, Some(&bias), c.side),
            channels: c.outputs,
            ..from
        };
        let after = Features {
            tensor: self.graph.apply("Relu", &[&before.tensor], &[]),
            ..before.clone()
        };
        self.operations.push(Operation::Convolution {
            place,
            before,
            after: after.clone(),
            kernel,
        });
        after
    }

    fn pool(&mut self, from: Features) -> Features {
        let operator = match self.pooling {
            Pooling::Average => "AveragePool",
            Pooling::Max => "MaxPool",
        };
        let to = Features {
            tensor: pool(&mut self.graph, operator, &from.tensor),
            channels: from.channels,
            height: from.height / 2,
            width: from.width / 2,
        };
        let made = to.clone();
        self.operations.push(Operation::Pool { from, to });
        made
    }

    /// The layer's own features, without any combination.
    fn own(&self, layer: Layer) -> Result<&Features> {
        let found = self
            .operations
            .iter()
            .find_map(|operation| match operation {
                Operation::Convolution {
                    place,
                    before,
                    after,
                    ..
                } if *place == (layer.block, layer.conv) => {
                    Some(if layer.rectified { after } else { before })
                }
                _ => None,
            });
        found.ok_or_else(|| Error::invalid(layer.to_string(), "is not in the graph"))
    }

    /// The features that are compared at `layer`.
    fn taps(&mut self, layer: Layer) -> Result<Features> {
        let own = self.own(layer)?.clone();
        let Some(c) = self.network.combinations.get(&layer) else {
            return Ok(own);
        };
        let kernel = self.graph.numbers(&[c.outputs, c.inputs, 1, 1], &c.kernel);
        let bias = self.graph.numbers(&[c.outputs], &c.bias);
        Ok(Features {
            tensor: conv(&mut self.graph, &own.tensor, &kernel, Some(&bias), 1),
            channels: c.outputs,
            ..own
        })
    }

    /// G = F F^T / M (N,N), and F as a matrix (N,M).
    fn gram(&mut self, features: &Features) -> (Tensor, Tensor) {
        let graph = &mut self.graph;
        let shape = graph.whole(&[features.channels as i64, features.positions() as i64]);
        let matrix = graph.apply("Reshape", &[&features.tensor, &shape], &[]);
        let turned = graph.apply("Transpose", &[&matrix], &[("perm", Ints(vec![1, 0]))]);
        let product = graph.apply("MatMul", &[&matrix, &turned], &[]);
        let share = graph.number(1.0 / features.positions() as f32);
        (graph.apply("Mul", &[&product, &share], &[]), matrix)
    }

    /// The term's loss as an output, and the derivative of the loss by the layer's own features.
    fn term(&mut self, term: Term) -> Result<Tensor> {
        let features = self.taps(term.1)?;
        let gram = match term.0 {
            Kind::Style => Some(self.gram(&features)),
            Kind::Content => None,
        };
        let size = (
            features.width * term.1.stride(),
            features.height * term.1.stride(),
        );
        let dims = target_dims(self.network, term, size);
        let graph = &mut self.graph;
        let target = graph.input(&port("target", term), &dims);
        let weight = graph.input(&port("weight", term), &[]);
        let made = gram.as_ref().map_or(&features.tensor, |(gram, _)| gram);
        let difference = graph.apply("Sub", &[made, &target], &[]);
        let square = graph.apply("Mul", &[&difference, &difference], &[]);
        let sum = graph.apply("ReduceSum", &[&square], &[("keepdims", Int(0))]);
        let loss = graph.apply("Mul", &[&sum, &weight], &[]);
        graph.output(&loss, &port("loss", term), &[]);
        let pull = match gram {
            None => {
                let twice = graph.number(2.0);
                let twice = graph.apply("Mul", &[&weight, &twice], &[]);
                graph.apply("Mul", &[&difference, &twice], &[])
            }
            Some((_, matrix)) => {
                let share = graph.number(4.0 / features.positions() as f32);
                let share = graph.apply("Mul", &[&weight, &share], &[]);
                // The small matrix is scaled, not the large one.
                let difference = graph.apply("Mul", &[&difference, &share], &[]);
                let product = graph.apply("MatMul", &[&difference, &matrix], &[]);
                let shape = graph.whole(&features.dims().map(|d| d as i64));
                graph.apply("Reshape", &[&product, &shape], &[])
            }
        };
        Ok(match self.network.combinations.get(&term.1) {
            None => pull,
            Some(c) => {
                let kernel = self.graph.numbers(&[c.outputs, c.inputs, 1, 1], &c.kernel);
                let turned = self.graph.turned(&kernel);
                conv(&mut self.graph, &pull, &turned, None, 1)
            }
        })
    }

    /// From the derivatives by features to the derivative by the image.
    fn way_back(&mut self, pulls: &[(Layer, Tensor)]) -> Result<Tensor> {
        let graph = &mut self.graph;
        let zero = graph.number(0.0);
        let mut back: Option<Tensor> = None;
        for operation in self.operations.iter().rev() {
            match operation {
                Operation::Pool { from, to } => {
                    back = back.map(|d| unpool(graph, self.pooling, &d, from, to));
                }
                Operation::Convolution {
                    place,
                    after,
                    kernel,
                    ..
                } => {
                    let at = |rectified| {
                        pulls.iter().filter(move |(layer, _)| {
                            (layer.block, layer.conv, layer.rectified)
                                == (place.0, place.1, rectified)
                        })
                    };
                    let mut d = back.take();
                    for (_, pull) in at(true) {
                        d = Some(plus(graph, d, pull));
                    }
                    if let Some(through) = d.take() {
                        let open = graph.apply("Greater", &[&after.tensor, &zero], &[]);
                        d = Some(graph.apply("Where", &[&open, &through, &zero], &[]));
                    }
                    for (_, pull) in at(false) {
                        d = Some(plus(graph, d, pull));
                    }
                    if let Some(d) = d {
                        let kernel = graph.turned(kernel);
                        let side = self.network.convolutions[place].side;
                        back = Some(conv(graph, &d, &kernel, None, side));
                    }
                }
            }
        }
        let back = back.ok_or_else(|| Error::invalid("objective", "has no terms"))?;
        Ok(graph.apply("Mul", &[&back, &self.scale], &[]))
    }
}
