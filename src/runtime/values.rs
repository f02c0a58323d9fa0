//! Tensors at the boundary of ONNX Runtime: borrowed `ndarray` views go in, views of the results come out.

use std::borrow::Cow;
use std::fmt;

use ndarray::{
    ArrayBase, ArrayView1, ArrayView3, ArrayView4, ArrayViewD, Axis, Ix4, IxDyn, ViewRepr,
};
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

/// The type [`ndarray::ArrayView`], with its last parameter written out: without it the compiler takes [`Input`] for
/// invariant in its lifetime, and inputs that live for different times could not be given together.
pub type View<'a, T, D> = ArrayBase<ViewRepr<&'a T>, D, T>;

/// The data of one input, borrowed. It must lie in memory row by row, without gaps, as it is not copied.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// Pictures: `[count, height, width, channels]`.
    U8(View<'a, u8, Ix4>),
    /// Everything else.
    F32(View<'a, f32, IxDyn>),
}

impl<'a> Input<'a> {
    /// A picture `[H, W, C]`, as a batch of one.
    pub fn picture(view: ArrayView3<'a, u8>) -> Self {
        Self::U8(view.insert_axis(Axis(0)))
    }

    /// Numbers as one row, `[1, N]`.
    pub fn row(view: ArrayView1<'a, f32>) -> Self {
        Self::F32(view.insert_axis(Axis(0)).into_dyn())
    }

    fn shape(&self) -> &[usize] {
        match self {
            Self::U8(view) => view.shape(),
            Self::F32(view) => view.shape(),
        }
    }

    fn kind(&self) -> ElementKind {
        match self {
            Self::U8(_) => ElementKind::U8,
            Self::F32(_) => ElementKind::F32,
        }
    }

    /// Why this cannot go into `port`.
    fn misfit(&self, port: &Port) -> Option<String> {
        let shape = self.shape();
        if self.kind() != port.kind {
            return Some(format!("{} was given", self.kind()));
        }
        if shape.contains(&0) {
            return Some(format!("{shape:?} has nothing in it"));
        }
        let fits = shape.len() == port.dims.len()
            && shape
                .iter()
                .zip(&port.dims)
                .all(|(&given, &wanted)| wanted < 0 || usize::try_from(wanted) == Ok(given));
        (!fits).then(|| format!("{shape:?} was given"))
    }
}

/// The results of a run. They borrow the session: read them before the next run.
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

    /// The pictures of the output `name`: `[count, height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Inference`] if there is no such output, or it is of another kind or form.
    pub fn u8(&self, name: &str) -> Result<ArrayView4<'_, u8>> {
        let pictures = self.get(name)?;
        let shape = pictures.shape().to_vec();
        pictures.into_dimensionality().map_err(|_| {
            let reason = format!("output '{name}' has the shape {shape:?}, expected [N, H, W, C]");
            failed(self.network, reason)
        })
    }

    /// The numbers of the output `name`.
    ///
    /// # Errors
    /// [`Error::Inference`] if there is no such output, or it is of another kind.
    pub fn f32(&self, name: &str) -> Result<ArrayViewD<'_, f32>> {
        self.get(name)
    }

    /// The numbers of the output `name`, one behind the other, whatever its shape.
    ///
    /// # Errors
    /// As [`Outputs::f32`].
    pub fn row(&self, name: &str) -> Result<ArrayView1<'_, f32>> {
        let view = self.f32(name)?;
        let length = view.len();
        view.into_shape_with_order(length)
            .map_err(|error| failed(self.network, format!("output '{name}': {error}")))
    }

    fn get<T: PrimitiveTensorElementType>(&self, name: &str) -> Result<ArrayViewD<'_, T>> {
        // `ort`'s own look-up panics on an empty name.
        let value = Some(name)
            .filter(|name| !name.is_empty())
            .and_then(|name| self.values.get(name))
            .ok_or_else(|| failed(self.network, format!("it has no output named '{name}'")))?;
        value
            .try_extract_array::<T>()
            .map_err(|error| failed(self.network, format!("output '{name}': {error}")))
    }
}

/// An [`Error::Inference`].
pub(super) fn failed(network: &str, reason: String) -> Error {
    let reason = out_of_memory(&reason).unwrap_or(reason);
    Error::Inference {
        network: network.to_owned(),
        reason,
    }
}

/// What to do, where the runtime says that it got no memory.
fn out_of_memory(said: &str) -> Option<String> {
    let (_, asked) = said.split_once("Failed to allocate memory for requested buffer of size ")?;
    let bytes: String = asked.chars().take_while(char::is_ascii_digit).collect();
    Some(format!(
        "there is not enough memory (it asked for {bytes} bytes more); make the picture smaller, or paint it in tiles"
    ))
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

/// The inputs as `ort` takes them, each checked against the port of its name, as `ort`'s own messages speak of pointers
/// and indices.
pub(super) fn bind<'n, 'a>(
    network: &str,
    ports: &[Port],
    inputs: &[(&'n str, Input<'a>)],
) -> Result<Vec<(Cow<'n, str>, SessionInputValue<'a>)>> {
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
            let value: ort::Result<SessionInputValue<'a>> = match input {
                Input::U8(view) => TensorRef::from_array_view(*view).map(Into::into),
                Input::F32(view) => TensorRef::from_array_view(view.clone()).map(Into::into),
            };
            value
                .map(|value| (Cow::Borrowed(*name), value))
                .map_err(|error| failed(network, format!("input '{name}': {error}")))
        })
        .collect()
}
