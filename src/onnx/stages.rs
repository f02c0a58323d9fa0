//! A transformer cut into stages, for pictures that are painted in tiles: a model goes in, models of parts of it come out.
//!
//! The input of a norm depends on the statistics of all norms before it, and those are of the whole picture. So they are
//! measured norm by norm: stage `n` gives the input of norm `n` when the statistics of the norms before it are given.
//! Iterating over all norms at once does not work: a small error of an early norm becomes a large one in later norms.
//!
//! A stage begins at the content, or at tensors of the whole picture that an earlier stage gave and somebody kept: a
//! [`Checkpoint`].

use std::collections::{HashMap, HashSet};

use prost::Message;

use super::derivative::prune;
use super::extents::{Extent, Extents};
use super::file::{File, refused};
use super::port;
use super::proto::{GraphProto, ModelProto, NodeProto};
use crate::error::Result;

/// The input with the picture, and the output with the painted one.
const CONTENT: &str = "content";
const PASTICHE: &str = "pastiche";

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

/// Tensors of the whole picture from which the rest of the network can be computed when the statistics before norm
/// `norm` are known. What needs no more than the first norm is not among them: it is computed again from the content.
/// The layer is cheap (2 % of `fine`'s multiplications) and what it gives is large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The first norm that is not passed.
    pub norm: usize,
    /// The names of the tensors.
    pub kept: Vec<String>,
}

/// How far a stage looks to each side, in pixels of the content; `None` where it does not look at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Into the content.
    pub content: Option<usize>,
    /// Into the tensors that it begins at.
    pub kept: Option<usize>,
}

/// A model whose norms take their statistics from inputs.
pub struct Stages {
    model: ModelProto,
    /// The input of each norm.
    seen: Vec<String>,
    extents: Extents,
    /// How many norms a tensor needs the statistics of.
    depths: HashMap<String, usize>,
}

impl Stages {
    /// Read the model of `file`, whose output `stats` is the mean and the variance of every norm in turn.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) when the file is not an ONNX model, its `stats` are not one Concat of means
    /// and variances over whole pictures, or it has an operator of which it is not known how far it looks.
    pub fn read(file: &File<'_>, stats: &str) -> Result<Self> {
        let refuse = |what: String| {
            let remedy = "so it cannot paint in tiles; name a size, or choose another model";
            refused(file.label, format!("{what}, {remedy}"))
        };
        let mut model = file.model()?;
        let graph = model.graph.get_or_insert_default();
        let norms = norms(graph, stats).ok_or_else(|| {
            let what = "that are means and variances put together by one Concat";
            refuse(format!("has no '{stats}' {what}"))
        })?;
        let mut depths = HashMap::new();
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
                depths.insert(given, n + 1);
            }
        }
        let seen: Vec<String> = norms.into_iter().map(|norm| norm.seen).collect();
        graph.output.retain(|port| port.name == PASTICHE);
        prune(graph);
        for node in &graph.node {
            let inputs = node.input.iter().filter_map(|i| depths.get(i));
            let depth = inputs.max().copied().unwrap_or(0);
            depths.extend(node.output.iter().map(|o| (o.clone(), depth)));
        }
        let extents = Extents::of(graph, CONTENT).map_err(refuse)?;
        if seen.iter().any(|name| extents.get(name).is_none()) {
            return Err(refuse(
                "has a norm that does not see the picture".to_owned(),
            ));
        }
        Ok(Self {
            model,
            seen,
            extents,
            depths,
        })
    }

    /// How many norms it has.
    pub fn norms(&self) -> usize {
        self.seen.len()
    }

    /// What stage `n` gives: the input of norm `n`, f32 `[1, C, H, W]`, or after the last one the pastiche.
    pub fn target(&self, n: usize) -> &str {
        self.seen.get(n).map_or(PASTICHE, String::as_str)
    }

    /// The size of a tensor that is a picture.
    pub fn extent(&self, tensor: &str) -> Option<Extent> {
        self.extents.get(tensor)
    }

    /// The places where the network can be cut, in order; two at a norm where less can be kept for more work.
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        let mut found = Vec::new();
        for norm in 1..self.norms() {
            let seen = self.target(norm).to_owned();
            let here = std::slice::from_ref(&seen);
            let mut others = self.crossing(norm);
            others.retain(|t| *t != seen && self.depth(t) > 1 && self.looks_at_content(here, t));
            let without = !others.is_empty() && !self.looks_at_content(&others, &seen);
            if without {
                let kept = others.clone();
                found.push(Checkpoint { norm, kept });
            }
            let kept = [vec![seen], others].concat();
            found.push(Checkpoint { norm, kept });
        }
        found
    }

    /// The pictures that need no statistics from `norm` on, and that something which needs them is computed from.
    fn crossing(&self, norm: usize) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for node in self.nodes() {
            if node.output.iter().all(|o| self.depth(o) <= norm) {
                continue;
            }
            for input in &node.input {
                let picture = input != CONTENT && self.extents.get(input).is_some();
                if picture && self.depth(input) <= norm && !found.contains(input) {
                    found.push(input.clone());
                }
            }
        }
        found
    }

    fn depth(&self, tensor: &str) -> usize {
        self.depths.get(tensor).copied().unwrap_or(0)
    }

    fn looks_at_content(&self, from: &[String], target: &str) -> bool {
        self.reach(from, &[target]).content.is_some()
    }

    /// The multiplications of a stage for each pixel of the content.
    pub fn macs(&self, from: &[String], targets: &[&str]) -> f64 {
        let nodes = self.slice(from, targets).into_iter();
        nodes
            .filter_map(|n| self.extents.work(n))
            .map(|work| work.macs)
            .sum()
    }

    /// How far a stage looks.
    pub fn reach(&self, from: &[String], targets: &[&str]) -> Reach {
        let looking = |content, kept| Reach { content, kept };
        let mut reaches = HashMap::from([(CONTENT, looking(Some(0), None))]);
        reaches.extend(from.iter().map(|t| (t.as_str(), looking(None, Some(0)))));
        for n in self.slice(from, targets) {
            let Some(work) = self.extents.work(n) else {
                continue;
            };
            let node = &self.nodes()[n];
            let mut all = Reach::default();
            for input in node.input.iter().filter_map(|i| reaches.get(i.as_str())) {
                all.content = all.content.max(input.content);
                all.kept = all.kept.max(input.kept);
            }
            // A value with one pixel that is not right is not right.
            let farther = |by: usize| (by + work.reach).next_multiple_of(work.extent.scale);
            all = looking(all.content.map(farther), all.kept.map(farther));
            reaches.extend(node.output.iter().map(|o| (o.as_str(), all)));
        }
        let mut all = Reach::default();
        for found in targets.iter().filter_map(|t| reaches.get(t)) {
            all.content = all.content.max(found.content);
            all.kept = all.kept.max(found.kept);
        }
        all
    }

    /// Whether a stage adds a periodic constant to the picture: the noise field of `Graph.repeated` in
    /// export/common/graph.py, the only use of the operator Tile in a transformer.
    pub fn has_noise(&self, from: &[String], targets: &[&str]) -> bool {
        let mut nodes = self.slice(from, targets).into_iter();
        nodes.any(|n| self.nodes()[n].op_type == "Tile")
    }

    /// The model of a stage: it gives `targets` when `from` are given, and the statistics of the norms before.
    pub fn stage(&self, from: &[String], targets: &[&str]) -> Vec<u8> {
        let nodes = self.slice(from, targets).into_iter();
        let nodes: Vec<_> = nodes.map(|n| self.nodes()[n].clone()).collect();
        let mut model = self.model.clone();
        let graph = model.graph.get_or_insert_default();
        graph.node = nodes;
        let picture = |name: &str| port(name, [Some(1), None, None, None]);
        graph.input.extend(from.iter().map(|name| picture(name)));
        graph
            .output
            .retain(|port| targets.contains(&port.name.as_str()));
        let seen = targets.iter().filter(|t| **t != PASTICHE);
        graph.output.extend(seen.map(|name| picture(name)));
        finish(model)
    }

    /// The nodes that `targets` need, in order, where those that make `from` are not needed.
    fn slice(&self, from: &[String], targets: &[&str]) -> Vec<usize> {
        let mut needed: HashSet<&str> = targets.iter().copied().collect();
        for given in from {
            needed.remove(given.as_str());
        }
        let mut found = Vec::new();
        for (n, node) in self.nodes().iter().enumerate().rev() {
            if node.output.iter().any(|o| needed.contains(o.as_str())) {
                let inputs = node.input.iter().filter(|i| !from.contains(i));
                needed.extend(inputs.map(String::as_str));
                found.push(n);
            }
        }
        found.reverse();
        found
    }

    fn nodes(&self) -> &[NodeProto] {
        self.model.graph.as_ref().map_or(&[], |graph| &graph.node)
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
    let mut passed = 0;
    while FORMS.contains(&at.op_type.as_str()) {
        at = makers.get(at.input.first()?.as_str())?;
        passed += 1;
        // In a file that nothing has checked yet, a node can be its own input.
        if passed > graph.node.len() {
            return None;
        }
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
        let seen = maker.input.first().filter(|_| means && !flat)?;
        Some(Norm {
            seen: seen.clone(),
            mean: pair[0].clone(),
            variance: pair[1].clone(),
        })
    };
    at.input.chunks_exact(2).map(norm).collect()
}

/// The bytes of the model, without the weights and inputs that no node needs.
fn finish(mut model: ModelProto) -> Vec<u8> {
    let graph = model.graph.get_or_insert_default();
    prune(graph);
    let needed: HashSet<&String> = graph.node.iter().flat_map(|n| &n.input).collect();
    graph.input.retain(|port| needed.contains(&port.name));
    model.encode_to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fine() -> Stages {
        let bytes = include_bytes!("../../models/fine/transformer.onnx");
        let label = "fine";
        Stages::read(&File { label, bytes }, "stats").unwrap()
    }

    #[test]
    fn a_network_can_be_cut_at_its_norms() {
        let stages = fine();
        let whole = [PASTICHE];
        assert_eq!(stages.norms(), 15);
        assert!((stages.macs(&[], &whole) - 34_100.0).abs() < 100.0); // as models.toml has it
        assert_eq!(stages.reach(&[], &whole).content, Some(58));
        for Checkpoint { norm, kept } in stages.checkpoints() {
            // With the checkpoint given, the next stage is a few layers, and looks no farther than they do.
            let target = [stages.target(norm + 1)];
            let reach = stages.reach(&kept, &target);
            assert!(reach.kept.unwrap() <= 12, "{norm}: {reach:?}");
            let macs = stages.macs(&kept, &target);
            assert!(macs < 34_100.0 / 4.0, "{norm}: {macs}");
            // At a quarter of the resolution, or few channels; what the skip connection needs is not kept.
            let values = kept.iter().map(|k| stages.extent(k).unwrap().values());
            assert!(values.sum::<f64>() <= 8.0, "{norm}: {kept:?}");
            // Only the layer that the skip connection leads to looks at the content.
            assert_eq!(reach.content.is_some(), norm + 1 == 13, "{norm}");
        }
    }

    #[test]
    fn inside_a_residual_block_two_tensors_are_kept_or_one() {
        let at = |norm| {
            let all = fine().checkpoints();
            let here = all.into_iter().filter(|c| c.norm == norm);
            here.map(|c| c.kept.len()).collect::<Vec<_>>()
        };
        assert_eq!(at(0), [] as [usize; 0]);
        assert_eq!(at(1), [1]);
        for norm in 2..12 {
            assert_eq!(at(norm), [1, 2], "{norm}");
        }
        assert_eq!(at(12), [1]);
    }

    #[test]
    fn an_operator_of_unknown_reach_is_refused() {
        let mut model = fine().model;
        let graph = model.graph.as_mut().unwrap();
        let relu = graph.node.iter_mut().find(|n| n.op_type == "Relu").unwrap();
        relu.op_type = "Softmax".to_owned();
        let extents = Extents::of(model.graph.as_ref().unwrap(), CONTENT);
        let said = extents.err().unwrap();
        assert!(said.contains("operator Softmax"), "{said}");
    }
}
