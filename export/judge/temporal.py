"""Temporal stability in synthetic video, whose motion is known exactly. The embedding is constant.

still: one scene with camera noise that differs from frame to frame. pan: a window that moves over a photo by whole pixels.
"""
import itertools

import numpy as np

from export.common.pictures import fit

FRAMES = 8
EVERY = 4  # frames, of which one is measured when statistics are smoothed
SIGMA = 0.02  # standard deviation of the camera noise in 0..1, independent for each channel
STEP = (3, 2)  # motion in pixels per frame, right and down; not a multiple of 4, the block size of our transformers
RIM = 16  # pixels at the border that are left out, where new content enters


def still(paint, photo, seed):
    """RMS deviation of the output frames from their mean, divided by that of the input frames; u8 (H,W,3) in and out."""
    rng = np.random.default_rng(seed)
    noisy = [(photo + rng.normal(0, 255 * SIGMA, photo.shape)).round().clip(0, 255).astype(np.uint8) for _ in range(FRAMES)]
    return deviation([paint(f) for f in noisy]) / deviation(noisy)


def deviation(frames):
    frames = np.stack(frames).astype(np.float32)
    return float(np.sqrt(np.square(frames - frames.mean(0)).mean()))


def pan(paint, photo, side):
    """RMS difference, in levels of 255, between a frame and the motion-compensated frame before it."""
    dx, dy = STEP
    travel = (FRAMES - 1) * max(STEP)
    image = fit(photo, side + travel)
    left, top = (image.width - side - travel) // 2, (image.height - side - travel) // 2
    window = lambda t: np.asarray(image.crop((left + t * dx, top + t * dy, left + t * dx + side, top + t * dy + side)))
    made = [paint(window(t)).astype(np.float32) for t in range(FRAMES)]
    inside = slice(RIM, -RIM)
    errors = [before[dy:, dx:] - after[:-dy, :-dx] for before, after in itertools.pairwise(made)]
    return float(np.sqrt(np.mean([np.square(e[inside, inside]).mean() for e in errors])))
