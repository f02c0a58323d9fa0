//! Asks a camera for its modes, and sets it to one of them.

use nokhwa::utils::CameraIndex;

use super::list::CameraInfo;
use super::mode::{Mode, Wanted};

pub(super) use system::{modes, prepare};

/// The camera's number as `nokhwa` takes it.
pub(super) fn index(info: &CameraInfo) -> CameraIndex {
    match info.id.parse() {
        Ok(number) => CameraIndex::Index(number),
        Err(_) => CameraIndex::String(info.id.clone()),
    }
}

/// Linux is asked directly: `nokhwa` walks every size of a camera that has a range of them, looks up rates at sizes
/// that it does not have, and fails for a camera that is currently set to a rate which is not a whole number.
#[cfg(target_os = "linux")]
mod system {
    use nokhwa::utils::FrameFormat;
    use v4l::frameinterval::FrameIntervalEnum;
    use v4l::framesize::FrameSizeEnum;
    use v4l::video::Capture;
    use v4l::video::capture::Parameters;
    use v4l::{Device, Format, FourCC};

    use super::{CameraInfo, Mode, Wanted};

    /// The most sizes and rates of one format that are read: a driver may list any number.
    const MOST: usize = 256;

    const FORMATS: [(&[u8; 4], FrameFormat); 5] = [
        (b"MJPG", FrameFormat::MJPEG),
        (b"YUYV", FrameFormat::YUYV),
        (b"NV12", FrameFormat::NV12),
        (b"RGB3", FrameFormat::RAWRGB),
        (b"BGR3", FrameFormat::RAWBGR),
    ];

    fn open(info: &CameraInfo) -> Result<Device, String> {
        Device::with_path(format!("/dev/video{}", info.id)).map_err(|e| e.to_string())
    }

    pub(in super::super) fn modes(info: &CameraInfo, wanted: Wanted) -> Result<Vec<Mode>, String> {
        let device = open(info)?;
        let listed = device.enum_formats().map_err(|e| e.to_string())?;
        let mut modes = Vec::new();
        for (code, format) in FORMATS {
            let code = FourCC::new(code);
            if !listed.iter().any(|f| f.fourcc == code) {
                continue;
            }
            let sizes = device.enum_framesizes(code).unwrap_or_default();
            for size in sizes.into_iter().take(MOST) {
                let (width, height) = match size.size {
                    FrameSizeEnum::Discrete(size) => (size.width, size.height),
                    FrameSizeEnum::Stepwise(range) => (
                        step(
                            wanted.width,
                            range.min_width,
                            range.max_width,
                            range.step_width,
                        ),
                        step(
                            wanted.height,
                            range.min_height,
                            range.max_height,
                            range.step_height,
                        ),
                    ),
                };
                let rates = rates(&device, code, (width, height), wanted.fps);
                modes.extend(rates.into_iter().map(|fps| Mode {
                    format,
                    width,
                    height,
                    fps,
                }));
            }
        }
        Ok(modes)
    }

    /// The value of a range with steps that is closest to the one that is wanted.
    pub(super) fn step(wanted: u32, least: u32, most: u32, step: u32) -> u32 {
        let within = wanted.clamp(least.min(most), most);
        within - (within - least.min(within)) % step.max(1)
    }

    /// Whole rates only, as `nokhwa` knows no others. A driver that lists none has one that cannot be changed.
    fn rates(device: &Device, code: FourCC, (width, height): (u32, u32), wanted: u32) -> Vec<u32> {
        let listed = device
            .enum_frameintervals(code, width, height)
            .unwrap_or_default();
        if listed.is_empty() {
            return vec![wanted];
        }
        let whole = |seconds: v4l::Fraction| match seconds.numerator {
            0 => None,
            n => seconds
                .denominator
                .is_multiple_of(n)
                .then_some(seconds.denominator / n),
        };
        let mut rates = Vec::new();
        for interval in listed.into_iter().take(MOST) {
            match interval.interval {
                FrameIntervalEnum::Discrete(seconds) => rates.extend(whole(seconds)),
                FrameIntervalEnum::Stepwise(range) => {
                    let slowest = whole(range.max).unwrap_or(1);
                    let fastest = whole(range.min).unwrap_or(wanted);
                    rates.push(wanted.clamp(slowest.min(fastest), fastest));
                }
            }
        }
        rates
    }

    /// Set the device to `mode` before `nokhwa` opens it: it refuses a device whose current mode it does not know.
    pub(in super::super) fn prepare(info: &CameraInfo, mode: Mode) -> Result<(), String> {
        let device = open(info)?;
        let code = FORMATS.iter().find(|(_, format)| *format == mode.format);
        let Some((code, _)) = code else {
            return Err("of an unknown format".to_owned());
        };
        let format = Format::new(mode.width, mode.height, FourCC::new(code));
        device.set_format(&format).map_err(|e| e.to_string())?;
        // A driver with a fixed rate refuses this, which does no harm.
        drop(device.set_params(&Parameters::with_fps(mode.fps)));
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        use super::step;

        #[test]
        fn a_range_with_steps_gives_what_is_in_it() {
            assert_eq!(step(640, 320, 1920, 16), 640);
            assert_eq!(step(645, 320, 1920, 16), 640);
            assert_eq!(step(100, 320, 1920, 16), 320);
            assert_eq!(step(9000, 320, 1921, 16), 1920);
            assert_eq!(step(640, 0, 0, 0), 0);
            assert_eq!(step(640, u32::MAX, 5, 3), 5);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use nokhwa::Camera;
    use nokhwa::utils::{FrameFormat, RequestedFormat, RequestedFormatType};

    use super::{CameraInfo, Mode, Wanted};

    const FORMATS: [FrameFormat; 5] = [
        FrameFormat::MJPEG,
        FrameFormat::YUYV,
        FrameFormat::NV12,
        FrameFormat::RAWRGB,
        FrameFormat::RAWBGR,
    ];

    pub(in super::super) fn modes(info: &CameraInfo, _wanted: Wanted) -> Result<Vec<Mode>, String> {
        let any = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
        let mut camera = Camera::new(super::index(info), any).map_err(|e| e.to_string())?;
        let listed = camera
            .compatible_camera_formats()
            .map_err(|e| e.to_string())?;
        Ok(listed
            .into_iter()
            .map(|f| Mode {
                format: f.format(),
                width: f.width(),
                height: f.height(),
                fps: f.frame_rate(),
            })
            .collect())
    }

    pub(in super::super) fn prepare(_info: &CameraInfo, _mode: Mode) -> Result<(), String> {
        Ok(())
    }
}
