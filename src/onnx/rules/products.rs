//! Rules of convolutions and matrix products.

use super::super::Attribute::{Int, Ints};
use super::super::{Graph, Tensor};
use super::{Grad, Rule, attribute};

impl Rule<'_> {
    /// The convolution with the kernel's channels exchanged and its sides reversed.
    pub(super) fn conv(&mut self, kernel: &Tensor) -> Result<Tensor, String> {
        let sides = self.ints("kernel_shape").unwrap_or_default().to_vec();
        let pads = self.ints("pads").unwrap_or(&[0; 4]);
        let dilations = self.ints("dilations").unwrap_or(&[1; 2]).to_vec();
        let strides = self.ints("strides").unwrap_or(&[1; 2]);
        let plain = strides.iter().all(|&stride| stride == 1)
            && dilations.len() == 2
            && self.int("group", 1) == 1
            && attribute(self.node, "auto_pad").is_none()
            && sides.len() == 2
            && pads.len() == 4;
        let rest: Vec<i64> = pads
            .iter()
            .enumerate()
            .map_while(|(n, pad)| {
                let (side, dilation) = (sides.get(n % 2)?, dilations.get(n % 2)?);
                Some(dilation * (side - 1) - pad)
            })
            .collect();
        if !plain || rest.iter().any(|pad| *pad < 0) {
            let reason = "Conv has a rule for stride 1, one group and a stated kernel_shape only";
            return Err(reason.to_owned());
        }
        let kernel = self.graph.transposed_kernel(kernel);
        let attributes = [
            ("kernel_shape", Ints(sides)),
            ("pads", Ints(rest)),
            ("dilations", Ints(dilations)),
        ];
        Ok(self.graph.apply("Conv", &[self.d, &kernel], &attributes))
    }

    /// y = x B + c, or x B^T + c: d B^T, or d B.
    pub(super) fn gemm(&mut self, matrix: &Tensor) -> Result<Tensor, String> {
        if !self.is_plain_gemm() {
            return Err("Gemm has a rule without alpha and transA only".to_owned());
        }
        let other = ("transB", Int(1 - self.int("transB", 0)));
        Ok(self.graph.apply("Gemm", &[self.d, matrix], &[other]))
    }

    /// y = x x^T, as a Gram matrix: (d + d^T) x.
    pub(super) fn gemm_with_itself(
        &mut self,
        wanted: &[bool],
    ) -> Result<Vec<(usize, Grad)>, String> {
        let plain = self.is_plain_gemm() && self.int("transB", 0) == 1;
        if !plain || wanted.get(2) == Some(&true) {
            let reason = "Gemm of a matrix with itself has a rule with transB only";
            return Err(reason.to_owned());
        }
        let transposed = self.transposed(self.d);
        let sum = self.apply("Add", &[self.d, &transposed]);
        let grad = self.apply("MatMul", &[&sum, self.x]);
        Ok(vec![(0, Grad::full(grad))])
    }

    fn is_plain_gemm(&self) -> bool {
        attribute(self.node, "alpha").is_none_or(|a| a.f == 1.0) && self.int("transA", 0) == 0
    }

    /// y = x B: d B^T, x^T d. The other factor has to be a matrix among the weights, so that its rank is known.
    pub(super) fn mat_mul(
        &mut self,
        b: &Tensor,
        wanted: &[bool],
    ) -> Result<Vec<(usize, Grad)>, String> {
        let (by_left, by_right) = (wanted[0], wanted.get(1) == Some(&true));
        let other = if by_left { b } else { self.x };
        if (by_left && by_right) || !is_matrix(self.graph, other) {
            let reason = "MatMul has a rule for a product with a matrix of weights only";
            return Err(reason.to_owned());
        }
        let transposed = self.transposed(other);
        Ok(vec![if by_left {
            (0, Grad::full(self.apply("MatMul", &[self.d, &transposed])))
        } else {
            (1, Grad::full(self.apply("MatMul", &[&transposed, self.d])))
        }])
    }

    fn transposed(&mut self, matrix: &Tensor) -> Tensor {
        let order = [("perm", Ints(vec![1, 0]))];
        self.graph.apply("Transpose", &[matrix], &order)
    }
}

fn is_matrix(graph: &Graph, tensor: &Tensor) -> bool {
    let weights = &graph.proto.initializer;
    weights
        .iter()
        .any(|w| w.name == tensor.0 && w.dims.len() == 2)
}
