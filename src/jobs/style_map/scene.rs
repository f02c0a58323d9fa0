//! Styles, thumbnails and distances in; what a map shows out, whatever it is drawn with.

use std::collections::BTreeSet;

use image::RgbImage;
use ndarray::{Array2, ArrayView2};

use super::MapMethod;
use crate::error::Result;
use crate::picture;
use crate::style::GalleryStyle;
use crate::style::collection::{Metric, Purity, Ruler, nearest, spread};

/// A thumbnail on the map, and the place that it takes with its name and a gap, in map units: the pixels of a screen.
pub(super) const THUMBNAIL: (u32, u32) = (120, 96);
pub(super) const CELL: (f64, f64) = (136.0, 132.0);

/// Neighbours that a style names, and those that it is joined to.
const NAMED: usize = 5;
const JOINED: usize = 2;

/// A map.
pub(super) struct Scene {
    pub(super) nodes: Vec<Node>,
    pub(super) planes: Vec<Plane>,
    pub(super) metric: Metric,
    /// The share of the variance on the two axes of the principal components.
    pub(super) explained: f64,
    pub(super) purity: Option<Purity>,
}

/// A style on the map.
pub(super) struct Node {
    pub(super) style: GalleryStyle,
    pub(super) picture: RgbImage,
    /// The nearest others and their distances, nearest first.
    pub(super) near: Vec<(usize, f64)>,
}

/// The places of all styles by one method.
pub(super) struct Plane {
    pub(super) method: MapMethod,
    /// The middle of each cell, all at least half a cell from 0.
    pub(super) places: Vec<(f64, f64)>,
    /// Width and height of the whole.
    pub(super) size: (f64, f64),
}

impl Plane {
    /// `points` `[N,2]`, laid so that no thumbnail covers another.
    pub(super) fn new(method: MapMethod, points: ArrayView2<'_, f64>) -> Self {
        let mut places = spread(points, CELL);
        let least =
            |of: fn(&(f64, f64)) -> f64| places.iter().map(of).fold(f64::INFINITY, f64::min);
        let (left, top) = (least(|p| p.0), least(|p| p.1));
        for place in &mut places {
            *place = (place.0 - left + CELL.0 / 2.0, place.1 - top + CELL.1 / 2.0);
        }
        let most = |of: fn(&(f64, f64)) -> f64| places.iter().map(of).fold(0.0, f64::max);
        let size = (most(|p| p.0) + CELL.0 / 2.0, most(|p| p.1) + CELL.1 / 2.0);
        Self {
            method,
            places,
            size,
        }
    }
}

/// The styles with their thumbnails and neighbours.
pub(super) fn nodes(
    styles: Vec<GalleryStyle>,
    pictures: Vec<RgbImage>,
    chords: &Array2<f64>,
    ruler: &Ruler,
) -> Vec<Node> {
    let all = styles.into_iter().zip(pictures).enumerate();
    all.map(|(row, (style, picture))| {
        let near = nearest(chords.view(), row, NAMED).into_iter();
        Node {
            style,
            picture,
            near: near.map(|(k, chord)| (k, ruler.distance(chord))).collect(),
        }
    })
    .collect()
}

impl Scene {
    /// The pairs that are joined by a line: each style with its two nearest.
    pub(super) fn lines(&self) -> BTreeSet<(usize, usize)> {
        let pairs = self.nodes.iter().enumerate().flat_map(|(row, node)| {
            let near = node.near.iter().take(JOINED);
            near.map(move |(other, _)| (row.min(*other), row.max(*other)))
        });
        pairs.collect()
    }
}

/// `picture` cut and scaled to fill `width` x `height` pixels.
pub(super) fn cover(picture: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
    let (w, h) = (u64::from(picture.width()), u64::from(picture.height()));
    let (wide, tall) = (u64::from(width), u64::from(height));
    // The largest part of the picture that has the same shape.
    let (cut_w, cut_h) = match w * tall > h * wide {
        true => ((h * wide / tall).max(1), h),
        false => (w, (w * tall / wide).max(1)),
    };
    let (x, y) = ((w - cut_w) / 2, (h - cut_h) / 2);
    let part = image::imageops::crop_imm(picture, x as u32, y as u32, cut_w as u32, cut_h as u32);
    picture::resize(&part.to_image(), width, height)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_any_shape_fills_its_place() {
        for (w, h) in [(1, 1), (300, 20), (20, 300), (120, 96), (3, 1)] {
            let cut = cover(&RgbImage::new(w, h), THUMBNAIL).unwrap();
            assert_eq!(cut.dimensions(), THUMBNAIL);
        }
        let halves = RgbImage::from_fn(400, 96, |x, _| {
            image::Rgb(if (140..260).contains(&x) {
                [200; 3]
            } else {
                [0; 3]
            })
        });
        let cut = cover(&halves, THUMBNAIL).unwrap();
        assert!(cut.pixels().all(|p| p.0 == [200; 3]), "the middle is kept");
    }

    #[test]
    fn a_plane_begins_at_its_corner() {
        let points = ndarray::array![[-3.0, 5.0], [2.0, 1.0], [7.0, -2.0]];
        let plane = Plane::new(MapMethod::Pca, points.view());
        for (x, y) in &plane.places {
            assert!(*x >= CELL.0 / 2.0 && *x <= plane.size.0 - CELL.0 / 2.0);
            assert!(*y >= CELL.1 / 2.0 && *y <= plane.size.1 - CELL.1 / 2.0);
        }
        assert!(plane.places[0].0 < plane.places[2].0 && plane.places[0].1 < plane.places[2].1);
    }
}
