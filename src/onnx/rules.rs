//! The derivatives of operators. A pull on a tensor is the derivative of the loss by it; each rule makes of the pull on
//! what an operator gives the pulls on what it takes.
//!
//! Sizes are taken from the tensors themselves, by nodes of the graph: the runtime computes them once where it can.

use super::Attribute::{Int, Ints};
use super::proto::{AttributeProto, NodeProto};
use super::{F32, Graph, I64, Tensor};

/// Tensors of more sizes than this are not met.
const MOST_SIZES: usize = 8;

/// A pull on a tensor.
#[derive(Debug, Clone)]
pub(super) struct Pull {
    tensor: Tensor,
    /// It has the tensor's shape. Otherwise it stands for one that repeats it: the pull of a mean is the same everywhere.
    whole: bool,
}

impl Pull {
    pub(super) fn whole(tensor: Tensor) -> Self {
        Self {
            tensor,
            whole: true,
        }
    }

    pub(super) fn plus(&self, graph: &mut Graph, other: &Self) -> Self {
        Self {
            tensor: graph.apply("Add", &[&self.tensor, &other.tensor], &[]),
            whole: self.whole || other.whole,
        }
    }

    /// In the shape of `of`, the tensor that it pulls on.
    pub(super) fn spread(self, graph: &mut Graph, of: &Tensor) -> Tensor {
        if self.whole {
            return self.tensor;
        }
        let shape = graph.apply("Shape", &[of], &[]);
        graph.apply("Expand", &[&self.tensor, &shape], &[])
    }
}

/// The pulls on the inputs of `node`, by their places, made of those on its outputs. Those that are not `wanted` may be
/// left out.
///
/// The error says what about the node has no rule.
pub(super) fn back(
    graph: &mut Graph,
    node: &NodeProto,
    pulls: Vec<Option<Pull>>,
    wanted: &[bool],
) -> Result<Vec<(usize, Pull)>, String> {
    let op = node.op_type.as_str();
    if !node.domain.is_empty() {
        return Err(format!("the operator {op} of {} is foreign", node.domain));
    }
    if op == "Split" {
        return Ok(vec![(0, split(graph, node, pulls))]);
    }
    let inputs: Vec<Tensor> = node.input.iter().map(|i| Tensor(i.clone())).collect();
    let y = Tensor(node.output.first().cloned().unwrap_or_default());
    let (Some(x), Some(Some(pull))) = (inputs.first(), pulls.into_iter().next()) else {
        return Err(format!("only the first output of {op} has a rule"));
    };
    if op == "Mul" && inputs.get(1) == Some(x) {
        // x * x, as in a variance. The pull of its mean needs no copy of the picture's size here.
        let twice = graph.apply("Add", &[x, x], &[]);
        let product = graph.apply("Mul", &[&pull.tensor, &twice], &[]);
        return Ok(vec![(0, Pull::whole(product))]);
    }
    let d = pull.spread(graph, &y);
    let mut rule = Rule {
        graph,
        node,
        x,
        y: &y,
        d: &d,
    };
    let second = |n: usize| inputs.get(n).ok_or_else(|| format!("{op} lacks an input"));
    let only_first = || {
        if wanted.iter().skip(1).any(|w| *w) {
            return Err(format!(
                "{op} depends on the style in more than its first input"
            ));
        }
        Ok(())
    };
    let mut found = Vec::new();
    match op {
        "Add" | "Sub" | "Mul" | "Div" => {
            let b = second(1)?;
            if wanted[0] {
                let pull = rule.by_left(op, b);
                found.push(rule.gathered(0, &pull, x));
            }
            if wanted.get(1) == Some(&true) {
                let pull = rule.by_right(op, b);
                found.push(rule.gathered(1, &pull, b));
            }
            return Ok(found);
        }
        "Concat" => return rule.concat(&inputs),
        "ReduceMean" | "GlobalAveragePool" => return rule.mean(),
        _ => only_first()?,
    }
    let pull = match op {
        // Rounding is passed over: see `derivative`.
        "Identity" | "Round" | "Cast" => d.clone(),
        "Sqrt" => rule.sqrt(),
        "Relu" => rule.relu(),
        "Sigmoid" => rule.sigmoid(),
        "Clip" => rule.clip(),
        "Transpose" => rule.transpose(),
        "Reshape" => {
            let shape = rule.shape(x);
            rule.graph.apply("Reshape", &[&d, &shape], &[])
        }
        "Slice" => rule.slice(&inputs)?,
        "Conv" => rule.conv(second(1)?)?,
        "Gemm" => rule.gemm(second(1)?)?,
        "SpaceToDepth" => {
            let attributes = [("blocksize", Int(rule.int("blocksize", 0)))];
            rule.graph.apply("DepthToSpace", &[&d], &attributes)
        }
        "DepthToSpace" => rule.depth_to_space(),
        _ => return Err(format!("there is no rule for the operator {op}")),
    };
    found.push((0, Pull::whole(pull)));
    Ok(found)
}

/// `Split`: what was parted comes together again.
fn split(graph: &mut Graph, node: &NodeProto, pulls: Vec<Option<Pull>>) -> Pull {
    let mut parts = Vec::new();
    for (name, pull) in node.output.iter().zip(pulls) {
        let part = Tensor(name.clone());
        parts.push(match pull {
            Some(pull) => pull.spread(graph, &part),
            None => {
                let shape = graph.apply("Shape", &[&part], &[]);
                graph.apply("ConstantOfShape", &[&shape], &[])
            }
        });
    }
    let parts: Vec<&Tensor> = parts.iter().collect();
    let axis = [("axis", Int(int(node, "axis", 0)))];
    Pull::whole(graph.apply("Concat", &parts, &axis))
}

/// A node y = op(x, ..) and the pull d on y.
struct Rule<'a> {
    graph: &'a mut Graph,
    node: &'a NodeProto,
    x: &'a Tensor,
    y: &'a Tensor,
    d: &'a Tensor,
}

impl Rule<'_> {
    fn int(&self, name: &str, default: i64) -> i64 {
        int(self.node, name, default)
    }

    fn apply(&mut self, operator: &str, inputs: &[&Tensor]) -> Tensor {
        self.graph.apply(operator, inputs, &[])
    }

    fn shape(&mut self, of: &Tensor) -> Tensor {
        self.apply("Shape", &[of])
    }

    /// The pull on `a` in a op b, as large as y.
    fn by_left(&mut self, op: &str, b: &Tensor) -> Tensor {
        match op {
            "Mul" => self.apply("Mul", &[self.d, b]),
            "Div" => self.apply("Div", &[self.d, b]),
            _ => self.d.clone(),
        }
    }

    /// The pull on `b` in a op b, as large as y.
    fn by_right(&mut self, op: &str, b: &Tensor) -> Tensor {
        match op {
            "Sub" => self.apply("Neg", &[self.d]),
            "Mul" => self.apply("Mul", &[self.d, self.x]),
            "Div" => {
                let product = self.apply("Mul", &[self.d, self.y]);
                let share = self.apply("Div", &[&product, b]);
                self.apply("Neg", &[&share])
            }
            _ => self.d.clone(),
        }
    }

    /// `pull`, as large as y, summed over the sizes along which the operand `of` was repeated.
    fn gathered(&mut self, place: usize, pull: &Tensor, of: &Tensor) -> (usize, Pull) {
        let (own, all) = (self.shape(of), self.shape(self.y));
        // The last sizes meet: ones go before those of the operand until it has as many.
        let ones = self.graph.whole(&[1; MOST_SIZES]);
        let padded = self
            .graph
            .apply("Concat", &[&ones, &own], &[("axis", Int(0))]);
        let count = self.shape(&all);
        let from = self.apply("Neg", &[&count]);
        let (end, axis) = (self.graph.whole(&[i64::MAX]), self.graph.whole(&[0]));
        let aligned = self.apply("Slice", &[&padded, &from, &end, &axis]);
        let same = self.apply("Equal", &[&aligned, &all]);
        let repeated = self.apply("Not", &[&same]);
        let places = self.apply("NonZero", &[&repeated]);
        let axes = self.apply("Squeeze", &[&places, &axis]);
        let none_is_none = ("noop_with_empty_axes", Int(1));
        let sum = self
            .graph
            .apply("ReduceSum", &[pull, &axes], &[none_is_none]);
        let tensor = self.apply("Reshape", &[&sum, &own]);
        (place, Pull::whole(tensor))
    }

    /// y = sqrt(x): d / 2y.
    fn sqrt(&mut self) -> Tensor {
        let twice = self.apply("Add", &[self.y, self.y]);
        self.apply("Div", &[self.d, &twice])
    }

    fn relu(&mut self) -> Tensor {
        let zero = self.graph.number(0.0);
        let open = self.apply("Greater", &[self.y, &zero]);
        self.apply("Where", &[&open, self.d, &zero])
    }

    /// d y (1 - y).
    fn sigmoid(&mut self) -> Tensor {
        let one = self.graph.number(1.0);
        let rest = self.apply("Sub", &[&one, self.y]);
        let slope = self.apply("Mul", &[self.y, &rest]);
        self.apply("Mul", &[self.d, &slope])
    }

    /// What was not cut off is what it was.
    fn clip(&mut self) -> Tensor {
        let zero = self.graph.number(0.0);
        let open = self.apply("Equal", &[self.x, self.y]);
        self.apply("Where", &[&open, self.d, &zero])
    }

    fn transpose(&mut self) -> Tensor {
        let Some(order) = attribute(self.node, "perm").map(|a| &a.ints) else {
            // Left out, it reverses the sizes, and so does its inverse.
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

    /// Each part of the pull goes where it came from.
    fn concat(&mut self, inputs: &[Tensor]) -> Result<Vec<(usize, Pull)>, String> {
        let axis = self.int("axis", 0);
        let at = self.graph.whole(&[axis]);
        let mut sizes = Vec::new();
        for input in inputs {
            let shape = self.shape(input);
            sizes.push(self.apply("Gather", &[&shape, &at]));
        }
        let sizes: Vec<&Tensor> = sizes.iter().collect();
        let sizes = self.graph.apply("Concat", &sizes, &[("axis", Int(0))]);
        let parts = self.graph.apply_for(
            "Split",
            &[self.d, &sizes],
            &[("axis", Int(axis))],
            inputs.len(),
        );
        Ok(parts.into_iter().map(Pull::whole).enumerate().collect())
    }

    /// How many values `of` has.
    fn count(&mut self, of: &Tensor) -> Tensor {
        let size = self.apply("Size", &[of]);
        let float = [("to", Int(i64::from(F32)))];
        self.graph.apply("Cast", &[&size], &float)
    }

    /// Every value has the same share in a mean.
    fn mean(&mut self) -> Result<Vec<(usize, Pull)>, String> {
        if self.int("keepdims", 1) != 1 {
            return Err("ReduceMean has a rule with keepdims only".to_owned());
        }
        let (few, many) = (self.count(self.y), self.count(self.x));
        let share = self.apply("Div", &[&few, &many]);
        let tensor = self.apply("Mul", &[self.d, &share]);
        Ok(vec![(
            0,
            Pull {
                tensor,
                whole: false,
            },
        )])
    }

    /// What was cut away has no pull.
    fn slice(&mut self, inputs: &[Tensor]) -> Result<Tensor, String> {
        let [_, starts, _, axes] = inputs else {
            return Err("Slice has a rule with axes and without steps only".to_owned());
        };
        let (before, after) = (self.shape(self.x), self.shape(self.y));
        // A start below zero counts from the end.
        let zero = self.graph.whole(&[0]);
        let below = self.apply("Less", &[starts, &zero]);
        let below = self
            .graph
            .apply("Cast", &[&below], &[("to", Int(i64::from(I64)))]);
        let sizes = self.apply("Gather", &[&before, axes]);
        let turned = self.apply("Mul", &[&sizes, &below]);
        let starts = self.apply("Add", &[starts, &turned]);
        let nothing = self.apply("Sub", &[&before, &before]);
        let first = self.apply("ScatterElements", &[&nothing, axes, &starts]);
        let cut = self.apply("Sub", &[&before, &after]);
        let last = self.apply("Sub", &[&cut, &first]);
        let pads = self
            .graph
            .apply("Concat", &[&first, &last], &[("axis", Int(0))]);
        Ok(self.apply("Pad", &[self.d, &pads]))
    }

    /// The convolution with the kernel transposed and turned by half a turn.
    fn conv(&mut self, kernel: &Tensor) -> Result<Tensor, String> {
        let ints = |name: &str| attribute(self.node, name).map(|a| a.ints.clone());
        let sides = ints("kernel_shape").unwrap_or_default();
        let pads = ints("pads").unwrap_or(vec![0; 4]);
        let dilations = ints("dilations").unwrap_or(vec![1; 2]);
        let strides = ints("strides").unwrap_or_default();
        let plain = strides.iter().all(|&s| s == 1)
            && dilations.len() == 2
            && self.int("group", 1) == 1
            && attribute(self.node, "auto_pad").is_none()
            && sides.len() == 2
            && pads.len() == 4;
        let rest: Vec<i64> = (0..4)
            .map(|n| match (sides.get(n % 2), dilations.get(n % 2)) {
                (Some(side), Some(step)) => step * (side - 1) - pads[n],
                _ => -1,
            })
            .collect();
        if !plain || rest.iter().any(|pad| *pad < 0) {
            let reason = "Conv has a rule for stride 1, one group and a stated kernel_shape only";
            return Err(reason.to_owned());
        }
        let turned = self.graph.turned(kernel);
        let attributes = [
            ("kernel_shape", Ints(sides)),
            ("pads", Ints(rest)),
            ("dilations", Ints(dilations)),
        ];
        Ok(self.graph.apply("Conv", &[self.d, &turned], &attributes))
    }

    /// x B, or x B^T: back with the other.
    fn gemm(&mut self, matrix: &Tensor) -> Result<Tensor, String> {
        let plain = attribute(self.node, "alpha").is_none_or(|a| a.f == 1.0);
        if !plain || self.int("transA", 0) != 0 {
            return Err("Gemm has a rule without alpha and transA only".to_owned());
        }
        let other = ("transB", Int(1 - self.int("transB", 0)));
        Ok(self.graph.apply("Gemm", &[self.d, matrix], &[other]))
    }

    /// SpaceToDepth, which gives channels in the order (dy, dx, c); the mode CRD took them as (c, dy, dx).
    fn depth_to_space(&mut self) -> Tensor {
        let side = self.int("blocksize", 1);
        let blocks = [("blocksize", Int(side))];
        let deep = self.graph.apply("SpaceToDepth", &[self.d], &blocks);
        if attribute(self.node, "mode").is_none_or(|a| a.s != b"CRD") {
            return deep;
        }
        let shape = self.shape(self.x);
        let (two, four) = (self.graph.whole(&[2]), self.graph.whole(&[4]));
        let plane = self.apply("Slice", &[&shape, &two, &four]);
        let parted = self.graph.whole(&[0, side * side, -1]);
        let parted = self
            .graph
            .apply("Concat", &[&parted, &plane], &[("axis", Int(0))]);
        let parted = self.apply("Reshape", &[&deep, &parted]);
        let order = [("perm", Ints(vec![0, 2, 1, 3, 4]))];
        let exchanged = self.graph.apply("Transpose", &[&parted], &order);
        self.apply("Reshape", &[&exchanged, &shape])
    }
}

fn attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n AttributeProto> {
    node.attribute.iter().find(|a| a.name == name)
}

fn int(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).map_or(default, |a| a.i)
}
