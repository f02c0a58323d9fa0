"""A fixed noise field: the random input from which texture on uniform areas can grow.

The numbers come from a linear congruential generator, so they are the same on every machine. The field is periodic in both
directions and covers pictures of any size. It is anchored to the picture's upper left corner, not to time, so a still scene keeps
its texture. Tiles must start at multiples of `PERIOD * 4` pixels (src/engine/tiles.rs).
"""
import numpy as np
import torch

PERIOD = 64  # cells of 4 pixels: 256 pixels
OCTAVES = (1, 2)  # wavelengths of the coarse channels, in cells; with longer ones a network paints texture in some places only


def white(count, side, seed=13):
    """Gaussian white noise (count,side,side), mean 0 and standard deviation 1."""
    n = count * side * side
    uniform, x = np.empty(2 * n), seed
    for i in range(2 * n):
        x = (x * 6364136223846793005 + 1442695040888963407) & (2 ** 64 - 1)
        uniform[i] = ((x >> 33) + 0.5) / 2 ** 31
    radius, angle = np.sqrt(-2 * np.log(uniform[:n])), 2 * np.pi * uniform[n:]  # Box-Muller
    return (radius * np.cos(angle)).reshape(count, side, side)


def blurred(x, sigma):
    """A periodic Gaussian blur of (C,S,S), rescaled to mean 0 and standard deviation 1."""
    f = np.fft.fftfreq(x.shape[-1])
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (f[:, None] ** 2 + f[None] ** 2))
    y = np.fft.ifft2(np.fft.fft2(x) * kernel).real
    y -= y.mean((1, 2), keepdims=True)
    return y / y.std((1, 2), keepdims=True)


def pixel_noise(period=PERIOD):
    """(4*period,4*period): white noise, one number per pixel."""
    return torch.from_numpy(white(1, 4 * period)[0].astype(np.float32))


def cell_noise(period=PERIOD):
    """(20,period,period) at a quarter of the resolution: the 16 numbers of pixel_noise in each cell, and two channels per octave."""
    fine = white(1, 4 * period)[0].reshape(period, 4, period, 4).transpose(1, 3, 0, 2).reshape(16, period, period)
    coarse = white(2 * len(OCTAVES), period, 29)
    coarse = np.concatenate([blurred(coarse[2 * i:2 * i + 2], 0.5 * s) for i, s in enumerate(OCTAVES)])
    return torch.from_numpy(np.concatenate([fine, coarse]).astype(np.float32))
