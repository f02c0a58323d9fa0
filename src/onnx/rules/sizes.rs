//! Height and width of a tensor where they are known before the graph is run, so that a rule can leave out what is not
//! needed: the graph and a tensor go in, its last two sizes come out.

use super::super::proto::NodeProto;
use super::super::{Graph, Tensor};
use super::attribute;

/// A search looks at no more nodes than this: in a graph that branches again and again there would be no end.
const MAX_NODES: usize = 1000;

/// The height and width of `tensor`, or `None` where an open input or another operator is met on the way to it.
pub(super) fn sides(graph: &Graph, tensor: &Tensor) -> Option<[i64; 2]> {
    search(graph, tensor, &mut MAX_NODES.clone())
}

fn search(graph: &Graph, tensor: &Tensor, nodes_left: &mut usize) -> Option<[i64; 2]> {
    *nodes_left = nodes_left.checked_sub(1)?;
    let proto = &graph.proto;
    if let Some(weights) = proto.initializer.iter().find(|w| w.name == tensor.0) {
        return match weights.dims[..] {
            [.., height, width] => Some([height, width]),
            [width] => Some([1, width]),
            [] => Some([1, 1]),
        };
    }
    if let Some(input) = proto.input.iter().find(|i| i.name == tensor.0) {
        let shape = input.kind.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
        let [.., height, width] = &shape.dim[..] else {
            return None;
        };
        let sides = [height.dim_value, width.dim_value];
        return sides.iter().all(|side| *side > 0).then_some(sides);
    }
    let node = proto.node.iter().find(|n| n.output.contains(&tensor.0))?;
    let mut of = |n: usize| search(graph, &Tensor(node.input.get(n)?.clone()), nodes_left);
    match node.op_type.as_str() {
        "Relu" | "Sigmoid" | "Sqrt" | "Clip" | "Round" | "Identity" => of(0),
        "Add" | "Sub" | "Mul" | "Div" => {
            let (a, b) = (of(0)?, of(1)?);
            Some([a[0].max(b[0]), a[1].max(b[1])])
        }
        "Conv" => {
            let [top, left, bottom, right] = ints(node, "pads").unwrap_or(&[0; 4]) else {
                return None;
            };
            let ([height, width], [h, w]) = (of(0)?, ints(node, "kernel_shape")?) else {
                return None;
            };
            let plain = ["strides", "dilations", "auto_pad"]
                .iter()
                .all(|name| attribute(node, name).is_none());
            plain.then_some([height + top + bottom - h + 1, width + left + right - w + 1])
        }
        "AveragePool" | "MaxPool" => {
            let side = window(node)?;
            Some(of(0)?.map(|of_x| of_x / side))
        }
        _ => None,
    }
}

/// The side of a pool's windows where they are squares side by side.
pub(super) fn window(node: &NodeProto) -> Option<i64> {
    let plain = ["pads", "dilations", "auto_pad", "ceil_mode"]
        .iter()
        .all(|name| attribute(node, name).is_none());
    match (ints(node, "kernel_shape"), ints(node, "strides")) {
        (Some([a, b]), Some([c, d])) if plain && a == b && a == c && a == d && *a > 0 => Some(*a),
        _ => None,
    }
}

fn ints<'n>(node: &'n NodeProto, name: &str) -> Option<&'n [i64]> {
    attribute(node, name).map(|a| a.ints.as_slice())
}
