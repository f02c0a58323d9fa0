//! `impasto runtime`: flags in, builds of ONNX Runtime listed, installed or removed out.

use std::io::{self, Read};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use impasto::Error;
use impasto::device::Device;
use impasto::jobs::runtime::{
    Measured, RuntimeInfo, install_runtime, installable, list_runtimes, record_speed,
    remove_runtime,
};
use impasto::runtime::Precision;
use serde_json::Value;

use super::console;

/// The time between two looks at a measurement.
const LOOK: Duration = Duration::from_millis(20);

/// ONNX Runtime for other devices: install it, list it, remove it
#[derive(Debug, Subcommand)]
pub enum RuntimeCommand {
    List(ListArgs),
    Install(InstallArgs),
    Remove(RemoveArgs),
}

/// What there is for this system, and what is installed
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Download ONNX Runtime for a device through pip, check its sha256, and keep it in the user's cache
///
/// From then on `--device` takes it. OpenVINO is measured beside the plain CPU: `--device auto` takes the faster one.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// openvino, cuda, directml or cpu
    #[arg(value_name = "DEVICE", value_parser = installable)]
    device: Device,

    /// Download it again, though it is there
    #[arg(long)]
    again: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Remove it from the user's cache
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// openvino, cuda, directml or cpu
    #[arg(value_name = "DEVICE", value_parser = installable)]
    device: Device,
}

pub fn run(command: RuntimeCommand) -> anyhow::Result<ExitCode> {
    match command {
        RuntimeCommand::List(args) => {
            let all = list_runtimes()?;
            if args.json {
                console::print_json(&serde_json::to_value(&all)?)?;
            } else {
                for info in &all {
                    console::print(&console::printable(&as_line(info)))?;
                }
            }
        }
        RuntimeCommand::Install(args) => install(&args)?,
        RuntimeCommand::Remove(args) => match remove_runtime(args.device)? {
            Some(folder) => console::print(&format!(
                "{} removed",
                console::printable(&folder.display().to_string())
            ))?,
            None => console::print(&format!("{}: not installed", args.device))?,
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn install(args: &InstallArgs) -> anyhow::Result<()> {
    let say = |text: &str| {
        if !args.json {
            console::say(text);
        }
    };
    say(&format!(
        "{}: downloading through pip, some 20 to 260 MB",
        args.device
    ));
    let mut info = install_runtime(args.device, args.again, &mut console::Bar::new(args.json))?;
    if args.device == Device::OpenVino {
        say("measuring it beside the CPU's own kernels");
        let plain = picture_ms(Device::Cpu, Precision::F32)?;
        let of_cpu = |precision| -> anyhow::Result<Measured> {
            Ok(Measured {
                times_of_cpu: picture_ms(Device::OpenVino, precision)? / plain,
                bf16: precision == Precision::Bf16,
            })
        };
        let (exact, coarse) = (of_cpu(Precision::F32)?, of_cpu(Precision::Bf16)?);
        // Eight bits of precision for a few percent are no bargain.
        let worth = coarse.times_of_cpu < 0.8 * exact.times_of_cpu;
        let best = if worth { coarse } else { exact };
        record_speed(args.device, best)?;
        info.measured = Some(best);
    }
    if args.json {
        return console::print_json(&serde_json::to_value(&info)?);
    }
    console::print(&console::printable(&as_line(&info)))
}

fn as_line(info: &RuntimeInfo) -> String {
    let state = match &info.library {
        Some(library) => library.display().to_string(),
        None => "not installed".to_owned(),
    };
    let speed = match info.measured {
        Some(Measured { times_of_cpu, bf16 }) => format!(
            "; a picture takes {times_of_cpu:.2} of the CPU's time, in {}",
            if bf16 { "bf16" } else { "f32" }
        ),
        None => String::new(),
    };
    let needs = match info.needs.as_str() {
        "" => String::new(),
        needs => format!("; needs {needs}"),
    };
    format!(
        "{:9} {:30} {state}{speed}{needs}",
        info.device, info.package
    )
}

/// The median time of a picture, measured by this program in a process of its own: a process loads one library.
fn picture_ms(device: Device, precision: Precision) -> anyhow::Result<f64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut child = Command::new(super::program()?)
        .args(["bench", "--json", "--model", "live", "--size", "640x480"])
        .args(["--runs", "20", "--device", device.name()])
        .args(["--threads", &cores.min(1024).to_string()])
        .args(["--precision", precision.name()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the measurement could not be started")?;
    let output = end_of(&mut child)?;
    if console::is_interrupted() {
        return Err(Error::Interrupted.into());
    }
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{device} was installed, but does not work here: {}",
            said.trim()
        );
    }
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let frame = &report["benches"][0]["rows"][0]["frame"]["p50_ms"];
    frame.as_f64().context("the measurement gave no figure")
}

/// What `child` wrote until its end; it is ended when this program is to end.
fn end_of(child: &mut Child) -> io::Result<Output> {
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if console::is_interrupted() {
            // It may have ended in the meantime, which is as good.
            let _ = child.kill();
        }
        thread::sleep(LOOK);
    };
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Reads a pipe to its end, so that who writes into it need not wait.
fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before an error counts.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}
