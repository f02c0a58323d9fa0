//! The measurements of one model on one device: loading, reading a painting, painting frames.

use std::time::Instant;

use image::RgbImage;

use super::test_inputs::{card, first_style};
use super::{Bench, BenchJob, LEAST_RUNS, LONGEST_ROW, Row, Setup, Spread, WARM_UP, cold_start};
use crate::engine::Engine;
use crate::error::Result;
use crate::measure::percentiles::milliseconds;
use crate::style::StyleEmbedding;

/// One model on one device, at every size of the job. `step(k, what)` is called before size number k.
pub(super) fn measure(
    setup: &Setup,
    job: &BenchJob,
    step: &mut dyn FnMut(usize, &str) -> Result<()>,
) -> Result<Bench> {
    let began = Instant::now();
    let mut engine = setup.builder().build()?;
    let open_ms = milliseconds(began.elapsed());
    let painting = card(384, 384, 0)?;
    let style = first_style(&mut engine, &painting)?;
    let mut bench = Bench {
        model: engine.model().to_owned(),
        device: engine.device().device.to_string(),
        precision: setup.precision.to_string(),
        threads: setup.threads,
        open_ms,
        embed: None,
        first_embed_ms: None,
        style_change_ms: None,
        rows: Vec::new(),
    };
    if let Some(first) = style.1 {
        bench.first_embed_ms = Some(first);
        let mut times = Vec::new();
        for _ in 0..LEAST_RUNS.max(job.runs / 4) {
            engine.take_timings();
            engine.embed(&painting)?;
            times.push(engine.take_timings().get("predictor"));
        }
        bench.embed = Some(Spread::of(&times));
    }
    for (k, &(width, height)) in job.sizes.iter().enumerate() {
        let threads = setup
            .threads
            .map_or(String::new(), |n| format!(", {n} threads"));
        let what = format!(
            "{} on {} in {}{threads}, {width}x{height}",
            bench.model, bench.device, bench.precision
        );
        step(k, &what)?;
        bench
            .rows
            .push(row(&mut engine, &style.0, (width, height), job.runs)?);
        if let (Some(program), Some(row)) = (&job.program, bench.rows.last_mut()) {
            row.cold_start = Some(cold_start::measure(program, setup, (width, height))?);
        }
        if k == 0 && bench.embed.is_some() {
            let other = card(384, 384, 40)?;
            let frame = card(width, height, 1)?;
            let mut pastiche = RgbImage::new(0, 0);
            let began = Instant::now();
            let style = engine.embed(&other)?;
            engine.set_style(&style)?;
            engine.paint(&frame, &mut pastiche)?;
            bench.style_change_ms = Some(milliseconds(began.elapsed()));
        }
    }
    Ok(bench)
}

fn row(
    engine: &mut Engine,
    style: &StyleEmbedding,
    (width, height): (u32, u32),
    runs: usize,
) -> Result<Row> {
    let frames = [card(width, height, 0)?, card(width, height, 30)?];
    let mut pastiche = RgbImage::new(0, 0);
    engine.set_style(style)?;
    let began = Instant::now();
    engine.paint(&frames[0], &mut pastiche)?;
    let first_ms = milliseconds(began.elapsed());
    for _ in 0..WARM_UP {
        engine.paint(&frames[0], &mut pastiche)?;
    }
    let (mut whole, mut network) = (Vec::new(), Vec::new());
    let started = Instant::now();
    for n in 0..runs {
        engine.take_timings();
        let began = Instant::now();
        engine.set_style(style)?;
        engine.paint(&frames[n % 2], &mut pastiche)?;
        whole.push(began.elapsed());
        network.push(engine.take_timings().get("transformer"));
        if whole.len() >= LEAST_RUNS && started.elapsed() > LONGEST_ROW {
            break;
        }
    }
    let frame = Spread::of(&whole);
    Ok(Row {
        size: (width, height),
        first_ms,
        fps: 1000.0 / frame.p50_ms.max(1e-6),
        frame,
        transformer: Spread::of(&network),
        cold_start: None,
    })
}
