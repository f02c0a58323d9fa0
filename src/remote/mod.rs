//! What controls a live session from outside its window: the page of `--serve`, OSC and MIDI.
//!
//! A protocol turns messages into [`Control`]s and puts them on the [`Desk`]; the session takes them from there, checks and
//! obeys them, and publishes its [`Status`], which the protocols tell their clients. Nothing here knows the session.

mod control;
mod desk;
pub mod http;
pub mod qr;
pub mod view;

pub use control::{Control, StyleKey};
pub use desk::{Busy, Desk, Status};
