//! ONNX Runtime: finds its shared library, opens models on a device, runs them. The only place that names `ort`.
//!
//! ```no_run
//! use impasto::runtime::{Input, Runtime, Session, SessionOptions};
//! use ndarray::Array4;
//!
//! # fn main() -> impasto::Result<()> {
//! let runtime = Runtime::load(None)?;
//! let model = std::fs::read("invert.onnx").expect("a model");
//! let mut session = Session::open(&runtime, "invert", &model, &SessionOptions::default())?;
//! let picture = Array4::zeros((1, 2, 2, 3));
//! let outputs = session.run(&[("content", Input::U8(picture.view()))])?;
//! assert_eq!(outputs.u8("pastiche")?.dim(), (1, 2, 2, 3));
//! # Ok(())
//! # }
//! ```

mod availability;
mod builder;
mod elf;
pub mod library;
mod loaded;
mod options;
mod port_check;
mod precision;
mod provider;
mod session;
mod settings;
mod telemetry;
mod values;

pub use availability::Availability;
pub use loaded::Runtime;
pub use options::{SessionOptions, THREADS};
pub use precision::Precision;
pub use session::Session;
pub use values::{ElementKind, Input, Outputs, Port};

#[cfg(test)]
mod onnx_tests;
#[cfg(test)]
mod tests;
