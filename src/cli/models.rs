//! `impasto models`: flags in, a list or an installed file out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use impasto::jobs;

use super::console;

/// List the networks, or install VGG-19 for the optimiser
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    List(ListArgs),
    Add(AddArgs),
}

/// List the networks
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
}

/// Install weights of VGG-19 that export/ship/vgg19.py made; their sha256 is recorded
#[derive(Debug, Args)]
pub struct AddArgs {
    /// vgg19
    #[arg(value_name = "NAME")]
    name: String,

    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub fn run(command: ModelsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::List(args) => {
            let models = jobs::list_models()?;
            if args.json {
                console::print_json(&serde_json::to_value(&models)?)?;
            } else {
                for model in models {
                    let flag = match model.kind {
                        "paints" => "--model",
                        _ => "--features",
                    };
                    let kind = format!("{} ({flag})", model.kind);
                    let line = format!("{:10} {kind:24} {}", model.name, model.place);
                    console::print(&console::printable(&line))?;
                }
            }
        }
        ModelsCommand::Add(args) => {
            let path = jobs::add_model(&args.name, &args.file)?;
            console::print(&console::printable(&path.display().to_string()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
