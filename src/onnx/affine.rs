//! ONNX files that compute an affine map: a file in, its matrix and constant out. Such a network needs no session.

use std::collections::HashMap;

use half::f16;
use ndarray::{Array1, Array2, ArrayD, Ix2, IxDyn};

use super::F32;
use super::file::{File, refused};
use super::proto::{GraphProto, NodeProto, TensorProto};
use crate::error::Result;

/// `TensorProto.DataType` of half precision.
const F16: i32 = 10;

/// `y = weight x + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// One row for each value of `y`.
    pub weight: Array2<f32>,
    /// One value for each value of `y`.
    pub bias: Array1<f32>,
}

impl Affine {
    /// Read the map from `input` to `output`, which are rows of numbers, `[1, N]`.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) when the file is no ONNX model, has no such input or output, or computes
    /// anything but matrix products (Gemm, MatMul) and sums (Add) with constants in between.
    pub fn read(file: &File<'_>, input: &str, output: &str) -> Result<Self> {
        let graph = file.model()?.graph.unwrap_or_default();
        let refuse = |reason: String| refused(file.label, reason);
        let missing = |side: &str, name: &str, ports: Vec<&str>| {
            let found = ports.join(", ");
            refuse(format!(
                "has no {side} '{name}' (it has {found}); it is not of the model contract"
            ))
        };
        let mut constants = Constants::read(&graph).map_err(refuse)?;
        // Old files list their weights among the inputs too.
        let inputs = graph.input.iter().map(|port| port.name.as_str());
        let inputs: Vec<_> = inputs.filter(|name| !constants.has(name)).collect();
        if !inputs.contains(&input) {
            return Err(missing("input", input, inputs));
        }
        let outputs: Vec<_> = graph.output.iter().map(|port| port.name.as_str()).collect();
        if !outputs.contains(&output) {
            return Err(missing("output", output, outputs));
        }
        // The maps from `input` to each tensor that depends on it; `None` is the input itself.
        let mut maps: HashMap<&str, Option<Self>> = HashMap::from([(input, None)]);
        for node in &graph.node {
            let depends = node.input.iter().any(|i| maps.contains_key(i.as_str()));
            let Some(name) = node.output.first() else {
                continue;
            };
            if depends {
                let map = step(node, &maps, &constants).map_err(|reason| {
                    refuse(format!(
                        "is not affine: {reason}; it must be a matrix product and a sum (Gemm, or MatMul and Add)"
                    ))
                })?;
                maps.insert(name, map);
            } else {
                constants.fold(node).map_err(refuse)?;
            }
        }
        match maps.remove(output) {
            Some(Some(map)) => Ok(map),
            _ => Err(refuse(format!(
                "gives a '{output}' that is not computed from '{input}'"
            ))),
        }
    }
}

/// The map from the input to the output of `node`.
fn step(
    node: &NodeProto,
    maps: &HashMap<&str, Option<Affine>>,
    constants: &Constants,
) -> Result<Option<Affine>, String> {
    let op = node.op_type.as_str();
    let operand = |n: usize| node.input.get(n).map(String::as_str).unwrap_or_default();
    let map_of = |n: usize| {
        let map = maps.get(operand(n));
        map.ok_or_else(|| format!("input {n} of {op} is not computed from its input"))
    };
    let constant = |n: usize| {
        let found = constants.get(operand(n));
        found.ok_or_else(|| format!("input {n} of {op} is not constant"))
    };
    let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name);
    let flag = |name: &str| attribute(name).is_some_and(|a| a.i != 0);
    let scale = |name: &str| attribute(name).map_or(1.0, |a| a.f);
    match op {
        "Identity" => map_of(0).cloned(),
        "MatMul" => map_of(0)?.product(constant(1)?, false, 1.0).map(Some),
        "Gemm" if flag("transA") => Err("its Gemm has transA".to_owned()),
        "Gemm" => {
            let mut map = map_of(0)?.product(constant(1)?, flag("transB"), scale("alpha"))?;
            if !operand(2).is_empty() {
                map.add(constant(2)?, scale("beta"))?;
            }
            Ok(Some(map))
        }
        "Add" => {
            let (map, added) = match map_of(0) {
                Ok(map) => (map, constant(1)?),
                Err(_) => (map_of(1)?, constant(0)?),
            };
            let mut map = match map {
                Some(map) => map.clone(),
                None => Affine::identity(added.len()),
            };
            map.add(added, 1.0)?;
            Ok(Some(map))
        }
        op => Err(format!("it has the operator {op}")),
    }
}

/// A product with a matrix of rows (or, `transposed`, columns) as long as a row is wide.
trait Product {
    fn product(&self, matrix: &ArrayD<f32>, transposed: bool, scale: f32)
    -> Result<Affine, String>;
}

impl Product for Option<Affine> {
    fn product(
        &self,
        matrix: &ArrayD<f32>,
        transposed: bool,
        scale: f32,
    ) -> Result<Affine, String> {
        let shape = matrix.shape().to_vec();
        let matrix = matrix.view().into_dimensionality::<Ix2>();
        let matrix = matrix.map_err(|_| format!("a matrix has the shape {shape:?}"))?;
        // For a row x: x B = (B' x')'.
        let weight = if transposed {
            matrix
        } else {
            matrix.reversed_axes()
        };
        let mut weight = weight.as_standard_layout().into_owned();
        if scale != 1.0 {
            weight *= scale;
        }
        let Some(before) = self else {
            let bias = Array1::zeros(weight.nrows());
            return Ok(Affine { weight, bias });
        };
        if weight.ncols() != before.weight.nrows() {
            let width = before.weight.nrows();
            return Err(format!(
                "a matrix of the shape {shape:?} is given {width} values"
            ));
        }
        Ok(Affine {
            bias: weight.dot(&before.bias),
            weight: weight.dot(&before.weight),
        })
    }
}

impl Affine {
    fn identity(width: usize) -> Self {
        Self {
            weight: Array2::eye(width),
            bias: Array1::zeros(width),
        }
    }

    /// Add a constant row, or one number to all.
    fn add(&mut self, constant: &ArrayD<f32>, scale: f32) -> Result<(), String> {
        if constant.len() == 1 {
            self.bias += scale * constant.iter().sum::<f32>();
        } else if constant.len() == self.bias.len()
            && constant.shape().last() == Some(&constant.len())
        {
            for (bias, value) in self.bias.iter_mut().zip(constant) {
                *bias += scale * value;
            }
        } else {
            let (shape, width) = (constant.shape(), self.bias.len());
            return Err(format!(
                "a sum of {width} values and a constant of the shape {shape:?}"
            ));
        }
        Ok(())
    }
}

/// The tensors of a graph that depend on no input.
struct Constants(HashMap<String, ArrayD<f32>>);

impl Constants {
    fn read(graph: &GraphProto) -> Result<Self, String> {
        let numbers = |t: &&TensorProto| [F32, F16].contains(&t.data_type);
        let weights = graph.initializer.iter().filter(numbers);
        let read = weights.map(|t| Ok((t.name.clone(), tensor(t)?)));
        Ok(Self(read.collect::<Result<_, String>>()?))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn get(&self, name: &str) -> Option<&ArrayD<f32>> {
        self.0.get(name)
    }

    /// Compute a node that takes constants. Others than these are noticed when something asks for their result.
    fn fold(&mut self, node: &NodeProto) -> Result<(), String> {
        let first = node.input.first().and_then(|name| self.0.get(name));
        let value = match (node.op_type.as_str(), first) {
            // All numbers are f32 here already.
            ("Cast" | "Identity", Some(value)) => value.clone(),
            ("Transpose", Some(value)) if value.ndim() == 2 => value.t().into_owned(),
            ("Constant", None) => match node.attribute.iter().find_map(|a| a.t.as_ref()) {
                Some(t) if [F32, F16].contains(&t.data_type) => tensor(t)?,
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let names = node.output.first().cloned();
        self.0.extend(names.map(|name| (name, value)));
        Ok(())
    }
}

/// The numbers of a tensor that is stored in the file.
fn tensor(t: &TensorProto) -> Result<ArrayD<f32>, String> {
    let raw = t.raw_data.as_slice();
    let data: Vec<f32> = match (t.data_type, raw.is_empty()) {
        (F16, true) => {
            let halves = t.int32_data.iter();
            halves.map(|v| f16::from_bits(*v as u16).to_f32()).collect()
        }
        (F16, false) => {
            let halves = raw.as_chunks::<2>().0.iter();
            halves.map(|b| f16::from_le_bytes(*b).to_f32()).collect()
        }
        (_, true) => t.float_data.clone(),
        (_, false) => {
            let floats = raw.as_chunks::<4>().0.iter();
            floats.map(|b| f32::from_le_bytes(*b)).collect()
        }
    };
    let (count, name) = (data.len(), &t.name);
    let dims: Result<Vec<usize>, _> = t.dims.iter().map(|&d| usize::try_from(d)).collect();
    dims.ok()
        .and_then(|dims| ArrayD::from_shape_vec(IxDyn(&dims), data).ok())
        .ok_or_else(|| format!("'{name}' has the shape {:?} and {count} numbers", t.dims))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ndarray::array;

    use super::super::{Attribute, Graph, Tensor};
    use super::*;

    fn read(build: impl Fn(&mut Graph, &Tensor) -> Tensor) -> Result<Affine> {
        let mut graph = Graph::new("head");
        let x = graph.input("x", &[1, 2]);
        let y = build(&mut graph, &x);
        graph.output(&y, "y", &[1, 3]);
        let bytes = graph.into_bytes();
        let file = File {
            label: "head.onnx",
            bytes: &bytes,
        };
        Affine::read(&file, "x", "y")
    }

    #[test]
    fn products_and_sums_are_one_map() {
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let gemm = read(|g, x| {
            let (w, b) = (g.numbers(&[3, 2], &rows), g.numbers(&[3], &[7.0, 8.0, 9.0]));
            g.apply("Gemm", &[x, &w, &b], &[("transB", Attribute::Int(1))])
        });
        let wanted = Affine {
            weight: array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
            bias: array![7.0, 8.0, 9.0],
        };
        assert_eq!(gemm.unwrap(), wanted);
        let chain = read(|g, x| {
            let before = g.numbers(&[1, 2], &[1.0, -1.0]);
            let w = g.numbers(&[2, 3], &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
            let b = g.numbers(&[1, 3], &[7.0, 8.0, 9.0]);
            let x = g.apply("Add", &[&before, x], &[]);
            let product = g.apply("MatMul", &[&x, &w], &[]);
            g.apply("Add", &[&product, &b], &[])
        });
        let bias = array![6.0, 7.0, 8.0];
        assert_eq!(chain.unwrap(), Affine { bias, ..wanted });
        let constant = read(|g, x| {
            let w = g.numbers(&[3, 2], &rows);
            let w = g.apply("Transpose", &[&w], &[]);
            let product = g.apply("MatMul", &[x, &w], &[]);
            let one = g.number(1.0);
            g.apply("Add", &[&product, &one], &[])
        });
        assert_eq!(constant.unwrap().bias, array![1.0, 1.0, 1.0]);
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        let refused = |build: &dyn Fn(&mut Graph, &Tensor) -> Tensor| {
            let said = read(build).unwrap_err().to_string();
            assert!(said.contains("head.onnx"), "{said}");
            said
        };
        assert!(refused(&|g, x| g.apply("Relu", &[x], &[])).contains("operator Relu"));
        assert!(refused(&|g, x| g.apply("MatMul", &[x, x], &[])).contains("not constant"));
        assert!(refused(&|_, x| x.clone()).contains("not computed from 'x'"));
        let widths = refused(&|g, x| {
            let (a, b) = (g.numbers(&[2, 3], &[0.0; 6]), g.numbers(&[2, 3], &[0.0; 6]));
            let once = g.apply("MatMul", &[x, &a], &[]);
            g.apply("MatMul", &[&once, &b], &[])
        });
        assert!(widths.contains("given 3 values"), "{widths}");
        let row = refused(&|g, x| {
            let (w, b) = (g.numbers(&[2, 3], &[0.0; 6]), g.numbers(&[2], &[0.0; 2]));
            g.apply("Gemm", &[x, &w, &b], &[])
        });
        assert!(row.contains("the shape [2]"), "{row}");
        let short = refused(&|g, x| {
            let w = g.numbers(&[2, 3], &[0.0; 5]);
            g.apply("MatMul", &[x, &w], &[])
        });
        assert!(short.contains("5 numbers"), "{short}");
    }

    #[test]
    fn ports_of_other_names_are_told() {
        let mut graph = Graph::new("head");
        let x = graph.input("code", &[1, 2]);
        graph.output(&x, "y", &[1, 2]);
        let bytes = graph.into_bytes();
        let file = File {
            label: "head.onnx",
            bytes: &bytes,
        };
        let said = Affine::read(&file, "x", "y").unwrap_err().to_string();
        assert!(said.contains("no input 'x' (it has code)"), "{said}");
        let said = Affine::read(&file, "code", "z").unwrap_err().to_string();
        assert!(said.contains("no output 'z' (it has y)"), "{said}");
    }
}
