//! Notices on the screen: they come in one after the other, the newest is shown for some seconds.

use std::time::{Duration, Instant};

use super::super::notice::Notice;

/// How long a notice stays, and how long one of an error does.
const INFO: Duration = Duration::from_secs(4);
const ERROR: Duration = Duration::from_secs(10);

/// The newest notice.
#[derive(Debug, Default)]
pub(super) struct ShownNotice(Option<(Instant, Notice)>);

impl ShownNotice {
    /// Show `notice` from `now` on.
    pub(super) fn set(&mut self, notice: Notice, now: Instant) {
        self.0 = Some((now, notice));
    }

    /// The notice, unless its time is over.
    pub(super) fn get(&self, now: Instant) -> Option<&Notice> {
        let (since, notice) = self.0.as_ref()?;
        let stays = if notice.is_error { ERROR } else { INFO };
        (now.duration_since(*since) <= stays).then_some(notice)
    }

    /// Whether an error is shown.
    pub(super) fn is_error(&self, now: Instant) -> bool {
        self.get(now).is_some_and(|notice| notice.is_error)
    }

    /// Show none.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stays_longer_and_can_be_cleared() {
        let (mut shown, now) = (ShownNotice::default(), Instant::now());
        let later = now + Duration::from_secs(6);
        shown.set(Notice::info("saved"), now);
        assert!(shown.get(now).is_some() && !shown.is_error(now) && shown.get(later).is_none());
        shown.set(Notice::error("gone"), now);
        assert!(shown.is_error(later));
        shown.clear();
        assert!(shown.get(now).is_none());
    }
}
