//! Impasto paints photos, films and live video in the style of any painting, in real time.
//!
//! A style predictor reads a painting once and yields an embedding; a transformer network, whose
//! conditional instance norms the embedding sets, paints every picture (Ghiasi et al. 2017,
//! "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
//! arXiv:1705.06830). Both are ONNX files run by ONNX Runtime, and a trained pair is compiled in.
//!
//! ```no_run
//! use impasto::io::file;
//! use impasto::{Engine, Result};
//!
//! fn main() -> Result<()> {
//!     let mut engine = Engine::builder().build()?;
//!     let style = engine.embed(&file::open("painting.jpg".as_ref(), &Default::default())?.rgb)?;
//!     let photo = file::open("photo.jpg".as_ref(), &Default::default())?;
//!     let pastiche = engine.stylize(&photo.rgb, &style)?;
//!     file::save("pastiche.png".as_ref(), &pastiche, photo.alpha.as_ref())
//! }
//! ```
//!
//! # The house
//!
//! Modules stand on floors; a module imports from lower floors only. `tests/layers` holds this table.
//!
//! | floor | module | what lives there | may import |
//! |---|---|---|---|
//! | 0 | [`error`], [`frame`], [`timing`] | errors; a picture with its capture time; named stage timings | - |
//! | 1 | [`tensor`] | pictures as tensors; resize; colours | error |
//! | 1 | [`catalog`] | models: find, verify sha256, read the manifest | error |
//! | 1 | [`io`] | one file per source or sink; knows no networks | error, frame, tensor |
//! | 2 | [`runtime`] | ONNX Runtime; the only place that names `ort` | error, tensor |
//! | 3 | [`style`] | embeddings, gallery, predictor and head | error, runtime, tensor |
//! | 3 | [`gatys`] | the optimum: objective as a graph with its gradient, optimisers | error, runtime, tensor |
//! | 4 | [`engine`] | predictor, head and transformer together, and the way back through them | error, catalog, runtime, style, tensor, timing |
//! | 5 | [`app`] | the jobs: stylize, refine, blend, live, gatys, verify, styles, models, bench, doctor | all above |
//! | 6 | `cli`, `main` | flags become typed jobs | the public interface |

pub mod app;
pub mod catalog;
pub mod engine;
pub mod error;
pub mod frame;
pub mod gatys;
pub mod io;
pub mod runtime;
pub mod style;
pub mod tensor;
pub mod timing;

pub use engine::{Engine, EngineBuilder};
pub use error::{Error, Result};
pub use style::StyleEmbedding;
