//! A sink that discards its frames: to measure everything but the showing.

use std::ops::ControlFlow;

use super::{Frame, FrameSink};
use crate::error::Result;

/// Takes frames and discards them.
#[derive(Debug, Default)]
pub struct NullSink;

impl FrameSink for NullSink {
    fn show(&mut self, _frame: &Frame) -> Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }
}
