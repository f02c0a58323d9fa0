//! `impasto doctor`: flags in, a line (or JSON) for everything that was checked out.

use std::process::ExitCode;

use clap::Args;
use impasto::jobs;

use super::{EngineArgs, console};

/// Say what is here and what is missing; exit 0 only when pictures can be painted
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let report = jobs::doctor(&args.engine.builder());
    if args.json {
        let findings = serde_json::to_value(&report.findings)?;
        console::print_json(
            &serde_json::json!({ "healthy": report.healthy(), "findings": findings }),
        )?;
    } else {
        let width = report
            .findings
            .iter()
            .map(|f| f.what.len())
            .max()
            .unwrap_or(0);
        for finding in &report.findings {
            let mark = match (finding.ok, finding.needed) {
                (true, _) => "ok",
                (false, true) => "MISSING",
                (false, false) => "-",
            };
            let line = format!("{mark:7} {:width$}  {}", finding.what, finding.detail);
            console::print(&console::printable(&line))?;
        }
    }
    Ok(if report.healthy() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
