//! Counts what happened in a campaign, and prints it as a row.

use std::collections::BTreeMap;
use std::time::Duration;

use super::process::{KILL, Signal};

/// What happened in a campaign.
#[derive(Default)]
pub struct Tally {
    sent: BTreeMap<&'static str, usize>,
    faults: BTreeMap<&'static str, Vec<String>>,
    worst: Duration,
    /// Temporary files that SIGKILL left.
    pub temporary: usize,
}

impl Tally {
    pub fn ended(&mut self, signal: Signal, after: Duration) {
        *self.sent.entry(signal.0).or_default() += 1;
        if signal != KILL {
            self.worst = self.worst.max(after);
        }
    }

    pub fn fault(&mut self, kind: &'static str, case: String) {
        self.faults.entry(kind).or_default().push(case);
    }

    /// Print a row; panics when a promise was broken.
    pub fn report(&self, name: &str, duration: Duration) {
        let counts: Vec<_> = self
            .faults
            .iter()
            .map(|(kind, cases)| (kind, cases.len()))
            .collect();
        eprintln!(
            "{name}: undisturbed {duration:.2?}; ended {:?}; faults {counts:?}; worst time to end {:.2?}; \
             temporary files after SIGKILL {}",
            self.sent, self.worst, self.temporary
        );
        assert!(self.faults.is_empty(), "{name}: {:#?}", self.faults);
    }
}

/// A name that a file or folder has until it is whole.
pub fn is_temporary(name: &str) -> bool {
    // Other locks stay by design: those of galleries and of lists of what is done.
    let lock = |part: &str| {
        let process = part.strip_prefix(".impasto-").unwrap_or_default();
        part.ends_with(".lock") && process.starts_with(|c: char| c.is_ascii_digit())
    };
    let parts = |part: &str| part.ends_with(".part") || part.ends_with(".scratch") || lock(part);
    name.split('/').any(parts)
}
