//! ONNX files that are read to be changed: as an affine map, in stages, and differentiated.

use impasto::onnx::proto::ModelProto;
use impasto::onnx::stages::Stages;
use impasto::onnx::{Affine, File, derivative::derivative};
use prost::Message;

use super::check;

const LABEL: &str = "strange.onnx";

pub fn run(data: &[u8]) {
    read(data);
}

/// Read `bytes` in every way. What comes out is a graph again, or an error.
pub fn read(bytes: &[u8]) {
    let file = File {
        label: LABEL,
        bytes,
    };
    if let Err(error) = Affine::read(&file, "bottleneck", "style_params") {
        check::one_line(&error, LABEL);
    }
    match Stages::read(&file, "stats") {
        Ok(stages) => {
            for checkpoint in stages.checkpoints() {
                for tensor in &checkpoint.kept {
                    assert!(stages.extent(tensor).is_some(), "{tensor} has no extent");
                }
            }
            for norm in 0..stages.norms().min(4) {
                let graph = stages.stage(&[], &[stages.target(norm)]);
                ModelProto::decode(&graph[..]).expect("a stage is a graph");
            }
        }
        Err(error) => check::one_line(&error, LABEL),
    }
    let shapes: [(&str, &[usize]); 2] =
        [("content", &[1, 16, 16, 3]), ("pastiche", &[1, 16, 16, 3])];
    for (by, of) in [("style_params", "pastiche"), ("x", "y")] {
        match derivative(&[file], by, of, &shapes) {
            Ok(graph) => {
                ModelProto::decode(&graph[..]).expect("a derivative is a graph");
                // Rules add a bounded number of nodes each.
                assert!(
                    graph.len() < 64 * (bytes.len() + 4096),
                    "{} bytes",
                    graph.len()
                );
            }
            Err(error) => check::one_line(&error, LABEL),
        }
    }
}
