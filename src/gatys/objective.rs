//! The objective: a picture goes in, its losses and their gradient come out, computed by ONNX Runtime.

use ndarray::{ArrayD, ArrayView3, ArrayViewMut3, Axis, arr0};

use super::graph::{self, Kind, Term};
use super::network::FeatureNetwork;
use super::planes::Planes;
use super::recipe::{Measure, Recipe};
use super::total_variation;
use crate::error::{Error, PictureRole, Result};
use crate::runtime::{Input, Runtime, Session, SessionOptions};

/// The loss of a picture and its parts, weighted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Losses {
    /// The sum of all parts, which is minimised.
    pub total: f64,
    /// Of the content layers.
    pub content: f64,
    /// Of the style layers.
    pub style: f64,
    /// Of the total variation.
    pub tv: f64,
    /// By term, as in [`GatysObjective::terms`].
    pub terms: Vec<f64>,
}

/// A function that can be minimised over values of one number, such as pictures of one size.
pub trait Objective {
    /// The losses of `image`, and into `gradient` the derivative of their total with respect to each of its values. The
    /// values of a picture are those of its [`Planes`], row by row.
    ///
    /// # Errors
    /// [`Error::Inference`] when the network fails.
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses>;
}

/// The pictures that are to be matched. A recipe without content layers needs no content, and one without style layers no
/// style.
#[derive(Debug, Clone, Copy, Default)]
pub struct TargetPictures<'a> {
    /// Its features are the target; of the size of the optimised picture.
    pub content: Option<&'a Planes>,
    /// Its Gram matrices are the target; of any size.
    pub style: Option<&'a Planes>,
}

/// The objective of Gatys et al. 2016, eq. 7: features of a content, Gram matrices of a style, and total variation.
pub struct GatysObjective {
    session: Session,
    terms: Vec<Target>,
    tv: f64,
    size: (usize, usize),
}

/// A term and its target.
struct Target {
    term: Term,
    /// The names of its target, weight and loss in the graph.
    ports: [String; 3],
    values: ArrayD<f32>,
    weight: ArrayD<f32>,
}

impl GatysObjective {
    /// Measure the targets in `pictures`, and build the graph for pictures of `size` (width, height).
    ///
    /// # Errors
    /// [`Error::Invalid`] for a recipe without sense or without its picture, [`Error::TooSmall`] for a picture that has
    /// nothing left at the deepest layer, [`Error::Model`] for a layer that the network has not, and those of sessions.
    pub fn new(
        runtime: &Runtime,
        options: &SessionOptions,
        network: &FeatureNetwork,
        recipe: &Recipe,
        pictures: TargetPictures<'_>,
        size: (usize, usize),
    ) -> Result<Self> {
        let recipe = recipe.checked()?;
        if let Some(content) = pictures.content
            && !recipe.content.is_empty()
            && content.dim() != (3, size.1, size.0)
        {
            return Err(Error::SizeMismatch {
                picture: PictureRole::Content,
                other: "the picture that is optimised",
            });
        }
        let mut terms = Vec::new();
        for (kind, layers, picture) in [
            (Kind::Content, &recipe.content, pictures.content),
            (Kind::Style, &recipe.style, pictures.style),
        ] {
            if layers.is_empty() {
                continue;
            }
            let picture = picture.ok_or_else(|| {
                Error::invalid(
                    "objective",
                    format!("has {kind:?} layers, but no such picture"),
                )
            })?;
            let wanted: Vec<Term> = layers.iter().map(|(layer, _)| (kind, *layer)).collect();
            let found = measure(runtime, options, network, &recipe, &wanted, picture)?;
            for ((term, measured), (_, weight)) in wanted.into_iter().zip(found).zip(layers) {
                let scale = scale(recipe.measure, kind, &measured);
                terms.push(Target {
                    term,
                    ports: ["target", "weight", "loss"].map(|what| graph::port(what, term)),
                    values: measured.target,
                    weight: arr0((weight * scale) as f32).into_dyn(),
                });
            }
        }
        let wanted: Vec<Term> = terms.iter().map(|target| target.term).collect();
        let model = graph::objective(network, &wanted, recipe.pooling, size)?;
        Ok(Self {
            session: open(runtime, network, &model, options, size)?,
            terms,
            tv: recipe.tv,
            size,
        })
    }

    /// Names of the terms, `content relu4_2` and so on, in the order of [`Losses::terms`].
    pub fn terms(&self) -> Vec<String> {
        let name = |target: &Target| match target.term {
            (Kind::Content, layer) => format!("content {layer}"),
            (Kind::Style, layer) => format!("style {layer}"),
        };
        self.terms.iter().map(name).collect()
    }

    /// Width and height of the pictures that it takes.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The device it runs on, and why.
    pub fn device(&self) -> &crate::device::Choice {
        self.session.choice()
    }
}

impl Objective for GatysObjective {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let (width, height) = self.size;
        let shape = (3, height, width);
        let wrong_size = |_| Error::invalid("picture", "has another size than the objective");
        let image = ArrayView3::from_shape(shape, image).map_err(wrong_size)?;
        let mut gradient = ArrayViewMut3::from_shape(shape, gradient).map_err(wrong_size)?;

        let batch = image.insert_axis(Axis(0)).into_dyn();
        let mut inputs = vec![("image", Input::F32(batch))];
        for target in &self.terms {
            let [values, weight, _] = &target.ports;
            inputs.push((values, Input::F32(target.values.view())));
            inputs.push((weight, Input::F32(target.weight.view())));
        }
        let outputs = self.session.run(&inputs)?;
        let mut losses = Losses::default();
        for target in &self.terms {
            let loss = outputs.f32(&target.ports[2])?;
            let loss = loss.first().copied().map_or(f64::NAN, f64::from);
            match target.term.0 {
                Kind::Content => losses.content += loss,
                Kind::Style => losses.style += loss,
            }
            losses.terms.push(loss);
        }
        gradient.assign(&outputs.f32("gradient")?.index_axis(Axis(0), 0));
        losses.tv = total_variation::add(image, self.tv, gradient);
        losses.total = losses.content + losses.style + losses.tv;
        Ok(losses)
    }
}

/// What the network says of a target picture at a term's layer.
struct Measured {
    /// Features or Gram matrix.
    target: ArrayD<f32>,
    /// The mean of the features, without their signs.
    activation: f64,
}

/// The target of each term in `picture`.
fn measure(
    runtime: &Runtime,
    options: &SessionOptions,
    network: &FeatureNetwork,
    recipe: &Recipe,
    terms: &[Term],
    picture: &Planes,
) -> Result<Vec<Measured>> {
    let (_, height, width) = picture.dim();
    let size = (width, height);
    let model = graph::targets(network, terms, recipe.pooling, size)?;
    let mut session = open(runtime, network, &model, options, size)?;
    let batch = picture.view().insert_axis(Axis(0)).into_dyn();
    let outputs = session.run(&[("image", Input::F32(batch))])?;
    let one = |term: &Term| -> Result<Measured> {
        let activation = outputs.f32(&graph::port("activation", *term))?;
        Ok(Measured {
            target: outputs.f32(&graph::port("target", *term))?.to_owned(),
            activation: activation.first().copied().map_or(f64::NAN, f64::from),
        })
    };
    terms.iter().map(one).collect()
}

fn open(
    runtime: &Runtime,
    network: &FeatureNetwork,
    model: &[u8],
    options: &SessionOptions,
    (width, height): (usize, usize),
) -> Result<Session> {
    let name = format!("{} at {width}x{height}", network.name());
    Session::open(runtime, &name, model, options)
}

/// The factor of the squared difference; see [`Measure`].
fn scale(measure: Measure, kind: Kind, measured: &Measured) -> f64 {
    let target = &measured.target;
    let count = target.len() as f64;
    let n = target.shape()[usize::from(kind == Kind::Content)] as f64;
    // A black picture has features too, as the networks have biases; these only keep a division finite.
    let square: f64 = target.iter().map(|v| f64::from(*v).powi(2)).sum();
    let (square, activation) = (square.max(1e-12), measured.activation.max(1e-6));
    match (measure, kind) {
        (Measure::Relative, _) => 1.0 / square,
        (Measure::Gatys, Kind::Content) => 0.5 / activation.powi(2),
        (Measure::Gatys, Kind::Style) => 0.25 / (n * n) / activation.powi(4),
        (Measure::Size | Measure::Mean, Kind::Content) => 1.0 / count,
        (Measure::Size, Kind::Style) => 1.0 / (n * n),
        (Measure::Mean, Kind::Style) => 1.0 / (n * n * n * n),
    }
}
