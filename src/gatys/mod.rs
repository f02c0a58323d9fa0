//! Style transfer by optimisation: a [`FeatureNetwork`], a [`Recipe`] and target pictures go in, an [`Objective`] comes
//! out; an [`Optimiser`] changes a picture until its features are the content's and its Gram matrices are the style's
//! (Gatys, Ecker, Bethge 2016, "Image style transfer using convolutional neural networks").
//!
//! The objective is an ONNX graph that computes the losses and their gradient with respect to the picture. The feature
//! network is VGG-19, or the compact network that approximates it.

mod adam;
mod graph;
mod layer;
mod lbfgs;
mod line_search;
mod network;
mod objective;
mod optimiser;
pub mod planes;
mod recipe;
#[cfg(test)]
mod test_functions;
mod total_variation;

pub use adam::Adam;
pub use layer::{BLOCKS, Layer};
pub use lbfgs::Lbfgs;
pub use network::FeatureNetwork;
pub use objective::{GatysObjective, Losses, Objective, TargetPictures};
pub use optimiser::{Optimiser, Step};
pub use planes::Planes;
pub use recipe::{Measure, PRESETS, Pooling, Recipe, Weighted, weighted};
