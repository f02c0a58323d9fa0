//! The flags of `live` for performers: OSC, MIDI and the beat.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Args;
use impasto::live::{MidiChoice, Performance};
use impasto::remote::OSC_ADDRESS;

use super::style_options::finite;

/// What performers control a session with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Performers")]
pub struct PerformerArgs {
    /// Be controlled by OSC over UDP [without an address: 127.0.0.1:7421]
    ///
    /// ADDRESS:PORT, or one of both; port 0 is any free one. The addresses are listed below. OSC has no password: whoever
    /// reaches the address controls the session. Without an address only this machine does; name the address of a network
    /// only if you trust everybody in it.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = listen, num_args = 0..=1, default_missing_value = "127.0.0.1:7421")]
    osc: Option<SocketAddr>,

    /// Send the session's state there as OSC, whenever it changes
    ///
    /// /impasto/style NUMBER NAME, /weights, /strength, /brush, /record, /tour, /pause, /mirror, /tempo and /beat 1..4, at
    /// most 30 times a second, and all of it once a second.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = target)]
    osc_to: Option<SocketAddr>,

    /// Be controlled by MIDI: by all devices, or those with NAME in their name (key l learns the knobs)
    ///
    /// Devices that are plugged in later are used too. On Linux NAME may also be the file of a device, as in
    /// /dev/snd/midiC1D0, or a pipe.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    midi: Option<String>,

    /// The file in which the learnt knobs are kept [default: midi.toml in your data folder]
    #[arg(long, value_name = "FILE", requires = "midi")]
    midi_map: Option<PathBuf>,

    /// Let the clock of a MIDI device give the beat
    #[arg(long, requires = "midi")]
    midi_clock: bool,

    /// Beats a minute, 20 to 300: glides begin on a beat and last whole beats, tours step at bars of four (key k taps)
    #[arg(long, value_name = "N", value_parser = finite, allow_negative_numbers = true)]
    bpm: Option<f32>,
}

impl PerformerArgs {
    /// What the flags describe.
    pub fn performance(self) -> Performance {
        Performance {
            osc: self.osc,
            osc_to: self.osc_to,
            midi: self.midi.map(|name| MidiChoice {
                name: Some(name).filter(|name| !name.is_empty()),
                map: self.midi_map,
                clock: self.midi_clock,
            }),
            bpm: self.bpm.map(f64::from),
        }
    }
}

/// An address to listen on, a port on this machine, or an address with the usual port.
fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, OSC_ADDRESS.port()));
    }
    text.parse().map_err(|_| {
        format!("'{text}' is not of the form ADDRESS:PORT, as in {OSC_ADDRESS} or 0.0.0.0:7421")
    })
}

/// The address and port of another program, which may have a name.
fn target(text: &str) -> Result<SocketAddr, String> {
    let wrong = |why: String| format!("'{text}' is not of the form ADDRESS:PORT ({why})");
    let mut found = text.to_socket_addrs().map_err(|e| wrong(e.to_string()))?;
    let found = found.next().ok_or_else(|| wrong("not found".to_owned()))?;
    match found.port() {
        0 => Err(wrong("port 0 receives nothing".to_owned())),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text| listen(text).map(|address| address.to_string());
        assert_eq!(read("9000"), Ok("127.0.0.1:9000".to_owned()));
        assert_eq!(read("0.0.0.0"), Ok("0.0.0.0:7421".to_owned()));
        assert_eq!(read("[::1]:5"), Ok("[::1]:5".to_owned()));
        assert_eq!(read("127.0.0.1:0"), Ok("127.0.0.1:0".to_owned()));
        for text in ["", "x", "127.0.0.1:99999", "1.2.3:4", "-5"] {
            assert!(listen(text).is_err(), "{text}");
        }
        let said = target("127.0.0.1:9000").map(|address| address.to_string());
        assert_eq!(said, Ok("127.0.0.1:9000".to_owned()));
        for text in ["", "9000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x"] {
            assert!(target(text).is_err(), "{text}");
        }
    }
}
