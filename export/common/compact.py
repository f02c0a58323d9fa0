"""The compact loss network: VGG-19's layers to relu5_1 with fewer channels, which replaces VGG-19 in `gatys` and in training."""
import re

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file

from export.common import losses
from export.common.dtype import fast_dtype

# Channels of each convolution, and of each 1x1 output layer.
WIDTHS = {'1_1': 24, '1_2': 32, '2_1': 48, '2_2': 64, '3_1': 96, '3_2': 96, '3_3': 96, '3_4': 96,
          '4_1': 160, '4_2': 160, '4_3': 144, '4_4': 144, '5_1': 160}
TAPS = {'1_1': 32, '2_1': 64, '3_1': 96, '4_1': 128, '4_2': 128, '5_1': 160}
STYLE = ['1_1', '2_1', '3_1', '4_1', '5_1']
CONTENT = '4_2'
POOLED = ['1_2', '2_2', '3_4', '4_4']  # layers followed by average pooling
INPUT = 64.0  # the input, -124..151 for VGG-19, is divided by this


class Compact(torch.nn.Module):
    """RGB (B,3,H,W) in 0..1 -> features by layer: at each layer of TAPS a 1x1 convolution (a tap) of the ReLU's output."""

    def __init__(self):
        super().__init__()
        self.convs, self.taps = torch.nn.ModuleDict(), torch.nn.ModuleDict()
        channels = 3
        for name, width in WIDTHS.items():
            self.convs[name] = torch.nn.Conv2d(channels, width, 3, padding=1)
            channels = width
            if name in TAPS:
                self.taps[name] = torch.nn.Conv2d(width, TAPS[name], 1)
        self.register_buffer('mean', losses.MEAN.flip(1), persistent=False)

    def forward(self, x, until=None, hidden=None):
        """-> {layer: tap}, up to layer `until`; `hidden` (a dict) receives the activations before the taps."""
        x, found = (x * 255 - self.mean) / INPUT, {}
        x = x.contiguous(memory_format=torch.channels_last)
        for name in WIDTHS:
            x = F.relu(self.convs[name](x))
            if hidden is not None:
                hidden[name] = x
            if name in self.taps:
                found[name] = self.taps[name](x)
            if name == until:
                break
            if name in POOLED:
                x = F.avg_pool2d(x, 2)
        return found


class CompactLossNetwork:
    """features.safetensors with the interface of losses.Vgg19; a training step costs a third.

    Optimising pixels against it reaches 0.88 of VGG-19's loss reduction (EXPERIMENTS.md), so VGG-19 ends the schedule.
    """

    def __init__(self, path, device='cpu', dtype=None):
        dtype = dtype or fast_dtype(device)
        self.dtype, self.net = dtype, Compact()
        modules = {'conv': 'convs.', 'relu': 'taps.'}
        state = {re.sub(r'^(conv|relu)', lambda m: modules[m[1]], k): torch.from_numpy(v.astype(np.float32))
                 for k, v in load_file(path).items() if not k.startswith('input.')}
        self.net.load_state_dict(state)
        self.net = self.net.to(device, dtype, memory_format=torch.channels_last).requires_grad_(False)

    def features(self, x, last=5):
        """As Vgg19.features: x (B,3,H,W) RGB in 0..1 -> ([relu1_1 .. relu5_1], relu4_2)."""
        found = self.net(x.to(self.dtype), None if last == 5 else CONTENT)
        return [found[k] for k in STYLE if k in found], found[CONTENT]
