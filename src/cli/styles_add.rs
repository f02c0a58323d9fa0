//! `impasto styles add`: paintings, or folders of them, in; styles of the user's gallery out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use impasto::jobs::{
    AddStyle, AddStyles, AddedStyles, Refinement, StyleBook, add_styles, user_gallery_path,
};
use impasto::{Engine, Error, picture};

use super::style_options::{DEFAULT_STEPS, refinement, steps};
use super::{EngineArgs, INTERRUPTED, SOME_FAILED, console};

#[derive(Debug, Args)]
pub struct AddArgs {
    /// Pictures of paintings, or folders, which are searched with all folders in them
    #[arg(value_name = "IMAGE|DIR", required = true)]
    images: Vec<PathBuf>,
    /// The name of one painting, for @NAME: lower-case letters, digits, hyphens [default: made of the file's name]
    #[arg(long)]
    name: Option<String>,
    /// The painting's title
    #[arg(long, requires = "name")]
    title: Option<String>,
    /// Who painted it, or all of them
    #[arg(long)]
    painter: Option<String>,
    /// The painter is the folder that a picture lies in
    #[arg(long, conflicts_with_all = ["painter", "name"])]
    painter_from_folder: bool,
    /// When it was painted
    #[arg(long)]
    year: Option<String>,
    /// Replace styles of the same name; without it, a name made of a file's name gets a number where it is taken
    #[arg(long)]
    force: bool,
    /// Fit the style to the painting by gradient descent before it is kept, in so many steps [default: 30]
    ///
    /// The result is closer to the painting on the photos that it is fitted on. Other photos gain less, and next to
    /// nothing from the test card: give several photos that are like those you will paint.
    #[arg(long, value_name = "STEPS", value_parser = steps(), num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_STEPS)]
    refine: Option<u16>,
    /// The feature network for --refine: vgg19, compact or a file [default: vgg19 if it is installed, else compact]
    #[arg(long, value_name = "NAME|FILE", requires = "refine")]
    features: Option<String>,
    /// A photo to fit it on; may be given more than once [default: the test card]
    #[arg(long = "on", value_name = "PHOTO", requires = "refine")]
    photos: Vec<PathBuf>,
    /// The gallery file of your own styles [default: in your data folder]
    #[arg(long, value_name = "FILE")]
    gallery: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: AddArgs) -> anyhow::Result<ExitCode> {
    let path = user_gallery_path(args.gallery.as_deref())?;
    let options = args.engine.builder();
    let refine = args.refine.map(|steps| Refinement {
        steps: usize::from(steps),
        features: args.features,
        photos: args.photos,
        engine: options.clone(),
    });
    let Some(name) = args.name else {
        let job = AddStyles {
            pictures: args.images,
            painter: args.painter,
            painter_from_folder: args.painter_from_folder,
            year: args.year,
            replace: args.force,
            refine,
        };
        let mut engine = options.build()?;
        let mut book = StyleBook::open(engine.gallery().clone(), path)?;
        let added = add_styles(&mut book, &mut engine, &job, &mut console::Bar::new(false))?;
        return report(added, &book.user_path);
    };
    let [image] = args.images.as_slice() else {
        return Err(Error::Invalid {
            what: "name".to_owned(),
            reason: "is for one picture; without it, each gets the name of its file".to_owned(),
        }
        .into());
    };
    if picture::is_collection(image) {
        return Err(Error::Invalid {
            what: "name".to_owned(),
            reason: format!(
                "is for one picture, and {} is a folder or pattern; without it, each picture gets the name of its file",
                image.display()
            ),
        }
        .into());
    }
    let mut engine: Engine = options.build()?;
    let mut book = StyleBook::open(engine.gallery().clone(), path)?;
    let style = AddStyle {
        picture: image.clone(),
        name: name.clone(),
        title: args.title,
        painter: args.painter,
        year: args.year,
        replace: args.force,
        refine,
    };
    let refined = book.add(&mut engine, &style, &mut console::Bar::new(false))?;
    if let Some(refined) = refined {
        console::print_done(&refinement(&refined))?;
    }
    console::print_done(&format!("@{name} is in {}", book.user_path.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each style, what failed and what is left.
fn report(mut done: AddedStyles, gallery: &Path) -> anyhow::Result<ExitCode> {
    let total = done.added.len() + done.known.len() + done.failed.len() + done.left.len();
    if total == 1
        && let Some(failure) = done.failed.pop()
    {
        return Err(failure.error.into());
    }
    for (file, name) in &done.added {
        console::print_done(&format!("@{name}  {}", file.display()))?;
    }
    for (file, name) in &done.known {
        console::print_done(&format!("@{name} was there already  {}", file.display()))?;
    }
    if total > 1 {
        let (new, gallery) = (done.added.len(), gallery.display());
        console::print_done(&format!(
            "{new} of {total} pictures were added to {gallery}"
        ))?;
    }
    console::say_failures(&done.failed, total);
    if !done.left.is_empty() {
        let names = console::names(done.left.iter().map(PathBuf::as_path));
        console::say(&format!(
            "impasto: interrupted; what was read is kept. left ({}): {names}",
            done.left.len()
        ));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(match done.failed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(SOME_FAILED),
    })
}
