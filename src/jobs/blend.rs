//! `blend`: a photo and two styles in; pictures from the first style to the second out.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::collection::{Collection, stops};
use super::output_paths::{check_folder, make_folder, means_folder};
use super::{StyleBook, check_size, note_device, user_gallery_path};
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::picture::{self, Colors, Palette};
use crate::progress::Progress;
use crate::style::StyleArgument;
use crate::style::collection::{Metric, Way};

/// The steps that a blend may have.
pub const BLEND_STEPS: RangeInclusive<usize> = 2..=1000;

/// The widest strip, in pixels: wider pictures are not opened by many programs.
const WIDEST_STRIP: u64 = 30_000;

/// The most pixels of all steps of a GIF: they are held in memory, there and back.
pub const MOST_GIF_PIXELS: u64 = 100_000_000;

/// Time that a GIF shows one step, in milliseconds.
const GIF_DELAY_MS: u16 = 80;

/// The long side of each picture when no size is given, in pixels.
const DEFAULT_SIZE: u32 = 384;

/// What to blend and where to put it.
#[derive(Debug, Clone)]
pub struct BlendJob {
    /// The photo.
    pub content: PathBuf,
    /// The style at the first step.
    pub from: StyleArgument,
    /// The style at the last step.
    pub to: StyleArgument,
    /// Go through the galleries, as [`style_path`](super::style_path) does, and not straight.
    pub through_collection: bool,
    /// Pictures to paint, 2..=1000, both ends included.
    pub steps: usize,
    /// The long side of each in pixels; 384 when absent.
    pub size: Option<u32>,
    /// What becomes of the colours.
    pub colors: Colors,
    /// A `.gif` (there and back, looping), another picture (a strip from left to right), or a folder.
    pub output: PathBuf,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// Networks and device.
    pub engine: EngineBuilder,
}

/// The kind of output, told by its name.
enum Form {
    Gif,
    Strip,
    Folder,
}

/// Paint the steps of a blend. All come from two embeddings: each painting is read once.
/// Returns the files written.
///
/// # Errors
/// As [`stylize`](super::stylize).
pub fn blend(job: &BlendJob, progress: &mut dyn Progress) -> Result<Vec<PathBuf>> {
    if !BLEND_STEPS.contains(&job.steps) {
        let (least, most) = BLEND_STEPS.into_inner();
        return Err(Error::invalid(
            "steps",
            format!("{} is not between {least} and {most}", job.steps),
        ));
    }
    check_size(job.size)?;
    job.colors.check()?;
    let styles = [&job.from, &job.to];
    let pictures = styles.into_iter().filter_map(StyleArgument::picture);
    let inputs = pictures.chain([job.content.as_path()]);
    let palette = job.colors.palette.as_ref().and_then(Palette::file);
    let inputs: Vec<&Path> = inputs.chain(palette).collect();
    let form = form(&job.output, &inputs)?;
    let picture = picture::open(&job.content, &picture::Limits::default())?;
    picture
        .notes
        .iter()
        .for_each(|n| progress.note(&format!("{}: {n}", job.content.display())));
    let content = picture::fit_long(&picture.rgb, job.size.unwrap_or(DEFAULT_SIZE))?;
    check_length(&form, content.dimensions(), job.steps)?;

    let mut engine = job.engine.clone().build()?;
    let book = StyleBook::open(
        engine.gallery().clone(),
        user_gallery_path(job.gallery.as_deref())?,
    )?;
    let from = book.embed(&mut engine, &job.from, &mut |n| progress.note(n))?;
    let to = book.embed(&mut engine, &job.to, &mut |n| progress.note(n))?;
    note_device(&job.engine, engine.device(), progress);
    let way = if job.through_collection {
        let collection = Collection::of_book(&book, engine.space(), progress)?;
        let found = stops(&collection, (&from, &to), Metric::default())?;
        Way::new(found.into_iter().map(|stop| stop.style).collect())?
    } else {
        Way::new(vec![from, to])?
    };
    if matches!(form, Form::Folder) {
        make_folder(&job.output)?;
    }

    let (mut frames, mut written) = (Vec::new(), Vec::new());
    for step in 0..job.steps {
        if progress
            .step(step, job.steps, &format!("step {}", step + 1))
            .is_break()
        {
            return Err(Error::Interrupted);
        }
        let style = way.at(step as f64 / (job.steps - 1) as f64)?;
        let mut pastiche = engine
            .stylize(&content, &style)
            .map_err(|e| e.in_file(&job.content))?;
        job.colors.apply(&content, &mut pastiche);
        if let Form::Folder = form {
            let path = job.output.join(format!("{step:04}.png"));
            picture::save(&path, &pastiche, None)?;
            written.push(path);
        } else {
            frames.push(pastiche);
        }
    }
    match form {
        Form::Folder => {}
        Form::Strip => picture::save(&job.output, &strip(&frames), None)?,
        Form::Gif => {
            let back = frames[1..frames.len() - 1]
                .iter()
                .rev()
                .cloned()
                .collect::<Vec<_>>();
            frames.extend(back);
            let total = frames.len();
            picture::save_gif_while(&job.output, &frames, GIF_DELAY_MS, &mut |n| {
                progress.step(n, total, &format!("frame {}", n + 1))
            })?;
        }
    }
    if written.is_empty() {
        written.push(job.output.clone());
    }
    let _ = progress.step(job.steps, job.steps, "");
    Ok(written)
}

fn form(output: &Path, inputs: &[&Path]) -> Result<Form> {
    if means_folder(output, true) {
        check_folder(output)?;
        return Ok(Form::Folder);
    }
    picture::check_output(output, inputs)?;
    let gif = output
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("gif"));
    Ok(if gif { Form::Gif } else { Form::Strip })
}

/// Refuses steps and a size that are too much for one file.
fn check_length(form: &Form, (width, height): (u32, u32), steps: usize) -> Result<()> {
    let steps = steps as u64;
    let (too_much, what) = match form {
        Form::Strip => (
            u64::from(width) * steps > WIDEST_STRIP,
            format!("a strip over {WIDEST_STRIP} pixels wide"),
        ),
        Form::Gif => (
            u64::from(width) * u64::from(height) * steps > MOST_GIF_PIXELS,
            "a GIF too large for the memory of many machines".to_owned(),
        ),
        Form::Folder => return Ok(()),
    };
    if too_much {
        let reason = format!(
            "{steps} steps of {width}x{height} make {what}; give a smaller one, fewer steps, or a folder"
        );
        return Err(Error::invalid("size", reason));
    }
    Ok(())
}

/// Pictures of one size side by side.
fn strip(frames: &[RgbImage]) -> RgbImage {
    let (width, height) = frames[0].dimensions();
    let mut strip = RgbImage::new(width * frames.len() as u32, height);
    for (k, frame) in frames.iter().enumerate() {
        image::imageops::replace(&mut strip, frame, i64::from(width) * k as i64, 0);
    }
    strip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_has_its_frames_in_order() {
        let frames = [10, 20, 30].map(|v| RgbImage::from_pixel(4, 3, image::Rgb([v; 3])));
        let strip = strip(&frames);
        assert_eq!(strip.dimensions(), (12, 3));
        assert_eq!([0, 5, 11].map(|x| strip.get_pixel(x, 1)[0]), [10, 20, 30]);
    }
}
