//! The window for the audience, which shows nothing but the pastiche: painted frames in, keys for the operator's window out.

use image::RgbImage;

use crate::error::Result;
use crate::live::stage::Stage;
use crate::window::{Event, Key, Window};

/// Its title; the other window is called `Impasto`.
const TITLE: &str = "Impasto, clean";

/// The open window.
pub(super) struct CleanWindow {
    window: Window,
    events: Vec<Event>,
}

impl CleanWindow {
    /// Open it with room for pictures of `size` (width, height), where `stage` wants it.
    ///
    /// # Errors
    /// [`Error::Display`](crate::Error::Display), [`Error::Invalid`](crate::Error::Invalid) when the monitor is gone.
    pub(super) fn open(stage: &Stage, size: (u32, u32)) -> Result<Self> {
        let mut window = Window::open(TITLE, size.0, size.1)?;
        window.hide_pointer();
        stage.place(&mut window)?;
        Ok(Self {
            window,
            events: Vec::new(),
        })
    }

    /// Show `pastiche`, or with `None` go on showing the last.
    ///
    /// # Errors
    /// [`Error::Display`](crate::Error::Display) when the display is gone.
    pub(super) fn show(&mut self, pastiche: Option<&RgbImage>) -> Result<()> {
        match pastiche {
            Some(pastiche) => self.window.show(pastiche),
            None => self.window.pump(),
        }
    }

    /// Whether it was closed. Its own keys are f, and Esc in full screen; others go to `keys`, as if they had been pressed
    /// in the operator's window.
    ///
    /// # Errors
    /// [`Error::Display`](crate::Error::Display) when the display is gone.
    pub(super) fn is_closed(&mut self, keys: &mut Vec<Event>) -> Result<bool> {
        self.window.events(&mut self.events);
        let mut closed = false;
        for event in self.events.drain(..) {
            let fullscreen = self.window.is_fullscreen();
            match event {
                Event::Closed => closed = true,
                // The mouse mixes styles in the other window, where their names are seen.
                Event::Held { .. } | Event::Released => {}
                Event::Char('f' | 'F') => self.window.set_fullscreen(!fullscreen)?,
                Event::Key(Key::Escape) if fullscreen => self.window.set_fullscreen(false)?,
                other => keys.push(other),
            }
        }
        Ok(closed)
    }
}
