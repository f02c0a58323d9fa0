//! `impasto web`: the page of examples/web, which paints in the browser, served by the program itself.

mod page;
mod runtime;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::catalog;
use crate::error::Result;
use crate::progress::Progress;
use crate::remote::http::{ServeAddress, Site, SiteFile};

/// The time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// The options of `impasto web`.
#[derive(Debug, Clone)]
pub struct WebJob {
    /// The port on 127.0.0.1; 0 is any free one.
    pub port: u16,
    /// The folder with the files of onnxruntime-web; `None`: where the command that installs it puts it.
    pub runtime: Option<PathBuf>,
}

/// Serve the page until `progress` says stop (Ctrl-C), which is the ordinary way to end it.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) when onnxruntime-web is not there, with the command that installs it, or when
/// the port cannot be used.
pub fn web(job: &WebJob, progress: &mut dyn Progress) -> Result<()> {
    let mut files = runtime::files(job.runtime.as_deref())?;
    files.extend(
        page::FILES
            .iter()
            .map(|(name, bytes)| SiteFile::new(name, *bytes)),
    );
    files.extend(page::MODELS.iter().filter_map(|name| {
        let bytes = catalog::bundled_file(name)?;
        Some(SiteFile::new(&format!("models/{name}"), bytes))
    }));
    let site = Site::serve(&ServeAddress::loopback(job.port), "port", files)?;
    progress.note(&format!("open {} in a browser; Ctrl-C ends", site.url()));
    while progress.step(0, 1, "web").is_continue() {
        thread::sleep(LOOK);
    }
    Ok(())
}
