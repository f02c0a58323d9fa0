//! The pieces of a film that is being painted, in a folder beside it: pieces and their records go in; after a kill the whole
//! ones come out again. One run at a time has the folder.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use super::carried_pictures;
use super::painter::Carry;
use crate::error::{Error, Result};
use crate::picture;

/// The file that holds the lock, and the one with the settings that the pieces were painted with.
const LOCK: &str = "lock";
const SETTINGS: &str = "settings";

/// The file that names the film that the pieces are being joined to, until it is whole.
const JOINING: &str = "joining";

/// The extension of files that are not complete.
const INCOMPLETE: &str = ".part";

/// What is known of a piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its number, from 0.
    pub(super) piece: u64,
    /// How many frames it has.
    pub(super) frames: u64,
    /// The ticks of its first and last frame, from the film's first frame.
    pub(super) first: u64,
    pub(super) last: u64,
    /// What painting goes on from behind it; `None` behind the last piece.
    pub(super) carry: Option<Carry>,
}

/// The folder, locked.
pub(super) struct WorkFolder {
    path: PathBuf,
    /// The extension of pieces.
    extension: &'static str,
    _lock: File,
}

impl WorkFolder {
    /// The folder for the film `output`; made when it is not there.
    ///
    /// # Errors
    /// [`Error::Write`] when another run has it, or it cannot be made.
    pub(super) fn open(output: &Path, extension: &'static str) -> Result<Self> {
        let path = Self::path_for(output);
        fs::create_dir_all(&path).map_err(Error::write(&path))?;
        let file = path.join(LOCK);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .map_err(Error::write(&file))?;
        let busy = || {
            let reason = "another run is painting this film; wait for it, or name another output";
            Error::write(output)(std::io::Error::other(reason))
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy()),
            Err(TryLockError::Error(error)) => return Err(Error::write(&file)(error)),
        }
        // The run that had it may have ended and removed the folder between the two steps.
        if !file.exists() {
            return Err(busy());
        }
        Ok(Self {
            path,
            extension,
            _lock: lock,
        })
    }

    fn path_for(output: &Path) -> PathBuf {
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        output.with_file_name(format!(".{name}.impasto-film"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The records of the pieces that are done, in order, if they were made with `settings`; each has `frames` frames. Also
    /// whether there were pieces made with others, which are gone then.
    /// With `pictures` the last record comes with those of its carry.
    pub(super) fn begin(
        &self,
        settings: &str,
        frames: u64,
        pictures: bool,
    ) -> Result<(Vec<Record>, bool)> {
        let file = self.path.join(SETTINGS);
        let same = fs::read_to_string(&file).is_ok_and(|text| text == settings);
        let mut whole = self.records(frames);
        if pictures {
            self.add_pictures(&mut whole);
        }
        // Pieces of another length are not counted as whole.
        let others = !same && self.piece_path(0).is_file();
        let kept = match same {
            true => whole,
            false => Vec::new(),
        };
        self.remove_joined();
        self.remove_behind(kept.len() as u64)?;
        if !same {
            picture::write_bytes(&file, settings.as_bytes())?;
        }
        Ok((kept, others))
    }

    /// Remember that the pieces are being joined to the file `path`, so that the next run removes it when this one is killed.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(super) fn joining(&self, path: &Path) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = self.path.join(JOINING);
        std::fs::write(&file, name.as_bytes()).map_err(Error::write(&file))
    }

    /// Remove what a run that was killed had joined.
    fn remove_joined(&self) {
        let Ok(name) = fs::read_to_string(self.path.join(JOINING)) else {
            return;
        };
        // Only a name that a film has while it is being written.
        if name.ends_with(INCOMPLETE) && !name.contains(['/', '\\']) {
            // It has its final name when it was whole.
            let _ = fs::remove_file(self.path.with_file_name(name));
        }
    }

    /// Whole pieces without a gap from the first one on. A piece with fewer frames was the last one of an earlier run, and
    /// is painted again.
    fn records(&self, frames: u64) -> Vec<Record> {
        let read = |piece: u64| {
            let text = fs::read(self.record_path(piece)).ok()?;
            let record: Record = serde_json::from_slice(&text).ok()?;
            let whole = record.piece == piece && record.frames == frames && record.carry.is_some();
            (whole && self.piece_path(piece).is_file()).then_some(record)
        };
        (0..).map_while(read).collect()
    }

    /// Give the last of `records` the pictures of its carry; records behind the last that has them are left out.
    fn add_pictures(&self, records: &mut Vec<Record>) {
        while let Some(last) = records.last_mut() {
            if let Some(memory) = carried_pictures::read(&self.record_path(last.piece))
                && let Some(carry) = &mut last.carry
            {
                carry.steady = Some(Arc::new(memory));
                return;
            }
            records.pop();
        }
    }

    /// Remove all pieces from number `kept` on, and what a killed run left half-written.
    fn remove_behind(&self, kept: u64) -> Result<()> {
        let failed = |e| Error::write(&self.path)(e);
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(Error::write(&self.path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let piece = name.split('.').next().and_then(|n| n.parse::<u64>().ok());
            if name.ends_with(INCOMPLETE) || piece.is_some_and(|piece| piece >= kept) {
                fs::remove_file(entry.path()).map_err(Error::write(&self.path))?;
            }
        }
        Ok(())
    }

    /// A new file for a piece. It vanishes unless it is kept by [`Place::keep`].
    pub(super) fn new_piece(&self, piece: u64) -> Result<Place> {
        let file = tempfile::Builder::new()
            .prefix(&format!("{piece:06}."))
            .suffix(INCOMPLETE)
            .tempfile_in(&self.path)
            .map_err(Error::write(&self.path))?;
        Ok(Place {
            file: file.into_temp_path(),
            piece: self.piece_path(piece),
            record: self.record_path(piece),
            older_record: piece.checked_sub(2).map(|older| self.record_path(older)),
        })
    }

    /// The name of a piece in the folder.
    pub(super) fn piece_name(&self, piece: u64) -> String {
        format!("{piece:06}.{}", self.extension)
    }

    fn piece_path(&self, piece: u64) -> PathBuf {
        self.path.join(self.piece_name(piece))
    }

    fn record_path(&self, piece: u64) -> PathBuf {
        self.path.join(format!("{piece:06}.json"))
    }

    /// Remove the folder and all that is in it.
    pub(super) fn remove(self) -> Result<()> {
        // The lock goes last: it is the folder's own.
        fs::remove_dir_all(&self.path).map_err(Error::write(&self.path))
    }
}

/// Where a piece is written, and where it goes when it is whole.
pub(super) struct Place {
    file: TempPath,
    piece: PathBuf,
    record: PathBuf,
    /// The record of the piece before the one before.
    older_record: Option<PathBuf>,
}

impl Place {
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// The piece is whole: keep it with its record. The record comes first, so that no piece is without one. The pictures
    /// of the piece before the last are removed: they are as large as a film.
    pub(super) fn keep(self, record: &Record) -> Result<()> {
        if let Some(memory) = record.carry.as_ref().and_then(|c| c.steady.as_ref()) {
            carried_pictures::write(&self.record, memory)?;
        }
        let text = serde_json::to_vec(record)
            .map_err(|e| Error::write(&self.record)(std::io::Error::other(e)))?;
        picture::write_bytes(&self.record, &text)?;
        self.file
            .persist(&self.piece)
            .map_err(|e| Error::write(&self.piece)(e.error))?;
        if let Some(older) = &self.older_record {
            carried_pictures::remove(older);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn put(work: &WorkFolder, piece: u64, frames: u64) {
        let place = work.new_piece(piece).unwrap();
        fs::write(place.path(), "film").unwrap();
        let record = Record {
            piece,
            frames,
            first: piece * 8,
            last: piece * 8 + frames - 1,
            carry: Some(Carry::default()),
        };
        place.keep(&record).unwrap();
    }

    #[test]
    fn whole_pieces_are_found_again_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out.mp4");
        let work = WorkFolder::open(&output, "mp4").unwrap();
        assert!(work.begin("a", 8, false).unwrap().0.is_empty());
        (0..3).for_each(|n| put(&work, n, 8));
        put(&work, 3, 5);
        put(&work, 5, 8);
        fs::write(work.path().join("000004.xyz.part"), "half").unwrap();
        let joined = dir.path().join(".impasto-xyz.part");
        fs::write(&joined, "half").unwrap();
        work.joining(&joined).unwrap();
        drop(work);

        let work = WorkFolder::open(&output, "mp4").unwrap();
        let (records, others) = work.begin("a", 8, false).unwrap();
        assert_eq!(
            records.iter().map(|r| r.last).collect::<Vec<_>>(),
            [7, 15, 23]
        );
        assert!(!others);
        let names = fs::read_dir(work.path()).unwrap().count();
        assert_eq!(
            names,
            3 + 2 * 3,
            "lock, settings, joining, pieces and records"
        );
        assert!(!joined.exists());
        work.remove().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn other_settings_begin_anew_and_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let work = WorkFolder::open(&dir.path().join("out.mp4"), "mp4").unwrap();
        assert_eq!(work.begin("a", 8, false).unwrap(), (Vec::new(), false));
        put(&work, 0, 8);
        assert_eq!(work.begin("b", 6, false).unwrap(), (Vec::new(), true));
        assert_eq!(work.begin("b", 8, false).unwrap(), (Vec::new(), false));
    }

    #[test]
    fn a_second_run_is_refused_until_the_first_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out.mp4");
        let first = WorkFolder::open(&output, "mp4").unwrap();
        let said = WorkFolder::open(&output, "mp4").err().unwrap().to_string();
        assert!(
            said.contains("another run") && said.contains("out.mp4"),
            "{said}"
        );
        drop(first);
        WorkFolder::open(&output, "mp4").unwrap();
    }
}
