//! Random numbers from a seed that is printed, so that a campaign can be repeated.

/// SplitMix64: enough for choosing moments, and the same on every machine.
pub struct Random(u64);

impl Random {
    /// Seeded by `IMPASTO_SEED`, or by the clock; the seed is printed under `name`.
    pub fn new(name: &str) -> Self {
        let seed = match std::env::var("IMPASTO_SEED") {
            Ok(text) => text.parse().expect("IMPASTO_SEED is a whole number"),
            Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        };
        eprintln!("{name}: IMPASTO_SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In 0..1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
