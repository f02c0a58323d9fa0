//! Sources and sinks as the user writes them.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::video::pictures::Pictures;
use crate::video::png_folder::{Null, PngFolder};
use crate::video::test_card::TestCard;
use crate::video::{FrameSink, FrameSource, y4m};

/// Where frames come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    /// A camera: by number, name or stable id, or the first that is there.
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
                return Err(Error::invalid("--source", reason));
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

/// Where frames go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkChoice {
    /// A window, which is not opened here: it belongs to the main thread.
    Window,
    /// A film, `None` on standard output.
    Y4m(Option<PathBuf>),
    /// A folder of numbered pictures.
    Png(PathBuf),
    /// Nowhere.
    Null,
    /// A virtual camera: a v4l2loopback device.
    VirtualCamera(PathBuf),
}

impl SinkChoice {
    /// Whether frames go to standard output, where nothing else may go then.
    pub fn is_stdout(&self) -> bool {
        *self == Self::Y4m(None)
    }
}

impl FromStr for SinkChoice {
    type Err = Error;

    /// `window`, `y4m:-`, `y4m:FILE`, `png:DIR`, `null`, `v4l2:/dev/videoN`.
    fn from_str(text: &str) -> Result<Self> {
        let (kind, place) = text.split_once(':').unwrap_or((text, ""));
        Ok(match (kind, place) {
            ("window", "") => Self::Window,
            ("null", "") => Self::Null,
            ("y4m", "-") => Self::Y4m(None),
            ("y4m", file) if !file.is_empty() => Self::Y4m(Some(file.into())),
            ("png", folder) if !folder.is_empty() => Self::Png(folder.into()),
            ("v4l2", device) if !device.is_empty() => Self::VirtualCamera(device.into()),
            _ => {
                let accepted = "window, y4m:-, y4m:FILE, png:DIR, null and v4l2:/dev/videoN are";
                return Err(Error::invalid(
                    format!("--sink {text}"),
                    format!("is not known; {accepted}"),
                ));
            }
        })
    }
}

/// Open a source that is no camera. `size` and `rate` are for a test card; `paced`: frames keep their own time.
///
/// # Errors
/// [`Error::Read`], [`Error::Decode`], [`Error::Invalid`] when it is not there or not what it should be.
pub fn open(
    choice: &SourceChoice,
    (width, height): (u32, u32),
    rate: u32,
    paced: bool,
) -> Result<Box<dyn FrameSource>> {
    match choice {
        SourceChoice::TestCard => Ok(Box::new(TestCard::new(width, height, rate, paced))),
        SourceChoice::Stdin => Ok(Box::new(y4m::Reader::new(
            BufReader::new(std::io::stdin()),
            "standard input",
            paced,
        )?)),
        SourceChoice::Path(path) if path.is_dir() => {
            Ok(Box::new(Pictures::open(path, rate, paced)?))
        }
        SourceChoice::Path(path) => open_film(path, paced),
        SourceChoice::Camera(_) => Err(Error::invalid(
            "--source camera",
            "is opened by `Camera::open`",
        )),
    }
}

fn open_film(path: &Path, paced: bool) -> Result<Box<dyn FrameSource>> {
    let file = File::open(path).map_err(Error::read(path))?;
    match y4m::Reader::new(BufReader::with_capacity(1 << 20, file), path, paced) {
        Ok(film) => Ok(Box::new(film)),
        Err(Error::Decode { path, reason }) if reason.contains("YUV4MPEG2") => {
            let remedy = format!(
                "{reason}; `ffmpeg -i FILM -pix_fmt yuv420p -f yuv4mpegpipe - | impasto live --source -` plays any film"
            );
            Err(Error::Decode {
                path,
                reason: remedy,
            })
        }
        Err(error) => Err(error),
    }
}

/// Open a sink that is no window; a film is written at `rate` frames a second.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Write`], [`Error::Device`].
pub fn open_sink(choice: &SinkChoice, rate: f64) -> Result<Box<dyn FrameSink>> {
    match choice {
        SinkChoice::Null => Ok(Box::new(Null)),
        SinkChoice::Png(folder) => Ok(Box::new(PngFolder::open(folder)?)),
        SinkChoice::Y4m(None) => {
            let output = BufWriter::new(std::io::stdout());
            Ok(Box::new(y4m::Writer::new(output, "standard output", rate)))
        }
        SinkChoice::Y4m(Some(path)) => Ok(Box::new(y4m::FilmFile::create(path, rate)?)),
        SinkChoice::VirtualCamera(device) => virtual_camera(device),
        SinkChoice::Window => Err(Error::invalid("--sink window", "is opened by the session")),
    }
}

#[cfg(target_os = "linux")]
fn virtual_camera(device: &Path) -> Result<Box<dyn FrameSink>> {
    Ok(Box::new(
        crate::camera::virtual_camera::VirtualCamera::open(device)?,
    ))
}

#[cfg(not(target_os = "linux"))]
fn virtual_camera(device: &Path) -> Result<Box<dyn FrameSink>> {
    Err(Error::Device {
        device: device.display().to_string(),
        reason: "virtual cameras are known on Linux only; on others, OBS can capture the window"
            .to_owned(),
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
    fn sinks_are_read_as_written() {
        for (text, choice) in [
            ("window", SinkChoice::Window),
            ("null", SinkChoice::Null),
            ("y4m:-", SinkChoice::Y4m(None)),
            ("y4m:a.y4m", SinkChoice::Y4m(Some("a.y4m".into()))),
            ("png:out", SinkChoice::Png("out".into())),
            (
                "v4l2:/dev/video9",
                SinkChoice::VirtualCamera("/dev/video9".into()),
            ),
        ] {
            assert_eq!(text.parse::<SinkChoice>().unwrap(), choice);
        }
        for text in ["", "png", "png:", "y4m", "window:2", "mp4:a", "null:x"] {
            let said = text.parse::<SinkChoice>().unwrap_err().to_string();
            assert!(said.contains("png:DIR"), "{said}");
        }
    }

    #[test]
    fn a_film_of_another_kind_names_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        std::fs::write(&path, b"\0\0\0\x20ftypisom").unwrap();
        let choice = SourceChoice::Path(path);
        let Err(error) = open(&choice, (64, 48), 30, false) else {
            panic!("opened");
        };
        assert!(error.to_string().contains("ffmpeg"), "{error}");
    }
}
