//! A transformer's graph in; for every tensor that is a picture, its channels and resolution out, and for every operator
//! how far it looks and what it costs. Tiles are exact only where this is known.

use std::collections::HashMap;

use super::proto::{GraphProto, NodeProto};

/// The size of a tensor that is a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Channels.
    pub channels: usize,
    /// Pixels of the content along one side of a value: 4 at a quarter of the resolution.
    pub scale: usize,
}

impl Extent {
    /// Values for each pixel of the content.
    pub fn values(self) -> f64 {
        self.channels as f64 / (self.scale * self.scale) as f64
    }
}

/// What an operator does to a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Work {
    /// The result.
    pub(super) extent: Extent,
    /// How far it looks to each side, in pixels of the content.
    pub(super) reach: usize,
    /// Multiplications for each pixel of the content.
    pub(super) macs: f64,
}

/// Operators that compute each value from the values at its place, and those that only cut or extend the border.
const LOCAL: [&str; 27] = [
    "Abs",
    "Add",
    "Cast",
    "Clip",
    "DequantizeLinear",
    "Div",
    "Elu",
    "Erf",
    "Exp",
    "HardSigmoid",
    "Identity",
    "LeakyRelu",
    "Max",
    "Min",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "QuantizeLinear",
    "Relu",
    "Round",
    "Sigmoid",
    "Slice",
    "Sub",
    "Tanh",
    "Transpose",
];

/// How far a node may look, in pixels: farther than any picture is wide.
const MOST_REACH: usize = 1 << 20;

/// The tensors that are pictures, by name: those that are computed from the values of the input `content`, RGB.
pub(super) struct Extents {
    pictures: HashMap<String, Extent>,
    /// What each node does, in the order of the graph; `None` where it makes no picture.
    work: Vec<Option<Work>>,
}

impl Extents {
    /// # Errors
    /// What stands in the way, in words.
    pub(super) fn of(graph: &GraphProto, content: &str) -> Result<Self, String> {
        let whole = Extent {
            channels: 3,
            scale: 1,
        };
        let mut all = Self {
            pictures: HashMap::from([(content.to_owned(), whole)]),
            work: Vec::new(),
        };
        for node in &graph.node {
            let inputs: Vec<Extent> = node.input.iter().filter_map(|i| all.get(i)).collect();
            // The size of a picture is no picture.
            let work = match inputs.is_empty() || node.op_type == "Shape" {
                true => None,
                false => Some(work(graph, node, &inputs)?),
            };
            if let Some(work) = work {
                let outputs = node.output.iter().cloned();
                all.pictures.extend(outputs.map(|o| (o, work.extent)));
            }
            all.work.push(work);
        }
        Ok(all)
    }

    pub(super) fn get(&self, tensor: &str) -> Option<Extent> {
        self.pictures.get(tensor).copied()
    }

    pub(super) fn work(&self, node: usize) -> Option<Work> {
        self.work[node]
    }
}

fn work(graph: &GraphProto, node: &NodeProto, inputs: &[Extent]) -> Result<Work, String> {
    let first = inputs[0];
    let number = |name: &str| {
        let found = node.attribute.iter().find(|a| a.name == name);
        found.map_or(1, |a| usize::try_from(a.i).unwrap_or(0))
    };
    let largest = |name: &str| {
        let found = node.attribute.iter().find(|a| a.name == name);
        let of = |a: &super::proto::AttributeProto| a.ints.iter().copied().max();
        found
            .and_then(of)
            .map_or(1, |n| usize::try_from(n).unwrap_or(0))
    };
    let unknown = |what: &str| {
        format!(
            "has the operator {} {what}, so it is not known how much of a picture a tile needs to see",
            node.op_type
        )
    };
    let (mut extent, mut reach, mut macs) = (first, 0, 0.0);
    match node.op_type.as_str() {
        "Conv" | "AveragePool" | "MaxPool" => {
            let mut side = largest("kernel_shape");
            if node.op_type == "Conv" {
                let name = node.input.get(1);
                let dims = name.and_then(|name| weight(graph, name));
                let dims = dims.ok_or_else(|| unknown("without weights"))?;
                extent.channels = dims.first().copied().unwrap_or(0);
                side = dims.iter().skip(2).copied().max().unwrap_or(1);
                macs = dims.iter().map(|d| *d as f64).product();
            }
            // Numbers of a stranger's graph: what is too large stays so, and is refused below.
            reach = (side / 2)
                .saturating_mul(largest("dilations"))
                .saturating_mul(first.scale);
            extent.scale = extent.scale.saturating_mul(largest("strides"));
            macs /= (extent.scale as f64).powi(2);
        }
        "SpaceToDepth" => {
            let side = number("blocksize");
            extent.channels = extent.channels.saturating_mul(side.saturating_mul(side));
            extent.scale = extent.scale.saturating_mul(side);
        }
        "DepthToSpace" => {
            let side = number("blocksize").max(1);
            extent.channels /= side.saturating_mul(side);
            extent.scale /= side;
        }
        "Concat" => {
            let channels = inputs.iter().map(|i| i.channels);
            extent.channels = channels.fold(0, usize::saturating_add);
        }
        local if LOCAL.contains(&local) => {
            extent.channels = inputs.iter().map(|i| i.channels).max().unwrap_or(0);
        }
        _ => return Err(unknown("outside its norms")),
    }
    if inputs.iter().any(|i| i.scale != first.scale) {
        return Err(unknown("on pictures of different resolution"));
    }
    if extent.channels == 0 || extent.scale == 0 || extent.scale > 64 || reach > MOST_REACH {
        return Err(unknown("with strange attributes"));
    }
    Ok(Work {
        extent,
        reach,
        macs,
    })
}

/// The dimensions of a weight, which may be stored in another kind of number and converted.
fn weight(graph: &GraphProto, name: &str) -> Option<Vec<usize>> {
    let mut name = name;
    loop {
        if let Some(found) = graph.initializer.iter().find(|w| w.name == name) {
            let dims = found.dims.iter();
            return dims.map(|d| usize::try_from(*d).ok()).collect();
        }
        let maker = graph
            .node
            .iter()
            .find(|n| n.output.iter().any(|o| o == name))?;
        if !["Cast", "DequantizeLinear"].contains(&maker.op_type.as_str()) {
            return None;
        }
        name = maker.input.first()?;
    }
}
