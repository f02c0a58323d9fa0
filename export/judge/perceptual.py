"""Perceptual distance from photo to pastiche: LPIPS (Zhang et al. 2018, eq. 1), version 0.1, on SqueezeNet 1.1.

The linear layers of LPIPS (one weight a channel) were fitted to torchvision's SqueezeNet weights. With those in the folder this is
LPIPS. The weights that SqueezeNet's authors released (the common ONNX file) have other channels, for which the fitted weights are
meaningless. With them all channels weigh the same, the paper's uncalibrated baseline: valid for comparing painters with each other,
not with published LPIPS.
"""
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F

HEADS = 'lpips_squeeze_v0.1.pth'
FIRES = range(2, 10)  # numbers of the fire modules; in torchvision's weights they are:
TORCHVISION = dict(zip(FIRES, (3, 4, 6, 7, 9, 10, 11, 12)))
POOLED = (1, 3, 5)  # followed by max pooling
COMPARED = (1, 3, 5, 6, 7, 8, 9)
PARTS = ('squeeze1x1', 'expand1x1', 'expand3x3')
BGR_MEAN = (103.939, 116.779, 123.68)
TORCH_MEAN, TORCH_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Distance:
    """distance(photo, pastiche) of two tensors (1,3,H,W) in 0..1; `kind` is the name of the distance."""

    def __init__(self, folder):
        fitted = sorted(glob.glob(os.path.join(folder, 'squeezenet1_1*.pth')))
        released = sorted(glob.glob(os.path.join(folder, 'SqueezeNet*.onnx')))
        heads = os.path.join(folder, HEADS)
        column = lambda v: torch.tensor(v).view(1, 3, 1, 1)
        if fitted and os.path.exists(heads):
            self.kind, self.convs = 'LPIPS (squeeze, v0.1)', from_torchvision(fitted[0])
            found = torch.load(heads, map_location='cpu', weights_only=True)
            self.heads = [found[f'lin{i}.model.1.weight'].float() for i in range(len(COMPARED))]
            self.preprocess = lambda x: (x - column(TORCH_MEAN)) / column(TORCH_STD)
        elif released:
            self.kind, self.convs, self.heads = 'SqueezeNet distance', from_onnx(released[0]), None
            self.preprocess = lambda x: x.flip(1) * 255 - column(BGR_MEAN)
        else:
            raise SystemExit(f'{folder}: neither {HEADS} with squeezenet1_1*.pth of torchvision, nor SqueezeNet*.onnx; see perceptual.py')

    def features(self, x):
        """Features of the compared layers, normalised to unit length over the channels at each position."""
        conv = lambda x, name, **k: F.relu(F.conv2d(x, *self.convs[name], **k))
        x, found = conv(self.preprocess(x), 'conv1', stride=2), []
        for i in (1, *FIRES):
            if i > 1:
                s = conv(x, f'fire{i}/squeeze1x1')
                x = torch.cat([conv(s, f'fire{i}/expand1x1'), conv(s, f'fire{i}/expand3x3', padding=1)], 1)
            if i in COMPARED:
                found.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
            if i in POOLED:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return found

    def __call__(self, photo, pastiche):
        squares = [(a - b).square() for a, b in zip(self.features(photo), self.features(pastiche))]
        if self.heads is not None:
            squares = [s * h for s, h in zip(squares, self.heads)]
        return sum(s.sum(1).mean().item() for s in squares)


def from_onnx(path):
    import onnx
    from onnx import numpy_helper
    found = {i.name: torch.from_numpy(numpy_helper.to_array(i).astype(np.float32)) for i in onnx.load(path).graph.initializer}
    names = ['conv1', *(f'fire{i}/{part}' for i in FIRES for part in PARTS)]
    return {n: pick(path, found, f'{n}_w_0', f'{n}_b_0') for n in names}


def from_torchvision(path):
    found = torch.load(path, map_location='cpu', weights_only=True)
    pair = lambda at: pick(path, found, f'{at}.weight', f'{at}.bias')
    theirs = dict(zip(PARTS, ('squeeze', 'expand1x1', 'expand3x3')))
    return {'conv1': pair('features.0'),
            **{f'fire{i}/{ours}': pair(f'features.{TORCHVISION[i]}.{name}') for i in FIRES for ours, name in theirs.items()}}


def pick(path, found, *names):
    missing = [n for n in names if n not in found]
    if missing:
        raise SystemExit(f'{path}: has no {missing[0]}; this is not SqueezeNet 1.1')
    return [found[n].float() for n in names]
