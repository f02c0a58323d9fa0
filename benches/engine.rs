//! The engine's stages by themselves: reading a painting, a change of style, painting.
//!
//! `cargo bench --features bench --bench engine`. `impasto bench` measures the same from outside, on every device; here
//! criterion compares with the previous run.
#![allow(clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use image::RgbImage;
use impasto::Device;
use impasto::Engine;
use impasto::video::Frame;
use impasto::video::FrameSource;
use impasto::video::test_card::TestCard;

const SIZES: [(u32, u32); 3] = [(256, 256), (640, 480), (1280, 720)];

fn picture(width: u32, height: u32, number: u64) -> RgbImage {
    let (mut card, mut frame) = (TestCard::new(width, height, 30, false), Frame::empty());
    for _ in 0..=number {
        card.next_frame(&mut frame).unwrap();
    }
    frame.rgb
}

/// On the CPU, so that figures of different machines can be told from figures of different devices.
fn engine(model: &str, threads: usize) -> Engine {
    let builder = Engine::builder().model(model).device(Device::Cpu);
    builder.threads(threads).build().unwrap()
}

/// A painting, at the size that the predictor sees it and at one that has to be shrunk first.
fn embed(c: &mut Criterion) {
    let mut group = c.benchmark_group("embed");
    group.sample_size(10);
    for threads in [1, 2] {
        let mut engine = engine("live", threads);
        for side in [384, 1024] {
            let painting = picture(side, side, 0);
            let id = BenchmarkId::new(format!("{threads} threads"), side);
            group.bench_function(id, |b| b.iter(|| engine.embed(&painting).unwrap()));
        }
    }
    group.finish();
}

/// The head: gammas and betas of an embedding.
fn set_style(c: &mut Criterion) {
    let mut engine = engine("live", 1);
    let styles = [0, 40].map(|n| engine.embed(&picture(384, 384, n)).unwrap());
    assert_ne!(
        styles[0], styles[1],
        "the same style again would cost nothing"
    );
    let mut n = 0;
    c.bench_function("set_style", |b| {
        b.iter(|| {
            n += 1;
            engine.set_style(&styles[n % 2]).unwrap();
        })
    });
}

fn paint(c: &mut Criterion) {
    let mut group = c.benchmark_group("paint");
    group.sample_size(10);
    for model in ["live", "fine"] {
        for threads in [1, 2] {
            let mut engine = engine(model, threads);
            let style = engine.embed(&picture(384, 384, 0)).unwrap();
            engine.set_style(&style).unwrap();
            for (width, height) in SIZES {
                let content = picture(width, height, 0);
                let mut pastiche = RgbImage::new(width, height);
                group.throughput(Throughput::Elements(u64::from(width * height)));
                let id = BenchmarkId::new(
                    format!("{model}, {threads} threads"),
                    format!("{width}x{height}"),
                );
                group.bench_function(id, |b| {
                    b.iter(|| engine.paint(&content, &mut pastiche).unwrap())
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, embed, set_style, paint);
criterion_main!(benches);
