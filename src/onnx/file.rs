//! ONNX files that are read to be changed: bytes go in, the decoded model comes out.

use prost::Message;

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
    pub(super) fn model(&self) -> Result<ModelProto> {
        ModelProto::decode(self.bytes)
            .map_err(|e| refused(self.label, format!("cannot be read as ONNX: {e}")))
    }
}

pub(super) fn refused(label: &str, reason: String) -> Error {
    Error::Model {
        model: label.to_owned(),
        reason,
    }
}
