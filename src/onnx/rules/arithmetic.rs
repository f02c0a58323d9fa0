//! Rules of operators that work on each value by itself: sums, products, roots and activations.

use super::super::Attribute::Int;
use super::super::{Graph, Tensor};
use super::{Grad, Rule};

/// Tensors have at most this many dimensions.
const MAX_RANK: usize = 8;

/// y = x x: 2 d x. A gradient that is broadcast stays small until the last product.
pub(super) fn square(graph: &mut Graph, x: &Tensor, grad: &Grad) -> Grad {
    let twice = graph.apply("Add", &[&grad.tensor, &grad.tensor], &[]);
    Grad::full(graph.apply("Mul", &[&twice, x], &[]))
}

impl Rule<'_> {
    /// x op b, where either may be broadcast.
    pub(super) fn elementwise(
        &mut self,
        op: &str,
        b: &Tensor,
        wanted: &[bool],
    ) -> Result<Vec<(usize, Grad)>, String> {
        let mut found = Vec::new();
        if wanted[0] {
            let grad = self.by_left(op, b);
            found.push((0, self.unbroadcast(&grad, self.x)));
        }
        if wanted.get(1) == Some(&true) {
            let grad = self.by_right(op, b);
            found.push((1, self.unbroadcast(&grad, b)));
        }
        Ok(found)
    }

    /// The gradient with respect to `x` in x op b, in the shape of y.
    fn by_left(&mut self, op: &str, b: &Tensor) -> Tensor {
        match op {
            "Mul" => self.apply("Mul", &[self.d, b]),
            "Div" => self.apply("Div", &[self.d, b]),
            _ => self.d.clone(),
        }
    }

    /// The gradient with respect to `b` in x op b, in the shape of y.
    fn by_right(&mut self, op: &str, b: &Tensor) -> Tensor {
        match op {
            "Sub" => self.apply("Neg", &[self.d]),
            "Mul" => self.apply("Mul", &[self.d, self.x]),
            "Div" => {
                let product = self.apply("Mul", &[self.d, self.y]);
                let quotient = self.apply("Div", &[&product, b]);
                self.apply("Neg", &[&quotient])
            }
            _ => self.d.clone(),
        }
    }

    /// `grad`, of the shape of y, summed over the axes along which the operand `of` was broadcast.
    fn unbroadcast(&mut self, grad: &Tensor, of: &Tensor) -> Grad {
        let (own, all) = (self.shape(of), self.shape(self.y));
        // Shapes are aligned at their last axis: ones are put before the operand's, and as many sizes kept as y has.
        let ones = self.graph.integers(&[1; MAX_RANK]);
        let padded = self
            .graph
            .apply("Concat", &[&ones, &own], &[("axis", Int(0))]);
        let (long, rank) = (self.shape(&padded), self.shape(&all));
        let start = self.apply("Sub", &[&long, &rank]);
        let (end, axis) = (self.graph.integers(&[i64::MAX]), self.graph.integers(&[0]));
        let aligned = self.apply("Slice", &[&padded, &start, &end, &axis]);
        let same = self.apply("Equal", &[&aligned, &all]);
        let differs = self.apply("Not", &[&same]);
        let places = self.apply("NonZero", &[&differs]);
        let axes = self.apply("Squeeze", &[&places, &axis]);
        let no_axes_no_sum = ("noop_with_empty_axes", Int(1));
        let sum = self
            .graph
            .apply("ReduceSum", &[grad, &axes], &[no_axes_no_sum]);
        Grad::full(self.apply("Reshape", &[&sum, &own]))
    }

    /// y = sqrt(x): d / 2y.
    pub(super) fn sqrt(&mut self) -> Tensor {
        let twice = self.apply("Add", &[self.y, self.y]);
        self.apply("Div", &[self.d, &twice])
    }

    /// d where y > 0, else 0.
    pub(super) fn relu(&mut self) -> Tensor {
        let zero = self.graph.number(0.0);
        let positive = self.apply("Greater", &[self.y, &zero]);
        self.apply("Where", &[&positive, self.d, &zero])
    }

    /// d y (1 - y).
    pub(super) fn sigmoid(&mut self) -> Tensor {
        let one = self.graph.number(1.0);
        let rest = self.apply("Sub", &[&one, self.y]);
        let slope = self.apply("Mul", &[self.y, &rest]);
        self.apply("Mul", &[self.d, &slope])
    }

    /// d where the value was not clipped, else 0.
    pub(super) fn clip(&mut self) -> Tensor {
        let zero = self.graph.number(0.0);
        let kept = self.apply("Equal", &[self.x, self.y]);
        self.apply("Where", &[&kept, self.d, &zero])
    }
}
