//! Whether the outputs of a session would overwrite its inputs or each other: a job goes in, the reason to refuse it
//! comes out.

use std::path::{Path, PathBuf};

use super::job::LiveJob;
use super::sink_choice::SinkChoice;
use super::source_choice::SourceChoice;
use crate::error::{Error, Result};
use crate::picture;

/// Standard input as a file: a film that is redirected into it has a name too.
const STDIN: &str = "/dev/stdin";

/// Refuse a job of which a sink would overwrite the source, add to the folder that pictures are read from, or write where
/// another sink writes. Paths are compared as files, through links.
///
/// # Errors
/// [`Error::Write`] for the source, [`Error::Invalid`] for two sinks.
pub(super) fn check(job: &LiveJob) -> Result<()> {
    let source = match &job.source {
        SourceChoice::Path(path) => Some(path.as_path()),
        SourceChoice::Stdin => Some(Path::new(STDIN)),
        SourceChoice::Camera(_) | SourceChoice::TestCard => None,
    };
    let styles = job.styles_folder.as_deref();
    for (n, sink) in job.sinks.iter().enumerate() {
        if let Some(output) = sink.path() {
            if source.is_some_and(|source| picture::same_file(source, output)) {
                let reason = "it is the source itself; choose another name";
                return Err(Error::write(output)(std::io::Error::other(reason)));
            }
            if styles.is_some_and(|styles| picture::same_file(styles, output)) {
                let reason = "it is the folder that styles come from; choose another one";
                return Err(Error::write(output)(std::io::Error::other(reason)));
            }
        }
        if job.sinks[..n].iter().any(|other| are_same(other, sink)) {
            let what = sink.path().map_or_else(
                || "sink".to_owned(),
                |path| format!("sink {}", path.display()),
            );
            return Err(Error::invalid(what, "is given twice; leave one out"));
        }
    }
    Ok(())
}

fn are_same(a: &SinkChoice, b: &SinkChoice) -> bool {
    match (a.path(), b.path()) {
        (Some(a), Some(b)) => picture::same_file(a, b) || real_path(a) == real_path(b),
        // Two sinks that discard their frames do no harm.
        _ => a == b && *a != SinkChoice::Null,
    }
}

/// The path through links, also of a file that does not exist yet.
fn real_path(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
