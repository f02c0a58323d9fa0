//! A command goes in; a running program whose messages are collected, within bounds, comes out. It can be ended from any
//! thread.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The most bytes of a line that are looked at, and the most lines that are kept.
const LONGEST_LINE: u64 = 2000;
const MOST_LINES: usize = 8;

/// A line that names no cause, though it comes last.
const EMPTY_WORDS: [&str; 2] = ["Conversion failed!", "Exiting normally, received signal"];

/// The time between two looks at a program.
const LOOK: Duration = Duration::from_millis(4);

/// How long its last messages may come after its end: a program that it started may hold the pipe, and go on.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A child process. It is killed when this is dropped before [`Running::end`].
pub(in crate::video) struct Running {
    handle: Handle,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    messages: Option<JoinHandle<()>>,
    lines: Lines,
}

/// The last messages, the newest at the end.
type Lines = Arc<Mutex<VecDeque<String>>>;

/// Ends a program, from any thread.
#[derive(Debug, Clone)]
pub(in crate::video) struct Handle(Arc<Mutex<Process>>);

/// The same, which does not keep what is known of the program.
pub(super) type WeakHandle = Weak<Mutex<Process>>;

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// How it ended, once it was waited for.
    status: Option<ExitStatus>,
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
            // The system's word for a signal of 9 is "killed" in some places and none in others.
            None if was_killed(self.status) => "ffmpeg was killed".to_owned(),
            None => format!("ffmpeg ended without a message ({})", self.status),
        }
    }
}

/// Whether it was ended from outside.
fn was_killed(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        status.signal() == Some(rustix::process::Signal::KILL.as_raw())
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        false
    }
}

impl Handle {
    /// Kill the program and those that it started.
    pub(in crate::video) fn kill(&self) {
        let mut process = lock(&self.0);
        // The number of a program that was waited for may be another's by now.
        if process.status.is_none() {
            kill_group(&mut process.child);
        }
    }

    pub(super) fn downgrade(&self) -> WeakHandle {
        Arc::downgrade(&self.0)
    }

    pub(super) fn upgrade(weak: &WeakHandle) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    fn poll(&self) -> io::Result<Option<ExitStatus>> {
        let mut process = lock(&self.0);
        if process.status.is_none() {
            process.status = process.child.try_wait()?;
        }
        Ok(process.status)
    }

    /// Wait for its end; it is killed when `go_on` says no.
    fn wait(&self, go_on: &mut dyn FnMut() -> bool) -> io::Result<ExitStatus> {
        let mut killed = false;
        loop {
            if let Some(status) = self.poll()? {
                return Ok(status);
            }
            if !killed && !go_on() {
                killed = true;
                self.kill();
            }
            thread::sleep(LOOK);
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
        own_group(command);
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let process = Process {
            child,
            status: None,
        };
        let mut running = Self {
            handle: Handle(Arc::new(Mutex::new(process))),
            stdin,
            stdout,
            messages: None,
            lines: Lines::default(),
        };
        let lines = running.lines.clone();
        let thread = stderr.map(|stderr| {
            thread::Builder::new()
                .name("ffmpeg messages".to_owned())
                .spawn(move || collect(stderr, &lines, watch))
        });
        // On an error the child is killed by the drop.
        running.messages = thread.transpose()?;
        Ok(running)
    }

    /// What ends it from another thread.
    pub(in crate::video) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The pipe to its standard input, once.
    pub(in crate::video) fn stdin(&mut self) -> io::Result<ChildStdin> {
        self.stdin.take().ok_or(io::ErrorKind::BrokenPipe.into())
    }

    /// The pipe from its standard output, once.
    pub(in crate::video) fn stdout(&mut self) -> io::Result<ChildStdout> {
        self.stdout.take().ok_or(io::ErrorKind::BrokenPipe.into())
    }

    /// Wait until it has ended by itself.
    pub(in crate::video) fn end(&mut self) -> io::Result<Ended> {
        self.end_while(&mut || true)
    }

    /// Wait until it has ended by itself; it is killed when `go_on` says no.
    pub(in crate::video) fn end_while(
        &mut self,
        go_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Ended> {
        let status = self.handle.wait(go_on)?;
        self.hear_out();
        let said = lock(&self.lines).pop_back();
        Ok(Ended { status, said })
    }

    /// What `read` makes of its standard output, while `go_on` says yes; `None` when it says no, and the program is killed.
    /// The program must not have been waited for yet.
    pub(in crate::video) fn read<T: Send>(
        &mut self,
        go_on: &mut dyn FnMut() -> bool,
        read: impl FnOnce(ChildStdout) -> io::Result<T> + Send,
    ) -> io::Result<Option<T>> {
        let stdout = self.stdout()?;
        thread::scope(|threads| {
            let reader = thread::Builder::new()
                .name("ffmpeg output".to_owned())
                .spawn_scoped(threads, move || read(stdout))?;
            let mut stopped = false;
            while !reader.is_finished() {
                if !stopped && !go_on() {
                    stopped = true;
                    // With the program its end of the pipe goes.
                    self.handle.kill();
                }
                thread::sleep(LOOK);
            }
            let read = reader
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("reading ffmpeg's output panicked")));
            match stopped {
                true => Ok(None),
                false => read.map(Some),
            }
        })
    }

    /// What it writes to its standard output, at most `most` bytes, and how it ended; `None` as in [`Running::read`].
    pub(in crate::video) fn output(
        mut self,
        most: u64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> io::Result<Option<(Vec<u8>, Ended)>> {
        let text = self.read(go_on, |stdout| {
            let mut text = Vec::new();
            stdout.take(most).read_to_end(&mut text)?;
            Ok(text)
        })?;
        let Some(text) = text else {
            return Ok(None);
        };
        let mut stopped = false;
        let ended = self.end_while(&mut || {
            stopped = !go_on();
            !stopped
        })?;
        Ok((!stopped).then_some((text, ended)))
    }

    /// Wait for the last messages of a program that has ended.
    fn hear_out(&mut self) {
        let ended = Instant::now();
        let Some(messages) = self.messages.take() else {
            return;
        };
        while !messages.is_finished() && ended.elapsed() < LAST_WORDS {
            thread::sleep(Duration::from_millis(1));
        }
        if messages.is_finished() {
            drop(messages.join());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended in the meantime, which is as good.
        self.handle.kill();
        drop(self.handle.wait(&mut || true));
        self.hear_out();
    }
}

/// Ctrl-C in a terminal reaches the whole process group; ffmpeg must live on until its film is complete.
fn own_group(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        /// CREATE_NEW_PROCESS_GROUP.
        const NEW_GROUP: u32 = 0x200;
        command.creation_flags(NEW_GROUP);
    }
    #[cfg(not(any(unix, windows)))]
    let _ = command;
}

/// `ffmpeg` may be a script that starts the real one.
fn kill_group(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if kill_process_group(Pid::from_child(child), Signal::KILL).is_ok() {
            return;
        }
    }
    // It may have ended in the meantime, which is as good.
    drop(child.kill());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn collect(stderr: ChildStderr, lines: &Lines, mut watch: impl FnMut(&str) -> bool) {
    let (mut input, mut line) = (BufReader::new(stderr), Vec::new());
    loop {
        line.clear();
        // A longer line continues as the next one.
        let mut rest = input.by_ref().take(LONGEST_LINE);
        match rest.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() || !watch(text) || EMPTY_WORDS.iter().any(|w| text.contains(w)) {
            continue;
        }
        let mut lines = lock(lines);
        if lines.len() == MOST_LINES {
            lines.pop_front();
        }
        lines.push_back(text.to_owned());
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A shell and the program that it waits for, which holds the pipes too.
    fn sleeping() -> Running {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "echo half; sleep 30; true"])
            .stdout(Stdio::piped());
        Running::start(&mut shell, |_| true).unwrap()
    }

    #[test]
    fn a_program_that_does_not_end_is_killed_with_those_that_it_started() {
        let began = Instant::now();
        let mut looks = 0;
        let output = sleeping().output(100, &mut || {
            looks += 1;
            looks < 20
        });
        assert!(output.unwrap().is_none());
        let mut waited = sleeping();
        let status = waited.end_while(&mut || began.elapsed().as_millis() < 200);
        assert!(!status.unwrap().status.success());
        drop(sleeping());
        assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    }

    #[test]
    fn another_thread_can_end_it() {
        let began = Instant::now();
        let mut running = sleeping();
        let handle = running.handle();
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            handle.kill();
        });
        assert!(!running.end().unwrap().status.success());
        killer.join().unwrap();
        assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    }

    #[test]
    fn a_program_that_leaves_another_behind_is_not_waited_for_longer_than_its_last_words() {
        let began = Instant::now();
        let mut shell = Command::new("sh");
        // What is left behind has the pipe of the messages.
        shell.args(["-c", "echo 'no room' >&2; sleep 5 & exit 1"]);
        let mut running = Running::start(shell.stdout(Stdio::null()), |_| true).unwrap();
        let ended = running.end().unwrap();
        assert_eq!(ended.said.as_deref(), Some("no room"));
        assert!(began.elapsed().as_secs() < 4, "{:?}", began.elapsed());
    }
}
