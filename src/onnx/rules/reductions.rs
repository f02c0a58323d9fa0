//! Rules of sums, means and pooling: operators that make one value of several.

use super::super::Attribute::{Int, Ints, Str};
use super::super::{F32, Graph, Tensor};
use super::sizes::{sides, window};
use super::{Grad, Rule, attribute};

impl Rule<'_> {
    /// `ReduceSum`: every value has the gradient of its sum.
    pub(super) fn sum(&mut self, inputs: usize) -> Result<Grad, String> {
        self.check_axes(inputs)?;
        if self.int("noop_with_empty_axes", 0) != 0 {
            return Err("ReduceSum has a rule without noop_with_empty_axes only".to_owned());
        }
        Ok(Grad::broadcast(self.d.clone()))
    }

    /// `ReduceMean`: the same, divided by how many values each mean is of.
    pub(super) fn mean(&mut self, inputs: usize) -> Result<Grad, String> {
        self.check_axes(inputs)?;
        let (few, many) = (self.count(self.y), self.count(self.x));
        let share = self.apply("Div", &[&few, &many]);
        Ok(Grad::broadcast(self.apply("Mul", &[self.d, &share])))
    }

    /// The result can be broadcast to the shape of x: it keeps its axes, or is one number.
    fn check_axes(&self, inputs: usize) -> Result<(), String> {
        let over_all = inputs < 2 && attribute(self.node, "axes").is_none();
        if self.int("keepdims", 1) == 1 || over_all {
            return Ok(());
        }
        let op = &self.node.op_type;
        Err(format!("{op} over some axes has a rule with keepdims only"))
    }

    /// The number of values of `of`, as f32.
    fn count(&mut self, of: &Tensor) -> Tensor {
        let size = self.apply("Size", &[of]);
        let float = [("to", Int(i64::from(F32)))];
        self.graph.apply("Cast", &[&size], &float)
    }

    /// Every value of a window has an equal share of the gradient.
    pub(super) fn average_pool(&mut self) -> Result<Tensor, String> {
        let side = self.window()?;
        let share = self.graph.number(1.0 / (side * side) as f32);
        let share = self.apply("Mul", &[self.d, &share]);
        let spread = enlarged(self.graph, &share, side);
        Ok(self.padded(spread, side))
    }

    /// The greatest value of a window has the gradient; where several are the greatest, they share it equally.
    pub(super) fn max_pool(&mut self) -> Result<Tensor, String> {
        let side = self.window()?;
        let greatest = enlarged(self.graph, self.y, side);
        let covered = if self.is_covered(side) {
            self.x.clone()
        } else {
            let (zeros, ends) = (self.graph.integers(&[0; 4]), self.shape(&greatest));
            self.apply("Slice", &[self.x, &zeros, &ends])
        };
        let is_greatest = self.apply("Equal", &[&covered, &greatest]);
        let float = [("to", Int(i64::from(F32)))];
        let one = self.graph.apply("Cast", &[&is_greatest], &float);
        let window = || Ints(vec![side; 2]);
        let attributes = [("kernel_shape", window()), ("strides", window())];
        let average = self.graph.apply("AveragePool", &[&one], &attributes);
        let size = self.graph.number((side * side) as f32);
        let ties = self.apply("Mul", &[&average, &size]);
        let share = self.apply("Div", &[self.d, &ties]);
        let share = enlarged(self.graph, &share, side);
        let spread = self.apply("Mul", &[&share, &one]);
        Ok(self.padded(spread, side))
    }

    fn window(&self) -> Result<i64, String> {
        window(self.node).ok_or_else(|| {
            format!(
                "{} has a rule for square windows side by side, without padding, only",
                self.node.op_type
            )
        })
    }

    /// Whether the windows of `side` are known to cover all of x; otherwise the last rows and columns may be in none.
    fn is_covered(&self, side: i64) -> bool {
        sides(self.graph, self.x).is_some_and(|sides| sides.iter().all(|s| s % side == 0))
    }

    /// With zeros below and to the right, in the shape of x. A copy, so it is left out where nothing is to be added.
    fn padded(&mut self, spread: Tensor, side: i64) -> Tensor {
        if self.is_covered(side) {
            return spread;
        }
        let (all, covered) = (self.shape(self.x), self.shape(&spread));
        let rest = self.apply("Sub", &[&all, &covered]);
        let zeros = self.graph.integers(&[0; 4]);
        let pads = self
            .graph
            .apply("Concat", &[&zeros, &rest], &[("axis", Int(0))]);
        self.apply("Pad", &[&spread, &pads])
    }
}

/// Each value repeated in a square of `side` x `side`.
fn enlarged(graph: &mut Graph, x: &Tensor, side: i64) -> Tensor {
    let scales = graph.numbers(&[4], &[1.0, 1.0, side as f32, side as f32]);
    let attributes = [
        ("mode", Str("nearest")),
        ("coordinate_transformation_mode", Str("asymmetric")),
        ("nearest_mode", Str("floor")),
    ];
    graph.apply("Resize", &[x, &Graph::none(), &scales], &attributes)
}
