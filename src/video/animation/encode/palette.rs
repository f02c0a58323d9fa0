//! A frame in; 255 colours and the place of every pixel among them out.
//!
//! A palette is learnt by a neural gas (NeuQuant, as in [`crate::picture::save_gif`]) and kept for the frames that
//! follow as long as it fits them: new palettes make still parts flicker, and learning takes most of the time. Between
//! its colours there is an ordered dither, which stands still where the picture does; diffused errors would crawl.

use std::collections::HashMap;

use color_quant::NeuQuant;

use super::Part;

/// The index that stands for "as before".
pub(super) const CLEAR: u8 = 255;

/// Colours that are learnt; the last index is [`CLEAR`].
const COLOURS: usize = 255;

/// About how many pixels a palette is learnt from: of 76,800, one in three.
const LEARNT_FROM: usize = 25_000;

/// A palette is given up when the error of a frame is larger than this many times that of its own frame ...
const WORSE: f32 = 1.25;

/// ... and by more than this, in squared levels a channel: less is not seen.
const SEEN: f32 = 4.0;

/// How much of the mean distance between neighbouring colours the dither spans.
const SPAN: f32 = 0.5;

/// No place is known yet.
const UNKNOWN: u16 = u16::MAX;

/// Colours of one frame after another.
#[derive(Default)]
pub(super) struct Painter {
    palette: Vec<u8>,
    indices: Vec<u8>,
    /// The colours of a frame that has few, and their places.
    few: HashMap<[u8; 3], u8>,
    learnt: Option<Learnt>,
    /// The colours that are learnt from, as red, green, blue and 255.
    samples: Vec<u8>,
}

/// A palette, and what is known of it.
struct Learnt {
    net: NeuQuant,
    palette: Vec<u8>,
    /// The index of each colour of 6 bits a channel, found when it is first needed.
    places: Vec<u16>,
    /// The dither's span in levels.
    span: f32,
    /// The mean squared error of the frame that it was learnt from, a channel.
    error: f32,
}

impl Painter {
    /// Choose the colours of a frame.
    pub(super) fn paint(&mut self, part: &Part<'_>) {
        if self.paint_exactly(part) {
            return;
        }
        if let Some(learnt) = &mut self.learnt {
            let error = learnt.paint(part, &mut self.indices);
            if error <= learnt.error * WORSE || error <= learnt.error + SEEN {
                self.palette.clone_from(&learnt.palette);
                return;
            }
        }
        let mut learnt = Learnt::from(part, &mut self.samples);
        learnt.error = learnt.paint(part, &mut self.indices);
        self.palette.clone_from(&learnt.palette);
        self.learnt = Some(learnt);
    }

    /// Red, green and blue of every colour.
    pub(super) fn palette(&self) -> &[u8] {
        &self.palette
    }

    /// The place of every pixel of the area, row by row.
    pub(super) fn indices(&self) -> &[u8] {
        &self.indices
    }

    /// Whether the frame has so few colours that each is kept as it is.
    fn paint_exactly(&mut self, part: &Part<'_>) -> bool {
        self.few.clear();
        self.palette.clear();
        self.indices.clear();
        for y in 0..part.area.height {
            for (colour, same) in row(part, y) {
                if same {
                    self.indices.push(CLEAR);
                    continue;
                }
                let next = self.few.len();
                let place = *self.few.entry(colour).or_insert(next as u8);
                if next == self.few.len() {
                    self.indices.push(place);
                } else if next < COLOURS {
                    self.palette.extend(colour);
                    self.indices.push(place);
                } else {
                    return false;
                }
            }
        }
        // The table has as many places as the index of what is clear needs.
        self.palette.resize((COLOURS + 1) * 3, 0);
        true
    }
}

impl Learnt {
    fn from(part: &Part<'_>, samples: &mut Vec<u8>) -> Self {
        samples.clear();
        for y in 0..part.area.height {
            let fresh = row(part, y).filter(|(_, same)| !same);
            samples.extend(fresh.flat_map(|([r, g, b], _)| [r, g, b, 255]));
        }
        let every = (samples.len() / 4 / LEARNT_FROM).clamp(1, 30);
        let net = NeuQuant::new(every as i32, COLOURS, samples);
        let mut palette = net.color_map_rgb();
        let span = SPAN * mean_gap(&palette);
        palette.resize((COLOURS + 1) * 3, 0);
        Self {
            net,
            palette,
            places: vec![UNKNOWN; 1 << 18],
            span,
            error: 0.0,
        }
    }

    /// Choose the place of every pixel of the area; the mean squared error, a channel, without the dither's own.
    fn paint(&mut self, part: &Part<'_>, indices: &mut Vec<u8>) -> f32 {
        indices.clear();
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in 0..part.area.height {
            let places = row(part, y).zip(part.area.left..);
            for ((colour, same), x) in places {
                if same {
                    indices.push(CLEAR);
                    continue;
                }
                let shift = (threshold(x, part.area.top + y) * self.span) as i32;
                let place = self.place(colour.map(|c| (i32::from(c) + shift).clamp(0, 255) as u8));
                indices.push(place);
                let chosen = &self.palette[usize::from(place) * 3..][..3];
                let error = |(a, b): (&u8, &u8)| u64::from(a.abs_diff(*b)).pow(2);
                sum += chosen.iter().zip(&colour).map(error).sum::<u64>();
                count += 3;
            }
        }
        sum as f32 / count.max(1) as f32
    }

    /// The index of the colour nearest to this one, to 6 bits a channel.
    fn place(&mut self, colour: [u8; 3]) -> u8 {
        let [r, g, b] = colour.map(|c| usize::from(c >> 2));
        let known = &mut self.places[r << 12 | g << 6 | b];
        if *known == UNKNOWN {
            let [r, g, b] = colour.map(|c| c & !3 | 2);
            *known = self.net.index_of(&[r, g, b, 255]).min(COLOURS - 1) as u16;
        }
        *known as u8
    }
}

/// The colours of a row of the area, and whether each is as in the frame before.
fn row<'a>(part: &'a Part<'_>, y: u32) -> impl Iterator<Item = ([u8; 3], bool)> + use<'a> {
    let now = part.area.row(part.picture, y).chunks_exact(3);
    // Without a frame before, the row is held against nothing.
    let before = part.before.map_or(&[][..], |b| part.area.row(b, y));
    now.enumerate().map(move |(x, colour)| {
        let same = before.get(x * 3..x * 3 + 3) == Some(colour);
        ([colour[0], colour[1], colour[2]], same)
    })
}

/// An 8x8 ordered dither (Bayer): -0.5..0.5.
fn threshold(x: u32, y: u32) -> f32 {
    let (mut a, b, mut value) = (x ^ y, y, 0);
    for bit in 0..3 {
        value = value << 2 | (a & 1) << 1 | (b >> bit & 1);
        a >>= 1;
    }
    (value as f32 + 0.5) / 64.0 - 0.5
}

/// The mean distance of a colour to its nearest neighbour, in levels.
fn mean_gap(palette: &[u8]) -> f32 {
    let distance = |a: &[u8], b: &[u8]| -> u32 {
        let squares = a
            .iter()
            .zip(b)
            .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
        squares.sum()
    };
    let colours = || palette.chunks_exact(3);
    let gaps = colours().map(|colour| {
        let others = colours().map(|other| distance(colour, other));
        let nearest = others.filter(|d| *d > 0).min();
        (nearest.unwrap_or(0) as f32).sqrt()
    });
    gaps.sum::<f32>() / (palette.len() / 3).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::Ratio;
    use crate::video::animation::changed::Area;
    use image::RgbImage;

    fn part<'a>(picture: &'a RgbImage, before: Option<&'a RgbImage>) -> Part<'a> {
        Part {
            picture,
            before,
            area: Area::whole(picture),
            time: Ratio::new(4, 100),
        }
    }

    fn shown(painter: &Painter, size: (u32, u32)) -> RgbImage {
        let colour = |place: &u8| painter.palette()[usize::from(*place) * 3..][..3].to_vec();
        let bytes = painter.indices().iter().flat_map(colour).collect();
        RgbImage::from_raw(size.0, size.1, bytes).expect("a place for every pixel")
    }

    /// A wide gradient, seen from `shift` on.
    fn gradient(shift: u32) -> RgbImage {
        RgbImage::from_fn(64, 48, |x, y| {
            let x = x + shift;
            [(x * 3) as u8, (y * 5) as u8, ((x + y) * 2) as u8].into()
        })
    }

    fn mean(picture: &RgbImage, channel: usize) -> f32 {
        let values = picture.pixels().map(|p| f32::from(p.0[channel]));
        values.sum::<f32>() / (picture.width() * picture.height()) as f32
    }

    #[test]
    fn few_colours_are_kept_exactly() {
        let picture = RgbImage::from_fn(17, 15, |x, y| [x as u8 * 3, y as u8 * 7, 90].into());
        let mut painter = Painter::default();
        painter.paint(&part(&picture, None)); // 255 colours
        assert_eq!(shown(&painter, (17, 15)), picture);
    }

    #[test]
    fn many_colours_are_near_and_their_mean_is_kept() {
        let picture = gradient(0);
        let mut painter = Painter::default();
        painter.paint(&part(&picture, None));
        let shown = shown(&painter, (64, 48));
        for channel in 0..3 {
            let off = (mean(&shown, channel) - mean(&picture, channel)).abs();
            assert!(off < 3.0, "channel {channel} is off by {off}");
        }
        let worst = shown.iter().zip(picture.iter());
        let worst = worst.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst < Some(80), "{worst:?}");
        assert!(!painter.indices().contains(&CLEAR));
    }

    #[test]
    fn a_palette_is_kept_while_it_fits_and_given_up_when_not() {
        let mut painter = Painter::default();
        painter.paint(&part(&gradient(0), None));
        let first = painter.palette().to_vec();
        painter.paint(&part(&gradient(1), Some(&gradient(0))));
        assert_eq!(painter.palette(), first, "much the same colours");
        let mut other = gradient(0);
        other
            .pixels_mut()
            .for_each(|p| p.0 = [255 - p.0[1], p.0[2], p.0[0]]);
        painter.paint(&part(&other, Some(&gradient(1))));
        assert_ne!(painter.palette(), first, "other colours");
    }

    #[test]
    fn what_did_not_change_is_clear() {
        let before = gradient(0);
        let mut now = before.clone();
        for x in 10..20 {
            now.put_pixel(x, 30, [255, 0, 0].into());
        }
        let mut painter = Painter::default();
        painter.paint(&part(&now, Some(&before)));
        let clear = painter.indices().iter().filter(|i| **i == CLEAR).count();
        assert_eq!(clear, 64 * 48 - 10);
        assert_eq!(painter.palette()[..3], [255, 0, 0]);
    }

    #[test]
    fn the_dither_has_every_threshold_once_in_a_square() {
        let mut all: Vec<i32> = (0..64)
            .map(|i| ((threshold(i % 8, i / 8) + 0.5) * 64.0) as i32)
            .collect();
        all.sort_unstable();
        assert_eq!(all, (0..64).collect::<Vec<_>>());
    }
}
