//! `stylize`: photos in, pastiches out.

use std::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::look::{Fitting, Look};
use super::output::{Plan, distinct};
use super::refine::check_steps;
use super::{Refined, StyleBook, user_gallery_path};
use crate::device::Choice;
use crate::engine::{Engine, EngineBuilder};
use crate::error::{Error, Result};
use crate::measure::Timings;
use crate::picture;
use crate::progress::Progress;
use crate::style::{StyleArgument, StyleEmbedding};

/// What `--size` may be, in pixels.
pub const SIZES: RangeInclusive<u32> = 16..=16384;

/// What to paint, how, and where to put it.
#[derive(Debug, Clone)]
pub struct StylizeJob {
    /// Pictures and folders of pictures.
    pub contents: Vec<PathBuf>,
    /// One style, or several to blend (or, with `each`, to be used one by one).
    pub styles: Vec<StyleArgument>,
    /// Every content with every style.
    pub each: bool,
    /// 0 is the photo, 1 the painting.
    pub strength: f32,
    /// The long side of the output in pixels; the content's own size when absent.
    pub size: Option<u32>,
    /// Take only light and texture from the painting.
    pub keep_colors: bool,
    /// Fit the embeddings of the paintings to each photo, in so many steps: see [`Refiner`](super::Refiner).
    pub refine: Option<usize>,
    /// The network that measures while they are fitted, as [`Refiner::open`](super::Refiner::open) takes it.
    pub features: Option<String>,
    /// A picture, or a folder when there is more than one.
    pub output: PathBuf,
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
    /// What refinement came to, by style; empty without it.
    pub refined: Vec<(String, Refined)>,
    /// Wall time by stage: decode, resize, predictor, refine, head, transformer, encode.
    pub timings: Timings,
}

/// One picture that was not.
#[derive(Debug)]
pub struct Failure {
    /// The photo.
    pub content: PathBuf,
    /// Why.
    pub error: Error,
}

/// What a job did.
#[derive(Debug)]
pub struct Summary {
    /// The model's name.
    pub model: String,
    /// The device, and why.
    pub device: Choice,
    /// The pictures painted, in order.
    pub painted: Vec<Painted>,
    /// Those that failed while the others went on.
    pub failed: Vec<Failure>,
    /// Time to load the networks and read the styles.
    pub setup: Timings,
}

/// Paint every content in the given style or styles.
///
/// One bad content among several does not stop the others: it is listed in [`Summary::failed`].
///
/// # Errors
/// Whatever makes the whole job impossible: a bad option, style, model, device or output;
/// a lone content that cannot be painted; [`Error::Interrupted`].
pub fn stylize(job: &StylizeJob, progress: &mut dyn Progress) -> Result<Summary> {
    job.check()?;
    let contents = job.contents()?;
    let plan = Plan::new(&job.output, &contents, &job.styles, job.each)?;
    let mut engine = job.engine.clone().build()?;
    let book = StyleBook::open(engine.gallery(), user_gallery_path(job.gallery.as_deref())?)?;
    let mut embedded = Vec::new();
    for argument in &job.styles {
        embedded.push(book.embed(&mut engine, argument, &mut |n| progress.note(n))?);
    }
    let looks = job.looks(&embedded)?;
    let fitting = job
        .refine
        .map(|steps| Fitting::open(job, steps))
        .transpose()?;
    let device = engine.device().clone();
    progress.note(&device.to_string());
    let setup = engine.take_timings();
    plan.prepare()?;
    let mut summary = Summary {
        model: engine.model().to_owned(),
        device,
        painted: Vec::new(),
        failed: Vec::new(),
        setup,
    };

    // A look is a step of the progress, and so is every step of its refinement.
    let of_content: usize = looks.iter().map(|look| 1 + look.steps(job.refine)).sum();
    let total = contents.len() * of_content;
    for (index, content) in contents.iter().enumerate() {
        let done = index * of_content;
        if progress.step(done, total, &name_of(content)).is_break() {
            return Err(Error::Interrupted);
        }
        let outcome = paint_content(
            job,
            &plan,
            (index, content),
            (&looks, fitting.as_ref()),
            &mut engine,
            &mut |told| match told {
                Told::Note(note) => {
                    progress.note(note);
                    ControlFlow::Continue(())
                }
                Told::Step(k) => progress.step(done + k, total, &name_of(content)),
                Told::Tile(k, tiles) => {
                    progress.step(k, tiles, &format!("{} in tiles", name_of(content)))
                }
            },
        );
        match outcome {
            Ok(painted) => summary.painted.extend(painted),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) if contents.len() * looks.len() == 1 => return Err(error),
            Err(error) => {
                progress.note(&error.to_string());
                summary.failed.push(Failure {
                    content: content.clone(),
                    error,
                });
            }
        }
    }
    let _ = progress.step(total, total, "");
    Ok(summary)
}

/// What is told while one content is painted, and answered by whether to go on.
enum Told<'a> {
    /// So many steps of the progress are done.
    Step(usize),
    /// So many tiles of how many are.
    Tile(usize, usize),
    /// Something that the user should know.
    Note(&'a str),
}

/// Paint one content in every look.
fn paint_content(
    job: &StylizeJob,
    plan: &Plan,
    (index, content): (usize, &Path),
    (looks, fitting): (&[Look], Option<&Fitting>),
    engine: &mut Engine,
    tell: &mut dyn FnMut(Told<'_>) -> ControlFlow<()>,
) -> Result<Vec<Painted>> {
    let mut timings = Timings::default();
    let picture = timings.time("decode", || {
        picture::open(content, &picture::Limits::default())
    })?;
    for note in &picture.notes {
        let _ = tell(Told::Note(&format!("{}: {note}", content.display())));
    }
    let named = |error: Error| error.in_file(content);
    let (rgb, alpha) = timings.time("resize", || -> Result<_> {
        let Some(size) = job.size else {
            return Ok((picture.rgb, picture.alpha));
        };
        let rgb = picture::fit_long(&picture.rgb, size)?;
        let alpha = picture
            .alpha
            .map(|a| picture::resize(&a, rgb.width(), rgb.height()))
            .transpose()?;
        Ok((rgb, alpha))
    })?;
    // Where `strength` starts from: the photo's own embedding, read once for all looks.
    let own = (job.strength < 1.0)
        .then(|| engine.embed(&rgb))
        .transpose()
        .map_err(named)?;
    let mut painted = Vec::new();
    let mut pastiche = RgbImage::new(0, 0);
    let mut done = 0;
    for look in looks {
        if done > 0 && tell(Told::Step(done)).is_break() {
            return Err(Error::Interrupted);
        }
        let (mut style, mut refined) = (look.style.clone(), Vec::new());
        if let Some(fitting) = fitting {
            timings.merge(&engine.take_timings());
            (style, refined) = timings
                .time("refine", || {
                    fitting.refine(engine, &rgb, look, &mut |n| tell(Told::Step(done + n)))
                })
                .map_err(named)?;
            // Its own stages are part of that.
            engine.take_timings();
        }
        done += 1 + look.steps(job.refine);
        match &own {
            Some(own) => engine.set_style(&own.lerp(&style, job.strength)?)?,
            None => engine.set_style(&style)?,
        }
        let mut watch = |k, tiles| tell(Told::Tile(k, tiles));
        engine
            .paint_watched(&rgb, &mut pastiche, &mut watch)
            .map_err(named)?;
        if job.keep_colors {
            timings.time("colours", || picture::keep_colors(&rgb, &mut pastiche));
        }
        let output = plan.output(index, &look.name);
        let mut timings = std::mem::take(&mut timings);
        timings.merge(&engine.take_timings());
        timings.time("encode", || {
            picture::save(&output, &pastiche, alpha.as_ref())
        })?;
        let (content, style) = (content.to_owned(), look.name.clone());
        painted.push(Painted {
            content,
            style,
            output,
            size: pastiche.dimensions(),
            refined,
            timings,
        });
    }
    Ok(painted)
}

impl StylizeJob {
    fn check(&self) -> Result<()> {
        if self.contents.is_empty() {
            return Err(Error::invalid(
                "CONTENT",
                "at least one picture or folder is needed",
            ));
        }
        if self.styles.is_empty() {
            return Err(Error::invalid(
                "--style",
                "at least one is needed: a picture, or @name (`impasto styles list`)",
            ));
        }
        if !(0.0..=1.0).contains(&self.strength) {
            return Err(Error::invalid(
                "--strength",
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
                return Err(Error::invalid("--refine", reason));
            }
        }
        check_size(self.size)
    }

    /// Files, with folders opened up. A missing file among several is reported when its turn comes.
    fn contents(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for content in &self.contents {
            if content.is_dir() {
                files.extend(picture::find_pictures(content)?);
            } else {
                files.push(content.clone());
            }
        }
        Ok(files)
    }

    /// One blended look, or with `--each` one for every style.
    fn looks(&self, embedded: &[StyleEmbedding]) -> Result<Vec<Look>> {
        if self.each {
            let names = distinct(self.styles.iter().map(StyleArgument::stem));
            return Ok(names
                .into_iter()
                .zip(embedded)
                .enumerate()
                .map(|(place, (name, e))| Look {
                    name,
                    style: e.clone(),
                    parts: vec![(place, 1.0)],
                })
                .collect());
        }
        let weights: Vec<f32> = self.styles.iter().map(|a| a.weight).collect();
        let parts: Vec<_> = embedded.iter().zip(weights.iter().copied()).collect();
        let name = self
            .styles
            .iter()
            .map(StyleArgument::stem)
            .collect::<Vec<_>>()
            .join("+");
        Ok(vec![Look {
            name,
            style: StyleEmbedding::mix(&parts)?,
            parts: weights.into_iter().enumerate().collect(),
        }])
    }
}

/// A `--size` that can be made.
pub(crate) fn check_size(size: Option<u32>) -> Result<()> {
    match size {
        Some(size) if !SIZES.contains(&size) => Err(Error::invalid(
            "--size",
            format!(
                "{size} is not between {} and {} pixels",
                SIZES.start(),
                SIZES.end()
            ),
        )),
        _ => Ok(()),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
