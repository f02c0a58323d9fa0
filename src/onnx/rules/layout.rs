//! Rules of operators that only move values: the gradient is moved back.

use super::super::Attribute::{Int, Ints};
use super::super::proto::NodeProto;
use super::super::{Graph, I64, Tensor, admit};
use super::{Grad, Rule, attribute, int};

/// `Split`: the gradients of the parts are joined; a part without one gets zeros.
pub(super) fn split(graph: &mut Graph, node: &NodeProto, grads: Vec<Option<Grad>>) -> Grad {
    let mut parts = Vec::new();
    for (name, grad) in node.output.iter().zip(grads) {
        let part = Tensor(name.clone());
        parts.push(match grad {
            Some(grad) => grad.expanded(graph, &part),
            None => {
                let shape = graph.apply("Shape", &[&part], &[]);
                graph.apply("ConstantOfShape", &[&shape], &[])
            }
        });
    }
    let parts: Vec<&Tensor> = parts.iter().collect();
    let axis = [("axis", Int(int(node, "axis", 0)))];
    Grad::full(graph.apply("Concat", &parts, &axis))
}

impl Rule<'_> {
    /// `Concat`: the gradient is split.
    pub(super) fn concat(&mut self, inputs: &[Tensor]) -> Result<Vec<(usize, Grad)>, String> {
        let axis = self.int("axis", 0);
        let at = self.graph.integers(&[axis]);
        let mut sizes = Vec::new();
        for input in inputs {
            let shape = self.shape(input);
            sizes.push(self.apply("Gather", &[&shape, &at]));
        }
        let sizes: Vec<&Tensor> = sizes.iter().collect();
        let sizes = self.graph.apply("Concat", &sizes, &[("axis", Int(0))]);
        let parts = self.graph.apply_multiple(
            "Split",
            &[self.d, &sizes],
            &[("axis", Int(axis))],
            inputs.len(),
        );
        Ok(parts.into_iter().map(Grad::full).enumerate().collect())
    }

    pub(super) fn transpose(&mut self) -> Tensor {
        let Some(order) = self.ints("perm") else {
            // Left out, the axes are reversed, and the inverse is the same.
            return self.apply("Transpose", &[self.d]);
        };
        let mut inverse = vec![0; order.len()];
        for (to, from) in order.iter().enumerate() {
            if let Some(place) = usize::try_from(*from).ok().and_then(|f| inverse.get_mut(f)) {
                *place = to as i64;
            }
        }
        self.graph
            .apply("Transpose", &[self.d], &[("perm", Ints(inverse))])
    }

    /// The gradient is padded with zeros where values were cut off.
    pub(super) fn slice(&mut self, inputs: &[Tensor]) -> Result<Tensor, String> {
        let [_, starts, _, axes] = inputs else {
            return Err("Slice has a rule with axes and without steps only".to_owned());
        };
        let (before, after) = (self.shape(self.x), self.shape(self.y));
        // A start below zero counts from the end.
        let zero = self.graph.integers(&[0]);
        let negative = self.apply("Less", &[starts, &zero]);
        let to_int = [("to", Int(i64::from(I64)))];
        let negative = self.graph.apply("Cast", &[&negative], &to_int);
        let sizes = self.apply("Gather", &[&before, axes]);
        let offset = self.apply("Mul", &[&sizes, &negative]);
        let starts = self.apply("Add", &[starts, &offset]);
        let nothing = self.apply("Sub", &[&before, &before]);
        let first = self.apply("ScatterElements", &[&nothing, axes, &starts]);
        let cut = self.apply("Sub", &[&before, &after]);
        let last = self.apply("Sub", &[&cut, &first]);
        let pads = self
            .graph
            .apply("Concat", &[&first, &last], &[("axis", Int(0))]);
        Ok(self.apply("Pad", &[self.d, &pads]))
    }

    /// `Pad` by reflection: the gradient of what was added is turned round and added where the values came from.
    pub(super) fn reflection(&mut self, pads: &Tensor) -> Result<Tensor, String> {
        let pads = admit::constant(&self.graph.proto, &pads.0).map(admit::integers);
        let pads = pads.unwrap_or_default();
        let (before, after) = pads.split_at(pads.len() / 2);
        let reflects = attribute(self.node, "mode").is_some_and(|a| a.s == b"reflect");
        if !reflects || pads.is_empty() || before.len() != after.len() {
            return Err("Pad has a rule by reflection and a constant number of values only".into());
        }
        let mut d = self.d.clone();
        for (axis, (before, after)) in before.iter().zip(after).enumerate() {
            if (*before, *after) != (0, 0) {
                d = self.folded(&d, (axis, pads.len() / 2), (*before, *after));
            }
        }
        Ok(d)
    }

    /// `d` of a tensor of `rank` axes without the first and last values along `axis`, which are added to their mirror images.
    fn folded(
        &mut self,
        d: &Tensor,
        (axis, rank): (usize, usize),
        (before, after): (i64, i64),
    ) -> Tensor {
        let place = self.graph.integers(&[axis as i64]);
        let end = if after == 0 { i64::MAX } else { -after };
        let (start, end) = (self.graph.integers(&[before]), self.graph.integers(&[end]));
        let inner = self.apply("Slice", &[d, &start, &end, &place]);
        let shape = self.shape(&inner);
        let length = self.apply("Gather", &[&shape, &place]);
        let one = self.graph.integers(&[1]);
        let mut sum = inner;
        // The value at the border has no image, so the images begin, or end, one value inside.
        if before > 0 {
            let turned = self.backwards(d, &place, (before - 1, i64::MIN));
            let used = self.graph.integers(&[1 + before]);
            let left = self.apply("Sub", &[&length, &used]);
            let spread = self.between_zeros(&turned, (axis, rank), [&one, &left]);
            sum = self.apply("Add", &[&sum, &spread]);
        }
        if after > 0 {
            let turned = self.backwards(d, &place, (-1, -1 - after));
            let used = self.graph.integers(&[1 + after]);
            let left = self.apply("Sub", &[&length, &used]);
            let spread = self.between_zeros(&turned, (axis, rank), [&left, &one]);
            sum = self.apply("Add", &[&sum, &spread]);
        }
        sum
    }

    /// The values of `x` along the axis `place` from `start` back to before `end`.
    fn backwards(&mut self, x: &Tensor, place: &Tensor, (start, end): (i64, i64)) -> Tensor {
        let (start, end) = (self.graph.integers(&[start]), self.graph.integers(&[end]));
        let step = self.graph.integers(&[-1]);
        self.apply("Slice", &[x, &start, &end, place, &step])
    }

    /// `x` of `rank` axes with so many zeros before and after it along `axis`.
    fn between_zeros(
        &mut self,
        x: &Tensor,
        (axis, rank): (usize, usize),
        [before, after]: [&Tensor; 2],
    ) -> Tensor {
        let first = self.graph.integers(&vec![0; axis]);
        let middle = self.graph.integers(&vec![0; rank - 1]);
        let last = self.graph.integers(&vec![0; rank - 1 - axis]);
        let pads = [&first, before, &middle, after, &last];
        let pads = self.graph.apply("Concat", &pads, &[("axis", Int(0))]);
        self.apply("Pad", &[x, &pads])
    }

    pub(super) fn space_to_depth(&mut self) -> Tensor {
        let blocks = [("blocksize", Int(self.int("blocksize", 1)))];
        self.graph.apply("DepthToSpace", &[self.d], &blocks)
    }

    /// SpaceToDepth, whose channels are in the order (dy, dx, c); those of the mode CRD are in the order (c, dy, dx).
    pub(super) fn depth_to_space(&mut self) -> Tensor {
        let side = self.int("blocksize", 1);
        let blocks = [("blocksize", Int(side))];
        let deep = self.graph.apply("SpaceToDepth", &[self.d], &blocks);
        if attribute(self.node, "mode").is_none_or(|a| a.s != b"CRD") {
            return deep;
        }
        let shape = self.shape(self.x);
        let (two, four) = (self.graph.integers(&[2]), self.graph.integers(&[4]));
        let plane = self.apply("Slice", &[&shape, &two, &four]);
        let grouped = self.graph.integers(&[0, side * side, -1]);
        let grouped = self
            .graph
            .apply("Concat", &[&grouped, &plane], &[("axis", Int(0))]);
        let grouped = self.apply("Reshape", &[&deep, &grouped]);
        let order = [("perm", Ints(vec![0, 2, 1, 3, 4]))];
        let exchanged = self.graph.apply("Transpose", &[&grouped], &order);
        self.apply("Reshape", &[&exchanged, &shape])
    }
}
