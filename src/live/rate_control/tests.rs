#![allow(clippy::unwrap_used)]
use super::*;

const HD: (u32, u32) = (1280, 720);

/// A machine that paints for a simulated time, fed by a camera.
struct Machine {
    control: RateControl,
    camera_fps: f64,
    now: f64,
    random: u64,
    /// When each frame was done, its size and seconds.
    log: Vec<(f64, u32, f64)>,
    changes: Vec<(f64, u32)>,
}

impl Machine {
    fn new(control: RateControl) -> Self {
        Self {
            control,
            camera_fps: 60.0,
            now: 0.0,
            random: 1,
            log: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// 0..1, evenly spread.
    fn random(&mut self) -> f64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 40) as f64 / (1u64 << 24) as f64
    }

    /// Run for `seconds`; `cost` gives the seconds of a frame of a size, to which 10 % of noise is added either way,
    /// and to one frame in fifty as much again.
    fn run(&mut self, seconds: f64, cost: impl Fn(u32) -> f64) {
        let until = self.now + seconds;
        while self.now < until {
            let size = self.control.size();
            let mut spent = cost(size) * (0.9 + 0.2 * self.random());
            if self.random() < 0.02 {
                spent *= 2.0;
            }
            // The next picture of the camera that is not yet taken.
            let taken = (self.now * self.camera_fps).ceil() / self.camera_fps;
            self.now = taken + spent;
            let seconds = Duration::from_secs_f64;
            if let Some(new) = self.control.frame(size, seconds(spent), seconds(self.now)) {
                assert_ne!(new, size);
                assert_eq!(new, self.control.size());
                self.changes.push((self.now, new));
            }
            self.log.push((self.now, size, spent));
        }
    }

    /// Frames a second that the engine could make, between two times.
    fn rate(&self, from: f64, to: f64) -> f64 {
        let between = self.log.iter().filter(|(at, ..)| (from..to).contains(at));
        let spent: Vec<f64> = between.map(|(.., spent)| *spent).collect();
        spent.len() as f64 / spent.iter().sum::<f64>()
    }
}

/// Seconds a frame on a machine that needs `seconds` for a long side of 512.
fn linear(seconds: f64) -> impl Fn(u32) -> f64 {
    move |size| seconds * (f64::from(size) / 512.0).powi(2)
}

#[test]
fn a_steady_machine_settles_and_stays() {
    // From far too slow to far too fast for the rate, at every first guess.
    for milliseconds in [3.0, 11.0, 24.0, 31.0, 36.0, 58.0, 140.0] {
        for first in [192, 512, 1280] {
            for fps in [12.0, 30.0] {
                let control = RateControl::hold(fps, first, HD).unwrap();
                let mut machine = Machine::new(control);
                machine.run(600.0, linear(milliseconds / 1000.0));
                let case = format!(
                    "{milliseconds} ms, from {first}, {fps} fps: {:?}",
                    machine.changes
                );
                assert!(machine.changes.len() <= 4, "{case}");
                assert!(machine.changes.iter().all(|(at, _)| *at < 60.0), "{case}");
                let size = machine.control.size();
                if size == 192 {
                    continue;
                }
                assert!(machine.rate(60.0, 600.0) > 0.97 * fps, "{case}");
                // And it is not needlessly small: the next step but one would be too much.
                let larger = machine.control.steps.iter().filter(|s| **s > size).nth(1);
                if let Some(larger) = larger {
                    let foreseen = linear(milliseconds / 1000.0)(*larger);
                    assert!(foreseen > 0.8 / fps, "{case}");
                }
            }
        }
    }
}

#[test]
fn a_machine_that_gets_slower_recovers_within_two_seconds_and_comes_back() {
    for fps in [5.0, 15.0, 30.0, 60.0] {
        let fast = 0.7 / fps;
        let mut machine = Machine::new(RateControl::hold(fps, 512, HD).unwrap());
        machine.camera_fps = 120.0;
        machine.run(30.0, linear(fast));
        let size = machine.control.size();
        assert!((448..=576).contains(&size), "{fps} fps: {size}");

        let slow_at = machine.now;
        machine.run(30.0, linear(3.0 * fast));
        let (first, _) = *machine
            .changes
            .iter()
            .find(|(at, _)| *at > slow_at)
            .unwrap();
        assert!(first < slow_at + 1.5, "{fps} fps: {:?}", machine.changes);
        let rate = machine.rate(slow_at + 2.0, slow_at + 30.0);
        assert!(rate > 0.97 * fps, "{fps} fps: {rate}");
        assert!(machine.control.size() < size);

        machine.run(60.0, linear(fast));
        assert!(
            machine.control.size() >= size * 7 / 8,
            "{:?}",
            machine.changes
        );
        assert!(machine.rate(slow_at + 30.0, machine.now) > fps);
    }
}

#[test]
fn a_cliff_in_the_cost_is_tried_ever_more_rarely() {
    // At 512 the cost leaps threefold, as when a cache overflows: the prediction from 448 is wrong every time.
    let cliff = |size: u32| linear(0.02)(size) * if size >= 512 { 3.0 } else { 1.0 };
    let mut machine = Machine::new(RateControl::hold(30.0, 384, HD).unwrap());
    machine.run(600.0, cliff);
    let climbs: Vec<f64> = machine
        .changes
        .iter()
        .filter(|(_, size)| *size == 512)
        .map(|(at, _)| *at)
        .collect();
    // A climb in vain costs one step there and one back, and nothing below is given up.
    let settled = |(at, size): &&(f64, u32)| *at > 12.0 && *size < 448;
    assert_eq!(machine.changes.iter().find(settled), None);
    assert!((3..=10).contains(&climbs.len()), "{:?}", machine.changes);
    assert!(climbs.last().unwrap() - climbs[climbs.len() - 2] > 60.0);
    assert!(machine.rate(10.0, 600.0) > 30.0);
}

#[test]
fn stalls_after_a_change_of_size_and_single_slow_frames_tell_nothing() {
    let mut control = RateControl::hold(30.0, 512, HD).unwrap();
    let mut now = 0.0;
    let mut feed = |control: &mut RateControl, size, spent: f64| {
        now += spent.max(1.0 / 30.0);
        let seconds = Duration::from_secs_f64;
        control.frame(size, seconds(spent), seconds(now))
    };
    for stall in [9.0, 4.0] {
        assert_eq!(feed(&mut control, 512, stall), None);
    }
    for n in 0..300 {
        // Frames of a size that was left behind, and a hiccup a second.
        assert_eq!(feed(&mut control, 320, 7.0), None);
        let spent = if n % 30 == 7 { 0.5 } else { 0.029 };
        assert_eq!(feed(&mut control, 512, spent), None, "frame {n}");
    }
    assert!(!control.is_short());
}

#[test]
fn a_rate_beyond_the_machine_is_said() {
    let mut machine = Machine::new(RateControl::hold(30.0, 512, HD).unwrap());
    machine.run(30.0, linear(2.0));
    assert_eq!(machine.control.size(), 192);
    assert!(machine.control.is_short());
    machine.run(10.0, linear(0.02));
    assert!(!machine.control.is_short());
}

#[test]
fn the_hand_wins_over_the_rate() {
    let mut machine = Machine::new(RateControl::hold(30.0, 512, HD).unwrap());
    assert_eq!(machine.control.step(true), 576);
    machine.run(20.0, linear(2.0));
    assert_eq!(machine.control.size(), 576);
    assert_eq!(machine.changes, []);
    for _ in 0..20 {
        machine.control.step(true);
    }
    assert_eq!(machine.control.size(), 1280);
    for _ in 0..20 {
        machine.control.step(false);
    }
    assert_eq!(machine.control.size(), 192);
}

#[test]
fn a_fixed_size_need_be_no_step() {
    let mut control = RateControl::fixed(500, HD);
    assert_eq!(control.size(), 500);
    assert_eq!(control.step(false), 448);
    let mut control = RateControl::fixed(4000, HD);
    assert_eq!(control.size(), 4000);
    assert_eq!(control.step(true), 4000);
    assert_eq!(control.step(false), 1280);
}

#[test]
fn the_source_bounds_the_steps() {
    assert_eq!(steps((320, 240)), [192, 224, 256, 288, 320]);
    assert_eq!(steps((240, 321)), [192, 224, 256, 288, 320, 321]);
    assert_eq!(steps((100, 80)), [100]);
    // A strip: with a long side of 192 its short side would be 8 pixels.
    assert_eq!(steps((800, 32))[0], 448);
    assert_eq!(steps((0, 0)), [1]);
    assert_eq!(*steps((u32::MAX, 1)).last().unwrap(), u32::MAX);
    let mut control = RateControl::hold(30.0, 1000, HD).unwrap();
    assert_eq!(control.size(), 896);
    assert_eq!(control.set_source((640, 480)), 640);
    assert_eq!(control.set_source((160, 120)), 160);
    assert_eq!(RateControl::hold(30.0, 100, HD).unwrap().size(), 192);
}

#[test]
fn nonsense_is_refused() {
    for fps in [0.0, -30.0, f64::NAN, f64::INFINITY, 0.5, 1e6] {
        let message = RateControl::hold(fps, 512, HD).unwrap_err().to_string();
        assert!(message.contains("fps"), "{message}");
    }
    let mut control = RateControl::hold(30.0, 512, HD).unwrap();
    for n in 0..200 {
        let spent = [Duration::ZERO, Duration::MAX][n % 2];
        control.frame(control.size(), spent, Duration::MAX);
        control.frame(control.size(), spent, Duration::ZERO);
    }
}
