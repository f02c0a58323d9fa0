//! A slot between two threads that holds at most one value: the producer puts values in, the consumer takes them out.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What happens when a value is put into a full slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// The new value replaces the old one: for a camera, whose old frames nobody wants.
    Replace,
    /// The producer waits: for a file, of which no frame may be lost.
    Block,
}

/// What [`Slot::take`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A value.
    Value,
    /// No value came in time.
    TimedOut,
    /// The slot was closed and is empty: no value will come.
    Closed,
}

/// What [`Slot::put_within`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The value is in the slot, and a used one in its place.
    Done,
    /// The slot stayed full.
    TimedOut,
    /// The slot was closed: the consumer is gone.
    Closed,
}

/// A slot for one value between a producer and a consumer. Values are swapped, never copied: each side gets back a used
/// value whose buffers it can fill again, so three values serve a stream of any length.
#[derive(Debug)]
pub struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    on_full: OnFull,
}

#[derive(Debug)]
struct State<T> {
    value: T,
    full: bool,
    closed: bool,
    replaced: u64,
}

impl<T> Slot<T> {
    /// An empty slot; `spare` is the value that the producer gets back first.
    pub fn new(spare: T, on_full: OnFull) -> Self {
        Self {
            state: Mutex::new(State {
                value: spare,
                full: false,
                closed: false,
                replaced: 0,
            }),
            changed: Condvar::new(),
            on_full,
        }
    }

    /// Put `value` in; a used one is in its place afterwards. `false` when the slot is closed: the consumer is gone.
    pub fn put(&self, value: &mut T) -> bool {
        let mut state = self.lock();
        while self.on_full == OnFull::Block && state.full && !state.closed {
            state = self.wait(state);
        }
        if state.closed {
            return false;
        }
        state.replaced += u64::from(state.full);
        std::mem::swap(&mut state.value, value);
        state.full = true;
        self.changed.notify_all();
        true
    }

    /// As [`Slot::put`], waiting at most `timeout`.
    pub fn put_within(&self, value: &mut T, timeout: Duration) -> Put {
        let until = Instant::now() + timeout;
        let mut state = self.lock();
        while self.on_full == OnFull::Block && state.full && !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Put::TimedOut;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        match self.put(value) {
            true => Put::Done,
            false => Put::Closed,
        }
    }

    /// Take the value out into `value`, waiting at most `timeout` for one.
    pub fn take(&self, value: &mut T, timeout: Duration) -> Taken {
        let until = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if state.full {
                std::mem::swap(&mut state.value, value);
                state.full = false;
                self.changed.notify_all();
                return Taken::Value;
            }
            if state.closed {
                return Taken::Closed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::TimedOut;
            }
            // A thread that panicked while it held the lock left a whole value behind: a swap is never half done.
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// No more values can be put in; one that is in the slot can still be taken out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether [`Slot::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Whether a value waits to be taken out.
    pub fn is_full(&self) -> bool {
        self.lock().full
    }

    /// How many values were replaced before they were taken out.
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
            assert!(slot.put(&mut { n }));
        }
        let mut taken = 0;
        assert_eq!(slot.take(&mut taken, NOW), Taken::Value);
        assert_eq!((taken, slot.replaced()), (3, 2));
        assert_eq!(slot.take(&mut taken, NOW), Taken::TimedOut);
    }

    #[test]
    fn values_are_reused_and_none_is_made() {
        let slot = Slot::new(Vec::with_capacity(11), OnFull::Replace);
        let mut put = Vec::with_capacity(12);
        slot.put(&mut put);
        assert_eq!(put.capacity(), 11);
        let mut taken = Vec::<u8>::with_capacity(13);
        slot.take(&mut taken, NOW);
        assert_eq!(taken.capacity(), 12);
        slot.put(&mut put);
        assert_eq!(put.capacity(), 13);
    }

    #[test]
    fn nothing_is_lost_when_the_producer_waits() {
        let slot = Slot::new(0, OnFull::Block);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for mut n in 1..=100 {
                    slot.put(&mut n);
                }
                slot.close();
            });
            let (mut taken, mut all) = (0, Vec::new());
            while slot.take(&mut taken, SOON) == Taken::Value {
                all.push(taken);
            }
            assert_eq!(all, (1..=100).collect::<Vec<_>>());
        });
        assert_eq!(slot.replaced(), 0);
    }

    #[test]
    fn a_producer_need_not_wait_for_ever() {
        let slot = Slot::new(0, OnFull::Block);
        assert_eq!(slot.put_within(&mut { 1 }, NOW), Put::Done);
        assert_eq!(slot.put_within(&mut { 2 }, NOW), Put::TimedOut);
        let mut taken = 0;
        assert_eq!(slot.take(&mut taken, NOW), Taken::Value);
        assert_eq!((taken, slot.put_within(&mut { 3 }, SOON)), (1, Put::Done));
        slot.close();
        assert_eq!(slot.put_within(&mut { 4 }, SOON), Put::Closed);
    }

    #[test]
    fn closing_wakes_a_waiting_producer_and_refuses_the_next() {
        let slot = Slot::new(0, OnFull::Block);
        slot.put(&mut { 1 });
        std::thread::scope(|threads| {
            let producer = threads.spawn(|| slot.put(&mut { 2 }));
            slot.close();
            assert!(!producer.join().expect("no panic"));
        });
        let mut taken = 0;
        assert_eq!(slot.take(&mut taken, NOW), Taken::Value);
        assert_eq!(taken, 1);
        assert_eq!(slot.take(&mut taken, SOON), Taken::Closed);
    }
}
