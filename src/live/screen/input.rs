//! Keys and the mouse: events of the window go in, commands to the painter and changes of the screen come out.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::super::commands::PainterCommand;
use super::super::embedder::Request;
use super::super::hud;
use super::super::keys::{Action, action, is_unknown};
use super::super::notice::Notice;
use super::super::painted_frame::PaintedFrame;
use super::super::path_prompt::{Answer, PathPrompt};
use super::super::stage::OnClose;
use super::clean_window::CleanWindow;
use super::escape::Escape;
use super::{FIRST_SIZE, Links, Screen, corners};
use crate::engine::BRUSHES;
use crate::error::Result;
use crate::video::FrameSink;
use crate::video::recorder::Recorder;
use crate::window::Event;

/// A step of the strength.
const STEP: f32 = 0.1;

impl Screen {
    /// Do what the user asks for. `Break`: end the session.
    pub(super) fn handle_events(
        &mut self,
        painted: &PaintedFrame,
        links: &mut Links<'_>,
    ) -> Result<ControlFlow<()>> {
        let mut events = std::mem::take(&mut self.events);
        self.window.events(&mut events);
        let mut flow = ControlFlow::Continue(());
        if let Some(clean) = &mut self.clean
            && clean.is_closed(&mut events)?
        {
            self.clean = None;
            match self.stage.clean_window {
                Some(OnClose::End) => flow = ControlFlow::Break(()),
                _ => notify(links, Notice::info("w opens the clean window again")),
            }
        }
        for event in events.drain(..) {
            if event == Event::Closed {
                flow = ControlFlow::Break(());
            } else if self.prompt.is_some() {
                self.type_path(event, links);
            } else if self.handle(event, painted, links)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        self.events = events;
        Ok(flow)
    }

    fn handle(
        &mut self,
        event: Event,
        painted: &PaintedFrame,
        links: &mut Links<'_>,
    ) -> Result<ControlFlow<()>> {
        match event {
            Event::Held { x, y } => self.mix((x, y), painted, links),
            Event::Released => {
                self.pointer = None;
                send(links, PainterCommand::KeepMix);
            }
            key => {
                if let Some(action) = action(key) {
                    return self.act(action, painted, links);
                }
                self.escape.other_key();
                // Whoever presses a key that does nothing is looking for one that does.
                self.shows_keys |= is_unknown(key);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn type_path(&mut self, event: Event, links: &Links<'_>) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let clipboard = &mut self.clipboard;
        match prompt.handle(event, &mut || paste(clipboard)) {
            Answer::None => {}
            Answer::Cancelled => self.prompt = None,
            Answer::Path(path) => {
                self.prompt = None;
                read_painting(path, links);
            }
        }
    }

    /// Mix the styles of the corners by the pointer's distance to them.
    fn mix(&mut self, pointer: (f32, f32), painted: &PaintedFrame, links: &Links<'_>) {
        let styles = corners(painted.state.target, links.cards.lock().len());
        let weights = hud::pad_weights(pointer);
        self.pointer = Some(pointer);
        let mix = std::array::from_fn(|n| (styles[n], weights[n]));
        send(links, PainterCommand::Mix(mix));
    }

    fn act(
        &mut self,
        action: Action,
        painted: &PaintedFrame,
        links: &mut Links<'_>,
    ) -> Result<ControlFlow<()>> {
        if action == Action::Escape {
            return self.leave(links);
        }
        self.escape.other_key();
        let state = &painted.state;
        match action {
            Action::Style(index) => send(links, PainterCommand::GlideTo(index)),
            Action::Previous => send(links, PainterCommand::GlideBy(-1)),
            Action::Next => send(links, PainterCommand::GlideBy(1)),
            Action::Tour => send(links, PainterCommand::Tour(!state.touring)),
            Action::Stronger => self.set_strength(self.strength + STEP, links),
            Action::Weaker => self.set_strength(self.strength - STEP, links),
            Action::EnterPath => self.prompt = Some(PathPrompt::default()),
            Action::Save if self.has_frame => {
                let (sender, _) = links.notices;
                links
                    .saver
                    .save(&painted.pastiche.rgb, &painted.content, sender);
            }
            Action::Save => {}
            Action::Record => self.toggle_recording(links),
            Action::Pause => {
                links.paused.fetch_xor(true, Ordering::Relaxed);
            }
            Action::Fullscreen => self.window.set_fullscreen(!self.window.is_fullscreen())?,
            Action::CleanWindow => self.toggle_clean_window(painted, links),
            Action::KeepColors => send(links, PainterCommand::KeepColors(state.keep_colors.next())),
            Action::Background => {
                send(
                    links,
                    PainterCommand::BackgroundOnly(!state.background_only),
                );
            }
            Action::Steady => send(links, PainterCommand::Steady(!state.steady)),
            Action::Split => self.is_split = !self.is_split,
            Action::Mirror => send(links, PainterCommand::Mirror(!state.mirror)),
            Action::Smaller => send(links, PainterCommand::StepSize { larger: false }),
            Action::Larger => send(links, PainterCommand::StepSize { larger: true }),
            Action::FinerBrush => self.set_brush(brush_step(self.brush, -1.0), links),
            Action::CoarserBrush => self.set_brush(brush_step(self.brush, 1.0), links),
            Action::Hud => self.shows_figures = !self.shows_figures,
            Action::Help => self.shows_keys = !self.shows_keys,
            Action::Escape | Action::Quit => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn leave(&mut self, links: &Links<'_>) -> Result<ControlFlow<()>> {
        let now = Instant::now();
        let overlays = self.shows_keys || self.notice.is_error(now);
        match self
            .escape
            .press(self.window.is_fullscreen(), overlays, now)
        {
            Escape::LeaveFullscreen => self.window.set_fullscreen(false)?,
            Escape::CloseOverlays => {
                self.shows_keys = false;
                self.notice.clear();
            }
            Escape::Ask => notify(links, Notice::info("press Esc again to end")),
            Escape::End => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn set_strength(&mut self, strength: f32, links: &Links<'_>) {
        // Multiples of a tenth, also when it began between two of them.
        self.strength = ((strength * 10.0).round() / 10.0).clamp(0.0, 1.0);
        send(links, PainterCommand::Strength(self.strength));
    }

    fn toggle_clean_window(&mut self, painted: &PaintedFrame, links: &Links<'_>) {
        if self.clean.take().is_some() {
            return;
        }
        let (width, height) = painted.content.dimensions();
        let size = (width.max(FIRST_SIZE.0), height.max(FIRST_SIZE.1));
        match CleanWindow::open(&self.stage, size) {
            Ok(clean) => self.clean = Some(clean),
            Err(error) => notify(links, Notice::error(error)),
        }
    }

    fn set_brush(&mut self, brush: f32, links: &Links<'_>) {
        self.brush = brush;
        send(links, PainterCommand::Brush(brush));
    }

    fn toggle_recording(&mut self, links: &mut Links<'_>) {
        if let Some(mut film) = self.recorder.take() {
            let path = film.path().display().to_string();
            // Completing the file takes a moment, in which the picture stands still.
            let notice = match film.finish() {
                Ok(()) => Notice::info(format!("recorded {path}")),
                Err(error) => Notice::error(error),
            };
            return notify(links, notice);
        }
        let path = links.saver.new_paths(&[".mp4", ".y4m"]).swap_remove(0);
        match Recorder::start(&path, self.recording_format) {
            Ok(film) => {
                let text = format!(
                    "recording {} ({})",
                    film.path().display(),
                    film.description()
                );
                notify(links, Notice::info(text));
                links.saver.add_film(film.path().to_owned());
                self.recorder = Some(film);
            }
            Err(error) => notify(links, Notice::error(error)),
        }
    }
}

/// The brush one step up (1) or down (-1): the powers of the square root of two, also when it began between two of them.
fn brush_step(brush: f32, by: f32) -> f32 {
    let step = (brush.log2() * 2.0).round() + by;
    (step / 2.0).exp2().clamp(*BRUSHES.start(), *BRUSHES.end())
}

fn read_painting(path: PathBuf, links: &Links<'_>) {
    let text = format!("reading {}", path.display());
    let request = Request::Painting { path, glide: true };
    let notice = match links.embedder.ask(request) {
        Ok(()) => Notice::info(text),
        Err(_) => Notice::error("too many paintings at once; try again"),
    };
    notify(links, notice);
}

fn paste(clipboard: &mut Option<arboard::Clipboard>) -> Option<String> {
    if clipboard.is_none() {
        *clipboard = arboard::Clipboard::new().ok();
    }
    clipboard.as_mut()?.get_text().ok()
}

fn send(links: &Links<'_>, command: PainterCommand) {
    // The painter is gone only when the session ends.
    drop(links.commands.send(command));
}

pub(super) fn notify(links: &Links<'_>, notice: Notice) {
    drop(links.notices.0.send(notice));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_step_through_the_brushes_and_stop_at_both_ends() {
        let mut brush = 1.1;
        let mut seen = Vec::new();
        for _ in 0..6 {
            brush = brush_step(brush, 1.0);
            seen.push((brush * 100.0).round());
        }
        assert_eq!(seen, [141.0, 200.0, 283.0, 400.0, 400.0, 400.0]);
        for _ in 0..9 {
            brush = brush_step(brush, -1.0);
        }
        assert_eq!(brush, 0.25);
        assert_eq!(brush_step(brush, 1.0), 0.125_f32.sqrt());
    }
}
