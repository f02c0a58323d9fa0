//! What is painted already: photos and settings in, whether the picture is there out. Kept in the folder of the pictures,
//! a line of JSON for each, so that a job that was ended goes on where it was.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::shard::Shard;
use crate::error::{Error, Result};
use crate::files;

/// The files are called so, with more behind it for a part of a job, and `.jsonl` at the end.
const NAME: &str = ".impasto-done";

/// The most bytes of a file: of some three million pictures.
const MOST_BYTES: u64 = 1 << 30;

/// Processes that may feed one folder at the same time from lists of their own.
const MOST_FEEDS: usize = 10_000;

/// One picture that was painted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    /// The photo's path, for people.
    path: String,
    /// The sha256 of the photo's file.
    content: String,
    /// The sha256 of style, model and options.
    settings: String,
    /// The file painted, from the folder on.
    output: String,
    /// Its length in bytes, and its sha256.
    bytes: u64,
    sha256: String,
}

/// The pictures of a folder that are painted, and the file to which this process adds what it paints.
pub(super) struct DoneWork {
    folder: PathBuf,
    /// Of each target of the job.
    settings: Vec<String>,
    /// By output; only those of the settings of this job.
    lines: HashMap<String, Vec<Line>>,
    /// How far each file of the folder was read.
    read: HashMap<PathBuf, u64>,
    /// Whether other processes may paint the same photos, when one of them was killed.
    feed: bool,
    file: File,
    path: PathBuf,
    /// Held until the job ends.
    _lock: File,
}

/// Who writes the file.
pub(super) enum Writer {
    /// A job over a list that it finds itself, or its part: only one at a time.
    List(Option<Shard>),
    /// One of any number of processes that are given their photos: each has a file of its own.
    Feed,
}

impl DoneWork {
    /// Read what any job has done in `folder` by one of the `settings`, which each target has one of, and begin to add to it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when another process writes the same file; [`Error::Read`], [`Error::Write`].
    pub(super) fn open(folder: &Path, writer: &Writer, settings: Vec<String>) -> Result<Self> {
        let (path, lock) = claim(folder, writer)?;
        let mut done = Self {
            folder: folder.to_owned(),
            settings,
            lines: HashMap::new(),
            read: HashMap::new(),
            feed: matches!(writer, Writer::Feed),
            file: append(&path)?,
            path,
            _lock: lock,
        };
        done.refresh()?;
        Ok(done)
    }

    /// Read what was added to the files of the folder since the last time.
    fn refresh(&mut self) -> Result<()> {
        for entry in fs::read_dir(&self.folder).map_err(Error::read(&self.folder))? {
            let entry = entry.map_err(Error::read(&self.folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(NAME) && name.ends_with(".jsonl") {
                self.read(entry.path())?;
            }
        }
        Ok(())
    }

    /// Read the rest of one file. Lines that cannot be understood are passed over, and so is what has no end yet.
    fn read(&mut self, path: PathBuf) -> Result<()> {
        let begin = self.read.get(&path).copied().unwrap_or(0);
        let mut file = files::open(&path).map_err(Error::read(&path))?;
        let length = file.metadata().map_err(Error::read(&path))?.len();
        if length > MOST_BYTES {
            let reason = "has more than 1 GiB; remove it, and all is painted again";
            return Err(Error::invalid(path.display().to_string(), reason));
        }
        if length <= begin {
            return Ok(());
        }
        file.seek(SeekFrom::Start(begin))
            .map_err(Error::read(&path))?;
        let mut reader = BufReader::new(file.take(length - begin));
        let (mut line, mut end) = (Vec::new(), begin);
        loop {
            line.clear();
            let count = reader.read_until(b'\n', &mut line);
            let count = count.map_err(Error::read(&path))?;
            if count == 0 || line.last() != Some(&b'\n') {
                break;
            }
            end += count as u64;
            if let Ok(line) = serde_json::from_slice::<Line>(&line)
                && self.settings.contains(&line.settings)
            {
                let lines = self.lines.entry(line.output.clone()).or_default();
                lines.push(line);
            }
        }
        self.read.insert(path, end);
        Ok(())
    }

    /// Whether `output` is there, as it was painted from a photo with the sha256 `content` for this target.
    ///
    /// # Errors
    /// [`Error::Read`] for the files in which other processes say what they have done.
    pub(super) fn is_done(&mut self, output: &Path, content: &str, target: usize) -> Result<bool> {
        if self.knows(output, content, target) {
            return Ok(true);
        }
        if !self.feed {
            return Ok(false);
        }
        self.refresh()?;
        Ok(self.knows(output, content, target))
    }

    fn knows(&self, output: &Path, content: &str, target: usize) -> bool {
        let Some(settings) = self.settings.get(target) else {
            return false;
        };
        let lines = self.lines.get(&self.name(output));
        let lines = lines.map_or(&[][..], Vec::as_slice).iter();
        let mut ours = lines
            .filter(|line| line.content == content && line.settings == *settings)
            .peekable();
        if ours.peek().is_none() {
            return false;
        }
        hash_file(output).is_ok_and(|(bytes, sha256)| {
            ours.any(|line| line.bytes == bytes && line.sha256 == sha256)
        })
    }

    /// Note that `output` is painted. The line is written at once, in one piece.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Read`] when the output cannot be read back.
    pub(super) fn record(
        &mut self,
        path: &Path,
        (content, target): (&str, usize),
        output: &Path,
    ) -> Result<()> {
        let (bytes, sha256) = hash_file(output).map_err(Error::read(output))?;
        let line = Line {
            path: path.display().to_string(),
            content: content.to_owned(),
            settings: self.settings.get(target).cloned().unwrap_or_default(),
            output: self.name(output),
            bytes,
            sha256,
        };
        let mut text = serde_json::to_vec(&line)
            .map_err(|e| Error::write(&self.path)(std::io::Error::other(e)))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(Error::write(&self.path))
    }

    fn name(&self, output: &Path) -> String {
        let below = output.strip_prefix(&self.folder).unwrap_or(output);
        below.to_string_lossy().into_owned()
    }
}

/// Length and sha256 of a file.
///
/// # Errors
/// What the system says.
pub(super) fn hash_file(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = files::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hash.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((bytes, hexadecimal(&hash.finalize())))
}

/// The sha256 of `bytes` in hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file that this process adds to, and the lock that says so. The lock is on another file, as Windows lets nobody read
/// a file that is locked, and all jobs read all lines.
fn claim(folder: &Path, writer: &Writer) -> Result<(PathBuf, File)> {
    let path = |end: &str| folder.join(format!("{NAME}{end}.jsonl"));
    match writer {
        Writer::List(shard) => {
            let end = shard.map_or(String::new(), |s| format!("-{s}").replace('/', "-of-"));
            let path = path(&end);
            match lock(&path)? {
                Some(lock) => Ok((path, lock)),
                None => Err(Error::invalid(
                    "resume",
                    format!(
                        "another process paints into {} now; wait until it ends, or give each its own --shard",
                        folder.display()
                    ),
                )),
            }
        }
        Writer::Feed => {
            for number in 1..=MOST_FEEDS {
                let path = path(&format!("-feed{number}"));
                if let Some(lock) = lock(&path)? {
                    return Ok((path, lock));
                }
            }
            let reason = format!("{MOST_FEEDS} processes paint into {}", folder.display());
            Err(Error::invalid("resume", reason))
        }
    }
}

/// The lock that belongs to `path`; `None` while another process has it.
fn lock(path: &Path) -> Result<Option<File>> {
    let path = path.with_extension("lock");
    let file = File::create(&path).map_err(Error::write(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        // A file system without locks: as good as it gets.
        Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok(Some(file)),
        Err(TryLockError::Error(e)) => Err(Error::write(&path)(e)),
    }
}

/// The file at its end, where a line may begin: one that was torn when a process was killed is closed.
fn append(path: &Path) -> Result<File> {
    let open = || -> std::io::Result<File> {
        let mut file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        if file.metadata()?.len() > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(file)
    };
    open().map_err(Error::write(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn open_with(folder: &Path, writer: &Writer) -> DoneWork {
        DoneWork::open(folder, writer, vec!["s".to_owned(), "t".to_owned()]).unwrap()
    }

    fn open(folder: &Path) -> DoneWork {
        open_with(folder, &Writer::List(None))
    }

    #[test]
    fn work_is_done_while_photo_settings_and_output_are_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("a.png");
        fs::write(&output, "painted").unwrap();
        let mut done = open(dir.path());
        assert!(!done.is_done(&output, "c", 0).unwrap());
        done.record("a.jpg".as_ref(), ("c", 0), &output).unwrap();
        drop(done);
        let mut done = open(dir.path());
        assert!(done.is_done(&output, "c", 0).unwrap());
        assert!(!done.is_done(&output, "changed", 0).unwrap());
        assert!(!done.is_done(&output, "c", 1).unwrap());
        fs::write(&output, "pointed").unwrap();
        assert!(!done.is_done(&output, "c", 0).unwrap(), "another file");
        fs::remove_file(&output).unwrap();
        assert!(!done.is_done(&output, "c", 0).unwrap());
        drop(done);
        fs::write(&output, "painted").unwrap();
        let other = vec!["changed".to_owned()];
        let mut done = DoneWork::open(dir.path(), &Writer::List(None), other).unwrap();
        assert!(!done.is_done(&output, "c", 0).unwrap());
    }

    #[test]
    fn a_torn_line_costs_one_picture_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("1.png"), dir.path().join("2.png"));
        fs::write(&one, "1").unwrap();
        fs::write(&two, "2").unwrap();
        let mut done = open(dir.path());
        done.record("1".as_ref(), ("c1", 0), &one).unwrap();
        done.record("2".as_ref(), ("c2", 0), &two).unwrap();
        drop(done);
        let file = dir.path().join(".impasto-done.jsonl");
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() - 9]).unwrap();
        let mut done = open(dir.path());
        assert!(done.is_done(&one, "c1", 0).unwrap() && !done.is_done(&two, "c2", 0).unwrap());
        done.record("2".as_ref(), ("c2", 0), &two).unwrap();
        drop(done);
        let mut done = open(dir.path());
        assert!(done.is_done(&one, "c1", 0).unwrap() && done.is_done(&two, "c2", 0).unwrap());
        drop(done);
        fs::write(&file, b"\xff\xfe\n{}\n[1,2\n\n").unwrap();
        assert!(!open(dir.path()).is_done(&one, "c1", 0).unwrap());
    }

    #[test]
    fn one_list_has_one_writer_and_reads_all_files() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("a.png");
        fs::write(&output, "painted").unwrap();
        let part = |index| Writer::List(Some(Shard::new(index, 2).unwrap()));
        let mut first = open_with(dir.path(), &part(1));
        let refused = DoneWork::open(dir.path(), &part(1), Vec::new()).err();
        assert!(refused.unwrap().to_string().contains("--shard"));
        first.record("a".as_ref(), ("c", 0), &output).unwrap();
        let mut second = open_with(dir.path(), &part(2));
        assert!(second.is_done(&output, "c", 0).unwrap());
        assert_ne!(first.path, second.path);
        let feed = || open_with(dir.path(), &Writer::Feed);
        let (mut one, mut other) = (feed(), feed());
        assert_ne!(one.path, other.path);
        assert!(other.is_done(&output, "c", 0).unwrap());
        // What one paints the other learns while it runs.
        assert!(!other.is_done(&output, "d", 0).unwrap());
        one.record("d".as_ref(), ("d", 0), &output).unwrap();
        assert!(other.is_done(&output, "d", 0).unwrap());
    }
}
