//! `impasto gatys`: flags go in, a job is run, and what it did is printed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use impasto::gatys::{Layer, weighted};
use impasto::jobs::gatys::{
    self, Extras, GatysJob, GatysOptions, GatysReport, GridJob, Init, Preview, Subject,
};
use impasto::picture::Colors;
use impasto::style::StyleArgument;
use serde_json::{Value, json};

use super::color_options::ColorArgs;
use super::gatys_options::{OptimisationArgs, weight};
use super::style_options::size;
use super::{INTERRUPTED, console, limits};

/// Make pictures by optimisation: slow, and as good as the losses allow (Gatys et al. 2016)
#[derive(Debug, Subcommand)]
#[command(after_long_help = limits::optimiser())]
pub enum GatysCommand {
    Transfer(TransferArgs),
    Reconstruct(ReconstructArgs),
    Synthesize(SynthesizeArgs),
    Grid(GridArgs),
}

/// Paint a photo in a painting's style
#[derive(Debug, Args)]
pub struct TransferArgs {
    /// The photo
    #[arg(value_name = "CONTENT")]
    content: PathBuf,

    /// The painting: a picture, as its Gram matrices are measured
    #[arg(short, long, value_name = "PICTURE")]
    style: StyleArgument,

    #[command(flatten)]
    colors: ColorArgs,

    #[command(flatten)]
    make: MakeArgs,
}

/// Reconstruct a photo from its features at one layer, to see what the layer keeps of it
#[derive(Debug, Args)]
pub struct ReconstructArgs {
    /// The photo
    #[arg(value_name = "PICTURE")]
    picture: PathBuf,

    /// conv1_1 .. conv5_4 before the ReLU, relu1_1 .. relu5_4 after it
    #[arg(long, value_name = "LAYER")]
    layer: Layer,

    #[command(flatten)]
    make: MakeArgs,
}

/// Make a texture with a painting's Gram matrices
#[derive(Debug, Args)]
pub struct SynthesizeArgs {
    /// The painting: a picture, as its Gram matrices are measured
    #[arg(value_name = "PICTURE")]
    style: StyleArgument,

    /// Layers, or a range such as relu1_1..relu3_1; more than once if you like
    #[arg(long = "layers", value_name = "LAYERS")]
    layers: Vec<String>,

    #[command(flatten)]
    make: MakeArgs,
}

/// One pair with several layers, weights and starts, on one labelled sheet
#[derive(Debug, Args)]
pub struct GridArgs {
    /// The photo
    #[arg(value_name = "CONTENT")]
    content: PathBuf,

    /// The painting: a picture, as its Gram matrices are measured
    #[arg(short, long, value_name = "PICTURE")]
    style: StyleArgument,

    /// A set of style layers, or a range such as relu1_1..relu3_1; once for each row
    #[arg(long = "layers", value_name = "LAYERS")]
    layers: Vec<String>,

    /// Weights of the style
    #[arg(long, value_name = "W,W,..", value_delimiter = ',', value_parser = weight)]
    weights: Vec<f64>,

    /// Starts: noise, content, pastiche or a picture
    #[arg(long, value_name = "INIT,..", value_delimiter = ',')]
    inits: Vec<Init>,

    /// Seeds of the noise
    #[arg(long, value_name = "N,N,..", value_delimiter = ',')]
    seeds: Vec<u64>,

    /// The long side of a picture on the sheet, in pixels
    #[arg(long, value_name = "N", default_value = "256", value_parser = size)]
    cell: u32,

    /// The sheet to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    optimisation: OptimisationArgs,
}

/// The flags of all commands that make one picture.
#[derive(Debug, Args)]
struct MakeArgs {
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    optimisation: OptimisationArgs,
}

#[derive(Debug, Args)]
struct OutputArgs {
    /// The picture to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Also write the picture after every N steps, as OUTPUT-0050.png
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,

    /// Also write the loss curve, as OUTPUT-curve.png and OUTPUT-curve.csv
    #[arg(long)]
    curve: bool,

    /// Show the picture while it is made; closing the window ends the work
    #[cfg(feature = "live")]
    #[arg(long)]
    live: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: GatysCommand) -> anyhow::Result<ExitCode> {
    match command {
        GatysCommand::Transfer(args) => {
            let subject = Subject::Transfer {
                content: args.content,
                style: args.style,
            };
            let (options, output) = args.make.split()?;
            make(subject, options, output, args.colors.colors()?)
        }
        GatysCommand::Reconstruct(args) => {
            let weight = args.make.optimisation.recipe.content_weight.unwrap_or(1.0);
            let tv = args.make.optimisation.recipe.tv;
            let (mut options, output) = args.make.split()?;
            options.recipe.content = vec![(args.layer, weight)];
            // The preset's total variation goes with its style; without a style it would only blur.
            options.recipe.tv = tv.unwrap_or(0.0);
            let subject = Subject::Reconstruct {
                picture: args.picture,
            };
            make(subject, options, output, Colors::default())
        }
        GatysCommand::Synthesize(args) => {
            let (mut options, output) = args.make.split()?;
            if !args.layers.is_empty() {
                let sum = options.recipe.style.iter().map(|(_, weight)| weight).sum();
                options.recipe.style = weighted(&args.layers, sum)?;
            }
            make(
                Subject::Synthesize { style: args.style },
                options,
                output,
                Colors::default(),
            )
        }
        GatysCommand::Grid(args) => grid(args),
    }
}

impl MakeArgs {
    fn split(self) -> anyhow::Result<(GatysOptions, OutputArgs)> {
        let options = self.optimisation.options()?;
        Ok((options, self.output))
    }
}

fn make(
    subject: Subject,
    options: GatysOptions,
    output: OutputArgs,
    colors: Colors,
) -> anyhow::Result<ExitCode> {
    let job = GatysJob {
        subject,
        options,
        extras: Extras {
            every: output.every.map(|n| n as usize),
            curve: output.curve,
            colors,
        },
        output: output.output,
    };
    #[cfg(feature = "live")]
    let mut window = output.live.then(gatys::PreviewWindow::new).transpose()?;
    #[cfg(feature = "live")]
    let preview = window.as_mut().map(|window| window as &mut dyn Preview);
    #[cfg(not(feature = "live"))]
    let preview: Option<&mut dyn Preview> = None;
    let report = gatys::gatys(&job, preview, &mut console::Bar::new(output.json))?;
    if output.json {
        console::print_json(&as_json(&report))?;
    } else {
        console::print(&console::printable(&sentence(&report)))?;
        for path in &report.written {
            console::print(&console::printable(&path.display().to_string()))?;
        }
    }
    Ok(if report.optimised.interrupted {
        ExitCode::from(INTERRUPTED)
    } else {
        ExitCode::SUCCESS
    })
}

fn grid(args: GridArgs) -> anyhow::Result<ExitCode> {
    let options = args.optimisation.options()?;
    let job = GridJob {
        content: args.content,
        style: args.style,
        layers: args
            .layers
            .iter()
            .map(|text| Layer::range(text))
            .collect::<impasto::Result<_>>()?,
        weights: args.weights,
        inits: args.inits,
        seeds: args.seeds,
        cell: args.cell,
        options,
        output: args.output,
    };
    let cells = gatys::grid(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        let cells: Vec<Value> = cells
            .iter()
            .map(|cell| {
                let losses = &cell.optimised.losses;
                json!({ "label": cell.label, "total": losses.total, "content": losses.content,
                    "style": losses.style, "evaluations": cell.optimised.evaluations,
                    "seconds": cell.optimised.spent.as_secs_f64() })
            })
            .collect();
        console::print_json(&json!({ "output": job.output, "cells": cells }))?;
    } else {
        for cell in &cells {
            let seconds = cell.optimised.spent.as_secs_f64();
            let line = format!(
                "{}  loss {:.5}  {seconds:.1} s",
                cell.label, cell.optimised.losses.total
            );
            console::print(&console::printable(&line))?;
        }
        console::print(&console::printable(&job.output.display().to_string()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn sentence(report: &GatysReport) -> String {
    let optimised = &report.optimised;
    let (w, h) = optimised.picture.dimensions();
    let mut text = format!(
        "{w}x{h}  loss {:.5} (content {:.5}, style {:.5})  {} steps, {} evaluations, {:.1} s  {} on {}",
        optimised.losses.total,
        optimised.losses.content,
        optimised.losses.style,
        optimised.records.len(),
        optimised.evaluations,
        optimised.spent.as_secs_f64(),
        optimised.features,
        optimised.device
    );
    if let Some(psnr) = report.psnr {
        text += &format!("  PSNR {psnr:.1} dB");
    }
    if optimised.interrupted {
        text += "  stopped: the best picture so far";
    } else if optimised.stalled {
        text += "  ended early: no better picture was found";
    }
    text
}

fn as_json(report: &GatysReport) -> Value {
    let optimised = &report.optimised;
    json!({
        "written": report.written,
        "size": optimised.picture.dimensions(),
        "total": optimised.losses.total,
        "content": optimised.losses.content,
        "style": optimised.losses.style,
        "tv": optimised.losses.tv,
        "terms": optimised.terms.iter().zip(&optimised.losses.terms).collect::<Vec<_>>(),
        "steps": optimised.records.len(),
        "evaluations": optimised.evaluations,
        "seconds": optimised.spent.as_secs_f64(),
        "features": optimised.features,
        "device": optimised.device,
        "psnr": report.psnr,
        "interrupted": optimised.interrupted,
        "stalled": optimised.stalled,
    })
}
