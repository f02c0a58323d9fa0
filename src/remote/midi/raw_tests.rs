//! Pipes stand for devices: the kernel gives both as files of bytes.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::super::console::Console;
use super::*;
use crate::remote::{Control, Desk, Tell};

const PATIENCE: Duration = Duration::from_secs(20);

/// A thread that listens to the devices of a folder, what it told, and the controls that came.
struct Setup {
    dir: tempfile::TempDir,
    told: Arc<Mutex<Vec<String>>>,
    controls: Receiver<Control>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Setup {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn pipe(path: &Path) {
    let done = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(done.success());
}

fn write(path: &Path) -> File {
    OpenOptions::new().write(true).open(path).unwrap()
}

/// With a map in which controller 7 is the strength, 1 the brush and note 36 the first style.
fn setup(devices: &[&str], wanted: Option<&str>) -> Setup {
    let dir = tempfile::tempdir().unwrap();
    let (folder, names) = (dir.path().join("snd"), dir.path().join("asound"));
    fs::create_dir_all(&folder).unwrap();
    for device in devices {
        pipe(&folder.join(device));
    }
    let map = dir.path().join("midi.toml");
    let row =
        |does: &str, what: &str| format!("[[binding]]\ndoes = \"{does}\"\n{what}\nchannel = 1\n");
    let rows = [
        row("strength", "controller = 7"),
        row("brush", "controller = 1"),
        row("style 1", "note = 36"),
    ];
    fs::write(&map, rows.concat()).unwrap();
    let devices = RawDevices::of(Wanted::read(wanted), &folder, &names).unwrap();
    let (desk, controls) = Desk::new();
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let to = told.clone();
    let tell: Tell = Arc::new(move |text| to.lock().unwrap().push(text.to_owned()));
    let ends: Arc<AtomicBool> = Arc::default();
    let console = Arc::new(Mutex::new(Console::open(map, false).unwrap()));
    let player = Player::new(console, desk, tell, ends.clone());
    Setup {
        thread: Some(std::thread::spawn(move || devices.run(player))),
        dir,
        told,
        controls,
        ends,
    }
}

impl Setup {
    fn device(&self, name: &str) -> PathBuf {
        self.dir.path().join("snd").join(name)
    }

    fn control(&self) -> String {
        format!("{:?}", self.controls.recv_timeout(PATIENCE).unwrap())
    }

    fn wait_until_told(&self, part: &str) {
        let began = Instant::now();
        while !self.told.lock().unwrap().iter().any(|t| t.contains(part)) {
            assert!(
                began.elapsed() < PATIENCE,
                "{:?}",
                self.told.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn bytes_of_a_device_become_controls() {
    let setup = setup(&["midiC0D0", "midiC1D0"], None);
    let (mut one, mut two) = (
        write(&setup.device("midiC0D0")),
        write(&setup.device("midiC1D0")),
    );
    one.write_all(&[0xb0, 7]).unwrap();
    // Between the bytes of the other device, which has a parser of its own.
    two.write_all(&[0x90, 36, 100]).unwrap();
    assert_eq!(setup.control(), "GlideTo(Index(0))");
    one.write_all(&[127]).unwrap();
    assert_eq!(setup.control(), "Strength(1.0)");
}

#[test]
fn a_device_that_comes_later_or_comes_back_is_used() {
    let setup = setup(&[], None);
    setup.wait_until_told("no device yet");
    pipe(&setup.device("midiC2D1"));
    let mut device = write(&setup.device("midiC2D1"));
    device.write_all(&[0xb0, 7, 0]).unwrap();
    assert_eq!(setup.control(), "Strength(0.0)");
    drop(device);
    setup.wait_until_told("midiC2D1 is gone");
    let mut device = write(&setup.device("midiC2D1"));
    device.write_all(&[0xb0, 1, 127]).unwrap();
    assert_eq!(setup.control(), "Brush(4.0)");
}

#[test]
fn a_flood_of_garbage_and_knobs_leaves_the_newest_value() {
    let setup = setup(&["midiC0D0"], None);
    let mut device = write(&setup.device("midiC0D0"));
    let mut seed = 3_u64;
    let mut bytes = Vec::new();
    for n in 0..200_000_u32 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend_from_slice(&[0xb0, 7, (n % 128) as u8, (seed >> 60) as u8 | 0xf0]);
    }
    bytes.extend_from_slice(&[0xb0, 7, 127, 0xb0, 1, 0]);
    device.write_all(&bytes).unwrap();
    let (mut strength, mut brush, mut count) = (0.0, 1.0, 0);
    while strength != 1.0 || brush != 0.25 {
        match setup.controls.recv_timeout(PATIENCE).unwrap() {
            Control::Strength(value) => strength = value,
            Control::Brush(value) => brush = value,
            other => panic!("{other:?}"),
        }
        count += 1;
    }
    assert!(count < 20_000, "{count} controls of 200000 messages");
}

#[test]
fn devices_have_the_names_of_the_kernel_and_are_chosen_by_them() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, names) = (dir.path().join("snd"), dir.path().join("asound"));
    for sub in ["snd", "asound/card1", "asound/card2"] {
        fs::create_dir_all(dir.path().join(sub)).unwrap();
    }
    for file in [
        "midiC1D0", "midiC2D0", "midiC3D0", "pcmC0D0p", "midiCxD0", "seq",
    ] {
        fs::write(folder.join(file), "").unwrap();
    }
    fs::write(
        names.join("card1/midi0"),
        "nano\u{1b}KONTROL2 \n\nOutput 0\n",
    )
    .unwrap();
    fs::write(names.join("card2/id"), "Launchkey\n").unwrap();
    let of = |name: Option<&str>| RawDevices::of(Wanted::read(name), &folder, &names);
    let there = of(None).unwrap().there();
    let there: Vec<&str> = there.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(there, ["nanoKONTROL2", "Launchkey", "midiC3D0"]);
    assert!(of(Some("kontrol")).is_ok());
    let said = of(Some("akai")).err().unwrap().to_string();
    assert!(
        said.ends_with("there are: nanoKONTROL2, Launchkey, midiC3D0"),
        "{said}"
    );
}

#[test]
fn files_that_are_no_device_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, reason) in [
        (file.as_path(), "no MIDI device and no pipe"),
        (dir.path(), "no MIDI device and no pipe"),
        (Path::new("/dev/none"), "is not there"),
    ] {
        let said = check_file(path).unwrap_err().to_string();
        assert!(said.contains(reason), "{said}");
    }
}
