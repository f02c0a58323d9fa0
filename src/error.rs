//! The errors of the library: one variant for each cause, with the error below it as its source.

use std::fmt;
use std::path::{Path, PathBuf};

/// An error of another crate, kept as the source of one of ours.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// The result of nearly everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every error of the library. Each message names the file or option and, where there is one, the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written; nothing half-written is left behind.
    #[error("{}: cannot be written: {source}{}", path.display(), remedy(source.kind()))]
    Write {
        /// The file the user named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not a picture that can be decoded.
    #[error("{}: {reason}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and the remedy.
        reason: String,
    },
    /// A picture is larger than the limits allow; nothing was decoded.
    #[error("{}: {width}x{height} pixels is over the limit ({limit}); make it smaller first", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its width in pixels, as its header says.
        width: u32,
        /// Its height in pixels, as its header says.
        height: u32,
        /// The limit that it breaks, in words.
        limit: String,
    },
    /// A picture is too small for the networks.
    #[error("{picture} is {width}x{height} pixels; at least {least}x{least} are needed")]
    TooSmall {
        /// Which picture.
        picture: PictureRole,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// The least side in pixels.
        least: u32,
    },
    /// An option or argument has a value that makes no sense.
    #[error("{what}: {reason}")]
    Invalid {
        /// The option, as the user writes it, or the value's name in the library.
        what: String,
        /// What is wrong, and what is accepted.
        reason: String,
    },
    /// A picture has another size than the one that it is used with.
    #[error("{picture}: has another size than {other}")]
    SizeMismatch {
        /// Which picture.
        picture: PictureRole,
        /// What it is used with.
        other: &'static str,
    },
    /// ONNX Runtime's shared library was not found.
    #[error("{0}")]
    LibraryNotFound(
        /// Where it was looked for, and how to get it.
        String,
    ),
    /// ONNX Runtime's shared library was found and cannot be used.
    #[error("{message}")]
    LibraryUnusable {
        /// The library, why not, and the remedy.
        message: String,
        /// What the loader or the library said.
        source: Option<Source>,
    },
    /// A package of ONNX Runtime could not be installed.
    #[error("{package}: {reason}")]
    Install {
        /// The package.
        package: String,
        /// Why not, and the remedy.
        reason: String,
    },
    /// Another program that is needed, as ffmpeg is for films, is missing or cannot be used.
    #[error("{program}: {reason}")]
    Program {
        /// The program.
        program: String,
        /// Why not, and the remedy.
        reason: String,
    },
    /// There is no folder for files that are kept between runs.
    #[error("there is no folder to keep it in; name one in IMPASTO_CACHE")]
    NoCacheFolder,
    /// A device that the user named is not available.
    #[error("device '{device}' is not available: {reason}")]
    Device {
        /// The device, as the user writes it.
        device: String,
        /// Why not, and the remedy.
        reason: String,
    },
    /// A model that the user named is not known.
    #[error("model {model}: {reason}")]
    ModelNotFound {
        /// The model's name or folder, as the user writes it.
        model: String,
        /// Which ones there are.
        reason: String,
    },
    /// A model file is not the one that the manifest describes.
    #[error(
        "model {file}: is corrupt or was swapped: its sha256 is {found}..., the manifest says {expected}...; get the \
         file again, or correct the manifest"
    )]
    Checksum {
        /// The file.
        file: String,
        /// The first digits of its sha256.
        found: String,
        /// Those that the manifest has.
        expected: String,
    },
    /// A model file or manifest cannot be used: it is not of the model contract.
    #[error("model {model}: {reason}")]
    Model {
        /// The model's name or folder, and the file in it.
        model: String,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// A style that was named is in no gallery.
    #[error("style @{name}: is not in the gallery; {}", hint(similar))]
    StyleNotFound {
        /// The name.
        name: String,
        /// Names of the gallery that are spelt alike.
        similar: Vec<String>,
    },
    /// A style cannot be used.
    #[error("style {style}: {reason}")]
    Style {
        /// The style, as the user writes it.
        style: String,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// The network failed while running.
    #[error("{network} failed: {reason}")]
    Inference {
        /// Which network.
        network: String,
        /// What the runtime said.
        reason: String,
    },
    /// The user asked to stop (Ctrl-C).
    #[error("interrupted; nothing half-written was left")]
    Interrupted,
    /// A camera, or a virtual one, cannot be used or is gone.
    #[error("{camera}: {reason}")]
    Camera {
        /// The camera, as the user names it or as it names itself.
        camera: String,
        /// Why not, and the remedy.
        reason: String,
    },
    /// No window can be opened, or the display is gone.
    #[error("display: {0}")]
    Display(
        /// Why not, and the remedy.
        String,
    ),
    /// A thread of the program could not be started, or panicked.
    #[error("{thread} thread: {reason}")]
    Thread {
        /// Its name.
        thread: &'static str,
        /// What happened.
        reason: String,
    },
}

impl Error {
    /// A [`Error::Read`] for `path`, to be used with `map_err`.
    pub fn read(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Read { path, source }
    }

    /// A [`Error::Write`] for `path`, to be used with `map_err`.
    pub fn write(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Write { path, source }
    }

    /// A [`Error::Camera`].
    #[cfg(feature = "live")]
    pub(crate) fn camera(camera: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Camera {
            camera: camera.into(),
            reason: reason.into(),
        }
    }

    /// A [`Error::Thread`] for the error of starting one, to be used with `map_err`.
    #[cfg(feature = "jobs")]
    pub(crate) fn thread(thread: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Thread {
            thread,
            reason: format!("could not be started: {error}"),
        }
    }

    /// A [`Error::Thread`] for a thread that panicked.
    pub(crate) fn panicked(thread: &'static str) -> Self {
        Self::Thread {
            thread,
            reason: "panicked; please report it".to_owned(),
        }
    }

    /// The same error, naming the file `path` where the engine, which sees pictures and no files, could only say
    /// [`PictureRole::Content`], [`PictureRole::Style`], or that a style is a "picture".
    pub fn in_file(mut self, path: &Path) -> Self {
        if let Self::TooSmall { picture, .. } | Self::SizeMismatch { picture, .. } = &mut self
            && matches!(picture, PictureRole::Content | PictureRole::Style)
        {
            *picture = PictureRole::File(path.to_owned());
        }
        if let Self::Style { style, .. } = &mut self
            && style == STYLE_PICTURE
        {
            *style = path.display().to_string();
        }
        self
    }

    /// Whether nothing else can be written to the same place either: the disk is full, or may not be written any more. A job
    /// of many pictures ends then, as painting the others would be in vain.
    pub fn ends_all(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(self, Self::Write { source, .. }
            if matches!(source.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem))
    }

    /// A [`Error::Invalid`].
    pub fn invalid(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            what: what.into(),
            reason: reason.into(),
        }
    }
}

/// What [`Error::Style`] calls a picture without a file.
pub(crate) const STYLE_PICTURE: &str = "picture";

/// Which of the pictures that were given an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureRole {
    /// The photo that is painted.
    Content,
    /// The painting whose style is taken.
    Style,
    /// The picture that is optimised.
    Optimised,
    /// The picture in this file.
    File(PathBuf),
}

impl fmt::Display for PictureRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("content picture"),
            Self::Style => f.write_str("style picture"),
            Self::Optimised => f.write_str("the picture to optimise"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What helps against a failure to write.
fn remedy(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::StorageFull => "; free some space there, or choose another place",
        ErrorKind::QuotaExceeded => "; delete some of your files there, or choose another place",
        ErrorKind::FileTooLarge => "; the disk holds no file of this size: choose another place",
        ErrorKind::ReadOnlyFilesystem => "; choose another place",
        ErrorKind::PermissionDenied => "; choose another place, or get the right to write there",
        ErrorKind::NotFound => "; its folder is gone: make it again, or choose another place",
        _ => "",
    }
}

/// "did you mean @this?", or where to look.
fn hint(similar: &[String]) -> String {
    match similar {
        [] => "see `impasto styles list`".to_owned(),
        names => format!("did you mean @{}?", names.join(", @")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_a_remedy_and_ends_all() {
        let write = |kind: std::io::ErrorKind| Error::write("a.png")(kind.into());
        let full = write(std::io::ErrorKind::StorageFull);
        assert!(full.ends_all() && full.to_string().ends_with("choose another place"));
        let other = write(std::io::ErrorKind::TimedOut);
        assert!(!other.ends_all() && !other.to_string().contains(';'));
    }

    #[test]
    fn only_pictures_without_a_file_are_given_its_name() {
        let small = |picture| Error::TooSmall {
            picture,
            width: 3,
            height: 4,
            least: 16,
        };
        let named = small(PictureRole::Content).in_file(Path::new("a.png"));
        let text = "a.png is 3x4 pixels; at least 16x16 are needed";
        assert_eq!(named.to_string(), text);
        assert_eq!(named.in_file(Path::new("b.png")).to_string(), text);
        let other = Error::invalid("content picture", "x").in_file(Path::new("a.png"));
        assert_eq!(other.to_string(), "content picture: x");
    }
}
