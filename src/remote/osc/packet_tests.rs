#![allow(clippy::unwrap_used)]

use rosc::{OscBundle, OscTime, OscType, encoder};

use super::*;

fn plain(address: &str, args: Vec<OscType>) -> OscPacket {
    OscPacket::Message(OscMessage {
        addr: address.to_owned(),
        args,
    })
}

fn bundle(content: Vec<OscPacket>) -> OscPacket {
    let timetag = OscTime {
        seconds: 0,
        fractional: 1,
    };
    OscPacket::Bundle(OscBundle { timetag, content })
}

fn read(bytes: &[u8]) -> Vec<Result<OscMessage, ()>> {
    let mut all = Vec::new();
    messages(bytes, &mut |message| all.push(message));
    all
}

/// The addresses of a packet, `!` for what is malformed.
fn addresses(bytes: &[u8]) -> String {
    let one = |m: &Result<OscMessage, ()>| m.as_ref().map_or("!".to_owned(), |m| m.addr.clone());
    let all: Vec<String> = read(bytes).iter().map(one).collect();
    all.join(" ")
}

/// `depth` bundles in each other with `inside` in the innermost, made by hand.
fn nested(depth: usize, inside: &[u8]) -> Vec<u8> {
    let mut bytes = inside.to_vec();
    for _ in 0..depth {
        let size = (bytes.len() as u32).to_be_bytes();
        let head = [BUNDLE, &[0, 0, 0, 0, 0, 0, 0, 1]].concat();
        bytes = match bytes.is_empty() {
            true => head,
            false => [&head[..], &size, &bytes].concat(),
        };
    }
    bytes
}

#[test]
fn messages_and_bundles_are_read_in_their_order() {
    let args = vec![
        OscType::String("great-wave".into()),
        OscType::Float(0.5),
        OscType::Int(3),
    ];
    let one = plain("/impasto/mix", args.clone());
    let read = read(&encoder::encode(&one).unwrap());
    assert_eq!(read[0].as_ref().unwrap().args, args);

    let packet = bundle(vec![
        plain("/a", vec![]),
        bundle(vec![
            plain("/b", vec![OscType::Int(1)]),
            plain("/c", vec![]),
        ]),
        bundle(vec![]),
        plain("/d", vec![]),
    ]);
    assert_eq!(addresses(&encoder::encode(&packet).unwrap()), "/a /b /c /d");
}

#[test]
fn a_message_without_types_has_no_arguments() {
    assert_eq!(addresses(b"/tap\0\0\0\0"), "/tap");
    assert_eq!(addresses(b"/tap\0\0\0\0,\0\0\0"), "/tap");
}

#[test]
fn bundles_deeper_than_any_stack_are_refused() {
    assert_eq!(addresses(&nested(MOST_DEEP, b"/a\0\0")), "/a");
    assert_eq!(addresses(&nested(MOST_DEEP + 1, b"/a\0\0")), "!");
    // As deep as 64 KiB allow: here the decoder itself would leave the stack.
    assert_eq!(addresses(&nested(3270, b"/a\0\0")), "!");
}

#[test]
fn arrays_and_unknown_types_are_refused() {
    let mut deep = b"/a\0\0,".to_vec();
    deep.extend(std::iter::repeat_n(b'[', 30_000));
    deep.extend(std::iter::repeat_n(b']', 30_000));
    deep.resize(deep.len() / 4 * 4 + 4, 0);
    assert_eq!(addresses(&deep), "!");
    for types in [",[i]", ",z", ",b", ",m", "ii"] {
        let mut bytes = b"/a\0\0".to_vec();
        bytes.extend_from_slice(types.as_bytes());
        bytes.resize(bytes.len() / 4 * 4 + 4, 0);
        bytes.extend_from_slice(&[0; 16]);
        assert_eq!(addresses(&bytes), "!", "{types}");
    }
    let mut many = b"/a\0\0,".to_vec();
    many.extend(std::iter::repeat_n(b'T', 4000));
    many.resize(many.len() / 4 * 4 + 4, 0);
    assert_eq!(addresses(&many), "!");
}

#[test]
fn every_beginning_of_a_packet_is_read_without_a_panic() {
    let packet = bundle(vec![
        plain("/impasto/style", vec![OscType::String("irises".into())]),
        bundle(vec![plain(
            "/impasto/pad",
            vec![OscType::Float(0.5), OscType::Double(0.5)],
        )]),
    ]);
    let bytes = encoder::encode(&packet).unwrap();
    assert_eq!(addresses(&bytes), "/impasto/style /impasto/pad");
    for end in 0..bytes.len() {
        let read = read(&bytes[..end]);
        let whole = read.iter().filter(|m| m.is_ok()).count();
        assert!(read.len() <= 3 && whole < 2, "{end}: {read:?}");
    }
    // Every byte wrong once: read or refused, never a panic, and what is read is one of ours in most cases.
    for place in 0..bytes.len() {
        for value in [0, 1, 4, b'/', b'#', 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[place] = value;
            read(&bytes);
        }
    }
}

#[test]
fn random_bytes_are_refused() {
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 56) as u8
    };
    for length in (0..2000).chain([65_507]) {
        let mut bytes: Vec<u8> = (0..length).map(|_| random()).collect();
        read(&bytes);
        // The same behind a beginning that is accepted.
        for (place, byte) in b"#bundle\0\0\0\0\0\0\0\0\x01".iter().enumerate() {
            if let Some(at) = bytes.get_mut(place) {
                *at = *byte;
            }
        }
        read(&bytes);
    }
}

#[test]
fn sizes_that_do_not_fit_end_a_bundle() {
    for size in [0_u32, 1, 3, 12, u32::MAX, 0x8000_0000] {
        let mut bytes = nested(1, b"");
        bytes.extend_from_slice(&size.to_be_bytes());
        bytes.extend_from_slice(b"/a\0\0");
        assert_eq!(addresses(&bytes), "!", "{size}");
    }
}
