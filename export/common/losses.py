"""The perceptual losses: content and style terms of Gatys et al. (2016, eqs. 1 and 3 to 5) on VGG-19, as relative errors.

Content: |F - P|^2 / |P|^2; style: |G - A|_F^2 / |A|_F^2 for each layer. The division makes paintings comparable, whose Gram
matrices differ by orders of magnitude. The same errors are reported by the evaluation (judge/yardstick.py).
"""
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file

from export.common.winograd import ConvolutionRelu, frozen_dtype

BLOCKS = [2, 2, 4, 4, 1]  # convolutions used of each block; conv5_1 is the last
STYLE_LAYERS = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1']
CONTENT_LAYER = 'relu4_2'
BORDER = 8  # pixels by which a pastiche is extended before VGG-19 sees it
MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)  # BGR, 0..255


class Vgg19:
    """VGG-19's convolutions with max pooling, frozen. `weights`: a file or {name: array}; `dtype`: the fastest of the device."""

    def __init__(self, weights, device='cpu', dtype=None):
        dtype = dtype or frozen_dtype(device)
        self.dtype, self.mean = dtype, MEAN.to(device)
        self.p = {}
        for k, v in (weights if isinstance(weights, dict) else load_file(weights)).items():
            v = torch.from_numpy(v.astype(np.float32)).to(device, dtype)
            self.p[k] = v.contiguous(memory_format=torch.channels_last) if v.dim() == 4 else v
        layers = [(k[4:-7], v, self.p[k[:-6] + 'bias']) for k, v in self.p.items() if k.endswith('weight')]
        self.fast = {name: ConvolutionRelu(w, b) for name, w, b in layers if ConvolutionRelu.serves(w)}
        channels = lambda name: len(self.p[f'conv{name}.bias'])
        self.style_channels, self.content_channels = [channels(f'{b}_1') for b in range(1, 6)], channels('4_2')

    def features(self, x, last=5, tap=None):
        """x (B,3,H,W) RGB in 0..1 -> ([relu1_1 .. relu5_1], relu4_2); `last` = 4 stops after relu4_2.

        `tap` (taps.py) makes of relu1_1 .. relu5_1 what goes on through the network, and what is returned instead."""
        x = (x.flip(1) * 255 - self.mean).to(self.dtype).contiguous(memory_format=torch.channels_last)
        style, content = [], None
        for b, n in enumerate(BLOCKS[:last], 1):
            for i in range(1, n + 1):
                if last == 4 and b == 4 and i > 2:
                    break
                name = f'{b}_{i}'
                if name in self.fast:
                    x = self.fast[name](x)
                else:
                    x = F.relu(F.conv2d(x, self.p[f'conv{name}.weight'], self.p[f'conv{name}.bias'], padding=1))
                if i == 1:
                    x, found = tap(x, b) if tap else (x, x)
                    style.append(found)
                if (b, i) == (4, 2):
                    content = x
            if b < 5:
                x = F.max_pool2d(x, 2)
        return style, content


def padded_features(loss_network, x, last=5):
    """Features of a pastiche that is first extended by reflection, so that the loss network's zero padding lies outside it.

    A transformer trained without this draws a frame at the border.
    -> ([relu1_1 .. relu5_1], relu4_2), cropped back to the picture where the stride allows (not at relu5_1).
    """
    style, content = loss_network.features(F.pad(x, (BORDER,) * 4, mode='reflect'), last)
    crop = lambda f, n: f[:, :, n:-n, n:-n] if n else f
    return [crop(f, BORDER >> k) if k < 4 else f for k, f in enumerate(style)], crop(content, BORDER >> 3)


def gram(f):
    """(B,C,H,W) -> (B,C,C) float32: F F^T / (H W)."""
    f = f.permute(0, 2, 3, 1).flatten(1, 2)  # (B,HW,C), contiguous in channels_last
    return torch.bmm(f.transpose(1, 2), f).float() / f.shape[1]


def soft_cap(e, cap=3.0, slope=0.1):
    """Reduces the gradient of errors above `cap`, so that one outlier does not dominate the batch."""
    return torch.where(e < cap, e, cap + slope * (e - cap))


def style_errors(features, grams):
    """Relative error of the Gram matrices, by layer and picture: (5,B)."""
    return gram_errors([gram(f) for f in features], grams)


def gram_errors(found, wanted):
    """Relative errors of Gram matrices (B,C,C), by layer and picture: (5,B)."""
    errors = []
    for g, a in zip(found, wanted):
        a = a.float()
        errors.append((g - a).square().sum((1, 2)) / a.square().sum((1, 2)).clamp_min(1e-6))
    return torch.stack(errors)


def content_error(f, p, rim=2):
    """Relative content error, without `rim` cells at the border, where the target contains zero padding: (B,)."""
    inside = lambda t: t[:, :, rim:t.shape[2] - rim, rim:t.shape[3] - rim]
    f, p = inside(f), inside(p).float()
    return (f.float() - p).square().sum((1, 2, 3)) / p.square().sum((1, 2, 3)).clamp_min(1e-6)


def total_variation(y):
    """Mean squared difference of neighbouring pixels: scalar."""
    return (y[:, :, 1:] - y[:, :, :-1]).square().mean() + (y[:, :, :, 1:] - y[:, :, :, :-1]).square().mean()


def grid_error(y):
    """Checkerboard artefacts with a period of 2, 4 or 8 pixels: variance of the mean 8x8 block of the high-passed luminance, scalar."""
    y = (y * y.new_tensor([.299, .587, .114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    k = 13
    h = (y - F.avg_pool2d(F.pad(y, (k // 2,) * 4, mode='reflect'), k, 1))[:, :, 8:-8, 8:-8]
    n, m = h.shape[2] // 8 * 8, h.shape[3] // 8 * 8
    b = h[:, 0, :n, :m].reshape(len(y), n // 8, 8, m // 8, 8).mean((1, 3))
    return (b - b.mean((1, 2), keepdim=True)).square().mean()
