//! Chance that comes out the same every time: a hash, a generator over it, and smooth noise.

/// Mixes the bits of `n` until neighbours have nothing in common (the finaliser of SplitMix64).
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// A number in 0..1 that belongs to the cell (x, y) of layer `seed`.
pub fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let cell = (u64::from(x as u32) << 32) | u64::from(y as u32);
    let bits = mix(mix(cell ^ 0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(seed) << 17));
    (bits >> 40) as f32 / (1u64 << 24) as f32
}

/// Numbers one after another.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)))
    }

    /// In 0..1.
    pub fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mix(self.0) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// In `low`..`high`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Around 0, mostly within +-1: the sum of three uniform numbers.
    pub fn bell(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit()) * 2.0 / 1.5 - 2.0
    }

    /// One of the given things.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[((self.unit() * from.len() as f32) as usize).min(from.len() - 1)]
    }
}

/// Smooth noise in 0..1 whose features are one unit across.
pub fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let (sx, sy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let (i, j) = (left as i32, top as i32);
    let upper = hash(i, j, seed) * (1.0 - sx) + hash(i + 1, j, seed) * sx;
    let lower = hash(i, j + 1, seed) * (1.0 - sx) + hash(i + 1, j + 1, seed) * sx;
    upper * (1.0 - sy) + lower * sy
}

/// Noise with detail: `octaves` layers, each half as large and half as strong; about 0..1.
pub fn fractal(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for octave in 0..octaves {
        // A turn between the layers hides the lattice.
        let (rx, ry) = (0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y);
        let (px, py) = if octave % 2 == 0 { (x, y) } else { (rx, ry) };
        sum += weight * noise(px * scale, py * scale, seed.wrapping_add(octave * 101));
        weight *= 0.5;
        scale *= 2.03;
    }
    sum / (1.0 - 0.5f32.powi(octaves as i32))
}
