#![allow(clippy::unwrap_used)]

use super::*;
use crate::onnx::{Attribute, Graph};
use prost::Message;

/// y = x * 2, with room for what is wrong.
fn model() -> ModelProto {
    let mut graph = Graph::new("test");
    let x = graph.input("x", &[1, 4]);
    let two = graph.number(2.0);
    let y = graph.apply("Mul", &[&x, &two], &[]);
    graph.output(&y, "y", &[1, 4]);
    ModelProto::decode(&graph.into_bytes()[..]).unwrap()
}

/// What is said of the model after `change`.
fn reason(change: impl FnOnce(&mut ModelProto)) -> String {
    let mut model = model();
    change(&mut model);
    // As from a file.
    let read = ModelProto::decode(&model.encode_to_vec()[..]).unwrap();
    admit(&read).unwrap_err()
}

fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

/// The reason why a graph is refused in which `operator` takes x and the integers `second`.
fn of(operator: &str, second: &[i64]) -> Option<String> {
    let mut graph = Graph::new("test");
    let x = graph.input("x", &[1, 4]);
    let second = graph.integers(second);
    let inputs: &[_] = match operator {
        "ConstantOfShape" => &[&second],
        _ => &[&x, &second],
    };
    let y = graph.apply(operator, inputs, &[]);
    graph.output(&y, "y", &[1, 4]);
    let model = ModelProto::decode(&graph.into_bytes()[..]).unwrap();
    admit(&model).err()
}

#[test]
fn what_is_bundled_is_admitted() {
    assert_eq!(admit(&model()), Ok(()));
    let files: [(&str, &[u8]); 6] = [
        ("predictor", include_bytes!("../../models/predictor.onnx")),
        ("matte", include_bytes!("../../models/matte.onnx")),
        ("head", include_bytes!("../../models/fine/head.onnx")),
        ("fine", include_bytes!("../../models/fine/transformer.onnx")),
        (
            "frozen",
            include_bytes!("../../models/live/transformer_frozen.onnx"),
        ),
        (
            "int8",
            include_bytes!("../../models/live/transformer_int8.onnx"),
        ),
    ];
    for (name, bytes) in files {
        assert_eq!(admit(&ModelProto::decode(bytes).unwrap()), Ok(()), "{name}");
    }
}

#[test]
fn data_in_other_files_is_refused() {
    // As written by tools: a location, and the key and value of a path.
    let entry = b"\x0a\x08location\x12\x09../secret".to_vec();
    let with_path = reason(|m| graph(m).initializer[0].external_data.push(entry));
    assert!(with_path.contains("another file"), "{with_path}");
    let without = reason(|m| graph(m).initializer[0].data_location = 1);
    assert!(without.contains("external data"), "{without}");
    let in_attribute = reason(|m| {
        let t = TensorProto {
            data_location: 1,
            ..TensorProto::default()
        };
        graph(m).node[0].attribute.push(AttributeProto {
            t: Some(t),
            ..AttributeProto::default()
        });
    });
    assert!(in_attribute.contains("another file"), "{in_attribute}");
}

#[test]
fn graphs_in_graphs_functions_and_unknown_operators_are_refused() {
    let inner = reason(|m| {
        graph(m).node[0].attribute.push(AttributeProto {
            g: Some(GraphProto::default().encode_to_vec()),
            ..AttributeProto::default()
        });
    });
    assert!(inner.contains("a graph inside of Mul"), "{inner}");
    assert!(reason(|m| m.functions.push(vec![])).contains("functions"));
    assert!(reason(|m| graph(m).sparse_initializer.push(vec![])).contains("sparse"));
    for (operator, domain, said) in [
        ("Loop", "", "Loop"),
        ("Mul", "com.example", "com.example.Mul"),
        ("RandomNormal", "", "RandomNormal"),
        ("Bad\nName", "", "BadName"),
        ("", "", "operator"),
    ] {
        let found = reason(|m| {
            graph(m).node[0].op_type = operator.to_owned();
            graph(m).node[0].domain = domain.to_owned();
        });
        assert!(found.contains(said) && !found.contains('\n'), "{found}");
    }
}

#[test]
fn sizes_that_no_picture_has_are_refused() {
    for dims in [
        vec![1 << 31],
        vec![i64::MAX, 2],
        vec![-1],
        vec![1 << 20, 1 << 20],
    ] {
        let found = reason(|m| graph(m).initializer[0].dims = dims.clone());
        assert!(found.contains("impossible size"), "{dims:?}: {found}");
    }
    for (operator, numbers) in [
        ("ConstantOfShape", vec![1 << 16, 1 << 16]),
        ("Expand", vec![1 << 40]),
        ("Reshape", vec![i64::MAX, 3, -1]),
        ("Tile", vec![1 << 10, 1 << 10]),
        ("Tile", vec![i64::MAX, 2]),
        ("Pad", vec![0, 0, 0, 1 << 20]),
    ] {
        assert!(of(operator, &numbers).is_some(), "{operator} {numbers:?}");
    }
    for (operator, numbers) in [
        ("ConstantOfShape", vec![2, 3]),
        ("Reshape", vec![0, -1]),
        ("Tile", vec![1, 8]),
        ("Pad", vec![0, 1, 0, 1]),
        // The end of a row, whatever its length.
        ("Slice", vec![i64::MAX]),
    ] {
        assert_eq!(of(operator, &numbers), None, "{operator} {numbers:?}");
    }
    let port = reason(|m| {
        let kind = graph(m).input[0].kind.as_mut().unwrap();
        let shape = kind.tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
        shape.dim[0].dim_value = 1 << 40;
    });
    assert!(port.contains("'x' of an impossible size"), "{port}");
}

#[test]
fn kernels_and_enlargements_beyond_any_picture_are_refused() {
    let mut graph = Graph::new("test");
    let x = graph.input("x", &[1, 1, 4, 4]);
    let kernel = graph.numbers(&[1, 1, 1, 1], &[1.0]);
    let strides = ("strides", Attribute::Ints(vec![1 << 40, 1]));
    let y = graph.apply("Conv", &[&x, &kernel], &[strides]);
    graph.output(&y, "y", &[1, 1, 4, 4]);
    let model = ModelProto::decode(&graph.into_bytes()[..]).unwrap();
    assert!(admit(&model).unwrap_err().contains("strides"));

    let mut graph = Graph::new("test");
    let x = graph.input("x", &[1, 1, 4, 4]);
    let scales = graph.numbers(&[4], &[1.0, 1.0, 1e6, f32::NAN]);
    let y = graph.apply("Resize", &[&x, &Graph::none(), &scales], &[]);
    graph.output(&y, "y", &[1, 1, 4, 4]);
    let model = ModelProto::decode(&graph.into_bytes()[..]).unwrap();
    assert!(admit(&model).unwrap_err().contains("enlarges"));
}
