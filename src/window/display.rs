//! Whether a window can be opened: the environment goes in, the display's name or the reason comes out.

use crate::error::Result;

/// The display on which a window would open, for people. Opens none.
///
/// On Linux this connects to the display server that `WAYLAND_DISPLAY` or `DISPLAY` names, in the order in which
/// minifb tries them, and disconnects; the server may still refuse a window (for lack of an `xauth` key). On macOS
/// and Windows, which have one desktop, nothing is tried.
///
/// # Errors
/// [`Error::Display`](crate::Error::Display) if there is none or it does not answer, with the remedy.
pub fn display() -> Result<String> {
    system::display()
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
mod system {
    use crate::error::Result;

    pub(super) fn display() -> Result<String> {
        Ok(format!("the {} desktop (not tried)", std::env::consts::OS))
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod system {
    use std::env::var_os;
    use std::ffi::OsString;
    use std::io;
    use std::net::{TcpStream, ToSocketAddrs};
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::time::Duration;

    use crate::error::{Error, Result};

    /// How long a display on another machine may take to answer.
    const TIMEOUT: Duration = Duration::from_secs(3);

    /// What the environment says about displays; empty values count as missing.
    #[derive(Debug, Default)]
    struct Environment {
        wayland_display: Option<OsString>,
        runtime_folder: Option<OsString>,
        display: Option<OsString>,
    }

    pub(super) fn display() -> Result<String> {
        let get = |name| var_os(name).filter(|value| !value.is_empty());
        find(&Environment {
            wayland_display: get("WAYLAND_DISPLAY"),
            runtime_folder: get("XDG_RUNTIME_DIR"),
            display: get("DISPLAY"),
        })
    }

    fn find(environment: &Environment) -> Result<String> {
        let mut refused = Vec::new();
        if let Some(name) = &environment.wayland_display {
            match wayland(name, environment.runtime_folder.as_ref()) {
                Ok(()) => return Ok(format!("Wayland, {}", name.display())),
                Err(reason) => refused.push(format!("WAYLAND_DISPLAY={} {reason}", name.display())),
            }
        }
        if let Some(name) = &environment.display {
            match x11(&name.to_string_lossy()) {
                Ok(()) => return Ok(format!("X11, {}", name.display())),
                Err(reason) => refused.push(format!("DISPLAY={} {reason}", name.display())),
            }
        }
        if refused.is_empty() {
            refused.push("neither WAYLAND_DISPLAY nor DISPLAY is set".to_owned());
        }
        Err(Error::Display(format!(
            "{}; run this on a desktop (or under `xvfb-run`). Pictures in files need no display",
            refused.join(", and ")
        )))
    }

    /// Connect to the compositor `name`, a path or a socket's name in the user's runtime folder.
    fn wayland(name: &OsString, runtime_folder: Option<&OsString>) -> Result<(), String> {
        let mut socket = PathBuf::from(name);
        if socket.is_relative() {
            let folder = runtime_folder.ok_or("needs XDG_RUNTIME_DIR, which is not set")?;
            socket = PathBuf::from(folder).join(socket);
        }
        UnixStream::connect(&socket).map(drop).map_err(no_answer)
    }

    /// Connect to the X server `[host]:display[.screen]`.
    fn x11(name: &str) -> Result<(), String> {
        let (host, number) = parse(name).ok_or("is not of the form [host]:number[.screen]")?;
        if host.is_empty() || host == "unix" {
            return local(number).map_err(no_answer);
        }
        let port = u16::try_from(number + 6000).map_err(|_| "has too high a number".to_owned())?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs().map_err(no_answer)? {
            match TcpStream::connect_timeout(&address, TIMEOUT) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(no_answer(last))
    }

    /// The host, empty for this machine, and the number of an X display.
    fn parse(name: &str) -> Option<(&str, u32)> {
        let (host, rest) = name.rsplit_once(':')?;
        let number = rest
            .split_once('.')
            .map_or(rest, |(number, _screen)| number);
        let number = number.parse().ok().filter(|n| *n <= 0xffff)?;
        Some((host, number))
    }

    /// A local X server listens on an abstract socket (Linux only) and on a socket file.
    fn local(number: u32) -> io::Result<()> {
        let path = format!("/tmp/.X11-unix/X{number}");
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(&path)?;
            if UnixStream::connect_addr(&address).is_ok() {
                return Ok(());
            }
        }
        UnixStream::connect(path).map(drop)
    }

    fn no_answer(error: io::Error) -> String {
        format!("does not answer ({error})")
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used)]
        use std::net::TcpListener;
        use std::os::unix::net::UnixListener;

        use super::*;

        fn error(environment: &Environment) -> String {
            find(environment).unwrap_err().to_string()
        }

        /// A display number that answers over TCP, held open by the listener.
        fn answering() -> (TcpListener, OsString) {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let number = listener.local_addr().unwrap().port() - 6000;
            (listener, format!("127.0.0.1:{number}.0").into())
        }

        #[test]
        fn without_a_display_the_message_names_both_variables_and_the_remedy() {
            let said = error(&Environment::default());
            assert!(
                said.contains("WAYLAND_DISPLAY") && said.contains("DISPLAY is set"),
                "{said}"
            );
            assert!(said.contains("need no display"), "{said}");
        }

        #[test]
        fn a_compositor_is_found_in_the_runtime_folder_and_by_its_path() {
            let folder = tempfile::tempdir().unwrap();
            let socket = folder.path().join("wayland-7");
            let _compositor = UnixListener::bind(&socket).unwrap();
            let runtime_folder = Some(folder.path().into());
            let by_name = Environment {
                wayland_display: Some("wayland-7".into()),
                runtime_folder,
                ..Default::default()
            };
            assert_eq!(find(&by_name).unwrap(), "Wayland, wayland-7");
            let by_path = Environment {
                wayland_display: Some(socket.into()),
                ..Default::default()
            };
            assert!(find(&by_path).unwrap().starts_with("Wayland, /"));
        }

        #[test]
        fn an_x_server_on_another_machine_is_found() {
            let (_server, display) = answering();
            let environment = Environment {
                display: Some(display.clone()),
                ..Default::default()
            };
            assert_eq!(
                find(&environment).unwrap(),
                format!("X11, {}", display.display())
            );
        }

        #[test]
        fn a_dead_compositor_leaves_the_x_server() {
            let (_server, display) = answering();
            let folder = tempfile::tempdir().unwrap();
            let environment = Environment {
                wayland_display: Some("gone".into()),
                runtime_folder: Some(folder.path().into()),
                display: Some(display),
            };
            assert!(find(&environment).unwrap().starts_with("X11"));
        }

        #[test]
        fn a_server_that_does_not_answer_is_named() {
            let (server, display) = answering();
            drop(server);
            let environment = Environment {
                wayland_display: Some("wayland-0".into()),
                display: Some(display.clone()),
                ..Default::default()
            };
            let said = error(&environment);
            assert!(
                said.contains("WAYLAND_DISPLAY=wayland-0 needs XDG_RUNTIME_DIR"),
                "{said}"
            );
            assert!(
                said.contains(&format!("DISPLAY={} does not answer", display.display())),
                "{said}"
            );
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_server_of_this_machine_is_found_by_its_abstract_name() {
            use std::os::linux::net::SocketAddrExt;
            // Above every number that a real server takes, and not shared by two runs of this test.
            let number = 10_000 + std::process::id() % 50_000;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(format!(
                "/tmp/.X11-unix/X{number}"
            ))
            .unwrap();
            assert!(local(number).is_err());
            let _server = UnixListener::bind_addr(&address).unwrap();
            assert!(x11(&format!(":{number}")).is_ok());
            assert!(x11(&format!("unix:{number}.1")).is_ok());
        }

        #[test]
        fn invalid_names_are_refused_with_the_form() {
            for name in [
                "",
                ":",
                "0",
                ":x",
                ":-1",
                ":70000",
                ":99999999999",
                "::",
                "localhost:",
                ":.0",
            ] {
                assert_eq!(
                    x11(name).unwrap_err(),
                    "is not of the form [host]:number[.screen]",
                    "{name}"
                );
            }
            assert_eq!(x11("localhost:60000").unwrap_err(), "has too high a number");
        }

        /// Holds with and without a display: the answer follows the environment, and is never a panic.
        #[test]
        fn the_environment_decides() {
            let set = ["WAYLAND_DISPLAY", "DISPLAY"]
                .iter()
                .any(|n| var_os(n).is_some_and(|v| !v.is_empty()));
            match super::display() {
                Ok(found) => assert!(
                    set && (found.starts_with("Wayland") || found.starts_with("X11")),
                    "{found}"
                ),
                Err(error) => assert_eq!(!set, error.to_string().contains("neither"), "{error}"),
            }
        }
    }
}
