//! What is refused before ONNX Runtime sees a model: a decoded model goes in, the reason why it is not run comes out.
//!
//! A model can come from anywhere, and the runtime trusts it: it reads other files that the model names (external data,
//! CVE-2024-27318, CVE-2025-51480), runs its loops for as long as it says, and allocates what its sizes say. The networks
//! that this program runs need none of that. Sizes that a graph computes are not known before it runs, and not checked.

use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};

/// The most values of a tensor that stands in the file or is an input or output: as many as 16384x16384 pixels.
const MOST_VALUES: i64 = 1 << 28;

/// The most values of a tensor that a graph makes of a constant size: 64 MiB, and more than any network of a picture's
/// style needs.
const MOST_CONSTANT: i64 = 1 << 24;

/// The most that a Tile repeats, and the most pixels that a Pad adds to a side or a kernel covers.
const MOST_REPEATS: i64 = 1 << 16;

/// The most that a Resize enlarges a side.
const MOST_SCALE: f32 = 64.0;

/// Numbers of a tensor of int64.
const INT64: i32 = 7;

/// Numbers of a tensor of f32.
const FLOAT: i32 = 1;

/// Operators of feed-forward networks and of their derivatives. Missing are those that run graphs (Loop, If, Scan), hold
/// sequences, draw lots, or read formats of files.
const OPERATORS: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "ArgMax",
    "ArgMin",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "Cos",
    "DepthToSpace",
    "DequantizeLinear",
    "Div",
    "DynamicQuantizeLinear",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "InstanceNormalization",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LpNormalization",
    "MatMul",
    "MatMulInteger",
    "Max",
    "MaxPool",
    "Mean",
    "MeanVarianceNormalization",
    "Min",
    "Mish",
    "Mod",
    "Mul",
    "Neg",
    "NonZero",
    "Not",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "Round",
    "ScatterElements",
    "Selu",
    "Shape",
    "Sigmoid",
    "Sign",
    "Sin",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "ThresholdedRelu",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Upsample",
    "Where",
    "Xor",
];

/// Whether `model` may be run.
///
/// # Errors
/// What is wrong with it.
pub(super) fn admit(model: &ModelProto) -> Result<(), String> {
    if !model.functions.is_empty() {
        return Err("defines functions of its own".to_owned());
    }
    let Some(graph) = &model.graph else {
        return Ok(());
    };
    if !graph.sparse_initializer.is_empty() {
        return Err("has sparse weights".to_owned());
    }
    graph.initializer.iter().try_for_each(tensor)?;
    let ports = graph.input.iter().chain(&graph.output);
    ports.into_iter().try_for_each(port)?;
    graph.node.iter().try_for_each(|n| node(n, graph))
}

/// A tensor that stands in the file: whole, and not too large.
fn tensor(tensor: &TensorProto) -> Result<(), String> {
    if tensor.data_location != 0 || !tensor.external_data.is_empty() {
        return Err(format!(
            "keeps '{}' in another file (external data)",
            shown(&tensor.name)
        ));
    }
    match product(tensor.dims.iter().copied()) {
        Some(values) if values <= MOST_VALUES => Ok(()),
        _ => Err(format!(
            "has '{}' of an impossible size",
            shown(&tensor.name)
        )),
    }
}

/// An input or output: sizes that stand in the file are possible ones.
fn port(port: &ValueInfoProto) -> Result<(), String> {
    let shape = port
        .kind
        .as_ref()
        .and_then(|kind| kind.tensor_type.as_ref())
        .and_then(|tensor| tensor.shape.as_ref());
    let sizes = shape.into_iter().flat_map(|shape| &shape.dim);
    // Sizes that are open are 0 here, or -1 in the files of some tools.
    let given = sizes.map(|size| size.dim_value).filter(|size| *size > 0);
    match product(given) {
        Some(values) if values <= MOST_VALUES => Ok(()),
        _ => Err(format!("has '{}' of an impossible size", shown(&port.name))),
    }
}

fn node(node: &NodeProto, graph: &GraphProto) -> Result<(), String> {
    let name = node.op_type.as_str();
    let ours = node.domain.is_empty() || node.domain == "ai.onnx";
    if !ours || !OPERATORS.contains(&name) {
        return Err(format!(
            "has the operator {}, which is not one of those that pictures need",
            shown(&format!("{}{name}", qualifier(&node.domain)))
        ));
    }
    for attribute in &node.attribute {
        check_attribute(name, attribute)?;
    }
    let wrong = |what: &str| Err(format!("has a {name} that {what}"));
    let constant = |place: usize| {
        let input = node.input.get(place).filter(|input| !input.is_empty())?;
        constant(graph, input)
    };
    let shape = match name {
        "ConstantOfShape" => constant(0),
        "Expand" | "Reshape" => constant(1),
        "Resize" => constant(3),
        _ => None,
    };
    if let Some(shape) = shape.map(integers) {
        // -1 is for what is left over, 0 for what was there.
        let given = shape.into_iter().filter(|size| *size > 0);
        if product(given).is_none_or(|values| values > MOST_CONSTANT) {
            return wrong("makes an impossible size");
        }
    }
    if name == "Tile"
        && let Some(repeats) = constant(1).map(integers)
        && product(repeats).is_none_or(|repeats| repeats > MOST_REPEATS)
    {
        return wrong("repeats too often");
    }
    if name == "Pad"
        && let Some(pads) = constant(1).map(integers)
        && pads.iter().any(|pad| *pad > MOST_REPEATS)
    {
        return wrong("adds too much");
    }
    let scales = match name {
        "Resize" => constant(2),
        "Upsample" => constant(1),
        _ => None,
    };
    if let Some(scales) = scales.map(floats)
        && scales
            .iter()
            .any(|scale| !(0.0..=MOST_SCALE).contains(scale))
    {
        return wrong("enlarges too much");
    }
    Ok(())
}

/// No graph in a graph, no data elsewhere, and no kernel, stride or border beyond any picture.
fn check_attribute(operator: &str, attribute: &AttributeProto) -> Result<(), String> {
    let AttributeProto {
        g,
        graphs,
        sparse_tensor,
        sparse_tensors,
        tensors,
        t,
        ..
    } = attribute;
    if g.is_some() || !graphs.is_empty() {
        return Err(format!("has a graph inside of {operator}"));
    }
    if sparse_tensor.is_some() || !sparse_tensors.is_empty() || !tensors.is_empty() {
        return Err(format!("has tensors of an unknown kind in {operator}"));
    }
    t.iter().try_for_each(tensor)?;
    let is_extent = matches!(
        attribute.name.as_str(),
        "kernel_shape"
            | "strides"
            | "pads"
            | "dilations"
            | "output_padding"
            | "output_shape"
            | "blocksize"
    );
    let mut numbers = attribute.ints.iter().chain([&attribute.i]);
    if is_extent && numbers.any(|n| n.unsigned_abs() > MOST_REPEATS as u64) {
        let name = shown(&attribute.name);
        return Err(format!("has a {operator} of an impossible size ({name})"));
    }
    Ok(())
}

/// The tensor `name`, where its numbers stand in the file.
pub(super) fn constant<'a>(graph: &'a GraphProto, name: &str) -> Option<&'a TensorProto> {
    let weight = graph.initializer.iter().find(|t| t.name == name);
    weight.or_else(|| {
        let by = graph
            .node
            .iter()
            .find(|n| n.op_type == "Constant" && n.output.iter().any(|o| o == name))?;
        by.attribute.iter().find_map(|a| a.t.as_ref())
    })
}

/// The numbers of a tensor of int64; none of another.
pub(super) fn integers(tensor: &TensorProto) -> Vec<i64> {
    if tensor.data_type != INT64 {
        return Vec::new();
    }
    let (raw, _) = tensor.raw_data.as_chunks::<8>();
    let raw = raw.iter().map(|bytes| i64::from_le_bytes(*bytes));
    raw.chain(tensor.int64_data.iter().copied()).collect()
}

/// The numbers of a tensor of f32; none of another.
fn floats(tensor: &TensorProto) -> Vec<f32> {
    if tensor.data_type != FLOAT {
        return Vec::new();
    }
    let (raw, _) = tensor.raw_data.as_chunks::<4>();
    let raw = raw.iter().map(|bytes| f32::from_le_bytes(*bytes));
    raw.chain(tensor.float_data.iter().copied()).collect()
}

/// The product of sizes; `None` when one is negative or there are too many values to count.
fn product(sizes: impl IntoIterator<Item = i64>) -> Option<i64> {
    let mut product: i64 = 1;
    for size in sizes {
        if size < 0 {
            return None;
        }
        product = product.checked_mul(size)?;
    }
    Some(product)
}

fn qualifier(domain: &str) -> String {
    match domain {
        "" => String::new(),
        domain => format!("{domain}."),
    }
}

/// A name out of the file, fit for a message.
fn shown(name: &str) -> String {
    let plain = name.chars().filter(|c| !c.is_control()).take(60);
    plain.collect()
}

#[cfg(test)]
#[path = "admit_tests.rs"]
mod tests;
