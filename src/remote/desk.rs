//! Where controls are put and taken, and where the session says how it stands.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;
use serde::Serialize;

use super::control::Control;

/// The most controls that wait. A turned knob sends some 100 a second and a session takes them with every frame; what
/// comes faster is refused, so that a flood cannot fill the memory.
const MOST_WAITING: usize = 512;

/// Too many controls wait: the session does not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many controls at once; send fewer")]
pub struct Busy;

/// How the session stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Status {
    /// The styles, in the order of the strip.
    pub styles: Vec<String>,
    /// The weight of each; they sum to 1.
    pub weights: Vec<f32>,
    /// Whether there is a small picture of each.
    pub thumbnails: Vec<bool>,
    /// Counts up when a style joins or gets another thumbnail.
    pub styles_version: u64,
    /// The style that the glide goes to.
    pub target: usize,
    /// The styles in the pad's corners: upper left, upper right, lower left, lower right.
    pub pad: [usize; 4],
    /// How much of the painting, 0..=1.
    pub strength: f32,
    /// The size of strokes.
    pub brush: f32,
    /// Seconds that a glide takes.
    pub glide: f64,
    /// Whether the tour goes on.
    pub touring: bool,
    /// Whether the picture stands still.
    pub paused: bool,
    /// Whether a film is recorded.
    pub recording: bool,
    /// Whether it is flipped left and right.
    pub mirror: bool,
    /// Whether strokes are held steady.
    pub steady: bool,
    /// Whether the background only is painted.
    pub background_only: bool,
    /// `off`, `luminance` or `histogram`: the way of keeping colours.
    pub keep_colors: String,
    /// Beats a minute, if glides are locked to them.
    pub tempo: Option<f64>,
    /// The beat of the bar, 1..=4, while there is a tempo.
    pub beat: Option<u8>,
    /// Frames a second.
    pub fps: f64,
    /// Frames that were shown since the session began.
    pub frames: u64,
    /// Milliseconds from capture to show.
    pub latency_ms: f64,
    /// Width and height of the source.
    pub size: (u32, u32),
    /// What the session told its user last.
    pub notice: Option<String>,
    /// Whether that is about something that went wrong.
    pub notice_is_error: bool,
    /// How many notices there were: the same words may come twice.
    pub notices: u64,
}

/// The desk of a session; clones are the same desk.
#[derive(Debug, Clone)]
pub struct Desk {
    controls: SyncSender<Control>,
    status: Arc<Mutex<Status>>,
    thumbnails: Arc<Mutex<Vec<Thumbnail>>>,
}

/// The small picture of a style, once there is one.
type Thumbnail = Option<Arc<RgbImage>>;

impl Desk {
    /// A desk, and where the session takes its controls.
    pub fn new() -> (Self, Receiver<Control>) {
        let (controls, taken) = sync_channel(MOST_WAITING);
        let desk = Self {
            controls,
            status: Arc::default(),
            thumbnails: Arc::default(),
        };
        (desk, taken)
    }

    /// Ask for something.
    ///
    /// # Errors
    /// [`Busy`] when too many controls wait, or the session has ended.
    pub fn put(&self, control: Control) -> Result<(), Busy> {
        match self.controls.try_send(control) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Busy),
        }
    }

    /// How the session stands.
    pub fn status(&self) -> Status {
        self.lock().clone()
    }

    /// Read something of how the session stands, without a copy of all.
    pub fn read<T>(&self, look: impl FnOnce(&Status) -> T) -> T {
        look(&self.lock())
    }

    /// Change what clients are told.
    pub fn publish(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.lock());
    }

    /// Tell which styles there are, with their thumbnails. Costs nothing while they stay the same.
    pub fn publish_styles<'a>(
        &self,
        styles: impl ExactSizeIterator<Item = (&'a String, &'a Option<Arc<RgbImage>>)> + Clone,
    ) {
        let mut shown = self.thumbnails();
        let address = |thumbnail: &Thumbnail| thumbnail.as_ref().map(Arc::as_ptr);
        let same_pictures = shown.len() == styles.len()
            && (shown.iter().zip(styles.clone())).all(|(a, (_, b))| address(a) == address(b));
        let mut status = self.lock();
        let same_names = status
            .styles
            .iter()
            .eq(styles.clone().map(|(name, _)| name));
        if !(same_pictures && same_names) {
            status.styles = styles.clone().map(|(name, _)| name.clone()).collect();
            status.styles_version += 1;
            status.thumbnails = styles
                .clone()
                .map(|(_, picture)| picture.is_some())
                .collect();
            *shown = styles.map(|(_, thumbnail)| thumbnail.clone()).collect();
        }
    }

    /// The thumbnail of a style, once there is one.
    pub fn thumbnail(&self, style: usize) -> Option<Arc<RgbImage>> {
        self.thumbnails().get(style).cloned().flatten()
    }

    fn thumbnails(&self) -> std::sync::MutexGuard<'_, Vec<Thumbnail>> {
        (self.thumbnails.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_what_waits_is_kept_in_order() {
        let (desk, taken) = Desk::new();
        for n in 0..MOST_WAITING {
            desk.put(Control::GlideBy(n as isize)).unwrap();
        }
        assert_eq!(desk.put(Control::Save), Err(Busy));
        assert!(matches!(taken.recv().unwrap(), Control::GlideBy(0)));
        desk.put(Control::Save).unwrap();
        drop(taken);
        assert_eq!(desk.put(Control::Save), Err(Busy));
    }

    #[test]
    fn all_clones_show_what_was_published() {
        let (desk, _taken) = Desk::new();
        let other = desk.clone();
        desk.publish(|status| status.strength = 0.5);
        assert_eq!(other.status().strength, 0.5);
    }

    #[test]
    fn styles_have_a_new_version_only_when_they_change() {
        let (desk, _taken) = Desk::new();
        let mut styles = vec![("wave".to_owned(), None)];
        let publish = |styles: &[(String, Thumbnail)]| {
            desk.publish_styles(styles.iter().map(|(name, picture)| (name, picture)));
            desk.status().styles_version
        };
        assert_eq!((publish(&styles), publish(&styles)), (1, 1));
        styles[0].1 = Some(Arc::new(RgbImage::new(1, 1)));
        assert_eq!((publish(&styles), publish(&styles)), (2, 2));
        styles.push(("scream".to_owned(), None));
        assert_eq!(publish(&styles), 3);
        assert_eq!(desk.status().thumbnails, [true, false]);
        assert!(desk.thumbnail(0).is_some() && desk.thumbnail(1).is_none());
        assert!(desk.thumbnail(usize::MAX).is_none());
    }
}
