//! The one who plays: every control of the session, one after another, at random.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::common::scene;
use crate::live::STYLES;
use crate::random::Random;

/// Between two controls.
const EVERY: Duration = Duration::from_millis(700);

/// The most styles that are sent: the list keeps them all, and this is no growth without bound.
const MOST_PAINTINGS: u32 = 20;

/// Controls until the next painting is sent.
const PAINTING_EVERY: u32 = 40;

/// Plays over HTTP and by files in the styles folder.
pub struct Performer<'a> {
    client: &'a Client,
    folder: PathBuf,
    random: Random,
    played: u32,
    paintings: u32,
}

impl<'a> Performer<'a> {
    /// `folder` has the session's saves, and its styles in `styles`.
    pub fn new(client: &'a Client, folder: &Path, random: Random) -> Self {
        let folder = folder.to_owned();
        Self {
            client,
            folder,
            random,
            played: 0,
            paintings: 0,
        }
    }

    /// Until `is_over`; then no recording and no pause is left.
    pub fn perform(&mut self, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            self.play();
            thread::sleep(EVERY);
        }
        self.control(json!({"do": "record", "on": false}));
        self.control(json!({"do": "pause", "on": false}));
    }

    fn control(&self, control: Value) {
        let answer = self.client.post_json("/api/control", &control.to_string());
        assert_eq!(answer.status, 204, "{control}: {}", answer.text());
    }

    /// A number of `0..=1` in steps of an eighth.
    fn eighth(&mut self) -> f64 {
        (self.random.next() % 9) as f64 / 8.0
    }

    fn play(&mut self) {
        self.played += 1;
        if self.played.is_multiple_of(PAINTING_EVERY) && self.paintings < MOST_PAINTINGS {
            return self.send_painting();
        }
        let on = self.random.next().is_multiple_of(2);
        match self.random.next() % 16 {
            0..4 => self.control(json!({"do": "glide-by", "by": 1})),
            4 => self.control(json!({"do": "mix", "styles": [[0, 0.5], [1, 0.3], [2, 0.2]]})),
            5 => {
                let (x, y) = (self.eighth(), self.eighth());
                self.control(json!({"do": "pad", "x": x, "y": y}));
            }
            6 => {
                let value = self.eighth();
                self.control(json!({"do": "strength", "value": value}));
            }
            // The size at which is painted follows.
            7 | 8 => {
                let value = [0.5, 0.75, 1.0, 1.5, 2.0, 3.0][self.random.next() as usize % 6];
                self.control(json!({"do": "brush", "value": value}));
            }
            9 => self.control(json!({"do": "steady", "on": on})),
            10 => self.control(json!({"do": "mirror", "on": on})),
            11 => {
                let value = ["off", "luminance", "histogram"][self.random.next() as usize % 3];
                self.control(json!({"do": "keep-colors", "value": value}));
            }
            12 => self.reload(),
            13 => self.save(),
            14 => self.record(on),
            _ => {
                self.control(json!({"do": "pause", "on": true}));
                thread::sleep(EVERY);
                self.control(json!({"do": "pause", "on": false}));
            }
        }
    }

    /// A painting of the folder changes: it is read again.
    fn reload(&mut self) {
        let side = 64 + (self.random.next() % 64) as u32;
        let name = STYLES[self.random.next() as usize % STYLES.len()];
        let path = self.folder.join(format!("styles/{name}.png"));
        scene(side, 64).save(path).unwrap();
    }

    fn send_painting(&mut self) {
        self.paintings += 1;
        let mut file = std::io::Cursor::new(Vec::new());
        scene(256, 192 + self.paintings)
            .write_to(&mut file, image::ImageFormat::Png)
            .unwrap();
        let path = format!("/api/painting?name=sent-{}", self.paintings);
        // 429 or 503 while another is read.
        let status = self.client.post(&path, file.get_ref()).status;
        assert!([204, 429, 503].contains(&status), "{status}");
    }

    /// A picture, and those before it are thrown away.
    fn save(&self) {
        for entry in std::fs::read_dir(&self.folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("impasto-") && name.ends_with(".png") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        self.control(json!({"do": "save"}));
    }

    /// Of films only the newest is kept, for they are large.
    fn record(&self, on: bool) {
        let mut films: Vec<PathBuf> = std::fs::read_dir(&self.folder)
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .filter(|p| p.extension().is_some_and(|e| e == "mp4" || e == "y4m"))
            .collect();
        films.sort();
        films.pop();
        for film in films {
            std::fs::remove_file(film).unwrap();
        }
        self.control(json!({"do": "record", "on": on}));
    }
}
