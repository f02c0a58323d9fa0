//! Derivatives: graphs go in, graphs that also compute a gradient come out. ONNX Runtime cannot differentiate, but the
//! derivative of a graph is a graph too (reverse mode; Griewank & Walther 2008, "Evaluating derivatives").

use std::collections::{HashMap, HashSet};

use super::file::{File, refused};
use super::proto::{GraphProto, NodeProto, TensorShapeProto, TypeProto, ValueInfoProto};
use super::rules::{self, Grad};
use super::{F32, Graph, Tensor, value_info};
use crate::error::{Error, Result};

/// The input of the derivative's graph: the gradient with respect to the model's output.
pub const GRAD_OUTPUT: &str = "grad_output";
/// Its output: the gradient with respect to the model's input.
pub const GRAD_INPUT: &str = "grad_input";

/// The oldest operator set that the rules are written for.
const LEAST_OPERATORS: i64 = 13;

/// The backward pass of a chain of models. The graph has the inputs of the chain and [`GRAD_OUTPUT`], the gradient of a
/// loss with respect to `output`, of the shape of `output` but always f32; it gives [`GRAD_INPUT`], the gradient of that
/// loss with respect to `by`, an input of the chain.
///
/// An output of one model is the input of that name of the models after it. `shapes` fixes sizes of inputs, and of
/// `output`, that the models leave open; the runtime then infers all others when it loads the graph. Rounding is
/// differentiated as if values were not rounded.
///
/// # Errors
/// [`Error::Model`] when a file is not an ONNX model, `output` does not depend on `by`, or there is no rule for an
/// operator between them.
pub fn derivative(
    chain: &[File<'_>],
    by: &str,
    output: &str,
    shapes: &[(&str, &[usize])],
) -> Result<Vec<u8>> {
    let mut forward = Forward::read(chain, shapes)?;
    let last = chain.last().map_or("chain", |file| file.label);
    let refuse = |reason: String| refused(last, reason);
    let missing = |name: &str| refuse(format!("has no '{name}' to differentiate"));
    let given = forward.port(by, &forward.graph.proto.input);
    let mut grad_input = given.ok_or_else(|| missing(by))?;
    let made = forward.port(output, &forward.outputs);
    let mut grad_output = made.ok_or_else(|| missing(output))?;

    grad_output.name = GRAD_OUTPUT.to_owned();
    if let Some(tensor) = grad_output
        .kind
        .as_mut()
        .and_then(|k| k.tensor_type.as_mut())
    {
        tensor.elem_type = F32;
    }
    forward.graph.proto.input.push(grad_output);
    let (graph, labels) = (&mut forward.graph, &forward.labels);
    let start = Tensor(GRAD_OUTPUT.to_owned());
    let refuse_node = |node: usize, reason: String| {
        let reason = format!(
            "cannot be differentiated: {reason}; choose another model, or leave refinement out"
        );
        refused(labels.get(node).copied().unwrap_or(last), reason)
    };
    let found = backward(graph, by, output, start, &refuse_node)?.ok_or_else(|| {
        refuse(format!(
            "gives a '{output}' that does not depend on '{by}', so nothing can be fitted"
        ))
    })?;
    let mut graph = forward.graph;
    graph.proto.node.push(NodeProto {
        input: vec![found.0],
        output: vec![GRAD_INPUT.to_owned()],
        op_type: "Identity".to_owned(),
        ..NodeProto::default()
    });
    grad_input.name = GRAD_INPUT.to_owned();
    graph.proto.output = vec![grad_input];
    prune(&mut graph.proto);
    Ok(graph.into_bytes_for(forward.operators))
}

impl Graph {
    /// Append the gradient of `loss`, a single number, with respect to `by`, an input.
    ///
    /// # Errors
    /// [`Error::Model`] when `loss` does not depend on `by`, or there is no rule for an operator between them.
    pub fn gradient(&mut self, loss: &Tensor, by: &Tensor) -> Result<Tensor> {
        let name = self.proto.name.clone();
        let refuse =
            |_, reason: String| refused(&name, format!("cannot be differentiated: {reason}"));
        let start = self.number(1.0);
        let found = backward(self, &by.0, &loss.0, start, &refuse)?;
        found.ok_or_else(|| refused(&name, format!("does not depend on '{}'", by.0)))
    }
}

/// Append the backward pass from `output`, where the gradient is `start`, to `by`. Gives the gradient there, or `None`
/// when `output` does not depend on `by`. `refuse` makes an error of a node's index and what about it has no rule.
fn backward(
    graph: &mut Graph,
    by: &str,
    output: &str,
    start: Tensor,
    refuse: &dyn Fn(usize, String) -> Error,
) -> Result<Option<Tensor>> {
    let nodes = graph.proto.node.clone();
    let mut depends = HashSet::from([by]);
    for node in &nodes {
        if node.input.iter().any(|i| depends.contains(i.as_str())) {
            depends.extend(node.output.iter().map(String::as_str));
        }
    }
    let mut grads = HashMap::from([(output.to_owned(), Grad::full(start))]);
    for (n, node) in nodes.iter().enumerate().rev() {
        let wanted: Vec<bool> = node
            .input
            .iter()
            .map(|i| depends.contains(i.as_str()))
            .collect();
        let of_outputs: Vec<_> = node.output.iter().map(|o| grads.remove(o)).collect();
        if !wanted.contains(&true) || of_outputs.iter().all(Option::is_none) {
            continue;
        }
        let found = rules::backward(graph, node, of_outputs, &wanted)
            .map_err(|reason| refuse(n, reason))?;
        for (place, more) in found.into_iter().filter(|(place, _)| wanted[*place]) {
            let name = &node.input[place];
            let sum = match grads.remove(name) {
                Some(grad) => grad.plus(graph, &more),
                None => more,
            };
            grads.insert(name.clone(), sum);
        }
    }
    let grad = grads.remove(by);
    Ok(grad.map(|grad| grad.expanded(graph, &Tensor(by.to_owned()))))
}

/// A chain of models as one graph.
struct Forward<'a> {
    graph: Graph,
    operators: i64,
    /// The outputs of all models of the chain.
    outputs: Vec<ValueInfoProto>,
    /// The model that each node comes from.
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

    /// Append the `n`th model. Inner names are prefixed with its number, so that no two are the same.
    fn append(&mut self, n: usize, file: &File<'a>) -> Result<()> {
        let refuse = |reason: String| refused(file.label, reason);
        let model = file.model()?;
        let operators = model.opset_import.iter().find(|o| o.domain.is_empty());
        let operators = operators.map_or(1, |o| o.version);
        if operators < LEAST_OPERATORS || (n > 0 && operators != self.operators) {
            return Err(refuse(format!(
                "is of operator set {operators}; to be differentiated, all parts of a model must be of the same one, {LEAST_OPERATORS} or later"
            )));
        }
        self.operators = operators;
        let graph = model.graph.unwrap_or_default();
        let weights: HashSet<_> = graph.initializer.iter().map(|w| w.name.as_str()).collect();
        // Old files list their weights among the inputs, too.
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

/// Drop the nodes and weights that no output needs.
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
