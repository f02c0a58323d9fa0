//! A transformer cut into stages, for pictures that are painted in tiles: a model goes in, one model for each norm comes
//! out.
//!
//! The input of a norm depends on the statistics of all norms before it, and those are of the whole picture. So they are
//! measured norm by norm: stage `n` gives the input of norm `n` when the statistics of the norms before it are given.
//! Iterating over all norms at once does not work: a small error of an early norm becomes a large one in later norms.

use std::collections::HashMap;

use prost::Message;

use super::derivative::prune;
use super::file::{File, refused};
use super::port;
use super::proto::{GraphProto, ModelProto, NodeProto};
use crate::error::Result;

/// The output of a stage: the input of the norm, f32 `[1, C, H, W]`.
pub const SEEN: &str = "seen";

/// The input with the means of norm `n`, f32 `[1, C, 1, 1]`.
pub fn mean(n: usize) -> String {
    format!("mean/{n}")
}

/// The input with the variances of norm `n`, f32 `[1, C, 1, 1]`.
pub fn variance(n: usize) -> String {
    format!("variance/{n}")
}

/// Operators that may follow the Concat of the statistics: they change its shape only.
const FORMS: [&str; 6] = [
    "Cast",
    "Flatten",
    "Identity",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
];

/// A model whose norms take their statistics from inputs.
pub struct Stages {
    model: ModelProto,
    /// The input of each norm.
    seen: Vec<String>,
}

impl Stages {
    /// Read the model of `file`, whose output `stats` is the mean and the variance of every norm in turn.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) when the file is not an ONNX model, or its `stats` are not one Concat of means
    /// and variances over whole pictures.
    pub fn read(file: &File<'_>, stats: &str) -> Result<Self> {
        let mut model = file.model()?;
        let graph = model.graph.get_or_insert_default();
        let norms = norms(graph, stats).ok_or_else(|| {
            let reason = format!(
                "has no '{stats}' that are means and variances put together by one Concat, so it cannot paint in tiles; \
                 name a size, or choose another model"
            );
            refused(file.label, reason)
        })?;
        for (n, norm) in norms.iter().enumerate() {
            let inputs = [(&norm.mean, mean(n)), (&norm.variance, variance(n))];
            for (measured, given) in inputs {
                for node in &mut graph.node {
                    for input in node.input.iter_mut().filter(|i| *i == measured) {
                        input.clone_from(&given);
                    }
                }
                graph
                    .input
                    .push(port(&given, [Some(1), None, Some(1), Some(1)]));
            }
        }
        let seen = norms.into_iter().map(|norm| norm.seen).collect();
        Ok(Self { model, seen })
    }

    /// Whether the graph adds a periodic constant to the picture: the noise field of `Graph.repeated` in
    /// export/common/graph.py, the only use of the operator Tile in a transformer.
    pub fn has_noise(&self) -> bool {
        let mut nodes = self.model.graph.iter().flat_map(|graph| &graph.node);
        nodes.any(|node| node.op_type == "Tile")
    }

    /// How many norms it has.
    pub fn norms(&self) -> usize {
        self.seen.len()
    }

    /// The model that gives [`SEEN`] of norm `n`; its inputs include the statistics of the norms before.
    pub fn stage(&self, n: usize) -> Vec<u8> {
        let mut model = self.model.clone();
        let graph = model.graph.get_or_insert_default();
        graph.node.push(NodeProto {
            input: vec![self.seen[n].clone()],
            output: vec![SEEN.to_owned()],
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
        graph.output = vec![port(SEEN, [Some(1), None, None, None])];
        finish(model)
    }

    /// The model that gives `output`, and takes the statistics of all norms.
    pub fn last(&self, output: &str) -> Vec<u8> {
        let mut model = self.model.clone();
        let graph = model.graph.get_or_insert_default();
        graph.output.retain(|port| port.name == output);
        finish(model)
    }
}

struct Norm {
    seen: String,
    mean: String,
    variance: String,
}

/// The norms, in the order of `stats`.
fn norms(graph: &GraphProto, stats: &str) -> Option<Vec<Norm>> {
    let nodes = graph.node.iter();
    let makers: HashMap<&str, _> = nodes
        .flat_map(|node| node.output.iter().map(move |o| (o.as_str(), node)))
        .collect();
    let mut at = *makers.get(stats)?;
    while FORMS.contains(&at.op_type.as_str()) {
        at = makers.get(at.input.first()?.as_str())?;
    }
    if at.op_type != "Concat" || at.input.is_empty() || at.input.len() % 2 == 1 {
        return None;
    }
    let norm = |pair: &[String]| {
        let maker = makers.get(pair[0].as_str())?;
        let flat = maker
            .attribute
            .iter()
            .any(|a| a.name == "keepdims" && a.i == 0);
        let means = ["GlobalAveragePool", "ReduceMean"].contains(&maker.op_type.as_str());
        (means && !flat).then(|| Norm {
            seen: maker.input[0].clone(),
            mean: pair[0].clone(),
            variance: pair[1].clone(),
        })
    };
    at.input.chunks_exact(2).map(norm).collect()
}

/// The bytes of the model, without what no output needs.
fn finish(mut model: ModelProto) -> Vec<u8> {
    let graph = model.graph.get_or_insert_default();
    prune(graph);
    let needed: Vec<String> = graph.node.iter().flat_map(|n| n.input.clone()).collect();
    graph.input.retain(|port| needed.contains(&port.name));
    model.encode_to_vec()
}
