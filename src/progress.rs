//! Progress of a job: steps and notes go to the caller, who may stop the job.

use std::ops::ControlFlow;

/// Receives the progress of a job.
pub trait Progress {
    /// Called before each step: `done` of `total` steps are done and `next` is about to begin. `Break` ends the job with
    /// [`Error::Interrupted`](crate::Error::Interrupted); files already written stay, nothing is half-written.
    fn step(&mut self, done: usize, total: usize, next: &str) -> ControlFlow<()>;

    /// Something that the user should know, while the job goes on.
    fn note(&mut self, note: &str);

    /// Something that only a user who asks for details wants to know. Default: nothing is done.
    fn detail(&mut self, _detail: &str) {}

    /// A drawing made of characters, in lines, for a terminal. Default: nothing is done.
    fn drawing(&mut self, _lines: &str) {}
}

/// Ignores everything and never stops a job.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _done: usize, _total: usize, _next: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn note(&mut self, _note: &str) {}
}
