//! A command goes in; a running program whose messages are collected, within bounds, comes out.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

/// The most bytes of a line that are looked at, and the most lines that are kept.
const LONGEST_LINE: u64 = 2000;
const MOST_LINES: usize = 8;

/// A line that names no cause, though it comes last.
const EMPTY_WORDS: [&str; 2] = ["Conversion failed!", "Exiting normally, received signal"];

/// A child process. It is killed when this is dropped before [`Running::end`].
pub(in crate::video) struct Running {
    child: Child,
    messages: Option<JoinHandle<VecDeque<String>>>,
    ended: bool,
}

/// How a program ended.
pub(in crate::video) struct Ended {
    pub(in crate::video) status: ExitStatus,
    /// The last line that it wrote to its standard error.
    pub(in crate::video) said: Option<String>,
}

impl Ended {
    /// Why it failed, for people.
    pub(in crate::video) fn reason(&self) -> String {
        match &self.said {
            Some(line) => format!("ffmpeg: {line}"),
            None => format!("ffmpeg ended without a message ({})", self.status),
        }
    }
}

impl Running {
    /// Start `command`. `watch` sees every line of its standard error, and returns whether it is a message to keep.
    pub(in crate::video) fn start(
        command: &mut Command,
        watch: impl FnMut(&str) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        command.stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // Ctrl-C in a terminal reaches the whole process group; ffmpeg must live on until its film is complete.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        let messages = child
            .stderr
            .take()
            .map(|stderr| {
                thread::Builder::new()
                    .name("ffmpeg messages".to_owned())
                    .spawn(move || collect(stderr, watch))
            })
            .transpose();
        let mut running = Self {
            child,
            messages: None,
            ended: false,
        };
        // On an error the child is killed by the drop.
        running.messages = messages?;
        Ok(running)
    }

    /// The pipe to its standard input, once.
    pub(in crate::video) fn stdin(&mut self) -> io::Result<ChildStdin> {
        self.child
            .stdin
            .take()
            .ok_or(io::ErrorKind::BrokenPipe.into())
    }

    /// The pipe from its standard output, once.
    pub(in crate::video) fn stdout(&mut self) -> io::Result<ChildStdout> {
        self.child
            .stdout
            .take()
            .ok_or(io::ErrorKind::BrokenPipe.into())
    }

    /// Wait until it has ended by itself.
    pub(in crate::video) fn end(&mut self) -> io::Result<Ended> {
        let status = self.child.wait()?;
        self.ended = true;
        let lines = self.messages.take().and_then(|thread| thread.join().ok());
        Ok(Ended {
            status,
            said: lines.and_then(|mut lines| lines.pop_back()),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            // It may have ended in the meantime, which is as good.
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if let Some(messages) = self.messages.take() {
            drop(messages.join());
        }
    }
}

fn collect(stderr: ChildStderr, mut watch: impl FnMut(&str) -> bool) -> VecDeque<String> {
    let (mut lines, mut line) = (VecDeque::with_capacity(MOST_LINES), Vec::new());
    let mut input = BufReader::new(stderr);
    loop {
        line.clear();
        // A longer line continues as the next one.
        match input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
        {
            Ok(0) | Err(_) => return lines,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() || !watch(text) || EMPTY_WORDS.iter().any(|w| text.contains(w)) {
            continue;
        }
        if lines.len() == MOST_LINES {
            lines.pop_front();
        }
        lines.push_back(text.to_owned());
    }
}
