//! Derivatives of operators: a node and the gradients with respect to its outputs go in, the gradients with respect to
//! its inputs come out, as new nodes of the graph.
//!
//! Sizes are read from the tensors by nodes of the graph (`Shape`); ONNX Runtime folds them into constants at load time
//! where they are fixed.

mod arithmetic;
mod layout;
mod products;
mod reductions;
mod sizes;

use super::proto::{AttributeProto, NodeProto};
use super::{Graph, Tensor};

/// The gradient with respect to a tensor.
#[derive(Debug, Clone)]
pub(super) struct Grad {
    tensor: Tensor,
    /// It has the tensor's shape. Otherwise it is broadcast to it: the gradient through a mean is the same for every value.
    full: bool,
}

impl Grad {
    /// A gradient of the tensor's own shape.
    pub(super) fn full(tensor: Tensor) -> Self {
        Self { tensor, full: true }
    }

    /// A gradient that is broadcast to the tensor's shape.
    fn broadcast(tensor: Tensor) -> Self {
        Self {
            tensor,
            full: false,
        }
    }

    /// The sum of two gradients with respect to one tensor.
    pub(super) fn plus(&self, graph: &mut Graph, other: &Self) -> Self {
        Self {
            tensor: graph.apply("Add", &[&self.tensor, &other.tensor], &[]),
            full: self.full || other.full,
        }
    }

    /// In the shape of `of`, the tensor that it is the gradient of.
    pub(super) fn expanded(self, graph: &mut Graph, of: &Tensor) -> Tensor {
        if self.full {
            return self.tensor;
        }
        let shape = graph.apply("Shape", &[of], &[]);
        graph.apply("Expand", &[&self.tensor, &shape], &[])
    }
}

/// The gradients with respect to the inputs of `node`, each with the index of its input; `grads` are those with respect
/// to its outputs. Inputs that are not `wanted` may be left out.
///
/// The error says what about the node has no rule.
pub(super) fn backward(
    graph: &mut Graph,
    node: &NodeProto,
    grads: Vec<Option<Grad>>,
    wanted: &[bool],
) -> Result<Vec<(usize, Grad)>, String> {
    let op = node.op_type.as_str();
    if !node.domain.is_empty() {
        return Err(format!(
            "the operator {op} of {} is not a standard one",
            node.domain
        ));
    }
    if op == "Split" {
        return Ok(vec![(0, layout::split(graph, node, grads))]);
    }
    let inputs: Vec<Tensor> = node.input.iter().map(|i| Tensor(i.clone())).collect();
    let y = Tensor(node.output.first().cloned().unwrap_or_default());
    let (Some(x), Some(Some(grad))) = (inputs.first(), grads.into_iter().next()) else {
        return Err(format!("only the first output of {op} has a rule"));
    };
    if op == "Mul" && inputs.get(1) == Some(x) {
        return Ok(vec![(0, arithmetic::square(graph, x, &grad))]);
    }
    let d = grad.expanded(graph, &y);
    let mut rule = Rule {
        graph,
        node,
        x,
        y: &y,
        d: &d,
    };
    let second = || {
        let input = inputs.get(1);
        input.ok_or_else(|| format!("{op} lacks its second input"))
    };
    match op {
        "Add" | "Sub" | "Mul" | "Div" => return rule.elementwise(op, second()?, wanted),
        "Concat" => return rule.concat(&inputs),
        "MatMul" => return rule.mat_mul(second()?, wanted),
        "Gemm" if second()? == x => return rule.gemm_with_itself(wanted),
        _ if wanted.iter().skip(1).any(|w| *w) => {
            return Err(format!(
                "{op} has a rule for its first input only, and the derivative by another is needed"
            ));
        }
        _ => {}
    }
    let grad = match op {
        // Rounding is ignored: see `derivative`.
        "Identity" | "Round" | "Cast" => d.clone(),
        "Sqrt" => rule.sqrt(),
        "Relu" => rule.relu(),
        "Sigmoid" => rule.sigmoid(),
        "Clip" => rule.clip(),
        "Transpose" => rule.transpose(),
        "Reshape" => {
            let shape = rule.shape(x);
            rule.apply("Reshape", &[&d, &shape])
        }
        "Slice" => rule.slice(&inputs)?,
        "Pad" => rule.reflection(second()?)?,
        "Conv" => rule.conv(second()?)?,
        "Gemm" => rule.gemm(second()?)?,
        "SpaceToDepth" => rule.space_to_depth(),
        "DepthToSpace" => rule.depth_to_space(),
        "AveragePool" => rule.average_pool()?,
        "MaxPool" => rule.max_pool()?,
        "ReduceSum" => return Ok(vec![(0, rule.sum(inputs.len())?)]),
        "ReduceMean" | "GlobalAveragePool" => return Ok(vec![(0, rule.mean(inputs.len())?)]),
        _ => return Err(format!("there is no rule for the operator {op}")),
    };
    Ok(vec![(0, Grad::full(grad))])
}

/// An operator y = op(x, ..), and the gradient d with respect to y.
struct Rule<'a> {
    graph: &'a mut Graph,
    node: &'a NodeProto,
    x: &'a Tensor,
    y: &'a Tensor,
    d: &'a Tensor,
}

impl Rule<'_> {
    fn int(&self, name: &str, default: i64) -> i64 {
        int(self.node, name, default)
    }

    fn ints(&self, name: &str) -> Option<&[i64]> {
        attribute(self.node, name).map(|a| a.ints.as_slice())
    }

    fn apply(&mut self, operator: &str, inputs: &[&Tensor]) -> Tensor {
        self.graph.apply(operator, inputs, &[])
    }

    fn shape(&mut self, of: &Tensor) -> Tensor {
        self.apply("Shape", &[of])
    }
}

fn attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n AttributeProto> {
    node.attribute.iter().find(|a| a.name == name)
}

fn int(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).map_or(default, |a| a.i)
}
