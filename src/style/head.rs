//! The head: an embedding in, the gammas and betas of the transformer out. An affine map (Ghiasi et al. 2017, section 3),
//! so it is computed here, forwards and transposed, and needs no session.

use ndarray::linalg::general_mat_vec_mul;
use ndarray::{Array1, ArrayView1};

use super::StyleEmbedding;
use crate::error::{Error, Result};
use crate::onnx::{Affine, File};

/// bottleneck -> style_params: one row of weights for each gamma and beta.
#[derive(Debug, Clone)]
pub struct Head {
    map: Affine,
    space: String,
}

impl Head {
    /// Read the map from a model's file, which must give `params` numbers. `space` is the predictor that it belongs to.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not of the model contract, or not affine.
    pub fn read(file: &File<'_>, space: &str, params: usize) -> Result<Self> {
        let map = Affine::read(file, "bottleneck", "style_params")?;
        let found = map.bias.len();
        if found != params {
            return Err(Error::Model {
                model: file.label.to_owned(),
                reason: format!("gives {found} style_params, the manifest says {params}"),
            });
        }
        Ok(Self {
            map,
            space: space.to_owned(),
        })
    }

    /// D, the number of values that it takes.
    pub fn bottleneck(&self) -> usize {
        self.map.weight.ncols()
    }

    /// All gammas, then all betas, of `style`, written to `params`: weight * style + bias.
    ///
    /// # Errors
    /// [`Error::Style`] when the embedding was made by another network.
    pub fn params(&self, style: &StyleEmbedding, params: &mut Array1<f32>) -> Result<()> {
        let values = style.values();
        if style.space() != self.space || values.len() != self.bottleneck() {
            return Err(Error::Style {
                style: "embedding".to_owned(),
                reason:
                    "was made by another model's predictor; read the painting again with this model"
                        .to_owned(),
            });
        }
        params.clone_from(&self.map.bias);
        general_mat_vec_mul(1.0, &self.map.weight, &values, 1.0, params);
        Ok(())
    }

    /// The gradient with respect to the embedding, from the one with respect to gammas and betas: weight' * gradient.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is not one value for each gamma and beta.
    pub fn gradient(&self, params: ArrayView1<'_, f32>) -> Result<Array1<f32>> {
        if params.len() != self.map.bias.len() {
            return Err(Error::invalid(
                "gradient",
                "has another size than style_params",
            ));
        }
        Ok(self.map.weight.t().dot(&params))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ndarray::Axis;

    use super::*;
    use crate::device::Device;
    use crate::runtime::{Input, Runtime, Session, SessionOptions};

    const HEADS: [(&str, &[u8]); 3] = [
        ("live", include_bytes!("../../models/live/head.onnx")),
        ("fine", include_bytes!("../../models/fine/head.onnx")),
        (
            "tiny",
            include_bytes!("../../tests/data/tiny/tiny/head.onnx"),
        ),
    ];

    #[test]
    fn it_computes_what_a_session_of_its_file_computes() {
        let options = SessionOptions {
            device: Device::Cpu,
            ..SessionOptions::default()
        };
        for (label, bytes) in HEADS {
            let mut session =
                Session::open(&Runtime::load(None).unwrap(), label, bytes, &options).unwrap();
            let count = session.output_width("style_params").unwrap();
            let head = Head::read(&File { label, bytes }, "s", count).unwrap();
            let values = Array1::from_shape_fn(head.bottleneck(), |n| (n as f32 * 0.7).sin());
            let style = StyleEmbedding::new(values.clone(), "s").unwrap();
            let mut params = Array1::zeros(0);
            head.params(&style, &mut params).unwrap();

            let row = values.view().insert_axis(Axis(0)).into_dyn();
            let outputs = session.run(&[("bottleneck", Input::F32(row))]).unwrap();
            let wanted = outputs.f32("style_params").unwrap();
            assert_eq!(wanted.len(), params.len());
            let size = wanted.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
            for (found, wanted) in params.iter().zip(&wanted) {
                assert!(
                    (found - wanted).abs() < 1e-5 * size,
                    "{label}: {found}, not {wanted}"
                );
            }
        }
    }

    #[test]
    fn its_gradient_is_the_transpose() {
        let (label, bytes) = HEADS[0];
        let probe = Affine::read(&File { label, bytes }, "bottleneck", "style_params").unwrap();
        let count = probe.bias.len();
        let head = Head::read(&File { label, bytes }, "s", count).unwrap();
        let gradient = Array1::from_shape_fn(count, |n| (n as f32 * 0.3).cos());
        let found = head.gradient(gradient.view()).unwrap();
        for (d, found) in found.iter().enumerate() {
            let column = probe.weight.column(d);
            let wanted = column
                .iter()
                .zip(&gradient)
                .map(|(w, g)| w * g)
                .sum::<f32>();
            assert!((found - wanted).abs() < 1e-3, "{d}: {found}, not {wanted}");
        }
        assert!(head.gradient(Array1::zeros(count - 1).view()).is_err());
        let other = Head::read(&File { label, bytes }, "s", count + 1);
        assert!(other.unwrap_err().to_string().contains("the manifest says"));
    }
}
