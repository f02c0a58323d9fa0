//! What a process holds, over time.

use std::fmt::Write;
use std::time::Duration;

use crate::client::Client;

/// Samples of one mean. Neighbours depend on one another, so that the error of a slope must come from longer means.
const BLOCK: usize = 12;

/// The part of a run that is warm-up: each size is painted for the first time, after each of some dozen combinations of
/// others, until ONNX Runtime's arena has room for them all. In two hours it grew twice, after 12 and 41 minutes, by 34 and
/// 24 MiB, and then no more.
const WARM_UP: f64 = 0.5;

/// One moment.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub seconds: f64,
    /// Physical memory.
    pub rss_mib: f64,
    pub files: f64,
    pub threads: f64,
    /// From capture to show.
    pub latency_ms: f64,
    /// Shown since the session began.
    pub frames: f64,
}

impl Sample {
    /// What the process `id` holds, and what its status says.
    pub fn take(id: u32, client: &Client, since: Duration) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let field = |name: &str| -> f64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        // The session measures one frame at a time: the middle of five is less of a chance.
        let mut latencies: Vec<f64> = Vec::new();
        let mut frames = 0.0;
        for _ in 0..5 {
            let told = client.get("/api/status").json();
            latencies.push(told["latency_ms"].as_f64().unwrap());
            frames = told["frames"].as_f64().unwrap();
            std::thread::sleep(Duration::from_millis(130));
        }
        latencies.sort_by(f64::total_cmp);
        Self {
            seconds: since.as_secs_f64(),
            rss_mib: field("VmRSS:") / 1024.0,
            files: std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count() as f64,
            threads: field("Threads:"),
            latency_ms: latencies[2],
            frames,
        }
    }
}

type Quantity = (&'static str, &'static str, fn(&Sample) -> f64);

/// A run.
#[derive(Debug, Default)]
pub struct Samples {
    all: Vec<Sample>,
    /// After all clients have left.
    pub last: Option<Sample>,
    /// From SIGINT to the end of the process.
    pub end: Duration,
}

impl Samples {
    /// Add one, and write it to the file that `IMPASTO_SOAK_CSV` names, so that a run can be watched.
    pub fn push(&mut self, sample: Sample) {
        self.all.push(sample);
        if let Some(path) = std::env::var_os("IMPASTO_SOAK_CSV") {
            let mut text = "seconds,rss_mib,files,threads,latency_ms,frames\n".to_owned();
            for s in &self.all {
                let (a, b, c) = (s.seconds, s.rss_mib, s.files);
                let (d, e, f) = (s.threads, s.latency_ms, s.frames);
                writeln!(text, "{a:.0},{b:.2},{c},{d},{e:.1},{f}").unwrap();
            }
            std::fs::write(path, text).unwrap();
        }
    }

    /// Print first, last and the slopes.
    pub fn report(&self) {
        let (first, last) = (self.all.first().unwrap(), self.all.last().unwrap());
        eprintln!("{} samples; the first: {first:?}", self.all.len());
        eprintln!("the last: {last:?}; without clients: {:?}", self.last);
        let most = self.all.iter().map(|s| s.rss_mib).fold(0.0, f64::max);
        eprintln!("at most {most:.0} MiB; below: the second half of the run");
        eprintln!("ended {:.2} s after SIGINT", self.end.as_secs_f64());
        for (name, unit, of) in Self::QUANTITIES {
            if let Some((slope, error)) = self.slope(of) {
                eprintln!("{name}: {slope:+.3} \u{b1} {error:.3} {unit} an hour");
            }
        }
    }

    /// Name, unit, and value.
    const QUANTITIES: [Quantity; 4] = [
        ("memory", "MiB", |s| s.rss_mib),
        ("open files", "files", |s| s.files),
        ("threads", "threads", |s| s.threads),
        ("latency", "ms", |s| s.latency_ms),
    ];

    /// Least squares over means of [`BLOCK`] samples after the warm-up: the slope an hour and its standard error. `None` for
    /// fewer than six means.
    fn slope(&self, of: fn(&Sample) -> f64) -> Option<(f64, f64)> {
        let warm = (self.all.len() as f64 * WARM_UP) as usize;
        let blocks = self.all[warm..].chunks_exact(BLOCK);
        let points: Vec<(f64, f64)> = blocks
            .map(|block| {
                let n = block.len() as f64;
                let hours = block.iter().map(|s| s.seconds).sum::<f64>() / n / 3600.0;
                (hours, block.iter().map(of).sum::<f64>() / n)
            })
            .collect();
        let n = points.len() as f64;
        if n < 6.0 {
            return None;
        }
        let x = points.iter().map(|p| p.0).sum::<f64>() / n;
        let y = points.iter().map(|p| p.1).sum::<f64>() / n;
        let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
        let residuals: f64 = points
            .iter()
            .map(|p| (p.1 - y - slope * (p.0 - x)).powi(2))
            .sum();
        Some((slope, (residuals / (n - 2.0) / spread).sqrt()))
    }

    /// Without clients no more is open than at the first sample, which had clients.
    pub fn check_open_files(&self) {
        let (first, last) = (self.all.first().unwrap(), self.last.unwrap());
        assert!(last.files <= first.files + 2.0, "{first:?} {last:?}");
        assert!(last.threads <= first.threads + 2.0, "{first:?} {last:?}");
        assert!(last.frames > first.frames, "{first:?} {last:?}");
    }

    /// Growth that a night would show: memory by more than 4 MiB an hour, files and threads by more than one an hour. Each
    /// beyond three standard errors. Latency is only reported: other programs of the machine change it.
    pub fn check_slopes(&self) {
        let limits = [4.0, 1.0, 1.0];
        for ((name, _, of), limit) in Self::QUANTITIES.iter().zip(limits) {
            let (slope, error) = self.slope(*of).expect("more than an hour");
            assert!(slope - 3.0 * error < limit, "{name}: {slope} an hour");
        }
    }
}
