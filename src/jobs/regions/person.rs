//! A matte of people: a photo goes in, a mask that is white where someone is comes out.

use image::{GrayImage, RgbImage};

use super::matte::{Matte, reshape};
use crate::catalog;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::picture::{self, Scaler};
use crate::runtime::{ElementKind, Input, Runtime, Session, SessionOptions};

/// The side of the square that the network sees, in pixels.
const SIDE: u32 = 256;

/// Below the first of these levels is nobody, above the second somebody. The network is unsure in a wide band around
/// hair and hands, where a person would shine through the paint.
const UNSURE: (u8, u8) = (51, 204);

/// The bundled network, made for a person or several within some metres of the camera. It takes some 10 ms on a CPU.
pub struct PersonMatte {
    session: Session,
    scaler: Scaler,
    square: RgbImage,
    levels: [u8; 256],
    /// The last picture's matte, [`SIDE`] x [`SIDE`].
    found: GrayImage,
}

impl PersonMatte {
    /// Open the bundled network, on the CPU.
    ///
    /// # Errors
    /// Those of the runtime; [`Error::Model`] when the file is damaged.
    pub fn open(threads: Option<usize>) -> Result<Self> {
        let runtime = Runtime::load_for(Device::Cpu, None)?;
        let options = SessionOptions {
            device: Device::Cpu,
            threads,
            bf16: false,
        };
        let session = Session::open(&runtime, "matte.onnx", catalog::matte()?, &options)?;
        let side = i64::from(SIDE);
        session.expect_input("content", ElementKind::U8, &[1, side, side, 3])?;
        session.expect_output("matte", ElementKind::U8, &[1, side, side, 1])?;
        Ok(Self {
            session,
            scaler: Scaler::default(),
            square: RgbImage::new(SIDE, SIDE),
            levels: std::array::from_fn(|level| sure(level as u8)),
            found: GrayImage::new(SIDE, SIDE),
        })
    }
}

/// A level as it is taken: smoothly from black to white between [`UNSURE`].
fn sure(level: u8) -> u8 {
    let (low, high) = (f32::from(UNSURE.0), f32::from(UNSURE.1));
    let t = ((f32::from(level) - low) / (high - low)).clamp(0.0, 1.0);
    (t * t * (3.0 - 2.0 * t) * 255.0).round() as u8
}

impl Matte for PersonMatte {
    fn fit(&mut self, photo: &RgbImage, mask: &mut GrayImage) -> Result<bool> {
        // The network was made for pictures that are squeezed to a square, whatever their shape.
        self.scaler.resize(photo, &mut self.square)?;
        let input = Input::picture(picture::view(&self.square));
        let outputs = self.session.run(&[("content", input)])?;
        let matte = outputs.u8("matte")?;
        if matte.len() != self.found.len() {
            return Err(Error::Inference {
                network: "matte.onnx".to_owned(),
                reason: format!("gave a matte of shape {:?}", matte.shape()),
            });
        }
        for (found, level) in self.found.iter_mut().zip(&matte) {
            *found = *level;
        }
        drop(outputs);
        reshape(mask, photo.dimensions());
        self.scaler.resize_grey(&self.found, mask)?;
        for level in mask.iter_mut() {
            *level = self.levels[usize::from(*level)];
        }
        Ok(true)
    }

    fn nowhere(&self, inverted: bool) -> String {
        let text = match inverted {
            false => "no person was found, so nothing is kept; a mask says where one is",
            true => {
                "all of it was taken for a person, so nothing is kept; a mask says where one is"
            }
        };
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sure_stays_and_what_is_not_moves_away_from_grey() {
        assert_eq!((sure(0), sure(50), sure(255), sure(205)), (0, 0, 255, 255));
        let levels: Vec<u8> = (0..=255).map(sure).collect();
        assert!(levels.is_sorted());
        assert!(sure(90) < 90 && sure(170) > 170);
    }
}
