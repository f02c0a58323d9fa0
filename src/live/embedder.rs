//! The embedder thread: paintings and frames go in, their embeddings come out, while the painter paints.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use image::RgbImage;

use super::commands::PainterCommand;
use super::folder_watch::FolderWatcher;
use super::notice::Notice;
use super::style_list::StyleEntry;
use super::thumbnails::thumbnail;
use crate::error::{Error, Result, STYLE_PICTURE};
use crate::picture;
use crate::style::{Predictor, StyleEmbedding};

/// The time between two checks of the watched folder.
const POLL: Duration = Duration::from_millis(500);

/// The most requests that wait. More than a person makes at once; when it is full, the content is read later.
const MOST_WAITING: usize = 16;

/// What to read.
pub(super) enum Request {
    /// A painting's file, for the list of styles. `glide`: then glide to it.
    Painting { path: PathBuf, glide: bool },
    /// A painting that came without a file.
    Picture {
        name: String,
        picture: RgbImage,
        glide: bool,
    },
    /// The content, for strengths below 1; the buffer comes back with the answer.
    Content(RgbImage),
}

/// A handle to the thread, which ends when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Embedder {
    requests: SyncSender<Request>,
}

impl Embedder {
    /// Start it; answers go to `answers`.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub(super) fn start(
        predictor: Option<Predictor>,
        folder: Option<FolderWatcher>,
        answers: Sender<PainterCommand>,
    ) -> Result<Self> {
        let (requests, waiting) = sync_channel(MOST_WAITING);
        thread::Builder::new()
            .name("embedder".to_owned())
            .spawn(move || {
                let mut work = EmbedderThread {
                    predictor,
                    answers,
                    began: Instant::now(),
                };
                work.serve(&waiting, folder);
            })
            .map_err(Error::thread("embedder"))?;
        Ok(Self { requests })
    }

    /// Send a request; gives it back when too many wait.
    pub(super) fn ask(&self, request: Request) -> std::result::Result<(), Request> {
        match self.requests.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) => Err(request),
        }
    }
}

struct EmbedderThread {
    predictor: Option<Predictor>,
    answers: Sender<PainterCommand>,
    began: Instant,
}

impl EmbedderThread {
    /// Answer requests until nobody can send any, or nobody receives the answers.
    fn serve(&mut self, waiting: &Receiver<Request>, mut folder: Option<FolderWatcher>) {
        loop {
            let received = match waiting.recv_timeout(POLL) {
                Ok(Request::Painting { path, glide }) => self.painting(&path, glide),
                Ok(Request::Picture {
                    name,
                    picture,
                    glide,
                }) => {
                    let named = PathBuf::from(&name);
                    let entry = self.entry(name, &picture).map_err(|e| e.in_file(&named));
                    self.add(entry, glide)
                }
                Ok(Request::Content(content)) => self.content(content),
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            if !received || !self.check_folder(folder.as_mut()) {
                return;
            }
        }
    }

    /// New pictures of the watched folder.
    fn check_folder(&mut self, folder: Option<&mut FolderWatcher>) -> bool {
        let Some(folder) = folder else { return true };
        let found = folder.poll(self.began.elapsed());
        found
            .notices
            .into_iter()
            .all(|note| self.answer(PainterCommand::Notice(note)))
            && found.pictures.iter().all(|path| self.painting(path, false))
    }

    fn painting(&mut self, path: &Path, glide: bool) -> bool {
        let entry = self.read(path);
        self.add(entry, glide)
    }

    fn add(&self, entry: Result<StyleEntry>, glide: bool) -> bool {
        let answer = match entry {
            Ok(entry) => PainterCommand::AddStyle { entry, glide },
            Err(error) => PainterCommand::Notice(Notice::error(error)),
        };
        self.answer(answer)
    }

    fn content(&mut self, buffer: RgbImage) -> bool {
        let result = self.embed(&buffer);
        self.answer(PainterCommand::ContentEmbedding { result, buffer })
    }

    fn read(&mut self, path: &Path) -> Result<StyleEntry> {
        let picture = picture::open(path, &picture::Limits::default())?;
        let name = path.file_stem().unwrap_or(path.as_os_str());
        self.entry(name.to_string_lossy().into_owned(), &picture.rgb)
            .map_err(|e| e.in_file(path))
    }

    fn entry(&mut self, name: String, picture: &RgbImage) -> Result<StyleEntry> {
        Ok(StyleEntry {
            name,
            embedding: self.embed(picture)?,
            thumbnail: Some(Arc::new(thumbnail(picture)?)),
        })
    }

    fn embed(&mut self, picture: &RgbImage) -> Result<StyleEmbedding> {
        let predictor = self.predictor.as_mut().ok_or_else(|| Error::Style {
            style: STYLE_PICTURE.to_owned(),
            reason: "this model reads no pictures; start again with another --model".to_owned(),
        })?;
        predictor.embed(picture)
    }

    fn answer(&self, answer: PainterCommand) -> bool {
        self.answers.send(answer).is_ok()
    }
}
