//! The bytes of a MIDI device, and the file of a MIDI map.

use impasto::remote::{read_midi_stream, rewrite_midi_map};

pub fn run(data: &[u8]) {
    assert!(read_midi_stream(data) <= data.len());
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(written) = rewrite_midi_map(text) {
        let again = rewrite_midi_map(&written).expect("what was written is read");
        assert_eq!(again, written);
    }
}
