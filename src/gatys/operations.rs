//! The operations of which the objective is made, there and back, as ONNX operators.

use super::graph::Features;
use super::recipe::Pooling;
use crate::onnx::Attribute::{Int, Ints, Word};
use crate::onnx::{Graph, Tensor};

/// A sum that may have no terms yet.
pub(super) fn plus(graph: &mut Graph, sum: Option<Tensor>, more: &Tensor) -> Tensor {
    match sum {
        Some(sum) => graph.apply("Add", &[&sum, more], &[]),
        None => more.clone(),
    }
}

/// A convolution with a kernel of `side` x `side`, and zeros around the picture so that it keeps its size.
pub(super) fn conv(
    graph: &mut Graph,
    x: &Tensor,
    kernel: &Tensor,
    bias: Option<&Tensor>,
    side: usize,
) -> Tensor {
    let (side, pad) = (side as i64, side as i64 / 2);
    let mut inputs = vec![x, kernel];
    inputs.extend(bias);
    let attributes = [
        ("kernel_shape", Ints(vec![side; 2])),
        ("pads", Ints(vec![pad; 4])),
    ];
    graph.apply("Conv", &inputs, &attributes)
}

/// `operator` over squares of four.
pub(super) fn pool(graph: &mut Graph, operator: &str, x: &Tensor) -> Tensor {
    let two = || Ints(vec![2, 2]);
    graph.apply(
        operator,
        &[x],
        &[("kernel_shape", two()), ("strides", two())],
    )
}

/// Each value four times, as a square.
fn doubled(graph: &mut Graph, x: &Tensor) -> Tensor {
    let scales = graph.numbers(&[4], &[1.0, 1.0, 2.0, 2.0]);
    let attributes = [
        ("mode", Word("nearest")),
        ("coordinate_transformation_mode", Word("asymmetric")),
        ("nearest_mode", Word("floor")),
    ];
    graph.apply("Resize", &[x, &Graph::none(), &scales], &attributes)
}

/// The derivative by what went into the pool. A last row or column that no square of four covered gets none.
pub(super) fn unpool(
    graph: &mut Graph,
    pooling: Pooling,
    d: &Tensor,
    from: &Features,
    to: &Features,
) -> Tensor {
    let (even_h, even_w) = (to.height * 2, to.width * 2);
    let is_even = (even_h, even_w) == (from.height, from.width);
    let spread = match pooling {
        Pooling::Average => {
            let quarter = graph.number(0.25);
            let d = graph.apply("Mul", &[d, &quarter], &[]);
            doubled(graph, &d)
        }
        Pooling::Max => {
            let (starts, ends) = (
                graph.whole(&[0, 0]),
                graph.whole(&[even_h as i64, even_w as i64]),
            );
            let axes = graph.whole(&[2, 3]);
            let covered = if is_even {
                from.tensor.clone()
            } else {
                graph.apply("Slice", &[&from.tensor, &starts, &ends, &axes], &[])
            };
            let greatest = doubled(graph, &to.tensor);
            let is_greatest = graph.apply("Equal", &[&covered, &greatest], &[]);
            let one = graph.apply("Cast", &[&is_greatest], &[("to", Int(1))]);
            // In a flat place several are the greatest, and share.
            let quarter = pool(graph, "AveragePool", &one);
            let four = graph.number(4.0);
            let sharers = graph.apply("Mul", &[&quarter, &four], &[]);
            let share = graph.apply("Div", &[d, &sharers], &[]);
            let share = doubled(graph, &share);
            graph.apply("Mul", &[&share, &one], &[])
        }
    };
    if is_even {
        return spread;
    }
    let (down, right) = (from.height - even_h, from.width - even_w);
    let pads = graph.whole(&[0, 0, 0, 0, 0, 0, down as i64, right as i64]);
    graph.apply("Pad", &[&spread, &pads], &[])
}
