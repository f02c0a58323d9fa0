//! What can go wrong, said so that the reader knows which file or option is meant and what to do.

use std::path::{Path, PathBuf};

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
    #[error("{}: cannot be written: {source}", path.display())]
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
    #[error("{what} is {width}x{height} pixels; at least {least}x{least} are needed")]
    TooSmall {
        /// Which picture.
        what: String,
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
    /// ONNX Runtime's shared library was not found, or is not usable.
    #[error("{0}")]
    Runtime(String),
    /// A device that the user named is not available.
    #[error("device '{device}' is not available: {reason}")]
    Device {
        /// The device, as the user writes it.
        device: String,
        /// Why not, and the remedy.
        reason: String,
    },
    /// A model file is corrupt, swapped, or not of the model contract.
    #[error("model {model}: {reason}")]
    Model {
        /// The model's name or folder, and the file in it.
        model: String,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// A style that the user named is not known.
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

    /// The same error, naming the file `path` where the engine, which sees pictures and no files, could only say
    /// "content picture" or "style picture".
    pub fn in_file(mut self, path: &Path) -> Self {
        if let Self::TooSmall { what, .. } | Self::Invalid { what, .. } = &mut self
            && (what == "content picture" || what == "style picture")
        {
            *what = path.display().to_string();
        }
        self
    }

    /// A [`Error::Invalid`].
    pub fn invalid(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            what: what.into(),
            reason: reason.into(),
        }
    }
}
