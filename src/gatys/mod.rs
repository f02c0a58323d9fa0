//! The slow, true optimum: a picture whose features are the content's and whose Gram matrices are the style's
//! (Gatys, Ecker, Bethge 2016, "Image style transfer using convolutional neural networks").
//!
//! A [`FeatureNetwork`] (VGG-19, or the small one that stands in for it) and a [`Recipe`] make an [`Objective`]: an
//! ONNX graph that computes the losses and their gradient by the picture. An [`Optimiser`] goes down it.

mod adam;
mod graph;
mod layer;
mod lbfgs;
mod network;
mod objective;
mod optimiser;
mod planes;
mod recipe;
mod search;
#[cfg(test)]
mod tests;
mod variation;

pub use adam::Adam;
pub use layer::{BLOCKS, Layer};
pub use lbfgs::Lbfgs;
pub use network::FeatureNetwork;
pub use objective::{Losses, Matching, Objective, Pictures};
pub use optimiser::{Optimiser, Step};
pub use planes::Planes;
pub use recipe::{Measure, PRESETS, Pooling, Recipe, Weighted, weighted};
