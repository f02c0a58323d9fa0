//! Whether this machine has a virtual camera, and how to get one: nothing goes in, a sentence comes out.

/// The virtual cameras that there are, or how one is made.
///
/// # Errors
/// Where there is none: the commands that help.
pub fn virtual_cameras() -> Result<String, String> {
    system::virtual_cameras()
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::path::Path;

    use super::super::virtual_camera::MODPROBE;
    pub(super) fn virtual_cameras() -> Result<String, String> {
        found(Path::new("/sys"))
    }

    /// What the kernel says in the folder `sys`. It is read there, as the devices themselves may belong to another user.
    pub(super) fn found(sys: &Path) -> Result<String, String> {
        let nodes = fs::read_dir(sys.join("class/video4linux"));
        let mut devices: Vec<String> = nodes
            .into_iter()
            .flatten()
            .flatten()
            // Only v4l2loopback says how many programs may open a device.
            .filter(|node| node.path().join("max_openers").exists())
            .filter_map(|node| node.file_name().into_string().ok())
            .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric()))
            .collect();
        devices.sort_by_key(|name| (name.len(), name.clone()));
        let Some(first) = devices.first() else {
            let reason = match sys.join("module/v4l2loopback").exists() {
                true => format!(
                    "v4l2loopback has no device: `sudo modprobe -r v4l2loopback`, then `{MODPROBE}`"
                ),
                false => format!(
                    "none: `{MODPROBE}` makes one (of the package v4l2loopback-dkms), for `live --sink v4l2:/dev/videoN`"
                ),
            };
            return Err(reason);
        };
        let parameter =
            fs::read_to_string(sys.join("module/v4l2loopback/parameters/exclusive_caps"));
        let is_seen = parameter.is_ok_and(|values| values.starts_with('Y'));
        let all: Vec<String> = devices.iter().map(|name| format!("/dev/{name}")).collect();
        let mut text = format!(
            "{}; `live --sink v4l2:/dev/{first}` paints into it",
            all.join(", ")
        );
        if !is_seen {
            text += &format!(
                "; browsers do not see it: `sudo modprobe -r v4l2loopback`, then `{MODPROBE}`"
            );
        }
        Ok(text)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn virtual_cameras() -> Result<String, String> {
        let reason = "OBS Studio makes one: add a Browser source with the address that `impasto live --serve` prints and \
                      /stream.mjpeg, or a Window Capture of its window, then press Start Virtual Camera";
        Err(reason.to_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::system::found;

    #[test]
    fn what_is_missing_is_named_with_its_command() {
        let sys = tempfile::tempdir().unwrap();
        let make = |path: &str, text: &str| {
            let path = sys.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let said = || match found(sys.path()) {
            Ok(found) => format!("found {found}"),
            Err(reason) => reason,
        };
        assert!(
            said().contains("`sudo modprobe v4l2loopback exclusive_caps=1 card_label=Impasto`"),
            "{}",
            said()
        );
        // A camera is none.
        make("class/video4linux/video0/name", "Webcam");
        assert!(said().contains("v4l2loopback-dkms"), "{}", said());
        make("module/v4l2loopback/parameters/exclusive_caps", "Y,N,N");
        assert!(said().contains("has no device"), "{}", said());
        make("class/video4linux/video10/max_openers", "10");
        make("class/video4linux/video9/max_openers", "10");
        assert_eq!(
            said(),
            "found /dev/video9, /dev/video10; `live --sink v4l2:/dev/video9` paints into it"
        );
        make("module/v4l2loopback/parameters/exclusive_caps", "N,N,N");
        assert!(said().contains("browsers do not see it"), "{}", said());
    }
}
