//! What goes into a session and what comes out of it.

use std::borrow::Cow;
use std::fmt;

use ort::session::{SessionInputValue, SessionOutputs};
use ort::value::{Outlet, PrimitiveTensorElementType, TensorElementType, TensorRef};

use crate::error::{Error, Result};

/// The kind of the numbers in a tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ElementKind {
    /// Bytes, 0 to 255.
    U8,
    /// 32-bit floats.
    F32,
    /// Anything else, by name. No network of ours has such a port.
    Other(String),
}

impl fmt::Display for ElementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "u8",
            Self::F32 => "f32",
            Self::Other(name) => name,
        })
    }
}

/// An input or output of a model, as the model declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its kind of numbers.
    pub kind: ElementKind,
    /// Its sizes, outermost first; -1 where any size will do.
    pub dims: Vec<i64>,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self
            .dims
            .iter()
            .map(|&dim| {
                if dim < 0 {
                    "any".to_owned()
                } else {
                    dim.to_string()
                }
            })
            .collect();
        write!(f, "{} {}[{}]", self.name, self.kind, dims.join(", "))
    }
}

/// Data for one input, borrowed. The innermost size comes last, and changes fastest.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// Pictures: `[count, height, width, channels]`.
    U8 {
        /// The sizes; their product must be the length of `data`.
        shape: [usize; 4],
        /// The bytes.
        data: &'a [u8],
    },
    /// Everything else.
    F32 {
        /// The sizes; their product must be the length of `data`.
        shape: &'a [usize],
        /// The numbers.
        data: &'a [f32],
    },
}

impl Input<'_> {
    fn shape(&self) -> &[usize] {
        match self {
            Self::U8 { shape, .. } => shape,
            Self::F32 { shape, .. } => shape,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::U8 { data, .. } => data.len(),
            Self::F32 { data, .. } => data.len(),
        }
    }

    fn kind(&self) -> ElementKind {
        match self {
            Self::U8 { .. } => ElementKind::U8,
            Self::F32 { .. } => ElementKind::F32,
        }
    }

    /// What keeps this from going into `port`.
    fn misfit(&self, port: &Port) -> Option<String> {
        let shape = self.shape();
        let elements = shape
            .iter()
            .try_fold(1_usize, |product, &dim| product.checked_mul(dim));
        if self.kind() != port.kind {
            return Some(format!("{} was given", self.kind()));
        }
        if elements == Some(0) {
            return Some(format!("{shape:?} has nothing in it"));
        }
        if elements != Some(self.len()) {
            return Some(format!("{shape:?} was given with {} numbers", self.len()));
        }
        let fits = shape.len() == port.dims.len()
            && shape
                .iter()
                .zip(&port.dims)
                .all(|(&given, &wanted)| wanted < 0 || usize::try_from(wanted) == Ok(given));
        (!fits).then(|| format!("{shape:?} was given"))
    }
}

/// What a run gave. Borrows the session: read it before the next run.
pub struct Outputs<'s> {
    network: &'s str,
    values: SessionOutputs<'s>,
}

impl fmt::Debug for Outputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

impl<'s> Outputs<'s> {
    pub(super) fn new(network: &'s str, values: SessionOutputs<'s>) -> Self {
        Self { network, values }
    }

    /// The shape and the bytes of the output `name`.
    ///
    /// # Errors
    /// [`Error::Inference`] if there is no such output, or it is of another kind.
    pub fn u8(&self, name: &str) -> Result<(&[i64], &[u8])> {
        self.get(name)
    }

    /// The shape and the numbers of the output `name`.
    ///
    /// # Errors
    /// [`Error::Inference`] if there is no such output, or it is of another kind.
    pub fn f32(&self, name: &str) -> Result<(&[i64], &[f32])> {
        self.get(name)
    }

    fn get<T: PrimitiveTensorElementType>(&self, name: &str) -> Result<(&[i64], &[T])> {
        // `ort`'s own look-up panics on an empty name.
        let value = Some(name)
            .filter(|name| !name.is_empty())
            .and_then(|name| self.values.get(name))
            .ok_or_else(|| failed(self.network, format!("it has no output named '{name}'")))?;
        value
            .try_extract_tensor::<T>()
            .map(|(shape, data)| (&**shape, data))
            .map_err(|error| failed(self.network, format!("output '{name}': {error}")))
    }
}

/// An [`Error::Inference`].
pub(super) fn failed(network: &str, reason: String) -> Error {
    Error::Inference {
        network: network.to_owned(),
        reason,
    }
}

/// How a model declares an input or output, in our words.
pub(super) fn port(outlet: &Outlet) -> Port {
    let kind = match outlet.dtype().tensor_type() {
        Some(TensorElementType::Uint8) => ElementKind::U8,
        Some(TensorElementType::Float32) => ElementKind::F32,
        Some(other) => ElementKind::Other(other.to_string()),
        None => ElementKind::Other("no tensor".to_owned()),
    };
    Port {
        name: outlet.name().to_owned(),
        kind,
        dims: outlet
            .dtype()
            .tensor_shape()
            .map(|shape| shape.to_vec())
            .unwrap_or_default(),
    }
}

/// The inputs as `ort` takes them, each checked against the port of its name: its own messages are about pointers
/// and indices, and a product of sizes that overflows would make it panic.
pub(super) fn bind<'a>(
    network: &str,
    ports: &[Port],
    inputs: &[(&'a str, Input<'a>)],
) -> Result<Vec<(Cow<'a, str>, SessionInputValue<'a>)>> {
    for port in ports {
        if !inputs.iter().any(|(name, _)| *name == port.name) {
            return Err(failed(network, format!("its input {port} was not given")));
        }
    }
    inputs
        .iter()
        .map(|(name, input)| {
            let port = ports
                .iter()
                .find(|port| port.name == *name)
                .ok_or_else(|| failed(network, format!("it has no input named '{name}'")))?;
            if let Some(misfit) = input.misfit(port) {
                return Err(failed(
                    network,
                    format!("its input is {port}, but {misfit}"),
                ));
            }
            let value: ort::Result<SessionInputValue<'a>> = match *input {
                Input::U8 { shape, data } => {
                    TensorRef::from_array_view((shape, data)).map(Into::into)
                }
                Input::F32 { shape, data } => {
                    TensorRef::from_array_view((shape, data)).map(Into::into)
                }
            };
            value
                .map(|value| (Cow::Borrowed(*name), value))
                .map_err(|error| failed(network, format!("input '{name}': {error}")))
        })
        .collect()
}
