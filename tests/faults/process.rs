//! A program in a process group of its own, which does not outlive the test.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::tiny;

/// The time between two looks at a process.
const LOOK: Duration = Duration::from_millis(2);

/// A signal, by its name for `kill`, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub &'static str, pub i32);

pub const INT: Signal = Signal("INT", 2);
pub const TERM: Signal = Signal("TERM", 15);
pub const HUP: Signal = Signal("HUP", 1);
pub const KILL: Signal = Signal("KILL", 9);
pub const STOP: Signal = Signal("TSTP", 20);
pub const CONT: Signal = Signal("CONT", 18);

/// Who gets a signal.
#[derive(Debug, Clone, Copy)]
pub enum To {
    /// The process alone, as from `kill`.
    Process,
    /// Its group, as from Ctrl-C in a terminal.
    Group,
}

/// A running program. Its group is killed when this is dropped.
pub struct Running {
    child: Child,
    log: PathBuf,
}

/// `impasto LINE` with the tiny networks in the folder `work`, with a gallery, cache and models of its own.
pub fn impasto(work: &Path, line: &str) -> Command {
    let mut command = program();
    command
        .args(line.replace("TINY", &tiny()).split_whitespace())
        .current_dir(work)
        .env("IMPASTO_GALLERY", work.join("gallery.toml"))
        .env("IMPASTO_MODELS", work.join("models"))
        .env_remove("IMPASTO_TOKEN")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    command
}

/// The program, which obeys SIGHUP even where the tests run under `nohup`: what is ignored is inherited.
fn program() -> Command {
    let exe = env!("CARGO_BIN_EXE_impasto");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_none_or(|mask| mask >> (HUP.1 - 1) & 1 == 0) {
        return Command::new(exe);
    }
    // `env` becomes the program, with the same process id.
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", exe]);
    command
}

impl Running {
    /// Start `command`; what it says goes into the file `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).unwrap();
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self {
            child,
            log: log.to_owned(),
        }
    }

    /// What it has said until now.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }

    /// Send `signal`. A process that has ended already is no error.
    pub fn send(&self, signal: Signal, to: To) {
        let sign = match to {
            To::Process => "",
            To::Group => "-",
        };
        let target = format!("{sign}{}", self.child.id());
        Command::new("kill")
            .args(["-s", signal.0, "--", &target])
            .stderr(Stdio::null())
            .status()
            .unwrap();
    }

    /// Wait for its end, at most `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if began.elapsed() > limit {
                return None;
            }
            thread::sleep(LOOK);
        }
    }

    /// Wait until `is_so`; panics when it ends before, or after 60 s.
    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{what}: it ended: {}", self.said());
            assert!(
                began.elapsed().as_secs() < 60,
                "{what}: not in 60 s: {}",
                self.said()
            );
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The number of a process that has been waited for may be another's by now.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.send(KILL, To::Group);
            drop(self.child.wait());
        }
    }
}

/// The processes that work in `folder`, whatever their group: those that a program left behind.
pub fn working_in(folder: &Path) -> Vec<String> {
    // Only Linux tells the folder of a process.
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder))
        .map(|entry| {
            std::fs::read_to_string(entry.path().join("cmdline"))
                .unwrap_or_default()
                .replace('\0', " ")
        })
        .filter(|line| !line.is_empty())
        .collect()
}

/// Those that still work in `folder` after `limit`.
pub fn orphans(folder: &Path, limit: Duration) -> Vec<String> {
    let began = Instant::now();
    loop {
        let left = working_in(folder);
        if left.is_empty() || began.elapsed() > limit {
            return left;
        }
        thread::sleep(LOOK);
    }
}
