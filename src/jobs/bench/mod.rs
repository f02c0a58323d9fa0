//! `impasto bench`: how fast is this machine? Every stage by itself, medians of many runs.

mod fresh;
mod stages;
mod table;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use image::RgbImage;
use serde::Serialize;

use super::EngineOptions;
use crate::catalog;
use crate::device::Device;
use crate::engine::Engine;
use crate::error::{Error, Result};
pub use crate::measure::percentiles::Spread;
use crate::measure::percentiles::milliseconds;
use crate::progress::Progress;
use crate::runtime::{Precision, Runtime};
use crate::video::Frame;
use crate::video::{FrameSource, test_card::TestCard};
pub use fresh::{Fresh, paint_once};
pub use stages::Stages;
pub use table::{END, START, details, put_table, table};

/// Sizes when none are asked for: width and height in pixels.
pub const SIZES: [(u32, u32); 5] = [
    (256, 256),
    (512, 512),
    (640, 480),
    (1280, 720),
    (1920, 1080),
];

/// Pictures of a size that count for nothing before those that count: memory is laid out in them.
const WARM_UP: usize = 3;

/// The most that the pictures of one row may take; then fewer are painted.
const PATIENCE: Duration = Duration::from_secs(8);

/// The least pictures that a median is taken of.
const LEAST: usize = 5;

/// What is measured.
#[derive(Debug, Clone)]
pub struct BenchJob {
    /// Models; all that are bundled when empty.
    pub models: Vec<String>,
    /// Widths and heights; [`SIZES`] when empty.
    pub sizes: Vec<(u32, u32)>,
    /// Devices; every one that is there when empty.
    pub devices: Vec<Device>,
    /// What to compute with; when empty f32, and what else the device and the model have.
    pub precisions: Vec<Precision>,
    /// Threads of the CPU; 1 and 2 when empty. Other devices run once.
    pub threads: Vec<usize>,
    /// Pictures of a row at the most, from 5 on.
    pub runs: usize,
    /// Measure the stages outside the networks too.
    pub stages: bool,
    /// The program itself, `impasto`, to be started anew: for the time to its first picture, and its memory. Not
    /// measured when absent.
    pub program: Option<PathBuf>,
    /// The runtime library.
    pub engine: EngineOptions,
}

/// Frames of one size.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The first picture at this size, after another size: milliseconds.
    pub first_ms: f64,
    /// From an RGB frame to an RGB frame.
    pub frame: Spread,
    /// The transformer alone: what of it is not ours to make faster outside the network.
    pub transformer: Spread,
    /// The program started anew at this size; `None` without [`BenchJob::program`].
    pub fresh: Option<Fresh>,
    /// Pictures a second at the median.
    pub fps: f64,
}

/// A model on a device.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Bench {
    /// The model.
    pub model: String,
    /// The device.
    pub device: String,
    /// What it computed with.
    pub precision: String,
    /// Threads; `None` where the device has its own.
    pub threads: Option<usize>,
    /// From nothing to an engine that can paint: milliseconds.
    pub open_ms: f64,
    /// The style predictor on a painting of 384x384 pixels, after its first run; `None` for models without one.
    pub embed: Option<Spread>,
    /// Its first run: milliseconds.
    pub first_embed_ms: Option<f64>,
    /// From a painting to the first frame in its style, at the first size: milliseconds.
    pub style_change_ms: Option<f64>,
    /// By size.
    pub rows: Vec<Row>,
}

/// All that was measured.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct BenchReport {
    /// ONNX Runtime's version.
    pub runtime: String,
    /// The system and processor, as far as the system tells.
    pub machine: String,
    /// By model, device and threads.
    pub benches: Vec<Bench>,
    /// Outside the networks, by size; empty unless [`BenchJob::stages`].
    pub stages: Vec<Stages>,
}

/// Measure.
///
/// # Errors
/// [`Error::Invalid`] for sizes or numbers without sense, [`Error::Device`] for a named device that is not there,
/// those of the engine, and [`Error::Interrupted`].
pub fn bench(job: &BenchJob, progress: &mut dyn Progress) -> Result<BenchReport> {
    let runtime = job.runtime()?;
    let job = job.filled(&runtime)?;
    let mut plan = Vec::new();
    for model in &job.models {
        for &device in &job.devices {
            let threads: Vec<Option<usize>> = match device {
                Device::Cpu => job.threads.iter().map(|n| Some(*n)).collect(),
                _ => vec![None],
            };
            for precision in job.precisions(model, device)? {
                let one = |n: &Option<usize>| (model.clone(), device, precision, *n);
                plan.extend(threads.iter().map(one));
            }
        }
    }
    let painted = plan.len() * job.sizes.len();
    let apart = if job.stages { job.sizes.len() } else { 0 };
    let total = painted + apart;
    let mut tell = |done: usize, what: &str| -> Result<()> {
        match progress.step(done, total, what).is_break() {
            true => Err(Error::Interrupted),
            false => Ok(()),
        }
    };
    let mut benches = Vec::new();
    for (n, (model, device, precision, threads)) in plan.into_iter().enumerate() {
        let options = EngineOptions {
            model: Some(model),
            device,
            precision,
            threads,
            ..job.engine.clone()
        };
        let mut step = |k: usize, what: &str| tell(n * job.sizes.len() + k, what);
        benches.push(measure(&options, &job, &mut step)?);
    }
    let mut outside = Vec::new();
    for (n, &size) in job.sizes.iter().take(apart).enumerate() {
        tell(
            painted + n,
            &format!("outside the networks, {}x{}", size.0, size.1),
        )?;
        outside.push(stages::stages(size, job.runs)?);
    }
    // The bar is drawn to its end; nothing is left to stop.
    let _ = progress.step(total, total, "");
    Ok(BenchReport {
        runtime: runtime.version(),
        machine: machine(),
        benches,
        stages: outside,
    })
}

impl BenchJob {
    /// A process loads one library: that of the first device which the plain one may lack. All have the CPU's kernels.
    fn runtime(&self) -> Result<Runtime> {
        let plain = |device: &Device| *device == Device::Cpu;
        let device = match self.devices.iter().find(|device| !plain(device)) {
            Some(device) => *device,
            None if self.devices.is_empty() => Device::Auto,
            None => Device::Cpu,
        };
        Runtime::load_for(device, self.engine.library.as_deref())
    }

    /// Those that were asked for, or all that there are for this model on this device.
    fn precisions(&self, model: &str, device: Device) -> Result<Vec<Precision>> {
        if !self.precisions.is_empty() {
            return Ok(self.precisions.clone());
        }
        let mut all = vec![Precision::F32];
        match device {
            Device::Cpu if catalog::find(Some(model))?.int8.is_some() => all.push(Precision::Int8),
            Device::OpenVino => all.push(Precision::Bf16),
            _ => {}
        }
        Ok(all)
    }

    /// With everything that was left open.
    fn filled(&self, runtime: &Runtime) -> Result<Self> {
        let mut job = self.clone();
        if job.models.is_empty() {
            job.models = catalog::names()?;
        }
        if job.sizes.is_empty() {
            job.sizes = SIZES.to_vec();
        }
        if let Some((w, h)) = job.sizes.iter().find(|(w, h)| {
            let sides = 16..=16384;
            !sides.contains(w) || !sides.contains(h)
        }) {
            let reason = format!("{w}x{h}: sides are between 16 and 16384");
            return Err(Error::invalid("--size", reason));
        }
        if job.threads.is_empty() {
            job.threads = vec![1, 2];
        }
        if job.runs < LEAST {
            let reason = format!(
                "{} is below {LEAST}, and a median of so few says little",
                job.runs
            );
            return Err(Error::invalid("--runs", reason));
        }
        if job.devices.is_empty() {
            let there = |device: &Device| runtime.available(*device).is_available();
            let all = Device::ALL.into_iter().filter(|d| *d != Device::Auto);
            job.devices = all.filter(there).collect();
        }
        Ok(job)
    }
}

fn measure(
    options: &EngineOptions,
    job: &BenchJob,
    step: &mut dyn FnMut(usize, &str) -> Result<()>,
) -> Result<Bench> {
    let began = Instant::now();
    let mut engine = options.build()?;
    let open_ms = milliseconds(began.elapsed());
    let painting = card(384, 384, 0)?;
    let style = first_style(&mut engine, &painting)?;
    let mut bench = Bench {
        model: engine.model().to_owned(),
        device: engine.device().device.to_string(),
        precision: options.precision.to_string(),
        threads: options.threads,
        open_ms,
        embed: None,
        first_embed_ms: None,
        style_change_ms: None,
        rows: Vec::new(),
    };
    if let Some(first) = style.1 {
        bench.first_embed_ms = Some(first);
        let mut times = Vec::new();
        for _ in 0..LEAST.max(job.runs / 4) {
            engine.take_timings();
            engine.embed(&painting)?;
            times.push(engine.take_timings().get("predictor"));
        }
        bench.embed = Some(Spread::of(&times));
    }
    for (k, &(width, height)) in job.sizes.iter().enumerate() {
        let threads = options
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
            row.fresh = Some(fresh::fresh(program, options, (width, height))?);
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

/// A style to paint with, and how long reading it took, in milliseconds.
fn first_style(
    engine: &mut Engine,
    painting: &RgbImage,
) -> Result<(crate::StyleEmbedding, Option<f64>)> {
    let began = Instant::now();
    match engine.embed(painting) {
        Ok(style) => Ok((style, Some(milliseconds(began.elapsed())))),
        Err(error) => {
            // A model that knows only its own styles has them in its gallery.
            let first = engine.gallery().styles.first().ok_or(error)?;
            Ok((first.embedding()?, None))
        }
    }
}

fn row(
    engine: &mut Engine,
    style: &crate::StyleEmbedding,
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
    let all = Instant::now();
    for n in 0..runs {
        engine.take_timings();
        let began = Instant::now();
        engine.set_style(style)?;
        engine.paint(&frames[n % 2], &mut pastiche)?;
        whole.push(began.elapsed());
        network.push(engine.take_timings().get("transformer"));
        if whole.len() >= LEAST && all.elapsed() > PATIENCE {
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
        fresh: None,
    })
}

/// A frame of the test card.
fn card(width: u32, height: u32, number: u64) -> Result<RgbImage> {
    let mut source = TestCard::new(width, height, 30, false);
    let mut frame = Frame::empty();
    for _ in 0..=number {
        source.next_frame(&mut frame)?;
    }
    Ok(frame.rgb)
}

/// `linux x86_64, 2 cores, AMD EPYC ...`.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let mut text = format!(
        "{} {}, {cores} cores",
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    if let Some((_, name)) = name.and_then(|name| name.split_once(':')) {
        text.push_str(", ");
        text.push_str(name.trim());
    }
    text
}
