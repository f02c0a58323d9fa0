//! `stylize`: photos and styles in, a pastiche in a file for each out.

mod done_work;
mod feed;
mod inputs;
mod paint;
mod settings;
mod shard;
mod targets;
mod workshop;

use std::path::{Path, PathBuf};

use super::Refined;
use super::output_paths::{OutputPaths, STANDARD_STREAM, is_standard_stream};
use super::refine::check_steps;
use super::sizes::check_size;
use crate::device::Choice;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::measure::Timings;
use crate::progress::{Progress, Silent};
use crate::style::StyleArgument;
use done_work::Writer;
pub use feed::stylize_lines;
use inputs::Inputs;
pub use shard::Shard;
use workshop::Workshop;

/// What to paint, how, and where to put it.
#[derive(Debug, Clone)]
pub struct StylizeJob {
    /// Pictures, folders of pictures, patterns such as `*.jpg`, or [`STANDARD_STREAM`] for a picture on standard input.
    pub contents: Vec<PathBuf>,
    /// One style, or several to blend (or, with `each`, to be used one by one).
    pub styles: Vec<StyleArgument>,
    /// Every content with every style.
    pub each: bool,
    /// 0 is the photo, 1 the painting.
    pub strength: f32,
    /// The long side of the output in pixels, of [`SIZES`](super::SIZES); the content's own size when absent.
    pub size: Option<u32>,
    /// Take only light and texture from the painting.
    pub keep_colors: bool,
    /// Fit the embeddings of the paintings to each photo, in so many steps: see [`Refiner`](super::Refiner).
    pub refine: Option<usize>,
    /// The feature network of that, as [`Refiner::open`](super::Refiner::open) takes it.
    pub features: Option<String>,
    /// A picture, a folder, or [`STANDARD_STREAM`] for a PNG on standard output. A folder that is missing is made; it is
    /// needed for more than one picture, and for a folder or pattern among the contents however many pictures it holds.
    pub output: PathBuf,
    /// Paint only this part of the pictures; others paint the other parts. Needs a folder.
    pub shard: Option<Shard>,
    /// Keep a list of what is painted in the folder of the output, and paint nothing twice: a picture is passed over when
    /// its photo's bytes, the settings and the file painted are those of the list.
    pub resume: bool,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// Networks and device.
    pub engine: EngineBuilder,
}

/// One picture that was painted.
#[derive(Debug, Clone)]
pub struct Painted {
    /// The photo.
    pub content: PathBuf,
    /// The style's name, or names joined by `+`.
    pub style: String,
    /// The file written.
    pub output: PathBuf,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// The result of the refinement of each style; empty without refinement.
    pub refined: Vec<(String, Refined)>,
    /// Wall time by stage: decode, resize, predictor, refine, head, transformer, encode.
    pub timings: Timings,
}

/// One picture that had been painted before.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The photo.
    pub content: PathBuf,
    /// The style's name, or names joined by `+`.
    pub style: String,
    /// The file that is there.
    pub output: PathBuf,
}

/// One picture that could not be used.
#[derive(Debug)]
pub struct Failure {
    /// The picture.
    pub content: PathBuf,
    /// Why.
    pub error: Error,
}

/// What a job did.
#[derive(Debug)]
pub struct Summary {
    /// The model's name.
    pub model: String,
    /// The device, and why it was taken.
    pub device: Choice,
    /// The pictures painted, in order.
    pub painted: Vec<Painted>,
    /// Those that [`StylizeJob::resume`] found painted.
    pub skipped: Vec<Skipped>,
    /// Those that failed while the others went on.
    pub failed: Vec<Failure>,
    /// Time to load the networks and read the styles.
    pub setup: Timings,
}

/// Receives the progress of `stylize`.
pub trait StylizeProgress: Progress {
    /// A picture was written.
    fn painted(&mut self, _picture: &Painted) {}

    /// A picture was found painted.
    fn skipped(&mut self, _picture: &Skipped) {}

    /// A photo could not be painted, and others may follow.
    fn failed(&mut self, _failure: &Failure) {}

    /// The job was stopped; the photos in `left` are not finished.
    fn stopped(&mut self, _left: &[PathBuf]) {}
}

impl StylizeProgress for Silent {}

/// Paint every content in the given style or styles.
///
/// One bad content among several does not stop the others: it is listed in [`Summary::failed`].
///
/// # Errors
/// Whatever makes the whole job impossible: a bad option, style, model, device or output;
/// a lone content that cannot be painted; [`Error::Interrupted`].
pub fn stylize(job: &StylizeJob, progress: &mut dyn StylizeProgress) -> Result<Summary> {
    if job.contents.is_empty() {
        return Err(Error::invalid(
            "content",
            "at least one picture or folder is needed",
        ));
    }
    job.check()?;
    let inputs = Inputs::find(&job.contents)?;
    let outputs = OutputPaths::new(
        &job.output,
        (&inputs.files, inputs.any_collection),
        &job.styles,
        job.each,
    )?;
    if outputs.folder().is_none() && (job.resume || job.shard.is_some()) {
        let what = if job.resume { "resume" } else { "shard" };
        let reason = format!(
            "needs a folder for the pictures, and {} is a file",
            job.output.display()
        );
        return Err(Error::invalid(what, reason));
    }
    if job.resume && job.contents.iter().any(|c| is_standard_stream(c)) {
        let reason = "cannot tell whether standard input was painted; name files";
        return Err(Error::invalid("resume", reason));
    }
    let mut workshop = Workshop::open(job, progress)?;
    outputs.prepare()?;
    let mut done = workshop.done_work(&Writer::List(job.shard))?;

    let lone = inputs.files.len() * workshop.targets() == 1;
    let mine: Vec<(usize, &PathBuf)> = inputs
        .files
        .iter()
        .enumerate()
        .filter(|(_, file)| {
            let key = shard::key(&job.contents, file);
            job.shard.is_none_or(|shard| shard.takes(&key))
        })
        .collect();
    for (n, (place, content)) in mine.iter().enumerate() {
        let at = (n, mine.len());
        match workshop.paint((&outputs, *place), content, done.as_mut(), at, progress) {
            Ok(()) => {}
            Err(Error::Interrupted) => {
                let left: Vec<PathBuf> =
                    mine[n..].iter().map(|(_, file)| (*file).clone()).collect();
                progress.stopped(&left);
                return Err(Error::Interrupted);
            }
            Err(error) if lone => return Err(error),
            Err(error) => {
                let content = (*content).clone();
                workshop.fail(Failure { content, error }, progress);
            }
        }
    }
    Ok(workshop.finish(mine.len(), progress))
}

impl StylizeJob {
    fn check(&self) -> Result<()> {
        if self.styles.is_empty() {
            return Err(Error::invalid(
                "style",
                "at least one is needed: a picture, or @name (`impasto styles list`)",
            ));
        }
        if !(0.0..=1.0).contains(&self.strength) {
            return Err(Error::invalid(
                "strength",
                format!("{} is not between 0 and 1", self.strength),
            ));
        }
        if let Some(steps) = self.refine {
            check_steps(steps)?;
            if let Some(named) = self.styles.iter().find(|s| s.picture().is_none()) {
                let reason = format!(
                    "@{} is an embedding, and has no Gram matrices to be fitted to; give the painting's picture",
                    named.stem()
                );
                return Err(Error::invalid("refine", reason));
            }
        }
        check_size(self.size)
    }
}

/// The file's name, for progress.
fn name_of(path: &Path) -> String {
    if path == Path::new(STANDARD_STREAM) {
        return "standard input".to_owned();
    }
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
