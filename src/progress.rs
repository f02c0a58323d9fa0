//! Progress is told to the caller, who may stop the work.

use std::ops::ControlFlow;

/// Told before each step of a job.
pub trait Progress {
    /// `done` of `total` steps are done and `next` is about to begin. `Break` ends the job with
    /// [`Error::Interrupted`](crate::Error::Interrupted); files already written stay, nothing is half-written.
    fn step(&mut self, done: usize, total: usize, next: &str) -> ControlFlow<()>;

    /// Something that the user should know, while the job goes on.
    fn note(&mut self, note: &str);
}

/// Says nothing and never stops.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _done: usize, _total: usize, _next: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn note(&mut self, _note: &str) {}
}
