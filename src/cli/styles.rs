//! `impasto styles`: flags in; the gallery listed, shown, painted or changed out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use impasto::catalog;
use impasto::jobs::{StyleBook, StyleSheetJob, style_sheet, user_gallery_path};
use impasto::style::Gallery;
use impasto::style::collection::Metric;
use serde_json::json;

use super::collection::{self, MapArgs, NearestArgs, PathArgs, PurityArgs};
use super::style_options::size;
use super::styles_add::{self, AddArgs};
use super::{EngineArgs, console, limits};

/// The gallery: styles that @NAME stands for
#[derive(Debug, Subcommand)]
#[command(after_long_help = limits::styles())]
pub enum StylesCommand {
    /// List the styles
    List(ListArgs),
    /// Read a painting, or folders of them, and keep them in your gallery
    Add(AddArgs),
    /// Show one style: who painted it, and the styles nearest to it
    Show(ShowArgs),
    /// Remove a style from your gallery
    Remove(RemoveArgs),
    /// Give a style of your gallery another name
    Rename(RenameArgs),
    /// Paint a contact sheet: one photo in every style, with their names
    Sheet(SheetArgs),
    /// Lay all styles on a map, like by like: a page to zoom and search in, or a picture
    Map(MapArgs),
    /// Find the styles of the galleries that are most like a painting or a style
    Nearest(NearestArgs),
    /// Find a way from one style to another over styles that are like each other
    Path(PathArgs),
    /// Tell how often the style most like a painting is by the same painter, on a folder of folders
    Purity(PurityArgs),
}

/// Which galleries.
#[derive(Debug, Args)]
pub struct Galleries {
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    /// The model whose styles are meant, as for `stylize`
    #[arg(long = "of", value_name = "NAME|DIR")]
    model: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Galleries {
    fn open(&self) -> anyhow::Result<StyleBook> {
        let set = catalog::find(self.model.as_deref())?;
        Ok(StyleBook::open(
            Gallery::parse("bundled gallery", set.gallery.as_deref().unwrap_or(""))?,
            user_gallery_path(self.gallery.as_deref())?,
        )?)
    }
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    galleries: Galleries,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The style's name, with or without @
    #[arg(value_name = "NAME")]
    name: String,
    /// Print the numbers of its embedding too
    #[arg(long)]
    values: bool,
    #[command(flatten)]
    galleries: Galleries,
}

#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// The style's name, with or without @
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    gallery: OwnGallery,
}

#[derive(Debug, Args)]
pub struct RenameArgs {
    /// The style's name, with or without @
    #[arg(value_name = "OLD")]
    old: String,
    /// Its new name: lower-case letters, digits, hyphens
    #[arg(value_name = "NEW")]
    new: String,
    #[command(flatten)]
    gallery: OwnGallery,
}

/// The user's own gallery, to be changed.
#[derive(Debug, Args)]
pub struct OwnGallery {
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
}

impl OwnGallery {
    fn open(&self) -> anyhow::Result<StyleBook> {
        let set = catalog::find(None)?;
        let path = user_gallery_path(self.gallery.as_deref())?;
        let text = set.gallery.as_deref().unwrap_or("");
        Ok(StyleBook::open(
            Gallery::parse("bundled gallery", text)?,
            path,
        )?)
    }
}

#[derive(Debug, Args)]
pub struct SheetArgs {
    /// The photo to paint [default: a still life]
    #[arg(value_name = "PHOTO")]
    photo: Option<PathBuf>,
    /// Long side of each picture in pixels [default: 256]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    size: Option<u32>,
    /// The picture to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(command: StylesCommand) -> anyhow::Result<ExitCode> {
    match command {
        StylesCommand::List(args) => list(&args.galleries),
        StylesCommand::Show(args) => show(&args),
        StylesCommand::Add(args) => return styles_add::run(args),
        StylesCommand::Remove(args) => remove(&args),
        StylesCommand::Rename(args) => rename(&args),
        StylesCommand::Sheet(args) => sheet(args),
        StylesCommand::Map(args) => return collection::map(args),
        StylesCommand::Nearest(args) => return collection::nearest(args),
        StylesCommand::Path(args) => return collection::path(args),
        StylesCommand::Purity(args) => return collection::purity(args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn list(galleries: &Galleries) -> anyhow::Result<()> {
    let book = galleries.open()?;
    let all = || {
        book.bundled
            .styles
            .iter()
            .map(|s| (s, "bundled"))
            .chain(book.user.styles.iter().map(|s| (s, "yours")))
    };
    if galleries.json {
        return console::print_json(&all().map(|(s, place)| json!({
            "name": s.name, "title": s.title, "painter": s.painter, "year": s.year, "gallery": place,
        })).collect());
    }
    let width = all().map(|(s, _)| s.name.len()).max().unwrap_or(0);
    for (style, place) in all() {
        let mark = if place == "yours" { "  (yours)" } else { "" };
        let line = format!("@{:width$}  {}{mark}", style.name, style.caption());
        console::print(&console::printable(&line))?;
    }
    Ok(())
}

fn show(args: &ShowArgs) -> anyhow::Result<()> {
    let book = args.galleries.open()?;
    let style = book.get(plain(&args.name))?;
    let near = book.neighbours(style, Metric::default())?;
    if args.galleries.json {
        return console::print_json(&json!({
            "name": style.name, "title": style.title, "painter": style.painter, "year": style.year,
            "space": style.space, "values": style.values,
            "nearest": near.iter().map(|n| json!({"name": n.style.name, "distance": n.distance})).collect::<Vec<_>>(),
        }));
    }
    console::print(&console::printable(&format!(
        "@{}  {}",
        style.name,
        style.caption()
    )))?;
    console::print(&format!(
        "made by predictor {}, {} values",
        style.space,
        style.values.len()
    ))?;
    let near: Vec<_> = near
        .iter()
        .take(3)
        .map(|n| format!("@{} ({:.2})", n.style.name, n.distance))
        .collect();
    console::print(&format!("nearest: {}", near.join(", ")))?;
    if !args.values {
        return Ok(());
    }
    let values: Vec<_> = style.values.iter().map(|v| format!("{v:.3}")).collect();
    console::print(&values.join(" "))
}

fn remove(args: &RemoveArgs) -> anyhow::Result<()> {
    let (mut book, name) = (args.gallery.open()?, plain(&args.name));
    book.remove(name, &mut console::Bar::new(true))?;
    console::print_done(&format!(
        "@{name} was removed from {}",
        book.user_path.display()
    ))
}

fn rename(args: &RenameArgs) -> anyhow::Result<()> {
    let (mut book, old, new) = (args.gallery.open()?, plain(&args.old), plain(&args.new));
    book.rename(old, new, &mut console::Bar::new(true))?;
    console::print_done(&format!("@{old} is now @{new}"))
}

fn sheet(args: SheetArgs) -> anyhow::Result<()> {
    let job = StyleSheetJob {
        photo: args.photo,
        size: args.size,
        output: args.output,
        gallery: args.gallery,
        engine: args.engine.builder(),
    };
    let names = style_sheet(&job, &mut console::Bar::new(false))?;
    console::print_done(&format!("{}  {} styles", job.output.display(), names.len()))
}

/// A name without its `@`.
fn plain(name: &str) -> &str {
    name.strip_prefix('@').unwrap_or(name)
}
