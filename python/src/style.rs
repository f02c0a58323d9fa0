//! Styles: embeddings as Python objects.

use impasto::StyleEmbedding;
use numpy::{AllowTypeChange, PyArray1, PyArrayLike1, PyArrayMethods};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::errors;

/// A style: what the predictor network reads from a painting, an embedding of a few hundred numbers.
///
/// Engines make styles (``Engine.embed``, ``Engine.style``). This makes one from numbers that were kept: ``embedding`` is
/// ``Style.embedding``, float32 of shape ``(D,)``; ``space`` is ``Style.space``, the network that it belongs to.
///
/// Styles do not change. They can be compared and pickled.
///
/// Raises ``InvalidError`` when a number is not finite, or there is none.
#[pyclass(frozen, module = "impasto")]
pub struct Style {
    pub embedding: StyleEmbedding,
    pub name: Option<String>,
}

#[pymethods]
impl Style {
    #[new]
    #[pyo3(signature = (embedding, space, name=None))]
    fn new(
        py: Python<'_>,
        embedding: PyArrayLike1<'_, f32, AllowTypeChange>,
        space: String,
        name: Option<String>,
    ) -> PyResult<Self> {
        let embedding = StyleEmbedding::new(embedding.as_array().to_owned(), space)
            .map_err(|error| errors::exception(py, &error))?;
        Ok(Self { embedding, name })
    }

    /// What it is called: its name in the gallery, or the one given to ``Engine.embed``; ``None`` for a mixture.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The numbers: float32 of shape ``(D,)``, a copy that cannot be written to.
    #[getter]
    fn embedding<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f32>> {
        let values = PyArray1::from_array(py, &self.embedding.values());
        values.readwrite().make_nonwriteable();
        values
    }

    /// The network that made it. Only styles of one space can be mixed, and painted by engines of that space.
    #[getter]
    fn space(&self) -> &str {
        self.embedding.space()
    }

    /// The style at ``t`` of the way from this one (0) to ``other`` (1). ``t`` may lie outside 0..1: that exaggerates.
    ///
    /// Raises ``InvalidError`` when the styles are of different spaces, or ``t`` is not finite.
    fn lerp(&self, py: Python<'_>, other: &Self, t: f32) -> PyResult<Self> {
        let lerped = self.embedding.lerp(&other.embedding, t);
        Self::unnamed(py, lerped)
    }

    /// The weighted mean of several styles: ``Style.mix([(a, 0.7), (b, 0.3)])``. The weights are divided by their sum.
    ///
    /// Raises ``InvalidError`` when there is none, the weights sum to zero or are not finite, or the styles are of
    /// different spaces.
    #[staticmethod]
    fn mix(py: Python<'_>, parts: Vec<(PyRef<'_, Self>, f32)>) -> PyResult<Self> {
        let parts: Vec<_> = parts.iter().map(|(s, w)| (&s.embedding, *w)).collect();
        let mixed = StyleEmbedding::mix(&parts);
        Self::unnamed(py, mixed)
    }

    /// The Euclidean distance to another style: similar paintings are near each other.
    ///
    /// Raises ``InvalidError`` when the styles are of different spaces.
    fn distance(&self, py: Python<'_>, other: &Self) -> PyResult<f32> {
        let (a, b) = (&self.embedding, &other.embedding);
        if a.space() != b.space() || a.values().len() != b.values().len() {
            let reason = "were made by different networks and cannot be compared";
            let error = impasto::Error::invalid("styles", reason);
            return Err(errors::exception(py, &error));
        }
        Ok(a.distance(b))
    }

    /// Whether the other is a style of the same numbers and space; names do not count.
    fn __eq__(&self, other: &Self) -> bool {
        self.embedding == other.embedding
    }

    fn __repr__(&self) -> String {
        let name = self.name.as_deref().unwrap_or("unnamed");
        let count = self.embedding.values().len();
        format!("<impasto.Style {name:?}, {count} numbers>")
    }

    /// For pickle and copy.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let style = slf.get();
        let arguments = (style.embedding(py), style.space(), style.name());
        (slf.get_type(), arguments).into_bound_py_any(py)
    }
}

impl Style {
    fn unnamed(py: Python<'_>, made: impasto::Result<StyleEmbedding>) -> PyResult<Self> {
        let embedding = made.map_err(|error| errors::exception(py, &error))?;
        let name = None;
        Ok(Self { embedding, name })
    }
}
