//! Movement between frames, and pastiches that hold still along it.

mod agreement;
mod blend;
mod flow;
mod memory;
mod patch;
mod plane;
mod steady;
mod warp;

pub use memory::Memory;
pub use steady::{AMOUNT, Steady};
