//! A file or standard input in; its lines out, as they come.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use impasto::jobs::STANDARD_STREAM;
use impasto::{Error, Result};

use super::console;

/// Lines that may wait: whoever writes them is held up by a slow painter, and not by every picture.
const WAITING: usize = 64;

/// The longest line in bytes.
pub const LONGEST: u64 = 1 << 16;

/// How often Ctrl-C is looked for while no line comes.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The lines of a list of pictures. They are read by a thread of its own, as reading cannot be broken off.
pub struct PathLines {
    lines: Receiver<Result<Vec<u8>>>,
}

impl PathLines {
    /// The lines of the file `path`, or of standard input.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn open(path: &Path) -> Result<Self> {
        let is_stream = path == Path::new(STANDARD_STREAM);
        if !is_stream {
            // What is wrong with the name is said before the networks are loaded.
            std::fs::metadata(path).map_err(Error::read(path))?;
        }
        let name = path.to_owned();
        let (send, lines) = sync_channel(WAITING);
        std::thread::spawn(move || {
            // Opened here, as opening a pipe waits until something writes to it.
            let (input, name): (Box<dyn Read + Send>, _) = match is_stream {
                true => (Box::new(std::io::stdin()), PathBuf::from("standard input")),
                false => match File::open(&name) {
                    Ok(file) => (Box::new(file), name),
                    // Nobody listens once the job has ended.
                    Err(error) => return drop(send.send(Err(Error::read(&name)(error)))),
                },
            };
            let mut input = BufReader::new(input);
            while let Some(line) = next_line(&mut input, &name) {
                let failed = line.is_err();
                // Nobody listens once the job has ended.
                if send.send(line).is_err() || failed {
                    break;
                }
            }
        });
        Ok(Self { lines })
    }
}

impl Iterator for PathLines {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if console::is_interrupted() {
                return Some(Err(Error::Interrupted));
            }
            match self.lines.recv_timeout(LOOK_EVERY) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// The next line without its end.
fn next_line(input: &mut impl BufRead, name: &Path) -> Option<Result<Vec<u8>>> {
    let mut line = Vec::new();
    match input.take(LONGEST + 1).read_until(b'\n', &mut line) {
        Ok(0) => None,
        Ok(_) => {
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            if line.len() as u64 > LONGEST {
                let reason =
                    format!("has a line of more than {LONGEST} bytes; a line names one picture");
                return Some(Err(Error::Invalid {
                    what: name.display().to_string(),
                    reason,
                }));
            }
            Some(Ok(line))
        }
        Err(error) => Some(Err(Error::read(name)(error))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_without_their_ends_and_endless_ones_are_refused() {
        let mut input = &b"one\n\ntwo"[..];
        let mut next = || next_line(&mut input, Path::new("list"));
        assert_eq!(next().unwrap().unwrap(), b"one");
        assert_eq!(next().unwrap().unwrap(), b"");
        assert_eq!(next().unwrap().unwrap(), b"two");
        assert!(next().is_none());
        let endless = vec![b'x'; 1 << 20];
        let said = next_line(&mut endless.as_slice(), Path::new("list"));
        assert!(said.unwrap().is_err());
    }
}
