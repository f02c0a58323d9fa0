//! Full screen and the choice of a monitor on X11, which minifb lacks: the window manager is asked for them.
//!
//! The window stays the same one, so nothing flickers and no key is lost. Elsewhere the caller opens another window.

use minifb::{HasWindowHandle, Window};
use raw_window_handle::RawWindowHandle;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask,
};
use x11rb::rust_connection::RustConnection;

use super::monitors::{Monitor, monitors};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The most atoms that are read of what a window manager says it can do.
const MOST_ATOMS: u32 = 1024;

/// Left, top, width and height.
type Area = (i32, i32, u32, u32);

/// Switches a window to full screen and back, and moves it.
pub(super) struct Fullscreen {
    connection: RustConnection,
    root: u32,
    /// The whole desktop, of all monitors.
    screen: (u16, u16),
    window: u32,
    /// Position and size to restore, where there is no window manager to remember them.
    restore: Option<Area>,
}

impl Fullscreen {
    /// `None` where the window is not an X11 one.
    pub(super) fn of(window: &Window) -> Option<Self> {
        let handle = window.window_handle().ok()?;
        let id = match handle.as_raw() {
            RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok()?,
            _ => return None,
        };
        Self::connect(id).ok()
    }

    fn connect(window: u32) -> Result<Self> {
        let (connection, number) = x11rb::connect(None)?;
        let roots = &connection.setup().roots;
        let screen = roots.get(number).ok_or("no such screen")?;
        let (root, screen) = (
            screen.root,
            (screen.width_in_pixels, screen.height_in_pixels),
        );
        Ok(Self {
            connection,
            root,
            screen,
            window,
            restore: None,
        })
    }

    /// Whether the request was sent; the window is told of its new size by the server.
    pub(super) fn set(&mut self, on: bool) -> bool {
        let asked = match self.managed() {
            Ok(Some(atoms)) => self.ask_manager(on, atoms),
            _ => self.move_window(on),
        };
        asked.is_ok()
    }

    /// Put the window in the middle of `monitor`; done when this returns, unless a window manager has its own will. Whether
    /// it could be asked for.
    pub(super) fn move_to(&self, monitor: &Monitor) -> bool {
        let ask = || -> Result<()> {
            let now = self.connection.get_geometry(self.window)?.reply()?;
            let ((x, y), (width, height)) = (monitor.place, monitor.size);
            let middle = |at: i32, room: u32, own: u16| {
                at.saturating_add_unsigned(room.saturating_sub(own.into()) / 2)
            };
            let place = ConfigureWindowAux::new()
                .x(middle(x, width, now.width))
                .y(middle(y, height, now.height));
            self.connection
                .configure_window(self.window, &place)?
                .check()?;
            Ok(())
        };
        ask().is_ok()
    }

    /// The names by which a window manager is asked, if there is one that knows of full screen.
    fn managed(&self) -> Result<Option<(u32, u32)>> {
        let atom = |name: &str| -> Result<u32> {
            let asked = self.connection.intern_atom(false, name.as_bytes())?;
            Ok(asked.reply()?.atom)
        };
        let (state, full) = (atom("_NET_WM_STATE")?, atom("_NET_WM_STATE_FULLSCREEN")?);
        let supported = self
            .connection
            .get_property(
                false,
                self.root,
                atom("_NET_SUPPORTED")?,
                AtomEnum::ATOM,
                0,
                MOST_ATOMS,
            )?
            .reply()?;
        let known = supported
            .value32()
            .is_some_and(|mut atoms| atoms.any(|atom| atom == full));
        Ok(known.then_some((state, full)))
    }

    /// Extended Window Manager Hints, "_NET_WM_STATE": 1 adds a state, 0 takes it away; the last 1 says that an
    /// ordinary program asks.
    fn ask_manager(&self, on: bool, (state, full): (u32, u32)) -> Result<()> {
        let message =
            ClientMessageEvent::new(32, self.window, state, [u32::from(on), full, 0, 1, 0]);
        let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, to, message)?;
        self.connection.flush()?;
        Ok(())
    }

    /// Without a window manager, windows may set their own size.
    fn move_window(&mut self, on: bool) -> Result<()> {
        let (x, y, width, height) = if on {
            let now = self.area()?;
            self.restore = Some(now);
            self.monitor_under(now)
        } else {
            self.restore.take().ok_or("was not full")?
        };
        let place = ConfigureWindowAux::new()
            .x(x)
            .y(y)
            .width(width)
            .height(height);
        self.connection.configure_window(self.window, &place)?;
        self.connection.flush()?;
        Ok(())
    }

    /// Where the window is.
    fn area(&self) -> Result<Area> {
        let now = self.connection.get_geometry(self.window)?.reply()?;
        let place = self
            .connection
            .translate_coordinates(self.window, self.root, 0, 0)?
            .reply()?;
        let (x, y) = (place.dst_x.into(), place.dst_y.into());
        Ok((x, y, now.width.into(), now.height.into()))
    }

    /// The monitor that has the middle of the window, or the whole screen.
    fn monitor_under(&self, (x, y, width, height): Area) -> Area {
        let middle = (
            x.saturating_add_unsigned(width / 2),
            y.saturating_add_unsigned(height / 2),
        );
        let has = |from: i32, length: u32, at: i32| {
            (from..from.saturating_add_unsigned(length)).contains(&at)
        };
        let found = monitors().unwrap_or_default().into_iter().find(|monitor| {
            has(monitor.place.0, monitor.size.0, middle.0)
                && has(monitor.place.1, monitor.size.1, middle.1)
        });
        match found {
            Some(Monitor { place, size, .. }) => (place.0, place.1, size.0, size.1),
            None => (0, 0, self.screen.0.into(), self.screen.1.into()),
        }
    }
}
