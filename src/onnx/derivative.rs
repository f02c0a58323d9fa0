//! The derivative of networks that lie in files. ONNX Runtime cannot differentiate; but a derivative is a graph too, and
//! can be written from the graph of the network (reverse mode; Griewank & Walther 2008, "Evaluating derivatives").

use std::collections::{HashMap, HashSet};

use super::file::{File, refused};
use super::proto::{GraphProto, NodeProto, TensorShapeProto, TypeProto, ValueInfoProto};
use super::rules::{self, Pull};
use super::{F32, Graph, Tensor, value_info};
use crate::error::Result;

/// The input of the derivative's graph that says how the loss changes with the output.
pub const PULL: &str = "pull";
/// Its output.
pub const GRADIENT: &str = "gradient";

/// The least operator set that the rules are written for.
const LEAST_OPERATORS: i64 = 13;

/// The graph that takes a chain of models backwards: it has the inputs of the chain and [`PULL`], the derivative of some
/// loss by `output`, of the shape of `output` but always f32; and gives [`GRADIENT`], the derivative of that loss by `by`,
/// an input of the chain.
///
/// An output of one model is the input of that name of those behind it. `shapes` fixes sizes of inputs, and of `output`,
/// that the models leave open: the runtime then works out every other size when it loads the graph. Where values are
/// rounded on their way, the derivative is that of the way without rounding.
///
/// # Errors
/// [`Error::Model`](crate::Error::Model) when a file is no ONNX model, has an operator on the way from `by` to `output`
/// whose derivative is not known, or there is no such way.
pub fn derivative(
    chain: &[File<'_>],
    by: &str,
    output: &str,
    shapes: &[(&str, &[usize])],
) -> Result<Vec<u8>> {
    let mut forward = Forward::read(chain, shapes)?;
    let last = chain.last().map_or("chain", |file| file.label);
    let refuse = |reason: String| refused(last, reason);
    let missing = |name: &str| refuse(format!("has no '{name}' to find the derivative by"));
    let given = forward.port(by, &forward.graph.proto.input);
    let mut gradient = given.ok_or_else(|| missing(by))?;
    let made = forward.port(output, &forward.outputs);
    let mut pull = made.ok_or_else(|| missing(output))?;

    pull.name = PULL.to_owned();
    if let Some(tensor) = pull.kind.as_mut().and_then(|k| k.tensor_type.as_mut()) {
        tensor.elem_type = F32;
    }
    forward.graph.proto.input.push(pull);
    let back = forward.back(by, output)?.ok_or_else(|| {
        refuse(format!(
            "gives a '{output}' that does not depend on '{by}', so nothing can be fitted"
        ))
    })?;
    let mut graph = forward.graph;
    graph.proto.node.push(NodeProto {
        input: vec![back.0],
        output: vec![GRADIENT.to_owned()],
        op_type: "Identity".to_owned(),
        ..NodeProto::default()
    });
    gradient.name = GRADIENT.to_owned();
    graph.proto.output = vec![gradient];
    prune(&mut graph.proto);
    Ok(graph.into_bytes_for(forward.operators))
}

/// The chain as one graph.
struct Forward<'a> {
    graph: Graph,
    operators: i64,
    /// What all models of the chain give.
    outputs: Vec<ValueInfoProto>,
    /// To which model each node belongs.
    labels: Vec<&'a str>,
}

impl<'a> Forward<'a> {
    fn read(chain: &[File<'a>], shapes: &[(&str, &[usize])]) -> Result<Self> {
        let mut all = Self {
            graph: Graph::new("derivative"),
            operators: LEAST_OPERATORS,
            outputs: Vec::new(),
            labels: Vec::new(),
        };
        for (n, file) in chain.iter().enumerate() {
            all.append(n, file)?;
        }
        let ports = all.graph.proto.input.iter_mut().chain(&mut all.outputs);
        for port in ports {
            if let Some((_, dims)) = shapes.iter().find(|(name, _)| *name == port.name) {
                fix(port, dims);
            }
        }
        Ok(all)
    }

    /// Put the `n`th model behind the others. Inner names get its number, so that no two are the same.
    fn append(&mut self, n: usize, file: &File<'a>) -> Result<()> {
        let refuse = |reason: String| refused(file.label, reason);
        let model = file.model()?;
        let operators = model.opset_import.iter().find(|o| o.domain.is_empty());
        let operators = operators.map_or(1, |o| o.version);
        if operators < LEAST_OPERATORS || (n > 0 && operators != self.operators) {
            return Err(refuse(format!(
                "is of operator set {operators}; for its derivative all of a model must be of the same, {LEAST_OPERATORS} or later"
            )));
        }
        self.operators = operators;
        let graph = model.graph.unwrap_or_default();
        let weights: HashSet<_> = graph.initializer.iter().map(|w| w.name.as_str()).collect();
        // Old files list their weights among the inputs too.
        let inputs: Vec<_> = graph
            .input
            .iter()
            .filter(|i| !weights.contains(i.name.as_str()))
            .collect();
        let ports = inputs.iter().copied().chain(&graph.output);
        let ports: HashSet<_> = ports.map(|port| port.name.as_str()).collect();
        let renamed = |name: &String| -> String {
            if name.is_empty() || ports.contains(name.as_str()) {
                return name.clone();
            }
            format!("{n}/{name}")
        };
        for input in inputs {
            let known = self.outputs.iter().chain(&self.graph.proto.input);
            if !known.into_iter().any(|port| port.name == input.name) {
                self.graph.proto.input.push(input.clone());
            }
        }
        self.outputs.extend(graph.output.iter().cloned());
        for weight in &graph.initializer {
            let mut weight = weight.clone();
            weight.name = renamed(&weight.name);
            self.graph.proto.initializer.push(weight);
        }
        for node in &graph.node {
            let mut node = node.clone();
            node.input = node.input.iter().map(renamed).collect();
            node.output = node.output.iter().map(renamed).collect();
            self.graph.proto.node.push(node);
            self.labels.push(file.label);
        }
        Ok(())
    }

    fn port(&self, name: &str, among: &[ValueInfoProto]) -> Option<ValueInfoProto> {
        among.iter().find(|port| port.name == name).cloned()
    }

    /// Append the way back. Gives the pull on `by`, or `None` when `output` does not depend on it.
    fn back(&mut self, by: &str, output: &str) -> Result<Option<Tensor>> {
        let nodes = self.graph.proto.node.clone();
        let mut depends = HashSet::from([by]);
        for node in &nodes {
            if node.input.iter().any(|i| depends.contains(i.as_str())) {
                depends.extend(node.output.iter().map(String::as_str));
            }
        }
        let pull = Pull::whole(Tensor(PULL.to_owned()));
        let mut pulls = HashMap::from([(output.to_owned(), pull)]);
        for (node, label) in nodes.iter().zip(&self.labels).rev() {
            let wanted: Vec<bool> = node
                .input
                .iter()
                .map(|i| depends.contains(i.as_str()))
                .collect();
            let on: Vec<_> = node.output.iter().map(|o| pulls.remove(o)).collect();
            if !wanted.contains(&true) || on.iter().all(Option::is_none) {
                continue;
            }
            let found = rules::back(&mut self.graph, node, on, &wanted).map_err(|reason| {
                refused(
                    label,
                    format!("can paint, but cannot be fitted: {reason}; leave --refine out, or choose another --model"),
                )
            })?;
            for (place, more) in found.into_iter().filter(|(place, _)| wanted[*place]) {
                let name = &node.input[place];
                let sum = match pulls.remove(name) {
                    Some(pull) => pull.plus(&mut self.graph, &more),
                    None => more,
                };
                pulls.insert(name.clone(), sum);
            }
        }
        let pull = pulls.remove(by);
        Ok(pull.map(|pull| pull.spread(&mut self.graph, &Tensor(by.to_owned()))))
    }
}

fn fix(port: &mut ValueInfoProto, dims: &[usize]) {
    let kind = port.kind.get_or_insert_with(TypeProto::default);
    let shape: Option<TensorShapeProto> = value_info("", dims)
        .kind
        .and_then(|k| k.tensor_type)
        .and_then(|t| t.shape);
    if let Some(tensor) = &mut kind.tensor_type {
        tensor.shape = shape;
    }
}

/// Without what no output needs, such as the network's own outputs.
pub(super) fn prune(proto: &mut GraphProto) {
    let mut needed: HashSet<String> = proto.output.iter().map(|o| o.name.clone()).collect();
    let mut kept = Vec::new();
    for node in std::mem::take(&mut proto.node).into_iter().rev() {
        if node.output.iter().any(|o| needed.contains(o)) {
            needed.extend(node.input.iter().cloned());
            kept.push(node);
        }
    }
    kept.reverse();
    proto.node = kept;
    proto.initializer.retain(|w| needed.contains(&w.name));
}
