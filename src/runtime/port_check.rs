//! Checks a model's inputs and outputs against the names, kinds and shapes that its user expects. A wrong name and a
//! wrong shape get different messages.

use super::session::Session;
use super::values::{ElementKind, Port};
use crate::error::{Error, Result};

impl Session {
    /// `Ok` when the model takes `name` with numbers of `kind` and a shape that fits `dims` (-1: any size will do).
    ///
    /// # Errors
    /// [`Error::Model`].
    pub fn expect_input(&self, name: &str, kind: ElementKind, dims: &[i64]) -> Result<()> {
        self.expect("input", self.inputs(), name, &kind, dims)
    }

    /// `Ok` when the model gives `name`, as [`Session::expect_input`].
    ///
    /// # Errors
    /// [`Error::Model`].
    pub fn expect_output(&self, name: &str, kind: ElementKind, dims: &[i64]) -> Result<()> {
        self.expect("output", self.outputs(), name, &kind, dims)
    }

    /// The last size of the input `name`; `None` when there is none of that name, or any size will do.
    pub fn input_width(&self, name: &str) -> Option<usize> {
        width(self.inputs(), name)
    }

    /// The last size of the output `name`, as [`Session::input_width`].
    pub fn output_width(&self, name: &str) -> Option<usize> {
        width(self.outputs(), name)
    }

    fn expect(
        &self,
        side: &str,
        ports: &[Port],
        name: &str,
        kind: &ElementKind,
        dims: &[i64],
    ) -> Result<()> {
        let wrong = |reason: String| {
            Err(Error::Model {
                model: self.network().to_owned(),
                reason,
            })
        };
        let Some(port) = ports.iter().find(|port| port.name == name) else {
            let found = ports
                .iter()
                .map(|p| p.name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            return wrong(format!(
                "has no {side} '{name}' (it has {found}); it is not of the model contract"
            ));
        };
        let wanted = Port {
            name: name.to_owned(),
            kind: kind.clone(),
            dims: dims.to_vec(),
        };
        if port.kind != *kind {
            return wrong(format!(
                "its {side} is {port}, of another kind of number than {wanted}"
            ));
        }
        if !fits(&port.dims, dims) {
            return wrong(format!(
                "its {side} is {port}, of another shape than {wanted}"
            ));
        }
        Ok(())
    }
}

fn width(ports: &[Port], name: &str) -> Option<usize> {
    let port = ports.iter().find(|port| port.name == name)?;
    port.dims
        .last()
        .and_then(|&size| usize::try_from(size).ok())
}

/// -1 on either side fits any size: what the model leaves open is checked when it runs.
fn fits(found: &[i64], wanted: &[i64]) -> bool {
    found.len() == wanted.len()
        && found
            .iter()
            .zip(wanted)
            .all(|(f, w)| *f < 0 || *w < 0 || f == w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_fit_when_every_known_size_is_the_same() {
        assert!(fits(&[1, -1, -1, 3], &[1, -1, -1, 3]));
        assert!(fits(&[-1, 6], &[1, 6]));
        assert!(!fits(&[1, 8], &[1, 6]));
        assert!(!fits(&[1, 1, 6], &[1, 6]));
    }
}
