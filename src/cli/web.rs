//! `impasto web`: flags in, a served page out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{self, WebJob};

use super::console;

/// Serve the page that paints in the browser, on this machine only
///
/// Photos and the camera are painted by the browser itself; nothing leaves it.
#[derive(Debug, Args)]
pub struct WebArgs {
    /// The port on 127.0.0.1; 0 is any free one
    #[arg(long, value_name = "N", default_value = "7430")]
    port: u16,

    /// The folder `dist` of onnxruntime-web [default: where npm puts it below the cache folder]
    #[arg(long, value_name = "DIR")]
    runtime: Option<PathBuf>,
}

pub fn run(args: WebArgs) -> anyhow::Result<ExitCode> {
    let job = WebJob {
        port: args.port,
        runtime: args.runtime,
    };
    jobs::web(&job, &mut console::Bar::new(false))?;
    Ok(ExitCode::SUCCESS)
}
