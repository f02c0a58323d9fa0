//! `impasto bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::device::Device;
use impasto::jobs::EngineOptions;
use impasto::jobs::bench::{self, BenchJob};
use impasto::runtime::Precision;

use super::console;
use super::style_options::threads;

/// Measure how fast this machine paints
#[derive(Debug, Args)]
#[command(after_long_help = WHAT)]
pub struct BenchArgs {
    /// Models [default: all that are bundled]
    #[arg(long = "model", value_name = "NAME|DIR", value_delimiter = ',')]
    models: Vec<String>,

    /// Sizes, as in 640x480,1280x720
    #[arg(long = "size", value_name = "WxH,..", value_delimiter = ',', value_parser = pair)]
    sizes: Vec<(u32, u32)>,

    /// Devices [default: every one that is there]
    #[arg(long = "device", value_name = "DEVICE,..", value_delimiter = ',')]
    devices: Vec<Device>,

    /// Threads of the CPU [default: 1,2]
    #[arg(long, value_name = "N,..", value_delimiter = ',', value_parser = threads())]
    threads: Vec<u16>,

    /// What to compute with: f32, bf16 (openvino), int8 (cpu) [default: all that there are]
    #[arg(long = "precision", value_name = "PRECISION,..", value_delimiter = ',')]
    precisions: Vec<Precision>,

    /// Leave out what is outside the networks, and starts of the program
    #[arg(long)]
    frames_only: bool,

    /// Paint as a fresh start of the program does; what the bench starts itself by
    #[arg(long, hide = true, requires = "sizes")]
    paint_once: bool,

    /// Pictures of each size, at the most
    #[arg(long, value_name = "N", default_value = "60")]
    runs: usize,

    /// ONNX Runtime's shared library [default: found by itself, see `impasto doctor`]
    #[arg(long, value_name = "FILE")]
    runtime: Option<PathBuf>,

    /// Put the table between the lines `<!-- impasto bench -->` and `<!-- /impasto bench -->` of a document
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,

    /// Print all figures as JSON
    #[arg(long)]
    json: bool,
}

const WHAT: &str = "\
What is measured: medians, and with --json the shortest and the 95th percentile too.
For each model, device, precision, threads and size:
  frame            from an RGB picture to an RGB picture: what the table shows
  transformer      the network's part of it
  first_ms         the first picture after another size: what a change of size costs
  embed            the predictor: reading a painting of 384x384 pixels
  first_embed_ms   its first run
  style_change_ms  from a new painting to the first picture in its style, at the first size
  open_ms          from nothing to networks that are ready
  fresh            the program started anew: until its first picture, in a bundled style,
                   and the most memory that it takes (Linux only)
For a live picture of each size outside the networks, on one thread:
  decode           Motion-JPEG, as cameras send it, to RGB
  preprocess       mirrored, and shrunk to half of its sides, as when live paints smaller
  postprocess      the pastiche enlarged again from half of the sides
  show             copied, and packed as a window takes it; the window itself is left out";

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
            false => Some(std::env::current_exe()?),
        },
        engine: EngineOptions {
            library: args.runtime,
            ..EngineOptions::default()
        },
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
    let options = EngineOptions {
        device: args.devices.first().copied().unwrap_or_default(),
        threads: args.threads.first().copied().map(usize::from),
        model: args.models.into_iter().next(),
        library: args.runtime,
        precision: args.precisions.first().copied().unwrap_or_default(),
        ..EngineOptions::default()
    };
    for size in args.sizes {
        bench::paint_once(&options, size, &mut std::io::stdout())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `640x480`.
fn pair(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once('x');
    let sides = sides.and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    sides.ok_or_else(|| format!("'{text}' is not of the form WIDTHxHEIGHT, as in 640x480"))
}
