//! `models.toml`: takes its text, gives names, sizes and sha256 sums of the model files, checked.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The largest manifest that is read, in bytes.
pub const MOST_BYTES: u64 = 1 << 20;

/// A manifest: at most one predictor, and one or more models beside it.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// The style predictor; absent when the models know only their own styles.
    pub predictor: Option<PredictorEntry>,
    /// The feature network of the optimiser, as safetensors.
    pub features: Option<FileEntry>,
    /// The network that finds people in a picture.
    pub matte: Option<FileEntry>,
    /// The models, the default one first.
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

/// The style predictor of a manifest.
#[derive(Debug, Clone, Deserialize)]
pub struct PredictorEntry {
    /// The ONNX file, relative to the manifest.
    pub file: String,
    /// Its sha256, 64 hexadecimal digits.
    pub sha256: String,
    /// D, the number of values in an embedding.
    pub bottleneck: usize,
    /// The short side, in pixels, to which a style picture is resized before it is read.
    pub style_side: u32,
}

/// One model of a manifest: a head and a transformer, with and without computed statistics.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelEntry {
    /// The name that `--model` takes.
    pub name: String,
    /// bottleneck -> gammas and betas.
    pub head: FileEntry,
    /// content and style_params -> pastiche and stats.
    pub transformer: FileEntry,
    /// The transformer with its statistics as an input.
    pub transformer_frozen: FileEntry,
    /// The transformer with int8 convolutions, where `export/ship/quantise.py` made one.
    pub transformer_int8: Option<FileEntry>,
    /// The transformer with its statistics as an input, with int8 convolutions.
    pub transformer_frozen_int8: Option<FileEntry>,
    /// P, the number of gammas and betas together.
    pub params: usize,
    /// S, the number of means and variances together.
    pub stats: usize,
    /// Multiply-accumulates per pixel, in thousands.
    pub kmac_per_pixel: Option<f32>,
    /// The licence of the files.
    pub licence: Option<String>,
    /// The gallery of a model that knows only its own styles, and so needs no predictor.
    pub styles: Option<FileEntry>,
}

/// A file of a model.
#[derive(Debug, Clone, Deserialize)]
pub struct FileEntry {
    /// The file, relative to the manifest.
    pub file: String,
    /// Its sha256, 64 hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Parse and check a manifest; `label` names it in errors.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not TOML of this form, names no model, or names a file outside its folder.
    pub fn parse(label: &str, text: &str) -> Result<Self> {
        let wrong = |reason: String| Error::Model {
            model: label.to_owned(),
            reason,
        };
        let manifest: Manifest =
            toml::from_str(text).map_err(|e| wrong(format!("is not a manifest: {e}")))?;
        if manifest.models.is_empty() {
            return Err(wrong(
                "names no model; a [[model]] table is needed".to_owned(),
            ));
        }
        let mut files = Vec::new();
        files.extend(manifest.predictor.iter().map(|p| (&p.file, &p.sha256)));
        let others = manifest.features.iter().chain(&manifest.matte);
        files.extend(others.map(|f| (&f.file, &f.sha256)));
        for model in &manifest.models {
            let networks = [&model.head, &model.transformer, &model.transformer_frozen];
            let int8 = [&model.transformer_int8, &model.transformer_frozen_int8];
            let own = networks
                .into_iter()
                .chain(int8.into_iter().flatten())
                .chain(&model.styles);
            files.extend(own.map(|f| (&f.file, &f.sha256)));
            // These sizes are allocated: a hostile manifest must not choose them freely.
            if !(2..=1 << 20).contains(&model.params) || !(2..=1 << 20).contains(&model.stats) {
                return Err(wrong(format!(
                    "model '{}' has params or stats out of 2..=1048576",
                    model.name
                )));
            }
        }
        if let Some(p) = &manifest.predictor
            && (!(1..=1 << 16).contains(&p.bottleneck) || !(64..=4096).contains(&p.style_side))
        {
            return Err(wrong(
                "bottleneck must be 1..=65536 and style_side 64..=4096".to_owned(),
            ));
        }
        for (file, sha256) in files {
            check_relative(file).map_err(&wrong)?;
            if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(wrong(format!(
                    "sha256 of {file} is not 64 hexadecimal digits"
                )));
            }
        }
        Ok(manifest)
    }
}

/// A manifest may only name files below its own folder.
fn check_relative(file: &str) -> std::result::Result<(), String> {
    let inside = !file.is_empty()
        && !file.contains('\\')
        && Path::new(file)
            .components()
            .all(|c| matches!(c, std::path::Component::Normal(_)));
    if inside {
        Ok(())
    } else {
        Err(format!("file '{file}' is not inside the model's folder"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: &str, sha: &str, params: usize) -> String {
        format!(
            "[[model]]\nname='m'\nhead={{file='h.onnx',sha256='{sha}'}}\ntransformer={{file='{file}',sha256='{sha}'}}\n\
             transformer_frozen={{file='f.onnx',sha256='{sha}'}}\nparams={params}\nstats=6\n"
        )
    }

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = Manifest::parse("m", &with("t.onnx", &"a".repeat(64), 6)).expect("good");
        assert_eq!(manifest.models[0].params, 6);
        assert!(manifest.predictor.is_none());
    }

    #[test]
    fn hostile_manifests_are_refused() {
        let sha = "a".repeat(64);
        for bad in [
            "",
            "model = []",
            "not toml [",
            &with("../t.onnx", &sha, 6),
            &with("/etc/passwd", &sha, 6),
            &with("a\\b.onnx", &sha, 6).replace('\'', "'''"),
            &with("t.onnx", "abc", 6),
            &with("t.onnx", &sha, 999_999_999),
        ] {
            assert!(
                matches!(Manifest::parse("m", bad), Err(Error::Model { .. })),
                "{bad}"
            );
        }
    }
}
