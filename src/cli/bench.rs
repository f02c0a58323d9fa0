//! `impasto bench`: flags in, a table (or JSON) of times out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::Engine;
use impasto::device::Device;
use impasto::jobs::bench::{self, BenchJob};
use impasto::runtime::Precision;

use super::console;
use super::style_options::threads;

/// Measure how fast this machine paints
#[derive(Debug, Args)]
#[command(after_long_help = WHAT)]
pub struct BenchArgs {
    /// Models [default: all bundled ones]
    #[arg(long = "model", value_name = "NAME|DIR", value_delimiter = ',')]
    models: Vec<String>,

    /// Sizes, as in 640x480,1280x720
    #[arg(long = "size", value_name = "WxH,..", value_delimiter = ',', value_parser = pair)]
    sizes: Vec<(u32, u32)>,

    /// Devices [default: every available one]
    #[arg(long = "device", value_name = "DEVICE,..", value_delimiter = ',')]
    devices: Vec<Device>,

    /// CPU threads [default: 1,2]
    #[arg(long, value_name = "N,..", value_delimiter = ',', value_parser = threads())]
    threads: Vec<u16>,

    /// Precisions: f32, bf16 (openvino), int8 (cpu) [default: all that the device and the model have]
    #[arg(long = "precision", value_name = "PRECISION,..", value_delimiter = ',')]
    precisions: Vec<Precision>,

    /// Measure only the networks: no stages outside them, no cold starts
    #[arg(long)]
    frames_only: bool,

    /// Load, paint, report the peak memory: the new process of a cold start
    #[arg(long, hide = true, requires = "sizes")]
    paint_once: bool,

    /// Runs of each size, at most
    #[arg(
        long,
        value_name = "N",
        default_value = "60",
        allow_negative_numbers = true
    )]
    runs: usize,

    /// ONNX Runtime's shared library [default: found automatically, see `impasto doctor`]
    #[arg(long, value_name = "FILE")]
    runtime: Option<PathBuf>,

    /// Put the table between the lines `<!-- impasto bench -->` and `<!-- /impasto bench -->` of this file
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,

    /// Print all figures as JSON
    #[arg(long)]
    json: bool,
}

const WHAT: &str = "\
Figures are medians; with --json also the minimum and the 95th percentile.
For each model, device, precision, number of threads and size:
  frame            from an RGB frame to an RGB frame: the figure in the table
  transformer      the network's part of it
  first_ms         the first frame after another size
  embed            the predictor: reading a painting of 384x384 pixels
  first_embed_ms   its first run
  style_change_ms  from a new painting to the first frame in its style, at the first size
  open_ms          loading the networks
  cold_start       a new process of the program: the time to its first picture in a bundled
                   style, and its peak memory (Linux only)
For each size, the stages of a live frame outside the networks, on one thread:
  decode           a camera's Motion-JPEG picture to RGB
  preprocess       mirroring, and shrinking to half the width and height, as live does to hold
                   its frame rate
  postprocess      enlarging the pastiche from half the width and height
  show             converting to the window's pixel format; the window itself is left out";

pub fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    if args.paint_once {
        return paint_once(args);
    }
    let job = BenchJob {
        models: args.models,
        sizes: args.sizes,
        devices: args.devices,
        precisions: args.precisions,
        threads: args.threads.into_iter().map(usize::from).collect(),
        runs: args.runs,
        stages: !args.frames_only,
        program: match args.frames_only {
            true => None,
            false => Some(super::program()?),
        },
        library: args.runtime,
    };
    let report = bench::bench(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        console::print_json(&serde_json::to_value(&report)?)?;
    } else {
        for line in bench::table(&report).lines() {
            console::print(line)?;
        }
        for line in bench::details(&report) {
            console::print(&line)?;
        }
    }
    if let Some(path) = &args.update {
        bench::put_table(path, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn paint_once(args: BenchArgs) -> anyhow::Result<ExitCode> {
    let mut engine = Engine::builder()
        .device(args.devices.first().copied().unwrap_or_default())
        .precision(args.precisions.first().copied().unwrap_or_default());
    if let Some(threads) = args.threads.first() {
        engine = engine.threads(usize::from(*threads));
    }
    if let Some(model) = args.models.first() {
        engine = engine.model(model);
    }
    if let Some(library) = &args.runtime {
        engine = engine.library(library);
    }
    for size in args.sizes {
        bench::paint_once(engine.clone(), size, &mut std::io::stdout())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `640x480`.
fn pair(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once('x');
    let sides = sides.and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    sides.ok_or_else(|| format!("'{text}' is not of the form WIDTHxHEIGHT, as in 640x480"))
}
