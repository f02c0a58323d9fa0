//! The transformer's result: the outputs of a session in, the pastiche as a view out.

use ndarray::{ArrayView3, Axis};

use crate::error::{Error, Result};
use crate::runtime::Outputs;

/// The pastiche of a content of shape `(H, W, 3)`, in the runtime's memory.
///
/// # Errors
/// [`Error::Inference`] when there is none of that shape.
pub(super) fn of<'a>(
    outputs: &'a Outputs<'_>,
    content: (usize, usize, usize),
) -> Result<ArrayView3<'a, u8>> {
    let pastiche = outputs.u8("pastiche")?;
    let (height, width, channels) = content;
    if pastiche.dim() != (1, height, width, channels) {
        return Err(Error::Inference {
            network: "transformer".to_owned(),
            reason: format!(
                "gave a pastiche of shape {:?} for a content of shape {:?}",
                pastiche.shape(),
                [1, height, width, channels]
            ),
        });
    }
    Ok(pastiche.index_axis_move(Axis(0), 0))
}
