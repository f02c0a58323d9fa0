//! The engine as a Python object.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use impasto::engine::auto_brush;
use impasto::jobs::{StyleBook, user_gallery_path};
use impasto::runtime::Runtime;
use impasto::{Device, Precision};
use numpy::PyArray3;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::arguments::{self, count};
use crate::arrays::{self, Picture};
use crate::errors::exception;
use crate::style::Style;

/// Paints pictures in the style of paintings.
///
/// Pictures are numpy arrays, uint8 of shape ``(H, W, 3)``: red, green and blue, 0 to 255, from 16x16 pixels. Arrays in C
/// order are read where they lie; others (slices, flipped, Fortran order) are copied first. Do not write to an array while it
/// is painted.
///
/// Several threads may use one engine, which paints one picture after another; other Python threads run on meanwhile.
/// Engines do not survive ``os.fork()``: let multiprocessing use ``spawn``, and make one engine for each process.
///
/// Arguments:
///
/// - ``model``: a bundled model, ``"fine"``, ``"live"`` (coarser, three times as fast), ``"swift"`` (1.7 times as fast again)
///   or ``"pocket"`` (faster still, for twelve textures of its own only); a folder with a ``models.toml``; or ``"FOLDER#NAME"``. Default: ``"fine"``.
/// - ``device``: ``"auto"``, ``"cpu"``, ``"openvino"``, ``"cuda"``, ``"tensorrt"``, ``"directml"`` or ``"coreml"``. One that is
///   named here and not available is an error, never another device.
/// - ``precision``: ``"auto"``, ``"f32"``, ``"bf16"`` (OpenVINO) or ``"int8"`` (CPU); the last two are coarser and faster.
/// - ``threads``: CPU threads, 1 to 1024. Default: one for each core.
/// - ``runtime``: ONNX Runtime's shared library or its folder. Default: that of ``ORT_DYLIB_PATH``, else the one that
///   ``impasto runtime install`` has installed for the device, else that of the package ``onnxruntime``. A process can use
///   only one.
/// - ``brush``: how large strokes are, 0.25 to 4: 2 are twice as large, and four times as fast. ``"auto"``: 1, and more for a
///   long side above 1200 pixels.
/// - ``memory``: bytes that painting may take. Larger pictures are painted in tiles. Default: half of what is free.
/// - ``tile``: the side of tiles in pixels, 128 to 4096, whatever the memory. Default: as the memory demands.
/// - ``gallery``: the file of your own styles, which ``impasto styles add`` writes; it need not exist. Default: as the command,
///   ``IMPASTO_GALLERY``, else ``impasto/styles.toml`` in your data folder.
///
/// Raises ``RuntimeLibraryError``, ``DeviceError``, ``ModelError``, ``StyleError`` for a gallery that is none, or ``InvalidError`` for a value out of range.
#[pyclass(frozen, module = "impasto")]
pub struct Engine {
    engine: Mutex<impasto::Engine>,
    // What does not change, so that it is read without waiting for a picture.
    model: String,
    device: Device,
    why: String,
    space: String,
    book: StyleBook,
    /// `None`: for each picture the one that fits its size.
    brush: Option<f32>,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        model=None, *, device="auto", precision="auto", threads=None, runtime=None, brush=None,
        memory=None, tile=None, gallery=None
    ), text_signature = "(model=None, *, device='auto', precision='auto', threads=None, runtime=None, brush='auto', memory=None, tile=None, gallery=None)")]
    #[allow(clippy::too_many_arguments)] // by name, in Python
    fn new(
        py: Python<'_>,
        model: Option<PathBuf>,
        device: &str,
        precision: &str,
        threads: Option<i64>,
        runtime: Option<PathBuf>,
        brush: Option<&Bound<'_, PyAny>>,
        memory: Option<i64>,
        tile: Option<i64>,
        gallery: Option<PathBuf>,
    ) -> PyResult<Self> {
        let failed = |error| exception(py, &error);
        let brush = brush.map(arguments::brush).transpose()?.flatten();
        let mut builder = impasto::Engine::builder()
            .device(device.parse::<Device>().map_err(failed)?)
            .precision(precision.parse::<Precision>().map_err(failed)?);
        if let Some(model) = model {
            builder = builder.model(arguments::model(py, model)?);
        }
        if let Some(threads) = threads {
            builder = builder.threads(count(threads));
        }
        if let Some(runtime) = runtime {
            builder = builder.library(runtime);
        }
        if let Some(brush) = brush {
            builder = builder.brush(brush);
        }
        if let Some(memory) = memory {
            builder = builder.memory(count(memory));
        }
        if let Some(tile) = tile {
            builder = builder.tile(count(tile));
        }
        let opened = py.detach(|| {
            let engine = builder.build()?;
            let own = user_gallery_path(gallery.as_deref())?;
            let book = StyleBook::open(engine.gallery().clone(), own)?;
            Ok((engine, book))
        });
        let (engine, book) = opened.map_err(failed)?;
        Ok(Self {
            model: engine.model().to_owned(),
            device: engine.device().device,
            why: engine.device().why.clone(),
            space: engine.space().to_owned(),
            book,
            engine: Mutex::new(engine),
            brush,
        })
    }

    /// Read the style of a painting, uint8 of shape ``(H, W, 3)`` from 16x16 pixels. ``name`` is what the style is called.
    ///
    /// Raises ``TypeError`` when it is not an array of bytes; ``PictureError`` for another shape or size; ``StyleError``
    /// when the model knows only its own styles.
    #[pyo3(signature = (painting, *, name=None))]
    fn embed(
        &self,
        py: Python<'_>,
        painting: &Bound<'_, PyAny>,
        name: Option<String>,
    ) -> PyResult<Style> {
        let painting = Picture::new("painting", painting)?;
        painting.check_limits()?;
        let painting = painting.read()?;
        let view = painting.as_array();
        let embedding = py
            .detach(|| self.lock().embed_array(view))
            .map_err(|error| exception(py, &error))?;
        Ok(Style { embedding, name })
    }

    /// The style that is called ``name``, as ``"great-wave"``; ``Engine.styles`` has the names.
    ///
    /// Raises ``StyleError``, with names that are spelt alike.
    fn style(&self, py: Python<'_>, name: &str) -> PyResult<Style> {
        let found = self.book.get(name.strip_prefix('@').unwrap_or(name));
        let found = found.and_then(|style| Ok((style.embedding()?, style.name.clone())));
        let (embedding, name) = found.map_err(|error| exception(py, &error))?;
        let name = Some(name);
        Ok(Style { embedding, name })
    }

    /// Paint ``photo``, uint8 of shape ``(H, W, 3)`` from 16x16 pixels, in a style; a new array of the same shape.
    ///
    /// ``strength``: how much of the style, 0 (the photo itself) to 1. Below 1 the photo's own style is read too.
    /// ``out``: an array to paint into, which is returned: of the photo's shape, in C order, and not the photo itself.
    ///
    /// Ctrl-C is answered when the picture is painted, and between the tiles of a large one.
    ///
    /// Raises ``TypeError`` when a picture is not an array of bytes; ``PictureError`` for another shape or size;
    /// ``InvalidError`` for a strength out of range, an ``out`` that does not fit, or too little memory; ``StyleError``
    /// when the style is of another model; ``InferenceError`` when the network fails.
    #[pyo3(signature = (photo, style, strength=1.0, *, out=None))]
    fn stylize<'py>(
        &self,
        py: Python<'py>,
        photo: &Bound<'py, PyAny>,
        style: &Style,
        strength: f32,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let photo = Picture::new("photo", photo)?;
        let size = photo.size()?;
        let out = out.map(|out| Picture::new("out", out)?.into_output(&photo));
        let out = out.transpose()?;
        let brush = self.brush.unwrap_or_else(|| auto_brush(size));
        // Before memory is asked for: an array that repeats one pixel can be larger than any memory.
        py.detach(|| {
            let mut engine = self.lock();
            engine.set_brush(brush)?;
            engine.way(size.0, size.1).map(drop)
        })
        .map_err(|error| exception(py, &error))?;

        let out = match out {
            Some(out) => out,
            None => photo.like()?,
        };
        let photo = photo.read()?;
        let mut writable = arrays::write(&out)?;
        let (content, pastiche) = (photo.as_array(), writable.as_array_mut());
        let mut raised = None;
        let mut watch = |_, _| match Python::attach(|py| py.check_signals()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                raised = Some(error);
                ControlFlow::Break(())
            }
        };
        let painted = py.detach(|| {
            let mut engine = self.lock();
            engine.set_brush(brush)?;
            engine.stylize_array_into(content, (&style.embedding, strength), pastiche, &mut watch)
        });
        if let Some(error) = raised {
            return Err(error);
        }
        painted.map_err(|error| exception(py, &error))?;
        drop(writable);
        Ok(out)
    }

    /// The names of the styles: those that come with the model, then your own.
    #[getter]
    fn styles(&self) -> Vec<String> {
        self.book.names(&self.space)
    }

    /// The model's name.
    #[getter]
    fn model(&self) -> &str {
        &self.model
    }

    /// The device that it paints on, never ``"auto"``.
    #[getter]
    fn device(&self) -> &'static str {
        self.device.name()
    }

    /// Why that device was taken.
    #[getter]
    fn why(&self) -> &str {
        &self.why
    }

    /// The network that makes its styles (see ``Style.space``).
    #[getter]
    fn space(&self) -> &str {
        &self.space
    }

    /// How large strokes are: a number, or ``"auto"``.
    #[getter]
    fn brush<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.brush {
            Some(brush) => brush.into_bound_py_any(py),
            None => "auto".into_bound_py_any(py),
        }
    }

    /// The path of ONNX Runtime's shared library.
    #[getter]
    fn runtime(&self, py: Python<'_>) -> PyResult<PathBuf> {
        // Loaded already; it is the same one for all engines of a process.
        let loaded = py.detach(|| Runtime::load(None));
        let loaded = loaded.map_err(|error| exception(py, &error))?;
        Ok(loaded.library().to_owned())
    }

    fn __repr__(&self) -> String {
        format!(
            "<impasto.Engine {:?} on {} ({})>",
            self.model, self.device, self.why
        )
    }
}

impl Engine {
    /// The engine, when no other thread paints with it. Not to be called while Python's lock is held: the thread that
    /// paints may wait for that.
    fn lock(&self) -> MutexGuard<'_, impasto::Engine> {
        // After a panic the engine sets its style anew.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
