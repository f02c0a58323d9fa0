//! Signals to programs that go on until they are stopped, as in [`campaign`](super::campaign).

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::campaign::{ALONE, LIMIT, SIGNALS, kills, one_of_both};
use super::process::{KILL, Running, impasto, orphans};
use super::random::Random;
use super::snapshot::files;
use super::tally::{Tally, is_temporary};

/// A program that goes on until it is stopped, which is the ordinary way to end it: with status 0, or 130.
pub struct Endless {
    pub name: &'static str,
    pub line: &'static str,
    pub inputs: fn(&Path),
    /// What is done before the signal may come.
    pub begin: fn(&mut Running),
    /// Whether a file that was written is whole. The name, and the bytes.
    pub whole: fn(&str, &[u8]) -> bool,
    /// The signal comes within so many seconds.
    pub seconds: f64,
}

impl Endless {
    /// As [`Job::long`](super::campaign::Job::long).
    pub fn long(&self) {
        self.disturb(kills());
    }

    /// As [`Job::short`](super::campaign::Job::short).
    pub fn short(&self) {
        self.disturb(SIGNALS.len());
    }

    fn disturb(&self, kills: usize) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut random = Random::new(self.name);
        let root = crate::common::folder();
        let root = root.path().canonicalize().unwrap();
        let mut tally = Tally::default();
        for n in 0..kills {
            let signal = SIGNALS[n % SIGNALS.len()];
            let to = one_of_both(&mut random);
            let moment = Duration::from_secs_f64(self.seconds * random.fraction());
            let work = root.join(format!("work-{n}"));
            std::fs::create_dir(&work).unwrap();
            (self.inputs)(&work);
            let given = files(&work);
            let case = format!("{} at {moment:?} to the {to:?}", signal.0);
            let mut run = Running::start(&mut impasto(&work, self.line), &root.join("log"));
            (self.begin)(&mut run);
            std::thread::sleep(moment);
            run.send(signal, to);
            let sent = Instant::now();
            let Some(status) = run.wait(LIMIT) else {
                tally.fault("hangs", format!("{case}: {}", run.said()));
                continue;
            };
            tally.ended(signal, sent.elapsed());
            let left = orphans(&work, LIMIT);
            if !left.is_empty() {
                tally.fault("orphans", format!("{case}: {left:?}"));
            }
            let after = files(&work);
            let allowed = match (status.code(), status.signal()) {
                (Some(code), _) => signal != KILL && (code == 0 || code == 130),
                (None, Some(number)) => number == signal.1 && (signal == KILL || after == given),
                (None, None) => false,
            };
            if !allowed {
                tally.fault("wrong status", format!("{case}: {status}: {}", run.said()));
            }
            for (name, bytes) in after.iter().filter(|(name, _)| !given.contains_key(*name)) {
                if (self.whole)(name, bytes) {
                    continue;
                }
                match signal == KILL && is_temporary(name) {
                    true => tally.temporary += 1,
                    false => tally.fault("half or stray files", format!("{case}: {name}")),
                }
            }
        }
        tally.report(self.name, Duration::from_secs_f64(self.seconds));
    }
}
