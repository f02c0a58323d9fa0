"""How calm a painter is in video, where the movement is known exactly because we made it. The embedding stays as it is.

still: one scene, and camera noise that differs from frame to frame. pan: a window that moves over a photo by whole pixels.
"""
import numpy as np

from export.common.pictures import fit

FRAMES = 8
EVERY = 4  # frames, of which one is measured where statistics are smoothed
SIGMA = 0.02  # of the camera noise, in 0..1, each channel by itself
STEP = (3, 2)  # pixels right and down from frame to frame: no network that works in blocks of 4 sees the same block twice
RIM = 16  # pixels at the border that are not judged: there a painter sees what has just come in


def still(paint, photo, seed):
    """RMS about their mean of the frames that come out, over that of the frames that go in; u8 in and out."""
    rng = np.random.default_rng(seed)
    noisy = [(photo + rng.normal(0, 255 * SIGMA, photo.shape)).round().clip(0, 255).astype(np.uint8) for _ in range(FRAMES)]
    return unrest([paint(f) for f in noisy]) / unrest(noisy)


def unrest(frames):
    frames = np.stack(frames).astype(np.float32)
    return float(np.sqrt(np.square(frames - frames.mean(0)).mean()))


def pan(paint, photo, side):
    """RMS in levels of 255 between a frame and the one before it, moved to where the scene now is."""
    dx, dy = STEP
    travel = (FRAMES - 1) * max(STEP)
    image = fit(photo, side + travel)
    left, top = (image.width - side - travel) // 2, (image.height - side - travel) // 2
    window = lambda t: np.asarray(image.crop((left + t * dx, top + t * dy, left + t * dx + side, top + t * dy + side)))
    made = [paint(window(t)).astype(np.float32) for t in range(FRAMES)]
    inside = slice(RIM, -RIM)
    errors = [before[dy:, dx:] - after[:-dy, :-dx] for before, after in zip(made, made[1:])]
    return float(np.sqrt(np.mean([np.square(e[inside, inside]).mean() for e in errors])))
