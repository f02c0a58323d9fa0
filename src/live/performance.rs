//! What performers control a session with: OSC, MIDI and the beat. Options in, what listens out.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::notice::Notice;
use crate::error::Result;
use crate::jobs::user_gallery_path;
use crate::progress::Progress;
use crate::remote::{Desk, Midi, MidiOptions, Osc, Tell};

/// The name of the map of MIDI, beside the user's gallery.
const MAP: &str = "midi.toml";

/// What performers control a session with; by default nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Performance {
    /// Where to listen for OSC. It has no password: whoever reaches the address controls the session.
    pub osc: Option<SocketAddr>,
    /// Where to send the session's state as OSC.
    pub osc_to: Option<SocketAddr>,
    /// The MIDI devices to listen to.
    pub midi: Option<MidiChoice>,
    /// Beats a minute to which glides and the tour are locked, of [`TEMPOS`](crate::style::TEMPOS).
    pub bpm: Option<f64>,
}

/// Which MIDI devices to listen to, and what they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MidiChoice {
    /// Part of a device's name, or on Linux the file of one; `None`: all devices.
    pub name: Option<String>,
    /// The file of the map; `None`: `midi.toml` beside the user's gallery.
    pub map: Option<PathBuf>,
    /// Let the clock of a device give the beat.
    pub clock: bool,
}

impl Performance {
    /// Whether something controls the session from outside, or is told how it stands.
    pub(super) fn is_remote(&self) -> bool {
        self.osc.is_some() || self.osc_to.is_some() || self.midi.is_some()
    }

    /// Start what listens. `told` takes what it says to the user.
    ///
    /// # Errors
    /// Of an address that cannot be used, a device that is not there, and a map that is none.
    pub(super) fn open(
        &self,
        desk: &Desk,
        told: &SyncSender<Notice>,
        progress: &mut dyn Progress,
    ) -> Result<Performers> {
        let told = told.clone();
        // Full only when nobody reads it, as while the networks are loaded.
        let tell: Tell = Arc::new(move |text| drop(told.try_send(Notice::info(text))));
        let osc = match (self.osc, self.osc_to) {
            (None, None) => None,
            (from, to) => Some(Osc::start(from, to, desk, tell.clone())?),
        };
        if let Some(address) = osc.as_ref().and_then(Osc::address) {
            progress.note(&format!("OSC: listening on {address}"));
            if !address.ip().is_loopback() {
                progress
                    .note("OSC: it has no password; whoever reaches that address controls this");
            }
        }
        let midi = match &self.midi {
            None => None,
            Some(choice) => Some(Midi::start(&choice.options()?, desk, tell)?),
        };
        Ok(Performers { _osc: osc, midi })
    }
}

impl MidiChoice {
    fn options(&self) -> Result<MidiOptions> {
        let map = match &self.map {
            Some(path) => path.clone(),
            None => user_gallery_path(None)?.with_file_name(MAP),
        };
        Ok(MidiOptions {
            name: self.name.clone(),
            map,
            clock: self.clock,
        })
    }
}

/// What listens. It ends when this is dropped.
pub(super) struct Performers {
    _osc: Option<Osc>,
    pub(super) midi: Option<Midi>,
}
