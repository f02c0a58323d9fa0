//! `stylize`: photos and styles in, a pastiche in a file for each out.

mod best;
mod done_work;
mod feed;
mod file_options;
mod inputs;
mod paint;
mod settings;
mod shard;
mod targets;
mod workshop;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::Refined;
use super::output_paths::{OutputPaths, STANDARD_STREAM, Sources, is_standard_stream};
use super::refine::check_steps;
use super::regions::RegionOptions;
use super::sizes::check_size;
use crate::device::Choice;
use crate::engine::{BRUSHES, EngineBuilder};
use crate::error::{Error, Result};
use crate::measure::Timings;
use crate::picture::{Colors, Palette};
use crate::progress::{Progress, Silent};
use crate::style::StyleArgument;
pub use best::{BEST_DEFAULT, BEST_SIZE, BEST_STEPS, Bettered};
use done_work::Writer;
pub use feed::stylize_lines;
pub use file_options::{FileOptions, QUALITIES};
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
    /// How large the strokes are, of [`BRUSHES`]; when absent, [`auto_brush`](crate::engine::auto_brush) of each picture's
    /// output size. The brush of `engine` is not used.
    pub brush: Option<f32>,
    /// What becomes of the colours.
    pub colors: Colors,
    /// What the files are like, and which are read.
    pub files: FileOptions,
    /// Fit the embeddings of the paintings to each photo, in so many steps: see [`Refiner`](super::Refiner).
    pub refine: Option<usize>,
    /// Make the pastiches better by optimisation (Gatys et al. 2016), in so many steps of [`BEST_STEPS`].
    pub best: Option<usize>,
    /// The feature network of both, as [`Refiner::open`](super::Refiner::open) takes it.
    pub features: Option<String>,
    /// Parts of the photos in styles of their own, and what is kept of the photos.
    pub regions: RegionOptions,
    /// A picture, a folder, or [`STANDARD_STREAM`] for a picture on standard output. A folder that is missing is made; it is
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
    /// The brush that it was painted with.
    pub brush: f32,
    /// The result of the refinement of each style; empty without refinement.
    pub refined: Vec<(String, Refined)>,
    /// What the optimisation came to, where one was asked for and can be seen.
    pub best: Option<Bettered>,
    /// Wall time by stage: decode, resize, predictor, refine, head, transformer, brush, encode.
    pub timings: Timings,
}

/// Why a picture was not painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhySkipped {
    /// Its file was there and is kept.
    Kept,
    /// An earlier run painted it from the same photo with the same settings.
    Painted,
}

impl fmt::Display for WhySkipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "it is there",
            Self::Painted => "painted before",
        })
    }
}

/// One picture that was not painted, as its file is there.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// Why.
    pub why: WhySkipped,
    /// The photo.
    pub content: PathBuf,
    /// The style's name, or names joined by `+`.
    pub style: String,
    /// The file that is there.
    pub output: PathBuf,
}

/// One photo that could not be painted, or folder that could not be read.
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
    /// Those whose files were there: kept by [`FileOptions::no_clobber`], or found painted by [`StylizeJob::resume`].
    pub skipped: Vec<Skipped>,
    /// Those that failed while the others went on.
    pub failed: Vec<Failure>,
    /// Time to load the networks and read the styles.
    pub setup: Timings,
    /// An optimisation was stopped: its picture is the best so far, and those after it were not painted.
    pub interrupted: bool,
}

/// Receives the progress of `stylize`.
pub trait StylizeProgress: Progress {
    /// A picture was written.
    fn painted(&mut self, _picture: &Painted) {}

    /// The file of a picture was there.
    fn skipped(&mut self, _skipped: &Skipped) {}

    /// A photo could not be painted, and others may follow.
    fn failed(&mut self, _failure: &Failure) {}

    /// The job was stopped, or the disk is full; the photos in `left` are not finished.
    fn stopped(&mut self, _left: &[PathBuf]) {}

    /// The picture after a step of [`StylizeJob::best`], made when it is asked for. `Break` ends the optimisation with the
    /// best picture so far, as Ctrl-C does.
    ///
    /// # Errors
    /// [`Error::Display`] when it is shown in a window that is gone.
    fn improved(&mut self, _picture: &dyn Fn() -> RgbImage) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}

impl StylizeProgress for Silent {}

/// Paint every content in the given style or styles.
///
/// One bad content among several does not stop the others: it is listed in [`Summary::failed`].
///
/// # Errors
/// Whatever makes the whole job impossible: a bad option, style, model, device or output, a full disk;
/// a lone content that cannot be painted; [`Error::Interrupted`].
pub fn stylize(job: &StylizeJob, progress: &mut dyn StylizeProgress) -> Result<Summary> {
    if job.contents.is_empty() {
        return Err(Error::invalid(
            "content",
            "at least one picture or folder is needed",
        ));
    }
    job.check()?;
    let inputs = Inputs::find(&job.contents, job.files.recursive, &job.output)?;
    inputs.notes.iter().for_each(|note| progress.note(note));
    let sources = Sources {
        contents: &inputs.files,
        folders: &inputs.folders,
        any_collection: inputs.any_collection,
        palette: job.palette(),
    };
    let format = job.files.format;
    let mut outputs = OutputPaths::new(&job.output, &sources, &job.styles, job.each, format)?;
    outputs.protect(job.regions.files())?;
    job.files.check(outputs.format())?;
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
    let left = |from: usize| -> Vec<PathBuf> {
        mine[from..]
            .iter()
            .map(|(_, file)| (*file).clone())
            .collect()
    };
    for (n, (place, content)) in mine.iter().enumerate() {
        let at = (n, mine.len());
        match workshop.paint((&outputs, *place), content, done.as_mut(), at, progress) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                workshop.summary.interrupted = true;
                let left = left(n + 1);
                if !left.is_empty() {
                    progress.stopped(&left);
                }
                return Ok(workshop.summary);
            }
            Err(Error::Interrupted) => {
                progress.stopped(&left(n));
                return Err(Error::Interrupted);
            }
            Err(error) if lone => return Err(error),
            Err(error) if error.ends_all() => {
                progress.stopped(&left(n));
                return Err(error);
            }
            Err(error) => {
                let content = (*content).clone();
                workshop.fail(Failure { content, error }, progress);
            }
        }
    }
    for (content, error) in inputs.unreadable {
        workshop.fail(Failure { content, error }, progress);
    }
    Ok(workshop.finish(mine.len(), progress))
}

impl StylizeJob {
    /// The file that gives the colours.
    fn palette(&self) -> Option<&Path> {
        self.colors.palette.as_ref().and_then(Palette::file)
    }

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
        if let Some(brush) = self.brush.filter(|b| !BRUSHES.contains(b)) {
            let (least, most) = BRUSHES.into_inner();
            let reason = format!("{brush} is not between {least} and {most}");
            return Err(Error::invalid("brush", reason));
        }
        self.colors.check()?;
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
        if let Some(steps) = self.best {
            self.check_best(steps)?;
        }
        check_size(self.size)
    }

    /// What an optimisation cannot do is refused, not left out.
    fn check_best(&self, steps: usize) -> Result<()> {
        best::check_steps(steps)?;
        let refuse = |reason: &str| Err(Error::invalid("best", reason));
        if self.styles.len() > 1 && !self.each {
            return refuse(
                "paints one painting, not a blend; give one, or --each for one after the other",
            );
        }
        if self.strength < 1.0 {
            return refuse("paints at full strength; leave --strength out");
        }
        if !self.regions.regions.is_empty() {
            return refuse(
                "paints the whole picture in one style; masks with styles of their own go without it (--foreground keep goes with it)",
            );
        }
        if self.size.is_some_and(|size| size > BEST_SIZE) {
            return refuse(&format!(
                "makes pictures up to {BEST_SIZE} pixels; ask for a smaller --size"
            ));
        }
        Ok(())
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
