//! Records what is shown: frames go in, an MP4 file comes out, or a Y4M file where ffmpeg is missing.

mod ffmpeg;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{FilmFormat, Frame, FrameSink, OnFull, Slot, Taken, y4m};
use crate::error::{Error, Result};
use ffmpeg::{Encoder, Watchdog, codec};

/// How long the writer waits for a frame before it looks whether the recording is over.
const TIMEOUT: Duration = Duration::from_millis(200);

/// The time between two looks at a film that is being completed.
const LOOK: Duration = Duration::from_millis(5);

/// Seconds for which one frame is repeated at most: a longer gap is shortened to this.
const LONGEST_GAP: f64 = 60.0;

/// Records the frames that it is shown at a constant rate. Frames are repeated or left out according to the times at which
/// they were taken, so that the recording plays in real time. Encoding happens in a thread and in another process; a
/// slot between them and the caller keeps the caller from waiting. A frame that the encoder has no time for is replaced
/// by a repeat of the one before.
pub struct Recorder {
    slot: Arc<Slot<Frame>>,
    spare: Frame,
    writer: Option<JoinHandle<Result<bool>>>,
    watchdog: Option<Watchdog>,
    /// Whether the film was completed, and has a frame.
    written: bool,
    path: PathBuf,
    description: String,
    began: Instant,
}

impl Recorder {
    /// Begin a film at `path`, which ends in `.mp4` and must not exist yet. It appears at [`FrameSink::finish`]. Without
    /// ffmpeg it is a Y4M film with the extension `.y4m`: see [`Recorder::path`].
    ///
    /// # Errors
    /// [`Error::Write`] when it exists already or cannot be written.
    pub fn start(path: &Path, format: FilmFormat) -> Result<Self> {
        Self::start_with("ffmpeg", path, format)
    }

    fn start_with(ffmpeg: &str, path: &Path, format: FilmFormat) -> Result<Self> {
        let codec = codec(ffmpeg);
        let path = match codec {
            Some(_) => path.to_owned(),
            None => path.with_extension("y4m"),
        };
        if path.exists() {
            let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Error::write(&path)(taken));
        }
        let (output, description) = match codec {
            Some(codec) => (
                Output::Ffmpeg(Encoder::start(ffmpeg, codec, &path, format)?),
                format!("MP4, {codec}"),
            ),
            None => (
                Output::Y4m(y4m::FileWriter::create(&path, format)?),
                "Y4M, large: there is no ffmpeg that works to make an MP4".to_owned(),
            ),
        };
        let watchdog = output.watchdog();
        let slot = Arc::new(Slot::new(Frame::empty(), OnFull::Replace));
        let theirs = slot.clone();
        let writer = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let done = write(output, &theirs, format.rate.value());
                theirs.close();
                done
            })
            .map_err(|e| Error::invalid("recorder thread", e.to_string()))?;
        Ok(Self {
            slot,
            spare: Frame::empty(),
            writer: Some(writer),
            watchdog,
            written: false,
            path,
            description,
            began: Instant::now(),
        })
    }

    /// Where the film will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The format, and why it was chosen, for people.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether there is a film now: `false` before [`FrameSink::finish`], and where it had no frame.
    pub fn is_written(&self) -> bool {
        self.written
    }

    /// How long it has been recording.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl FrameSink for Recorder {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        self.spare.clone_from(frame);
        if !self.slot.put(&mut self.spare) {
            // The writer has ended early; its result says why.
            self.finish()?;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> Result<()> {
        self.slot.close();
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        while !writer.is_finished() {
            if let Some(watchdog) = &mut self.watchdog {
                watchdog.look();
            }
            thread::sleep(LOOK);
        }
        let done = writer
            .join()
            .unwrap_or_else(|_| Err(Error::panicked("recorder")));
        self.written = done?;
        Ok(())
    }
}

enum Output {
    Ffmpeg(Encoder),
    Y4m(y4m::FileWriter),
}

impl Output {
    fn show(&mut self, frame: &Frame) -> Result<()> {
        match self {
            Self::Ffmpeg(encoder) => encoder.show(frame),
            Self::Y4m(writer) => writer.show(frame).map(drop),
        }
    }

    fn watchdog(&self) -> Option<Watchdog> {
        match self {
            Self::Ffmpeg(encoder) => Some(encoder.watchdog()),
            Self::Y4m(_) => None,
        }
    }

    /// Complete the film. `false`: it had no frame, and there is no file.
    fn finish(self) -> Result<bool> {
        match self {
            Self::Ffmpeg(encoder) => encoder.finish(),
            Self::Y4m(mut writer) => {
                writer.finish()?;
                Ok(writer.is_written())
            }
        }
    }
}

/// The recorder's thread.
fn write(mut output: Output, slot: &Slot<Frame>, rate: f64) -> Result<bool> {
    let mut frame = Frame::empty();
    let mut repeats = RepeatCount::new(rate);
    loop {
        match slot.take(&mut frame, TIMEOUT) {
            Taken::Closed => return output.finish(),
            Taken::TimedOut => {}
            Taken::Value => {
                for _ in 0..repeats.due(frame.captured) {
                    output.show(&frame)?;
                }
            }
        }
    }
}

/// How often a frame is to be written so that the film plays in real time.
struct RepeatCount {
    rate: f64,
    began: Option<Instant>,
    written: u64,
}

impl RepeatCount {
    fn new(rate: f64) -> Self {
        Self {
            rate,
            began: None,
            written: 0,
        }
    }

    fn due(&mut self, captured: Instant) -> u64 {
        let began = *self.began.get_or_insert(captured);
        let seconds = captured.saturating_duration_since(began).as_secs_f64();
        // The number of frames that the film has after this one; half a frame early counts as on time.
        let until = (seconds * self.rate + 0.5) as u64 + 1;
        let most = (LONGEST_GAP * self.rate) as u64 + 1;
        let due = until.saturating_sub(self.written).min(most);
        self.written = self.written.max(until);
        due
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::video::Ratio;

    const FORMAT: FilmFormat = FilmFormat::square(Ratio::whole(25));

    #[test]
    fn frames_are_repeated_and_left_out_by_their_times() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut count = RepeatCount::new(10.0);
        // On time, on time, too early, after a gap of three.
        let due: Vec<u64> = [0, 100, 130, 500].map(|ms| count.due(at(ms))).to_vec();
        assert_eq!(due, [1, 1, 0, 4]);
        assert!(count.due(at(3_600_000)) <= 601);
    }

    fn frame(n: u64, began: Instant) -> Frame {
        let mut frame = Frame::empty();
        frame.rgb = image::RgbImage::from_fn(65, 48, |x, y| {
            image::Rgb([x as u8 * 3, y as u8 * 5, n as u8 * 8])
        });
        frame.captured = began + Duration::from_millis(n * 40);
        frame.number = n;
        frame
    }

    /// Shows 25 frames of a second, each once it was taken.
    fn record(recorder: &mut Recorder) {
        let began = Instant::now();
        for n in 0..25 {
            assert!(recorder.show(&frame(n, began)).unwrap().is_continue());
            while recorder.slot.is_full() {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn without_ffmpeg_it_is_a_y4m_film_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        let mut recorder = Recorder::start_with("no-such-program", &path, FORMAT).unwrap();
        assert!(recorder.description().contains("there is no ffmpeg"));
        record(&mut recorder);
        recorder.finish().unwrap();
        let film = std::fs::read(folder.path().join("a.y4m")).unwrap();
        assert_eq!(film.windows(6).filter(|w| *w == b"FRAME\n").count(), 25);
        assert!(
            Recorder::start_with("no-such-program", &path, FORMAT).is_err(),
            "it is there already"
        );
    }

    #[test]
    fn with_ffmpeg_it_is_an_mp4_of_the_right_length() {
        if codec("ffmpeg").is_none() {
            eprintln!("skipped: no ffmpeg here");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        let mut recorder = Recorder::start(&path, FORMAT).unwrap();
        record(&mut recorder);
        assert!(!path.exists());
        recorder.finish().unwrap();
        let probed = std::process::Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-count_frames",
                "-show_entries",
                "stream=nb_read_frames,width,height",
            ])
            .args(["-of", "csv=p=0"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&probed.stdout).trim(), "64,48,25");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_came_meanwhile_is_not_replaced() {
        if codec("ffmpeg").is_none() {
            eprintln!("skipped: no ffmpeg here");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("-a 'b' $c.mp4");
        let mut recorder = Recorder::start(&path, FORMAT).unwrap();
        record(&mut recorder);
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(recorder.finish().is_err(), cfg!(unix));
        if cfg!(unix) {
            assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        }
        drop(recorder);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_recording_without_a_frame_is_no_file_and_no_error() {
        for ffmpeg in ["ffmpeg", "no-such-program"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.mp4");
            let mut recorder = Recorder::start_with(ffmpeg, &path, FORMAT).unwrap();
            recorder.finish().unwrap();
            assert!(!recorder.is_written());
            drop(recorder);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    /// A program called ffmpeg that says which encoders it has, then runs `text`.
    #[cfg(unix)]
    fn fake(folder: &tempfile::TempDir, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let fake = folder.path().join("ffmpeg");
        let script =
            format!("#!/bin/sh\ncase \"$*\" in *-encoders*) echo libx264;; *) {text};; esac\n");
        std::fs::write(&fake, script).unwrap();
        std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
        fake.to_str().unwrap().to_owned()
    }

    #[cfg(unix)]
    #[test]
    fn an_ffmpeg_that_hangs_is_ended_and_nothing_stays() {
        for text in ["sleep 60", "cat > /dev/null; sleep 60"] {
            let (folder, films) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let path = films.path().join("a.mp4");
            let mut recorder = Recorder::start_with(&fake(&folder, text), &path, FORMAT).unwrap();
            let began = Instant::now();
            for n in 0..50 {
                assert!(recorder.show(&frame(n, began)).unwrap().is_continue());
                thread::sleep(Duration::from_millis(2));
            }
            let said = recorder.finish().unwrap_err().to_string();
            assert!(said.contains("a.mp4") && said.contains("killed"), "{said}");
            assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
            assert_eq!(std::fs::read_dir(films.path()).unwrap().count(), 0);
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_ffmpeg_that_dies_is_quoted_and_nothing_stays() {
        let (folder, films) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let fake = fake(&folder, "echo 'no room' >&2; exit 1");
        let path = films.path().join("a.mp4");
        let mut recorder = Recorder::start_with(&fake, &path, FORMAT).unwrap();
        let began = Instant::now();
        let mut result = Ok(());
        for n in 0..10_000 {
            match recorder.show(&frame(n, began)) {
                Ok(_) => thread::sleep(Duration::from_millis(1)),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        let said = result.and(recorder.finish()).unwrap_err().to_string();
        assert!(said.contains("no room"), "{said}");
        assert_eq!(std::fs::read_dir(films.path()).unwrap().count(), 0);
    }
}
