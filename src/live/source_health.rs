//! Whether frames still come: the time since the last one and the state of the capture thread go in, the reason for a
//! gap comes out.

use std::time::Duration;

use super::capture::Status;
use crate::progress::Progress;

/// How long frames may stay away before the user is told.
const SILENCE: Duration = Duration::from_secs(2);

/// What the card in the window says while no frames come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outage {
    pub(super) title: &'static str,
    pub(super) reason: String,
}

/// Tells the terminal once of each gap, and when it is over.
#[derive(Debug, Default)]
pub(super) struct SourceHealth {
    reported: Option<String>,
}

impl SourceHealth {
    /// `None` while frames come, which are `silent` after the last one.
    pub(super) fn check(
        &mut self,
        silent: Duration,
        status: impl FnOnce() -> Status,
        progress: &mut dyn Progress,
    ) -> Option<Outage> {
        if silent < SILENCE {
            if self.reported.take().is_some() {
                progress.note("camera is back");
            }
            return None;
        }
        let status = status();
        let title = if status.is_camera {
            "camera lost"
        } else {
            "no frames"
        };
        // The seconds change and the reason does not: the terminal is told of the reason only.
        let (reason, seconds) = match status.lost {
            Some(lost) => {
                let seconds = lost.since.elapsed().as_secs();
                (lost.reason, format!(" (looking for it, {seconds} s)"))
            }
            None => (
                format!("{} is silent: no pictures", status.describe),
                format!(" for {} s", silent.as_secs()),
            ),
        };
        if self.reported.as_ref() != Some(&reason) {
            progress.note(&format!("{title}: {reason}{seconds}"));
            self.reported = Some(reason.clone());
        }
        Some(Outage {
            title,
            reason: reason + &seconds,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ops::ControlFlow;
    use std::time::Instant;

    use super::super::capture::Lost;
    use super::*;

    #[derive(Default)]
    struct Notes(Vec<String>);

    impl Progress for Notes {
        fn step(&mut self, _: usize, _: usize, _: &str) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn note(&mut self, note: &str) {
            self.0.push(note.to_owned());
        }
    }

    #[test]
    fn each_gap_is_reported_once_and_so_is_its_end() {
        let (mut health, mut notes) = (SourceHealth::default(), Notes::default());
        let lost = |reason: &str| Status {
            is_camera: true,
            lost: Some(Lost {
                reason: reason.to_owned(),
                since: Instant::now(),
            }),
            ..Status::default()
        };
        let mut check = |seconds: f64, status: Status| {
            health.check(Duration::from_secs_f64(seconds), || status, &mut notes)
        };
        assert_eq!(check(0.5, lost("Desk: is gone")), None);
        for seconds in [3.0, 4.0, 5.0] {
            let outage = check(seconds, lost("Desk: is gone")).unwrap();
            assert!(outage.title == "camera lost" && outage.reason.contains("Desk: is gone"));
        }
        check(6.0, lost("Desk: is in use")).unwrap();
        assert_eq!(check(0.0, Status::default()), None);
        let silent = check(9.0, Status::default()).unwrap();
        assert!(silent.title == "no frames" && silent.reason.ends_with("for 9 s"));
        assert_eq!(notes.0.len(), 4, "{:?}", notes.0);
        assert_eq!(notes.0[2], "camera is back");
    }
}
