"""The compact feature network: VGG-19's form with fewer channels, begun by regression on VGG-19's responses.

Its channels stand for a choice of VGG-19's: each convolution begins as the least-squares map from what the layer below
gives to what VGG-19 gives at the channels chosen (channel pruning: He et al. 2017, arXiv:1707.06168).  No number of
VGG-19's is copied.  A network of the same size that learns VGG-19's features from nothing has the features on photos,
but gradients of its own, and an optimisation that follows them leaves VGG-19's way at once.
"""
import re

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file

import losses

# Channels kept of each convolution, and components at each layer that is offered.
WIDTHS = {'1_1': 24, '1_2': 32, '2_1': 48, '2_2': 64, '3_1': 96, '3_2': 96, '3_3': 96, '3_4': 96,
          '4_1': 160, '4_2': 160, '4_3': 144, '4_4': 144, '5_1': 160}
TAPS = {'1_1': 32, '2_1': 64, '3_1': 96, '4_1': 128, '4_2': 128, '5_1': 160}
STYLE = ['1_1', '2_1', '3_1', '4_1', '5_1']
CONTENT = '4_2'
LAST = ['1_2', '2_2', '3_4', '4_4']  # average pooling comes after these
INPUT = 64.0  # VGG-19 sees -124..151; the compact network this much less


class Vgg:
    """VGG-19 with average pooling, in bfloat16; RGB in 0..1 -> features after the ReLU, by layer."""

    def __init__(self, path):
        self.net = losses.Vgg19(path)

    def __call__(self, x, before=False):
        """With `before` also what each convolution gives before the ReLU."""
        x = (x.flip(1) * 255 - self.net.mean).to(self.net.dtype).contiguous(memory_format=torch.channels_last)
        found, raw, p = {}, {}, self.net.p
        for name in WIDTHS:
            raw[name] = F.conv2d(x, p[f'conv{name}.weight'], p[f'conv{name}.bias'], padding=1)
            found[name] = x = F.relu(raw[name])
            if name in LAST:
                x = F.avg_pool2d(x, 2)
        return (found, raw) if before else found


class Compact(torch.nn.Module):
    """The same shape, narrower, with a combination of channels at each layer that is offered."""

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
        """-> what is offered, by layer; `hidden` (a dict) receives the channels themselves."""
        x, found = (x * 255 - self.mean) / INPUT, {}
        x = x.contiguous(memory_format=torch.channels_last)
        for name in WIDTHS:
            x = F.relu(self.convs[name](x))
            if hidden is not None:
                hidden[name] = x
            if name in TAPS:
                found[name] = self.taps[name](x)
            if name == until:
                break
            if name in LAST:
                x = F.avg_pool2d(x, 2)
        return found


class CompactJudge:
    """The compact feature network of `gatys` (features.safetensors) in VGG-19's place: a third of the price of a step.

    A pastiche that it leads goes 0.88 of VGG-19's way (EXPERIMENTS.md); VGG-19 has the last word of a schedule."""

    def __init__(self, path, device='cpu', dtype=torch.bfloat16):
        self.dtype, self.net = dtype, Compact()
        named = {'conv': 'convs.', 'relu': 'taps.'}
        state = {re.sub(r'^(conv|relu)', lambda m: named[m[1]], k): torch.from_numpy(v.astype(np.float32))
                 for k, v in load_file(path).items() if not k.startswith('input.')}
        self.net.load_state_dict(state)
        self.net = self.net.to(device, dtype, memory_format=torch.channels_last).requires_grad_(False)

    def features(self, x, last=5):
        """As Vgg19.features: x (B,3,H,W) RGB in 0..1 -> ([relu1_1 .. relu5_1], relu4_2)."""
        found = self.net(x.to(self.dtype), None if last == 5 else '4_2')
        return [found[k] for k in ('1_1', '2_1', '3_1', '4_1', '5_1') if k in found], found['4_2']


def project(matrix, f):
    """VGG-19's features (B,C,H,W) -> components (B,K,H,W)."""
    return torch.einsum('kc,bchw->bkhw', matrix, f.float())


def second_moments(vgg, pictures, names):
    """Mean of f f^T over all places of `pictures` (batches of crops), by layer: (C,C) float64."""
    sums = {}
    for x in pictures:
        for name, f in vgg(x).items():
            if name in names:
                f = f.float().flatten(2).transpose(0, 1).flatten(1)
                sums[name] = sums.get(name, 0) + (f @ f.T / f.shape[1]).double()
    return {name: s / len(pictures) for name, s in sums.items()}


def components(moments, keep):
    """The `keep` principal directions (K,C) of features that are not centred, scaled to a mean square of 1."""
    values, vectors = torch.linalg.eigh(moments)
    scale = (keep / values[-keep:].sum()).sqrt()
    return (vectors[:, -keep:].T.flip(0) * scale).float()


def choose(moments, keep):
    """The channels that tell most of the others: pivoted Cholesky of their second moments."""
    rest, chosen = moments.clone(), []
    for _ in range(keep):
        gain = rest.square().sum(0) / rest.diagonal().clamp_min(1e-9)
        gain[chosen] = -1
        k = int(gain.argmax())
        chosen.append(k)
        rest -= torch.outer(rest[:, k], rest[k]) / rest[k, k].clamp_min(1e-9)
    return torch.tensor(chosen)


class Regression:
    """Least squares of rows y (N,M) on rows x (N,D) and a constant, gathered batch by batch."""

    def __init__(self):
        self.xx, self.xy = 0, 0

    def add(self, x, y):
        x = torch.cat([x, torch.ones(len(x), 1)], 1)
        self.xx, self.xy = self.xx + (x.T @ x).double(), self.xy + (x.T @ y).double()

    def solve(self, ridge=1e-4):
        """-> (M,D) and (M,)."""
        damp = ridge * self.xx.diagonal().mean() * torch.eye(len(self.xx), dtype=self.xx.dtype)
        w = torch.linalg.solve(self.xx + damp, self.xy).T.float()
        return w[:, :-1], w[:, -1]


def rows(f):
    return f.float().permute(0, 2, 3, 1).flatten(0, 2)


def first(vgg, network, matrix, pictures, steps=500):
    """conv1_1 and what is offered there, learnt from random filters: the only ones that could be copied are not."""
    conv, tap = network.convs['1_1'], network.taps['1_1']
    optimizer = torch.optim.Adam([*conv.parameters(), *tap.parameters()], 1e-2)
    for step in range(steps):
        optimizer.param_groups[0]['lr'] = 1e-2 * (1 - step / steps)
        x = pictures[step % len(pictures)][:, :, :64, :64]
        with torch.no_grad():
            target = project(matrix, vgg(x)['1_1'])
        loss = (network(x, '1_1')['1_1'] - target).square().mean() / target.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f'relu1_1: relative error {loss.item():.3f}', flush=True)


@torch.no_grad()
def begin(vgg, network, pictures):
    """Give `network` its first weights; -> (channels kept, their sizes, matrices of what is offered), by layer.

    `pictures` are batches of crops.  Behind the first layer everything is least squares, on what the layers below give.
    """
    moments = second_moments(vgg, pictures, list(WIDTHS))
    matrices = {name: components(moments[name], keep) for name, keep in TAPS.items()}
    kept = {name: choose(moments[name], width) for name, width in WIDTHS.items() if name != '1_1'}
    sizes = {name: moments[name].diagonal()[k].sqrt().float().clamp_min(1e-3) for name, k in kept.items()}
    with torch.enable_grad():
        first(vgg, network, matrices['1_1'], pictures)
    below = '1_1'
    for name in kept:
        fit, offered, wanted = Regression(), Regression(), []
        for x in pictures:
            hidden, (found, raw) = {}, vgg(x, before=True)
            if name in TAPS:
                wanted.append(rows(project(matrices[name], found[name])))
            network(x, below, hidden)
            f = F.avg_pool2d(hidden[below], 2) if below in LAST else hidden[below]
            patches = F.unfold(f, 3, padding=1).transpose(1, 2).flatten(0, 1)
            few = torch.randperm(len(patches))[:6000]
            fit.add(patches[few], rows(raw[name][:, kept[name]])[few])
        put(network.convs[name], *fit.solve(), sizes[name])
        for x, target in zip(pictures, wanted):
            hidden = {}
            network(x, name, hidden)
            offered.add(rows(hidden[name]), target)
        if name in TAPS:
            put(network.taps[name], *offered.solve(), torch.ones(TAPS[name]))
        below = name
        print(f'relu{name}: {len(kept[name])} channels begun', flush=True)
    return kept, sizes, matrices


def put(conv, weight, bias, size):
    conv.weight.copy_((weight / size[:, None]).view_as(conv.weight))
    conv.bias.copy_(bias / size)
