//! Whether an optimisation fits into memory: its size goes in, an error with a smaller size comes out before the system
//! has to kill the program.

use crate::error::{Error, Result};
use crate::gatys::{FeatureNetwork, Recipe};

/// Refuses a size that needs more than the memory that is free, and says which size would fit.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check(
    network: &FeatureNetwork,
    recipe: &Recipe,
    (width, height): (usize, usize),
) -> Result<()> {
    let needed = network.bytes(recipe, width, height);
    match free() {
        Some(free) if needed > free => {
            let fits = (free as f64 / needed as f64).sqrt() * width.max(height) as f64;
            let mib = |bytes: u64| bytes >> 20;
            Err(Error::invalid(
                "size",
                format!(
                    "{width}x{height} needs about {} MiB with {}, and {} are free; a size of {} would fit",
                    mib(needed),
                    network.name(),
                    mib(free),
                    (fits * 0.95) as u64 / 16 * 16
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// The bytes available without swapping, where the system reports them.
fn free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
