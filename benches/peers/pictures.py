"""Pictures to be painted: what they show makes no difference to the time, but they are to be pictures."""
import numpy as np


def picture(height, width=None, seed=0):
    """u8 (height,width,3): slopes, waves, noise. A square without `width`."""
    rng = np.random.default_rng(seed)
    shape = (height, width or height)
    y, x = np.mgrid[0:shape[0], 0:shape[1]] / max(shape)
    planes = [x * 255, y * 255, 128 + 100 * np.sin(12 * x + seed) * np.cos(9 * y)]
    return (np.stack(planes, -1) + rng.normal(0, 12, (*shape, 3))).clip(0, 255).astype(np.uint8)


def check(name, pastiche):
    """A network that gives no picture was not measured: it was mishandled."""
    pastiche = np.asarray(pastiche, np.float32)
    if not np.isfinite(pastiche).all() or pastiche.std() < 1e-3 * max(1, np.abs(pastiche).max()):
        raise RuntimeError(f'{name} painted nothing but one colour, or no numbers')
