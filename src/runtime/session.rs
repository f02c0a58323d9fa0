//! A model, opened on a device: takes the bytes of an ONNX file, runs it on named inputs, gives named outputs.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::availability;
use super::builder::builder;
use super::loaded::Runtime;
use super::options::SessionOptions;
use super::values::{self, Input, Outputs, Port};
use crate::device::{Choice, Device};
use crate::error::{Error, Result};
use crate::onnx::File;

/// A model that is ready to run.
pub struct Session {
    session: ort::session::Session,
    network: String,
    choice: Choice,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("network", &self.network)
            .field("choice", &self.choice)
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the ONNX model `model`; `name` is what messages call it.
    ///
    /// # Errors
    /// [`Error::Model`] if the bytes are not a model that can run. [`Error::Device`] if a device that was asked for by
    /// name is not there: another one is never taken in its place. [`Error::Invalid`] for options without sense.
    pub fn open(
        runtime: &Runtime,
        name: &str,
        model: &[u8],
        options: &SessionOptions,
    ) -> Result<Self> {
        options.check()?;
        if model.is_empty() {
            return Err(bad_model(name, &"the file is empty"));
        }
        // Before ONNX Runtime sees it: what it would read besides, or take memory for, is not undone afterwards.
        File {
            label: name,
            bytes: model,
        }
        .check()?;
        let (session, choice) = match options.device {
            Device::Auto => open_best(runtime, name, model, options)?,
            device => (
                open_on(runtime, name, model, device, options)?,
                asked_for(device),
            ),
        };
        Ok(Self {
            inputs: session.inputs().iter().map(values::port).collect(),
            outputs: session.outputs().iter().map(values::port).collect(),
            session,
            network: name.to_owned(),
            choice,
        })
    }

    /// The device it runs on, and why.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// What messages call the model.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// What it takes.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// What it gives.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Runs the model; every input must be given, by name. The data is not copied.
    ///
    /// Takes `&mut self` because providers may keep scratch memory in the session: two runs at once need two sessions.
    ///
    /// # Errors
    /// [`Error::Inference`] if an input is missing, unknown or of the wrong shape, or the model fails.
    pub fn run(&mut self, inputs: &[(&str, Input<'_>)]) -> Result<Outputs<'_>> {
        let inputs = values::bind(&self.network, &self.inputs, inputs)?;
        match self.session.run(inputs) {
            Ok(outputs) => Ok(Outputs::new(&self.network, outputs)),
            Err(error) => Err(values::failed(
                &self.network,
                availability::one_line(&error),
            )),
        }
    }
}

fn asked_for(device: Device) -> Choice {
    Choice {
        device,
        why: "asked for".to_owned(),
        second_best: false,
    }
}

/// The first device of [`Device::AUTO`] that takes the model, else the CPU.
fn open_best(
    runtime: &Runtime,
    name: &str,
    model: &[u8],
    options: &SessionOptions,
) -> Result<(ort::session::Session, Choice)> {
    let mut failed = Vec::new();
    for device in Device::AUTO {
        if !availability::in_principle(runtime, device).is_available() {
            continue;
        }
        match commit(runtime, model, device, options) {
            Ok(session) => {
                let why = "the fastest that ONNX Runtime's library carries here".to_owned();
                let second_best = !failed.is_empty();
                return Ok((
                    session,
                    Choice {
                        device,
                        why,
                        second_best,
                    },
                ));
            }
            Err(said) => failed.push(format!("{device} failed to start: {said}")),
        }
    }
    let session = open_on(runtime, name, model, Device::Cpu, options)?;
    let mut why = if failed.is_empty() {
        "ONNX Runtime's library carries nothing faster".to_owned()
    } else {
        failed.join("; ")
    };
    if options.bf16 {
        why.push_str("; in f32, as only openvino knows bf16");
    }
    let device = Device::Cpu;
    Ok((
        session,
        Choice {
            device,
            why,
            second_best: !failed.is_empty(),
        },
    ))
}

/// On this device or not at all.
fn open_on(
    runtime: &Runtime,
    name: &str,
    model: &[u8],
    device: Device,
    options: &SessionOptions,
) -> Result<ort::session::Session> {
    let listed = availability::in_principle(runtime, device);
    if !listed.is_available() {
        return Err(availability::refuse(device, &listed));
    }
    let said = match commit(runtime, model, device, options) {
        Ok(session) => return Ok(session),
        Err(said) => said,
    };
    // Is it the device or the model? The CPU takes every good model.
    if device == Device::Cpu || commit(runtime, model, Device::Cpu, options).is_err() {
        return Err(bad_model(name, &said));
    }
    Err(availability::refuse(
        device,
        &availability::did_not_start(device, &said),
    ))
}

fn commit(
    runtime: &Runtime,
    model: &[u8],
    device: Device,
    options: &SessionOptions,
) -> Result<ort::session::Session, String> {
    let said = |error: ort::Error| availability::one_line(&error);
    let mut builder = builder(runtime, device, options).map_err(said)?;
    // `ort` panics on a model whose input or output is of a kind that it does not know (a sequence of sequences).
    // The half-made session is thrown away with the builder, so nothing is seen in a broken state.
    match catch_unwind(AssertUnwindSafe(|| builder.commit_from_memory(model))) {
        Ok(result) => result.map_err(said),
        Err(_) => Err("its inputs or outputs are of an unknown kind".to_owned()),
    }
}

fn bad_model(name: &str, said: &dyn fmt::Display) -> Error {
    Error::Model {
        model: name.to_owned(),
        reason: format!(
            "this is not an ONNX model that can be run ({}); get the file again, or choose another model",
            availability::one_line(said)
        ),
    }
}
