//! `impasto bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::app::EngineOptions;
use impasto::app::bench::{self, BenchJob};
use impasto::runtime::Device;

use super::console;
use super::style_options::threads;

/// Measure how fast this machine paints
#[derive(Debug, Args)]
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

    /// Compute in bf16; only openvino can
    #[arg(long)]
    bf16: bool,

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

pub fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    let job = BenchJob {
        models: args.models,
        sizes: args.sizes,
        devices: args.devices,
        threads: args.threads.into_iter().map(usize::from).collect(),
        runs: args.runs,
        engine: EngineOptions {
            library: args.runtime,
            bf16: args.bf16,
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
    }
    if let Some(path) = &args.update {
        bench::put_table(path, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `640x480`.
fn pair(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once('x');
    let sides = sides.and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    sides.ok_or_else(|| format!("'{text}' is not of the form WIDTHxHEIGHT, as in 640x480"))
}
