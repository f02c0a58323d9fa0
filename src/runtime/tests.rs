//! The runtime, for real: these tests load the library that the build obtained, or the one that `ORT_DYLIB_PATH`
//! names. They hold for any of them.

#![allow(clippy::unwrap_used)]

use ndarray::{ArrayView2, ArrayView4, Axis, aview1};

use std::path::PathBuf;

use super::*;
use crate::device::Device;
use crate::error::{Error, Result};

/// See `tests/data/make_identity_onnx.py`.
const IDENTITY: &[u8] = include_bytes!("../../tests/data/identity.onnx");

fn on(device: Device) -> SessionOptions {
    SessionOptions {
        device,
        ..SessionOptions::default()
    }
}

fn identity(options: &SessionOptions) -> Result<Session> {
    let runtime = Runtime::load(None)?;
    Session::open(&runtime, "identity", IDENTITY, options)
}

fn message<T>(result: Result<T>) -> String {
    result.err().unwrap().to_string()
}

const PICTURE: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 253, 254, 255];
const STYLE: [f32; 4] = [-1.5, 0.0, 0.25, 3.0];

fn content() -> (&'static str, Input<'static>) {
    ("content", pictures((1, 2, 2, 3), &PICTURE))
}

fn pictures(shape: (usize, usize, usize, usize), data: &[u8]) -> Input<'_> {
    Input::U8(ArrayView4::from_shape(shape, data).unwrap())
}

fn style() -> (&'static str, Input<'static>) {
    let row = ArrayView2::from_shape((1, 4), &STYLE).unwrap();
    ("style_params", Input::F32(row.into_dyn()))
}

#[test]
fn all_threads_get_the_same_runtime() {
    let paths: Vec<PathBuf> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Runtime::load(None).unwrap().library().to_owned()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(paths.iter().all(|path| *path == paths[0]));
    // Naming the one that is loaded is fine, naming another one is not.
    assert_eq!(Runtime::load(Some(&paths[0])).unwrap().library(), paths[0]);
    let other = tempfile::NamedTempFile::new().unwrap();
    let text = message(Runtime::load(Some(other.path())));
    assert!(text.contains("already uses"), "{text}");
}

#[test]
fn its_version_is_one_that_we_can_use() {
    let version = Runtime::load(None).unwrap().version();
    let numbers: Vec<u32> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert_eq!(numbers[0], 1);
    assert!(numbers[1] >= ort::MINOR_VERSION, "{version}");
}

#[test]
fn a_model_tells_its_ports_and_runs() {
    let mut session = identity(&on(Device::Cpu)).unwrap();
    let port = |name: &str, kind, dims: &[i64]| Port {
        name: name.to_owned(),
        kind,
        dims: dims.to_vec(),
    };
    assert_eq!(
        session.inputs(),
        [
            port("content", ElementKind::U8, &[1, -1, -1, 3]),
            port("style_params", ElementKind::F32, &[1, 4])
        ]
    );
    assert_eq!(
        session.outputs()[1],
        port("double", ElementKind::F32, &[1, 4])
    );
    assert_eq!(
        session.outputs()[0].to_string(),
        "pastiche u8[1, any, any, 3]"
    );

    // The order is free.
    let outputs = session.run(&[style(), content()]).unwrap();
    let pastiche = outputs.u8("pastiche").unwrap();
    assert_eq!(pastiche.dim(), (1, 2, 2, 3));
    assert_eq!(pastiche.as_slice(), Some(&PICTURE[..]));
    let double = outputs.f32("double").unwrap();
    assert_eq!(double.shape(), [1, 4]);
    assert_eq!(double.as_slice(), Some(&[-3.0, 0.0, 0.5, 6.0][..]));
    for name in ["nothing", ""] {
        assert!(message(outputs.u8(name)).contains("no output named"));
    }
    assert!(message(outputs.f32("pastiche")).contains("pastiche"));
}

#[test]
fn sizes_may_change_from_run_to_run() {
    let mut session = identity(&SessionOptions::default()).unwrap();
    for (height, width) in [(1, 1), (7, 3), (333, 251), (1, 1)] {
        let data: Vec<u8> = (0..height * width * 3).map(|i| (i % 251) as u8).collect();
        let shape = (1, height, width, 3);
        let inputs = [("content", pictures(shape, &data)), style()];
        let outputs = session.run(&inputs).unwrap();
        let pastiche = outputs.u8("pastiche").unwrap();
        assert_eq!(pastiche.dim(), shape);
        assert_eq!(pastiche.as_slice(), Some(&data[..]));
    }
}

#[test]
fn wrong_inputs_are_errors_that_name_them() {
    let mut session = identity(&on(Device::Cpu)).unwrap();
    let mut refused = |inputs: &[(&str, Input<'_>)]| message(session.run(inputs));
    assert!(refused(&[content()]).contains("style_params"));
    assert!(refused(&[content(), style(), ("more", style().1)]).contains("'more'"));
    assert!(refused(&[("content", style().1), style()]).contains("f32 was given"));
    for shape in [(1, 2, 2, 1), (3, 2, 2, 1), (2, 2, 1, 3), (1, 0, 2, 3)] {
        let data = &PICTURE[..shape.0 * shape.1 * shape.2 * shape.3];
        let text = refused(&[("content", pictures(shape, data)), style()]);
        assert!(text.contains("content u8[1, any, any, 3]"), "{text}");
    }
    // A view with gaps cannot be given without a copy.
    let mut gaps = ArrayView4::from_shape((1, 2, 2, 3), &PICTURE).unwrap();
    gaps.slice_axis_inplace(Axis(2), (..1).into());
    assert!(refused(&[("content", Input::U8(gaps)), style()]).contains("non-contiguous"));
    let short = Input::F32(aview1(&STYLE).into_dyn());
    assert!(refused(&[content(), ("style_params", short)]).contains("[4] was given"));
    // And it still works afterwards.
    assert!(session.run(&[content(), style()]).is_ok());
}

#[test]
fn bytes_that_are_no_model_are_a_model_error() {
    let runtime = Runtime::load(None).unwrap();
    let cut = &IDENTITY[..IDENTITY.len() / 2];
    let mut swapped = IDENTITY.to_vec();
    swapped.iter_mut().for_each(|byte| *byte ^= 0x55);
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for bytes in [
        &[][..],
        &[0; 1000],
        &[0xff; 1000],
        cut,
        &swapped,
        png,
        b"hello",
    ] {
        for device in [Device::Auto, Device::Cpu] {
            let result = Session::open(&runtime, "broken.onnx", bytes, &on(device));
            let Err(error @ Error::Model { .. }) = result else {
                panic!("{bytes:?} on {device}: {result:?}");
            };
            assert!(error.to_string().contains("broken.onnx"));
        }
    }
}

#[test]
fn damage_to_any_byte_of_a_model_never_panics() {
    let runtime = Runtime::load(None).unwrap();
    for i in 0..IDENTITY.len() {
        for value in [0, 0xff, IDENTITY[i] ^ 1, IDENTITY[i].wrapping_add(1)] {
            let mut model = IDENTITY.to_vec();
            model[i] = value;
            // Some damage does no harm (a letter of a name), the rest has to be an error.
            match Session::open(&runtime, "damaged", &model, &on(Device::Cpu)) {
                Ok(_) | Err(Error::Model { .. }) => {}
                Err(other) => panic!("byte {i} = {value}: {other}"),
            }
        }
    }
}

#[test]
fn a_named_device_is_taken_or_refused_with_the_remedy_but_never_replaced() {
    let runtime = Runtime::load(None).unwrap();
    for device in Device::ALL
        .into_iter()
        .filter(|&device| device != Device::Auto)
    {
        match (runtime.available(device), identity(&on(device))) {
            (Availability::Available, Ok(session)) => assert_eq!(session.choice().device, device),
            (Availability::Missing { reason, remedy }, Err(error @ Error::Device { .. })) => {
                let text = error.to_string();
                assert!(text.contains(&format!("device '{device}'")), "{text}");
                assert!(text.contains(&reason) && text.contains(&remedy), "{text}");
                assert!(text.contains("device auto"), "{text}");
            }
            (availability, result) => panic!("{device}: {availability:?}, but {result:?}"),
        }
    }
    assert!(runtime.available(Device::Cpu).is_available());
    assert!(runtime.available(Device::Auto).is_available());
}

#[test]
#[cfg(all(feature = "openvino", target_os = "linux"))]
fn openvino_on_a_library_without_it_names_library_package_and_variable() {
    let runtime = Runtime::load(None).unwrap();
    if runtime.available(Device::OpenVino).is_available() {
        eprintln!("skipped: {} carries openvino", runtime.library().display());
        return;
    }
    let text = message(identity(&on(Device::OpenVino)));
    let library = runtime.library().display().to_string();
    for part in [
        &*library,
        "pip install",
        "onnxruntime-openvino==",
        "ORT_DYLIB_PATH=",
    ] {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
}

#[test]
fn auto_takes_the_first_that_is_there_and_says_why() {
    let runtime = Runtime::load(None).unwrap();
    let best = Device::AUTO
        .into_iter()
        .find(|&device| runtime.available(device).is_available())
        .unwrap_or(Device::Cpu);
    let session = identity(&on(Device::Auto)).unwrap();
    assert_eq!(session.choice().device, best);
    let text = session.choice().to_string();
    assert!(
        text.starts_with(best.name()) && !text.contains('\n'),
        "{text}"
    );
    assert!(session.choice().why.len() > 10, "{text}");
}

#[test]
fn options_without_sense_are_refused() {
    for threads in [0, 1025, usize::MAX] {
        let options = SessionOptions {
            threads: Some(threads),
            ..on(Device::Cpu)
        };
        assert!(message(identity(&options)).contains("threads"));
    }
    let bf16 = |device| SessionOptions {
        bf16: true,
        ..on(device)
    };
    assert!(message(identity(&bf16(Device::Cpu))).contains("precision"));
    // A wish that auto may drop, but not in silence.
    let session = identity(&bf16(Device::Auto)).unwrap();
    assert!(session.choice().device != Device::Cpu || session.choice().why.contains("bf16"));
}

#[test]
fn two_threads_run_two_sessions_at_once() {
    std::thread::scope(|scope| {
        for threads in [1, 2] {
            scope.spawn(move || {
                let options = SessionOptions {
                    threads: Some(threads),
                    ..on(Device::Cpu)
                };
                let mut session = identity(&options).unwrap();
                for _ in 0..20 {
                    let outputs = session.run(&[content(), style()]).unwrap();
                    assert_eq!(
                        outputs.u8("pastiche").unwrap().as_slice(),
                        Some(&PICTURE[..])
                    );
                }
            });
        }
    });
}

#[test]
fn the_library_of_this_build_has_no_telemetry_client() {
    let runtime = Runtime::load(None).unwrap();
    assert!(!telemetry::has_client(runtime.library()).unwrap());
}
