//! Calls a function at each Ctrl-C, and at the other signals that end a program: SIGTERM and SIGHUP.

use std::io;

/// Call `then` at each signal, in a thread of its own.
///
/// SIGHUP stays ignored where it was: `nohup impasto ...` goes on when its terminal is closed.
#[cfg(unix)]
pub fn catch(mut then: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !is_ignored(SIGHUP) {
        signals.add_signal(SIGHUP)?;
    }
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.forever().for_each(|_| then()))
        .map(drop)
}

/// Ctrl-C, Ctrl-Break and the window that is closed.
#[cfg(not(unix))]
pub fn catch(then: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(then).map_err(io::Error::other)
}

/// Whether this program was started with `signal` ignored. Only Linux tells; elsewhere no.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status, signal)
}

/// Whether the text of `/proc/PID/status` has `signal` among the ignored ones: bit 0 is signal 1.
#[cfg(unix)]
fn ignored_in(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::ignored_in;

    #[test]
    fn ignored_signals_are_read_from_the_status() {
        let status =
            "Name:\timpasto\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        let ignored: Vec<i32> = (1..32).filter(|n| ignored_in(status, *n)).collect();
        assert_eq!(ignored, [1, 13]);
        assert!(!ignored_in("", 1) && !ignored_in("SigIgn:\tx\n", 1));
    }
}
