//! `impasto verify`: photos and paintings go in; a report comes out that judges the fast network against the optimiser by
//! one objective.

mod convergence;
mod judge;
mod page;
mod pair;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::gatys::{GatysOptions, GatysRunner};
use super::output_paths::make_folder;
use crate::error::{Error, Result};
use crate::picture;
use crate::progress::Progress;
pub use judge::{Judgement, Scores, Thresholds, Verdict};
use pair::PairWork;

/// The job of a verification.
#[derive(Debug, Clone)]
pub struct VerifyJob {
    /// The photos.
    pub contents: Vec<PathBuf>,
    /// The paintings' pictures; every photo is painted in the style of each.
    pub styles: Vec<PathBuf>,
    /// The optimiser's options; its recipe judges both.
    pub options: GatysOptions,
    /// The limits of the judgement.
    pub thresholds: Thresholds,
    /// The folder of the report.
    pub output: PathBuf,
}

/// A pair's report.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PairReport {
    /// The photo.
    pub content: PathBuf,
    /// The painting.
    pub style: PathBuf,
    /// The folder with its pictures, inside the report.
    pub folder: PathBuf,
    /// The size at which both painted.
    pub size: (u32, u32),
    /// The fast network: seconds for the style's embedding, and for the picture, both after a warm-up run.
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
    /// The optimiser's evaluations and seconds until its loss is the fast network's; absent if it never is.
    pub caught_up: Option<(usize, f64)>,
    /// Begun at the pastiche: evaluations until its loss is the final one of the run above; absent if it never is.
    pub from_pastiche: Option<usize>,
    /// The judgement.
    pub verdict: Verdict,
}

/// The report of a verification.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The model that paints fast.
    pub model: String,
    /// The network that measures.
    pub features: String,
    /// Where the networks ran.
    pub device: String,
    /// The limits of the judgement.
    pub thresholds: Thresholds,
    /// One for each pair.
    pub pairs: Vec<PairReport>,
    /// The worst judgement of all pairs.
    pub judgement: Judgement,
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
    let runner = GatysRunner::open(&job.options)?;
    progress.note(&format!("features: {}", runner.features()));
    make_folder(&job.output)?;
    let mut report = VerifyReport {
        model: engine.model().to_owned(),
        features: runner.features().to_owned(),
        device: engine.device().to_string(),
        thresholds: job.thresholds,
        pairs: Vec::new(),
        judgement: Judgement::Passes,
        passed: false,
    };
    // Every pair is optimised twice: from the beginning that was asked for, and from the pastiche.
    let total = folders.len() * job.options.iterations * 2;
    for (n, (content, style, folder)) in folders.into_iter().enumerate() {
        let mut work = PairWork {
            job,
            runner: &runner,
            engine: &mut engine,
            done: n * job.options.iterations * 2,
            total,
            progress,
        };
        report.pairs.push(work.pair(&content, &style, &folder)?);
    }
    let judgements = report.pairs.iter().map(|pair| pair.verdict.judgement);
    report.judgement = judgements.max().unwrap_or(Judgement::Inconclusive);
    report.passed = report.judgement == Judgement::Passes;
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
    // Characters that would have to be escaped in a web address are replaced.
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
