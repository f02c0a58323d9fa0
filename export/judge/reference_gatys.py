#!/usr/bin/env python3
"""Gatys et al. (2016) in plain PyTorch as a reference: the objective of `--preset balanced` with torch's L-BFGS.

  python -m export.judge.reference_gatys --features vgg19.safetensors --content FILE --style FILE --init FILE --size 512 --json FILE
  python -m export.judge.reference_gatys --features FILE --check DIR    gradients in float64, for tests/all/gatys_objective.rs

The losses, weights (export/ship/vgg19.py), initial picture and number of threads are those of `impasto gatys transfer --init FILE`.
"""
import argparse
import json
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.numpy import load_file

BLOCKS = [2, 2, 4, 4, 4]
STYLE = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1']
CONTENT = ['relu4_2']
STYLE_WEIGHT, TV_WEIGHT = 8.0, 0.05


def load(path, size=None, area=None):
    image = Image.open(path).convert('RGB')
    if size:
        scale = size / max(image.size)
        image = image.resize([round(side * scale) for side in image.size], Image.LANCZOS)
    if area:
        scale = (area / (image.width * image.height)) ** 0.5
        image = image.resize([round(side * scale) for side in image.size], Image.LANCZOS)
    return torch.from_numpy(np.asarray(image, np.float32) / 255).permute(2, 0, 1)[None].contiguous()


class Network:
    def __init__(self, path, dtype=torch.float32):
        self.p = {k: torch.from_numpy(v.astype(np.float32)).to(dtype) for k, v in load_file(path).items()}

    def __call__(self, x, wanted, pool=F.avg_pool2d):
        x = x * self.p['input.scale'].view(1, 3, 1, 1) + self.p['input.offset'].view(1, 3, 1, 1)
        found = {}
        for b, n in enumerate(BLOCKS, 1):
            for i in range(1, n + 1):
                if f'conv{b}_{i}.weight' not in self.p:
                    continue
                x = F.conv2d(x, self.p[f'conv{b}_{i}.weight'], self.p[f'conv{b}_{i}.bias'], padding=1)
                found[f'conv{b}_{i}'] = x
                x = F.relu(x)
                tap = self.p.get(f'relu{b}_{i}.weight')
                found[f'relu{b}_{i}'] = x if tap is None else F.conv2d(x, tap, self.p[f'relu{b}_{i}.bias'])
                if all(w in found for w in wanted):
                    return found
            x = pool(x, 2)
        return found


def gram(f):
    f = f.flatten(2)[0]
    return f @ f.T / f.shape[1]


def variation(x):
    across, down = x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]
    return (across.square().sum() + down.square().sum()) / x.numel()


class Objective:
    def __init__(self, network, content, style):
        self.network, wanted = network, STYLE + CONTENT
        with torch.no_grad():
            self.features = {n: network(content, wanted)[n] for n in CONTENT}
            made = network(style, wanted)
            self.grams = {n: gram(made[n]) for n in STYLE}

    def __call__(self, x):
        made = self.network(x, STYLE + CONTENT)
        content = sum((made[n] - p).square().sum() / p.square().sum() for n, p in self.features.items()) / len(CONTENT)
        style = sum((gram(made[n]) - a).square().sum() / a.square().sum() for n, a in self.grams.items()) / len(STYLE)
        return content + STYLE_WEIGHT * style + TV_WEIGHT * variation(x)


def check(o):
    """Loss and gradient in float64 for pictures that the Rust test generates by the same formula."""
    n = 64
    places = torch.arange(3 * n * n, dtype=torch.float64).view(1, 3, n, n)
    picture = lambda a, b: 0.5 + 0.4 * torch.sin(places * a) * torch.cos(places * b)
    network = Network(o.features, torch.float64)
    x = picture(0.37, 0.011).requires_grad_()
    loss = Objective(network, picture(0.013, 0.0007), picture(0.29, 0.003))(x)
    loss.backward()
    os.makedirs(o.check, exist_ok=True)
    x.grad.numpy().astype('<f8').tofile(os.path.join(o.check, 'gradient.f64'))
    with open(os.path.join(o.check, 'loss.txt'), 'w') as f:
        f.write(f'{loss.item():.17g}\n')
    print(loss.item())


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--features', required=True, help='weights from export.ship.vgg19 or export.ship.features')
    a.add_argument('--content')
    a.add_argument('--style')
    a.add_argument('--init', help='initial picture')
    a.add_argument('--size', type=int, default=512, help='long side')
    a.add_argument('--evaluations', type=int, default=300)
    a.add_argument('--threads', type=int, default=2)
    a.add_argument('--out', help='picture to write')
    a.add_argument('--json', help='file for the loss after each evaluation')
    a.add_argument('--check', metavar='DIR')
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    if o.check:
        return check(o)
    content = load(o.content, o.size)
    style = load(o.style, area=content.shape[2] * content.shape[3])
    x = load(o.init)
    x = F.interpolate(x, content.shape[2:], mode='bicubic').clamp(0, 1) if x.shape != content.shape else x
    x = x.clone().requires_grad_()
    began, curve = time.time(), []
    objective = Objective(Network(o.features), content, style)
    optimizer = torch.optim.LBFGS([x], max_iter=o.evaluations, max_eval=o.evaluations, history_size=20,
                                  tolerance_grad=0, tolerance_change=0, line_search_fn='strong_wolfe')

    def closure():
        optimizer.zero_grad()
        loss = objective(x)
        loss.backward()
        curve.append((time.time() - began, loss.item()))
        if len(curve) % 10 == 0:
            print(len(curve), *curve[-1], flush=True)
        return loss

    optimizer.step(closure)
    print('best', min(loss for _, loss in curve), 'after', len(curve), 'evaluations', curve[-1][0], 'seconds')
    if o.json:
        with open(o.json, 'w') as f:
            json.dump({'curve': curve, 'size': list(content.shape[2:])}, f)
    if o.out:
        picture = (x.detach()[0].clamp(0, 1).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        Image.fromarray(picture).save(o.out)


if __name__ == '__main__':
    main()
