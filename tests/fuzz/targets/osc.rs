//! OSC packets.

use impasto::remote::read_osc_packet;

pub fn run(data: &[u8]) {
    let (understood, refused) = read_osc_packet(data);
    // A message has 8 bytes at least, and one that is broken off ends its bundle.
    assert!(
        understood + refused <= data.len() / 4 + 64,
        "{understood} + {refused}"
    );
}
