//! ONNX graphs: build one operator by operator, differentiate it ([`derivative`]), or cut that of a file in stages
//! ([`stages`]). Graphs and files go in, bytes of an ONNX model come out; nothing is run here.

mod admit;
mod affine;
pub mod derivative;
mod extents;
mod file;
pub mod proto;
mod rules;
pub mod stages;

pub use affine::Affine;
pub use extents::Extent;
pub use file::File;

use prost::Message;

use proto::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorType, TypeProto, ValueInfoProto,
};

/// The file format and the operator set: the oldest that suffice, so that old runtimes and all providers support them.
const FORMAT: i64 = 7;
const OPERATORS: i64 = 13;

/// `TensorProto.DataType`.
const F32: i32 = 1;
const I64: i32 = 7;

/// `AttributeProto.AttributeType`.
const INT: i32 = 2;
const STRING: i32 = 3;
const INTS: i32 = 7;

/// The name of a tensor of a [`Graph`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor(String);

/// The value of an operator's attribute.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// Several.
    Ints(Vec<i64>),
    /// A string.
    Str(&'static str),
}

/// A graph that is being built: every method that appends an operator gives its output.
#[derive(Debug, Default)]
pub struct Graph {
    proto: GraphProto,
}

impl Graph {
    /// An empty graph; `name` is for messages.
    pub fn new(name: &str) -> Self {
        let proto = GraphProto {
            name: name.to_owned(),
            ..GraphProto::default()
        };
        Self { proto }
    }

    /// Declare an input of f32.
    pub fn input(&mut self, name: &str, dims: &[usize]) -> Tensor {
        self.proto.input.push(value_info(name, dims));
        Tensor(name.to_owned())
    }

    /// Make `tensor` an output of f32, called `name`.
    pub fn output(&mut self, tensor: &Tensor, name: &str, dims: &[usize]) {
        // A node of its own: the tensor may be needed inside the graph too, or be an input.
        self.proto.node.push(NodeProto {
            input: vec![tensor.0.clone()],
            output: vec![name.to_owned()],
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
        self.proto.output.push(value_info(name, dims));
    }

    /// Constants of f32; the length of `data` is the product of `dims`.
    pub fn numbers(&mut self, dims: &[usize], data: &[f32]) -> Tensor {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(F32, dims, raw)
    }

    /// A constant of f32 without dimensions.
    pub fn number(&mut self, value: f32) -> Tensor {
        self.numbers(&[], &[value])
    }

    /// A row of constants of i64: shapes, indices, axes.
    pub fn integers(&mut self, data: &[i64]) -> Tensor {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(I64, &[data.len()], raw)
    }

    /// Append an operator.
    pub fn apply(
        &mut self,
        operator: &str,
        inputs: &[&Tensor],
        attributes: &[(&str, Attribute)],
    ) -> Tensor {
        let output = self.fresh();
        self.node(operator, inputs, attributes, vec![output.0.clone()]);
        output
    }

    /// Append an operator with several outputs.
    pub(crate) fn apply_multiple(
        &mut self,
        operator: &str,
        inputs: &[&Tensor],
        attributes: &[(&str, Attribute)],
        outputs: usize,
    ) -> Vec<Tensor> {
        let first = self.fresh().0;
        let names: Vec<String> = (0..outputs).map(|n| format!("{first}.{n}")).collect();
        self.node(operator, inputs, attributes, names.clone());
        names.into_iter().map(Tensor).collect()
    }

    fn node(
        &mut self,
        operator: &str,
        inputs: &[&Tensor],
        attributes: &[(&str, Attribute)],
        output: Vec<String>,
    ) {
        self.proto.node.push(NodeProto {
            // An empty name is an optional input that is left out.
            input: inputs.iter().map(|t| t.0.clone()).collect(),
            output,
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(attribute).collect(),
            ..NodeProto::default()
        });
    }

    /// The kernel of a convolution's backward pass: input and output channels exchanged, both sides reversed. ONNX Runtime
    /// folds this into a constant when it loads the graph, so the file holds each kernel once.
    pub fn transposed_kernel(&mut self, kernel: &Tensor) -> Tensor {
        let exchanged = self.apply(
            "Transpose",
            &[kernel],
            &[("perm", Attribute::Ints(vec![1, 0, 2, 3]))],
        );
        let (starts, ends) = (
            self.integers(&[-1, -1]),
            self.integers(&[i64::MIN, i64::MIN]),
        );
        let (axes, steps) = (self.integers(&[2, 3]), self.integers(&[-1, -1]));
        self.apply("Slice", &[&exchanged, &starts, &ends, &axes, &steps], &[])
    }

    /// An optional input that is left out.
    pub fn none() -> Tensor {
        Tensor(String::new())
    }

    /// The bytes of the model's file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.into_bytes_for(OPERATORS)
    }

    /// The same, with another operator set.
    fn into_bytes_for(self, operators: i64) -> Vec<u8> {
        let model = ModelProto {
            ir_version: FORMAT,
            producer_name: "impasto".to_owned(),
            graph: Some(self.proto),
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: operators,
            }],
            ..ModelProto::default()
        };
        model.encode_to_vec()
    }

    fn fresh(&self) -> Tensor {
        Tensor(format!(
            "t{}",
            self.proto.node.len() + self.proto.initializer.len()
        ))
    }

    fn initializer(&mut self, data_type: i32, dims: &[usize], raw_data: Vec<u8>) -> Tensor {
        let name = format!("c{}", self.proto.initializer.len());
        self.proto.initializer.push(TensorProto {
            dims: dims.iter().map(|&d| d as i64).collect(),
            data_type,
            name: name.clone(),
            raw_data,
            ..TensorProto::default()
        });
        Tensor(name)
    }
}

fn attribute((name, value): &(&str, Attribute)) -> AttributeProto {
    let mut proto = AttributeProto {
        name: (*name).to_owned(),
        ..AttributeProto::default()
    };
    match value {
        Attribute::Int(value) => (proto.i, proto.kind) = (*value, INT),
        Attribute::Ints(values) => (proto.ints, proto.kind) = (values.clone(), INTS),
        Attribute::Str(text) => (proto.s, proto.kind) = (text.as_bytes().to_vec(), STRING),
    }
    proto
}

fn value_info(name: &str, dims: &[usize]) -> ValueInfoProto {
    port(name, dims.iter().copied().map(Some))
}

/// An input or output of f32; `None` is a size that is not known.
fn port(name: &str, dims: impl IntoIterator<Item = Option<usize>>) -> ValueInfoProto {
    let dim = |size: Option<usize>| Dimension {
        dim_value: size.unwrap_or(0) as i64, // 0 is not written: neither a size nor a name
        ..Dimension::default()
    };
    ValueInfoProto {
        name: name.to_owned(),
        kind: Some(TypeProto {
            tensor_type: Some(TensorType {
                elem_type: F32,
                shape: Some(TensorShapeProto {
                    dim: dims.into_iter().map(dim).collect(),
                }),
            }),
        }),
    }
}
