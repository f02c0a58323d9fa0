#!/usr/bin/env python3
"""Train the compact feature network that stands in for VGG-19 in `gatys` and `verify`, where VGG-19 is not installed.

  train_features.py --content DIR --styles DIR --vgg FILE --out RUN --minutes 30
  train_features.py --export RUN/checkpoint.pt --models ../models      writes features.safetensors and the manifest

At every layer that it offers it is to give the principal components of VGG-19's own features there (with average
pooling, after the ReLU, not centred): their Gram matrices and distances are then VGG-19's, as far as so many numbers
can hold them.  Two thirds of the pictures that it sees are its own adversaries: pictures half-way through an
optimisation against itself, where a network that was taught on photos alone is led astray.
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

import losses
import manifest
from data import Crops

# Channels of the convolutions of each block, and components at each layer that is offered.
WIDTHS = {'1': [24, 24], '2': [48, 48], '3': [96, 96, 96], '4': [160, 160], '5': [192]}
TAPS = {'1_1': 32, '2_1': 64, '3_1': 96, '4_1': 128, '4_2': 128, '5_1': 160}
STYLE = ['1_1', '2_1', '3_1', '4_1', '5_1']
CONTENT = '4_2'
VGG_CONVS = [2, 2, 4, 4, 1]
POOL = 12  # pictures that are being optimised at any time


class Vgg:
    """VGG-19 with average pooling, in bfloat16; RGB in 0..1."""

    def __init__(self, path):
        self.net = losses.Vgg19(path)

    def __call__(self, x):
        x = (x.flip(1) * 255 - self.net.mean).to(self.net.dtype).contiguous(memory_format=torch.channels_last)
        found, p = {}, self.net.p
        for b, n in enumerate(VGG_CONVS, 1):
            for i in range(1, n + 1):
                x = F.relu(F.conv2d(x, p[f'conv{b}_{i}.weight'], p[f'conv{b}_{i}.bias'], padding=1))
                if f'{b}_{i}' in TAPS:
                    found[f'{b}_{i}'] = x
            if b < 5:
                x = F.avg_pool2d(x, 2)
        return found


class Compact(torch.nn.Module):
    """The same shape, narrower: convolutions in five blocks, and a combination of channels at each layer offered."""

    def __init__(self):
        super().__init__()
        self.convs, self.taps = torch.nn.ModuleDict(), torch.nn.ModuleDict()
        channels = 3
        for b, widths in WIDTHS.items():
            for i, width in enumerate(widths, 1):
                self.convs[f'{b}_{i}'] = torch.nn.Conv2d(channels, width, 3, padding=1)
                torch.nn.init.kaiming_normal_(self.convs[f'{b}_{i}'].weight, nonlinearity='relu')
                channels = width
                if f'{b}_{i}' in TAPS:
                    self.taps[f'{b}_{i}'] = torch.nn.Conv2d(width, TAPS[f'{b}_{i}'], 1)

    def forward(self, x):
        x, found = x * 4 - 2, {}
        for b, widths in WIDTHS.items():
            for i in range(1, len(widths) + 1):
                x = F.relu(self.convs[f'{b}_{i}'](x))
                if f'{b}_{i}' in TAPS:
                    found[f'{b}_{i}'] = self.taps[f'{b}_{i}'](x)
            if b != '5':
                x = F.avg_pool2d(x, 2)
        return found


def components(vgg, crops, count=40):
    """For each layer the matrix (K,C) of the principal directions of its features, scaled to a mean square of 1."""
    sums = {}
    with torch.no_grad():
        for _ in range(count):
            for name, f in vgg(next(crops)).items():
                f = f.float().flatten(2).transpose(0, 1).flatten(1)
                sums[name] = sums.get(name, 0) + f @ f.T / f.shape[1]
    found = {}
    for name, s in sums.items():
        values, vectors = torch.linalg.eigh(s.double() / count)
        keep = TAPS[name]
        kept = values[-keep:].sum() / values.sum()
        scale = (keep / values[-keep:].sum()).sqrt()
        found[name] = (vectors[:, -keep:].T.flip(0) * scale).float()
        print(f'relu{name}: {keep} components hold {100 * kept:.1f} % of the energy', flush=True)
    return found


def project(matrix, f):
    """VGG-19's features (B,C,H,W) -> components (B,K,H,W)."""
    return torch.einsum('kc,bchw->bkhw', matrix, f.float())


def loss_of(made, wanted):
    """Relative errors of the features, and of their Gram matrices, summed over the layers."""
    total, seen = 0, {}
    for name, target in wanted.items():
        f = made[name]
        feature = (f - target).square().mean((1, 2, 3)) / target.square().mean((1, 2, 3)).clamp_min(1e-3)
        g, a = losses.gram(f), losses.gram(target)
        gram = (g - a).square().sum((1, 2)) / a.square().sum((1, 2)).clamp_min(1e-6)
        total = total + feature.clamp(max=4).mean() + gram.clamp(max=4).mean()
        seen[name] = (feature.mean().item(), gram.mean().item())
    return total, seen


def batches(crops, count):
    """Random crops for ever, `count` at a time."""
    while True:
        yield torch.stack([crops[np.random.randint(len(crops))] for _ in range(count)])


class Adversaries:
    """Pictures that are optimised against the network, a little at a time."""

    def __init__(self, photos, paintings, size):
        self.photos, self.paintings, self.size = photos, paintings, size
        self.at = [self.start() for _ in range(POOL)]

    def start(self):
        photo, painting = next(self.photos)[:1], next(self.paintings)[:1]
        kind = np.random.rand()
        noise = (torch.rand(1, 3, self.size, self.size) - 0.5) * np.random.rand() + 0.5
        x = photo.clone() if kind < 0.5 else noise if kind < 0.8 else 0.5 * photo + 0.5 * noise
        return {'x': x, 'photo': photo, 'painting': painting, 'm': torch.zeros_like(x), 'v': torch.zeros_like(x), 't': 0,
                'weight': float(np.exp(np.random.uniform(0, 3))), 'life': int(np.random.randint(5, 120))}

    def step(self, network, count):
        """Move `count` of them by a few steps of Adam; -> their pictures (count,3,H,W)."""
        chosen = np.random.choice(POOL, count, replace=False)
        rows = [self.at[k] for k in chosen]
        x = torch.cat([r['x'] for r in rows])
        with torch.no_grad():
            wanted_style = network(torch.cat([r['painting'] for r in rows]))
            wanted_content = network(torch.cat([r['photo'] for r in rows]))[CONTENT]
        grams = [losses.gram(wanted_style[n]) for n in STYLE]
        weights = torch.tensor([r['weight'] for r in rows])
        for _ in range(2):
            x = x.detach().requires_grad_()
            made = network(x)
            style = torch.stack([(losses.gram(made[n]) - a).square().sum((1, 2)) / a.square().sum((1, 2)) for n, a in zip(STYLE, grams)])
            content = (made[CONTENT] - wanted_content).square().sum((1, 2, 3)) / wanted_content.square().sum((1, 2, 3))
            g, = torch.autograd.grad((content + weights * style.mean(0)).sum(), x)
            x = x.detach()
            for k, r in enumerate(rows):
                r['t'] += 1
                r['m'] = 0.9 * r['m'] + 0.1 * g[k:k + 1]
                r['v'] = 0.99 * r['v'] + 0.01 * g[k:k + 1].square()
                step = (r['m'] / (1 - 0.9 ** r['t'])) / ((r['v'] / (1 - 0.99 ** r['t'])).sqrt() + 1e-8)
                x[k:k + 1] = (x[k:k + 1] - 0.03 * step).clamp(0, 1)
        for k, (place, r) in enumerate(zip(chosen, rows)):
            r['x'] = x[k:k + 1].clone()
            r['life'] -= 1
            if r['life'] <= 0:
                self.at[place] = self.start()
        return x


def train(o):
    torch.manual_seed(o.seed)
    np.random.seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    photos = batches(Crops(o.content, o.size, 8, (1.0, 2.0), False, o.seed), o.batch // 6)
    paintings = batches(Crops(o.styles, o.size, 8, (1.0, 2.0), True, o.seed + 1), o.batch // 6)
    mixed = (torch.cat([next(photos), next(paintings)]) for _ in iter(int, 1))
    vgg, network = Vgg(o.vgg), Compact().to(memory_format=torch.channels_last)
    path = os.path.join(o.out, 'checkpoint.pt')
    spent, step, average = 0, 0, None
    optimizer = torch.optim.AdamW(network.parameters(), lr=o.lr, weight_decay=1e-4)
    if os.path.exists(path):
        kept = torch.load(path, weights_only=True)
        network.load_state_dict(kept['network'])
        optimizer.load_state_dict(kept['optimizer'])
        matrices, spent, step, average = kept['matrices'], kept['spent'], kept['step'], kept['average']
    else:
        matrices = components(vgg, mixed)
    adversaries = Adversaries(photos, paintings, o.size)
    began = saved = time.time()

    def save():
        torch.save({'network': network.state_dict(), 'optimizer': optimizer.state_dict(), 'matrices': matrices, 'average': average,
                    'spent': spent + time.time() - began, 'step': step}, path + '.part')
        os.replace(path + '.part', path)

    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in optimizer.param_groups:
            group['lr'] = o.lr * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        pictures = torch.cat([next(mixed), adversaries.step(network, o.batch - 2 * (o.batch // 6))])
        with torch.no_grad():
            wanted = {name: project(matrices[name], f) for name, f in vgg(pictures).items()}
        total, seen = loss_of(network(pictures.contiguous(memory_format=torch.channels_last)), wanted)
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        step += 1
        state = network.state_dict()
        decay = min(0.995, (step + 1) / (step + 10))
        average = {k: v.clone() for k, v in state.items()} if average is None else {
            k: average[k].lerp(v, 1 - decay) for k, v in state.items()}
        if step % 25 == 0:
            words = ' '.join(f'{n} {f:.3f}/{g:.3f}' for n, (f, g) in seen.items())
            print(f'step {step} min {(spent + time.time() - began) / 60:.1f} loss {total.item():.3f} {words}', flush=True)
        if time.time() - saved > 180:
            save()
            saved = time.time()
    save()


def export(checkpoint, models):
    """The averaged weights as safetensors in float16, as src/gatys/network.rs reads them, and their sha256."""
    file = os.path.join(models, 'features.safetensors')
    kept = torch.load(checkpoint, weights_only=True)
    tensors = {'input.scale': np.full(3, 4, np.float16), 'input.offset': np.full(3, -2, np.float16)}
    for key, value in kept['average'].items():
        kind, name, part = key.split('.')
        prefix = 'conv' if kind == 'convs' else 'relu'
        tensors[f'{prefix}{name}.{part}'] = value.numpy().astype(np.float16)
    save_file(tensors, file, metadata={'producer': 'impasto', 'steps': str(kept['step'])})
    place = os.path.join(models, 'models.toml')
    found = manifest.read(place)
    found['features'] = manifest.file_entry(models, 'features.safetensors')
    # Before the models, as tables of tables come last in such a file.
    found['model'] = found.pop('model')
    manifest.write(place, found)
    print(f'{file}: {os.path.getsize(file)} bytes, {kept["step"]} steps')


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', help='folder of photos')
    a.add_argument('--styles', help='folder of paintings')
    a.add_argument('--vgg', help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', help='folder of this run; it resumes where it stopped')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=6, help='a sixth photos, a sixth paintings, the rest adversaries')
    a.add_argument('--size', type=int, default=160, help='side of the crops, a multiple of 16')
    a.add_argument('--lr', type=float, default=2e-3)
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--export', metavar='CHECKPOINT', help='write the weights of a checkpoint')
    a.add_argument('--models', default='../models', help='folder of models.toml')
    o = a.parse_args()
    if o.export:
        export(o.export, o.models)
    else:
        train(o)


if __name__ == '__main__':
    main()
