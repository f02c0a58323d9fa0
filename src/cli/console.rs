//! The terminal: progress bars on stderr, results on stdout, and Ctrl-C.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use impasto::progress::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Set by the first Ctrl-C; jobs look at it between pictures.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A second Ctrl-C within this time is the first one again: `timeout` and some shells send it to the program and to its
/// group, of which the program is a part.
const ECHO: Duration = Duration::from_millis(500);

/// Let Ctrl-C end the job after the picture in hand; a second one ends the program at once.
pub fn catch_interrupts() -> anyhow::Result<()> {
    let mut first: Option<Instant> = None;
    ctrlc::set_handler(move || {
        INTERRUPTED.store(true, Ordering::SeqCst);
        if first.get_or_insert_with(Instant::now).elapsed() > ECHO {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
    })
    .context("Ctrl-C cannot be caught")
}

/// A bar on stderr for jobs of more than one picture; notes above it, each once.
pub struct Bar {
    bar: Option<ProgressBar>,
    quiet: bool,
    told: std::collections::HashSet<String>,
}

impl Bar {
    /// `quiet`: say nothing, for `--json`.
    pub fn new(quiet: bool) -> Self {
        Self {
            bar: None,
            quiet,
            told: std::collections::HashSet::new(),
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
        if total > 1 && !self.quiet {
            let bar = self.bar.get_or_insert_with(|| {
                let template = "{bar:30} {pos}/{len} {msg} ({eta} left)";
                let style = ProgressStyle::with_template(template)
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
                ProgressBar::new(total as u64).with_style(style)
            });
            bar.set_length(total as u64); // of a picture in tiles it is its tiles for a while
            bar.set_position(done as u64);
            bar.set_message(next.to_owned());
            if done == total {
                bar.finish_and_clear();
            }
        }
        ControlFlow::Continue(())
    }

    fn note(&mut self, note: &str) {
        if self.told.insert(note.to_owned()) {
            match &self.bar {
                Some(bar) if !bar.is_finished() => bar.suspend(|| eprintln!("{note}")),
                _ => eprintln!("{note}"),
            }
        }
    }
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

/// Print `value` as JSON.
pub fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_one_printable_line() {
        let error = anyhow::anyhow!("bad\x1b[31m\nname").context("reading");
        assert_eq!(one_line(&error), "reading: bad\\u{1b}[31m name");
    }
}
