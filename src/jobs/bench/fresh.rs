//! What only a fresh start of the program shows: how long until its first picture, and how much memory it takes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{Spread, card, first_style};
use crate::error::{Error, Result};
use crate::jobs::EngineOptions;
use crate::measure::memory;

/// How often the program is started anew for each size.
const STARTS: usize = 3;

/// Pictures after the first one, for memory to reach its height.
const MORE: usize = 3;

/// Of the program, started anew for one model, device and size.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Fresh {
    /// From the start of the process to its first picture, in a bundled style where the model has one.
    pub first_picture: Spread,
    /// The most physical memory that it took, in MiB, in four pictures; `None` where the system does not tell.
    pub peak_memory_mib: Option<u64>,
}

/// The last line of a fresh program.
#[derive(Serialize, Deserialize)]
struct Told {
    peak_memory_mib: Option<u64>,
}

/// The work of a fresh program: an engine, a first picture (then an empty line to `out`), some more, and the memory.
///
/// # Errors
/// Those of the engine; [`Error::Write`] when nobody listens.
pub fn paint_once(
    options: &EngineOptions,
    (width, height): (u32, u32),
    out: &mut dyn Write,
) -> Result<()> {
    let mut engine = options.build()?;
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
    let told = Told {
        peak_memory_mib: memory::peak_mib(),
    };
    say(&serde_json::to_string(&told).unwrap_or_default())
}

/// Start `program` anew, as `impasto bench --paint-once`, some times.
pub(super) fn fresh(
    program: &Path,
    options: &EngineOptions,
    (width, height): (u32, u32),
) -> Result<Fresh> {
    let mut times = Vec::new();
    let mut peak = None;
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut child = command(program, options, (width, height))
            .spawn()
            .map_err(Error::read(program))?;
        let stdout = child.stdout.take().map(BufReader::new);
        let mut lines = stdout.into_iter().flat_map(BufRead::lines);
        let first = lines.next();
        let time = began.elapsed();
        let told = lines.next();
        let status = child.wait().map_err(Error::read(program))?;
        if let Some(text) = status.success().then_some(told).flatten()
            && let Ok(told) = serde_json::from_str::<Told>(&text.map_err(Error::read(program))?)
            && first.is_some()
        {
            times.push(time);
            peak = peak.max(told.peak_memory_mib);
            continue;
        }
        // 130 is how the program ends after Ctrl-C, which reaches both.
        if status.code() == Some(130) || status.code().is_none() {
            return Err(Error::Interrupted);
        }
        let reason = format!("did not paint when it was started anew ({status}); see above");
        return Err(Error::invalid(program.display().to_string(), reason));
    }
    Ok(Fresh {
        first_picture: Spread::of(&times),
        peak_memory_mib: peak,
    })
}

fn command(program: &Path, options: &EngineOptions, (width, height): (u32, u32)) -> Command {
    let mut command = Command::new(program);
    command
        .args(["bench", "--paint-once", "--device"])
        .arg(options.device.to_string())
        .arg(format!("--size={width}x{height}"));
    if let Some(model) = &options.model {
        command.arg(format!("--model={model}"));
    }
    if let Some(threads) = options.threads {
        command.arg(format!("--threads={threads}"));
    }
    command.arg(format!("--precision={}", options.precision));
    if let Some(library) = &options.library {
        command.arg("--runtime").arg(library);
    }
    // Its complaints go where ours go.
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}
