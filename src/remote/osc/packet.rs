//! OSC 1.0 packets: the bytes of a datagram go in, its messages come out.
//!
//! The decoder calls itself for each bundle in a bundle and nests arrays as deep as a packet says, which 64 KiB of them
//! take past the end of any stack. So bundles are opened here, without recursion, and the decoder sees single messages
//! whose size and types have been checked.

use rosc::{OscMessage, OscPacket, decoder};

/// How deep bundles may lie in bundles. Programs send one.
const MOST_DEEP: usize = 8;

/// The longest address. Ours have less than 20 letters.
const LONGEST_ADDRESS: usize = 255;

/// The most arguments of a message: names and weights of four styles are eight.
const MOST_ARGUMENTS: usize = 64;

/// What every bundle begins with, and the size of that with the time.
const BUNDLE: &[u8] = b"#bundle\0";
const BUNDLE_HEAD: usize = 16;

/// Take the messages of a packet one by one, in its order: `Err` for one that is malformed. The time of a bundle is
/// ignored: what arrives is done at once.
pub(super) fn messages(packet: &[u8], take: &mut dyn FnMut(Result<OscMessage, ()>)) {
    let mut open: [&[u8]; MOST_DEEP] = [&[]; MOST_DEEP];
    let mut depth = 0;
    let mut element = packet;
    loop {
        match element.strip_prefix(BUNDLE) {
            None => take(message(element)),
            Some(_) if depth == MOST_DEEP || element.len() < BUNDLE_HEAD => take(Err(())),
            Some(_) => {
                open[depth] = &element[BUNDLE_HEAD..];
                depth += 1;
            }
        }
        // The next element: of the innermost bundle that has one.
        element = loop {
            let Some(bundle) = depth.checked_sub(1).map(|last| &mut open[last]) else {
                return;
            };
            if bundle.is_empty() {
                depth -= 1;
                continue;
            }
            match split_element(bundle) {
                Some((element, rest)) => {
                    *bundle = rest;
                    break element;
                }
                None => {
                    // Where the next element begins is unknown.
                    take(Err(()));
                    depth -= 1;
                }
            }
        };
    }
}

/// The first element of the inside of a bundle, and what follows it.
fn split_element(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (size, rest) = bundle.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
    if size == 0 || !size.is_multiple_of(4) {
        return None;
    }
    rest.split_at_checked(size)
}

/// One message.
fn message(bytes: &[u8]) -> Result<OscMessage, ()> {
    if !bytes.len().is_multiple_of(4) || bytes.first() != Some(&b'/') {
        return Err(());
    }
    let (address, rest) = text(bytes).ok_or(())?;
    if address.len() > LONGEST_ADDRESS || !address.iter().all(u8::is_ascii_graphic) {
        return Err(());
    }
    if rest.is_empty() {
        // Old programs leave the types out where there are no arguments.
        let addr = String::from_utf8_lossy(address).into_owned();
        return Ok(OscMessage {
            addr,
            args: Vec::new(),
        });
    }
    let (types, _) = text(rest).ok_or(())?;
    let types = types.strip_prefix(b",").ok_or(())?;
    if types.len() > MOST_ARGUMENTS || !types.iter().all(|t| b"ifhdsTF".contains(t)) {
        return Err(());
    }
    match decoder::decode_udp(bytes) {
        Ok((_, OscPacket::Message(message))) => Ok(message),
        _ => Err(()),
    }
}

/// A text that ends with a zero and is filled up to a multiple of four, and what follows it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == 0)?;
    let next = (end / 4 + 1) * 4;
    Some((&bytes[..end], bytes.get(next..)?))
}

#[cfg(test)]
#[path = "packet_tests.rs"]
mod tests;
