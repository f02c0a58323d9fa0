//! `impasto verify`: flags go in, the job is run, and its verdicts are printed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::gatys::style_file;
use impasto::jobs::verify::{Judgement, Thresholds, VerifyJob, VerifyReport, verify};
use impasto::picture;
use impasto::style::StyleArgument;

use super::gatys_options::OptimisationArgs;
use super::{SOME_FAILED, console, limits};

/// Exit status when no pair fails, but the optimiser has not converged for all of them.
const INCONCLUSIVE: u8 = 3;

/// The end of the help.
const STATUS: &str = "Exit status: 0 all pairs pass, 2 some fail, 3 none fails but the optimiser has not converged for some, 1 an error.";

/// Compare the fast network with the optimiser, and write a report
#[derive(Debug, Args)]
#[command(after_help = STATUS, after_long_help = format!("{STATUS}\n\n{}", limits::optimiser()))]
// After a hundred steps the optimiser has converged, mostly; and every pair is optimised twice.
#[command(mut_arg("iterations", |arg| arg.default_value("100")))]
pub struct VerifyArgs {
    /// The photo
    #[arg(
        value_name = "CONTENT",
        required_unless_present = "set",
        conflicts_with = "set"
    )]
    content: Option<PathBuf>,

    /// The painting: a picture, as its Gram matrices are measured
    #[arg(
        short,
        long,
        value_name = "PICTURE",
        required_unless_present = "set",
        conflicts_with = "set"
    )]
    style: Option<StyleArgument>,

    /// Every photo of one folder with every painting of another
    #[arg(long, num_args = 2, value_names = ["CONTENTS", "STYLES"])]
    set: Option<Vec<PathBuf>>,

    /// The folder of the report
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// The least share of the loss reduction, from the photo to the optimum, that the network has to reach
    #[arg(long, value_name = "0..1", default_value_t = Thresholds::default().least_share)]
    least_share: f64,

    /// The most that its loss may be, as a multiple of the optimum's
    #[arg(long, value_name = "X", default_value_t = Thresholds::default().most_times)]
    most_times: f64,

    /// Print the report as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    optimisation: OptimisationArgs,
}

pub fn run(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let (contents, styles) = match (&args.set, &args.content, &args.style) {
        (Some(folders), ..) => {
            let all = |folder: &Path| picture::find_pictures(folder);
            (all(&folders[0])?, all(&folders[1])?)
        }
        (None, Some(content), Some(style)) => {
            (vec![content.clone()], vec![style_file(style)?.to_owned()])
        }
        // `clap` has refused this already.
        _ => anyhow::bail!("name a photo and a painting, or two folders with --set"),
    };
    let job = VerifyJob {
        contents,
        styles,
        options: args.optimisation.options()?,
        thresholds: Thresholds {
            least_share: args.least_share,
            most_times: args.most_times,
        },
        output: args.output,
    };
    let report = verify(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        console::print_json(&serde_json::to_value(&report)?)?;
    } else {
        as_text(&report)?;
        let path = job.output.join("index.html");
        console::print(&console::printable(&path.display().to_string()))?;
    }
    Ok(match report.judgement {
        Judgement::Passes => ExitCode::SUCCESS,
        Judgement::Inconclusive => ExitCode::from(INCONCLUSIVE),
        Judgement::Fails => ExitCode::from(SOME_FAILED),
    })
}

fn as_text(report: &VerifyReport) -> anyhow::Result<()> {
    console::print(&format!(
        "{:40} {:>9} {:>9} {:>9} {:>6} {:>6}",
        "pair", "photo", "network", "optimum", "share", "times"
    ))?;
    for pair in &report.pairs {
        let verdict = pair.verdict.text();
        let line = format!(
            "{:40} {:9.3} {:9.3} {:9.3} {:4.0} % {:6.2}  {verdict}",
            pair.folder.display(),
            pair.photo.total,
            pair.pastiche.total,
            pair.optimum.total,
            100.0 * pair.verdict.share,
            pair.verdict.times
        );
        console::print(&console::printable(&line))?;
        console::print(&format!("  {}", console::printable(&pair.sentence())))?;
    }
    Ok(())
}
