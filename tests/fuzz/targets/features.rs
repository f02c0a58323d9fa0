//! Weights of a feature network, a safetensors file.

use impasto::gatys::FeatureNetwork;

use super::check;

pub fn run(data: &[u8]) {
    match FeatureNetwork::parse("strange.safetensors", data) {
        Ok(network) => assert!(!network.layers().is_empty()),
        Err(error) => check::one_line(&error, "strange.safetensors"),
    }
}
