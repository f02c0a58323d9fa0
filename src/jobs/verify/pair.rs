//! One pair of a verification: a photo and a painting go in; the pictures and curves of both ways to paint them are
//! written, and the pair's report comes out.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use image::RgbImage;

use super::convergence::not_converged;
use super::judge::{Scores, losses};
use super::{PairReport, VerifyJob};
use crate::error::{Error, Result};
use crate::gatys::Losses;
use crate::jobs::gatys::{
    Curve, DEFAULT_SIZE, GatysOptions, GatysRunner, Init, Optimised, open, plot, table,
};
use crate::jobs::output_paths::make_folder;
use crate::picture;
use crate::progress::Progress;

/// Side of a picture on the sheet of a pair, in pixels.
const CELL: u32 = 384;

/// The work on one pair, and what it needs.
pub(super) struct PairWork<'w> {
    pub(super) job: &'w VerifyJob,
    pub(super) runner: &'w GatysRunner,
    pub(super) engine: &'w mut crate::Engine,
    pub(super) done: usize,
    pub(super) total: usize,
    pub(super) progress: &'w mut dyn Progress,
}

impl PairWork<'_> {
    /// Paint and optimise the pair, write its pictures, and judge.
    pub(super) fn pair(
        &mut self,
        content_path: &Path,
        style_path: &Path,
        folder: &Path,
    ) -> Result<PairReport> {
        let job = self.job;
        let content = open(content_path, self.progress)?;
        let style = open(style_path, self.progress)?;
        let long = job.options.size.unwrap_or(DEFAULT_SIZE);
        let content = picture::fit_long(&content, long)?;
        let in_file = |e: Error| e.in_file(content_path);
        // The first of each is a warm-up run.
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
        let runner = self.runner;
        let objective =
            || runner.objective(&job.options.recipe, Some(&content), Some(&style), size);
        let mut judge = objective()?;
        let terms = judge.terms();
        let photo = losses(&mut judge, &content)?;
        let fast = losses(&mut judge, &pastiche)?;
        // The optimiser opens its own, and needs the memory.
        drop(judge);
        let slow = self.optimise(&job.options, &content, &style, folder)?;
        self.done += job.options.iterations;
        let goal = slow.losses.total;
        // At the last scale only: losses of other sizes cannot be compared.
        let warm = GatysOptions {
            init: Init::Pastiche,
            scales: 1,
            ..job.options.clone()
        };
        let warm = self.optimise_until(&warm, &content, &style, folder, goal)?;
        self.done += job.options.iterations;
        // Rounded to bytes the picture is a little worse than the optimiser's.
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
        let not_converged = not_converged(&slow, fast.total);
        let verdict = job.thresholds.judge(&photo, &fast, &optimum, not_converged);
        Ok(PairReport {
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
    ) -> Result<Optimised> {
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
    ) -> Result<Optimised> {
        let mut stopped = false;
        let (done, total) = (self.done, self.total);
        let optimised = self.runner.optimise(
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
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        )?;
        if stopped {
            return Err(Error::Interrupted);
        }
        Ok(optimised)
    }

    fn write(
        &self,
        place: &Path,
        content: &RgbImage,
        style: &RgbImage,
        pastiche: &RgbImage,
        (slow, warm): (&Optimised, &Optimised),
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
        picture(
            "sheet.png",
            &crate::picture::contact_sheet(&cells, 4, CELL)?,
        )?;
        let lines = [
            Curve::of("optimiser", &slow.records),
            Curve::of("from the pastiche", &warm.records),
        ];
        let level = Some(("the fast network", fast.total));
        picture("curve.png", &plot("loss at the last scale", &lines, level))?;
        let text = table(&slow.records, &slow.terms);
        picture::write_bytes(&place.join("curve.csv"), text.as_bytes())
    }
}
