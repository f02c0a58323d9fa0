//! MIDI on Linux without a library: the kernel gives each device as a file of raw bytes, `/dev/snd/midiC<card>D<device>`.
//!
//! One thread waits for all of them, and looks once a second for devices that were plugged in.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

use super::parser::Parser;
use super::player::Player;
use super::wanted::{Wanted, shown};
use crate::error::{Error, Result};

/// How often devices are looked for.
const SCAN: Duration = Duration::from_secs(1);

/// The most devices that are listened to at once.
const MOST_DEVICES: usize = 16;

/// Bytes that are read at once. A device sends some 3000 a second.
const PIECE: usize = 4096;

/// The pause after a whole piece: what floods it is held to 4 MB a second, of which the newest values remain.
const BREATH: Duration = Duration::from_millis(1);

/// A device that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    path: PathBuf,
    name: String,
}

/// A device that is listened to.
struct Open {
    found: Found,
    file: File,
    parser: Parser,
}

/// The devices, and which of them are wanted.
pub(super) struct RawDevices {
    wanted: Wanted,
    folder: PathBuf,
    names: PathBuf,
    open: Vec<Open>,
    /// Devices that could not be opened, which was told.
    refused: Vec<PathBuf>,
}

impl RawDevices {
    /// The devices of this machine.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a device was named that is not there.
    pub(super) fn new(wanted: Wanted) -> Result<Self> {
        Self::of(wanted, Path::new("/dev/snd"), Path::new("/proc/asound"))
    }

    /// The devices in `folder`, whose names stand in the folder `names`.
    fn of(wanted: Wanted, folder: &Path, names: &Path) -> Result<Self> {
        let devices = Self {
            wanted,
            folder: folder.to_owned(),
            names: names.to_owned(),
            open: Vec::new(),
            refused: Vec::new(),
        };
        match &devices.wanted {
            Wanted::File(path) => check_file(path)?,
            wanted => {
                let there = devices.there();
                let there: Vec<&str> = there.iter().map(|found| found.name.as_str()).collect();
                wanted.check(&there)?;
            }
        }
        Ok(devices)
    }

    /// Listen until the player is told to end.
    pub(super) fn run(mut self, mut player: Player) {
        let mut scanned: Option<Instant> = None;
        let mut buffer = vec![0; PIECE];
        while player.goes_on() {
            if scanned.is_none_or(|at| at.elapsed() >= SCAN) {
                self.scan(&player, scanned.is_none());
                scanned = Some(Instant::now());
            }
            for place in self.ready(player.patience()) {
                self.read(place, &mut buffer, &mut player);
            }
            self.open.retain(|device| !device.found.name.is_empty());
            player.flush();
        }
    }

    /// Open the wanted devices that are not open yet.
    fn scan(&mut self, player: &Player, is_first: bool) {
        let found = match &self.wanted {
            Wanted::File(path) => vec![Found {
                name: shown(&path.display().to_string()),
                path: path.clone(),
            }],
            _ => self.there(),
        };
        // A device that is gone may be opened again, and its refusal told again, when it comes back.
        self.refused
            .retain(|path| found.iter().any(|f| f.path == *path));
        for found in found {
            let is_wanted =
                matches!(self.wanted, Wanted::File(_)) || self.wanted.is_met_by(&found.name);
            let is_open = self.open.iter().any(|o| o.found.path == found.path);
            if !is_wanted || is_open || self.open.len() == MOST_DEVICES {
                continue;
            }
            match open(&found.path) {
                Ok(file) => {
                    player.tell(&format!("MIDI: {} is connected", found.name));
                    self.refused.retain(|path| *path != found.path);
                    self.open.push(Open {
                        found,
                        file,
                        parser: Parser::default(),
                    });
                }
                Err(error) if !self.refused.contains(&found.path) => {
                    player.tell(&format!("MIDI: {}: {}", found.name, remedy(&error)));
                    self.refused.push(found.path);
                }
                Err(_) => {}
            }
        }
        if is_first && self.open.is_empty() && self.refused.is_empty() {
            player.tell("MIDI: there is no device yet; one that is plugged in is used at once");
        }
    }

    /// The devices in the folder, by their names.
    fn there(&self) -> Vec<Found> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<Found> = entries
            .filter_map(|entry| {
                let file = entry.file_name().into_string().ok()?;
                let (card, device) = file.strip_prefix("midiC")?.split_once('D')?;
                let (card, device): (u32, u32) = (card.parse().ok()?, device.parse().ok()?);
                // The kernel writes the device's own name into the first line.
                let name = read_line(&self.names.join(format!("card{card}/midi{device}")))
                    .or_else(|| read_line(&self.names.join(format!("card{card}/id"))))
                    .unwrap_or(file);
                Some(Found {
                    path: entry.path(),
                    name,
                })
            })
            .collect();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The places of the devices that have news, after at most `patience`.
    fn ready(&self, patience: Duration) -> Vec<usize> {
        let mut waits: Vec<PollFd<'_>> = self
            .open
            .iter()
            .map(|device| PollFd::new(&device.file, PollFlags::IN))
            .collect();
        let timeout = Timespec {
            tv_sec: patience.as_secs() as _,
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut waits, Some(&timeout)) {
            Ok(_) => {}
            // Interrupted by a signal, as by Ctrl-C.
            Err(_) => std::thread::sleep(BREATH),
        }
        let has_news = |wait: &PollFd<'_>| !wait.revents().is_empty();
        let places = waits.iter().enumerate().filter(|(_, wait)| has_news(wait));
        places.map(|(place, _)| place).collect()
    }

    /// Read what a device has sent. One that is gone loses its name.
    fn read(&mut self, place: usize, buffer: &mut [u8], player: &mut Player) {
        let Some(device) = self.open.get_mut(place) else {
            return;
        };
        match device.file.read(buffer) {
            Ok(size) if size > 0 => {
                for byte in &buffer[..size] {
                    if let Some(message) = device.parser.push(*byte) {
                        player.play(message);
                    }
                }
                if size == buffer.len() {
                    std::thread::sleep(BREATH);
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            _ => {
                let name = std::mem::take(&mut device.found.name);
                player.tell(&format!(
                    "MIDI: {name} is gone; it is used again when it comes back"
                ));
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        // Without it a pipe waits for its other end, and a device for its first byte.
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
}

/// Refuse a file that is no device and no pipe.
fn check_file(path: &Path) -> Result<()> {
    let refuse = |reason: String| {
        Err(Error::invalid(
            "midi",
            format!("{}: {reason}", path.display()),
        ))
    };
    match fs::metadata(path) {
        Ok(file) if file.file_type().is_char_device() || file.file_type().is_fifo() => Ok(()),
        Ok(_) => refuse("is no MIDI device and no pipe".to_owned()),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            refuse("is not there; --midi without a name uses every device".to_owned())
        }
        Err(e) => refuse(remedy(&e)),
    }
}

fn remedy(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            "may not be opened by this user: `sudo usermod -aG audio $USER`, then log in again"
                .to_owned()
        }
        ErrorKind::ResourceBusy => "is used by another program; end that first".to_owned(),
        _ => format!("cannot be opened: {error}"),
    }
}

/// The first line of a small file, unless it is empty.
fn read_line(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(200)
        .read_to_end(&mut bytes)
        .ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = shown(text.lines().next()?);
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
#[path = "raw_tests.rs"]
mod tests;
