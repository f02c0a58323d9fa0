//! Progress, notes and results in; lines and a bar on the terminal out. Also catches Ctrl-C.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use impasto::jobs::Failure;
use impasto::progress::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Set by the first Ctrl-C; jobs look at it between pictures.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// `--quiet` and `--verbose`.
static QUIET: AtomicBool = AtomicBool::new(false);
static VERBOSE: AtomicBool = AtomicBool::new(false);

/// The most notes that are remembered, as each is shown once.
const MOST_NOTED: usize = 4096;

/// A second Ctrl-C within this time is the first one again: `timeout` and some shells send it to the program and to its
/// group, of which the program is a part.
const ECHO: Duration = Duration::from_millis(500);

/// Where stderr is not a terminal, a line of progress is written at most this often.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// The most names in a list of files.
const MOST_NAMES: usize = 10;

/// Remember `--quiet` and `--verbose`.
pub fn set_verbosity(quiet: bool, verbose: bool) {
    QUIET.store(quiet, Ordering::SeqCst);
    VERBOSE.store(verbose, Ordering::SeqCst);
}

/// Whether `--quiet` was given.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::SeqCst)
}

/// Let Ctrl-C end the job after the picture in hand; a second one ends the program at once.
pub fn catch_interrupts() -> anyhow::Result<()> {
    let mut first: Option<Instant> = None;
    super::interrupts::catch(move || {
        INTERRUPTED.store(true, Ordering::SeqCst);
        if first.get_or_insert_with(Instant::now).elapsed() > ECHO {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
    })
    .context("Ctrl-C cannot be caught")
}

/// Whether Ctrl-C was pressed.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Progress on stderr, for jobs of more than one step: a bar on a terminal, a line now and then elsewhere. Notes go above
/// it, each once.
pub struct Bar {
    bar: Option<ProgressBar>,
    lines: PlainLines,
    hidden: bool,
    noted: std::collections::HashSet<String>,
}

impl Bar {
    /// `hidden`: show no progress, for `--json`; notes are shown.
    pub fn new(hidden: bool) -> Self {
        Self {
            bar: None,
            lines: PlainLines::new(Instant::now()),
            hidden: hidden || is_quiet(),
            noted: std::collections::HashSet::new(),
        }
    }

    /// Write with `write` while the bar is out of the way.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) if !bar.is_finished() => bar.suspend(write),
            _ => write(),
        }
    }

    fn show(&mut self, done: usize, total: usize, next: &str) {
        if !std::io::stderr().is_terminal() {
            if let Some(line) = self.lines.line(Instant::now(), done, total, next) {
                say(&printable(&line));
            }
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{bar:30} {pos}/{len} {msg} ({eta} left)";
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total as u64).with_style(style)
        });
        // While a picture is painted in tiles, the bar counts its tiles.
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(printable(next));
        if done == total {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn step(&mut self, done: usize, total: usize, next: &str) -> ControlFlow<()> {
        if INTERRUPTED.load(Ordering::SeqCst) {
            if let Some(bar) = &self.bar {
                bar.abandon();
            }
            return ControlFlow::Break(());
        }
        if total > 1 && !self.hidden {
            self.show(done, total, next);
        }
        ControlFlow::Continue(())
    }

    fn note(&mut self, note: &str) {
        // A long session with many notices does not fill the memory; a note may come again after very many others.
        if self.noted.len() >= MOST_NOTED {
            self.noted.clear();
        }
        if !is_quiet() && self.noted.insert(note.to_owned()) {
            self.above(|| say(&printable(note)));
        }
    }

    fn drawing(&mut self, lines: &str) {
        if !is_quiet() && std::io::stderr().is_terminal() {
            self.above(|| say(lines.trim_end_matches('\n')));
        }
    }

    fn detail(&mut self, detail: &str) {
        if VERBOSE.load(Ordering::SeqCst) {
            self.note(detail);
        }
    }
}

/// Progress as lines, for logs and pipes: none in the first seconds, so that a short job writes nothing.
struct PlainLines {
    last: Instant,
}

impl PlainLines {
    fn new(now: Instant) -> Self {
        Self { last: now }
    }

    /// The line to write at the time `now`, if any.
    fn line(&mut self, now: Instant, done: usize, total: usize, next: &str) -> Option<String> {
        if now.duration_since(self.last) < PLAIN_INTERVAL || done >= total {
            return None;
        }
        self.last = now;
        Some(format!("{next}: {done} of {total} done"))
    }
}

/// `a.png, b.png and 12 more`.
pub fn names<'a>(paths: impl ExactSizeIterator<Item = &'a std::path::Path>) -> String {
    let more = paths.len().saturating_sub(MOST_NAMES);
    let shown: Vec<_> = paths
        .take(MOST_NAMES)
        .map(|path| path.display().to_string())
        .collect();
    let mut text = shown.join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    printable(&text)
}

/// An error and its causes on one line, control characters of hostile file names made visible.
pub fn one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // A cause that its parent already quotes says nothing new.
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    printable(&text)
}

/// Line breaks become spaces; other control characters are escaped.
pub fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => clean.push(' '),
            c if c.is_control() => clean.extend(c.escape_default()),
            c => clean.push(c),
        }
    }
    clean
}

/// Print a line of results. A closed pipe (`impasto styles list | head -1`) is not an error.
pub fn print(line: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e).context("stdout"),
        _ => Ok(()),
    }
}

/// Print a line that says what was done, unless `--quiet` was given.
pub fn print_done(line: &str) -> anyhow::Result<()> {
    if is_quiet() {
        return Ok(());
    }
    print(&printable(line))
}

/// Write a line to stderr. Where nobody reads it any more (`impasto ... 2>&1 | head -1`) the work goes on without it.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Say which of `total` pictures failed, and why; nothing where none did.
pub fn say_failures(failed: &[Failure], total: usize) {
    if failed.is_empty() {
        return;
    }
    say(&format!("{} of {total} pictures failed:", failed.len()));
    for failure in failed {
        say(&format!("  {}", printable(&failure.error.to_string())));
    }
}

/// Print `value` as JSON.
pub fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_without_a_terminal_is_a_line_now_and_then() {
        let began = Instant::now();
        let mut lines = PlainLines::new(began);
        let mut at = |seconds, done| {
            let now = began + Duration::from_secs(seconds);
            lines.line(now, done, 40, "vast.png in tiles")
        };
        assert_eq!(at(2, 1), None);
        let line = Some("vast.png in tiles: 8 of 40 done".to_owned());
        assert_eq!(at(11, 8), line);
        assert_eq!(at(12, 9), None);
        assert!(at(22, 20).is_some());
        assert_eq!(at(60, 40), None, "the end needs no line");
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        let paths: Vec<_> = (0..12)
            .map(|n| std::path::PathBuf::from(format!("{n}.png")))
            .collect();
        let list =
            |paths: &[std::path::PathBuf]| names(paths.iter().map(std::path::PathBuf::as_path));
        assert_eq!(list(&paths[..2]), "0.png, 1.png");
        assert!(list(&paths).ends_with("9.png and 2 more"));
    }

    #[test]
    fn errors_are_one_printable_line() {
        let error = anyhow::anyhow!("bad\x1b[31m\nname").context("reading");
        assert_eq!(one_line(&error), "reading: bad\\u{1b}[31m name");
    }
}
