//! The command line: flags in, typed jobs out. Nothing below this module knows of `clap` or the name of a flag.

mod bench;
mod best_options;
mod blend;
mod collection;
mod color_options;
mod console;
mod doctor;
mod file_options;
mod film;
mod films;
mod gatys;
mod gatys_options;
mod interrupts;
mod limits;
#[cfg(feature = "live")]
mod live;
mod memory_option;
mod models;
mod path_lines;
#[cfg(feature = "live")]
mod performer_options;
mod region_options;
mod runtime;
#[cfg(feature = "live")]
mod stage_options;
mod style_options;
mod styles;
mod styles_add;
mod stylize;
mod verify;
#[cfg(feature = "remote")]
mod web;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Args, CommandFactory, Parser, Subcommand};
use impasto::device::Device;
use impasto::runtime::Precision;
use impasto::{Engine, EngineBuilder, Error};

/// Exit status when some pictures of several failed.
const SOME_FAILED: u8 = 2;
/// Exit status of a bad option, as `clap` gives it too.
const BAD_OPTION: u8 = 2;
/// Exit status after Ctrl-C, as shells expect it; after SIGTERM and SIGHUP too.
const INTERRUPTED: u8 = 130;

/// What starts the program anew, where that is not the file that runs.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Paint photos, films and live video in the style of any painting.
#[derive(Debug, Parser)]
#[command(
    name = "impasto",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Say more: the device that was taken, and why
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,

    /// Say nothing but errors and what was asked for
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Stylize(stylize::StylizeArgs),
    Blend(blend::BlendArgs),
    Film(film::FilmArgs),
    #[cfg(feature = "live")]
    Live(live::LiveArgs),
    #[cfg(feature = "remote")]
    Web(web::WebArgs),
    #[command(subcommand)]
    Gatys(gatys::GatysCommand),
    Verify(verify::VerifyArgs),
    #[command(subcommand)]
    Styles(styles::StylesCommand),
    #[command(subcommand)]
    Models(models::ModelsCommand),
    #[command(subcommand)]
    Runtime(runtime::RuntimeCommand),
    Doctor(doctor::DoctorArgs),
    Bench(bench::BenchArgs),
}

/// Networks and device: the same for every job.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Engine")]
struct EngineArgs {
    /// Where the networks run: auto, cpu, openvino, cuda, tensorrt, directml, coreml.
    ///
    /// `auto` takes the best one available; --verbose says which, and why. A device named here that is not available is
    /// an error.
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: Device,

    /// CPU threads, 1 to 1024 [default: one for each core]
    #[arg(long, value_name = "N", value_parser = style_options::threads())]
    threads: Option<u16>,

    /// Precision: auto, f32, bf16 (openvino), int8 (cpu); the last two are coarser and faster
    #[arg(long, value_name = "PRECISION", default_value = "auto")]
    precision: Precision,

    /// A bundled model, or a folder with a models.toml (FOLDER#NAME for one of several)
    #[arg(long, value_name = "NAME|DIR")]
    model: Option<String>,

    /// ONNX Runtime's shared library [default: found automatically, see `impasto doctor`]
    #[arg(long, value_name = "FILE")]
    runtime: Option<PathBuf>,
}

impl EngineArgs {
    /// The engine that the flags describe.
    fn builder(self) -> EngineBuilder {
        let mut builder = Engine::builder()
            .device(self.device)
            .precision(self.precision);
        if let Some(threads) = self.threads {
            builder = builder.threads(usize::from(threads));
        }
        if let Some(model) = self.model {
            builder = builder.model(model);
        }
        if let Some(library) = self.runtime {
            builder = builder.library(library);
        }
        builder
    }
}

/// The whole program: parse `arguments`, the first of which is the program's name, do what they say, and print what goes
/// wrong.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let code = run(arguments).unwrap_or_else(|error| report(&error));
    // Inside another program nobody else does that at the end. A closed pipe is not an error.
    let _ = io::stdout().flush();
    code
}

/// Every command with its flags, for tests that try them.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parse `arguments` as [`main`] does and do nothing: for tests that try many.
///
/// # Errors
/// What clap says of arguments that are refused, and of `--help` and `--version`.
pub fn check(arguments: impl IntoIterator<Item = OsString>) -> Result<(), clap::Error> {
    Cli::try_parse_from(arguments).map(drop)
}

/// Name the file that starts the program anew, where [`main`] is called by another one: by Python, for example. The first
/// call counts.
pub fn set_program(file: PathBuf) {
    PROGRAM.get_or_init(|| file);
}

/// What starts the program anew.
fn program() -> io::Result<PathBuf> {
    match PROGRAM.get() {
        Some(file) => Ok(file.clone()),
        None => std::env::current_exe(),
    }
}

/// Parse the command line and do what it says.
fn run(arguments: impl Iterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // `--help` too. Printed as clap itself does, without ending a program around this one.
        Err(said) => {
            let _ = said.print();
            return Ok(match said.use_stderr() {
                true => ExitCode::from(BAD_OPTION),
                false => ExitCode::SUCCESS,
            });
        }
    };
    console::set_verbosity(cli.quiet, cli.verbose);
    console::catch_interrupts()?;
    match cli.command {
        Command::Stylize(args) => stylize::run(args),
        Command::Blend(args) => blend::run(args),
        Command::Film(args) => film::run(args),
        #[cfg(feature = "live")]
        Command::Live(args) => live::run(args),
        #[cfg(feature = "remote")]
        Command::Web(args) => web::run(args),
        Command::Gatys(command) => gatys::run(command),
        Command::Verify(args) => verify::run(args),
        Command::Styles(command) => styles::run(command),
        Command::Models(command) => models::run(command),
        Command::Runtime(command) => runtime::run(command),
        Command::Doctor(args) => doctor::run(args),
        Command::Bench(args) => bench::run(args),
    }
}

/// Print an error once, with its causes, on one line.
fn report(error: &anyhow::Error) -> ExitCode {
    let cause = error.chain().find_map(|e| e.downcast_ref::<Error>());
    let mut line = console::one_line(error);
    let status = match cause {
        Some(Error::Interrupted) => INTERRUPTED,
        Some(Error::Invalid { what, .. }) => {
            // Below the command line an option is called `size`; here it is called `--size`.
            if line.starts_with(what.as_str()) && is_flag(&Cli::command(), what) {
                line.insert_str(0, "--");
            }
            BAD_OPTION
        }
        _ => 1,
    };
    console::say(&format!("impasto: {line}"));
    ExitCode::from(status)
}

/// Whether `command`, or a command below it, has a flag of this name.
fn is_flag(command: &clap::Command, name: &str) -> bool {
    command
        .get_arguments()
        .any(|arg| arg.get_long() == Some(name))
        || command.get_subcommands().any(|below| is_flag(below, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_jobs_are_known_as_flags() {
        let command = Cli::command();
        for name in ["size", "strength", "steps", "output", "runs", "stats-every"] {
            assert!(is_flag(&command, name), "{name}");
        }
        assert!(!is_flag(&command, "photo.png"));
    }

    #[test]
    fn the_flags_of_no_command_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
