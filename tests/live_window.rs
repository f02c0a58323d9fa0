//! `impasto live` in a window, under a display of its own: keys and the mouse are pressed, and the screen is looked at.
//!
//! Needs Xvfb, xdotool and ImageMagick's `import`. Without them it is skipped, unless `IMPASTO_REQUIRE_XVFB` is set.
//! With the tiny model a style of one colour paints every picture in that colour: whatever else is on the screen was
//! drawn over it. `IMPASTO_KEEP=DIR` keeps what was seen.
#![cfg(all(feature = "live", target_os = "linux"))]
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::{folder, keep, save, tiny};
use image::{Rgb, RgbImage};
use tempfile::TempDir;
use x11rb::connection::Connection;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};

/// After this long a thing that should happen is not going to; nothing here takes so long on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

const RED: Rgb<u8> = Rgb([200, 40, 30]);
const BLUE: Rgb<u8> = Rgb([30, 60, 190]);

/// A process that does not outlive the test, however that ends.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A display that nobody sees.
struct Display {
    name: String,
    _server: Guarded,
    /// Dropped after the server has ended.
    _alone: MutexGuard<'static, ()>,
}

impl Display {
    /// On the first number that is free; the server writes it as soon as it answers.
    ///
    /// One server runs at a time: with `-displayfd` it takes no lock file, so that a second one may take the same number
    /// and the socket of the first.
    fn start() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24"])
            // Without a reset, or the monitors would go with the connection that made them.
            .args(["-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Guarded)
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.0.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        assert!(!number.trim().is_empty(), "Xvfb found no free display");
        Self {
            name: format!(":{}", number.trim()),
            _server: server,
            _alone: alone,
        }
    }

    /// Divide the screen into two monitors, of 400x600 pixels each, side by side.
    fn divide(&self) {
        let (connection, number) = x11rb::connect(Some(&self.name)).unwrap();
        let root = connection.setup().roots[number].root;
        let resources = connection.randr_get_screen_resources_current(root).unwrap();
        let outputs = resources.reply().unwrap().outputs;
        for (n, name) in ["left", "right"].into_iter().enumerate() {
            let atom = connection.intern_atom(false, name.as_bytes()).unwrap();
            let info = MonitorInfo {
                name: atom.reply().unwrap().atom,
                primary: n == 0,
                automatic: false,
                x: 400 * n as i16,
                y: 0,
                width: 400,
                height: 600,
                width_in_millimeters: 100,
                height_in_millimeters: 150,
                // The monitor that has the only output replaces the one of the whole screen.
                outputs: if n == 0 { outputs.clone() } else { Vec::new() },
            };
            connection
                .randr_set_monitor(root, info)
                .unwrap()
                .check()
                .unwrap();
        }
    }

    /// Close `window` as a window manager does, by asking.
    fn close(&self, window: &str) {
        let (connection, _) = x11rb::connect(Some(&self.name)).unwrap();
        let atom = |name: &str| {
            let asked = connection.intern_atom(false, name.as_bytes()).unwrap();
            asked.reply().unwrap().atom
        };
        let data = [atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let window = window.parse().unwrap();
        let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), data);
        let sent = connection.send_event(false, window, EventMask::NO_EVENT, message);
        sent.unwrap().check().unwrap();
    }

    /// The visible window of this title.
    fn window(&self, title: &str) -> Option<String> {
        let name = format!("^{title}$");
        let found = self.run("xdotool", &["search", "--onlyvisible", "--name", &name]);
        let found = String::from_utf8(found.stdout).unwrap();
        found.lines().next().map(str::to_owned)
    }

    /// Left, top, width and height of a window.
    fn place(&self, window: &str) -> Option<[i32; 4]> {
        let said = self.run("xdotool", &["getwindowgeometry", "--shell", window]);
        let said = String::from_utf8(said.stdout).unwrap();
        let number = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|value| value.strip_prefix('=')?.parse().ok())
        };
        Some([
            number("X")?,
            number("Y")?,
            number("WIDTH")?,
            number("HEIGHT")?,
        ])
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .env("DISPLAY", &self.name)
            .output()
            .unwrap()
    }
}

/// `impasto live` in its window.
struct Session {
    display: Display,
    program: Guarded,
    window: String,
    dir: TempDir,
}

impl Session {
    /// A test card painted red by style 1 and blue by style 2, in a window of 320x240 pixels.
    fn start() -> Self {
        let mut session = Self::begin(Display::start(), &[]);
        session.window = session.wait("the window", |session| session.display.window("Impasto"));
        // Without a window manager keys go to the window under the pointer.
        session.point(160, 120);
        session
    }

    /// The same with more `arguments`, without waiting for a window.
    fn begin(display: Display, arguments: &[&str]) -> Self {
        let dir = folder();
        save(&dir, "red.png", &RgbImage::from_pixel(64, 64, RED));
        save(&dir, "blue.png", &RgbImage::from_pixel(64, 64, BLUE));
        let program = Command::new(env!("CARGO_BIN_EXE_impasto"))
            .args(["live", "--source", "test-card", "--capture", "320x240@30"])
            .args(["--style", "red.png", "--style", "blue.png"])
            // Steady strokes keep a level or two of what was there before.
            .args(["--size", "128", "--glide", "0.5", "--steady", "0"])
            .args(["--device", "cpu", "--model", &tiny()])
            .args(arguments)
            .current_dir(dir.path())
            .env("IMPASTO_GALLERY", dir.path().join("gallery.toml"))
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(File::create(dir.path().join("stderr.txt")).unwrap())
            .spawn()
            .map(Guarded)
            .unwrap();
        Self {
            display,
            program,
            window: String::new(),
            dir,
        }
    }

    /// What `look` gives, once it gives something.
    fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            if let Some(status) = self.program.0.try_wait().unwrap() {
                panic!("{what}: the program ended, {status}: {}", self.complaints());
            }
            let waited = began.elapsed() < PATIENCE;
            assert!(waited, "{what}: not seen; {}", self.complaints());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Wait until the screen is as `is_so` wants it, and keep that as `live-window-NAME.png`.
    fn see(&mut self, name: &str, is_so: impl Fn(&RgbImage) -> bool) {
        let seen = self.wait(name, |session| {
            let seen = session.screenshot()?;
            keep(&format!("live-window-{name}.png"), &seen);
            is_so(&seen).then_some(seen)
        });
        assert_eq!(seen.dimensions(), (320, 240));
    }

    fn screenshot(&self) -> Option<RgbImage> {
        let arguments = ["-silent", "-window", &self.window, "png:-"];
        let taken = self.display.run("import", &arguments).stdout;
        image::load_from_memory(&taken).ok().map(|i| i.to_rgb8())
    }

    /// Whether two pictures, some frames apart, differ.
    fn moves(&self) -> bool {
        let one = self.screenshot();
        std::thread::sleep(Duration::from_millis(300));
        one.is_some() && one != self.screenshot()
    }

    fn press(&self, keys: &[&str]) {
        self.xdotool(&[&["key"], keys].concat());
    }

    fn point(&self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", "--window", &self.window, &x, &y]);
    }

    fn xdotool(&self, arguments: &[&str]) {
        let done = self.display.run("xdotool", arguments);
        assert!(done.status.success(), "xdotool {arguments:?}: {done:?}");
    }

    fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.program.0.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn complaints(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("stderr.txt")).unwrap_or_default()
    }
}

/// The colour that most of a picture has, and which part of it has that colour (give or take what rounding does).
fn main_colour(picture: &RgbImage) -> (Rgb<u8>, f64) {
    let mut counts: HashMap<Rgb<u8>, usize> = HashMap::new();
    for pixel in picture.pixels() {
        *counts.entry(*pixel).or_default() += 1;
    }
    let (&colour, _) = counts.iter().max_by_key(|(_, count)| **count).unwrap();
    let alike = picture.pixels().filter(|pixel| near(**pixel, colour, 3));
    (colour, alike.count() as f64 / f64::from(320 * 240))
}

/// The list of keys lies over this colour: its panel and its letters fill most of the window.
fn covered(colour: Rgb<u8>) -> impl Fn(&RgbImage) -> bool {
    move |picture| {
        let (main, share) = main_colour(picture);
        share < 0.8 || !near(main, colour, 12)
    }
}

fn near(a: Rgb<u8>, b: Rgb<u8>, levels: u8) -> bool {
    a.0.iter().zip(b.0).all(|(a, b)| a.abs_diff(b) <= levels)
}

/// Nothing but this colour.
fn plain(wanted: Rgb<u8>) -> impl Fn(&RgbImage) -> bool {
    move |picture| {
        let (colour, share) = main_colour(picture);
        near(colour, wanted, 4) && share > 0.999
    }
}

/// This colour with something drawn over it, which leaves between `least` and `most` of it.
fn behind(wanted: Rgb<u8>, least: f64, most: f64) -> impl Fn(&RgbImage) -> bool {
    move |picture| {
        let (colour, share) = main_colour(picture);
        near(colour, wanted, 4) && (least..most).contains(&share)
    }
}

/// The colours of text: of errors, and of other notices.
const ALARM: Rgb<u8> = Rgb([255, 72, 60]);
const ACCENT: Rgb<u8> = Rgb([255, 196, 84]);

/// Text in this colour.
fn text_in(colour: Rgb<u8>) -> impl Fn(&RgbImage) -> bool {
    move |picture| picture.pixels().filter(|pixel| **pixel == colour).count() > 50
}

/// Whether the test can be made here. Panics where it must be.
fn can_run() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<&str> = ["Xvfb", "xdotool", "import"]
        .into_iter()
        .filter(|program| !std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
        .collect();
    if missing.is_empty() {
        return true;
    }
    let required = std::env::var_os("IMPASTO_REQUIRE_XVFB").is_some();
    assert!(
        !required,
        "IMPASTO_REQUIRE_XVFB is set, but {missing:?} is missing"
    );
    eprintln!("skipped: {missing:?} is missing");
    false
}

#[test]
fn keys_and_mouse_do_in_the_window_what_the_table_says() {
    if !can_run() {
        return;
    }
    let mut session = Session::start();
    session.see("figures", behind(RED, 0.4, 0.97));
    session.press(&["h"]);
    session.see("red", plain(RED));

    session.press(&["2"]);
    session.see("blue", plain(BLUE));
    session.press(&["Left"]);
    session.see("red-again", plain(RED));
    session.press(&["Right"]);
    session.see("blue-again", plain(BLUE));

    // Half the painting lets the test card through.
    session.press(&["Down", "Down", "Down", "Down", "Down"]);
    session.see("half-strength", |picture| main_colour(picture).1 < 0.6);
    session.press(&["Up", "Up", "Up", "Up", "Up"]);
    session.see("full-strength", plain(BLUE));

    session.press(&["question"]);
    session.see("keys", covered(BLUE));
    session.press(&["question"]);
    session.see("no-keys", plain(BLUE));

    // In the middle of the pad both styles weigh the same.
    let both = Rgb(std::array::from_fn(|n| RED[n].midpoint(BLUE[n])));
    session.xdotool(&["mousedown", "1"]);
    session.see("pad", behind(both, 0.5, 0.999));
    session.xdotool(&["mouseup", "1"]);
    session.press(&["1"]);
    session.see("after-the-pad", plain(RED));

    session.press(&["h"]);
    session.see("figures-again", behind(RED, 0.4, 0.97));
    session.press(&["q"]);
    assert_eq!(session.ended().code(), Some(0), "{}", session.complaints());
}

#[test]
fn escape_leaves_one_thing_after_the_other_and_a_paused_picture_stands_still() {
    if !can_run() {
        return;
    }
    let mut session = Session::start();
    session.see("figures-before", behind(RED, 0.4, 0.97));
    session.press(&["h"]);
    session.see("plain", plain(RED));

    // A key that does nothing shows those that do something.
    session.press(&["x"]);
    session.see("unknown-key", covered(RED));
    session.press(&["Escape"]);
    session.see("keys-closed", plain(RED));

    session.press(&["o"]);
    session.see("prompt", |picture| main_colour(picture).1 < 0.9);
    session.press(&["Escape"]);
    session.see("prompt-closed", plain(RED));
    session.press(&["o"]);
    session.xdotool(&["type", "gone.png"]);
    session.press(&["Return"]);
    session.see("prompt-error", text_in(ALARM));
    session.press(&["Escape"]);
    session.see("error-closed", plain(RED));

    let sized = |width, height| {
        move |session: &mut Session| {
            let seen = session.screenshot()?;
            (seen.dimensions() == (width, height)).then_some(())
        }
    };
    session.press(&["f"]);
    session.wait("full screen", sized(800, 600));
    session.press(&["Escape"]);
    session.wait("a window again", sized(320, 240));

    // At half strength the test card is seen, and moves.
    session.press(&["Down", "Down", "Down", "Down", "Down"]);
    session.wait("motion", |session| session.moves().then_some(()));
    session.press(&["p"]);
    session.wait("a pause", |session| (!session.moves()).then_some(()));
    session.press(&["h"]);
    session.see("paused", |picture| main_colour(picture).1 < 0.9);
    session.press(&["Up", "Up", "Up", "Up", "Up", "2"]);
    session.see("styles-change-in-a-pause", behind(BLUE, 0.3, 0.97));
    session.press(&["h", "Down", "Down", "Down", "Down", "Down", "p"]);
    session.wait("motion after the pause", |session| {
        session.moves().then_some(())
    });

    session.press(&["Up", "Up", "Up", "Up", "Up"]);
    session.see("before-the-question", plain(BLUE));
    session.press(&["Escape"]);
    session.see("question", text_in(ACCENT));
    // Two, as the question may be over on a slow machine: then the first asks again.
    session.press(&["Escape", "Escape"]);
    assert_eq!(session.ended().code(), Some(0), "{}", session.complaints());
}

/// The part of a picture that has about this colour.
fn share_of(picture: &RgbImage, wanted: Rgb<u8>) -> f64 {
    let alike = picture.pixels().filter(|pixel| near(**pixel, wanted, 4));
    alike.count() as f64 / (f64::from(picture.width()) * f64::from(picture.height()))
}

#[test]
fn the_audience_sees_a_clean_window_on_its_own_monitor() {
    if !can_run() {
        return;
    }
    let display = Display::start();
    display.divide();
    let arguments = ["--clean-window", "--monitor", "2", "--fullscreen"];
    let mut session = Session::begin(display, &arguments);
    let main = session.wait("the window", |session| session.display.window("Impasto"));
    let clean = |session: &mut Session| session.display.window("Impasto, clean");
    session.window = session.wait("the clean window", clean);
    let placed = |place: [i32; 4]| {
        move |session: &mut Session| {
            let now = session.display.place(&session.window)?;
            (now == place).then_some(())
        }
    };
    session.wait("monitor 2, full", placed([400, 0, 400, 600]));
    // The pastiche between two bars, and nothing over it.
    let seen = session.wait("nothing but the pastiche", |session| {
        let seen = session.screenshot()?;
        keep("live-window-clean.png", &seen);
        let rest = share_of(&seen, RED) + share_of(&seen, Rgb([0, 0, 0]));
        (share_of(&seen, RED) > 0.45 && rest > 0.999).then_some(seen)
    });
    assert_eq!(seen.dimensions(), (400, 600));

    // Keys that are pressed over it act as in the other window; f and Esc are its own.
    session.point(200, 300);
    session.press(&["2"]);
    session.wait("blue", |session| {
        (share_of(&session.screenshot()?, BLUE) > 0.45).then_some(())
    });
    session.press(&["Escape"]);
    session.wait("a window again", placed([440, 180, 320, 240]));

    session.display.close(&session.window);
    session.wait("closed", |session| {
        session
            .display
            .window("Impasto, clean")
            .is_none()
            .then_some(())
    });
    session.window = main;
    session.point(160, 120);
    session.wait("it goes on, with its figures", |session| {
        behind(BLUE, 0.3, 0.97)(&session.screenshot()?).then_some(())
    });
    let main = session.window.clone();
    session.press(&["w"]);
    session.window = session.wait("the clean window again", clean);
    session.wait("full again", placed([400, 0, 400, 600]));
    session.window = main;
    session.press(&["q"]);
    assert_eq!(session.ended().code(), Some(0), "{}", session.complaints());
}

#[test]
fn a_show_begins_full_and_without_figures_and_can_end_with_its_clean_window() {
    if !can_run() {
        return;
    }
    let display = Display::start();
    display.divide();
    let mut session = Session::begin(display, &["--monitor", "3"]);
    assert_eq!(session.ended().code(), Some(2));
    let said = session.complaints();
    let list = "1 (left, 400x600 at 0,0), 2 (right, 400x600 at 400,0)";
    assert!(said.contains("--monitor") && said.contains(list), "{said}");

    let arguments = ["--monitor", "2", "--fullscreen", "--no-hud"];
    let mut session = Session::begin(session.display, &arguments);
    session.window = session.wait("the window", |session| session.display.window("Impasto"));
    session.wait("a full monitor without figures", |session| {
        let seen = session.screenshot()?;
        keep("live-window-no-hud.png", &seen);
        let rest = share_of(&seen, RED) + share_of(&seen, Rgb([0, 0, 0]));
        let is_full = session.display.place(&session.window)? == [400, 0, 400, 600];
        (is_full && share_of(&seen, RED) > 0.45 && rest > 0.999).then_some(())
    });
    // Brushes: strokes of another size are the same colour here, and the figures say which.
    session.point(200, 300);
    session.press(&["h", "period", "period"]);
    session.wait("figures", |session| {
        let seen = session.screenshot()?;
        keep("live-window-brush.png", &seen);
        (share_of(&seen, RED) < 0.45).then_some(())
    });
    session.press(&["q"]);
    assert_eq!(session.ended().code(), Some(0), "{}", session.complaints());

    let mut session = Session::begin(session.display, &["--clean-window=end"]);
    let clean = session.wait("the clean window", |session| {
        session.display.window("Impasto, clean")
    });
    session.display.close(&clean);
    assert_eq!(session.ended().code(), Some(0), "{}", session.complaints());
}

#[test]
fn a_knob_that_is_learnt_in_the_window_turns_the_strength() {
    if !can_run() {
        return;
    }
    // A pipe in place of a device: the kernel gives both as files of bytes.
    let devices = folder();
    let pipe = devices.path().join("device");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let midi = ["--midi", pipe.to_str().unwrap(), "--no-hud"];
    let mut session = Session::begin(Display::start(), &midi);
    session.window = session.wait("the window", |session| session.display.window("Impasto"));
    session.point(160, 120);
    let mut device = File::options().write(true).open(&pipe).unwrap();
    session.see("before-learning", plain(RED));
    session.press(&["l"]);
    session.see("learning", text_in(ACCENT));
    device.write_all(&[0xb0, 21, 64]).unwrap();
    let map = session.dir.path().join("midi.toml");
    let map = session.wait("the map", |_| std::fs::read_to_string(&map).ok());
    assert!(
        map.contains("does = \"strength\"\ncontroller = 21"),
        "{map}"
    );
    // At strength 0 it is the photo.
    device.write_all(&[0xb0, 21, 0]).unwrap();
    session.see("knob-down", |picture| {
        !near(main_colour(picture).0, RED, 30)
    });
    device.write_all(&[21, 127]).unwrap();
    session.see("knob-up", plain(RED));
    session.press(&["q"]);
    assert!(session.ended().success());
}
