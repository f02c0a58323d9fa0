//! A window: RGB pictures go in, keys and pointer events come out.

mod display;
mod events;
#[cfg(target_os = "linux")]
mod fullscreen;
mod monitors;
#[cfg(target_os = "linux")]
mod server;

pub use display::display;
pub use events::{Event, Key};
pub use monitors::{Monitor, monitor, monitors};

use image::RgbImage;
use minifb::{MouseButton, MouseMode, Scale, ScaleMode, WindowOptions};

use crate::error::{Error, Result};
use events::KeyEvents;

/// An open window. It belongs to the thread that opened it, which on some systems must be the main one.
pub struct Window {
    /// `None` when its display is gone.
    window: Option<minifb::Window>,
    #[cfg(target_os = "linux")]
    server: Option<server::Server>,
    keys: KeyEvents,
    title: String,
    /// The picture as minifb takes it: 0RGB in 32 bits. Reused for every frame.
    packed: Vec<u32>,
    size: (usize, usize),
    fullscreen: bool,
    #[cfg(target_os = "linux")]
    x11: Option<fullscreen::Fullscreen>,
    pressed: bool,
}

impl Window {
    /// Open a window with room for `width` x `height` pixels. Pictures of other sizes are shown as large as the window
    /// allows, in their own proportions.
    ///
    /// # Errors
    /// [`Error::Display`] when there is no display, with the remedy.
    pub fn open(title: &str, width: u32, height: u32) -> Result<Self> {
        display()?;
        let size = (width.max(1) as usize, height.max(1) as usize);
        let keys = KeyEvents::default();
        let window = open_window(title, size, false, &keys)?;
        Ok(Self {
            #[cfg(target_os = "linux")]
            server: server::Server::of(&window),
            window: Some(window),
            keys,
            title: title.to_owned(),
            packed: Vec::new(),
            size,
            fullscreen: false,
            #[cfg(target_os = "linux")]
            x11: None,
            pressed: false,
        })
    }

    /// Show `picture`.
    ///
    /// # Errors
    /// [`Error::Display`] when the display is gone.
    pub fn show(&mut self, picture: &RgbImage) -> Result<()> {
        pack(picture, &mut self.packed);
        self.size = (picture.width() as usize, picture.height() as usize);
        let (width, height) = self.size;
        self.look();
        let window = self.window.as_mut().ok_or_else(gone)?;
        window
            .update_with_buffer(&self.packed, width, height)
            .map_err(refused)
    }

    /// Look whether the display is gone, and let go of the window then: closing it would end the process.
    fn look(&mut self) {
        #[cfg(target_os = "linux")]
        if self.server.as_ref().is_some_and(|s| !s.is_there()) {
            std::mem::forget(self.window.take());
        }
    }

    /// What has happened since the last call, added to `into`; also keeps the window alive when no frame comes.
    pub fn events(&mut self, into: &mut Vec<Event>) {
        self.keys.drain(into);
        let pressed =
            (self.window.as_ref()).is_some_and(|window| window.get_mouse_down(MouseButton::Left));
        if pressed && let Some((x, y)) = self.pointer() {
            into.push(Event::Held { x, y });
        } else if self.pressed {
            into.push(Event::Released);
        }
        self.pressed = pressed;
        if !self.window.as_ref().is_some_and(minifb::Window::is_open) {
            into.push(Event::Closed);
        }
    }

    /// Process the window's own events, redrawing and keys, without a new picture.
    ///
    /// # Errors
    /// [`Error::Display`] when the display is gone.
    pub fn pump(&mut self) -> Result<()> {
        self.look();
        self.window.as_mut().ok_or_else(gone)?.update();
        Ok(())
    }

    /// Fill the screen, or be a window again.
    ///
    /// # Errors
    /// [`Error::Display`] when the display is gone.
    pub fn set_fullscreen(&mut self, on: bool) -> Result<()> {
        if on == self.fullscreen {
            return Ok(());
        }
        self.look();
        if self.window.is_none() {
            return Err(gone());
        }
        if !self.ask_fullscreen(on) {
            self.window = Some(open_window(&self.title, self.size, on, &self.keys)?);
        }
        self.fullscreen = on;
        Ok(())
    }

    /// Put the window in the middle of `monitor`. To fill that, call [`Window::set_fullscreen`] afterwards.
    ///
    /// # Errors
    /// [`Error::Display`] where windows cannot be moved.
    pub fn move_to(&mut self, monitor: &Monitor) -> Result<()> {
        if self.ask_move(monitor) {
            return Ok(());
        }
        let reason =
            format!("the window cannot be moved to monitor {monitor}; move it there and press f");
        Err(Error::Display(reason))
    }

    /// Show no pointer over the window.
    pub fn hide_pointer(&mut self) {
        self.look();
        if let Some(window) = &mut self.window {
            window.set_cursor_visibility(false);
        }
    }

    #[cfg(target_os = "linux")]
    fn x11(&mut self) -> Option<&mut fullscreen::Fullscreen> {
        if self.x11.is_none() {
            self.x11 = self.window.as_ref().and_then(fullscreen::Fullscreen::of);
        }
        self.x11.as_mut()
    }

    #[cfg(target_os = "linux")]
    fn ask_fullscreen(&mut self, on: bool) -> bool {
        self.x11().is_some_and(|x11| x11.set(on))
    }

    #[cfg(target_os = "linux")]
    fn ask_move(&mut self, monitor: &Monitor) -> bool {
        self.x11().is_some_and(|x11| x11.move_to(monitor))
    }

    #[cfg(not(target_os = "linux"))]
    fn ask_fullscreen(&mut self, _on: bool) -> bool {
        false
    }

    #[cfg(not(target_os = "linux"))]
    fn ask_move(&mut self, _monitor: &Monitor) -> bool {
        false
    }

    /// Whether it fills the screen.
    pub fn is_fullscreen(&self) -> bool {
        self.fullscreen
    }

    /// Where the pointer is in the picture, 0..=1 across and down; `None` when it is outside.
    fn pointer(&self) -> Option<(f32, f32)> {
        let window = self.window.as_ref()?;
        let (x, y) = window.get_unscaled_mouse_pos(MouseMode::Pass)?;
        let (w, h) = window.get_size();
        place_in_picture(
            (x, y),
            (w as f32, h as f32),
            (self.size.0 as f32, self.size.1 as f32),
        )
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.look();
    }
}

/// `picture` as minifb takes it, 0RGB in 32 bits, into a buffer that is reused. Public for the benches.
#[doc(hidden)]
pub fn pack(picture: &RgbImage, packed: &mut Vec<u32>) {
    packed.clear();
    let pixels = picture.as_raw().chunks_exact(3);
    packed.extend(pixels.map(|p| u32::from(p[0]) << 16 | u32::from(p[1]) << 8 | u32::from(p[2])));
}

/// A point of the window as a point of the picture, which stands in the middle of the window in its own proportions.
fn place_in_picture(at: (f32, f32), window: (f32, f32), picture: (f32, f32)) -> Option<(f32, f32)> {
    let scale = (window.0 / picture.0).min(window.1 / picture.1);
    let one = |at: f32, window: f32, picture: f32| {
        let shown = picture * scale;
        (at - (window - shown) / 2.0) / shown
    };
    let (x, y) = (
        one(at.0, window.0, picture.0),
        one(at.1, window.1, picture.1),
    );
    let inside = |v: f32| (0.0..=1.0).contains(&v);
    (inside(x) && inside(y)).then_some((x, y))
}

/// minifb has no full screen; a borderless window of the size of the screen comes closest.
fn open_window(
    title: &str,
    size: (usize, usize),
    fullscreen: bool,
    keys: &KeyEvents,
) -> Result<minifb::Window> {
    let options = WindowOptions {
        borderless: fullscreen,
        title: !fullscreen,
        resize: true,
        scale: if fullscreen {
            Scale::FitScreen
        } else {
            Scale::X1
        },
        scale_mode: ScaleMode::AspectRatioStretch,
        topmost: fullscreen,
        ..WindowOptions::default()
    };
    let mut window = minifb::Window::new(title, size.0, size.1, options).map_err(refused)?;
    // Frames set the pace, not the window.
    window.set_target_fps(0);
    window.set_input_callback(Box::new(keys.clone()));
    Ok(window)
}

/// What is said when the display is gone.
fn gone() -> Error {
    Error::Display(
        "the window server has ended, and the session with it; start both again".to_owned(),
    )
}

fn refused(error: minifb::Error) -> Error {
    Error::Display(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::place_in_picture;

    #[test]
    fn the_pointer_is_found_in_a_picture_with_bars_beside_it() {
        let (window, picture) = ((400.0, 200.0), (100.0, 100.0));
        assert_eq!(
            place_in_picture((200.0, 100.0), window, picture),
            Some((0.5, 0.5))
        );
        assert_eq!(
            place_in_picture((100.0, 0.0), window, picture),
            Some((0.0, 0.0))
        );
        assert_eq!(place_in_picture((50.0, 100.0), window, picture), None);
    }
}
