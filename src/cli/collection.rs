//! `impasto styles map`, `nearest`, `path` and `purity`: flags in; a map, neighbours, a way or a share out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{
    Failure, MapMethod, NearestJob, PathJob, PurityJob, StyleMapJob, nearest_styles, style_map,
    style_path, style_purity,
};
use impasto::style::StyleArgument;
use impasto::style::collection::{Metric, Purity};
use serde_json::{Value, json};

use super::{EngineArgs, SOME_FAILED, console};

#[derive(Debug, Args)]
pub struct MapArgs {
    /// Map the pictures of a folder, with all folders in it, and not the galleries; its folders name the painters
    #[arg(value_name = "DIR", conflicts_with_all = ["photo", "gallery"])]
    folder: Option<PathBuf>,
    /// map.html, a page that needs nothing else, or a picture
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How styles are laid out: pca or tsne [default: both in a page, tsne in a picture]
    #[arg(long, value_name = "METHOD")]
    method: Option<MapMethod>,
    /// The photo that is painted in each style of the galleries [default: a still life]
    #[arg(long, value_name = "PHOTO")]
    photo: Option<PathBuf>,
    #[command(flatten)]
    distance: DistanceArgs,
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct NearestArgs {
    /// A painting's picture or @NAME
    #[arg(value_name = "STYLE")]
    style: StyleArgument,
    /// How many styles to show
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
    #[command(flatten)]
    distance: DistanceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct PathArgs {
    /// Where it begins: a painting's picture or @NAME
    #[arg(value_name = "FROM")]
    from: StyleArgument,
    /// Where it ends
    #[arg(value_name = "TO")]
    to: StyleArgument,
    /// Places on the way to print, both ends included, 2 to 1000
    #[arg(
        long,
        value_name = "N",
        default_value = "8",
        allow_negative_numbers = true
    )]
    steps: usize,
    #[command(flatten)]
    distance: DistanceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Args)]
pub struct PurityArgs {
    /// A folder with a subfolder for each painter
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Args)]
struct DistanceArgs {
    /// How unlike two styles are: euclidean, cosine, or whitened (cosine, the axes of great variance shortened)
    #[arg(long, value_name = "METRIC", default_value_t = Metric::default())]
    metric: Metric,
}

pub fn map(args: MapArgs) -> anyhow::Result<ExitCode> {
    let job = StyleMapJob {
        folder: args.folder,
        photo: args.photo,
        method: args.method,
        metric: args.distance.metric,
        output: args.output,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    let map = style_map(&job, &mut console::Bar::new(false))?;
    let methods: Vec<_> = map.methods.iter().map(MapMethod::to_string).collect();
    let mut line = format!(
        "{}  {} styles  {}",
        job.output.display(),
        map.styles,
        methods.join(", ")
    );
    if let Some(purity) = &map.purity {
        line += &format!(
            "  nearest by the same painter: {:.0} % (by chance {:.0} %)",
            100.0 * purity.share,
            100.0 * purity.chance
        );
    }
    console::print_done(&line)?;
    Ok(after(&map.failed, map.styles))
}

pub fn nearest(args: NearestArgs) -> anyhow::Result<ExitCode> {
    let job = NearestJob {
        style: args.style,
        count: usize::from(args.count),
        metric: args.distance.metric,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    let near = nearest_styles(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        let rows = near.iter().map(|near| {
            let style = &near.style;
            json!({
                "name": style.name, "title": style.title, "painter": style.painter, "year": style.year,
                "distance": near.distance,
            })
        });
        console::print_json(&json!({
            "metric": job.metric.to_string(), "nearest": rows.collect::<Vec<_>>(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let width = near.iter().map(|n| n.style.name.len()).max().unwrap_or(0);
    for near in &near {
        let caption = console::printable(&near.style.caption());
        let line = format!(
            "{:8.3}  @{:width$}  {caption}",
            near.distance, near.style.name
        );
        console::print(line.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn path(args: PathArgs) -> anyhow::Result<ExitCode> {
    let job = PathJob {
        from: args.from,
        to: args.to,
        steps: args.steps,
        metric: args.distance.metric,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    let path = style_path(&job, &mut console::Bar::new(args.json))?;
    if args.json {
        let pair = |(name, number): &(String, f64)| json!({"style": name, "distance": number});
        let mix = |(name, weight): &(String, f32)| json!({"style": name, "weight": weight});
        let steps = path.steps.iter().map(
            |step| json!({"at": step.at, "mix": step.mix.iter().map(mix).collect::<Vec<_>>()}),
        );
        console::print_json(&json!({
            "metric": job.metric.to_string(),
            "stops": path.stops.iter().map(pair).collect::<Vec<_>>(),
            "steps": steps.collect::<Vec<_>>(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let stops: Vec<_> = path.stops.iter().map(|(name, _)| name.as_str()).collect();
    console::print(&console::printable(&stops.join(" > ")))?;
    for step in &path.steps {
        let mix = step.mix.iter().map(|(name, weight)| match step.mix.len() {
            1 => name.clone(),
            _ => format!("{name}:{weight:.2}"),
        });
        let mix: Vec<_> = mix.collect();
        let mix = console::printable(&mix.join(" + "));
        console::print(&format!("{:3.0} %  {mix}", 100.0 * step.at))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn purity(args: PurityArgs) -> anyhow::Result<ExitCode> {
    let job = PurityJob {
        folder: args.folder,
        engine: args.engine.builder(),
    };
    let report = style_purity(&job, &mut console::Bar::new(args.json))?;
    let share = |purity: &Purity| -> Value {
        let labels = report.labels.iter().zip(&purity.labels);
        let labels = labels.map(
            |(label, (hits, pictures))| json!({"label": label, "hits": hits, "pictures": pictures}),
        );
        json!({"share": purity.share, "chance": purity.chance, "labels": labels.collect::<Vec<_>>()})
    };
    if args.json {
        let metrics: serde_json::Map<_, _> = report
            .purity
            .iter()
            .map(|(metric, purity)| (metric.to_string(), share(purity)))
            .collect();
        console::print_json(&json!({"pictures": report.pictures, "metrics": metrics}))?;
        return Ok(after(&report.failed, report.pictures));
    }
    console::print(&format!(
        "{} pictures, {} labels; the nearest other picture has the same label:",
        report.pictures,
        report.labels.len()
    ))?;
    for (metric, purity) in &report.purity {
        let mark = if *metric == Metric::default() {
            "  (used where no metric is named)"
        } else {
            ""
        };
        console::print(&format!(
            "{:10} {:5.1} %{mark}",
            metric.to_string(),
            100.0 * purity.share
        ))?;
    }
    if let Some((_, purity)) = report.purity.first() {
        console::print(&format!(
            "{:10} {:5.1} %",
            "by chance",
            100.0 * purity.chance
        ))?;
    }
    Ok(after(&report.failed, report.pictures))
}

/// The exit status; what failed goes to stderr.
fn after(failed: &[Failure], read: usize) -> ExitCode {
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    console::say_failures(failed, failed.len() + read);
    ExitCode::from(SOME_FAILED)
}
