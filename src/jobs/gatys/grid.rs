//! `gatys grid`: a pair and lists of layers, weights, starts and seeds go in; one labelled sheet with every combination
//! comes out (as the figures of Gatys et al. 2016 and later ablations).

use std::path::PathBuf;

use super::descent::Optimised;
use super::options::{GatysOptions, Init};
use super::picture_job::{open, style_file};
use super::runner::GatysRunner;
use crate::error::{Error, Result};
use crate::gatys::{Layer, Recipe};
use crate::picture;
use crate::progress::Progress;
use crate::style::StyleArgument;

/// The most pictures of a grid.
const MAX_CELLS: usize = 400;

/// Every combination of the lists; with an empty list the options apply.
#[derive(Debug, Clone)]
pub struct GridJob {
    /// The photo.
    pub content: PathBuf,
    /// The painting's picture.
    pub style: StyleArgument,
    /// Sets of style layers.
    pub layers: Vec<Vec<Layer>>,
    /// Weights of the style in all.
    pub weights: Vec<f64>,
    /// Starts.
    pub inits: Vec<Init>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// The long side of a picture on the sheet.
    pub cell: u32,
    /// Everything else.
    pub options: GatysOptions,
    /// The sheet.
    pub output: PathBuf,
}

/// A picture of the grid.
#[derive(Debug)]
pub struct Cell {
    /// What is written over it.
    pub label: String,
    /// Its optimisation.
    pub optimised: Optimised,
}

/// Optimise all combinations and write the sheet; columns are the last list that has more than one entry.
///
/// # Errors
/// As [`gatys`](super::gatys); [`Error::Interrupted`] after Ctrl-C, when nothing is written.
pub fn grid(job: &GridJob, progress: &mut dyn Progress) -> Result<Vec<Cell>> {
    job.options.check()?;
    let style_path = style_file(&job.style)?;
    picture::check_output(&job.output, &[&job.content, style_path])?;
    let variants = job.variants()?;
    let (content, style) = (open(&job.content, progress)?, open(style_path, progress)?);
    let runner = GatysRunner::open(&job.options)?;
    progress.note(&format!("features: {}", runner.features()));
    let mut cells = Vec::new();
    let total = variants.len() * job.options.iterations;
    for (n, (label, options)) in variants.into_iter().enumerate() {
        let done = n * options.iterations;
        let optimised = runner.optimise(
            &options,
            Some(&content),
            Some(&style),
            &content,
            &mut |record, _| progress.step(done + record.step, total, &label),
        )?;
        if optimised.interrupted {
            return Err(Error::Interrupted);
        }
        cells.push(Cell { label, optimised });
    }
    let columns = [
        job.seeds.len(),
        job.inits.len(),
        job.weights.len(),
        job.layers.len(),
    ];
    let columns = columns.into_iter().find(|n| *n > 1).unwrap_or(1);
    let shown: Vec<_> = cells
        .iter()
        .map(|cell| (cell.optimised.picture.clone(), cell.label.clone()))
        .collect();
    picture::save(
        &job.output,
        &picture::contact_sheet(&shown, columns, job.cell)?,
        None,
    )?;
    // The bar is drawn to its end; nothing is left to stop.
    let _ = progress.step(total, total, "");
    Ok(cells)
}

impl GridJob {
    /// Labels and options, seeds changing fastest.
    fn variants(&self) -> Result<Vec<(String, GatysOptions)>> {
        let mut variants = vec![(Vec::<String>::new(), self.options.clone())];
        let sum: f64 = self.options.recipe.style.iter().map(|(_, w)| w).sum();
        variants = spread(variants, &self.layers, |options, layers| {
            let share = sum / layers.len().max(1) as f64;
            options.recipe.style = layers.iter().map(|layer| (*layer, share)).collect();
            let (first, last) = (layers.first(), layers.last());
            match (first, last) {
                (Some(first), Some(last)) if first != last => format!("{first}..{last}"),
                (Some(one), _) => one.to_string(),
                _ => "no layers".to_owned(),
            }
        });
        variants = spread(variants, &self.weights, |options, weight| {
            Recipe::reweigh(&mut options.recipe.style, *weight);
            format!("style {weight}")
        });
        variants = spread(variants, &self.inits, |options, init| {
            options.init = init.clone();
            match init {
                Init::Noise => "from noise".to_owned(),
                Init::Content => "from the content".to_owned(),
                Init::Pastiche => "from the pastiche".to_owned(),
                Init::File(path) => format!("from {}", path.display()),
            }
        });
        variants = spread(variants, &self.seeds, |options, seed| {
            options.seed = *seed;
            format!("seed {seed}")
        });
        if variants.len() > MAX_CELLS {
            let reason = format!("{} pictures are over {MAX_CELLS}", variants.len());
            return Err(Error::invalid("grid", reason));
        }
        let named = variants.into_iter().map(|(words, options)| {
            options.check()?;
            Ok((words.join(", "), options))
        });
        named.collect()
    }
}

type Variants = Vec<(Vec<String>, GatysOptions)>;

/// Each variant once for each of `values`; as it is when there are none.
fn spread<T>(
    variants: Variants,
    values: &[T],
    apply: impl Fn(&mut GatysOptions, &T) -> String,
) -> Variants {
    if values.is_empty() {
        return variants;
    }
    let mut all = Vec::new();
    for (words, options) in variants {
        for value in values {
            let (mut words, mut options) = (words.clone(), options.clone());
            words.push(apply(&mut options, value));
            all.push((words, options));
        }
    }
    all
}
