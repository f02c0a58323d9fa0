//! The flags of an optimisation, which `gatys` and `verify` share: flags go in, [`GatysOptions`] come out.

use clap::{Args, ValueEnum};
use impasto::gatys::{Layer, Measure, PRESETS, Pooling, Recipe, weighted};
use impasto::jobs::gatys::{GatysOptions, Init, Method};

use super::EngineArgs;
use super::style_options::size;

/// The flags of objective, optimiser and device.
#[derive(Debug, Clone, Args)]
pub struct OptimisationArgs {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    descent: DescentArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

/// The objective.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Objective")]
pub struct RecipeArgs {
    /// Layers, weights and measure that the other flags change: balanced, gatys, term-paper, assignment
    #[arg(long, value_name = "NAME", default_value = PRESETS[0])]
    preset: String,

    /// Content layers in place of the preset's, with optional weights: relu4_2 or relu3_2:1,relu4_2:2
    #[arg(long = "content-layer", value_name = "LAYERS", value_delimiter = ',')]
    content_layers: Vec<String>,

    /// Style layers in place of the preset's: names or ranges such as relu1_1..relu5_1, with optional weights: relu1_1:4
    #[arg(long = "style-layer", value_name = "LAYERS", value_delimiter = ',')]
    style_layers: Vec<String>,

    /// Weight of all content layers together
    #[arg(long, value_name = "W", value_parser = weight, allow_negative_numbers = true)]
    pub content_weight: Option<f64>,

    /// Weight of all style layers together
    #[arg(long, value_name = "W", value_parser = weight, allow_negative_numbers = true)]
    style_weight: Option<f64>,

    /// Weight of the total variation: more is smoother
    #[arg(long, value_name = "W", value_parser = weight, allow_negative_numbers = true)]
    pub tv: Option<f64>,

    /// How the feature network pools
    #[arg(long, value_enum, default_value = "average")]
    pooling: PoolingArg,

    /// What differences are divided by, in place of the preset's
    #[arg(long, value_enum)]
    measure: Option<MeasureArg>,

    /// The feature network: vgg19, compact or a file [default: vgg19 if it is installed, else compact]
    #[arg(long, value_name = "NAME|FILE")]
    features: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PoolingArg {
    Average,
    Max,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MeasureArg {
    /// The target's own square
    Relative,
    /// As Gatys et al. 2016
    Gatys,
    /// The number of features
    Size,
    /// The mean
    Mean,
}

/// The optimiser.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Optimiser")]
struct DescentArgs {
    /// The picture to start from: noise, content, pastiche (of the fast network), or a file
    #[arg(long, value_name = "INIT", default_value = "noise")]
    init: Init,

    /// Seed of the noise
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,

    /// The optimiser
    #[arg(long, value_enum, default_value = "lbfgs")]
    optimiser: OptimiserArg,

    /// Steps that L-BFGS keeps, 1 to 100
    #[arg(long, value_name = "N", default_value = "20")]
    history: usize,

    /// Step size of Adam
    #[arg(long, value_name = "R", default_value = "0.02", value_parser = weight, allow_negative_numbers = true)]
    rate: f64,

    /// Steps in all
    #[arg(short = 'n', long, value_name = "N", default_value = "300")]
    iterations: usize,

    /// The long side in pixels [default: 512]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,

    /// Number of sizes, from small to large, each 1.4 times the one before; they share the steps
    #[arg(long, value_name = "N", default_value = "1")]
    scales: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OptimiserArg {
    Lbfgs,
    Adam,
}

impl OptimisationArgs {
    /// Flags as options of an optimisation.
    pub fn options(self) -> anyhow::Result<GatysOptions> {
        let Self {
            recipe: given,
            descent,
            engine,
        } = self;
        let mut recipe = Recipe::preset(&given.preset)?;
        let sum = |layers: &[(Layer, f64)]| -> f64 { layers.iter().map(|(_, w)| w).sum() };
        if !given.content_layers.is_empty() {
            recipe.content = weighted(&given.content_layers, sum(&recipe.content))?;
        }
        if !given.style_layers.is_empty() {
            recipe.style = weighted(&given.style_layers, sum(&recipe.style))?;
        }
        if let Some(weight) = given.content_weight {
            Recipe::reweigh(&mut recipe.content, weight);
        }
        if let Some(weight) = given.style_weight {
            Recipe::reweigh(&mut recipe.style, weight);
        }
        recipe.tv = given.tv.unwrap_or(recipe.tv);
        recipe.pooling = match given.pooling {
            PoolingArg::Average => Pooling::Average,
            PoolingArg::Max => Pooling::Max,
        };
        if let Some(measure) = given.measure {
            recipe.measure = match measure {
                MeasureArg::Relative => Measure::Relative,
                MeasureArg::Gatys => Measure::Gatys,
                MeasureArg::Size => Measure::Size,
                MeasureArg::Mean => Measure::Mean,
            };
        }
        Ok(GatysOptions {
            recipe,
            init: descent.init,
            seed: descent.seed,
            method: match descent.optimiser {
                OptimiserArg::Lbfgs => Method::Lbfgs {
                    history: descent.history,
                },
                OptimiserArg::Adam => Method::Adam { rate: descent.rate },
            },
            iterations: descent.iterations,
            size: descent.size,
            scales: descent.scales,
            features: given.features,
            engine: engine.builder(),
        })
    }
}

/// A weight: finite, and checked further by the library.
pub fn weight(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("'{text}' is not a finite number")),
    }
}
