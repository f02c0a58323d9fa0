//! Losses and gradient of a picture, by ONNX Runtime.

use super::graph::{self, Kind, Term};
use super::network::FeatureNetwork;
use super::planes::Planes;
use super::recipe::{Measure, Recipe};
use super::variation;
use crate::error::{Error, PictureRole, Result};
use crate::runtime::{Input, Runtime, Session, SessionOptions};

/// The loss of a picture, and its parts, each with its weight in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Losses {
    /// What is minimised: the sum of all parts.
    pub total: f64,
    /// Of the content layers.
    pub content: f64,
    /// Of the style layers.
    pub style: f64,
    /// Of the total variation.
    pub tv: f64,
    /// By term, as in [`Matching::terms`].
    pub terms: Vec<f64>,
}

/// Something that can be minimised over pictures of one size.
pub trait Objective {
    /// The losses of `image` (three planes, see [`Planes::values`]), and the derivative of their total by each of its
    /// values, into `gradient`.
    ///
    /// # Errors
    /// [`Error::Inference`] when the network fails.
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses>;
}

/// The pictures that are to be matched. A recipe without content layers needs no content, and so with style.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pictures<'a> {
    /// Its features are wanted; of the size of the optimised picture.
    pub content: Option<&'a Planes>,
    /// Its Gram matrices are wanted; of any size.
    pub style: Option<&'a Planes>,
}

/// The objective of Gatys et al. 2016, eq. 7: features of a content, Gram matrices of a style, and total variation.
pub struct Matching {
    session: Session,
    terms: Vec<Target>,
    tv: f64,
    size: (usize, usize),
}

/// A term with what it is compared to.
struct Target {
    term: Term,
    /// The names of its target, weight and loss in the graph.
    ports: [String; 3],
    dims: Vec<usize>,
    values: Vec<f32>,
    weight: [f32; 1],
}

impl Matching {
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
        pictures: Pictures<'_>,
        size: (usize, usize),
    ) -> Result<Self> {
        let recipe = recipe.checked()?;
        if let Some(content) = pictures.content
            && !recipe.content.is_empty()
            && (content.width, content.height) != size
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
            for ((term, values), (_, weight)) in wanted.into_iter().zip(found).zip(layers) {
                let own = if kind == Kind::Content {
                    size
                } else {
                    (picture.width, picture.height)
                };
                let dims = graph::target_dims(network, term, own);
                let scale = scale(recipe.measure, kind, &dims, &values);
                terms.push(Target {
                    term,
                    ports: ["target", "weight", "loss"].map(|what| graph::port(what, term)),
                    dims,
                    values,
                    weight: [(weight * scale) as f32],
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

impl Objective for Matching {
    fn evaluate(&mut self, image: &[f32], gradient: &mut [f32]) -> Result<Losses> {
        let (width, height) = self.size;
        let shape = [1, 3, height, width];
        let mut inputs: Vec<(&str, Input<'_>)> = vec![(
            "image",
            Input::F32 {
                shape: &shape,
                data: image,
            },
        )];
        for target in &self.terms {
            let (shape, data) = (&target.dims, &target.values);
            inputs.push((&target.ports[0], Input::F32 { shape, data }));
            let (shape, data) = (&[], &target.weight);
            inputs.push((&target.ports[1], Input::F32 { shape, data }));
        }
        let outputs = self.session.run(&inputs)?;
        let mut losses = Losses::default();
        for target in &self.terms {
            let (_, loss) = outputs.f32(&target.ports[2])?;
            let loss = loss.first().copied().map_or(f64::NAN, f64::from);
            match target.term.0 {
                Kind::Content => losses.content += loss,
                Kind::Style => losses.style += loss,
            }
            losses.terms.push(loss);
        }
        let (_, slope) = outputs.f32("gradient")?;
        if slope.len() != gradient.len() {
            return Err(Error::invalid(
                "gradient",
                "has another size than the picture",
            ));
        }
        gradient.copy_from_slice(slope);
        losses.tv = variation::add(image, self.size, self.tv, gradient);
        losses.total = losses.content + losses.style + losses.tv;
        Ok(losses)
    }
}

/// The target of each term in `picture`.
fn measure(
    runtime: &Runtime,
    options: &SessionOptions,
    network: &FeatureNetwork,
    recipe: &Recipe,
    terms: &[Term],
    picture: &Planes,
) -> Result<Vec<Vec<f32>>> {
    let size = (picture.width, picture.height);
    let model = graph::targets(network, terms, recipe.pooling, size)?;
    let mut session = open(runtime, network, &model, options, size)?;
    let shape = [1, 3, picture.height, picture.width];
    let data = &picture.values;
    let outputs = session.run(&[(
        "image",
        Input::F32 {
            shape: &shape,
            data,
        },
    )])?;
    let one = |term: &Term| Ok(outputs.f32(&graph::port("target", *term))?.1.to_vec());
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

/// What the squared difference is multiplied by; see [`Measure`].
fn scale(measure: Measure, kind: Kind, dims: &[usize], target: &[f32]) -> f64 {
    let count = dims.iter().product::<usize>() as f64;
    let n = dims[usize::from(kind == Kind::Content)] as f64;
    match (measure, kind) {
        (Measure::Relative, _) => {
            let square: f64 = target.iter().map(|v| f64::from(*v).powi(2)).sum();
            // A black picture has features too, as the networks have biases; this only keeps a division finite.
            1.0 / square.max(1e-12)
        }
        (Measure::Gatys, Kind::Content) => 0.5,
        (Measure::Gatys, Kind::Style) => 0.25 / (n * n),
        (Measure::Size | Measure::Mean, Kind::Content) => 1.0 / count,
        (Measure::Size, Kind::Style) => 1.0 / (n * n),
        (Measure::Mean, Kind::Style) => 1.0 / (n * n * n * n),
    }
}
