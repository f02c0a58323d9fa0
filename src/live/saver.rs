//! Pictures that the user saves while the film goes on.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use image::RgbImage;

use crate::picture;

/// Writes picture pairs in threads of their own: encoding takes longer than a frame.
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

    /// A path `impasto-0001<end>` that is not taken, nor its siblings with the other ends.
    pub(super) fn fresh(&mut self, ends: &[&str]) -> Vec<PathBuf> {
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

    /// Save what is seen, and the photo beside it; says so in `notices` when it is done.
    pub(super) fn save(
        &mut self,
        pastiche: &RgbImage,
        content: &RgbImage,
        notices: &Sender<String>,
    ) {
        let paths = self.fresh(&[".png", "-photo.png"]);
        self.written.extend_from_slice(&paths);
        let (pictures, notices) = ([pastiche.clone(), content.clone()], notices.clone());
        self.writing.retain(|thread| !thread.is_finished());
        self.writing.push(thread::spawn(move || {
            let mut said = format!("saved {}", paths[0].display());
            for (path, picture) in paths.iter().zip(&pictures) {
                if let Err(error) = picture::save(path, picture, None) {
                    said = error.to_string();
                }
            }
            // The session may have ended meanwhile; the files are there all the same.
            drop(notices.send(said));
        }));
    }

    /// A film that was begun at `path`.
    pub(super) fn began(&mut self, path: PathBuf) {
        self.written.push(path);
    }

    /// Wait for what is being written; everything that was.
    pub(super) fn finish(self) -> Vec<PathBuf> {
        for thread in self.writing {
            // A thread that panicked has written nothing, which the next line finds out.
            drop(thread.join());
        }
        let mut written = self.written;
        written.retain(|path| path.exists());
        written
    }
}
