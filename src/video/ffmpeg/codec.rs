//! A codec or a file's name as the user wrote it goes in; how ffmpeg is to encode comes out.

use std::path::Path;

use super::program::Ffmpeg;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// A kind of film file, told by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `.mp4`, `.m4v`
    Mp4,
    /// `.mov`
    Mov,
    /// `.mkv`
    Matroska,
    /// `.webm`
    WebM,
}

/// The extensions of films that are written.
const EXTENSIONS: [(&str, Container); 5] = [
    ("mp4", Container::Mp4),
    ("m4v", Container::Mp4),
    ("mov", Container::Mov),
    ("mkv", Container::Matroska),
    ("webm", Container::WebM),
];

impl Container {
    /// The kind that `path` names.
    ///
    /// # Errors
    /// [`Error::Write`], with the extensions that are known.
    pub fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let found = EXTENSIONS.iter().find(|(known, _)| extension == *known);
        found.map(|(_, container)| *container).ok_or_else(|| {
            let known: Vec<_> = EXTENSIONS.iter().map(|(e, _)| format!(".{e}")).collect();
            let reason = format!(
                "the extension tells the kind of film; use one of {}",
                known.join(", ")
            );
            Error::write(path)(std::io::Error::other(reason))
        })
    }

    /// ffmpeg's name of it.
    pub(super) fn format(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
        }
    }
}

/// An encoder that is known to give the same bytes from the same frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codec {
    /// ffmpeg's name of it.
    pub name: &'static str,
    /// The pixels that it gets.
    pub(super) pixels: &'static str,
    /// The quality when none is asked for; `None` when it has no such setting.
    quality: Option<u8>,
    /// The coarsest quality.
    coarsest: u8,
    /// The option that sets the quality.
    option: &'static str,
    /// Its other options.
    options: &'static [&'static str],
    /// The extension of a piece of a film.
    pub(super) piece: &'static str,
    /// Whether it puts frames in another order than they are shown in, unless told not to.
    pub(super) reorders: bool,
}

const fn codec(name: &'static str, pixels: &'static str) -> Codec {
    Codec {
        name,
        pixels,
        quality: None,
        coarsest: 0,
        option: "-crf",
        options: &[],
        piece: "mp4",
        reorders: false,
    }
}

/// The codecs.
const CODECS: [Codec; 7] = [
    Codec {
        quality: Some(18),
        coarsest: 51,
        options: &["-preset", "fast"],
        reorders: true,
        ..codec("libx264", "yuv420p")
    },
    Codec {
        quality: Some(20),
        coarsest: 51,
        // Its log goes past ffmpeg's. QuickTime knows it by this tag only.
        options: &[
            "-preset",
            "fast",
            "-x265-params",
            "log-level=error",
            "-tag:v",
            "hvc1",
        ],
        reorders: true,
        ..codec("libx265", "yuv420p")
    },
    Codec {
        quality: Some(28),
        coarsest: 63,
        options: &["-preset", "8"],
        ..codec("libsvtav1", "yuv420p")
    },
    Codec {
        quality: Some(24),
        coarsest: 63,
        options: &[
            "-b:v",
            "0",
            "-deadline",
            "good",
            "-cpu-used",
            "4",
            "-row-mt",
            "1",
        ],
        ..codec("libvpx-vp9", "yuv420p")
    },
    Codec {
        quality: Some(3),
        coarsest: 31,
        option: "-q:v",
        ..codec("mpeg4", "yuv420p")
    },
    Codec {
        options: &["-level", "3", "-g", "1"],
        piece: "mov",
        ..codec("ffv1", "bgr0")
    },
    Codec {
        options: &["-profile:v", "3"],
        piece: "mov",
        ..codec("prores_ks", "yuv422p10le")
    },
];

/// A codec and its quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodecChoice {
    /// The codec.
    pub codec: Codec,
    /// The quality in the codec's own scale, smaller is finer; `None` where it has none.
    pub quality: Option<u8>,
}

impl CodecChoice {
    /// The codec called `name` at quality `crf`. Without a name the one that most players of `container` know, and
    /// whether it had to be another one is said to `progress`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name is not known, this ffmpeg has not got it, or it has no such quality;
    /// [`Error::Program`], [`Error::Interrupted`].
    pub fn new(
        ffmpeg: &Ffmpeg,
        name: Option<&str>,
        crf: Option<u8>,
        container: Container,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let codec = match name {
            Some(name) => Self::named(ffmpeg, name, progress)?,
            None if container == Container::WebM => Self::named(ffmpeg, "libvpx-vp9", progress)?,
            None if ffmpeg.has_encoder("libx264", progress)? => {
                Self::named(ffmpeg, "libx264", progress)?
            }
            None => {
                progress.note(
                    "this ffmpeg has no libx264; the film is encoded by mpeg4, which takes more space",
                );
                Self::named(ffmpeg, "mpeg4", progress)?
            }
        };
        let quality = match (crf, codec.quality) {
            (Some(_), None) => {
                let reason = format!("{} has no such setting; leave it out", codec.name);
                return Err(Error::invalid("crf", reason));
            }
            (Some(crf), Some(_)) if crf > codec.coarsest => {
                let reason = format!(
                    "{crf} is not between 0 and {}, the range of {}",
                    codec.coarsest, codec.name
                );
                return Err(Error::invalid("crf", reason));
            }
            (Some(crf), Some(_)) => Some(crf),
            (None, quality) => quality,
        };
        Ok(Self { codec, quality })
    }

    fn named(ffmpeg: &Ffmpeg, name: &str, progress: &mut dyn Progress) -> Result<Codec> {
        let Some(codec) = CODECS.iter().find(|codec| codec.name == name) else {
            let known: Vec<_> = CODECS.iter().map(|codec| codec.name).collect();
            let reason = format!("'{name}' is not one of {}", known.join(", "));
            return Err(Error::invalid("codec", reason));
        };
        if !ffmpeg.has_encoder(name, progress)? {
            let reason = format!(
                "this ffmpeg has no encoder {name}; name another, or install an ffmpeg that has it"
            );
            return Err(Error::invalid("codec", reason));
        }
        Ok(*codec)
    }

    /// The arguments that choose it. `reorders`: whether frames may be stored in another order than they are shown in.
    pub(super) fn arguments(&self, reorders: bool) -> Vec<String> {
        // The number of threads is fixed, as the bytes depend on it.
        let mut arguments = vec![
            "-c:v".to_owned(),
            self.codec.name.to_owned(),
            "-threads".to_owned(),
            "2".to_owned(),
        ];
        if let Some(quality) = self.quality {
            arguments.extend([self.codec.option.to_owned(), quality.to_string()]);
        }
        arguments.extend(self.codec.options.iter().map(|o| (*o).to_owned()));
        if self.codec.reorders && !reorders {
            arguments.extend(["-bf".to_owned(), "0".to_owned()]);
        }
        arguments
    }

    /// The extension of a piece of a film.
    pub fn piece(&self) -> &'static str {
        self.codec.piece
    }

    /// Whether frames of `size` get a row or a column more: colours are stored for two pixels by two.
    pub fn pads(&self, size: (u32, u32)) -> bool {
        self.codec.pixels.starts_with("yuv4") && !(size.0 | size.1).is_multiple_of(2)
    }

    /// The size of stored frames.
    pub fn stored(&self, (width, height): (u32, u32)) -> (u32, u32) {
        match self.pads((width, height)) {
            true => (width.next_multiple_of(2), height.next_multiple_of(2)),
            false => (width, height),
        }
    }
}
