//! Runs a job under signals and checks what every job promises:
//!
//! - it ends within [`LIMIT`] of SIGINT, SIGTERM or SIGHUP, and leaves no process behind;
//! - its exit status is 130, or 0 with everything done, or the signal itself before the program has begun to catch it;
//! - every file at an output's name is whole, and no other file stays; SIGKILL may leave temporary files, which are counted;
//! - the same command then succeeds, and its files are those of the undisturbed run.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::process::{HUP, INT, KILL, Running, Signal, TERM, To, impasto, orphans};
use super::random::Random;
use super::snapshot::{Files, copy, files};
use super::tally::{Tally, is_temporary};

/// The time that a program has to end.
pub const LIMIT: Duration = Duration::from_secs(2);

/// The longest undisturbed run.
const LONGEST: Duration = Duration::from_secs(120);

/// The next signal, in the order in which they are taken.
pub const SIGNALS: [Signal; 4] = [INT, TERM, HUP, KILL];

/// One at a time: the times to end are measured.
pub static ALONE: Mutex<()> = Mutex::new(());

/// A command, and what it may leave when it is disturbed.
pub struct Job {
    pub name: &'static str,
    /// The command's words; `TINY` is the folder of the tiny networks.
    pub line: String,
    /// Makes the inputs in a folder.
    pub inputs: fn(&Path),
    /// Whether a file that differs from the undisturbed run's is whole after a signal. The name, and the bytes.
    pub whole: fn(&str, &[u8]) -> bool,
    /// Whether a disturbed run may leave this file, because the next run goes on from it.
    pub kept: fn(&str) -> bool,
    /// What is compared of a file: some hold times.
    pub essence: fn(&str, &[u8]) -> Vec<u8>,
    /// The exit status of a run that stopped in time and kept its promise.
    pub stopped: i32,
}

impl Job {
    /// A job whose files are those of an undisturbed run or absent.
    pub fn new(name: &'static str, line: impl Into<String>, inputs: fn(&Path)) -> Self {
        Self {
            name,
            line: line.into(),
            inputs,
            whole: |_, _| false,
            kept: |_| false,
            essence: |_, bytes| bytes.to_vec(),
            stopped: 130,
        }
    }

    fn essences(&self, found: &Files) -> Files {
        let essence =
            |(name, bytes): (&String, &Vec<u8>)| (name.clone(), (self.essence)(name, bytes));
        found.iter().map(essence).collect()
    }

    /// As many signals as `IMPASTO_KILLS` says, or 100.
    pub fn long(&self) {
        self.disturb(kills());
    }

    /// Each signal once.
    pub fn short(&self) {
        self.disturb(SIGNALS.len());
    }

    fn disturb(&self, kills: usize) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut random = Random::new(self.name);
        let root = crate::common::folder();
        // A process's folder is told without links.
        let root = root.path().canonicalize().unwrap();
        let inputs = root.join("inputs");
        std::fs::create_dir(&inputs).unwrap();
        (self.inputs)(&inputs);
        let given = files(&inputs);
        let (reference, duration) = self.undisturbed(&root, &inputs);
        let mut tally = Tally::default();
        for n in 0..kills {
            let signal = SIGNALS[n % SIGNALS.len()];
            let to = one_of_both(&mut random);
            let moment = duration.mul_f64(random.fraction());
            let work = root.join(format!("work-{n}"));
            copy(&inputs, &work);
            let case = format!("{} at {moment:?} of {duration:?} to the {to:?}", signal.0);
            let mut run = Running::start(&mut impasto(&work, &self.line), &root.join("log"));
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
            let is_complete = self.essences(&after) == reference;
            let allowed = match (status.code(), status.signal()) {
                (Some(0), _) if signal == KILL || self.stopped != 0 => is_complete,
                (Some(code), _) => code == self.stopped && signal != KILL,
                // Before the program catches it, when nothing was written yet.
                (None, Some(number)) => number == signal.1 && (signal == KILL || after == given),
                (None, None) => false,
            };
            if !allowed {
                tally.fault("wrong status", format!("{case}: {status}: {}", run.said()));
            }
            self.check_files(&after, &given, &reference, signal, &case, &mut tally);
            let mut next = Running::start(&mut impasto(&work, &self.line), &root.join("log"));
            let status = next.wait(LONGEST);
            if !status.is_some_and(|s| s.success()) {
                tally.fault(
                    "next run fails",
                    format!("{case}: {status:?}: {}", next.said()),
                );
            }
            let mut end = self.essences(&files(&work));
            // Only SIGKILL's, which have been counted.
            end.retain(|name, _| signal != KILL || !is_temporary(name));
            if end != reference {
                tally.fault(
                    "next run differs",
                    format!("{case}: {}", unlike(&end, &reference)),
                );
            }
            std::fs::remove_dir_all(&work).unwrap();
        }
        tally.report(self.name, duration);
    }

    /// The files of an undisturbed run, and how long it takes: the shorter of two, which must agree.
    fn undisturbed(&self, root: &Path, inputs: &Path) -> (Files, Duration) {
        let run = |name: &str| {
            let work = root.join(name);
            copy(inputs, &work);
            let began = Instant::now();
            let mut run = Running::start(&mut impasto(&work, &self.line), &root.join("log"));
            let status = run.wait(LONGEST).expect("an undisturbed run ends");
            assert!(status.success(), "{}: {}", self.name, run.said());
            (self.essences(&files(&work)), began.elapsed())
        };
        let (first, second) = (run("first"), run("second"));
        assert!(
            first.0 == second.0,
            "{}: {}",
            self.name,
            unlike(&first.0, &second.0)
        );
        (first.0, first.1.min(second.1))
    }

    fn check_files(
        &self,
        after: &Files,
        given: &Files,
        reference: &Files,
        signal: Signal,
        case: &str,
        tally: &mut Tally,
    ) {
        for (name, _) in given
            .iter()
            .filter(|(name, bytes)| after.get(*name) != Some(*bytes))
        {
            tally.fault("inputs lost or changed", format!("{case}: {name}"));
        }
        for (name, bytes) in after.iter().filter(|(name, _)| !given.contains_key(*name)) {
            let same = reference.get(name) == Some(&(self.essence)(name, bytes));
            if same || (self.kept)(name) || (self.whole)(name, bytes) {
                continue;
            }
            match (
                reference.contains_key(name),
                signal == KILL && is_temporary(name),
            ) {
                (true, _) => tally.fault(
                    "half files",
                    format!("{case}: {name}, {} bytes", bytes.len()),
                ),
                (false, true) => tally.temporary += 1,
                (false, false) => tally.fault("stray files", format!("{case}: {name}")),
            }
        }
    }
}

/// The names of the files in which two folders differ.
fn unlike(a: &Files, b: &Files) -> String {
    let names: Vec<&String> = a
        .keys()
        .chain(b.keys())
        .filter(|n| a.get(*n) != b.get(*n))
        .collect();
    format!("they differ in {names:?}")
}

/// How many signals a long campaign has: `IMPASTO_KILLS`, or 100.
pub fn kills() -> usize {
    std::env::var("IMPASTO_KILLS").map_or(100, |text| {
        text.parse().expect("IMPASTO_KILLS is a whole number")
    })
}

pub fn one_of_both(random: &mut Random) -> To {
    match random.next() % 2 {
        0 => To::Process,
        _ => To::Group,
    }
}
