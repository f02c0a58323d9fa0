//! Movement between frames, and pastiches that hold still along it.
//!
//! A network that paints every frame by itself paints other strokes when the picture moves by a pixel or the camera's noise
//! changes. [`Steady`] moves the last output along the flow of the contents and blends the new pastiche with it where the
//! two frames agree and the two pastiches do not differ too much: where they do, something new is to be seen.
//!
//! Flow is searched by dense inverse search (Kroeger et al. 2016). In November 2026 there was no kept crate for it in pure Rust:
//! `optical-flow-lk` follows single points, `rustflow` and `opencv` wrap C++, `iris-cv` stands on a framework for networks. At
//! 640x480 the flow is 0.06 to 0.15 pixels off for pans, turns and zooms as a hand-held camera makes them, and up to 0.4 for
//! 3 degrees or 4 percent a frame (`motion::flow::tests::end_point_errors`); flow, warp and blend together take about 2.3 ms of
//! one core for a still frame and 3.2 ms for a moving one (AMD EPYC).

mod agreement;
mod blend;
mod flow;
mod patch;
mod plane;
mod steady;
mod warp;

pub use steady::{AMOUNT, Steady};
