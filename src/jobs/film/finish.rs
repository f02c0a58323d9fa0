//! The pieces of a film in; the film under its name out, or, when it ended early, what there is under another name.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::job::FilmJob;
use super::source::Source;
use super::work_folder::{Record, WorkFolder};
use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::progress::Progress;
use crate::video::ffmpeg::{Container, Joining, Part, StreamCopy, StreamKind, join};

/// The file in the work folder that says that the part of the film beside it is this job's own.
const MARKER: &str = "part";

/// How long joining a part may take when the user wants to stop: the pieces are there anyway.
const LONGEST_JOIN: Duration = Duration::from_secs(5);

pub(super) struct Finish<'a> {
    pub(super) job: &'a FilmJob,
    pub(super) source: &'a Source,
    pub(super) work: Arc<WorkFolder>,
    pub(super) records: Vec<Record>,
    pub(super) streams: Vec<StreamCopy>,
    pub(super) container: Container,
}

impl Finish<'_> {
    /// Join all pieces to the film, and remove the work folder. The number of tracks of sound.
    pub(super) fn complete(self, progress: &mut dyn Progress) -> Result<usize> {
        if let Err(error) = self.write(&self.job.output, true, progress) {
            let folder = self.work.path().display();
            progress.note(&format!(
                "all frames are painted, and kept in {folder}; the same command joins them"
            ));
            return Err(error);
        }
        let (part, marker) = (self.part_path(), self.work.path().join(MARKER));
        if marker.exists() {
            // It is in the film, and may be gone already.
            let _ = std::fs::remove_file(part);
        }
        let sound = self
            .streams
            .iter()
            .filter(|s| s.kind() == StreamKind::Audio)
            .count();
        if let Ok(work) = Arc::try_unwrap(self.work) {
            work.remove()?;
        }
        Ok(sound)
    }

    /// Join what there is to a playable film beside the output, because of `error`, which comes back; where it is is said in a
    /// note. `resumable`: the job can go on from there later, so the pieces are kept.
    pub(super) fn keep_part(
        self,
        error: Error,
        resumable: bool,
        progress: &mut dyn Progress,
    ) -> Error {
        if !self.work.path().is_dir() && !matches!(error, Error::Interrupted) {
            // The pieces are gone with it; what became of the next one is not what the user can mend.
            let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Error::write(&self.job.output)(gone);
        }
        let frames: u64 = self.records.iter().map(|record| record.frames).sum();
        let path = self.part_path();
        let kept = match (frames, &error) {
            (0, _) => Ok(()),
            (_, Error::Interrupted) => self.write_part(&path, &mut Until::within(LONGEST_JOIN)),
            _ => self.write_part(&path, progress),
        };
        let total = self.source.timeline.frames;
        let place = match &kept {
            Ok(()) => path.display().to_string(),
            Err(Error::Interrupted) => {
                let folder = self.work.path().display();
                format!("in {folder} (joining them takes longer than a moment)")
            }
            Err(why) => format!("in {} ({why})", self.work.path().display()),
        };
        if frames > 0 {
            progress.note(&match (&error, resumable) {
                (_, false) => format!("what there is of it is painted, {frames} frames: {place}"),
                (Error::Interrupted, true) => {
                    format!("{frames} of {total} frames are painted: {place}; the same command goes on from there")
                }
                (_, true) => format!(
                    "{frames} of {total} frames are painted: {place}; once the cause is gone, the same command goes on from there"
                ),
            });
        }
        if (frames == 0 || !resumable)
            && kept.is_ok()
            && let Ok(work) = Arc::try_unwrap(self.work)
        {
            // What cannot be removed now is removed by the next run.
            let _ = work.remove();
        }
        error
    }

    /// Write the part, unless a file that is not this job's own has its name.
    fn write_part(&self, path: &Path, progress: &mut dyn Progress) -> Result<()> {
        let marker = self.work.path().join(MARKER);
        if path.exists() && !marker.exists() {
            let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Error::write(path)(taken));
        }
        std::fs::write(&marker, "").map_err(Error::write(&marker))?;
        self.write(path, false, progress)
    }

    /// `out.part.mp4` for `out.mp4`.
    fn part_path(&self) -> PathBuf {
        let output = &self.job.output;
        let extension = output.extension().unwrap_or_default().to_string_lossy();
        output.with_extension(format!("part.{extension}"))
    }

    fn write(&self, path: &Path, whole: bool, progress: &mut dyn Progress) -> Result<()> {
        let pending = Pending::create(path)?;
        self.work.joining(pending.other_name())?;
        let parts: Vec<Part> = self
            .records
            .iter()
            .map(|record| Part {
                name: self.work.piece_name(record.piece),
                begins: record.first,
            })
            .collect();
        let frames: u64 = self.records.iter().map(|record| record.frames).sum();
        let joining = Joining {
            ffmpeg: &self.source.ffmpeg,
            film: &self.source.film,
            timeline: &self.source.timeline,
            range: self.source.range,
            folder: self.work.path(),
            parts: &parts,
            frames: whole.then_some(frames),
            end: self.records.last().map_or(0, |record| record.last + 1),
            streams: &self.streams,
            container: self.container,
        };
        join(&joining, pending.other_name(), progress).map_err(|error| match error {
            // Under the name that the user knows.
            Error::Write { source, .. } => Error::write(path)(source),
            other => other,
        })?;
        pending.keep()
    }
}

/// Breaks off at a time, and says nothing.
struct Until(Instant);

impl Until {
    fn within(time: Duration) -> Self {
        Self(Instant::now() + time)
    }
}

impl Progress for Until {
    fn step(&mut self, _done: usize, _total: usize, _next: &str) -> ControlFlow<()> {
        match Instant::now() < self.0 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn note(&mut self, _note: &str) {}
}
