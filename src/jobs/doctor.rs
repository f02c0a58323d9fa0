//! `doctor`: an engine's options in; what of it works here, what is missing, and the remedy out.

use image::RgbImage;
use serde::Serialize;

use crate::catalog;
use crate::device::Device;
use crate::engine::EngineBuilder;
use crate::error::Result;
use crate::runtime::Runtime;

/// One thing that was checked.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was checked.
    pub what: String,
    /// Whether it is usable.
    pub ok: bool,
    /// Whether a picture cannot be painted without it.
    pub needed: bool,
    /// What was found, or what is missing and the remedy.
    pub detail: String,
}

/// Everything that was checked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The findings in order.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether a picture can be painted here.
    pub fn healthy(&self) -> bool {
        self.findings.iter().all(|f| f.ok || !f.needed)
    }

    fn add(&mut self, what: impl Into<String>, needed: bool, found: Result<String>) {
        let (ok, detail) = match found {
            Ok(detail) => (true, detail),
            Err(error) => (false, error.to_string()),
        };
        self.findings.push(Finding {
            what: what.into(),
            ok,
            needed,
            detail,
        });
    }
}

/// Check the runtime library, the devices, the models, the camera and the display, and paint a small picture.
pub fn doctor(options: &EngineBuilder) -> Report {
    let mut report = Report::default();
    let runtime = Runtime::load_for(options.device, options.library.as_deref());
    match &runtime {
        Ok(runtime) => {
            report.add(
                "ONNX Runtime",
                true,
                Ok(format!(
                    "{} from {}",
                    runtime.version(),
                    runtime.library().display()
                )),
            );
            for device in Device::ALL.into_iter().filter(|d| *d != Device::Auto) {
                let found = runtime.available(device);
                let (ok, needed) = (found.is_available(), device == options.device);
                report.findings.push(Finding {
                    what: format!("device {device}"),
                    ok,
                    needed,
                    detail: found.to_string(),
                });
            }
        }
        Err(error) => {
            report.findings.push(Finding {
                what: "ONNX Runtime".to_owned(),
                ok: false,
                needed: true,
                detail: error.to_string(),
            });
        }
    }
    let names = catalog::names().unwrap_or_default();
    for name in names.iter().map(String::as_str).chain(
        options
            .model
            .as_deref()
            .filter(|m| !names.iter().any(|n| n == m)),
    ) {
        let found = catalog::find(Some(name)).map(|set| {
            let files = [
                set.predictor.as_ref(),
                Some(&set.head),
                Some(&set.transformer),
                Some(&set.transformer_frozen),
                set.int8.as_ref().map(|(moving, _)| moving),
                set.int8.as_ref().map(|(_, frozen)| frozen),
            ];
            let bytes: usize = files
                .into_iter()
                .flatten()
                .map(|part| part.bytes.len())
                .sum();
            format!(
                "{}, {:.1} MB, sha256 verified",
                set.origin,
                bytes as f64 / 1e6
            )
        });
        report.add(format!("model {name}"), true, found);
    }
    camera_and_display(&mut report);
    if runtime.is_ok() {
        report.add("painting", true, paint(options));
    }
    report
}

/// The camera and the display, for `live`.
#[cfg(feature = "live")]
fn camera_and_display(report: &mut Report) {
    use crate::{camera, window};
    let cameras = camera::list().map(|found| match found.as_slice() {
        [] => "none".to_owned(),
        some => some
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    });
    report.add("cameras", false, cameras);
    let found = camera::virtual_cameras();
    report.findings.push(Finding {
        what: "virtual camera".to_owned(),
        ok: found.is_ok(),
        needed: false,
        detail: found.unwrap_or_else(|reason| reason),
    });
    report.add("display", false, window::display());
}

#[cfg(not(feature = "live"))]
fn camera_and_display(report: &mut Report) {
    let reason = "this program was built without the feature 'live'".to_owned();
    for what in ["cameras", "virtual camera", "display"] {
        report.findings.push(Finding {
            what: what.to_owned(),
            ok: false,
            needed: false,
            detail: reason.clone(),
        });
    }
}

/// Paint a small generated picture.
fn paint(options: &EngineBuilder) -> Result<String> {
    let mut engine = options.clone().build()?;
    let picture = RgbImage::from_fn(96, 64, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 3) as u8, (x ^ y) as u8])
    });
    let style = match engine.gallery().styles.first() {
        Some(style) => style.embedding()?,
        None => engine.embed(&picture)?,
    };
    engine.stylize(&picture, &style)?;
    Ok(format!(
        "works: model {} on {}",
        engine.model(),
        engine.device()
    ))
}
