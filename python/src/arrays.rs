//! Arrays of Python in; pictures `[H, W, 3]` of bytes, or an exception that says what to do, out.

use impasto::picture::Limits;
use numpy::{
    BorrowError, PyArray3, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray3,
    PyReadwriteArray3, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::errors;

/// An array that is a picture: bytes, `(H, W, 3)`, of any layout in memory.
pub struct Picture<'py> {
    /// What errors call it.
    name: &'static str,
    array: Bound<'py, PyArray3<u8>>,
}

impl<'py> Picture<'py> {
    /// `object`, the argument `name`, as a picture; nothing is copied.
    ///
    /// `TypeError` for what is not an array of bytes, `PictureError` for another shape.
    pub fn new(name: &'static str, object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let Ok(array) = object.cast::<PyUntypedArray>() else {
            let kind = object.get_type().qualname()?;
            return Err(PyTypeError::new_err(format!(
                "{name}: is a {kind}, not a numpy array; try numpy.asarray({name})"
            )));
        };
        if let Some(wrong) = wrong_dtype(name, array) {
            return Err(PyTypeError::new_err(wrong));
        }
        if let Some(wrong) = wrong_shape(name, array.shape()) {
            return Err(errors::raise(py, "PictureError", &wrong));
        }
        let array = array.as_any().cast::<PyArray3<u8>>()?.clone();
        Ok(Self { name, array })
    }

    /// Width and height in pixels.
    pub fn size(&self) -> PyResult<(u32, u32)> {
        let &[height, width, _] = self.array.shape() else {
            return Err(PyTypeError::new_err("not a picture"));
        };
        match (u32::try_from(width), u32::try_from(height)) {
            (Ok(width), Ok(height)) => Ok((width, height)),
            _ => {
                let reason = format!("{}: has more than 2^32 rows or columns", self.name);
                Err(errors::raise(self.array.py(), "PictureError", &reason))
            }
        }
    }

    /// `Ok` when it is not larger than pictures in files may be: what is only looked at need not be.
    pub fn check_limits(&self) -> PyResult<()> {
        let (width, height) = self.size()?;
        let limits = Limits::default();
        let bytes = u64::from(width) * u64::from(height) * 3;
        if width.max(height) <= limits.max_side && bytes <= limits.max_bytes {
            return Ok(());
        }
        let name = self.name;
        let reason = format!(
            "{name} is {width}x{height} pixels, which is over the limit ({} pixels a side, {} MiB); make it smaller \
             first: {name}[::2, ::2] is half as wide and high",
            limits.max_side,
            limits.max_bytes >> 20
        );
        Err(errors::raise(self.array.py(), "PictureError", &reason))
    }

    /// Its bytes without gaps, to be read while Python runs on: where they lie, or a copy by numpy.
    pub fn read(&self) -> PyResult<PyReadonlyArray3<'py, u8>> {
        let py = self.array.py();
        let array = match self.array.is_c_contiguous() {
            true => self.array.clone(),
            false => py
                .import("numpy")?
                .call_method1("ascontiguousarray", (&self.array,))?
                .cast_into::<PyArray3<u8>>()?,
        };
        array.try_readonly().map_err(|_| {
            let name = self.name;
            let reason = format!("{name}: is being painted into; wait until that is done");
            errors::raise(py, "InvalidError", &reason)
        })
    }

    /// A new array of its shape, which numpy owns.
    pub fn like(&self) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let py = self.array.py();
        let &[height, width, channels] = self.array.shape() else {
            return Err(PyTypeError::new_err("not a picture"));
        };
        let empty = py
            .import("numpy")?
            .call_method1("empty", ((height, width, channels), "uint8"))?;
        Ok(empty.cast_into()?)
    }

    /// Itself, to be painted into with what is painted from `photo`, which has its shape.
    pub fn into_output(self, photo: &Self) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let name = self.name;
        let (shape, wanted) = (self.array.shape(), photo.array.shape());
        let wrong = if shape != wanted {
            format!(
                "{name}: has the shape {}, but {} has {}",
                tuple(shape),
                photo.name,
                tuple(wanted)
            )
        } else if !self.array.is_c_contiguous() {
            let shape = tuple(shape);
            format!("{name}: has gaps or another order; try numpy.empty({shape}, numpy.uint8)")
        } else {
            return Ok(self.array);
        };
        Err(errors::raise(self.array.py(), "InvalidError", &wrong))
    }
}

/// `array`, the argument `out` or a new one, to be painted into while Python runs on.
pub fn write<'py>(array: &Bound<'py, PyArray3<u8>>) -> PyResult<PyReadwriteArray3<'py, u8>> {
    array.try_readwrite().map_err(|error| {
        let reason = match error {
            BorrowError::NotWriteable => "out: is read-only; try out.copy()",
            _ => {
                "out: shares its memory with the photo, or with a picture that is being painted; give another array"
            }
        };
        errors::raise(array.py(), "InvalidError", reason)
    })
}

/// What is wrong with the type of the numbers, and the remedy.
fn wrong_dtype(name: &str, array: &Bound<'_, PyUntypedArray>) -> Option<String> {
    let dtype = array.dtype();
    let remedy = match (dtype.kind(), dtype.itemsize()) {
        (b'u', 1) => return None,
        (b'f', _) => format!("if 1 is white: ({name} * 255).astype(numpy.uint8)"),
        (b'b', _) => format!("if True is white: {name}.astype(numpy.uint8) * 255"),
        (b'u', 2) => format!("if 65535 is white: ({name} // 257).astype(numpy.uint8)"),
        (b'u' | b'i', _) => format!("if 255 is white: {name}.astype(numpy.uint8)"),
        _ => "a picture is an array of numbers".to_owned(),
    };
    Some(format!(
        "{name}: has the dtype {dtype}, but uint8 is needed (0 to 255); {remedy}"
    ))
}

/// What is wrong with a shape, and the remedy.
fn wrong_shape(name: &str, shape: &[usize]) -> Option<String> {
    let remedy = match *shape {
        [_, _, 3] => return None,
        [_, _, 4] => format!("leave the opacity out: {name}[:, :, :3]"),
        [_, _, 1] => format!("make three of the grey one: {name}.repeat(3, axis=2)"),
        [3, _, _] => {
            format!("channels come last: numpy.ascontiguousarray({name}.transpose(1, 2, 0))")
        }
        [_, _] => format!(
            "if it is grey: numpy.stack([{name}] * 3, axis=2); if its numbers are those of a palette, take the colours: \
             with pillow, .convert(\"RGB\") before it becomes an array"
        ),
        [_, _, _, 3] => format!("give one picture at a time: {name}[0]"),
        _ => "a picture has rows, columns and three channels".to_owned(),
    };
    Some(format!(
        "{name}: has the shape {}, but (height, width, 3) is needed, red, green and blue; {remedy}",
        tuple(shape)
    ))
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [only] => format!("({only},)"),
        sides => {
            let sides: Vec<_> = sides.iter().map(usize::to_string).collect();
            format!("({})", sides.join(", "))
        }
    }
}
