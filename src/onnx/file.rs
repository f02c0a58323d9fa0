//! ONNX files that are read to be changed: bytes go in, the decoded model comes out.

use prost::Message;

use super::admit::admit;
use super::proto::ModelProto;
use crate::error::{Error, Result};

/// A model's file, and what messages call it.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// For messages.
    pub label: &'a str,
    /// ONNX.
    pub bytes: &'a [u8],
}

impl File<'_> {
    /// Check that the model may be given to ONNX Runtime: a file is not trusted because its sha256 is right.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not ONNX, reads other files, has loops, branches, functions or unknown operators, or
    /// names a size that no picture needs. See `admit.rs`.
    pub fn check(&self) -> Result<()> {
        self.model().map(drop)
    }

    /// The model, if [`File::check`] finds nothing.
    pub(super) fn model(&self) -> Result<ModelProto> {
        let model = ModelProto::decode(self.bytes).map_err(|e| {
            let remedy = "get the file again, or choose another model";
            refused(
                self.label,
                format!("this is not an ONNX model ({e}); {remedy}"),
            )
        })?;
        admit(&model).map_err(|reason| {
            let remedy = "so it is not run; choose another model";
            refused(self.label, format!("{reason}, {remedy}"))
        })?;
        Ok(model)
    }
}

/// The most characters of a reason: it can quote names of a file, which can be of any length.
const LONGEST_REASON: usize = 600;

/// The model called `label` is refused. What `reason` quotes from the file loses its line ends and other controls, which a
/// terminal would obey.
pub(super) fn refused(label: &str, reason: String) -> Error {
    let reason = match reason.len() > LONGEST_REASON || reason.contains(char::is_control) {
        true => {
            let shown = reason.chars().take(LONGEST_REASON);
            shown
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect()
        }
        false => reason,
    };
    Error::Model {
        model: label.to_owned(),
        reason,
    }
}
