//! Which of several cameras is meant: the list and what the user wrote go in, one camera or the reason comes out.

use super::list::CameraInfo;
use crate::error::{Error, Result};

/// The camera that `which` means, among `cameras`: its number, its stable id, its name, or a part of its name that no
/// other has (capitals count as small letters). `None` means the first that nothing is known to be wrong with.
///
/// # Errors
/// [`Error::Camera`], with the cameras there are, when none or several are meant, or that one has a problem.
pub(super) fn choose<'a>(cameras: &'a [CameraInfo], which: Option<&str>) -> Result<&'a CameraInfo> {
    if cameras.is_empty() {
        let reason = "no camera is here; plug one in, or paint the test-card instead";
        return Err(Error::camera("camera", reason));
    }
    let listed: Vec<_> = cameras
        .iter()
        .map(|c| format!("{} ({})", c.name, c.id))
        .collect();
    let listed = listed.join(", ");
    let Some(which) = which else {
        let usable = cameras.iter().find(|camera| camera.problem.is_none());
        return usable.ok_or_else(|| {
            let problem = cameras[0].problem.clone().unwrap_or_default();
            Error::camera("camera", problem)
        });
    };
    let exact = |c: &&CameraInfo| c.id == which || c.stable == which || c.name == which;
    let lower = which.to_lowercase();
    let part = |c: &&CameraInfo| c.name.to_lowercase().contains(&lower);
    let mut found: Vec<_> = cameras.iter().filter(exact).collect();
    if found.is_empty() {
        found = cameras.iter().filter(part).collect();
    }
    let refuse = |reason: String| Error::camera(format!("camera:{which}"), reason);
    match found.as_slice() {
        [camera] => match &camera.problem {
            None => Ok(camera),
            Some(problem) => Err(refuse(problem.clone())),
        },
        [] => Err(refuse(format!("is not here; there are {listed}"))),
        _ => {
            let reason = format!("may be several; give the number: there are {listed}");
            Err(refuse(reason))
        }
    }
}

/// The camera that was `lost`, if it is among `cameras` again: in the same place, or, as one device may have several
/// there, with the same name in the same place.
///
/// # Errors
/// [`Error::Camera`] when it is not, or has a problem.
pub(super) fn find_again<'a>(
    cameras: &'a [CameraInfo],
    lost: &CameraInfo,
) -> Result<&'a CameraInfo> {
    let mut matching: Vec<_> = cameras.iter().filter(|c| c.stable == lost.stable).collect();
    if matching.len() > 1 {
        matching.retain(|camera| camera.name == lost.name);
    }
    let refuse = |reason: &str| Error::camera(&lost.name, reason);
    match matching.first() {
        Some(camera) => match &camera.problem {
            None => Ok(camera),
            Some(problem) => Err(refuse(problem)),
        },
        None => Err(refuse("is not plugged in; plug it in where it was")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn camera(id: &str, name: &str, problem: Option<&str>) -> CameraInfo {
        CameraInfo {
            id: id.into(),
            name: name.into(),
            stable: format!("usb1/{id}:0"),
            problem: problem.map(Into::into),
        }
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
