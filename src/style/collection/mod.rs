//! A collection of styles: embeddings as rows of a matrix in; distances, neighbours, paths and maps in the plane out.

mod eigen;
mod metric;
mod neighbours;
mod path;
mod pca;
mod spread;
mod tsne;

pub use metric::{Metric, Ruler};
pub use neighbours::{Purity, nearest, purity};
pub use path::{PATH_NEIGHBOURS, Way, shortest_path};
pub use pca::Pca;
pub use spread::spread;
pub use tsne::{LEAST_FOR_TSNE, tsne};
