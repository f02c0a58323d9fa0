//! Changes of the user's gallery: a style to add, to remove or to rename in, the gallery's file replaced out.
//!
//! Several programs may change one gallery at the same time. Each locks a file beside it, reads the gallery anew, changes
//! it and replaces the file, so that no change is lost.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::style_book::read_gallery;
use super::{Refined, Refiner, StyleBook, refine};
use crate::engine::{Engine, EngineBuilder};
use crate::error::{Error, Result};
use crate::picture;
use crate::progress::Progress;
use crate::style::{Gallery, GalleryStyle, StyleArgument};

/// The time between two looks at a lock that another program holds.
const LOOK: Duration = Duration::from_millis(10);

/// A style to be added to the user's gallery.
#[derive(Debug, Clone, Default)]
pub struct AddStyle {
    /// The picture.
    pub picture: PathBuf,
    /// The name by which `@name` finds it.
    pub name: String,
    /// The painting's title.
    pub title: Option<String>,
    /// Who painted it.
    pub painter: Option<String>,
    /// When.
    pub year: Option<String>,
    /// Replace a style of the same name.
    pub replace: bool,
    /// Fit the embedding before it is kept.
    pub refine: Option<Refinement>,
}

/// How a style is fitted before it is kept: see [`Refiner`].
#[derive(Debug, Clone)]
pub struct Refinement {
    /// Steps, of [`REFINE_STEPS`](super::REFINE_STEPS).
    pub steps: usize,
    /// The feature network, as [`Refiner::open`] takes it.
    pub features: Option<String>,
    /// The photos that it is fitted on; the test card where there are none.
    pub photos: Vec<PathBuf>,
    /// The networks and the device of the engine that reads it.
    pub engine: EngineBuilder,
}

impl StyleBook {
    /// Read a painting and keep its embedding in the user's gallery. Gives the result of the refinement, if one was
    /// asked for.
    ///
    /// # Errors
    /// [`Error::Style`] when the name is taken; as [`picture::open`], [`Engine::embed`], [`Refiner::refine`] and
    /// [`picture::write_bytes`].
    pub fn add(
        &mut self,
        engine: &mut Engine,
        add: &AddStyle,
        progress: &mut dyn Progress,
    ) -> Result<Option<Refined>> {
        self.check_new_name(&add.name)?;
        let argument = StyleArgument::file(&add.picture);
        let embedding = self.embed(engine, &argument, &mut |n| progress.note(n))?;
        let mut style = GalleryStyle {
            name: add.name.clone(),
            title: add.title.clone(),
            painter: add.painter.clone(),
            year: add.year.clone(),
            space: embedding.space().to_owned(),
            values: embedding.values().to_vec(),
        };
        // A name that cannot be used is refused before the work of a refinement, and before any file is made.
        self.user.clone().add(style.clone(), add.replace)?;
        let mut refined = None;
        if let Some(how) = &add.refine {
            let found = how.refine(engine, &add.picture, progress)?;
            style.values = found.style.values().to_vec();
            refined = Some(found);
        }
        self.change(progress, |user| user.add(style, add.replace))?;
        Ok(refined)
    }

    /// Remove a style from the user's gallery. `progress` is asked while another program has the gallery.
    ///
    /// # Errors
    /// [`Error::Style`] when there is none of this name, or it is a bundled one; [`Error::Interrupted`]; as
    /// [`picture::write_bytes`].
    pub fn remove(&mut self, name: &str, progress: &mut dyn Progress) -> Result<()> {
        self.check_own(name)?;
        self.change(progress, |user| take(user, name).map(drop))
    }

    /// Give a style of the user's gallery another name; it keeps its place. `progress` is asked while another program has
    /// the gallery.
    ///
    /// # Errors
    /// [`Error::Style`] when there is no style `old` in the user's gallery, or `new` is taken or no usable name;
    /// [`Error::Interrupted`]; as [`picture::write_bytes`].
    pub fn rename(&mut self, old: &str, new: &str, progress: &mut dyn Progress) -> Result<()> {
        self.check_own(old)?;
        self.check_new_name(new)?;
        let rename = |user: &mut Gallery| {
            let (place, mut style) = take(user, old)?;
            style.name = new.to_owned();
            user.add(style, false)?;
            // It was added at the end.
            user.styles[place..].rotate_right(1);
            Ok(())
        };
        // Refused before any file is made.
        rename(&mut self.user.clone())?;
        self.change(progress, rename)
    }

    fn check_new_name(&self, name: &str) -> Result<()> {
        if self.bundled.get(name).is_some() {
            return Err(wrong_name(
                name,
                "is the name of a bundled style; choose another",
            ));
        }
        Ok(())
    }

    /// `Ok` for a style of the user.
    fn check_own(&self, name: &str) -> Result<()> {
        if self.user.get(name).is_some() {
            return Ok(());
        }
        self.get(name)?;
        Err(wrong_name(
            name,
            "is a bundled style; only your own can be changed",
        ))
    }

    /// Lock, read, change, replace.
    pub(super) fn change(
        &mut self,
        progress: &mut dyn Progress,
        change: impl FnOnce(&mut Gallery) -> Result<()>,
    ) -> Result<()> {
        if let Some(folder) = self
            .user_path
            .parent()
            .filter(|f| !f.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(Error::write(folder))?;
        }
        let lock = lock(&self.user_path, progress)?;
        let mut user = read_gallery(&self.user_path)?;
        change(&mut user)?;
        picture::write_private(&self.user_path, user.to_toml()?.as_bytes())?;
        self.user = user;
        drop(lock);
        Ok(())
    }
}

/// Wait for the gallery's lock, which the file that is returned holds until it is closed. The wait is ended by `progress`:
/// a program that holds the lock may have been stopped with Ctrl-Z.
///
/// The lock file stays where it is: if it were removed, a program that waits for it and one that comes later would hold
/// locks on two different files.
fn lock(gallery: &Path, progress: &mut dyn Progress) -> Result<File> {
    let name = gallery.file_name().unwrap_or_default().to_string_lossy();
    let path = gallery.with_file_name(format!(".{name}.lock"));
    // Of the two files, the user knows the gallery.
    let file = File::create(&path).map_err(Error::write(gallery))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            // A file system without locks: as good as it gets.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(TryLockError::Error(error)) => return Err(Error::write(gallery)(error)),
        }
        // A step of one is not shown, but tells whether to stop.
        if progress.step(0, 1, "gallery").is_break() {
            return Err(Error::Interrupted);
        }
        thread::sleep(LOOK);
    }
}

/// Take the style called `name` out of `user`; with its index.
fn take(user: &mut Gallery, name: &str) -> Result<(usize, GalleryStyle)> {
    match user.styles.iter().position(|style| style.name == name) {
        Some(place) => Ok((place, user.styles.remove(place))),
        None => Err(wrong_name(name, "is no longer in your gallery")),
    }
}

fn wrong_name(name: &str, reason: &str) -> Error {
    Error::Style {
        style: format!("@{name}"),
        reason: reason.to_owned(),
    }
}

impl Refinement {
    pub(super) fn refine(
        &self,
        engine: &mut Engine,
        painting: &Path,
        progress: &mut dyn Progress,
    ) -> Result<Refined> {
        let photos = match self.photos.as_slice() {
            [] => refine::test_card()?,
            files => refine::open_pictures(files)?,
        };
        let picture = picture::open(painting, &picture::Limits::default())?.rgb;
        let name = painting.display().to_string();
        let refiner = Refiner::open(&self.engine, self.features.as_deref())?;
        let found = refiner.refine(engine, &photos, &picture, self.steps, &mut |done| {
            progress.step(done, self.steps, &name)
        })?;
        let _ = progress.step(self.steps, self.steps, "");
        Ok(found)
    }
}
