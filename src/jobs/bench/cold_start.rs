//! The program started as a new process: the time to its first picture and its peak memory.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::test_inputs::{card, first_style};
use super::{Setup, Spread};
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::measure::memory;

/// How many times the program is started for each size.
const STARTS: usize = 3;

/// Pictures after the first one, until memory has reached its peak.
const MORE: usize = 3;

/// A new process of the program for one model, device and size.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ColdStart {
    /// From the start of the process to its first picture, in a bundled style where the model has one.
    pub first_picture: Spread,
    /// The peak of its physical memory over four pictures, in MiB; `None` where the system does not report it.
    pub peak_memory_mib: Option<u64>,
}

/// The last line that the new process prints.
#[derive(Serialize, Deserialize)]
struct Reported {
    peak_memory_mib: Option<u64>,
}

/// The work of the new process: load, paint one picture, write an empty line to `out`, paint some more, write the peak
/// memory to `out`.
///
/// # Errors
/// Those of the engine; [`Error::Write`] when `out` is closed.
pub fn paint_once(
    engine: EngineBuilder,
    (width, height): (u32, u32),
    out: &mut dyn Write,
) -> Result<()> {
    let mut engine = engine.build()?;
    let style = match engine.gallery().styles.first() {
        Some(style) => style.embedding()?,
        None => first_style(&mut engine, &card(384, 384, 0)?)?.0,
    };
    engine.set_style(&style)?;
    let frame = card(width, height, 0)?;
    let mut pastiche = RgbImage::new(0, 0);
    engine.paint(&frame, &mut pastiche)?;
    let mut say = |line: &str| {
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(Error::write("standard output"))
    };
    say("")?;
    for _ in 0..MORE {
        engine.paint(&frame, &mut pastiche)?;
    }
    let reported = Reported {
        peak_memory_mib: memory::peak_mib(),
    };
    say(&serde_json::to_string(&reported).unwrap_or_default())
}

/// Start `program` as `impasto bench --paint-once` several times.
pub(super) fn measure(
    program: &Path,
    setup: &Setup,
    (width, height): (u32, u32),
) -> Result<ColdStart> {
    let mut times = Vec::new();
    let mut peak = None;
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut child = command(program, setup, (width, height))
            .spawn()
            .map_err(Error::read(program))?;
        let stdout = child.stdout.take().map(BufReader::new);
        let mut lines = stdout.into_iter().flat_map(BufRead::lines);
        let first = lines.next();
        let time = began.elapsed();
        let last = lines.next();
        let status = child.wait().map_err(Error::read(program))?;
        if let Some(text) = status.success().then_some(last).flatten()
            && let Ok(reported) =
                serde_json::from_str::<Reported>(&text.map_err(Error::read(program))?)
            && first.is_some()
        {
            times.push(time);
            peak = peak.max(reported.peak_memory_mib);
            continue;
        }
        // Ctrl-C reaches both processes; the new one then ends with 130 or by the signal.
        if status.code() == Some(130) || status.code().is_none() {
            return Err(Error::Interrupted);
        }
        let reason = format!("did not paint as a new process ({status}); see its message above");
        return Err(Error::invalid(program.display().to_string(), reason));
    }
    Ok(ColdStart {
        first_picture: Spread::of(&times),
        peak_memory_mib: peak,
    })
}

fn command(program: &Path, setup: &Setup, (width, height): (u32, u32)) -> Command {
    let mut command = Command::new(program);
    command
        .args(["bench", "--paint-once"])
        .arg(format!("--device={}", setup.device))
        .arg(format!("--size={width}x{height}"))
        .arg(format!("--model={}", setup.model))
        .arg(format!("--precision={}", setup.precision));
    if let Some(threads) = setup.threads {
        command.arg(format!("--threads={threads}"));
    }
    if let Some(library) = &setup.library {
        command.arg("--runtime").arg(library);
    }
    // Its error messages go to our stderr.
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}
