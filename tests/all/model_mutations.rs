//! Models that were changed on purpose, with the right sha256 in their manifest: the program paints or says one clear line,
//! and never crashes, hangs, or reads another file. `IMPASTO_MUTATIONS=5000` tries as many; `IMPASTO_SEED` other ones.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use prost::Message;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::common::{command, folder, refusal, repository, save, scene, stderr};
use crate::fuzz_replay::targets::graph_mutation::mutated;
use impasto::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto};

/// The networks of tests/data/tiny that a run opens.
const FILES: [&str; 3] = ["predictor.onnx", "tiny/head.onnx", "tiny/transformer.onnx"];

/// How long a run may take. It needs a tenth of a second, and a loaded machine much longer.
const LONGEST: Duration = Duration::from_secs(60);

const PAINT: &str = "stylize p.png --style p.png --model model --device cpu -o out.png";

fn original(file: &str) -> Vec<u8> {
    std::fs::read(repository("tests/data/tiny").join(file)).unwrap()
}

fn sum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder with a picture and the tiny model in `model/`, in which `file` holds `bytes` and the manifest says so.
fn with(dir: &TempDir, file: &str, bytes: &[u8]) {
    let from = repository("tests/data/tiny");
    let model = dir.path().join("model");
    std::fs::create_dir_all(model.join("tiny")).unwrap();
    for name in FILES.into_iter().chain(["tiny/transformer_frozen.onnx"]) {
        std::fs::copy(from.join(name), model.join(name)).unwrap();
    }
    std::fs::write(model.join(file), bytes).unwrap();
    let manifest = std::fs::read_to_string(from.join("models.toml")).unwrap();
    let manifest = manifest.replace(&sum(&original(file)), &sum(bytes));
    std::fs::write(model.join("models.toml"), manifest).unwrap();
}

/// A number of the environment.
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Random bytes that are the same for the same seed.
struct Lots(u64);

impl Lots {
    fn next(&mut self) -> u8 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 56) as u8
    }
}

/// `bytes` with parts of the graph exchanged, with a few bits flipped, or cut off.
fn changed(bytes: &[u8], lots: &mut Lots) -> Vec<u8> {
    match lots.next() % 4 {
        0 => {
            let mut bytes = bytes.to_vec();
            for _ in 0..=lots.next() % 4 {
                let place = usize::from(lots.next()) << 8 | usize::from(lots.next());
                let length = bytes.len();
                bytes[place % length] ^= 1 << (lots.next() % 8);
            }
            if lots.next().is_multiple_of(8) {
                bytes.truncate(usize::from(lots.next()));
            }
            bytes
        }
        kind => {
            let orders: Vec<u8> = (0..4 * kind).map(|_| lots.next()).collect();
            mutated(bytes, &orders)
        }
    }
}

/// Run the program on the model of `dir`, and check how it ends. Whether it painted.
fn survives(dir: &TempDir, what: &str) -> bool {
    let out = dir.path().join("out.png");
    drop(std::fs::remove_file(&out));
    let output = command(dir, PAINT).timeout(LONGEST).output().unwrap();
    let said = stderr(&output);
    let code = output.status.code();
    assert!(code.is_some(), "{what}: crashed or hung; {said}");
    assert!(!said.contains("panicked"), "{what}: {said}");
    let painted = code == Some(0);
    assert_eq!(painted, out.exists(), "{what}: {said}");
    let complaints = said.lines().filter(|line| line.starts_with("impasto: "));
    assert_eq!(complaints.count(), usize::from(!painted), "{what}: {said}");
    painted
}

#[test]
fn mutated_models_end_in_a_picture_or_in_one_line() {
    let (count, seed) = (number("IMPASTO_MUTATIONS", 24), number("IMPASTO_SEED", 1));
    let dir = folder();
    save(&dir, "p.png", &scene(40, 32));
    let mut lots = Lots(seed);
    let mut painted = 0;
    for n in 0..count {
        let file = FILES[usize::from(lots.next()) % FILES.len()];
        let bytes = changed(&original(file), &mut lots);
        with(&dir, file, &bytes);
        painted += u64::from(survives(
            &dir,
            &format!("seed {seed}, mutation {n}, {file}"),
        ));
    }
    eprintln!("{count} mutated models (seed {seed}): {painted} painted, the others refused");
    with(&dir, FILES[0], &original(FILES[0]));
    assert!(survives(&dir, "the model as it was"));
}

/// What is said of the tiny transformer after `change`.
fn refused(change: impl FnOnce(&mut GraphProto)) -> String {
    let dir = folder();
    save(&dir, "p.png", &scene(40, 32));
    let file = FILES[2];
    let mut model = ModelProto::decode(&original(file)[..]).unwrap();
    change(model.graph.as_mut().unwrap());
    with(&dir, file, &model.encode_to_vec());
    let line = refusal(&mut command(&dir, PAINT));
    assert!(
        line.contains("transformer.onnx") && line.contains("choose another model"),
        "{line}"
    );
    assert!(!dir.path().join("out.png").exists());
    line
}

#[test]
fn a_model_that_names_other_files_is_refused_before_they_are_read() {
    for place in ["../p.png", "/dev/zero", "/etc/passwd"] {
        let line = refused(|graph| {
            let weight = &mut graph.initializer[0];
            weight.raw_data.clear();
            weight.data_location = 1;
            // A message of two strings: the key and the value.
            let mut entry = vec![0x0a, 8];
            entry.extend(b"location");
            entry.extend([0x12, place.len() as u8]);
            entry.extend(place.as_bytes());
            weight.external_data.push(entry);
        });
        assert!(line.contains("external data"), "{line}");
    }
}

#[test]
fn a_model_with_an_endless_loop_is_refused_at_once() {
    let line = refused(|graph| {
        let body = AttributeProto {
            name: "body".to_owned(),
            g: Some(GraphProto::default().encode_to_vec()),
            ..AttributeProto::default()
        };
        graph.node.push(NodeProto {
            input: vec![String::new(), String::new()],
            output: vec!["never".to_owned()],
            op_type: "Loop".to_owned(),
            attribute: vec![body],
            ..NodeProto::default()
        });
    });
    assert!(line.contains("Loop"), "{line}");
}
