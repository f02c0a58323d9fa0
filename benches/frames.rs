//! The steps outside the networks, each compared with a reference implementation.
//!
//! `cargo bench --features bench --bench frames`
#![allow(clippy::unwrap_used)]

mod plain;

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{ImageFormat, RgbImage};
use impasto::picture::{self, Colors, KeepColors, Limits, Scaler};
use impasto::video::Frame;
use impasto::video::FrameSource;
use impasto::video::test_card::TestCard;
use impasto::{camera, window};
use nokhwa::utils::FrameFormat;

/// What cameras of today give.
const CAMERA: (u32, u32) = (1280, 720);
/// A photo, cut down to a size that a screen shows.
const PHOTO: (u32, u32) = (1920, 1280);

/// A picture with gradients, texture and edges.
fn picture((width, height): (u32, u32)) -> RgbImage {
    let mut frame = Frame::empty();
    TestCard::new(width, height, 30, false)
        .next_frame(&mut frame)
        .unwrap();
    frame.rgb
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Two ways are compared only when they make the same thing, to within `most` levels.
fn agree(ours: &RgbImage, plain: &RgbImage, most: u8) {
    assert_eq!(ours.dimensions(), plain.dimensions());
    let worst = ours.iter().zip(plain.iter()).map(|(a, b)| a.abs_diff(*b));
    let worst = worst.max().unwrap();
    assert!(worst <= most, "{worst} levels apart, more than {most}");
}

fn pixels((width, height): (u32, u32)) -> Throughput {
    Throughput::Elements(u64::from(width) * u64::from(height))
}

/// A photo's file to a picture. Ours keeps limits, honours orientation and survives broken files; the plain one is
/// `image` by itself. Nobody writes an inflate or a DCT by hand first.
fn photo(c: &mut Criterion) {
    let photo = picture(PHOTO);
    let mut group = c.benchmark_group("photo");
    group.throughput(pixels(PHOTO)).sample_size(20);
    for (name, format) in [("jpeg", ImageFormat::Jpeg), ("png", ImageFormat::Png)] {
        let bytes = encoded(&photo, format);
        let ours = || {
            picture::decode(&bytes, Path::new("photo"), &Limits::default())
                .unwrap()
                .rgb
        };
        let plain = || image::load_from_memory(&bytes).unwrap().to_rgb8();
        agree(&ours(), &plain(), 0);
        group.bench_function(format!("{name}/ours"), |b| b.iter(ours));
        group.bench_function(format!("{name}/plain"), |b| b.iter(plain));
    }
    group.finish();
}

/// The photo's colours on a pastiche.
fn colours(c: &mut Criterion) {
    let size = (640, 480);
    let photo = picture(size);
    let pastiche = image::imageops::rotate180(&photo);
    let mut group = c.benchmark_group("colours");
    group.throughput(pixels(size)).sample_size(20);
    for keep in [KeepColors::Luminance, KeepColors::Histogram] {
        let colors = Colors {
            keep,
            ..Colors::default()
        };
        let mut painted = pastiche.clone();
        group.bench_function(format!("{keep}/ours"), |b| {
            b.iter(|| {
                painted.copy_from_slice(&pastiche);
                colors.apply(&photo, &mut painted);
            });
        });
    }
    group.finish();
}

/// What a camera sends to RGB.
fn camera(c: &mut Criterion) {
    let (width, height) = CAMERA;
    let frame = picture(CAMERA);
    let mut group = c.benchmark_group("camera");
    group.throughput(pixels(CAMERA)).sample_size(20);
    let (yuyv, nv12) = (plain::to_yuyv(&frame), plain::to_nv12(&frame));
    let jpeg = encoded(&frame, ImageFormat::Jpeg);
    let by_hand_yuyv = || plain::yuyv(&yuyv, CAMERA);
    let by_hand_nv12 = || plain::nv12(&nv12, CAMERA);
    let by_image = || image::load_from_memory(&jpeg).unwrap().to_rgb8();
    type Plain<'a> = &'a dyn Fn() -> RgbImage;
    let cases: [(&str, FrameFormat, &[u8], Plain); 3] = [
        ("mjpeg", FrameFormat::MJPEG, &jpeg, &by_image),
        ("yuyv", FrameFormat::YUYV, &yuyv, &by_hand_yuyv),
        ("nv12", FrameFormat::NV12, &nv12, &by_hand_nv12),
    ];
    for (name, format, bytes, plain) in cases {
        let mut rgb = RgbImage::new(width, height);
        camera::decode(bytes, format, CAMERA, &mut rgb).unwrap();
        agree(&rgb, &plain(), 4);
        group.bench_function(format!("{name}/ours"), |b| {
            b.iter(|| camera::decode(black_box(bytes), format, CAMERA, &mut rgb).unwrap())
        });
        group.bench_function(format!("{name}/plain"), |b| b.iter(plain));
    }
    group.finish();
}

/// Live's resizing, down and up, and that of photos.
fn resize(c: &mut Criterion) {
    let (large, half) = (CAMERA, (CAMERA.0 / 2, CAMERA.1 / 2));
    let mut group = c.benchmark_group("resize");
    group.throughput(pixels(large)).sample_size(20);
    for (name, from, to) in [("shrink", large, half), ("enlarge", half, large)] {
        let (from, mut into) = (picture(from), RgbImage::new(to.0, to.1));
        let mut scaler = Scaler::default();
        scaler.resize(&from, &mut into).unwrap();
        agree(&into, &plain::resize(&from, to.0, to.1), 2);
        group.bench_function(format!("{name}/ours"), |b| {
            b.iter(|| scaler.resize(black_box(&from), &mut into).unwrap())
        });
        group.bench_function(format!("{name}/plain"), |b| {
            b.iter(|| plain::resize(black_box(&from), to.0, to.1))
        });
    }
    // The same filter by `image`, whose way is the plain one, written well. Ours rounds to bytes between the two
    // directions, which cuts off what Lanczos overshoots at edges.
    let from = picture(large);
    let lanczos = image::imageops::FilterType::Lanczos3;
    let ours = || picture::resize(&from, half.0, half.1).unwrap();
    let plain = || image::imageops::resize(&from, half.0, half.1, lanczos);
    agree(&ours(), &plain(), 8);
    group.bench_function("lanczos/ours", |b| b.iter(ours));
    group.bench_function("lanczos/plain", |b| b.iter(plain));
    group.finish();
}

/// Live's mirror, and the window's pixels.
fn screen(c: &mut Criterion) {
    let frame = picture(CAMERA);
    let mut group = c.benchmark_group("screen");
    group.throughput(pixels(CAMERA)).sample_size(20);

    let mut mirrored = frame.clone();
    image::imageops::flip_horizontal_in_place(&mut mirrored);
    agree(&mirrored, &plain::mirror(&frame), 0);
    group.bench_function("mirror/ours", |b| {
        b.iter(|| image::imageops::flip_horizontal_in_place(black_box(&mut mirrored)))
    });
    group.bench_function("mirror/plain", |b| {
        b.iter(|| plain::mirror(black_box(&frame)))
    });

    let mut packed = Vec::new();
    window::pack(&frame, &mut packed);
    assert_eq!(packed, plain::pack(&frame));
    group.bench_function("pack/ours", |b| {
        b.iter(|| window::pack(black_box(&frame), &mut packed))
    });
    group.bench_function("pack/plain", |b| b.iter(|| plain::pack(black_box(&frame))));
    // The crate that decodes cameras could pack too: 0RGB in memory is B, G, R and a byte that is not looked at.
    let (width, height) = CAMERA;
    let mut bytes = vec![0; packed.len() * 4];
    let mut by_yuv =
        || yuv::rgb_to_bgra(&frame, width * 3, &mut bytes, width * 4, width, height).unwrap();
    group.bench_function("pack/yuv-crate", |b| b.iter(&mut by_yuv));
    let low = |n: usize| u32::from_le_bytes(bytes[4 * n..4 * n + 4].try_into().unwrap());
    assert!((0..packed.len()).all(|n| low(n) & 0x00ff_ffff == packed[n]));
    group.finish();
}

criterion_group!(benches, photo, colours, camera, resize, screen);
criterion_main!(benches);
