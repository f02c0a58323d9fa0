//! `bench`: models, devices and sizes in; the time of each stage out, as medians of many runs.

mod cold_start;
mod measure;
mod stages;
mod table;
mod test_inputs;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::catalog;
use crate::device::Device;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
pub use crate::measure::percentiles::Spread;
use crate::progress::Progress;
use crate::runtime::{Precision, Runtime};
pub use cold_start::{ColdStart, paint_once};
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

/// Warm-up runs of each size: they allocate the memory of the later ones.
const WARM_UP: usize = 3;

/// The longest that one size is measured; after that the runs so far count.
const LONGEST_ROW: Duration = Duration::from_secs(8);

/// The fewest runs that a median is taken of.
const LEAST_RUNS: usize = 5;

/// What is measured.
#[derive(Debug, Clone)]
pub struct BenchJob {
    /// Models; all bundled ones when empty.
    pub models: Vec<String>,
    /// Widths and heights; [`SIZES`] when empty.
    pub sizes: Vec<(u32, u32)>,
    /// Devices; every available one when empty.
    pub devices: Vec<Device>,
    /// Precisions; when empty, f32 and the others that the device and the model have.
    pub precisions: Vec<Precision>,
    /// Numbers of CPU threads; 1 and 2 when empty. Other devices run once.
    pub threads: Vec<usize>,
    /// The most runs of each size, at least 5.
    pub runs: usize,
    /// Measure the stages outside the networks too.
    pub stages: bool,
    /// The program `impasto`, started as a new process to measure the time to its first picture and its memory. Not
    /// measured when absent.
    pub program: Option<PathBuf>,
    /// ONNX Runtime's shared library; found as [`Runtime::load`] says when absent.
    pub library: Option<PathBuf>,
}

/// What every measurement of one model on one device has in common.
#[derive(Debug, Clone)]
struct Setup {
    model: String,
    device: Device,
    precision: Precision,
    threads: Option<usize>,
    library: Option<PathBuf>,
}

impl Setup {
    fn builder(&self) -> EngineBuilder {
        let mut builder = EngineBuilder::default()
            .model(&self.model)
            .device(self.device)
            .precision(self.precision);
        if let Some(threads) = self.threads {
            builder = builder.threads(threads);
        }
        if let Some(library) = &self.library {
            builder = builder.library(library);
        }
        builder
    }
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
    /// The transformer's part of it.
    pub transformer: Spread,
    /// The program started as a new process at this size; `None` without [`BenchJob::program`].
    pub cold_start: Option<ColdStart>,
    /// Frames per second at the median.
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
    /// The precision.
    pub precision: String,
    /// CPU threads; `None` where the device decides.
    pub threads: Option<usize>,
    /// Loading the networks, in milliseconds.
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

/// Measure every combination of the job.
///
/// # Errors
/// [`Error::Invalid`] for sizes or numbers out of range, [`Error::Device`] for a named device that is not available,
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
                plan.extend(threads.iter().map(|threads| Setup {
                    model: model.clone(),
                    device,
                    precision,
                    threads: *threads,
                    library: job.library.clone(),
                }));
            }
        }
    }
    let painted = plan.len() * job.sizes.len();
    let staged = if job.stages { job.sizes.len() } else { 0 };
    let total = painted + staged;
    let mut tell = |done: usize, what: &str| -> Result<()> {
        match progress.step(done, total, what).is_break() {
            true => Err(Error::Interrupted),
            false => Ok(()),
        }
    };
    let mut benches = Vec::new();
    for (n, setup) in plan.iter().enumerate() {
        let mut step = |k: usize, what: &str| tell(n * job.sizes.len() + k, what);
        benches.push(measure::measure(setup, &job, &mut step)?);
    }
    let mut outside = Vec::new();
    for (n, &size) in job.sizes.iter().take(staged).enumerate() {
        tell(
            painted + n,
            &format!("outside the networks, {}x{}", size.0, size.1),
        )?;
        outside.push(stages::stages(size, job.runs)?);
    }
    let _ = progress.step(total, total, "");
    Ok(BenchReport {
        runtime: runtime.version(),
        machine: machine(),
        benches,
        stages: outside,
    })
}

impl BenchJob {
    /// A process can load only one library: the one of the first device other than the CPU, since every library
    /// carries the CPU provider.
    fn runtime(&self) -> Result<Runtime> {
        let device = match self.devices.iter().find(|device| **device != Device::Cpu) {
            Some(device) => *device,
            None if self.devices.is_empty() => Device::Auto,
            None => Device::Cpu,
        };
        Runtime::load_for(device, self.library.as_deref())
    }

    /// The precisions asked for, or all that this model has on this device.
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

    /// The job with its empty lists filled in, checked.
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
            return Err(Error::invalid("size", reason));
        }
        if job.threads.is_empty() {
            job.threads = vec![1, 2];
        }
        if job.runs < LEAST_RUNS {
            let reason = format!(
                "{} is too few for a median; give {LEAST_RUNS} or more",
                job.runs
            );
            return Err(Error::invalid("runs", reason));
        }
        if job.devices.is_empty() {
            let available = |device: &Device| runtime.available(*device).is_available();
            let all = Device::ALL.into_iter().filter(|d| *d != Device::Auto);
            job.devices = all.filter(available).collect();
        }
        Ok(job)
    }
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
