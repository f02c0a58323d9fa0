//! A picture's path in; which of several machines paints it out.

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// One part of a job that is divided among several machines or processes: number `index` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// Part number `index`, from 1 on, of `of`.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless 1 <= `index` <= `of`.
    pub fn new(index: u32, of: u32) -> Result<Self> {
        if index == 0 || index > of {
            let reason = format!("{index}/{of} is no part of a whole; parts of 8 are 1/8 to 8/8");
            return Err(Error::invalid("shard", reason));
        }
        Ok(Self { index, of })
    }

    /// Whether this part has the picture called `key`. Every key is in exactly one part, and stays there when pictures
    /// come or go: the parts are told by the sha256 of the key, not by a place in a list.
    pub fn takes(&self, key: &str) -> bool {
        let digest = Sha256::digest(key.as_bytes());
        let first = digest.iter().take(8);
        let number = first.fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        number % u64::from(self.of) == u64::from(self.index - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').and_then(|(index, of)| {
            let number = |text: &str| text.parse::<u32>().ok();
            Some((number(index)?, number(of)?))
        });
        let Some((index, of)) = numbers else {
            let reason = format!("'{text}' is not of the form 3/8");
            return Err(Error::invalid("shard", reason));
        };
        Self::new(index, of)
    }
}

/// What a picture is called for [`Shard::takes`]: its path below the folder that was named, else its file's name. So it is
/// the same on machines that have the folder at different places.
pub(super) fn key(contents: &[impl AsRef<Path>], file: &Path) -> String {
    let below = contents
        .iter()
        .filter_map(|content| file.strip_prefix(content).ok())
        .find(|rest| !rest.as_os_str().is_empty());
    let path = below.or(file.file_name().map(Path::new)).unwrap_or(file);
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_in_one_part_and_the_parts_are_alike() {
        let names: Vec<String> = (0..1000).map(|n| format!("photo{n:04}.jpg")).collect();
        for of in [1, 2, 3, 5, 8, 13, 100] {
            let mut sizes = vec![0; of as usize];
            for name in &names {
                let parts = (1..=of).filter(|i| Shard::new(*i, of).unwrap().takes(name));
                let parts: Vec<u32> = parts.collect();
                assert_eq!(parts.len(), 1, "{name} of {of}");
                sizes[parts[0] as usize - 1] += 1;
            }
            let mean = 1000.0 / f64::from(of);
            let most = f64::from(*sizes.iter().max().unwrap());
            assert!(most < mean + 4.5 * mean.sqrt(), "{sizes:?}");
        }
    }

    #[test]
    fn the_key_does_not_depend_on_where_the_folder_is() {
        let key = |content: &str, file: &str| super::key(&[Path::new(content)], file.as_ref());
        assert_eq!(key("/a/photos", "/a/photos/x/1.png"), "x/1.png");
        assert_eq!(key("./photos/", "./photos/x/1.png"), "x/1.png");
        assert_eq!(key("photos/1.png", "photos/1.png"), "1.png");
        assert_eq!(key("photos/*.png", "photos/1.png"), "1.png");
    }

    #[test]
    fn parts_are_read_as_written() {
        assert_eq!("3/8".parse::<Shard>().unwrap().to_string(), "3/8");
        for text in ["0/8", "9/8", "3", "3/", "-1/2", "a/b", "1/0", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
