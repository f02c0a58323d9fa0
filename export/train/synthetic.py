"""Generated training pictures: flat swatches as styles, smooth surfaces as photos."""
import math
import random

import numpy as np
import torch


def axes(size):
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    return y, x


def waves(g, size, n):
    """A sum of n random plane waves (size,size), standard deviation about 1."""
    y, x = axes(size)
    out = np.zeros((size, size), np.float32)
    for _ in range(n):
        f, d, p = g.uniform(0.3, 3), g.uniform(0, math.pi), g.uniform(0, 2 * math.pi)
        out += np.cos(2 * math.pi * f / size * (x * math.cos(d) + y * math.sin(d)) + p)
    return out * (2 / n) ** 0.5


def smooth(seed, size):
    """A surface without edges, like a wall or a sky, quantised to 8 bits: (3,size,size)."""
    g = random.Random(seed)
    a = np.stack([g.uniform(0.2, 0.8) + g.uniform(0.02, 0.2) * waves(g, size, 4) for _ in range(3)])
    if g.random() < 0.5:  # low saturation
        a = 0.8 * a.mean(0, keepdims=True) + 0.2 * a
    return torch.from_numpy((a.clip(0, 1) * 255).round().astype(np.float32) / 255)


def swatch(seed, size):
    """Flat colours in cells, stripes, dots, blots, strokes or checks, with or without outlines: (3,size,size)."""
    g = random.Random(seed)
    n = np.random.default_rng(seed)
    y, x = axes(size)
    base = np.array([g.random() for _ in range(3)])
    palette = [np.clip(base * g.uniform(0, 1) + g.uniform(0, 1) * np.array([g.random() for _ in range(3)]), 0, 1)
               for _ in range(g.randint(2, 6))]
    palette = np.array(palette, np.float32)
    scale, kind = g.uniform(0.03, 0.2) * size, g.choice(['cells', 'stripes', 'dots', 'blots', 'strokes', 'checks'])
    d = g.uniform(0, math.pi)
    u, v = x * math.cos(d) + y * math.sin(d), y * math.cos(d) - x * math.sin(d)
    wobble = g.choice([0, 0.3, 1.5]) * scale
    u, v = u + wobble * waves(g, size, 6), v + wobble * waves(g, size, 6)
    line = np.full((size, size), 9.0)
    if kind == 'cells':
        k = max(6, min(160, int((size / scale) ** 2 / 2)))
        p = n.random((k, 2)) * size
        dist = np.hypot(y[None] - p[:, 0, None, None], x[None] - p[:, 1, None, None])
        near = np.sort(dist, 0)[:2] if k < 60 else np.partition(dist, 1, 0)[:2]
        index, line = dist.argmin(0), near[1] - near[0]
    elif kind == 'stripes':
        index, line = np.floor(u / scale).astype(int), np.abs((u / scale) % 1 - 0.5) * 2 * scale
    elif kind == 'checks':
        index = np.floor(u / scale).astype(int) + 3 * np.floor(v / scale).astype(int)
    elif kind == 'dots':
        r = np.hypot((u / scale) % 1 - 0.5, (v / scale) % 1 - 0.5)
        index, line = (r < g.uniform(0.15, 0.45)).astype(int), np.full((size, size), 9.0)
    else:
        w = n.standard_normal((size, size))
        fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None]
        a, b = fx * math.cos(d) + fy * math.sin(d), fy * math.cos(d) - fx * math.sin(d)
        long = scale * (0.5 if kind == 'blots' else 2.0)
        short = scale * (0.5 if kind == 'blots' else 0.15)
        w = np.fft.ifft2(np.fft.fft2(w) * np.exp(-20 * ((a * long) ** 2 + (b * short) ** 2))).real
        index = np.floor((w - w.min()) / (np.ptp(w) + 1e-9) * 3.999 * g.randint(1, 3)).astype(int)
    out = palette[index % len(palette)]
    if g.random() < 0.4:
        out = np.where((line < g.uniform(1, 5))[..., None], np.float32(g.choice([0.05, 0.95])), out)
    out = out + g.choice([0, 0.02, 0.06]) * n.standard_normal((size, size, 1))
    return torch.from_numpy(out.clip(0, 1).astype(np.float32)).permute(2, 0, 1).contiguous()
