"""Initial weights of the compact loss network (common/compact.py): layer-by-layer regression on VGG-19's responses.

Its channels stand for a selection of VGG-19's: each convolution starts as the least-squares map from the layer below to
VGG-19's responses at the selected channels (channel pruning: He et al. 2017, arXiv:1707.06168). No weight of VGG-19 is
copied. A network of this size trained from random weights matches the features of photos but not the gradients, and an
optimisation that uses its gradients leaves the path that VGG-19 would take.
"""
import torch
import torch.nn.functional as F

from export.common import losses
from export.common.compact import POOLED, TAPS, WIDTHS


class Vgg:
    """VGG-19 with average pooling; RGB in 0..1 -> features after the ReLU, by layer."""

    def __init__(self, path):
        self.net = losses.Vgg19(path)

    def __call__(self, x, pre_activation=False):
        """With `pre_activation` also the outputs of the convolutions before the ReLU: (features, pre-activations)."""
        x = (x.flip(1) * 255 - self.net.mean).to(self.net.dtype).contiguous(memory_format=torch.channels_last)
        found, raw, p = {}, {}, self.net.p
        for name in WIDTHS:
            raw[name] = F.conv2d(x, p[f'conv{name}.weight'], p[f'conv{name}.bias'], padding=1)
            found[name] = x = F.relu(raw[name])
            if name in POOLED:
                x = F.avg_pool2d(x, 2)
        return (found, raw) if pre_activation else found


def project(matrix, f):
    """VGG-19's features (B,C,H,W) -> components (B,K,H,W)."""
    return torch.einsum('kc,bchw->bkhw', matrix, f.float())


def second_moments(vgg, pictures, names):
    """Mean of f f^T over all positions of `pictures` (batches of crops), by layer: (C,C) float64."""
    sums = {}
    for x in pictures:
        for name, f in vgg(x).items():
            if name in names:
                f = f.float().flatten(2).transpose(0, 1).flatten(1)  # (C,B*H*W)
                sums[name] = sums.get(name, 0) + (f @ f.T / f.shape[1]).double()
    return {name: s / len(pictures) for name, s in sums.items()}


def components(moments, count):
    """The first `count` principal directions (K,C) of uncentred features, scaled to a mean square of 1."""
    values, vectors = torch.linalg.eigh(moments)
    scale = (count / values[-count:].sum()).sqrt()
    return (vectors[:, -count:].T.flip(0) * scale).float()


def select_channels(moments, count):
    """The channels that explain most of the others' variance: pivoted Cholesky of the second moments."""
    rest, selected = moments.clone(), []
    for _ in range(count):
        gain = rest.square().sum(0) / rest.diagonal().clamp_min(1e-9)
        gain[selected] = -1
        k = int(gain.argmax())
        selected.append(k)
        rest -= torch.outer(rest[:, k], rest[k]) / rest[k, k].clamp_min(1e-9)
    return torch.tensor(selected)


class Regression:
    """Least squares of rows y (N,M) on rows x (N,D) and a constant, accumulated batch by batch."""

    def __init__(self):
        self.xx, self.xy = 0, 0

    def add(self, x, y):
        x = torch.cat([x, torch.ones(len(x), 1)], 1)
        self.xx, self.xy = self.xx + (x.T @ x).double(), self.xy + (x.T @ y).double()

    def solve(self, ridge=1e-4):
        """-> weight (M,D) and bias (M,)."""
        damping = ridge * self.xx.diagonal().mean() * torch.eye(len(self.xx), dtype=self.xx.dtype)
        w = torch.linalg.solve(self.xx + damping, self.xy).T.float()
        return w[:, :-1], w[:, -1]


def rows(f):
    """(B,C,H,W) -> (B*H*W,C)."""
    return f.float().permute(0, 2, 3, 1).flatten(0, 2)


def fit_first_layer(vgg, network, matrix, pictures, steps=500):
    """Train conv1_1 and its tap from random weights, so that no filter of VGG-19 is copied."""
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
def initialise(vgg, network, pictures):
    """Set the weights of `network`; -> (selected channels, their RMS, component matrices of the taps), each by layer.

    `pictures` are batches of crops (B,3,S,S). After the first layer each convolution is a least-squares fit on the outputs of
    the layers before it.
    """
    moments = second_moments(vgg, pictures, list(WIDTHS))
    matrices = {name: components(moments[name], count) for name, count in TAPS.items()}
    selected = {name: select_channels(moments[name], width) for name, width in WIDTHS.items() if name != '1_1'}
    scales = {name: moments[name].diagonal()[k].sqrt().float().clamp_min(1e-3) for name, k in selected.items()}
    with torch.enable_grad():
        fit_first_layer(vgg, network, matrices['1_1'], pictures)
    below = '1_1'
    for name in selected:
        conv_fit, tap_fit, tap_targets = Regression(), Regression(), []
        for x in pictures:
            hidden, (found, raw) = {}, vgg(x, pre_activation=True)
            if name in TAPS:
                tap_targets.append(rows(project(matrices[name], found[name])))
            network(x, below, hidden)
            f = F.avg_pool2d(hidden[below], 2) if below in POOLED else hidden[below]
            patches = F.unfold(f, 3, padding=1).transpose(1, 2).flatten(0, 1)  # (B*H*W,9C)
            sample = torch.randperm(len(patches))[:6000]
            conv_fit.add(patches[sample], rows(raw[name][:, selected[name]])[sample])
        set_weights(network.convs[name], *conv_fit.solve(), scales[name])
        for x, target in zip(pictures, tap_targets):
            hidden = {}
            network(x, name, hidden)
            tap_fit.add(rows(hidden[name]), target)
        if name in TAPS:
            set_weights(network.taps[name], *tap_fit.solve(), torch.ones(TAPS[name]))
        below = name
        print(f'relu{name}: {len(selected[name])} channels initialised', flush=True)
    return selected, scales, matrices


def set_weights(conv, weight, bias, scale):
    conv.weight.copy_((weight / scale[:, None]).view_as(conv.weight))
    conv.bias.copy_(bias / scale)
