//! The options of a live session, and the report of what it did.

use std::path::PathBuf;

use serde::Serialize;

use super::meter::StageSummary;
use super::performance::Performance;
use super::sink_choice::SinkChoice;
use super::source_choice::SourceChoice;
use super::stage::Stage;
use crate::camera::Wanted;
use crate::engine::{BRUSHES, EngineBuilder};
use crate::error::{Error, Result};
use crate::jobs::check_size;
use crate::picture::Colors;
use crate::remote::http::ServeAddress;
use crate::style::{StyleArgument, TEMPOS};

/// The options of a live session.
#[derive(Debug, Clone)]
pub struct LiveJob {
    /// Where frames come from.
    pub source: SourceChoice,
    /// The size and rate asked of a camera (the closest it has is taken) or a test card.
    pub capture: Wanted,
    /// Begin a film or a folder of pictures again at its end.
    pub repeats: bool,
    /// Where frames go, at most one of them a window. None: nowhere, they are only measured.
    pub sinks: Vec<SinkChoice>,
    /// The list of styles, in order. None: the styles of the gallery.
    pub styles: Vec<StyleArgument>,
    /// A folder whose pictures join the list as they come.
    pub styles_folder: Option<PathBuf>,
    /// Seconds that a glide takes, 0..=600.
    pub glide: f64,
    /// Go to the next style every so many seconds, 0.1..=86400; `None`: only by key.
    pub tour: Option<f64>,
    /// How much of the painting, 0..=1.
    pub strength: f32,
    /// How large the strokes are, of [`BRUSHES`]: with brush `b` a frame is painted at 1/`b` of its size, or smaller where
    /// `size` or `fps` want it so.
    pub brush: f32,
    /// Long side of the pictures that the networks see at most; `None`: as large as `fps` allows.
    pub size: Option<u32>,
    /// Frames a second to hold when `size` is `None`, 1..=240.
    pub fps: f64,
    /// Flip left and right, as a mirror does; `None`: cameras only.
    pub mirror: Option<bool>,
    /// What becomes of the painting's colours. The key `c` changes what is kept of the content's.
    pub colors: Colors,
    /// Windows, full screen and monitor.
    pub stage: Stage,
    /// Paint the background only, from the beginning; a key turns it on and off in any case.
    pub background_only: bool,
    /// A picture that is white where the foreground is, drawn over a frame; people are found when absent.
    pub mask: Option<PathBuf>,
    /// How still strokes are held along the movement, 0..=1; see [`Steady`](crate::motion::Steady). A key switches it.
    pub steady: f32,
    /// End after so many frames.
    pub frames: Option<u64>,
    /// Folder of saved pictures and recordings.
    pub save_to: PathBuf,
    /// The user's gallery; see [`user_gallery_path`](crate::jobs::user_gallery_path).
    pub gallery: Option<PathBuf>,
    /// Where the page of the remote control is served; `None`: nowhere.
    pub serve: Option<ServeAddress>,
    /// What performers control it with: OSC, MIDI and the beat.
    pub performance: Performance,
    /// Networks and device. A model of `None` is the bundled [`MODEL`], which is made for this.
    pub engine: EngineBuilder,
}

/// The bundled model that paints the camera unless another is named.
pub const MODEL: &str = "live";

/// What a live session did.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct LiveReport {
    /// What the source was.
    pub source: String,
    /// The model's name.
    pub model: String,
    /// The device, and why.
    pub device: String,
    /// Frames shown or written.
    pub frames: u64,
    /// Frames of the source that were replaced by newer ones before they were painted.
    pub dropped_before_paint: u64,
    /// Painted frames that were replaced before they were shown.
    pub dropped_before_show: u64,
    /// From the first frame to the last.
    pub seconds: f64,
    /// Frames a second over all of it.
    pub fps: f64,
    /// The source's size, which is the output's.
    pub size: (u32, u32),
    /// The size that the networks saw last.
    pub processing: (u32, u32),
    /// How often a lost camera came back.
    pub reconnected: u32,
    /// Milliseconds of each stage; `latency` is from capture to the window or sink.
    pub stages: Vec<StageSummary>,
    /// Peak memory of the program in MiB, where the system reports it.
    pub peak_memory_mib: Option<u64>,
    /// Pictures and films that were written.
    pub saved: Vec<PathBuf>,
}

impl LiveJob {
    /// Whether every frame of the source is wanted: a file, or a test card, written to files.
    pub(super) fn is_film(&self) -> bool {
        let to_files = |sink: &SinkChoice| matches!(sink, SinkChoice::Y4m(_) | SinkChoice::Png(_));
        !matches!(self.source, SourceChoice::Camera(_))
            && !self.sinks.is_empty()
            && self.sinks.iter().all(to_files)
    }

    /// The options of the engine, with a model that keeps up with a camera. Its brush is 1: the painter chooses the size.
    pub(super) fn engine(&self) -> EngineBuilder {
        let mut options = self.engine.clone().brush(1.0);
        options.model.get_or_insert_with(|| MODEL.to_owned());
        options
    }

    /// Whether there is a window.
    pub(super) fn has_window(&self) -> bool {
        self.sinks.contains(&SinkChoice::Window)
    }

    /// Whether something controls it from outside.
    pub(super) fn has_remotes(&self) -> bool {
        self.serve.is_some() || self.performance.is_remote()
    }

    pub(super) fn check(&self) -> Result<()> {
        let within = |what: &str, value: f64, range: std::ops::RangeInclusive<f64>| {
            if range.contains(&value) {
                return Ok(());
            }
            let (least, most) = (range.start(), range.end());
            Err(Error::invalid(
                what,
                format!("{value} is not between {least} and {most}"),
            ))
        };
        within("glide", self.glide, 0.0..=600.0)?;
        within("tour", self.tour.unwrap_or(1.0), 0.1..=86_400.0)?;
        within("strength", f64::from(self.strength), 0.0..=1.0)?;
        let (least, most) = BRUSHES.into_inner();
        within("brush", self.brush.into(), least.into()..=most.into())?;
        within("steady", f64::from(self.steady), 0.0..=1.0)?;
        let (least, most) = TEMPOS.into_inner();
        within("bpm", self.performance.bpm.unwrap_or(least), least..=most)?;
        within("fps", self.fps, 1.0..=240.0)?;
        check_size(self.size)?;
        self.colors.check()?;
        if let Some(weighted) = self.styles.iter().find(|s| s.weight != 1.0) {
            return Err(Error::Style {
                style: weighted.stem(),
                reason: "has a weight; live glides between whole styles: hold the mouse in the window to mix four"
                    .to_owned(),
            });
        }
        if self.repeats {
            let refuse = |reason| Err(Error::invalid("loop", reason));
            if !matches!(self.source, SourceChoice::Path(_)) {
                return refuse("is for films in files and for folders of pictures");
            }
            if self.is_film() && self.frames.is_none() {
                return refuse("into files never ends; give the number of frames too");
            }
        }
        if !self.save_to.is_dir() {
            return Err(Error::invalid(
                "save-to",
                format!("{} is not a folder", self.save_to.display()),
            ));
        }
        Ok(())
    }
}
