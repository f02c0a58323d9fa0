//! What controls a live session from outside its window: the page of `--serve`, OSC and MIDI.
//!
//! A protocol turns messages into [`Control`]s and puts them on the [`Desk`]; the session takes them from there, checks and
//! obeys them, and publishes its [`Status`], which the protocols tell their clients. Nothing here knows the session.

mod control;
mod desk;
pub mod http;
mod midi;
mod osc;
mod outbox;
pub mod qr;
mod tell;
pub mod view;

pub use control::{Control, StyleKey};
pub use desk::{Busy, Desk, Status};
pub use midi::{Midi, MidiOptions};
#[doc(hidden)] // for tests/fuzz
pub use midi::{read_stream as read_midi_stream, rewrite_map as rewrite_midi_map};
#[doc(hidden)] // for tests/fuzz
pub use osc::read_packet as read_osc_packet;
pub use osc::{OSC_ADDRESS, Osc, osc_help, osc_table};
pub use tell::Tell;
