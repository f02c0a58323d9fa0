//! The cameras of this machine: nothing goes in, their names, numbers and problems come out.

use std::fmt;

use serde::Serialize;

use crate::error::Result;

/// A camera that pictures can be taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CameraInfo {
    /// Its number, by which it is chosen, as the system counts (on Linux the 2 of `/dev/video2`).
    pub id: String,
    /// What the camera calls itself.
    pub name: String,
    /// Its position on the bus, which stays the same when it is unplugged and comes back under another number.
    pub stable: String,
    /// Why this program cannot use it, and the remedy; `None` if no reason is known.
    pub problem: Option<String>,
}

impl fmt::Display for CameraInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)?;
        match &self.problem {
            Some(problem) => write!(f, ": {problem}"),
            None => Ok(()),
        }
    }
}

/// The cameras of this machine, by ascending number. No camera at all is an empty list, not an error.
///
/// # Errors
/// [`Error::Camera`](crate::Error::Camera) if the system refuses to say which cameras there are (never on Linux).
pub fn list() -> Result<Vec<CameraInfo>> {
    system::list()
}

/// Linux is asked directly, not through `nokhwa`: that lists every node, also those of a camera that give no frames
/// (its metadata, an infrared helper), and panics at a `/dev/video` without a number.
#[cfg(target_os = "linux")]
mod system {
    use std::io::ErrorKind;
    use std::path::Path;

    use v4l::capability::Flags;

    use super::CameraInfo;
    use crate::error::Result;

    pub(super) fn list() -> Result<Vec<CameraInfo>> {
        let numbers = numbers(Path::new("/dev"));
        Ok(numbers.into_iter().filter_map(camera).collect())
    }

    /// The numbers of the files named `video<number>` in a folder, ascending.
    fn numbers(folder: &Path) -> Vec<u32> {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut numbers: Vec<u32> = entries
            .flatten()
            .filter_map(|entry| number(entry.file_name().to_str()?))
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// The number of `video<number>` as the kernel writes it: digits only, no leading zero.
    pub(super) fn number(name: &str) -> Option<u32> {
        let digits = name.strip_prefix("video")?;
        let number: u32 = digits.parse().ok()?;
        (number.to_string() == digits).then_some(number)
    }

    /// The camera behind `/dev/video<number>`, or `None` if that node gives no frames.
    fn camera(number: u32) -> Option<CameraInfo> {
        let path = format!("/dev/video{number}");
        let name = std::fs::read(format!("/sys/class/video4linux/video{number}/name"));
        let name = name.unwrap_or_default();
        let problem = match std::str::from_utf8(&name) {
            Ok(_) => capture_problem(&path)?,
            // `v4l` panics at such a name when it asks for the capabilities; the camera itself may be fine.
            Err(_) => Some(format!(
                "{path}: its name is not UTF-8, which the camera library cannot handle"
            )),
        };
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        Some(CameraInfo {
            id: number.to_string(),
            name: if name.is_empty() { path } else { name },
            stable: stable(number),
            problem,
        })
    }

    /// The path of the device in the kernel's device tree, and which of its nodes this is. Read from `/sys`, as the links
    /// of `/dev/v4l` need a running `udev`.
    fn stable(number: u32) -> String {
        let node = format!("/sys/class/video4linux/video{number}");
        let device = std::fs::canonicalize(format!("{node}/device"));
        let place = device.unwrap_or_else(|_| Path::new(&node).to_owned());
        let index = std::fs::read_to_string(format!("{node}/index")).unwrap_or_default();
        let place = place.to_string_lossy().into_owned();
        let place = place.strip_prefix("/sys/devices/").unwrap_or(&place);
        format!("{place}:{}", index.trim())
    }

    /// `None` if the node gives no frames, `Some(None)` if it does, and the reason if that cannot be found out.
    fn capture_problem(path: &str) -> Option<Option<String>> {
        let capabilities = v4l::Device::with_path(path).and_then(|device| device.query_caps());
        match capabilities {
            // The multi-planar interface (`VIDEO_CAPTURE_MPLANE`) is not among those that `nokhwa` can read.
            Ok(found) => found
                .capabilities
                .contains(Flags::VIDEO_CAPTURE)
                .then_some(None),
            Err(error) => Some(Some(match error.kind() {
                ErrorKind::PermissionDenied => format!(
                    "{path} may not be opened by this user: `sudo usermod -aG video $USER`, then log in again"
                ),
                _ => format!("{path} cannot be opened: {error}"),
            })),
        }
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used)]
        use super::*;

        #[test]
        fn only_numbered_nodes_are_cameras_in_numeric_order() {
            let folder = tempfile::tempdir().unwrap();
            for name in [
                "video10",
                "video2",
                "video",
                "video-front",
                "video02",
                "video99999999999",
                "null",
            ] {
                std::fs::write(folder.path().join(name), "").unwrap();
            }
            assert_eq!(numbers(folder.path()), [2, 10]);
        }

        #[test]
        fn a_missing_folder_has_no_cameras() {
            let folder = tempfile::tempdir().unwrap();
            assert!(numbers(&folder.path().join("gone")).is_empty());
        }

        #[test]
        fn a_node_that_is_no_camera_says_so() {
            let file = tempfile::NamedTempFile::new().unwrap();
            let path = file.path().to_str().unwrap();
            let problem = capture_problem(path).unwrap().unwrap();
            assert!(
                problem.starts_with(&format!("{path} cannot be opened: ")),
                "{problem}"
            );
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::CameraInfo;
    use crate::error::{Error, Result};

    pub(super) fn list() -> Result<Vec<CameraInfo>> {
        let found = nokhwa::query(nokhwa::utils::ApiBackend::Auto).map_err(|error| {
            let remedy = "allow this program the camera in the system's privacy settings";
            Error::camera("camera", format!("{error}; {remedy}"))
        })?;
        let mut cameras: Vec<CameraInfo> = found
            .into_iter()
            .map(|camera| CameraInfo {
                id: camera.index().as_string(),
                stable: match camera.misc() {
                    misc if misc.is_empty() => camera.human_name(),
                    misc => misc,
                },
                // Media Foundation's names may end in the zeros of a C string.
                name: camera.human_name().trim_end_matches('\0').to_owned(),
                problem: None,
            })
            .collect();
        cameras.sort_by_key(|camera| (camera.id.len(), camera.id.clone()));
        Ok(cameras)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Holds with and without a camera: what is listed can be named by its id, and each id once.
    #[test]
    fn every_camera_has_a_name_and_an_id_of_its_own() {
        // A continuous-integration machine without a camera service may refuse; it must do so in words.
        let cameras = match list() {
            Ok(cameras) => cameras,
            Err(error) => return assert!(error.to_string().contains("camera"), "{error}"),
        };
        for camera in &cameras {
            assert!(
                !camera.name.is_empty() && !camera.id.is_empty(),
                "{camera:?}"
            );
        }
        let mut ids: Vec<&str> = cameras.iter().map(|c| c.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), cameras.len());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_lists_no_more_than_its_video_nodes() {
        let nodes: Vec<String> = std::fs::read_dir("/dev")
            .unwrap()
            .flatten()
            .filter_map(|entry| Some(system::number(entry.file_name().to_str()?)?.to_string()))
            .collect();
        for camera in list().unwrap() {
            assert!(nodes.contains(&camera.id), "{camera:?}");
        }
    }

    #[test]
    fn a_camera_is_shown_with_its_problem() {
        let mut camera = CameraInfo {
            id: "2".into(),
            name: "Desk".into(),
            stable: "usb1/2:0".into(),
            problem: None,
        };
        assert_eq!(camera.to_string(), "Desk (2)");
        camera.problem = Some("busy".into());
        assert_eq!(camera.to_string(), "Desk (2): busy");
    }
}
