//! A slot between two threads: at most one thing waits in it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What happens when something new comes before the last was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// The new one takes its place: for a camera, whose old pictures nobody wants.
    Replace,
    /// The giver waits: for a file, of which nothing may be lost.
    Block,
}

/// What [`Slot::take`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Something new.
    Fresh,
    /// Nothing came in time.
    Nothing,
    /// The slot was closed and is empty: nothing will come.
    Closed,
}

/// A slot of one between a giver and a taker. Values are swapped, never copied: each side gets back a used value
/// whose buffers it can fill again, so three values serve a stream of any length.
#[derive(Debug)]
pub struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    full: OnFull,
}

#[derive(Debug)]
struct State<T> {
    value: T,
    fresh: bool,
    closed: bool,
    replaced: u64,
}

impl<T> Slot<T> {
    /// An empty slot; `spare` is the value that the first giver gets back.
    pub fn new(spare: T, full: OnFull) -> Self {
        Self {
            state: Mutex::new(State {
                value: spare,
                fresh: false,
                closed: false,
                replaced: 0,
            }),
            changed: Condvar::new(),
            full,
        }
    }

    /// Give `value`, which becomes a used one. `false` when the slot is closed: the taker is gone.
    pub fn give(&self, value: &mut T) -> bool {
        let mut state = self.lock();
        while self.full == OnFull::Block && state.fresh && !state.closed {
            state = self.wait(state);
        }
        if state.closed {
            return false;
        }
        state.replaced += u64::from(state.fresh);
        std::mem::swap(&mut state.value, value);
        state.fresh = true;
        self.changed.notify_all();
        true
    }

    /// Take what is there into `value`, waiting at most `patience` for it.
    pub fn take(&self, value: &mut T, patience: Duration) -> Taken {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if state.fresh {
                std::mem::swap(&mut state.value, value);
                state.fresh = false;
                self.changed.notify_all();
                return Taken::Fresh;
            }
            if state.closed {
                return Taken::Closed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Nothing;
            }
            // A thread that panicked while it held the lock left a whole value behind: swaps do not tear.
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// No more will be given or taken; what is in the slot can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether [`Slot::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Whether something waits to be taken.
    pub fn is_waiting(&self) -> bool {
        self.lock().fresh
    }

    /// How many values were replaced before anybody took them.
    pub fn replaced(&self) -> u64 {
        self.lock().replaced
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);
    const NOW: Duration = Duration::ZERO;

    #[test]
    fn the_newest_wins_and_drops_are_counted() {
        let slot = Slot::new(0, OnFull::Replace);
        for n in 1..=3 {
            assert!(slot.give(&mut { n }));
        }
        let mut taken = 0;
        assert_eq!(slot.take(&mut taken, NOW), Taken::Fresh);
        assert_eq!((taken, slot.replaced()), (3, 2));
        assert_eq!(slot.take(&mut taken, NOW), Taken::Nothing);
    }

    #[test]
    fn values_go_round_and_none_is_made() {
        let slot = Slot::new(Vec::with_capacity(11), OnFull::Replace);
        let mut given = Vec::with_capacity(12);
        slot.give(&mut given);
        assert_eq!(given.capacity(), 11);
        let mut taken = Vec::<u8>::with_capacity(13);
        slot.take(&mut taken, NOW);
        assert_eq!(taken.capacity(), 12);
        slot.give(&mut given);
        assert_eq!(given.capacity(), 13);
    }

    #[test]
    fn nothing_is_lost_when_the_giver_waits() {
        let slot = Slot::new(0, OnFull::Block);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for mut n in 1..=100 {
                    slot.give(&mut n);
                }
                slot.close();
            });
            let (mut taken, mut all) = (0, Vec::new());
            while slot.take(&mut taken, SOON) == Taken::Fresh {
                all.push(taken);
            }
            assert_eq!(all, (1..=100).collect::<Vec<_>>());
        });
        assert_eq!(slot.replaced(), 0);
    }

    #[test]
    fn closing_frees_a_waiting_giver_and_refuses_the_next() {
        let slot = Slot::new(0, OnFull::Block);
        slot.give(&mut { 1 });
        std::thread::scope(|threads| {
            let giver = threads.spawn(|| slot.give(&mut { 2 }));
            slot.close();
            assert!(!giver.join().expect("no panic"));
        });
        let mut taken = 0;
        assert_eq!(slot.take(&mut taken, NOW), Taken::Fresh);
        assert_eq!(taken, 1);
        assert_eq!(slot.take(&mut taken, SOON), Taken::Closed);
    }
}
