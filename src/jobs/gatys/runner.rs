//! Optimisations with one feature network: options and pictures go in, the optimised picture comes out.

use std::time::Instant;

use image::RgbImage;

use super::descent::{Descent, OnStep, Optimised};
use super::memory;
use super::options::GatysOptions;
use super::scales::{sizes, start, steps_at, to_area};
use crate::catalog;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::gatys::{
    FeatureNetwork, GatysObjective, Losses, Objective, Planes, Recipe, TargetPictures, planes,
};
use crate::picture;
use crate::runtime::{Precision, Runtime, SessionOptions};

/// A feature network and the device that it runs on.
pub struct GatysRunner {
    runtime: Runtime,
    session: SessionOptions,
    network: FeatureNetwork,
}

impl GatysRunner {
    /// Load runtime and network.
    ///
    /// # Errors
    /// Those of the runtime, and of the network's file.
    pub fn open(options: &GatysOptions) -> Result<Self> {
        Self::with(options.features.as_deref(), &options.engine)
    }

    /// The same, with the network that [`features`](catalog::features()) finds.
    ///
    /// # Errors
    /// As [`GatysRunner::open`].
    pub fn with(features: Option<&str>, engine: &EngineBuilder) -> Result<Self> {
        if engine.precision == Precision::Int8 {
            let reason =
                "int8 only paints; an optimisation computes in f32, or in bf16 on openvino";
            return Err(Error::invalid("precision", reason));
        }
        let found = catalog::features(features)?;
        let device = engine.precision.device(engine.device)?;
        Ok(Self {
            runtime: Runtime::load_for(device, engine.library.as_deref())?,
            session: SessionOptions {
                device,
                threads: engine.threads,
                bf16: engine.precision == Precision::Bf16,
            },
            network: FeatureNetwork::parse(&found.name, &found.bytes)?,
        })
    }

    /// The feature network's name.
    pub fn features(&self) -> &str {
        self.network.name()
    }

    /// The runtime and its options.
    pub(in crate::jobs) fn runtime(&self) -> (&Runtime, &SessionOptions) {
        (&self.runtime, &self.session)
    }

    /// The objective for pictures of `size`; the content is resized to it, the style to its area.
    ///
    /// # Errors
    /// Those of [`GatysObjective::new`], and when the memory that is free is too small.
    pub fn objective(
        &self,
        recipe: &Recipe,
        content: Option<&RgbImage>,
        style: Option<&RgbImage>,
        size: (usize, usize),
    ) -> Result<GatysObjective> {
        memory::check(&self.network, recipe, size)?;
        let content = match content {
            Some(content) => {
                let content = picture::resize(content, size.0 as u32, size.1 as u32)?;
                Some(planes::from_picture(&content))
            }
            None => None,
        };
        let style = match style {
            Some(style) => Some(planes::from_picture(&to_area(style, size)?)),
            None => None,
        };
        let pictures = TargetPictures {
            content: content.as_ref(),
            style: style.as_ref(),
        };
        GatysObjective::new(
            &self.runtime,
            &self.session,
            &self.network,
            recipe,
            pictures,
            size,
        )
    }

    /// Optimise. `shape` is the picture whose proportions the result has.
    ///
    /// # Errors
    /// Those of the options, the objective, and the optimiser.
    pub fn optimise(
        &self,
        options: &GatysOptions,
        content: Option<&RgbImage>,
        style: Option<&RgbImage>,
        shape: &RgbImage,
        on_step: OnStep<'_>,
    ) -> Result<Optimised> {
        let sizes = self.sizes(options, shape)?;
        let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
        let image = start(options, content, style, shape, first, last)?;
        self.descend(options, (content, style), &sizes, (image, None), on_step)
    }

    /// Optimise, beginning with the pastiche `begin`, whose proportions the result has; [`GatysOptions::init`] is not
    /// looked at. Each finer scale begins with the coarser one's result and the fine structure of the pastiche.
    ///
    /// # Errors
    /// As [`GatysRunner::optimise`].
    pub fn optimise_from(
        &self,
        options: &GatysOptions,
        (content, style): (&RgbImage, &RgbImage),
        begin: &RgbImage,
        on_step: OnStep<'_>,
    ) -> Result<Optimised> {
        let sizes = self.sizes(options, begin)?;
        let image = planes_at(begin, sizes[0])?;
        let pictures = (Some(content), Some(style));
        self.descend(options, pictures, &sizes, (image, Some(begin)), on_step)
    }

    /// The sizes from coarse to fine, at least one, when the options are good and the memory for the last is there.
    fn sizes(&self, options: &GatysOptions, shape: &RgbImage) -> Result<Vec<(usize, usize)>> {
        options.check()?;
        let sizes = sizes(shape, options);
        let Some(&last) = sizes.last() else {
            return Err(Error::invalid("scales", "there is no scale"));
        };
        // Said now, and not after the time of all coarser scales.
        memory::check(&self.network, &options.recipe, last)?;
        Ok(sizes)
    }

    /// Scale after scale; `begin` is the picture that `image` is, at its full size.
    fn descend(
        &self,
        options: &GatysOptions,
        (content, style): (Option<&RgbImage>, Option<&RgbImage>),
        sizes: &[(usize, usize)],
        (mut image, begin): (Planes, Option<&RgbImage>),
        on_step: OnStep<'_>,
    ) -> Result<Optimised> {
        let mut descent = Descent::default();
        let mut device = String::new();
        let mut terms = Vec::new();
        let mut begun = None;
        for (n, &size) in sizes.iter().enumerate() {
            image = to_scale(image, begin, size)?;
            let began = Instant::now();
            let mut objective = self.objective(&options.recipe, content, style, size)?;
            if let Some(begin) = begin {
                begun = Some(losses_of(&mut objective, &mut planes_at(begin, size)?)?);
            }
            descent.spent += began.elapsed();
            device = objective.device().to_string();
            terms = objective.terms();
            let steps = steps_at(options.iterations, sizes.len(), n);
            let mut optimiser = options.method.optimiser()?;
            descent.scale(
                &mut objective,
                optimiser.as_mut(),
                &mut image,
                steps,
                on_step,
            )?;
            if descent.interrupted {
                break;
            }
        }
        let losses = descent.best.unwrap_or_default();
        if let Some(&last) = sizes.last() {
            image = to_scale(image, begin, last)?;
        }
        Ok(Optimised {
            picture: planes::to_picture(image.view()),
            losses,
            begun,
            terms,
            evaluations: descent.evaluations,
            records: descent.records,
            spent: descent.spent,
            interrupted: descent.interrupted,
            stalled: descent.stalled,
            device,
            features: self.network.name().to_owned(),
        })
    }
}

/// A picture as planes of this size.
fn planes_at(picture: &RgbImage, (width, height): (usize, usize)) -> Result<Planes> {
    let picture = picture::resize(picture, width as u32, height as u32)?;
    Ok(planes::from_picture(&picture))
}

/// The losses of a picture as it is.
fn losses_of(objective: &mut GatysObjective, image: &mut Planes) -> Result<Losses> {
    let mut gradient = Planes::zeros(image.dim());
    objective.evaluate(planes::values(image)?, planes::values(&mut gradient)?)
}

/// The picture at the size of a finer scale. What `begin` has there and not at the size of `image`, its fine structure,
/// is added: else the finer scale would begin with a blurred picture, and spend its steps on that.
fn to_scale(image: Planes, begin: Option<&RgbImage>, size: (usize, usize)) -> Result<Planes> {
    let (_, height, width) = image.dim();
    let mut finer = planes::resized(image, size)?;
    if let Some(begin) = begin
        && (width, height) != size
    {
        let coarse = planes::resized(planes_at(begin, (width, height))?, size)?;
        let fine = planes_at(begin, size)?;
        finer = finer + fine - coarse;
        finer.mapv_inplace(|value| value.clamp(0.0, 1.0));
    }
    Ok(finer)
}
