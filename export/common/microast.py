"""MicroAST (Wang et al. 2023, "MicroAST: towards super-fast ultra-resolution arbitrary style transfer") in PyTorch, reimplemented from
the names and shapes of its released weights. It is a peer in benchmarks (benches/peers) and a teacher in training (train/teacher.py).

A painting is encoded once as a `Style`: at two encoder stages mean and standard deviation of every channel, and a weight and a bias
with which a residual block of the decoder combines the output and the input of its convolutions. All padding is by reflection.
"""
import os
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

PARTS = ['content_encoder', 'style_encoder', 'modulator', 'decoder']
EPS = 1e-5


class Style(NamedTuple):
    """The representation of a painting, shallow stage first; every tensor is (1,C,1,1)."""
    means: list
    deviations: list
    weights: list
    biases: list


def moments(x):
    """Mean and standard deviation of every channel, with the unbiased variance: two of (B,C,1,1)."""
    variance, mean = torch.var_mean(x, (2, 3), correction=1, keepdim=True)
    return mean, (variance + EPS).sqrt()


class MicroAST(nn.Module):
    def __init__(self, folder):
        """`folder` contains the four files of the authors' release."""
        super().__init__()
        self.parts = nn.ModuleDict({part: weights(folder, part) for part in PARTS})

    def conv(self, x, part, name, stride=1):
        """A convolution; the number of groups follows from the shapes."""
        layers = self.parts[part]
        weight, bias = layers[name + ':weight'], layers[name + ':bias']
        border = weight.shape[-1] // 2
        x = F.pad(x, [border] * 4, mode='reflect') if border else x
        return F.conv2d(x, weight, bias, stride, groups=x.shape[1] // weight.shape[1])

    def block(self, x, part, name):
        return x + self.conv(F.relu(self.conv(x, part, name + ':conv1')), part, name + ':conv2')

    def encode(self, x, part):
        """(B,3,H,W) in 0..1 -> two of (B,64,H/4,W/4), the second from a deeper stage."""
        for name, stride in [('enc1:0', 1), ('enc1:2', 2), ('enc1:4', 1), ('enc1:6', 2), ('enc1:8', 1)]:
            x = F.relu(self.conv(x, part, name, stride))
        shallow = self.block(x, part, 'enc1:10')
        return [shallow, self.block(shallow, part, 'enc2:0')]

    def encode_style(self, painting):
        """(1,3,H,W) in 0..1 -> its `Style`."""
        stages = self.encode(painting, 'style_encoder')
        signal = lambda kind: [self.conv(x, 'modulator', f'{kind}{k}:0').mean((2, 3), keepdim=True) for k, x in enumerate(stages, 1)]
        means, deviations = zip(*map(moments, stages))
        return Style(list(means), list(deviations), signal('weight'), signal('bias'))

    def paint(self, content, style):
        """(1,3,H,W) in 0..1, H and W multiples of 4 -> the pastiche, not clipped to 0..1."""
        x = self.encode(content, 'content_encoder')[1]
        for name, stage in [('dec1', 1), ('dec2', 0)]:
            mean, deviation = moments(x)
            x = (x - mean) / deviation * style.deviations[stage] + style.means[stage]  # AdaIN (Huang & Belongie 2017, eq. 8)
            combine = lambda before, conv: style.weights[stage] * self.conv(before, 'decoder', conv) + style.biases[stage] * before
            x = x + combine(F.relu(combine(x, name + ':conv1')), name + ':conv2')
        for spread, point in [('dec3:1', 'dec3:3'), ('dec3:6', 'dec3:8')]:
            x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
            x = F.relu(self.conv(F.relu(self.conv(x, 'decoder', spread)), 'decoder', point))
        return self.conv(x, 'decoder', 'dec3:10')

    def forward(self, content, painting):
        return self.paint(content, self.encode_style(painting))


def weights(folder, part):
    """The weights of one part by short names: `enc1:0:weight` for `enc1.0.conv_layer.weight` (torch allows no dots)."""
    path = os.path.join(folder, f'{part}_iter_160000.pth.tar')
    if not os.path.exists(path):
        raise FileNotFoundError(f'{path}: does not exist; name the folder with the four files of MicroAST')
    saved = torch.load(path, map_location='cpu', weights_only=True)
    short = lambda name: name.replace('.conv_layer', '').replace('.', ':')
    return nn.ParameterDict({short(name): nn.Parameter(value.float(), requires_grad=False) for name, value in saved.items()})
