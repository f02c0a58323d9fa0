//! Graphs of the model contract with parts exchanged: bytes of any kind would seldom get past the decoder of protocol
//! buffers.

use impasto::onnx::proto::{GraphProto, ModelProto, NodeProto};
use prost::Message;

use super::graph;

const SEEDS: [&[u8]; 4] = [
    include_bytes!("../../data/tiny/predictor.onnx"),
    include_bytes!("../../data/tiny/tiny/head.onnx"),
    include_bytes!("../../data/tiny/tiny/transformer.onnx"),
    include_bytes!("../../data/identity.onnx"),
];

/// Operators with a rule in the derivative or in the extents, and some without one.
const OPERATORS: [&str; 30] = [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Conv",
    "ConvTranspose",
    "Relu",
    "Clip",
    "Concat",
    "Split",
    "Slice",
    "Pad",
    "Resize",
    "Reshape",
    "Transpose",
    "ReduceMean",
    "ReduceSum",
    "MatMul",
    "Gemm",
    "Sqrt",
    "Pow",
    "Exp",
    "Sigmoid",
    "DepthToSpace",
    "SpaceToDepth",
    "Cast",
    "Expand",
    "AveragePool",
    "Loop",
    "",
];

/// Numbers at which sizes and axes go wrong.
const INTEGERS: [i64; 12] = [0, 1, -1, 2, 3, 4, 7, 255, -2, i64::MAX, i64::MIN, 1 << 32];

pub fn run(data: &[u8]) {
    let Some((first, orders)) = data.split_first() else {
        return;
    };
    let seed = SEEDS[usize::from(*first) % SEEDS.len()];
    graph::read(&mutated(seed, orders));
}

/// The model `seed` after one change for every 4 bytes of `orders`.
pub fn mutated(seed: &[u8], mut orders: &[u8]) -> Vec<u8> {
    let mut model = ModelProto::decode(seed).expect("a seed is a graph");
    let graph = model.graph.get_or_insert_default();
    while let Some((order, rest)) = orders.split_first_chunk::<4>() {
        change(graph, order.map(usize::from));
        orders = rest;
    }
    model.encode_to_vec()
}

/// One change: what is done, where, and two numbers more.
fn change(graph: &mut GraphProto, [what, place, a, b]: [usize; 4]) {
    let names: Vec<String> = graph
        .node
        .iter()
        .flat_map(|n| n.output.iter().cloned())
        .collect();
    let count = graph.node.len();
    match what % 12 {
        10 => change_constant(graph, place, a, b),
        11 => change_port(graph, place, a, b),
        _ if count == 0 => {}
        0 => graph.node[place % count].op_type = OPERATORS[a % OPERATORS.len()].to_owned(),
        1 => drop(graph.node.remove(place % count)),
        2 => graph.node.swap(place % count, a % count),
        3 if count < 200 => graph
            .node
            .insert(a % count, graph.node[place % count].clone()),
        4 => reconnect(&mut graph.node[place % count], &names, a, b),
        5 => drop(graph.node[place % count].input.pop()),
        6 => drop(graph.node[place % count].output.pop()),
        7 => change_attribute(&mut graph.node[place % count], a, b),
        8 => graph.node[place % count].domain = "strange".to_owned(),
        9 => graph.node[place % count].attribute.clear(),
        _ => {}
    }
}

fn reconnect(node: &mut NodeProto, names: &[String], a: usize, b: usize) {
    let Some(name) = names.get(b % names.len().max(1)) else {
        return;
    };
    let inputs = node.input.len();
    match node.input.get_mut(a % inputs.max(1)) {
        Some(input) => input.clone_from(name),
        None => node.input.push(name.clone()),
    }
}

fn change_attribute(node: &mut NodeProto, a: usize, b: usize) {
    let count = node.attribute.len();
    let Some(attribute) = node.attribute.get_mut(a % count.max(1)) else {
        return;
    };
    let value = INTEGERS[b % INTEGERS.len()];
    attribute.i = value;
    let ints = attribute.ints.len();
    match attribute.ints.get_mut((b / INTEGERS.len()) % ints.max(1)) {
        Some(place) => *place = value,
        None => attribute.ints.push(value),
    }
}

fn change_constant(graph: &mut GraphProto, place: usize, a: usize, b: usize) {
    let count = graph.initializer.len();
    let Some(constant) = graph.initializer.get_mut(place % count.max(1)) else {
        return;
    };
    match a % 5 {
        0 => constant.raw_data.truncate(b),
        1 => constant.dims.push(INTEGERS[b % INTEGERS.len()]),
        2 => drop(constant.dims.pop()),
        3 => constant.data_type = b as i32,
        _ => {
            let dims = constant.dims.len();
            if let Some(size) = constant.dims.get_mut(b % dims.max(1)) {
                *size = INTEGERS[(b / 8) % INTEGERS.len()];
            }
        }
    }
}

fn change_port(graph: &mut GraphProto, place: usize, a: usize, b: usize) {
    let ports = graph.input.iter_mut().chain(&mut graph.output);
    let Some(port) = ports.into_iter().nth(place % 4) else {
        return;
    };
    let shape = port
        .kind
        .as_mut()
        .and_then(|kind| kind.tensor_type.as_mut())
        .and_then(|tensor| tensor.shape.as_mut());
    match shape {
        Some(shape) if a.is_multiple_of(3) => drop(shape.dim.pop()),
        Some(shape) if a % 3 == 1 => {
            let dims = shape.dim.len();
            if let Some(size) = shape.dim.get_mut(b % dims.max(1)) {
                size.dim_value = INTEGERS[(b / 8) % INTEGERS.len()];
            }
        }
        _ => port.kind = None,
    }
}
