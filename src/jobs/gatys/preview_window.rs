//! A window that shows the picture after each step; closing it stops the work.

use std::ops::ControlFlow;

use image::RgbImage;

use super::picture_job::Preview;
use crate::error::Result;
use crate::window::{Event, Key, Window};

/// A window that shows each step; closing it, `q` or Esc end the work with the best picture so far.
pub struct PreviewWindow {
    window: Option<Window>,
    events: Vec<Event>,
}

impl PreviewWindow {
    /// Check that there is a display; the window opens with the first picture, when its size is known.
    ///
    /// # Errors
    /// [`Error::Display`](crate::Error::Display) without a display.
    pub fn new() -> Result<Self> {
        crate::window::display()?;
        Ok(Self {
            window: None,
            events: Vec::new(),
        })
    }
}

impl Preview for PreviewWindow {
    fn show(&mut self, picture: &RgbImage) -> Result<ControlFlow<()>> {
        let window = match &mut self.window {
            Some(window) => window,
            None => {
                let (width, height) = picture.dimensions();
                self.window
                    .insert(Window::open("Impasto: gatys", width, height)?)
            }
        };
        window.show(picture)?;
        self.events.clear();
        window.events(&mut self.events);
        let ends = |event: &Event| {
            matches!(
                event,
                Event::Closed | Event::Char('q') | Event::Key(Key::Escape)
            )
        };
        Ok(if self.events.iter().any(ends) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}
