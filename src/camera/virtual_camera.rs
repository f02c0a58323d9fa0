//! A sink that feeds a v4l2loopback device: frames go in, video calls and OBS see a camera.

use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::Path;

use image::RgbImage;
use v4l::capability::Flags;
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

/// Writes frames to a device that other programs see as a camera: YUYV, which all of them take.
pub struct VirtualCamera {
    device: Device,
    name: String,
    /// The size of the first frame: programs that read the device cannot follow a change.
    size: Option<(u32, u32)>,
    /// 4:2:2, plane by plane, on the way to `packed`.
    planes: Option<YuvPlanarImageMut<'static, u8>>,
    packed: Vec<u8>,
    scaler: Scaler,
    scaled: RgbImage,
}

impl VirtualCamera {
    /// Open `/dev/videoN`.
    ///
    /// # Errors
    /// [`Error::Camera`] when it is not there, not a virtual camera, or in use.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let refuse = |reason: String| Error::camera(&name, reason);
        let device = Device::with_path(path).map_err(|e| {
            refuse(match e.kind() {
                ErrorKind::NotFound => "is not there; `sudo modprobe v4l2loopback exclusive_caps=1` makes one".to_owned(),
                ErrorKind::PermissionDenied => {
                    "may not be opened by this user: `sudo usermod -aG video $USER`, then log in again".to_owned()
                }
                _ => format!("cannot be opened: {e}"),
            })
        })?;
        let able = device
            .query_caps()
            .map_err(|e| refuse(format!("is no video device: {e}")))?;
        if !able.capabilities.contains(Flags::VIDEO_OUTPUT) {
            let reason = "takes no pictures; a virtual camera of v4l2loopback does";
            return Err(refuse(reason.to_owned()));
        }
        Ok(Self {
            device,
            name,
            size: None,
            planes: None,
            packed: Vec::new(),
            scaler: Scaler::default(),
            scaled: RgbImage::new(0, 0),
        })
    }

    fn refuse(&self, reason: impl ToString) -> Error {
        Error::camera(&self.name, reason.to_string())
    }

    /// Set the size, once. YUYV stores columns in pairs, so an odd one is left out.
    fn set_size(&mut self, (width, height): (u32, u32)) -> Result<(u32, u32)> {
        if let Some(size) = self.size {
            return Ok(size);
        }
        let size = ((width & !1).max(2), height.max(1));
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
        self.size = Some(size);
        Ok(size)
    }
}

impl FrameSink for VirtualCamera {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        let (width, height) = self.set_size(frame.rgb.dimensions())?;
        let rgb = if frame.rgb.dimensions() == (width, height) {
            &frame.rgb
        } else {
            reshape(&mut self.scaled, width, height);
            self.scaler.resize(&frame.rgb, &mut self.scaled)?;
            &self.scaled
        };
        let mut packed = YuvPackedImageMut {
            yuy: BufferStoreMut::Borrowed(&mut self.packed),
            yuy_stride: width * 2,
            width,
            height,
        };
        let chroma = YuvChromaSubsampling::Yuv422;
        let planes = self
            .planes
            .get_or_insert_with(|| YuvPlanarImageMut::alloc(width, height, chroma));
        let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt601);
        yuv::rgb_to_yuv422(
            planes,
            rgb,
            width * 3,
            range,
            matrix,
            YuvConversionMode::Balanced,
        )
        .and_then(|()| yuv::yuv422_to_yuyv422(&mut packed, &planes.to_fixed()))
        .map_err(|e| Error::invalid("frame", e.to_string()))?;
        match self.device.write_all(&self.packed) {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(e) => Err(self.refuse(format!("takes no more frames: {e}"))),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn other_files_than_virtual_cameras_are_refused_with_the_reason() {
        let said = |path: &Path| match VirtualCamera::open(path) {
            Ok(_) => panic!("opened {}", path.display()),
            Err(error) => error.to_string(),
        };
        assert!(said("/dev/video-none".as_ref()).contains("modprobe v4l2loopback"));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(said(file.path()).contains("is no video device"));
    }
}
