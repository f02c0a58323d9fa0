//! MIDI in: knobs and keys of controllers, by a map that the session learns.

mod console;
mod map;
mod parser;
mod player;
#[cfg(any(
    windows,
    target_os = "macos",
    all(target_os = "linux", feature = "midi-alsa")
))]
mod ports;
#[cfg(target_os = "linux")]
mod raw;
mod target;
mod wanted;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use self::console::Console;
use self::player::Player;
use self::wanted::Wanted;
use crate::error::{Error, Result};
use crate::remote::{Desk, Tell};

/// Read a stream of bytes as a device sends it. Gives how many messages there were.
#[doc(hidden)] // for tests/fuzz
pub fn read_stream(bytes: &[u8]) -> usize {
    let mut parser = parser::Parser::default();
    bytes.iter().filter_map(|byte| parser.push(*byte)).count()
}

/// Read the text of a map's file, and write it again.
///
/// # Errors
/// Why it is no map.
#[doc(hidden)] // for tests/fuzz
pub fn rewrite_map(text: &str) -> std::result::Result<String, String> {
    map::Map::parse(text).map(|map| map.text())
}

/// Which devices to listen to, and what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MidiOptions {
    /// Part of the name of a device, or the file of one (Linux); `None`: all devices.
    pub name: Option<String>,
    /// The file of the map.
    pub map: PathBuf,
    /// Let the clock of a device give the beat.
    pub clock: bool,
}

/// The thread of MIDI. It ends when this is dropped.
#[derive(Debug)]
pub struct Midi {
    console: Arc<Mutex<Console>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Midi {
    /// Listen to devices, also to those that are plugged in later.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a device was named that is not there, or the map is none; [`Error::Read`].
    pub fn start(options: &MidiOptions, desk: &Desk, tell: Tell) -> Result<Self> {
        let listen = devices(Wanted::read(options.name.as_deref()))?;
        let console = Console::open(options.map.clone(), options.clock)?;
        if console.is_empty() {
            tell("MIDI: no knob does anything yet; the key l in the window learns them");
        }
        let console = Arc::new(Mutex::new(console));
        let ends: Arc<AtomicBool> = Arc::default();
        let player = Player::new(console.clone(), desk.clone(), tell, ends.clone());
        let thread = thread::Builder::new()
            .name("midi".to_owned())
            .spawn(move || listen(player))
            .map_err(Error::thread("midi"))?;
        Ok(Self {
            console,
            ends,
            thread: Some(thread),
        })
    }

    /// Learn the next of what knobs and keys can do, or nothing after the last one. Gives what to tell the user.
    pub fn learn(&self) -> String {
        player::lock(&self.console).learn()
    }
}

impl Drop for Midi {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What listens to devices until it is told to end.
type Devices = Box<dyn FnOnce(Player) + Send>;

/// Linux: the sequencer where it is built in, unless a file is named; else the kernel's files.
#[cfg(target_os = "linux")]
fn devices(wanted: Wanted) -> Result<Devices> {
    #[cfg(feature = "midi-alsa")]
    if !matches!(wanted, Wanted::File(_)) {
        let ports = ports::Ports::new(wanted)?;
        return Ok(Box::new(|player| ports.run(player)));
    }
    let raw = raw::RawDevices::new(wanted)?;
    Ok(Box::new(|player| raw.run(player)))
}

#[cfg(any(windows, target_os = "macos"))]
fn devices(wanted: Wanted) -> Result<Devices> {
    let ports = ports::Ports::new(wanted)?;
    Ok(Box::new(|player| ports.run(player)))
}

#[cfg(not(any(windows, target_os = "macos", target_os = "linux")))]
fn devices(_: Wanted) -> Result<Devices> {
    let reason = "is supported on Linux, Windows and macOS only; OSC works on all systems";
    Err(Error::invalid("midi", reason))
}
