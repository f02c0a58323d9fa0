//! `gatys transfer`, `reconstruct` and `synthesize`: pictures go in, one optimised picture is written.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::descent::{Optimised, StepRecord};
use super::loss_plot;
use super::options::{GatysOptions, Init};
use super::runner::GatysRunner;
use crate::error::{Error, Result};
use crate::gatys::{Planes, planes};
use crate::picture::{self, Colors, Palette};
use crate::progress::Progress;
use crate::style::{StyleArgument, StyleSource};

/// Shows the picture while it is made; `Break` when the user closes the window.
pub trait Preview {
    /// After a step.
    ///
    /// # Errors
    /// [`Error::Display`] when the display is gone.
    fn show(&mut self, picture: &RgbImage) -> Result<ControlFlow<()>>;
}

/// What is written besides the picture.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// A snapshot after every so many steps, as `OUTPUT-0050.png`.
    pub every: Option<usize>,
    /// The loss curve, as `OUTPUT-curve.png` and `OUTPUT-curve.csv`.
    pub curve: bool,
    /// What becomes of the result's colours; only a transfer has a content to keep some of.
    pub colors: Colors,
}

/// What is made.
#[derive(Debug, Clone)]
pub enum Subject {
    /// The content in the painting's style.
    Transfer {
        /// The photo.
        content: PathBuf,
        /// The painting: a picture, as its Gram matrices are wanted.
        style: StyleArgument,
    },
    /// The picture that has the features of another at the recipe's content layers (Gatys et al. 2016, figure 1, below).
    Reconstruct {
        /// That other.
        picture: PathBuf,
    },
    /// A texture: the style's Gram matrices at the recipe's style layers, and no content (figure 1, above).
    Synthesize {
        /// The painting.
        style: StyleArgument,
    },
}

/// An optimisation.
#[derive(Debug, Clone)]
pub struct GatysJob {
    /// What is made.
    pub subject: Subject,
    /// How.
    pub options: GatysOptions,
    /// What else is written.
    pub extras: Extras,
    /// The picture that is written.
    pub output: PathBuf,
}

/// What was made.
#[derive(Debug)]
pub struct GatysReport {
    /// The optimisation.
    pub optimised: Optimised,
    /// Of a reconstruction: peak signal to noise against the picture, in decibels.
    pub psnr: Option<f64>,
    /// The files written, the picture first.
    pub written: Vec<PathBuf>,
}

/// Optimise a picture and write it. When `progress` says stop, the best so far is written all the same.
///
/// # Errors
/// Those of the options, the pictures, the networks and the output.
pub fn gatys(
    job: &GatysJob,
    preview: Option<&mut dyn Preview>,
    progress: &mut dyn Progress,
) -> Result<GatysReport> {
    job.options.check()?;
    job.extras.colors.check()?;
    let mut options = job.options.clone();
    let (content, style) = job.subject.pictures(progress)?;
    let inputs = job.subject.files();
    let palette = job.extras.colors.palette.as_ref().and_then(Palette::file);
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).chain(palette).collect();
    picture::check_output(&job.output, &inputs)?;
    let shape = content.as_ref().or(style.as_ref());
    let shape = shape
        .ok_or_else(|| Error::invalid("gatys", "needs a picture"))?
        .clone();
    match job.subject {
        Subject::Transfer { .. } => {}
        Subject::Reconstruct { .. } => options.recipe.style.clear(),
        Subject::Synthesize { .. } => {
            options.recipe.content.clear();
            if options.init == Init::Content {
                return Err(Error::invalid("init", "content: a texture has none"));
            }
        }
    }
    let runner = GatysRunner::open(&options)?;
    progress.note(&format!("features: {}", runner.features()));

    let mut written = vec![job.output.clone()];
    let mut reporter = StepReporter {
        job,
        preview,
        progress,
        snapshots: Vec::new(),
        failed: None,
    };
    let optimised = runner.optimise(
        &options,
        content.as_ref(),
        style.as_ref(),
        &shape,
        &mut |record, picture| reporter.report(record, picture),
    )?;
    written.append(&mut reporter.snapshots);
    if let Some(error) = reporter.failed {
        return Err(error);
    }
    let mut picture = optimised.picture.clone();
    if let Some(content) = &content
        && !job.extras.colors.is_identity()
    {
        let content = picture::resize(content, picture.width(), picture.height())?;
        job.extras.colors.apply(&content, &mut picture);
    }
    picture::save(&job.output, &picture, None)?;
    if job.extras.curve {
        let line = loss_plot::Curve::of("total", &optimised.records);
        let plot = loss_plot::plot("loss", &[line], None);
        let path = beside(&job.output, "curve", "png");
        picture::save(&path, &plot, None)?;
        written.push(path);
        let path = beside(&job.output, "curve", "csv");
        let table = loss_plot::table(&optimised.records, &optimised.terms);
        picture::write_bytes(&path, table.as_bytes())?;
        written.push(path);
    }
    let psnr = match job.subject {
        Subject::Reconstruct { .. } => {
            let wanted = picture::resize(&shape, picture.width(), picture.height())?;
            Some(psnr(&wanted, &picture))
        }
        _ => None,
    };
    Ok(GatysReport {
        optimised,
        psnr,
        written,
    })
}

impl Subject {
    fn files(&self) -> Vec<PathBuf> {
        let style = |style: &StyleArgument| style.picture().map(Path::to_owned);
        match self {
            Self::Transfer { content, style: s } => {
                [content.clone()].into_iter().chain(style(s)).collect()
            }
            Self::Reconstruct { picture } => vec![picture.clone()],
            Self::Synthesize { style: s } => style(s).into_iter().collect(),
        }
    }

    /// Content and style.
    fn pictures(
        &self,
        progress: &mut dyn Progress,
    ) -> Result<(Option<RgbImage>, Option<RgbImage>)> {
        Ok(match self {
            Self::Transfer { content, style } => (
                Some(open(content, progress)?),
                Some(open(style_file(style)?, progress)?),
            ),
            Self::Reconstruct { picture } => (Some(open(picture, progress)?), None),
            Self::Synthesize { style } => (None, Some(open(style_file(style)?, progress)?)),
        })
    }
}

/// The picture of a style: an embedding has no Gram matrices.
///
/// # Errors
/// [`Error::Style`] for `@NAME`.
pub fn style_file(style: &StyleArgument) -> Result<&Path> {
    match &style.source {
        StyleSource::Picture(path) => Ok(path),
        StyleSource::Named(name) => Err(Error::Style {
            style: format!("@{name}"),
            reason: "is an embedding, a row of numbers; the optimiser needs a picture of the painting, to measure its Gram matrices: name a file"
                .to_owned(),
        }),
    }
}

pub(in crate::jobs) fn open(path: &Path, progress: &mut dyn Progress) -> Result<RgbImage> {
    let picture = picture::open(path, &picture::Limits::default())?;
    for note in &picture.notes {
        progress.note(&format!("{}: {note}", path.display()));
    }
    Ok(picture.rgb)
}

/// `FOLDER/STEM-WHAT.ENDING`.
fn beside(output: &Path, what: &str, ending: &str) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!("{stem}-{what}.{ending}"))
}

/// Peak signal to noise ratio of two pictures of one size, in decibels.
fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    let square = |(a, b): (&u8, &u8)| (f64::from(*a) - f64::from(*b)).powi(2);
    let sum: f64 = a.iter().zip(b.iter()).map(square).sum();
    let mean = sum / a.len().max(1) as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

/// Reports each step, shows the picture, and writes snapshots.
struct StepReporter<'j, 'w, 'p> {
    job: &'j GatysJob,
    preview: Option<&'w mut dyn Preview>,
    progress: &'p mut dyn Progress,
    snapshots: Vec<PathBuf>,
    failed: Option<Error>,
}

impl StepReporter<'_, '_, '_> {
    fn report(&mut self, record: &StepRecord, picture: &Planes) -> ControlFlow<()> {
        match self.try_report(record, picture) {
            Ok(flow) => flow,
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn try_report(&mut self, record: &StepRecord, picture: &Planes) -> Result<ControlFlow<()>> {
        let (w, h) = record.size;
        let said = format!("{w}x{h} loss {:.5}", record.losses.total);
        let total = self.job.options.iterations;
        let mut flow = self.progress.step(record.step, total, &said);
        let due = self
            .job
            .extras
            .every
            .is_some_and(|n| record.step.is_multiple_of(n));
        if due {
            let path = beside(&self.job.output, &format!("{:04}", record.step), "png");
            picture::save(&path, &planes::to_picture(picture.view()), None)?;
            self.snapshots.push(path);
        }
        if let Some(preview) = &mut self.preview
            && preview
                .show(&planes::to_picture(picture.view()))?
                .is_break()
        {
            flow = ControlFlow::Break(());
        }
        Ok(flow)
    }
}
