//! Keys and the mouse: events of the window go in, commands to the painter and changes of the screen come out.

use std::ops::ControlFlow;
use std::time::Instant;

use super::super::commands::PainterCommand;
use super::super::controls::Controls;
use super::super::keys::{Action, action, is_unknown};
use super::super::notice::Notice;
use super::super::painted_frame::PaintedFrame;
use super::super::path_prompt::{Answer, PathPrompt};
use super::super::stage::OnClose;
use super::clean_window::CleanWindow;
use super::escape::Escape;
use super::{FIRST_SIZE, Links, Screen};
use crate::engine::BRUSHES;
use crate::error::Result;
use crate::remote::Midi;
use crate::window::Event;

/// What the key of the learn mode says without devices.
const NO_MIDI: &str = "nothing to learn from; --midi listens to MIDI devices";

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
                _ => self.tell(Notice::info("w opens the clean window again")),
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
            Event::Held { x, y } => {
                self.pointer = Some((x, y));
                links.controls.mix_at((x, y), painted);
            }
            Event::Released => {
                self.pointer = None;
                links.controls.send(PainterCommand::KeepMix);
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
                links.controls.read_painting(path);
            }
        }
    }

    fn act(
        &mut self,
        action: Action,
        painted: &PaintedFrame,
        links: &mut Links<'_>,
    ) -> Result<ControlFlow<()>> {
        if action == Action::Escape {
            return self.leave();
        }
        self.escape.other_key();
        let (state, controls) = (&painted.state, &mut *links.controls);
        match action {
            Action::Style(index) => controls.send(PainterCommand::GlideTo(index)),
            Action::Previous => controls.send(PainterCommand::GlideBy(-1)),
            Action::Next => controls.send(PainterCommand::GlideBy(1)),
            Action::Tour => controls.send(PainterCommand::Tour(!state.touring)),
            Action::Tap => controls.send(PainterCommand::Tap(Instant::now())),
            Action::Learn => {
                let said = links.midi.map_or(NO_MIDI.to_owned(), Midi::learn);
                self.tell(Notice::info(said));
            }
            Action::Stronger => change_strength(controls, STEP),
            Action::Weaker => change_strength(controls, -STEP),
            Action::EnterPath => self.prompt = Some(PathPrompt::default()),
            Action::Save => controls.save(painted),
            Action::Record => controls.toggle_recording(),
            Action::Pause => controls.pause(!controls.is_paused()),
            Action::Fullscreen => self.window.set_fullscreen(!self.window.is_fullscreen())?,
            Action::CleanWindow => self.toggle_clean_window(painted),
            Action::KeepColors => {
                controls.send(PainterCommand::KeepColors(state.keep_colors.next()))
            }
            Action::Background => {
                controls.send(PainterCommand::BackgroundOnly(!state.background_only));
            }
            Action::Steady => controls.send(PainterCommand::Steady(!state.steady)),
            Action::Split => self.is_split = !self.is_split,
            Action::Mirror => controls.send(PainterCommand::Mirror(!state.mirror)),
            Action::Smaller => controls.send(PainterCommand::StepSize { larger: false }),
            Action::Larger => controls.send(PainterCommand::StepSize { larger: true }),
            Action::FinerBrush => change_brush(controls, -1.0),
            Action::CoarserBrush => change_brush(controls, 1.0),
            Action::Address => self.toggle_address(),
            Action::Hud => self.shows_figures = !self.shows_figures,
            Action::Help => self.shows_keys = !self.shows_keys,
            Action::Escape | Action::Quit => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn leave(&mut self) -> Result<ControlFlow<()>> {
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
            Escape::Ask => self.tell(Notice::info("press Esc again to end")),
            Escape::End => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn toggle_address(&mut self) {
        match &mut self.address {
            Some(card) => card.toggle(Instant::now()),
            None => self.tell(Notice::info(
                "--serve serves a page that controls this session",
            )),
        }
    }

    fn toggle_clean_window(&mut self, painted: &PaintedFrame) {
        if self.clean.take().is_some() {
            return;
        }
        let (width, height) = painted.content.dimensions();
        let size = (width.max(FIRST_SIZE.0), height.max(FIRST_SIZE.1));
        match CleanWindow::open(&self.stage, size) {
            Ok(clean) => self.clean = Some(clean),
            Err(error) => self.tell(Notice::error(error)),
        }
    }
}

fn change_strength(controls: &mut Controls, by: f32) {
    // Multiples of a tenth, also when it began between two of them.
    let strength = ((controls.strength() + by) * 10.0).round() / 10.0;
    controls.set_strength(strength.clamp(0.0, 1.0));
}

fn change_brush(controls: &mut Controls, by: f32) {
    controls.set_brush(brush_step(controls.brush(), by));
}

/// The brush one step up (1) or down (-1): the powers of the square root of two, also when it began between two of them.
fn brush_step(brush: f32, by: f32) -> f32 {
    let step = (brush.log2() * 2.0).round() + by;
    (step / 2.0).exp2().clamp(*BRUSHES.start(), *BRUSHES.end())
}

fn paste(clipboard: &mut Option<arboard::Clipboard>) -> Option<String> {
    if clipboard.is_none() {
        *clipboard = arboard::Clipboard::new().ok();
    }
    clipboard.as_mut()?.get_text().ok()
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
