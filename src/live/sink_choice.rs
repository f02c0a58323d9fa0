//! Sinks: text as the user writes it goes in, an open sink comes out.

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::video::null_sink::NullSink;
use crate::video::png_folder::PngFolder;
use crate::video::{FilmFormat, FrameSink, y4m};

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

    /// The file or folder that it writes.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Y4m(Some(path)) | Self::Png(path) | Self::VirtualCamera(path) => Some(path),
            Self::Window | Self::Y4m(None) | Self::Null => None,
        }
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
                    format!("sink {text}"),
                    format!("is not known; {accepted}"),
                ));
            }
        })
    }
}

/// Open a sink other than a window; a film is written in `format`.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Write`], [`Error::Camera`]; [`Error::Interrupted`] when `go_on` says no to a wait.
pub(super) fn open(
    choice: &SinkChoice,
    format: FilmFormat,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Box<dyn FrameSink>> {
    match choice {
        SinkChoice::Null => Ok(Box::new(NullSink)),
        SinkChoice::Png(folder) => Ok(Box::new(PngFolder::open(folder)?)),
        SinkChoice::Y4m(None) => {
            let output = BufWriter::new(std::io::stdout());
            let name = "standard output";
            Ok(Box::new(y4m::Writer::new(output, name, format)))
        }
        SinkChoice::Y4m(Some(path)) => Ok(Box::new(y4m::FileWriter::create(path, format)?)),
        SinkChoice::VirtualCamera(device) => virtual_camera(device, go_on),
        SinkChoice::Window => Err(Error::invalid("sink window", "is opened by the session")),
    }
}

#[cfg(target_os = "linux")]
fn virtual_camera(device: &Path, go_on: &mut dyn FnMut() -> bool) -> Result<Box<dyn FrameSink>> {
    use crate::camera::virtual_camera::VirtualCamera;
    Ok(Box::new(VirtualCamera::open(device, go_on)?))
}

#[cfg(not(target_os = "linux"))]
fn virtual_camera(device: &Path, _go_on: &mut dyn FnMut() -> bool) -> Result<Box<dyn FrameSink>> {
    let reason = "is a sink on Linux only; here OBS Studio makes a camera of the window or of the address of --serve \
                  (`impasto live --help` says how)";
    Err(Error::camera(device.display().to_string(), reason))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
}
