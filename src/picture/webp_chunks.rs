//! The chunks of a WebP: the bytes of a file in; what kind of picture it is, and whether its chunks lie in it, out.

/// The chunks from `at` on: their names, where their data begin, and how long they say that these are.
fn chunks(bytes: &[u8], mut at: usize) -> impl Iterator<Item = ([u8; 4], usize, usize)> {
    std::iter::from_fn(move || {
        let (name, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
        let data = at + 8;
        // Of an odd length: one byte more.
        at = data.saturating_add(length.saturating_add(length & 1));
        Some((*name, data, length))
    })
}

/// Where the first chunk of a file begins.
const FIRST: usize = 12;

/// Whether a WebP is a lossy picture and no animation.
pub(super) fn is_lossy(bytes: &[u8]) -> bool {
    let kinds =
        chunks(bytes, FIRST).filter(|(name, ..)| [b"VP8 ", b"VP8L", b"ANMF"].contains(&name));
    kinds.map(|(name, ..)| name).next() == Some(*b"VP8 ")
}

/// Whether all chunks end before the file does. The decoder takes the memory that a chunk of metadata says it needs before
/// it reads it.
pub(super) fn are_whole(bytes: &[u8]) -> bool {
    let end_of =
        |data: usize, length: usize| data.checked_add(length).filter(|e| *e <= bytes.len());
    chunks(bytes, FIRST).all(|(name, data, length)| {
        let Some(end) = end_of(data, length) else {
            return false;
        };
        // The frame of an animation has 16 bytes, and chunks of its own, which the decoder knows too.
        name != *b"ANMF" || chunks(&bytes[..end], data + 16).all(|(_, d, l)| end_of(d, l).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], says: u32, data: &[u8]) -> Vec<u8> {
        [&name[..], &says.to_le_bytes(), data].concat()
    }

    #[test]
    fn a_chunk_that_is_longer_than_its_file_is_seen() {
        let head = b"RIFF\0\0\0\0WEBP".to_vec();
        let odd = chunk(b"ICCP", 3, &[1, 2, 3, 0]);
        let picture = chunk(b"VP8 ", 2, &[1, 2]);
        let whole = [head.clone(), odd.clone(), picture.clone()].concat();
        assert!(are_whole(&whole) && is_lossy(&whole));
        assert!(!are_whole(&whole[..whole.len() - 1]));
        let long = chunk(b"EXIF", u32::MAX, &[]);
        assert!(!are_whole(
            &[head.clone(), picture.clone(), long.clone()].concat()
        ));
        let frame = chunk(b"ANMF", 16 + 8, &[&[0; 16], &long[..]].concat());
        let animation = [head.clone(), frame].concat();
        assert!(!are_whole(&animation) && !is_lossy(&animation));
        assert!(are_whole(&head) && !is_lossy(&head));
    }
}
