//! `impasto verify`: how good is the fast network? It and the optimiser paint the same pair, and one objective judges
//! both.

mod judge;
mod page;

use std::path::{Path, PathBuf};
use std::time::Instant;

use image::RgbImage;
use serde::Serialize;

use super::gatys;
use super::gatys::{GatysOptions, Init, Line, Studio, plot, sheet, table};
use super::output::make_folder;
use crate::error::{Error, Result};
use crate::gatys::Losses;
use crate::picture;
use crate::progress::Progress;
use judge::losses;
pub use judge::{Scores, Thresholds, Verdict};

/// Side of a picture on the sheet of a pair, in pixels.
const CELL: u32 = 384;

/// What is verified.
#[derive(Debug, Clone)]
pub struct VerifyJob {
    /// The photos.
    pub contents: Vec<PathBuf>,
    /// The paintings' pictures; every photo is painted in the style of each.
    pub styles: Vec<PathBuf>,
    /// The optimiser's options; its recipe judges both. [`Init`] is where it begins.
    pub options: GatysOptions,
    /// What the fast network has to reach.
    pub thresholds: Thresholds,
    /// The folder of the report.
    pub output: PathBuf,
}

/// A pair's report.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Pair {
    /// The photo.
    pub content: PathBuf,
    /// The painting.
    pub style: PathBuf,
    /// The folder with its pictures, inside the report.
    pub folder: PathBuf,
    /// The size at which both painted.
    pub size: (u32, u32),
    /// The fast network: seconds for the style's embedding, and for the picture, both after a first run that counts for
    /// nothing (memory is laid out then).
    pub embed_seconds: f64,
    /// See `embed_seconds`.
    pub paint_seconds: f64,
    /// The optimiser: seconds, evaluations, steps.
    pub optimise_seconds: f64,
    /// See `optimise_seconds`.
    pub evaluations: usize,
    /// See `optimise_seconds`.
    pub steps: usize,
    /// Names of the terms in the scores.
    pub terms: Vec<String>,
    /// The photo itself.
    pub photo: Scores,
    /// The fast network's picture.
    pub pastiche: Scores,
    /// The optimiser's.
    pub optimum: Scores,
    /// The optimiser's evaluations and seconds until it is as good as the fast network; absent if it never is.
    pub caught_up: Option<(usize, f64)>,
    /// Begun at the pastiche: evaluations until it is as good as the run above at its end; absent if it never is.
    pub from_pastiche: Option<usize>,
    /// Whether the thresholds hold.
    pub verdict: Verdict,
}

/// What a verification found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The model that paints fast.
    pub model: String,
    /// The network that measures.
    pub features: String,
    /// Where the networks ran.
    pub device: String,
    /// What had to be reached.
    pub thresholds: Thresholds,
    /// One for each pair.
    pub pairs: Vec<Pair>,
    /// Whether all pairs pass.
    pub passed: bool,
}

/// Verify every pair, and write `index.html`, `report.json` and a folder of pictures for each.
///
/// # Errors
/// Those of the pictures, networks and output; [`Error::Interrupted`] after Ctrl-C, when no index is written.
pub fn verify(job: &VerifyJob, progress: &mut dyn Progress) -> Result<VerifyReport> {
    job.thresholds.check()?;
    let folders = folders(job)?;
    let mut engine = job.options.engine.clone().build()?;
    let studio = Studio::open(&job.options)?;
    progress.note(&format!("features: {}", studio.features()));
    make_folder(&job.output)?;
    let mut report = VerifyReport {
        model: engine.model().to_owned(),
        features: studio.features().to_owned(),
        device: engine.device().to_string(),
        thresholds: job.thresholds,
        pairs: Vec::new(),
        passed: false,
    };
    // Every pair is optimised twice: from the beginning that was asked for, and from the pastiche.
    let total = folders.len() * job.options.iterations * 2;
    for (n, (content, style, folder)) in folders.into_iter().enumerate() {
        let mut work = Work {
            job,
            studio: &studio,
            engine: &mut engine,
            done: n * job.options.iterations * 2,
            total,
            progress,
        };
        report.pairs.push(work.pair(&content, &style, &folder)?);
    }
    report.passed = report.pairs.iter().all(|pair| pair.verdict.passed);
    let json = serde_json::to_string_pretty(&report)
        .map_err(|e| Error::invalid("report", e.to_string()))?;
    picture::write_bytes(&job.output.join("report.json"), json.as_bytes())?;
    picture::write_bytes(
        &job.output.join("index.html"),
        page::page(&report).as_bytes(),
    )?;
    // The bar is drawn to its end; nothing is left to stop.
    let _ = progress.step(total, total, "");
    Ok(report)
}

/// Photo, painting, and the name of their folder.
fn folders(job: &VerifyJob) -> Result<Vec<(PathBuf, PathBuf, PathBuf)>> {
    // Signs that a web address would have to spell out are left out of it.
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let stem = |path: &Path| -> String {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.chars().map(plain).collect()
    };
    let mut all: Vec<(PathBuf, PathBuf, PathBuf)> = Vec::new();
    for content in &job.contents {
        for style in &job.styles {
            let name = PathBuf::from(format!("{}__{}", stem(content), stem(style)));
            if all.iter().any(|(_, _, other)| *other == name) {
                let reason = format!("two pairs would both be {}", name.display());
                return Err(Error::invalid("pairs", reason));
            }
            all.push((content.clone(), style.clone(), name));
        }
    }
    if all.is_empty() {
        return Err(Error::invalid("pairs", "there are none"));
    }
    Ok(all)
}

struct Work<'w> {
    job: &'w VerifyJob,
    studio: &'w Studio,
    engine: &'w mut crate::Engine,
    done: usize,
    total: usize,
    progress: &'w mut dyn Progress,
}

impl Work<'_> {
    fn pair(&mut self, content_path: &Path, style_path: &Path, folder: &Path) -> Result<Pair> {
        let job = self.job;
        let content = gatys::open(content_path, self.progress)?;
        let style = gatys::open(style_path, self.progress)?;
        let long = job.options.size.unwrap_or(gatys::DEFAULT_SIZE);
        let content = picture::fit_long(&content, long)?;
        let in_file = |e: Error| e.in_file(content_path);
        // Once for the memory, once for the clock.
        self.engine
            .embed(&style)
            .map_err(|e| e.in_file(style_path))?;
        let began = Instant::now();
        let embedding = self.engine.embed(&style)?;
        let embed_seconds = began.elapsed().as_secs_f64();
        self.engine.stylize(&content, &embedding).map_err(in_file)?;
        let began = Instant::now();
        let pastiche = self.engine.stylize(&content, &embedding)?;
        let paint_seconds = began.elapsed().as_secs_f64();

        let (w, h) = content.dimensions();
        let size = (w as usize, h as usize);
        let studio = self.studio;
        let objective =
            || studio.objective(&job.options.recipe, Some(&content), Some(&style), size);
        let mut judge = objective()?;
        let terms = judge.terms();
        let photo = losses(&mut judge, &content)?;
        let fast = losses(&mut judge, &pastiche)?;
        // The optimiser has one of its own, and wants the memory.
        drop(judge);
        let slow = self.optimise(&job.options, &content, &style, folder)?;
        self.done += job.options.iterations;
        let goal = slow.losses.total;
        // At the last scale only: there the losses are the same ones.
        let warm = GatysOptions {
            init: Init::Pastiche,
            scales: 1,
            ..job.options.clone()
        };
        let warm = self.optimise_until(&warm, &content, &style, folder, goal)?;
        self.done += job.options.iterations;
        // What is rounded to bytes is a little worse than what the optimiser saw.
        let optimum = losses(&mut objective()?, &slow.picture)?;

        let last = slow.records.last().map(|r| r.size);
        let caught_up = slow
            .records
            .iter()
            .find(|r| Some(r.size) == last && r.losses.total <= fast.total)
            .map(|r| (r.evaluations, r.spent.as_secs_f64()));
        let from_pastiche = warm
            .records
            .iter()
            .find(|r| r.losses.total <= goal)
            .map(|r| r.evaluations);
        let place = job.output.join(folder);
        make_folder(&place)?;
        self.write(&place, &content, &style, &pastiche, (&slow, &warm), &fast)?;
        let verdict = job.thresholds.judge(&photo, &fast, &optimum);
        Ok(Pair {
            content: content_path.to_owned(),
            style: style_path.to_owned(),
            folder: folder.to_owned(),
            size: content.dimensions(),
            embed_seconds,
            paint_seconds,
            optimise_seconds: slow.spent.as_secs_f64(),
            evaluations: slow.evaluations,
            steps: slow.records.len(),
            terms,
            photo: Scores::of(&photo),
            pastiche: Scores::of(&fast),
            optimum: Scores::of(&optimum),
            caught_up,
            from_pastiche,
            verdict,
        })
    }

    fn optimise(
        &mut self,
        options: &GatysOptions,
        content: &RgbImage,
        style: &RgbImage,
        name: &Path,
    ) -> Result<gatys::Outcome> {
        self.optimise_until(options, content, style, name, f64::NEG_INFINITY)
    }

    /// Until the loss is `goal` or the iterations are used up.
    fn optimise_until(
        &mut self,
        options: &GatysOptions,
        content: &RgbImage,
        style: &RgbImage,
        name: &Path,
        goal: f64,
    ) -> Result<gatys::Outcome> {
        let mut stopped = false;
        let (done, total) = (self.done, self.total);
        let outcome = self.studio.optimise(
            options,
            Some(content),
            Some(style),
            content,
            &mut |record, _| {
                let said = format!("{} loss {:.5}", name.display(), record.losses.total);
                stopped = self
                    .progress
                    .step(done + record.step, total, &said)
                    .is_break();
                if stopped || record.losses.total <= goal {
                    std::ops::ControlFlow::Break(())
                } else {
                    std::ops::ControlFlow::Continue(())
                }
            },
        )?;
        if stopped {
            return Err(Error::Interrupted);
        }
        Ok(outcome)
    }

    fn write(
        &self,
        place: &Path,
        content: &RgbImage,
        style: &RgbImage,
        pastiche: &RgbImage,
        (slow, warm): (&gatys::Outcome, &gatys::Outcome),
        fast: &Losses,
    ) -> Result<()> {
        let picture =
            |name: &str, picture: &RgbImage| picture::save(&place.join(name), picture, None);
        picture("content.png", content)?;
        picture("style.png", &picture::fit_long(style, CELL)?)?;
        picture("pastiche.png", pastiche)?;
        picture("optimum.png", &slow.picture)?;
        let cells = [
            (content.clone(), "photo".to_owned()),
            (style.clone(), "painting".to_owned()),
            (
                pastiche.clone(),
                format!("fast network, loss {:.3}", fast.total),
            ),
            (
                slow.picture.clone(),
                format!("optimum, loss {:.3}", slow.losses.total),
            ),
        ];
        picture("sheet.png", &sheet(&cells, 4, CELL)?)?;
        let lines = [
            Line::of("optimiser", &slow.records),
            Line::of("from the pastiche", &warm.records),
        ];
        let level = Some(("the fast network", fast.total));
        picture("curve.png", &plot("loss at the last scale", &lines, level))?;
        let text = table(&slow.records, &slow.terms);
        picture::write_bytes(&place.join("curve.csv"), text.as_bytes())
    }
}
