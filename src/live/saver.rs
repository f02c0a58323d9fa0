//! Saves pictures by key: a pastiche and its photo go in, two PNG files come out.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use image::RgbImage;

use super::notice::Notice;
use crate::picture;

/// The most pairs that are written at a time: more would only fill the memory.
const MOST_WRITING: usize = 4;

/// Writes pairs of pictures in threads of their own: encoding takes longer than a frame.
pub(super) struct Saver {
    folder: PathBuf,
    next: u32,
    written: Vec<PathBuf>,
    writing: Vec<JoinHandle<()>>,
}

impl Saver {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            next: 1,
            written: Vec::new(),
            writing: Vec::new(),
        }
    }

    /// Paths `impasto-0001<end>`, one for each end, of which none exists yet.
    pub(super) fn new_paths(&mut self, ends: &[&str]) -> Vec<PathBuf> {
        loop {
            let stem = format!("impasto-{:04}", self.next);
            let paths: Vec<PathBuf> = ends
                .iter()
                .map(|end| self.folder.join(format!("{stem}{end}")))
                .collect();
            self.next += 1;
            if paths.iter().all(|path| !path.exists()) {
                return paths;
            }
        }
    }

    /// Save the pastiche and the photo; a notice follows when that is done, or at once when too many are being saved.
    pub(super) fn save(
        &mut self,
        pastiche: &RgbImage,
        content: &RgbImage,
        notices: &Sender<Notice>,
    ) {
        self.writing.retain(|thread| !thread.is_finished());
        if self.writing.len() >= MOST_WRITING {
            drop(notices.send(Notice::error("too many pictures at once; try again")));
            return;
        }
        let paths = self.new_paths(&[".png", "-photo.png"]);
        self.written.extend_from_slice(&paths);
        let (pictures, notices) = ([pastiche.clone(), content.clone()], notices.clone());
        self.writing.push(thread::spawn(move || {
            let mut notice = Notice::info(format!("saved {}", paths[0].display()));
            for (path, picture) in paths.iter().zip(&pictures) {
                if let Err(error) = picture::save(path, picture, None) {
                    notice = Notice::error(error);
                }
            }
            // The session may have ended meanwhile; the files exist all the same.
            drop(notices.send(notice));
        }));
    }

    /// Note a film that was begun at `path`.
    pub(super) fn add_film(&mut self, path: PathBuf) {
        self.written.push(path);
    }

    /// Wait for the threads; gives the paths of everything that was written.
    pub(super) fn finish(self) -> Vec<PathBuf> {
        for thread in self.writing {
            // A thread that panicked has written nothing; such paths are removed below.
            drop(thread.join());
        }
        let mut written = self.written;
        written.retain(|path| path.exists());
        written
    }
}
