//! A bench report in; a Markdown table and lines of text out.

use std::fmt::Write;
use std::path::Path;

use super::{BenchReport, Spread};
use crate::error::{Error, Result};
use crate::files;
use crate::picture;

/// The line of a document above the table.
pub const START: &str = "<!-- impasto bench -->";
/// The line of a document below the table.
pub const END: &str = "<!-- /impasto bench -->";

/// The largest document that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Markdown: a row for each model, device and number of threads, a column for each size.
pub fn table(report: &BenchReport) -> String {
    let mut text = format!("{}; ONNX Runtime {}.\n\n", report.machine, report.runtime);
    let Some(first) = report.benches.first() else {
        return text;
    };
    text += "| model | device | painting read |";
    for row in &first.rows {
        // Writing to a string cannot fail.
        let _ = write!(text, " {}x{} |", row.size.0, row.size.1);
    }
    text += "\n|---|---|---|";
    text += &"---|".repeat(first.rows.len());
    text.push('\n');
    for bench in &report.benches {
        let threads = bench.threads.map_or(String::new(), |n| match n {
            1 => ", 1 thread".to_owned(),
            n => format!(", {n} threads"),
        });
        let embed = bench
            .embed
            .map_or("-".to_owned(), |e| format!("{:.0} ms", e.p50_ms));
        let _ = write!(
            text,
            "| {} | {}, {}{threads} | {embed} |",
            bench.model, bench.device, bench.precision
        );
        for row in &bench.rows {
            let _ = write!(text, " {:.1} ms ({} fps) |", row.frame.p50_ms, fps(row.fps));
        }
        text.push('\n');
    }
    text
}

/// Frames per second as people read them: one decimal below 10, so that a slow size is not "0 fps".
fn fps(fps: f64) -> String {
    // What rounds to 10.0 is written as 10.
    let decimals = usize::from(fps < 9.95);
    format!("{fps:.decimals$}")
}

/// What the table leaves out, a line each: stages outside the networks, changes of style, cold starts, memory.
pub fn details(report: &BenchReport) -> Vec<String> {
    let mut lines = Vec::new();
    for stages in &report.stages {
        let ms = |spread: Option<Spread>| match spread {
            Some(spread) => format!("{:.2} ms", spread.p50_ms),
            None => "-".to_owned(),
        };
        let (w, h) = stages.size;
        let (decode, show) = (ms(stages.decode), ms(stages.show));
        let (before, after) = (ms(Some(stages.preprocess)), ms(Some(stages.postprocess)));
        lines.push(format!(
            "{w}x{h} outside the networks: decode {decode}, preprocess {before}, postprocess {after}, show {show}"
        ));
    }
    for bench in &report.benches {
        let mut name = format!("{} on {} in {}", bench.model, bench.device, bench.precision);
        if let Some(threads) = bench.threads {
            let _ = write!(name, ", threads: {threads}");
        }
        if let (Some(change), Some(row)) = (bench.style_change_ms, bench.rows.first()) {
            let (w, h) = row.size;
            lines.push(format!(
                "{name}: {change:.0} ms from a new painting to its first {w}x{h} picture"
            ));
        }
        for row in &bench.rows {
            let Some(cold) = &row.cold_start else {
                continue;
            };
            let (w, h) = row.size;
            let memory = cold
                .peak_memory_mib
                .map_or(String::new(), |mib| format!(", {mib} MiB of memory"));
            lines.push(format!(
                "{name}: {:.0} ms from start to the first {w}x{h} picture{memory}",
                cold.first_picture.p50_ms
            ));
        }
    }
    lines
}

/// Replace the text between the lines [`START`] and [`END`] of the document `path` by the table.
///
/// # Errors
/// [`Error::Read`], [`Error::Write`]; [`Error::Invalid`] when one of the lines is missing.
pub fn put_table(path: &Path, report: &BenchReport) -> Result<()> {
    let text = files::read_text(path, MOST_BYTES).map_err(Error::read(path))?;
    let missing = || {
        let reason = format!("has no line {START} with a line {END} below it");
        Error::invalid(path.display().to_string(), reason)
    };
    let (before, rest) = text.split_once(START).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    let table = table(report);
    let made = format!("{before}{START}\n{table}{END}{after}");
    picture::write_bytes(path, made.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::fps;

    #[test]
    fn a_slow_size_is_not_0_fps() {
        assert_eq!(
            [0.49, 0.96, 9.94, 9.96, 62.4].map(fps),
            ["0.5", "1.0", "9.9", "10", "62"]
        );
    }
}
