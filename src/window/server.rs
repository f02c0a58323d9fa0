//! Whether the X server is still there. Xlib ends the whole process when it finds that the server is gone, before anything
//! is completed; so it is asked over another connection, of `x11rb`, before each call that goes there.

use minifb::{HasWindowHandle, Window};
use raw_window_handle::RawWindowHandle;
use x11rb::connection::Connection;
use x11rb::rust_connection::RustConnection;

/// A connection of its own to the server of a window.
pub(super) struct Server(RustConnection);

impl Server {
    /// `None` where the window is not an X11 one.
    pub(super) fn of(window: &Window) -> Option<Self> {
        match window.window_handle().ok()?.as_raw() {
            RawWindowHandle::Xlib(_) => x11rb::connect(None).ok().map(|(server, _)| Self(server)),
            _ => None,
        }
    }

    /// Whether it is there. Nothing is sent, and nothing is waited for.
    pub(super) fn is_there(&self) -> bool {
        loop {
            match self.0.poll_for_event() {
                // None is asked for, but some come to every client.
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }
}
