//! Grey planes with a border, and their pyramid: what the flow is searched on.

use image::RgbImage;

/// How far each plane goes on beyond its edges, in pixels: a patch that leaves the picture reads its repeated edge.
pub(super) const PAD: usize = 16;

/// Luminance, 0..=255, with a border in which the edges repeat.
#[derive(Debug, Clone, Default)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    /// From one row to the next.
    pub(super) stride: usize,
    pixels: Vec<f32>,
}

impl Plane {
    /// Makes it `width` x `height` pixels; what it shows then is undefined. Keeps its buffer.
    fn reshape(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.stride = width + 2 * PAD;
        self.pixels.resize(self.stride * (height + 2 * PAD), 0.0);
    }

    /// One of `width` x `height` pixels, given in rows.
    pub(super) fn from_rows(width: usize, height: usize, levels: &[f32]) -> Self {
        let mut plane = Self::default();
        plane.reshape(width, height);
        for (y, row) in levels.chunks_exact(width).enumerate().take(height) {
            plane.row_mut(y).copy_from_slice(row);
        }
        plane.extend();
        plane
    }

    /// The index of a pixel; `x` and `y` from `-PAD` on.
    pub(super) fn index(&self, x: isize, y: isize) -> usize {
        let (x, y) = (x + PAD as isize, y + PAD as isize);
        y as usize * self.stride + x as usize
    }

    /// All pixels, with the border.
    pub(super) fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// Row `y` without its border.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        let start = (y + PAD) * self.stride + PAD;
        &self.pixels[start..start + self.width]
    }

    fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let start = (y + PAD) * self.stride + PAD;
        &mut self.pixels[start..start + self.width]
    }

    /// Repeats the edges into the border.
    fn extend(&mut self) {
        let (width, height, stride) = (self.width, self.height, self.stride);
        for row in self.pixels[PAD * stride..(PAD + height) * stride].chunks_exact_mut(stride) {
            let (first, last) = (row[PAD], row[PAD + width - 1]);
            row[..PAD].fill(first);
            row[PAD + width..].fill(last);
        }
        for y in 0..PAD {
            let (top, bottom) = (PAD * stride, (PAD + height - 1) * stride);
            self.pixels.copy_within(top..top + stride, y * stride);
            let below = (PAD + height + y) * stride;
            self.pixels.copy_within(bottom..bottom + stride, below);
        }
    }

    /// Half of `finer`: means of 2x2 pixels. A last odd row or column is left out.
    fn halve(&mut self, finer: &Plane) {
        self.reshape((finer.width / 2).max(1), (finer.height / 2).max(1));
        for y in 0..self.height {
            let above = finer.row(2 * y);
            let below = finer.row((2 * y + 1).min(finer.height - 1));
            let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
            for (to, (a, b)) in self.row_mut(y).iter_mut().zip(pairs) {
                *to = (a[0] + a[1] + b[0] + b[1]) * 0.25;
            }
        }
        self.extend();
    }
}

/// The pixel at or before a place, which is `-PAD` at least. (`floor` is a call where the processor's age is not known.)
pub(super) fn before(place: f32) -> f32 {
    ((place + PAD as f32) as i32 - PAD as i32) as f32
}

/// The luminance of a frame at falling sizes, the finest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Pyramid {
    levels: Vec<Plane>,
    /// How many of `levels` are in use; the others are kept for their buffers.
    count: usize,
    /// Sums of the columns of a row of blocks.
    sums: Vec<u16>,
    /// A row as it was before it was smoothed.
    line: Vec<f32>,
}

/// The most pixels of the finest level: what 640x480 has at a quarter of its sides, doubled and some.
const MOST: usize = 1 << 16;

/// The coarsest level has at least this many pixels along its short side.
const LEAST_SIDE: usize = 12;

/// The most levels.
const MOST_LEVELS: usize = 6;

/// How many pixels of a `width` x `height` frame one of the finest level stands for, along each side: 1, 2, 4 ... 16.
pub(super) fn reduction(width: usize, height: usize) -> usize {
    let fits = |by: &usize| (width / by) * (height / by) <= MOST || width.min(height) < 16 * by;
    [1, 2, 4, 8].into_iter().find(fits).unwrap_or(16)
}

/// The size of the finest level of a `width` x `height` frame.
pub(super) fn reduced(width: usize, height: usize, by: usize) -> (usize, usize) {
    ((width / by).max(1), (height / by).max(1))
}

impl Pyramid {
    /// The levels, the finest first.
    pub(super) fn levels(&self) -> &[Plane] {
        &self.levels[..self.count]
    }

    /// The finest level.
    pub(super) fn finest(&self) -> &Plane {
        &self.levels[0]
    }

    /// Fills it from `frame`, of at least one pixel, with means of `by` x `by` pixels as the finest level.
    pub(super) fn fill(&mut self, frame: &RgbImage, by: usize) {
        self.make_room();
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let (across, down) = reduced(width, height, by);
        self.levels[0].reshape(across, down);
        reduce(frame, by, &mut self.sums, &mut self.levels[0]);
        smooth(&mut self.levels[0], &mut self.line);
        self.fill_coarser();
    }

    /// Fills it from `finest`, a level that was kept.
    pub(super) fn fill_from(&mut self, finest: Plane) {
        self.make_room();
        self.levels[0] = finest;
        self.fill_coarser();
    }

    fn make_room(&mut self) {
        if self.levels.is_empty() {
            self.levels.resize_with(MOST_LEVELS, Plane::default);
        }
    }

    /// Fills all levels but the finest.
    fn fill_coarser(&mut self) {
        self.count = 1;
        while self.count < MOST_LEVELS {
            let (finer, coarser) = self.levels.split_at_mut(self.count);
            let finer = &finer[self.count - 1];
            if finer.width.min(finer.height) < 2 * LEAST_SIDE {
                break;
            }
            coarser[0].halve(finer);
            self.count += 1;
        }
    }
}

/// Luminance of `frame` as means of `by` x `by` pixels.
fn reduce(frame: &RgbImage, by: usize, sums: &mut Vec<u16>, plane: &mut Plane) {
    let row = frame.width() as usize * 3;
    sums.resize(row, 0);
    let scale = 1.0 / (256 * by * by) as f32;
    for y in 0..plane.height {
        // Whole rows are added first, as that is done in SIMD; then `by` pixels of the sum.
        sums.fill(0);
        for line in frame.as_raw()[y * by * row..].chunks_exact(row).take(by) {
            for (sum, value) in sums.iter_mut().zip(line) {
                *sum += u16::from(*value);
            }
        }
        for (to, block) in plane.row_mut(y).iter_mut().zip(sums.chunks_exact(3 * by)) {
            let mut rgb = [0_u32; 3];
            for pixel in block.chunks_exact(3) {
                for (sum, value) in rgb.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
            // BT.601 in 256ths.
            *to = (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) as f32 * scale;
        }
    }
    plane.extend();
}

/// Means of each pixel and its neighbours with weights 1, 2, 1 along both sides: means of blocks alone have aliases, which
/// pull displacements to whole pixels.
fn smooth(plane: &mut Plane, row: &mut Vec<f32>) {
    let (width, stride) = (plane.width, plane.stride);
    row.resize(stride, 0.0);
    let first = PAD * stride;
    row.copy_from_slice(&plane.pixels[first - stride..first]);
    for y in 0..plane.height {
        let start = (y + PAD) * stride;
        let (at, below) = plane.pixels[start..].split_at_mut(stride);
        for ((above, at), below) in row.iter_mut().zip(at).zip(below) {
            let old = *at;
            *at = (*above + old + old + *below) * 0.25;
            *above = old;
        }
        // Along the row: the border holds repeated edges, of the row's own mean.
        let line = &mut plane.pixels[start..start + stride];
        row_smooth(line, width);
    }
    plane.extend();
}

fn row_smooth(line: &mut [f32], width: usize) {
    let mut before = line[PAD - 1];
    for k in PAD..PAD + width {
        let old = line[k];
        line[k] = (before + old + old + line[k + 1]) * 0.25;
        before = old;
    }
}
