//! The embedder thread: reads paintings, and the photo's own embedding, while the painter paints.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::commands::Command;
use super::strip::{Entry, THUMBNAIL};
use super::watch::Folder;
use crate::error::{Error, Result};
use crate::picture;
use crate::style::{Predictor, StyleEmbedding};

/// How often the watched folder is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Pictures that wait to be read. More than a person drops at once; when it is full, the painter's request for its
/// own embedding is simply left out.
const WAITING: usize = 16;

/// What to read.
pub(super) enum Request {
    /// A painting's file: a new style of the strip, to which the picture then glides if `glide`.
    Painting { path: PathBuf, glide: bool },
    /// The content, for strengths below 1; the buffer comes back with the answer.
    Own(RgbImage),
}

/// The thread's end that others hold. It ends when the last of them is dropped.
#[derive(Clone)]
pub(super) struct Embedder {
    requests: SyncSender<Request>,
}

impl Embedder {
    /// Start it; answers go to `answers`.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(super) fn start(
        predictor: Option<Predictor>,
        folder: Option<Folder>,
        answers: Sender<Command>,
    ) -> Result<Self> {
        let (requests, waiting) = sync_channel(WAITING);
        thread::Builder::new()
            .name("embedder".to_owned())
            .spawn(move || {
                let mut work = Work {
                    predictor,
                    answers,
                    began: Instant::now(),
                };
                work.serve(&waiting, folder);
            })
            .map_err(|e| Error::invalid("embedder thread", e.to_string()))?;
        Ok(Self { requests })
    }

    /// Ask; gives the request back when too many wait.
    pub(super) fn ask(&self, request: Request) -> std::result::Result<(), Request> {
        match self.requests.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) => Err(request),
        }
    }
}

struct Work {
    predictor: Option<Predictor>,
    answers: Sender<Command>,
    began: Instant,
}

impl Work {
    /// Until nobody can ask, or nobody listens.
    fn serve(&mut self, waiting: &Receiver<Request>, mut folder: Option<Folder>) {
        loop {
            let told = match waiting.recv_timeout(POLL) {
                Ok(Request::Painting { path, glide }) => self.painting(&path, glide),
                Ok(Request::Own(content)) => self.own(content),
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            if !told || !self.look(folder.as_mut()) {
                return;
            }
        }
    }

    /// New pictures of the watched folder.
    fn look(&mut self, folder: Option<&mut Folder>) -> bool {
        let Some(folder) = folder else { return true };
        let found = folder.poll(self.began.elapsed());
        found
            .notes
            .into_iter()
            .all(|note| self.tell(Command::Notice(note)))
            && found.pictures.iter().all(|path| self.painting(path, false))
    }

    fn painting(&mut self, path: &Path, glide: bool) -> bool {
        let answer = match self.read(path) {
            Ok(entry) => Command::Add { entry, glide },
            Err(error) => Command::Notice(error.to_string()),
        };
        self.tell(answer)
    }

    fn own(&mut self, content: RgbImage) -> bool {
        let embedding = self.embed(&content).ok();
        self.tell(Command::Own { embedding, content })
    }

    fn read(&mut self, path: &Path) -> Result<Entry> {
        let picture = picture::open(path, &picture::Limits::default())?;
        let embedding = self.embed(&picture.rgb).map_err(|e| e.in_file(path))?;
        let name = path.file_stem().unwrap_or(path.as_os_str());
        Ok(Entry {
            name: name.to_string_lossy().into_owned(),
            embedding,
            thumbnail: Some(Arc::new(thumbnail(&picture.rgb)?)),
        })
    }

    fn embed(&mut self, picture: &RgbImage) -> Result<StyleEmbedding> {
        let predictor = self.predictor.as_mut().ok_or_else(|| Error::Style {
            style: "picture".to_owned(),
            reason: "this model has no style predictor; it knows only its own styles".to_owned(),
        })?;
        predictor.embed(picture)
    }

    fn tell(&self, answer: Command) -> bool {
        self.answers.send(answer).is_ok()
    }
}

/// The middle of a picture at [`THUMBNAIL`]'s size.
pub(super) fn thumbnail(picture: &RgbImage) -> Result<RgbImage> {
    let (w, h) = picture.dimensions();
    let wide = (h.saturating_mul(THUMBNAIL.0) / THUMBNAIL.1).clamp(1, w);
    let high = (w.saturating_mul(THUMBNAIL.1) / THUMBNAIL.0).clamp(1, h);
    let (x, y) = ((w - wide) / 2, (h - high) / 2);
    let middle = image::imageops::crop_imm(picture, x, y, wide, high).to_image();
    picture::resize(&middle, THUMBNAIL.0, THUMBNAIL.1)
}
