//! All that a pastiche depends on, but for the photo, in; one short text that is another when any of it is out.

use std::fmt::Write;

use super::done_work::{hash, hash_file};
use super::targets::Target;
use super::{FileOptions, StylizeJob};
use crate::catalog;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// The sha256 of the settings of each target: networks, embedding, options, version of the program. What changes only
/// the rounding (device, threads, tiles) is left out, so that different machines can share the work.
///
/// # Errors
/// As [`catalog::find`]; [`Error::Read`] for a painting that is refined.
pub(super) fn settings(
    job: &StylizeJob,
    engine: &Engine,
    targets: &[Target],
) -> Result<Vec<String>> {
    // All fields by name: a new one cannot be forgotten here.
    let StylizeJob {
        contents: _,
        styles,
        each: _,
        strength,
        size,
        brush,
        colors,
        files,
        refine,
        best,
        features,
        regions,
        output: _,
        shard: _,
        resume: _,
        gallery: _,
        engine: builder,
    } = job;
    let set = catalog::find(builder.get_model())?;
    // Writing to a string cannot fail.
    let mut common = format!("impasto {}\n", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(
        common,
        "{} {} {}",
        engine.space(),
        hash(&set.head.bytes),
        hash(&set.transformer.bytes)
    );
    let _ = writeln!(common, "{}", builder.appearance());
    let _ = writeln!(
        common,
        "{strength:?} {size:?} {brush:?} {colors:?} {refine:?} {best:?} {features:?} {regions:?}"
    );
    let FileOptions {
        format,
        quality,
        strip,
        no_clobber: _,
        recursive: _,
    } = files;
    let _ = writeln!(common, "{format:?} {quality:?} {strip}");
    for file in regions.files() {
        let (_, sha256) = hash_file(file).map_err(Error::read(file))?;
        let _ = writeln!(common, "{sha256}");
    }
    let mut all = Vec::new();
    for target in targets {
        let mut text = common.clone();
        for value in target.style.values() {
            let _ = write!(text, "{:08x}", value.to_bits());
        }
        // Refinement looks at the paintings again.
        for (index, weight) in target.parts.iter().filter(|_| refine.is_some()) {
            if let Some(painting) = styles.get(*index).and_then(|style| style.picture()) {
                let (_, sha256) = hash_file(painting).map_err(Error::read(painting))?;
                let _ = write!(text, "\n{sha256} {weight:?}");
            }
        }
        all.push(hash(text.as_bytes()));
    }
    Ok(all)
}
