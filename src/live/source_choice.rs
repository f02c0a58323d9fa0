//! Sources: text as the user writes it goes in, an open source comes out.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::camera::Wanted;
use crate::error::{Error, Result};
use crate::video::picture_folder::PictureFolder;
use crate::video::test_card::TestCard;
use crate::video::{FrameSource, y4m};

/// How any film is read: ffmpeg decodes it.
const THROUGH_FFMPEG: &str =
    "ffmpeg -i FILM -pix_fmt yuv420p -f yuv4mpegpipe - | impasto live --source -";

/// Bytes that are read of a file at once.
const BUFFER: usize = 1 << 20;

/// Where frames come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// A camera: by number, name or stable id, or the first one.
    Camera(Option<String>),
    /// The moving picture that the program draws.
    TestCard,
    /// A film on standard input.
    Stdin,
    /// A film, or a folder of pictures.
    Path(PathBuf),
}

impl FromStr for SourceChoice {
    type Err = Error;

    /// `camera`, `camera:ID`, `test-card`, `-`, or a path.
    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "camera" => Self::Camera(None),
            "test-card" => Self::TestCard,
            "-" => Self::Stdin,
            "" | "camera:" => {
                let reason = "is empty; give camera, camera:ID, test-card, FILE.y4m, - or a folder";
                return Err(Error::invalid("source", reason));
            }
            _ if text.contains("://") => {
                let remedy = THROUGH_FFMPEG.replace("FILM", "ADDRESS");
                let reason = format!(
                    "network addresses are not supported; download the film first, or `{remedy}`"
                );
                return Err(Error::invalid(format!("source {text}"), reason));
            }
            _ => match text.strip_prefix("camera:") {
                Some(id) => Self::Camera(Some(id.to_owned())),
                None => Self::Path(PathBuf::from(text)),
            },
        })
    }
}

impl fmt::Display for SourceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Camera(None) => f.write_str("camera"),
            Self::Camera(Some(id)) => write!(f, "camera:{id}"),
            Self::TestCard => f.write_str("test-card"),
            Self::Stdin => f.write_str("-"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

/// How a source is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Size and rate of a camera or a test card; of a folder of pictures the rate.
    pub(super) wanted: Wanted,
    /// At the source's own rate, else as fast as frames are taken.
    pub(super) paced: bool,
    /// Begin again at the end.
    pub(super) repeats: bool,
}

/// Open a source other than a camera.
///
/// # Errors
/// [`Error::Read`], [`Error::Decode`], [`Error::Invalid`] when it does not exist or is of another kind.
pub(super) fn open(choice: &SourceChoice, reading: Reading) -> Result<Box<dyn FrameSource>> {
    let Reading {
        wanted,
        paced,
        repeats,
    } = reading;
    match choice {
        SourceChoice::TestCard => Ok(Box::new(TestCard::new(
            wanted.width,
            wanted.height,
            wanted.fps,
            paced,
        ))),
        SourceChoice::Stdin => {
            let mut input = BufReader::with_capacity(BUFFER, std::io::stdin());
            let name = Path::new("standard input");
            expect_film(&mut input, name)?;
            Ok(Box::new(y4m::Reader::new(input, name, paced)?))
        }
        SourceChoice::Path(path) if path.is_dir() => Ok(Box::new(PictureFolder::open(
            path, wanted.fps, paced, repeats,
        )?)),
        SourceChoice::Path(path) => {
            let file = File::open(path).map_err(Error::read(path))?;
            let mut input = BufReader::with_capacity(BUFFER, file);
            expect_film(&mut input, path)?;
            let film = y4m::Reader::new(input, path, paced)?;
            Ok(match repeats {
                true => Box::new(y4m::RepeatingReader(film)),
                false => Box::new(film),
            })
        }
        SourceChoice::Camera(_) => Err(Error::invalid(
            "source camera",
            "is opened by `Camera::open`",
        )),
    }
}

/// Refuse a file that is not a Y4M film, with the way to paint what it is.
fn expect_film(input: &mut impl BufRead, name: &Path) -> Result<()> {
    // Of a pipe this may be only a part of the first line; too little to judge by is left to the reader.
    let start = input.fill_buf().map_err(Error::read(name))?;
    let judged = start.len().min(y4m::MAGIC.len());
    if judged > 0 && start[..judged] == y4m::MAGIC[..judged] {
        return Ok(());
    }
    let reason = if start.is_empty() {
        format!("is empty; a film is painted by `{THROUGH_FFMPEG}`")
    } else if image::guess_format(start).is_ok() {
        "is a picture and not a film; `impasto stylize` paints it, and a folder of pictures is a source too"
            .to_owned()
    } else {
        format!("is not a Y4M film; any other film is painted by `{THROUGH_FFMPEG}`")
    };
    Err(Error::Decode {
        path: name.to_owned(),
        reason,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_written() {
        for (text, choice) in [
            ("camera", SourceChoice::Camera(None)),
            ("camera:2", SourceChoice::Camera(Some("2".into()))),
            ("camera:a: b", SourceChoice::Camera(Some("a: b".into()))),
            ("test-card", SourceChoice::TestCard),
            ("-", SourceChoice::Stdin),
            ("films/a.y4m", SourceChoice::Path("films/a.y4m".into())),
        ] {
            let parsed: SourceChoice = text.parse().unwrap();
            assert_eq!(parsed, choice);
            assert_eq!(parsed.to_string(), text);
        }
        assert!("".parse::<SourceChoice>().is_err() && "camera:".parse::<SourceChoice>().is_err());
    }

    #[test]
    fn an_address_is_refused_with_the_remedy() {
        for text in ["https://example.org/a.mp4", "rtsp://10.0.0.7:554/live"] {
            let said = text.parse::<SourceChoice>().unwrap_err().to_string();
            assert!(
                said.contains(text) && said.contains("not supported"),
                "{said}"
            );
            assert!(
                said.contains("download") && said.contains("ffmpeg"),
                "{said}"
            );
        }
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let reading = Reading {
            wanted: Wanted::default(),
            paced: false,
            repeats: false,
        };
        match open(&SourceChoice::Path(path), reading) {
            Ok(_) => panic!("opened {name}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_film_of_another_kind_names_the_remedy() {
        for bytes in [&b"\0\0\0\x20ftypisom"[..], b""] {
            let said = refusal("film.mp4", bytes);
            assert!(
                said.contains("film.mp4") && said.contains("ffmpeg"),
                "{said}"
            );
            assert!(said.contains("-pix_fmt yuv420p"), "{said}");
        }
    }

    #[test]
    fn a_picture_names_the_command_for_pictures() {
        for bytes in [&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], b"\x89PNG\r\n\x1a\n"] {
            let said = refusal("photo.jpg", bytes);
            assert!(
                said.contains("impasto stylize") && said.contains("folder"),
                "{said}"
            );
        }
    }
}
