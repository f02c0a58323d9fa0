//! The monitors of the desktop: nothing goes in, their places come out; a number goes in, one of them comes out.

use std::fmt;

use crate::error::{Error, Result};

/// A monitor, in pixels of the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// Its name, such as `HDMI-1`.
    pub name: String,
    /// The left and upper edge.
    pub place: (i32, i32),
    /// Width and height.
    pub size: (u32, u32),
}

impl fmt::Display for Monitor {
    /// `HDMI-1, 1920x1080 at 1280,0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((x, y), (width, height)) = (self.place, self.size);
        write!(f, "{}, {width}x{height} at {x},{y}", self.name)
    }
}

/// The monitors, the main one first and then from left to right: on Linux those of the X server.
///
/// # Errors
/// [`Error::Display`] when there is no display, or none that names its monitors, with the remedy.
pub fn monitors() -> Result<Vec<Monitor>> {
    system::monitors()
}

/// Monitor `number`, counted from 1.
///
/// # Errors
/// [`Error::Invalid`] when there is no such monitor, with a list of those that there are; as [`monitors`].
pub fn monitor(number: usize) -> Result<Monitor> {
    choose(monitors()?, number)
}

fn choose(mut found: Vec<Monitor>, number: usize) -> Result<Monitor> {
    if (1..=found.len()).contains(&number) {
        return Ok(found.swap_remove(number - 1));
    }
    let numbered = found.iter().enumerate();
    let list: Vec<String> = numbered.map(|(n, m)| format!("{} ({m})", n + 1)).collect();
    let there = match list.len() {
        1 => "there is only",
        _ => "there are",
    };
    let reason = format!("{number} is none; {there} {}", list.join(", "));
    Err(Error::invalid("monitor", reason))
}

#[cfg(target_os = "linux")]
mod system {
    use x11rb::connection::Connection;
    use x11rb::protocol::randr::ConnectionExt as _;
    use x11rb::protocol::xproto::ConnectionExt as _;

    use super::Monitor;
    use crate::error::{Error, Result};

    type Found = std::result::Result<Vec<Monitor>, Box<dyn std::error::Error>>;

    pub(super) fn monitors() -> Result<Vec<Monitor>> {
        if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
            let reason = "Wayland does not let a program choose its monitor; \
                          run it with WAYLAND_DISPLAY= (empty), or move the window there and press f";
            return Err(Error::Display(reason.to_owned()));
        }
        ask().map_err(|error| Error::Display(format!("the monitors are not known: {error}")))
    }

    fn ask() -> Found {
        let (connection, number) = x11rb::connect(None)?;
        let screen = connection
            .setup()
            .roots
            .get(number)
            .ok_or("no such screen")?;
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let whole = Monitor {
            name: "screen".to_owned(),
            place: (0, 0),
            size: (width.into(), height.into()),
        };
        // Servers without RandR 1.5 (2015) show their screen as one.
        let Ok(answer) = connection.randr_get_monitors(screen.root, true)?.reply() else {
            return Ok(vec![whole]);
        };
        let mut found = Vec::new();
        for info in answer.monitors {
            let name = connection.get_atom_name(info.name)?.reply()?.name;
            let monitor = Monitor {
                name: String::from_utf8_lossy(&name).into_owned(),
                place: (info.x.into(), info.y.into()),
                size: (info.width.into(), info.height.into()),
            };
            found.push((!info.primary, monitor));
        }
        if found.is_empty() {
            return Ok(vec![whole]);
        }
        found.sort_by_key(|(is_other, monitor)| (*is_other, monitor.place));
        Ok(found.into_iter().map(|(_, monitor)| monitor).collect())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Monitor;
    use crate::error::{Error, Result};

    pub(super) fn monitors() -> Result<Vec<Monitor>> {
        let reason = "monitors can be chosen on X11 only; move the window there and press f";
        Err(Error::Display(reason.to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn monitor(name: &str, x: i32) -> Monitor {
        Monitor {
            name: name.to_owned(),
            place: (x, 0),
            size: (800, 600),
        }
    }

    #[test]
    fn a_number_that_is_not_there_is_answered_with_a_list() {
        let two = vec![monitor("HDMI-1", 0), monitor("DP-2", 800)];
        assert_eq!(choose(two.clone(), 2).unwrap().name, "DP-2");
        for number in [0, 3, usize::MAX] {
            let said = choose(two.clone(), number).unwrap_err().to_string();
            let list = "1 (HDMI-1, 800x600 at 0,0), 2 (DP-2, 800x600 at 800,0)";
            assert!(said.contains(list), "{said}");
        }
        let said = choose(vec![monitor("screen", 0)], 2)
            .unwrap_err()
            .to_string();
        assert!(said.contains("there is only 1 (screen"), "{said}");
    }
}
