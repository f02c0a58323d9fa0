//! Which cameras there are, and which one is meant.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result};

/// A camera that pictures can be taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CameraInfo {
    /// What the camera is chosen by: its number as the system counts (on Linux the 2 of `/dev/video2`).
    pub id: String,
    /// What the camera calls itself.
    pub name: String,
    /// Where it is plugged in: stays the same when it is unplugged and comes back under another number.
    pub stable: String,
    /// What keeps this program from using the camera, and the remedy; `None` if nothing is known to.
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
/// [`Error::Device`](crate::Error::Device) if the system refuses to say which cameras there are (never on Linux).
pub fn list() -> Result<Vec<CameraInfo>> {
    system::list()
}

/// The camera that `which` means, among `cameras`: its number, its stable id, its name, or a part of its name that no
/// other has (capitals count as small letters). `None` means the first that nothing is known to be wrong with.
///
/// # Errors
/// [`Error::Device`], with the cameras there are, when none or several are meant, or that one has a problem.
pub(super) fn choose<'a>(cameras: &'a [CameraInfo], which: Option<&str>) -> Result<&'a CameraInfo> {
    let refuse = |device: &str, reason: String| Error::Device {
        device: device.to_owned(),
        reason,
    };
    if cameras.is_empty() {
        let reason = "no camera is here; plug one in, or try with --source test-card";
        return Err(refuse("camera", reason.to_owned()));
    }
    let there: Vec<_> = cameras
        .iter()
        .map(|c| format!("{} ({})", c.name, c.id))
        .collect();
    let there = there.join(", ");
    let Some(which) = which else {
        let usable = cameras.iter().find(|camera| camera.problem.is_none());
        return usable.ok_or_else(|| {
            let problem = cameras[0].problem.clone().unwrap_or_default();
            refuse("camera", problem)
        });
    };
    let exact = |c: &&CameraInfo| c.id == which || c.stable == which || c.name == which;
    let lower = which.to_lowercase();
    let part = |c: &&CameraInfo| c.name.to_lowercase().contains(&lower);
    let mut found: Vec<_> = cameras.iter().filter(exact).collect();
    if found.is_empty() {
        found = cameras.iter().filter(part).collect();
    }
    let device = format!("camera:{which}");
    match found.as_slice() {
        [camera] => match &camera.problem {
            None => Ok(camera),
            Some(problem) => Err(refuse(&device, problem.clone())),
        },
        [] => Err(refuse(&device, format!("is not here; there are {there}"))),
        _ => {
            let reason = format!("may be several; give the number: there are {there}");
            Err(refuse(&device, reason))
        }
    }
}

/// The camera that was `lost`, if it is among `cameras` again: in the same place, or, as one device may have several
/// there, with the same name in the same place.
///
/// # Errors
/// [`Error::Device`] when it is not, or has a problem.
pub(super) fn find_again<'a>(
    cameras: &'a [CameraInfo],
    lost: &CameraInfo,
) -> Result<&'a CameraInfo> {
    let mut there: Vec<_> = cameras.iter().filter(|c| c.stable == lost.stable).collect();
    if there.len() > 1 {
        there.retain(|camera| camera.name == lost.name);
    }
    let refuse = |reason: &str| Error::Device {
        device: lost.name.clone(),
        reason: reason.to_owned(),
    };
    match there.first() {
        Some(camera) => match &camera.problem {
            None => Ok(camera),
            Some(problem) => Err(refuse(problem)),
        },
        None => Err(refuse("is not plugged in; plug it in where it was")),
    }
}

/// Linux is asked directly, not through `nokhwa`: that lists every node, also those of a camera that carry no pictures
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
        Ok(numbers.into_iter().filter_map(look).collect())
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

    /// The camera behind `/dev/video<number>`, or `None` if that node gives no pictures.
    fn look(number: u32) -> Option<CameraInfo> {
        let path = format!("/dev/video{number}");
        let name = std::fs::read(format!("/sys/class/video4linux/video{number}/name"));
        let name = name.unwrap_or_default();
        let problem = match std::str::from_utf8(&name) {
            Ok(_) => capture_problem(&path)?,
            // `v4l` panics at such a name when it asks for the capabilities; the camera itself may be fine.
            Err(_) => Some(format!(
                "{path}: its name is not UTF-8, which the camera library cannot bear"
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

    /// The device behind the node, as the kernel's tree has it, and which of its nodes this is. Made of the kernel's
    /// own files, as the links of `/dev/v4l` need a running `udev`.
    fn stable(number: u32) -> String {
        let node = format!("/sys/class/video4linux/video{number}");
        let device = std::fs::canonicalize(format!("{node}/device"));
        let place = device.unwrap_or_else(|_| Path::new(&node).to_owned());
        let index = std::fs::read_to_string(format!("{node}/index")).unwrap_or_default();
        let place = place.to_string_lossy().into_owned();
        let place = place.strip_prefix("/sys/devices/").unwrap_or(&place);
        format!("{place}:{}", index.trim())
    }

    /// `None` if the node gives no pictures, else what keeps us from having them.
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
        let found =
            nokhwa::query(nokhwa::utils::ApiBackend::Auto).map_err(|error| Error::Device {
                device: "camera".to_owned(),
                reason: format!(
                    "{error}; allow this program the camera in the system's privacy settings"
                ),
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

    fn camera(id: &str, name: &str, problem: Option<&str>) -> CameraInfo {
        CameraInfo {
            id: id.into(),
            name: name.into(),
            stable: format!("usb1/{id}:0"),
            problem: problem.map(Into::into),
        }
    }

    #[test]
    fn a_camera_is_shown_with_its_problem() {
        assert_eq!(camera("2", "Desk", None).to_string(), "Desk (2)");
        let busy = camera("2", "Desk", Some("busy"));
        assert_eq!(busy.to_string(), "Desk (2): busy");
    }

    #[test]
    fn a_lost_camera_is_found_in_its_place_under_another_number() {
        let lost = camera("0", "Desk", None);
        let back = |id, name| CameraInfo {
            stable: lost.stable.clone(),
            ..camera(id, name, None)
        };
        let found = |all: &[CameraInfo]| find_again(all, &lost).map(|c| c.id.clone());
        // A camera's name may change with its firmware, its place does not.
        assert_eq!(found(&[back("3", "Desk 2")]).unwrap(), "3");
        let two = [back("3", "Lid"), back("4", "Desk")];
        assert_eq!(found(&two).unwrap(), "4");
        let other = camera("7", "Desk", None);
        let error = found(&[other]).unwrap_err().to_string();
        assert!(error.contains("not plugged in"), "{error}");
    }

    #[test]
    fn a_camera_is_found_by_number_name_part_and_place() {
        let all = [
            camera("0", "Lid", Some("locked")),
            camera("2", "Desk cam", None),
            camera("12", "Desk cam Pro", None),
        ];
        let found = |which| choose(&all, which).map(|c| c.id.as_str());
        for (which, id) in [
            (None, "2"),
            (Some("2"), "2"),
            (Some("Desk cam"), "2"),
            (Some("pro"), "12"),
            (Some("usb1/12:0"), "12"),
        ] {
            assert_eq!(found(which).unwrap(), id, "{which:?}");
        }
        for (which, said) in [
            (Some("desk"), "several"),
            (Some("7"), "Desk cam Pro (12)"),
            (Some("lid"), "locked"),
        ] {
            let error = found(which).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        let none = choose(&[], None).unwrap_err().to_string();
        assert!(
            none.contains("no camera") && none.contains("test-card"),
            "{none}"
        );
        let locked = choose(&all[..1], None).unwrap_err().to_string();
        assert!(locked.contains("locked"), "{locked}");
    }
}
