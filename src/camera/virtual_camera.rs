//! A sink that feeds a v4l2loopback device: frames go in, video calls and OBS see a camera.

use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use image::RgbImage;
use v4l::buffer::Type;
use v4l::capability::Flags;
use v4l::io::mmap::Stream;
use v4l::io::traits::Stream as _;
use v4l::video::Output;
use v4l::{Device, Format, FourCC};
use yuv::{
    BufferStoreMut, YuvChromaSubsampling, YuvConversionMode, YuvPackedImageMut, YuvPlanarImageMut,
    YuvRange, YuvStandardMatrix,
};

use crate::error::{Error, Result};
use crate::picture::Scaler;
use crate::picture::reshape;
use crate::video::{Frame, FrameSink};

/// The command that makes a virtual camera. Without `exclusive_caps` Chrome and what is built on it do not see it
/// (v4l2loopback #274), and with it only while something writes into it.
pub const MODPROBE: &str = "sudo modprobe v4l2loopback exclusive_caps=1 card_label=Impasto";

/// The driver's name for itself.
const LOOPBACK: &str = "v4l2 loopback";

/// With `exclusive_caps` a device takes pictures only while no other program writes into it. It takes a moment until it
/// does again, after such a program has ended.
const PATIENCE: Duration = Duration::from_secs(1);

/// The time between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// Nothing goes through these buffers, but a stream has some. Not fewer than the driver has: it would give all that use the
/// device as few.
const CLAIMED_BUFFERS: u32 = 8;

/// Writes frames to a device that other programs see as a camera: YUYV, which all of them take.
pub struct VirtualCamera {
    device: Device,
    name: String,
    /// See [`claim`].
    claim: Option<Stream<'static>>,
    /// The size of the first frame: programs that read the device cannot follow a change.
    size: Option<(u32, u32)>,
    /// 4:2:2, plane by plane, on the way to `packed`.
    planes: Option<YuvPlanarImageMut<'static, u8>>,
    packed: Vec<u8>,
    scaler: Scaler,
    scaled: RgbImage,
    /// What the user should know, until it is told.
    note: Option<String>,
}

impl VirtualCamera {
    /// Open `/dev/videoN`. `go_on` is asked while a program that has just ended still has it.
    ///
    /// # Errors
    /// [`Error::Camera`] when it is not there, not a virtual camera, or in use; [`Error::Interrupted`].
    pub fn open(path: &Path, go_on: &mut dyn FnMut() -> bool) -> Result<Self> {
        let name = path.display().to_string();
        let device = patiently(PATIENCE, &mut || open_output(path, &name), go_on)?;
        let device = device.ok_or_else(|| {
            let reason = "takes no pictures now: close the program that writes into it, and those that show it";
            Error::camera(&name, reason)
        })?;
        Ok(Self {
            device,
            name,
            claim: None,
            size: None,
            planes: None,
            packed: Vec::new(),
            scaler: Scaler::default(),
            scaled: RgbImage::new(0, 0),
            note: None,
        })
    }

    fn refuse(&self, reason: impl ToString) -> Error {
        Error::camera(&self.name, reason.to_string())
    }

    /// Set the size, once.
    fn set_size(&mut self, frame: (u32, u32)) -> Result<(u32, u32)> {
        if let Some(size) = self.size {
            return Ok(size);
        }
        let size = even(frame);
        if size != frame {
            self.note = Some(format!(
                "virtual camera {}: {}x{} of {}x{} are shown, as browsers take even sizes only",
                self.name, size.0, size.1, frame.0, frame.1
            ));
        }
        let asked = Format::new(size.0, size.1, FourCC::new(b"YUYV"));
        let got = Output::set_format(&self.device, &asked).map_err(|e| {
            self.refuse(format!(
                "does not take {}x{} YUYV ({e}); is another program writing to it?",
                size.0, size.1
            ))
        })?;
        if got.fourcc != asked.fourcc || (got.width, got.height) != size {
            return Err(self.refuse(format!(
                "insists on {}x{} {}; is another program using it?",
                got.width, got.height, got.fourcc
            )));
        }
        self.packed.resize(size.0 as usize * size.1 as usize * 2, 0);
        self.claim = claim(&self.device);
        self.size = Some(size);
        Ok(size)
    }
}

impl FrameSink for VirtualCamera {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        let size = self.set_size(frame.rgb.dimensions())?;
        let rgb = if even(frame.rgb.dimensions()) == size {
            &frame.rgb
        } else {
            reshape(&mut self.scaled, size.0, size.1);
            self.scaler.resize(&frame.rgb, &mut self.scaled)?;
            &self.scaled
        };
        pack(rgb, size, &mut self.planes, &mut self.packed)?;
        let mut written = self.device.write_all(&self.packed);
        if let Err(error) = &written
            && error.kind() == ErrorKind::ResourceBusy
            && let Some(claim) = self.claim.take()
        {
            // Newer versions take either a stream or write(2), and know by themselves who writes.
            release(claim);
            written = self.device.write_all(&self.packed);
        }
        match written {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(e) => Err(self.refuse(format!("takes no more frames: {e}"))),
        }
    }

    fn take_note(&mut self) -> Option<String> {
        self.note.take()
    }
}

impl Drop for VirtualCamera {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            release(claim);
        }
    }
}

/// The device, if it takes pictures; `None` for one that may do so in a moment.
fn open_output(path: &Path, name: &str) -> Result<Option<Device>> {
    let refuse = |reason: String| Error::camera(name, reason);
    let device = Device::with_path(path).map_err(|e| {
        refuse(match e.kind() {
            ErrorKind::NotFound => format!("is not there; `{MODPROBE}` makes one"),
            ErrorKind::PermissionDenied => {
                "may not be opened by this user: `sudo usermod -aG video $USER`, then log in again"
                    .to_owned()
            }
            _ => format!("cannot be opened: {e}"),
        })
    })?;
    let able = device
        .query_caps()
        .map_err(|e| refuse(format!("is no video device: {e}")))?;
    let can = |flag| able.capabilities.contains(flag);
    match able.driver.as_str() {
        _ if can(Flags::VIDEO_OUTPUT) => Ok(Some(device)),
        LOOPBACK if can(Flags::VIDEO_CAPTURE) => Ok(None),
        // With `exclusive_caps` v4l2loopback 0.12 takes no more once a program has written into it without [`claim`].
        LOOPBACK => Err(refuse(format!(
            "takes no pictures any more, as another program left it: `sudo modprobe -r v4l2loopback`, then `{MODPROBE}`"
        ))),
        _ => {
            let reason = "takes no pictures; a virtual camera of v4l2loopback does";
            Err(refuse(reason.to_owned()))
        }
    }
}

/// Tells v4l2loopback that this program is the one that writes. Its version 0.12 forgets who wrote by write(2) alone, and
/// with `exclusive_caps` takes no pictures of anybody after that (`ready_for_output` in its source). `None` where the driver
/// knows no streams.
fn claim(device: &Device) -> Option<Stream<'static>> {
    let mut stream = Stream::with_buffers(device, Type::VideoOutput, CLAIMED_BUFFERS).ok()?;
    if stream.start().is_err() {
        // Its drop panics where it cannot be stopped either.
        std::mem::forget(stream);
        return None;
    }
    Some(stream)
}

/// The opposite of [`claim`].
fn release(mut claim: Stream<'static>) {
    match claim.stop() {
        Ok(()) => drop(claim),
        // As above.
        Err(_) => std::mem::forget(claim),
    }
}

/// What `open` gives, asked again and again for the time `patience`; `None` when it gives nothing in that time.
fn patiently<T>(
    patience: Duration,
    open: &mut dyn FnMut() -> Result<Option<T>>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<T>> {
    let began = Instant::now();
    loop {
        let found = open()?;
        if found.is_some() || began.elapsed() >= patience {
            return Ok(found);
        }
        if !go_on() {
            return Err(Error::Interrupted);
        }
        thread::sleep(LOOK);
    }
}

/// The size that is shown of a frame: without the last column and row where they are odd. YUYV stores columns in pairs,
/// and programs disagree on the length of a frame of odd width: Chrome refuses it (v4l2loopback #472). What is called and
/// recorded stores rows in pairs too.
fn even((width, height): (u32, u32)) -> (u32, u32) {
    ((width & !1).max(2), (height & !1).max(2))
}

/// The upper left `width` x `height` pixels of a picture that is not smaller, as YUYV. `planes` is made at the first call.
fn pack(
    rgb: &RgbImage,
    (width, height): (u32, u32),
    planes: &mut Option<YuvPlanarImageMut<'static, u8>>,
    packed: &mut [u8],
) -> Result<()> {
    let stride = rgb.width() * 3;
    let rows = stride as usize * height as usize;
    let wrong = |e: String| Error::invalid("frame", e);
    let rgb = (rgb.as_raw().get(..rows)).ok_or_else(|| wrong("is too small".to_owned()))?;
    let mut packed = YuvPackedImageMut {
        yuy: BufferStoreMut::Borrowed(packed),
        yuy_stride: width * 2,
        width,
        height,
    };
    let chroma = YuvChromaSubsampling::Yuv422;
    let planes = planes.get_or_insert_with(|| YuvPlanarImageMut::alloc(width, height, chroma));
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt601);
    let mode = YuvConversionMode::Balanced;
    yuv::rgb_to_yuv422(planes, rgb, stride, range, matrix, mode)
        .and_then(|()| yuv::yuv422_to_yuyv422(&mut packed, &planes.to_fixed()))
        .map_err(|e| wrong(e.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn other_files_than_virtual_cameras_are_refused_with_the_reason() {
        let said = |path: &Path| match VirtualCamera::open(path, &mut || true) {
            Ok(_) => panic!("opened {}", path.display()),
            Err(error) => error.to_string(),
        };
        assert!(said("/dev/video-none".as_ref()).contains("modprobe v4l2loopback"));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(said(file.path()).contains("is no video device"));
    }

    #[test]
    fn a_device_that_another_program_has_just_left_is_asked_again() {
        let mut asked = 0;
        let mut third = || {
            asked += 1;
            Ok((asked == 3).then_some("device"))
        };
        let found = patiently(PATIENCE, &mut third, &mut || true);
        assert_eq!((found.unwrap(), asked), (Some("device"), 3));
        let began = Instant::now();
        let never: &mut dyn FnMut() -> Result<Option<()>> = &mut || Ok(None);
        assert_eq!(patiently(LOOK * 3, never, &mut || true).unwrap(), None);
        assert!(began.elapsed() >= LOOK * 3);
        let stopped = patiently(PATIENCE * 60, never, &mut || false);
        assert!(matches!(stopped, Err(Error::Interrupted)));
        let broken: &mut dyn FnMut() -> Result<Option<()>> = &mut || Err(Error::camera("c", "x"));
        assert!(patiently(PATIENCE * 60, broken, &mut || true).is_err());
    }

    #[test]
    fn odd_sizes_are_cropped_to_even_ones() {
        for (frame, shown) in [
            ((853, 480), (852, 480)),
            ((640, 481), (640, 480)),
            ((1279, 719), (1278, 718)),
            ((640, 480), (640, 480)),
            ((1, 1), (2, 2)),
        ] {
            assert_eq!(even(frame), shown);
        }
    }

    #[test]
    fn a_cropped_frame_is_the_upper_left_of_the_picture_row_by_row() {
        // Grey levels that say where they stand; a wrong stride would shear them, a scaled picture blend them.
        let grey = |x: u32, y: u32| (40 + x * 7 + y * 13) as u8;
        let picture = RgbImage::from_fn(9, 7, |x, y| image::Rgb([grey(x, y); 3]));
        let (width, height) = even(picture.dimensions());
        assert_eq!((width, height), (8, 6));
        let mut packed = vec![0; (width * height * 2) as usize];
        pack(&picture, (width, height), &mut None, &mut packed).unwrap();
        for (n, pixel) in packed.as_chunks::<2>().0.iter().enumerate() {
            let (x, y) = (n as u32 % width, n as u32 / width);
            let light = 16.0 + f64::from(grey(x, y)) * 219.0 / 255.0;
            assert!(
                (f64::from(pixel[0]) - light).abs() < 1.5,
                "{x},{y}: {pixel:?}"
            );
            assert!(pixel[1].abs_diff(128) <= 1, "{x},{y}: {pixel:?}");
        }
        assert!(pack(&RgbImage::new(4, 4), (8, 6), &mut None, &mut packed).is_err());
    }
}
