//! The programs of one job that run: each is added when it is started; all of them are killed when the job is abandoned.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::running::{Handle, WeakHandle};

/// What runs. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    running: Vec<WeakHandle>,
    abandoned: bool,
}

impl Runs {
    /// Add a program; it is killed at once when the job was abandoned meanwhile.
    pub(super) fn add(&self, handle: &Handle) {
        let mut state = self.lock();
        if state.abandoned {
            handle.kill();
        }
        state.running.retain(|weak| weak.strong_count() > 0);
        state.running.push(handle.downgrade());
    }

    pub(super) fn are_abandoned(&self) -> bool {
        self.lock().abandoned
    }

    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        let running = std::mem::take(&mut state.running);
        running
            .iter()
            .filter_map(Handle::upgrade)
            .for_each(|handle| handle.kill());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::super::running::Running;
    use super::*;

    #[test]
    fn an_abandoned_job_has_nothing_running() {
        let began = Instant::now();
        let start = || {
            let mut sleep = Command::new("sleep");
            Running::start(sleep.arg("30").stdout(Stdio::null()), |_| true).unwrap()
        };
        let runs = Runs::default();
        let (mut before, mut after) = (start(), start());
        runs.add(&before.handle());
        runs.abandon();
        runs.add(&after.handle());
        assert!(runs.are_abandoned());
        for running in [&mut before, &mut after] {
            assert!(!running.end().unwrap().status.success());
        }
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }
}
