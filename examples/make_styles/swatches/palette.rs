//! At most 256 colours to a picture, so that its file holds one byte a pixel: paint does not suffer, and the file halves.

use image::{Rgb, RgbImage};

/// Colours that a picture may hold.
const COLOURS: usize = 256;

/// A colour of the picture and how many pixels have it.
type Entry = ([u8; 3], u32);

/// The channel in which `entries` spread most, and by how much.
fn widest(entries: &[Entry]) -> (usize, u32) {
    let spread = |c: usize| {
        let values = || entries.iter().map(|(colour, _)| u32::from(colour[c]));
        // Green is seen most keenly, blue least.
        (values().max().unwrap_or(0) - values().min().unwrap_or(0)) * [3, 4, 2][c]
    };
    (0..3)
        .map(|c| (c, spread(c)))
        .max_by_key(|(c, spread)| (*spread, 3 - c))
        .unwrap_or((0, 0))
}

/// The mean colour of `entries`, by pixels.
fn mean(entries: &[Entry]) -> [u8; 3] {
    let pixels: u64 = entries
        .iter()
        .map(|(_, n)| u64::from(*n))
        .sum::<u64>()
        .max(1);
    [0, 1, 2].map(|c| {
        let sum: u64 = entries
            .iter()
            .map(|(colour, n)| u64::from(colour[c]) * u64::from(*n))
            .sum();
        ((sum + pixels / 2) / pixels) as u8
    })
}

/// The same picture in at most 256 colours (median cut). Whole numbers throughout.
pub fn reduce(picture: &RgbImage) -> RgbImage {
    let mut counts = std::collections::BTreeMap::<[u8; 3], u32>::new();
    for pixel in picture.pixels() {
        *counts.entry(pixel.0).or_default() += 1;
    }
    let mut boxes: Vec<Vec<Entry>> = vec![counts.into_iter().collect()];
    while boxes.len() < COLOURS {
        // Cut the box that is both wide and full.
        let weight = |entries: &Vec<Entry>| {
            let pixels: u64 = entries.iter().map(|(_, n)| u64::from(*n)).sum();
            u64::from(widest(entries).1).pow(2) * pixels.isqrt()
        };
        let Some((index, _)) = boxes
            .iter()
            .enumerate()
            .filter(|(_, b)| b.len() > 1)
            .max_by_key(|(_, b)| weight(b))
        else {
            break;
        };
        let mut entries = boxes.swap_remove(index);
        let (channel, _) = widest(&entries);
        entries.sort_by_key(|(colour, _)| (colour[channel], *colour));
        let half: u64 = entries.iter().map(|(_, n)| u64::from(*n)).sum::<u64>() / 2;
        let mut passed = 0u64;
        let middle = entries.iter().position(|(_, n)| {
            passed += u64::from(*n);
            passed > half
        });
        let upper = entries.split_off(middle.unwrap_or(1).clamp(1, entries.len() - 1));
        boxes.push(entries);
        boxes.push(upper);
    }
    let mut nearest = std::collections::BTreeMap::<[u8; 3], [u8; 3]>::new();
    for entries in &boxes {
        let colour = mean(entries);
        nearest.extend(entries.iter().map(|(from, _)| (*from, colour)));
    }
    let mut reduced = picture.clone();
    for pixel in reduced.pixels_mut() {
        *pixel = Rgb(nearest[&pixel.0]);
    }
    reduced
}
