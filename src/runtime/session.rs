//! A model, opened on a device.

use std::fmt;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder};

use super::availability;
use super::precision::Precision;
use super::values::{self, Input, Outputs, Port};
use super::{Runtime, provider};
use crate::device::{Choice, Device};
use crate::error::{Error, Result};

/// How many threads may be asked for. ONNX Runtime takes 0 for "choose", and a negative or huge number (it counts in 32
/// bits) for who knows what.
pub const THREADS: RangeInclusive<usize> = 1..=1024;

/// How to run a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// Where. Default: [`Device::Auto`].
    pub device: Device,
    /// How many threads compute, of [`THREADS`]. More than the processor has cores make it slower. Default: as many as
    /// there are physical cores. GPUs take no notice.
    pub threads: Option<usize>,
    /// Whether to compute in bf16, which has 8 bits of precision in place of 24, and is several times as fast on
    /// processors that have instructions for it. Only OpenVINO can; with [`Device::Auto`] it counts if that is what is
    /// taken, and any other device that is asked for by name refuses. Default: `false`.
    pub bf16: bool,
}

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
        check(options)?;
        if model.is_empty() {
            return Err(bad_model(name, &"the file is empty"));
        }
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

fn check(options: &SessionOptions) -> Result<()> {
    if let Some(threads) = options.threads
        && !THREADS.contains(&threads)
    {
        let (least, most) = (THREADS.start(), THREADS.end());
        let reason = format!("{threads} is not between {least} and {most}");
        return Err(Error::invalid("--threads", reason));
    }
    if options.bf16 {
        Precision::Bf16.device(options.device)?;
    }
    Ok(())
}

fn asked_for(device: Device) -> Choice {
    Choice {
        device,
        why: "asked for".to_owned(),
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
                return Ok((session, Choice { device, why }));
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
    Ok((session, Choice { device, why }))
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

/// Our settings for a session on `device`, with its provider registered.
///
/// One operation at a time, on all threads: networks like ours are a chain. Between two operations of a run the
/// threads spin, which is what makes short operations fast, but they stop when the run ends, because a program that
/// then decodes the next picture or waits for the camera needs its cores.
pub(super) fn builder(
    runtime: &Runtime,
    device: Device,
    options: &SessionOptions,
) -> ort::Result<SessionBuilder> {
    let mut builder = ort::session::Session::builder(runtime.environment())?
        // `ort` would rather let ONNX Runtime choose, which on macOS is CoreML: the CPU is to mean the CPU.
        .with_auto_device(AutoDevicePolicy::PreferCPU)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_inter_threads(1)?
        .with_config_entry("session.force_spinning_stop", "1")?;
    if let Some(threads) = options.threads {
        builder = builder.with_intra_threads(threads)?;
    }
    if device == Device::DirectMl {
        // It refuses to work with them.
        builder = builder.with_memory_pattern(false)?;
    }
    if let Some(provider) = provider::dispatch(device, options) {
        builder = builder.with_execution_providers([provider])?;
    }
    Ok(builder)
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
