//! MIDI through the system's ports: Windows, macOS, and Linux with the feature `midi-alsa`.
//!
//! The system calls back from threads of its own; what it says waits, bounded, for our thread, which also looks once a
//! second for ports that have come.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use midir::{MidiInput, MidiInputConnection, MidiInputPort};

use super::parser::{Message, Parser};
use super::player::Player;
use super::wanted::{Wanted, shown};
use crate::error::{Error, Result};

/// How often ports are looked for.
const SCAN: Duration = Duration::from_secs(1);

/// The most ports that are listened to at once.
const MOST_PORTS: usize = 16;

/// The most messages that wait; what comes faster is lost.
const MOST_WAITING: usize = 1024;

/// The name that other programs see.
const CLIENT: &str = "Impasto";

/// A port that is listened to.
struct Open {
    id: String,
    name: String,
    _connection: MidiInputConnection<()>,
}

/// The ports, and which of them are wanted.
pub(super) struct Ports {
    wanted: Wanted,
    open: Vec<Open>,
    /// Ports that could not be opened, which was told.
    refused: Vec<String>,
    messages: (SyncSender<Message>, Receiver<Message>),
}

impl Ports {
    /// The ports of this machine.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a port was named that is not there, or the system has no MIDI.
    pub(super) fn new(wanted: Wanted) -> Result<Self> {
        let input = input().map_err(|e| Error::invalid("midi", e))?;
        let there: Vec<String> = names(&input).into_iter().map(|(_, name)| name).collect();
        let there: Vec<&str> = there.iter().map(String::as_str).collect();
        wanted.check(&there)?;
        Ok(Self {
            wanted,
            open: Vec::new(),
            refused: Vec::new(),
            messages: sync_channel(MOST_WAITING),
        })
    }

    /// Listen until the player is told to end.
    pub(super) fn run(mut self, mut player: Player) {
        let mut scanned: Option<Instant> = None;
        while player.goes_on() {
            if scanned.is_none_or(|at| at.elapsed() >= SCAN) {
                self.scan(&player, scanned.is_none());
                scanned = Some(Instant::now());
            }
            match self.messages.1.recv_timeout(player.patience()) {
                Ok(message) => player.play(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // Together with all that have come meanwhile, but not with those of a flood.
            for message in self.messages.1.try_iter().take(MOST_WAITING) {
                player.play(message);
            }
            player.flush();
        }
    }

    /// Listen to the wanted ports that have come, and let go of those that are gone.
    fn scan(&mut self, player: &Player, is_first: bool) {
        let Ok(all) = input().map(|input| names(&input)) else {
            return;
        };
        let is_there = |id: &str| all.iter().any(|(port, _)| port.id() == id);
        self.refused.retain(|id| is_there(id));
        self.open.retain(|open| {
            let is_there = is_there(&open.id);
            if !is_there {
                player.tell(&format!(
                    "MIDI: {} is gone; it is used again when it comes back",
                    open.name
                ));
            }
            is_there
        });
        for (port, name) in &all {
            let id = port.id();
            let is_known = self.open.iter().any(|open| open.id == id) || self.refused.contains(&id);
            if is_known || !self.wanted.is_met_by(name) || self.open.len() == MOST_PORTS {
                continue;
            }
            match connect(port, self.messages.0.clone()) {
                Ok(connection) => {
                    player.tell(&format!("MIDI: {name} is connected"));
                    self.open.push(Open {
                        id,
                        name: name.clone(),
                        _connection: connection,
                    });
                }
                Err(reason) => {
                    player.tell(&format!("MIDI: {name}: cannot be opened: {reason}"));
                    self.refused.push(id);
                }
            }
        }
        if is_first && self.open.is_empty() && self.refused.is_empty() {
            player.tell("MIDI: there is no device yet; one that is plugged in is used at once");
        }
    }
}

fn input() -> Result<MidiInput, String> {
    MidiInput::new(CLIENT).map_err(|e| format!("this system gives no MIDI: {e}"))
}

fn names(input: &MidiInput) -> Vec<(MidiInputPort, String)> {
    let named = |port: MidiInputPort| {
        let name = shown(&input.port_name(&port).ok()?);
        Some((port, name))
    };
    input.ports().into_iter().filter_map(named).collect()
}

fn connect(
    port: &MidiInputPort,
    to: SyncSender<Message>,
) -> Result<MidiInputConnection<()>, String> {
    let mut parser = Parser::default();
    let call = move |_: u64, bytes: &[u8], (): &mut ()| {
        for byte in bytes {
            if let Some(message) = parser.push(*byte) {
                // Full only in a flood, in which this one is lost.
                let _ = to.try_send(message);
            }
        }
    };
    let connected = input()?.connect(port, "in", call, ());
    connected.map_err(|e| e.to_string())
}
