//! Impasto paints photos, films and live video in the style of any painting, in real time.
//!
//! A style predictor reads a painting once and yields an embedding; a transformer network, whose
//! conditional instance norms the embedding sets, paints every picture (Ghiasi et al. 2017,
//! "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
//! arXiv:1705.06830). Both are ONNX files run by ONNX Runtime, and a trained pair is compiled in.
//!
//! ```no_run
//! use impasto::picture;
//! use impasto::{Engine, Result};
//!
//! fn main() -> Result<()> {
//!     let mut engine = Engine::builder().build()?;
//!     let style = engine.embed(&picture::open("painting.jpg".as_ref(), &Default::default())?.rgb)?;
//!     let photo = picture::open("photo.jpg".as_ref(), &Default::default())?;
//!     let pastiche = engine.stylize(&photo.rgb, &style)?;
//!     picture::save("pastiche.png".as_ref(), &pastiche, photo.alpha.as_ref())
//! }
//! ```
//!
//! # Features
//!
//! Without default features this is the engine alone. `jobs` adds what the program does, as functions, and films; `live`
//! the camera and the window; `cli` the program; `fetch-runtime` lets the build obtain ONNX Runtime; the others are
//! execution providers.
//!
//! # Privacy
//!
//! Nothing leaves the machine. ONNX Runtime from 1.29 on carries a telemetry client in its maker's packages; the build
//! obtains an older one without it, and [`runtime::Runtime::load`] refuses a library that has one unless
//! `ORT_DISABLE_TELEMETRY` is set.
//!
//! # The rooms
//!
//! A module imports from lower floors only, and no two files of a folder import each other. `tests/layers` checks both.
//!
//! | floor | module | what lives there | may import |
//! |---|---|---|---|
//! | 0 | [`error`], [`device`], [`progress`], [`measure`], `files` | errors; names of devices; the progress callback; stage times, percentiles, memory; files read up to a limit | error |
//! | 1 | [`picture`] | decode with limits, encode, write atomically, resize, colours, draw | error, files |
//! | 1 | [`onnx`] | graph files: read, build, differentiate, cut in stages; knows no `ort` | error |
//! | 1 | [`fetch`] | builds of ONNX Runtime: pins, pip, wheels, cache folders; shared with the build script | error, device, files |
//! | 1 | [`catalog`] | models: find, verify sha256, read the manifest | error, files |
//! | 2 | [`runtime`] | ONNX Runtime; the only place that names `ort` | error, device, files, fetch, onnx |
//! | 2 | `video` | frames, sources and sinks, the slot between threads, Y4M, folders of pictures, test card, ffmpeg | error, files, picture, progress |
//! | 2 | `motion` | dense flow between frames, and pastiches blended along it | error, picture |
//! | 3 | `camera`, `window` | nokhwa and V4L2; minifb | error, picture, video |
//! | 3 | `remote` | control from outside: HTTP, OSC, MIDI | error, files, picture, video |
//! | 3 | [`style`] | embeddings, gallery, transitions, predictor and head | error, device, picture, onnx, runtime |
//! | 3 | [`gatys`] | the objective as a graph, optimisers | error, device, files, picture, onnx, runtime |
//! | 4 | [`engine`] | predictor, head, transformer, current style, tiles, and gradients through them | error, device, measure, picture, onnx, fetch, catalog, runtime, style |
//! | 5 | `jobs` | stylize, film, refine, blend, gatys, verify, styles, models, bench, doctor: loops, progress, files; print nothing | all above |
//! | 6 | `live` | the loop: capture, painter, styles, rate, HUD, screen, session | all above |
//! | 7 | `cli`, `main` | flags become typed jobs | the public interface |

// What comes from outside must end in an error, never in a panic. Tests may.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::unimplemented
    )
)]

#[cfg(feature = "live")]
pub mod camera;
pub mod catalog;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod device;
pub mod engine;
pub mod error;
#[doc(hidden)]
pub mod fetch;
mod files;
pub mod gatys;
#[cfg(feature = "jobs")]
pub mod jobs;
#[cfg(feature = "live")]
pub mod live;
pub mod measure;
#[cfg(feature = "jobs")]
pub mod motion;
#[doc(hidden)]
pub mod onnx;
pub mod picture;
pub mod progress;
#[cfg(feature = "remote")]
pub mod remote;
pub mod runtime;
pub mod style;
#[cfg(feature = "jobs")]
pub mod video;
#[cfg(feature = "live")]
pub mod window;

/// The command line names this crate as any other program does. It is a part of it so that the Python package in
/// `python/` can bring the command too.
#[cfg(feature = "cli")]
extern crate self as impasto;

pub use device::Device;
pub use engine::{Engine, EngineBuilder};
pub use error::{Error, Result};
pub use runtime::Precision;
pub use style::{Gallery, StyleEmbedding};

/// They may be handed to another thread: this does not compile otherwise.
const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<Engine>();
    assert_send::<EngineBuilder>();
    assert_send::<Gallery>();
    assert_send::<StyleEmbedding>();
    assert_send::<Error>();
};
