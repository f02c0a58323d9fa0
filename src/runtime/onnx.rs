//! Writing ONNX graphs: for networks that depend on what the user asks for, and so lie in no file.
//!
//! The messages are the part of `onnx.proto` (ONNX 1.8, operator set 13) that such graphs need; the numbers in their
//! tags are the field numbers there.

use prost::Message;

/// The file format and the operator set: the lowest that serve, so that old runtimes and all providers know them.
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

/// The setting of an operator.
#[derive(Debug, Clone)]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// Several.
    Ints(Vec<i64>),
    /// A word.
    Word(&'static str),
}

/// A graph in the making: every method that computes something gives the tensor that it makes.
#[derive(Debug, Default)]
pub struct Graph {
    proto: GraphProto,
}

impl Graph {
    /// An empty one; messages of ONNX Runtime call it `name`.
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

    /// Numbers that are part of the graph; `data` has as many as the product of `dims`.
    pub fn numbers(&mut self, dims: &[usize], data: &[f32]) -> Tensor {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(F32, dims, raw)
    }

    /// One number.
    pub fn number(&mut self, value: f32) -> Tensor {
        self.numbers(&[], &[value])
    }

    /// Whole numbers: shapes, places, axes.
    pub fn whole(&mut self, data: &[i64]) -> Tensor {
        let raw = data.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(I64, &[data.len()], raw)
    }

    /// Apply an operator.
    pub fn apply(
        &mut self,
        operator: &str,
        inputs: &[&Tensor],
        attributes: &[(&str, Attribute)],
    ) -> Tensor {
        let output = self.fresh();
        self.proto.node.push(NodeProto {
            // An empty name stands for an input that is left out.
            input: inputs.iter().map(|t| t.0.clone()).collect(),
            output: vec![output.0.clone()],
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(attribute).collect(),
        });
        output
    }

    /// What stands for an input that is left out.
    pub fn none() -> Tensor {
        Tensor(String::new())
    }

    /// The model as a file.
    pub fn into_bytes(self) -> Vec<u8> {
        let model = ModelProto {
            ir_version: FORMAT,
            producer_name: "impasto".to_owned(),
            graph: Some(self.proto),
            opset_import: vec![OperatorSetIdProto { version: OPERATORS }],
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
        Attribute::Word(word) => (proto.s, proto.kind) = (word.as_bytes().to_vec(), STRING),
    }
    proto
}

fn value_info(name: &str, dims: &[usize]) -> ValueInfoProto {
    let dim = |&size: &usize| Dimension {
        dim_value: size as i64,
    };
    ValueInfoProto {
        name: name.to_owned(),
        kind: Some(TypeProto {
            tensor_type: Some(TensorType {
                elem_type: F32,
                shape: Some(TensorShapeProto {
                    dim: dims.iter().map(dim).collect(),
                }),
            }),
        }),
    }
}

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSetIdProto>,
}

#[derive(Clone, PartialEq, Message)]
struct OperatorSetIdProto {
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "3")]
    i: i64,
    #[prost(bytes = "vec", tag = "4")]
    s: Vec<u8>,
    #[prost(int64, repeated, tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    kind: i32,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfoProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    kind: Option<TypeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeProto {
    #[prost(message, optional, tag = "1")]
    tensor_type: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    elem_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, Message)]
struct Dimension {
    #[prost(int64, tag = "1")]
    dim_value: i64,
}
