#!/usr/bin/env python3
"""Train the compact feature network that stands in for VGG-19 in `gatys` and `verify`, where VGG-19 is not installed.

  train_features.py --content DIR --styles DIR --vgg FILE --out RUN --minutes 30
  train_features.py --export RUN/checkpoint.pt --models ../models      writes features.safetensors and the manifest

It begins as a regression on VGG-19 with fewer channels (features.py), and its channels, what it offers, and the Gram
matrices of that are then held to VGG-19's.  The pictures that it sees lie half-way through an optimisation, some led by
it and some by VGG-19: a network that was taught on photos alone is led astray there.
"""
import argparse
import math
import os
import time

import numpy as np
import torch

from export.common import losses
from export.common.compact import CONTENT, STYLE, TAPS, Compact
from export.train.compact_init import Vgg, initialise, project
from export.train.data import Crops

POOL = 12  # pictures that are being optimised at any time
LIFE = (5, 150)  # steps that a picture stays


def batches(crops, count):
    """Random crops for ever, `count` at a time."""
    while True:
        yield torch.stack([crops[np.random.randint(len(crops))] for _ in range(count)])


def relative(a, b):
    """|a - b|^2 / |b|^2 of each picture: (B,)."""
    return (a - b).square().flatten(1).sum(1) / b.square().flatten(1).sum(1).clamp_min(1e-6)


def objective(found, content, grams, weights):
    """Gatys' loss of each picture (B,); `weights` (B,6): content, then the layers of style."""
    terms = [relative(found[CONTENT].float(), content)] + [relative(losses.gram(found[n]), a) for n, a in zip(STYLE, grams)]
    return (torch.stack(terms, 1) * weights).sum(1)


def astray(photo, painting):
    """What an optimiser sees on its way, roughly: a mixture of both, and of one with noise."""
    noise = torch.rand_like(photo)
    mixed = photo.lerp(painting, np.random.rand())
    return mixed, (painting if np.random.rand() < 0.5 else mixed).lerp(noise, np.random.rand())


class Pool:
    """Pictures on their way from a photo or noise to a pastiche."""

    def __init__(self, vgg, photos, paintings, size):
        self.vgg, self.photos, self.paintings, self.size = vgg, photos, paintings, size
        self.rows = [self.start() for _ in range(POOL)]

    @torch.no_grad()
    def start(self):
        photo, painting = next(self.photos), next(self.paintings)
        noise = (torch.rand(1, 3, self.size, self.size) - 0.5) * np.random.rand() + 0.5
        kind = np.random.rand()
        x = photo.clone() if kind < 0.5 else noise if kind < 0.8 else 0.5 * photo + 0.5 * noise
        weights = np.random.exponential(1, 6) * np.array([np.random.rand() < 0.8] + [np.exp(np.random.uniform(-1, 2))] * 5)
        found = self.vgg(painting)
        return {'x': x, 'photo': photo, 'painting': painting, 'm': torch.zeros_like(x), 'v': torch.zeros_like(x), 't': 0,
                'weights': torch.tensor(weights, dtype=torch.float32)[None], 'content': self.vgg(photo)[CONTENT],
                'grams': [losses.gram(found[n]) for n in STYLE], 'styled': {n: found[n] for n in TAPS},
                'leader': np.random.rand() < 0.6, 'life': int(np.random.randint(*LIFE))}

    def choose(self, count):
        return np.random.choice(POOL, count, replace=False)

    def of(self, places, key):
        return torch.cat([self.rows[k][key] for k in places])

    def move(self, places, ours, theirs):
        """A step of Adam down the gradient (B,3,H,W) of whoever leads."""
        for k, place in enumerate(places):
            r = self.rows[place]
            g = (ours if r['leader'] else theirs)[k:k + 1]
            g = g / g.square().mean().sqrt().clamp_min(1e-12)
            r['t'] += 1
            r['m'] = 0.9 * r['m'] + 0.1 * g
            r['v'] = 0.99 * r['v'] + 0.01 * g.square()
            step = (r['m'] / (1 - 0.9 ** r['t'])) / ((r['v'] / (1 - 0.99 ** r['t'])).sqrt() + 1e-8)
            r['x'] = (r['x'] - 0.02 * step).clamp(0, 1)
            r['life'] -= 1
            if r['life'] <= 0:
                self.rows[place] = self.start()


def vgg_gradient(vgg, pool, places, x, weights):
    """-> d(loss)/d(x) on VGG-19, and its features of x."""
    x = x.clone().requires_grad_()
    found = vgg(x)
    grams = [torch.cat([pool.rows[k]['grams'][i] for k in places]) for i in range(len(STYLE))]
    total = objective(found, pool.of(places, 'content').float(), grams, weights).sum()
    g, = torch.autograd.grad(total, x)
    return g, {n: f.detach() for n, f in found.items()}


def feature_loss(made, hidden, found, kept, sizes, matrices):
    """Relative errors of the channels and of what is offered, summed over the layers."""
    total = 0
    for name, channels in kept.items():
        target = found[name][:, channels].float() / sizes[name].view(1, -1, 1, 1)
        total = total + relative(hidden[name], target).clamp(max=4).mean() / len(kept)
    for name, f in made.items():
        total = total + relative(f, project(matrices[name], found[name])).clamp(max=4).mean() / len(made)
    return total


def step_of(network, vgg, pool, count, start):
    """One step: -> (loss, numbers for the log)."""
    kept, sizes, matrices = start
    places = pool.choose(count)
    x, weights = pool.of(places, 'x'), pool.of(places, 'weights')
    theirs, found = vgg_gradient(vgg, pool, places, x, weights)
    with torch.no_grad():
        content = network(pool.of(places, 'photo'), CONTENT)[CONTENT]
    styled = network(pool.of(places, 'painting'))
    grams = [losses.gram(styled[n]) for n in STYLE]
    x.requires_grad_()
    hidden = {}
    made = network(x, hidden=hidden)
    total = objective(made, content, [g.detach() for g in grams], weights).sum()
    ours, = torch.autograd.grad(total, x, retain_graph=True)
    features = feature_loss(made, hidden, found, kept, sizes, matrices)
    target = {n: torch.cat([pool.rows[k]['styled'][n] for k in places]) for n in STYLE}
    painted = gram_loss(grams, target, matrices) + gram_loss([losses.gram(made[n]) for n in STYLE], found, matrices)
    alike = torch.nn.functional.cosine_similarity(ours.flatten(1), theirs.float().flatten(1))
    pool.move(places, ours, theirs)
    return features + painted, [alike.mean().item(), features.item(), painted.item()]


def gram_loss(grams, found, matrices):
    """Relative error of the Gram matrices to those of VGG-19's features `found`, mean over the layers."""
    errors = [relative(g, losses.gram(project(matrices[n], found[n]))).clamp(max=4).mean() for n, g in zip(STYLE, grams)]
    return sum(errors) / len(STYLE)


def train(o):
    torch.manual_seed(o.seed)
    np.random.seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    photos = batches(Crops(o.content, o.size, 8, (1.0, 2.5), False, o.seed), 1)
    paintings = batches(Crops(o.styles, o.size, 8, (1.0, 2.5), True, o.seed + 1), 1)
    vgg, network = Vgg(o.vgg), Compact()
    path = os.path.join(o.out, 'checkpoint.pt')
    spent, step, average = 0, 0, None
    if os.path.exists(path):
        kept = torch.load(path, weights_only=True)
        network.load_state_dict(kept['network'])
        start, spent, step, average = kept['start'], kept['spent'], kept['step'], kept['average']
    else:
        start = initialise(vgg, network, [torch.cat([next(photos), next(paintings), *astray(next(photos), next(paintings))]) for _ in range(32)])
    optimizer = torch.optim.Adam(network.parameters(), o.lr, betas=(0.9, 0.99))
    pool = Pool(vgg, photos, paintings, o.size)
    began = saved = time.time()

    def save():
        torch.save({'network': network.state_dict(), 'start': start, 'average': average,
                    'spent': spent + time.time() - began, 'step': step}, path + '.part')
        os.replace(path + '.part', path)

    if average is None:
        average = {k: v.clone() for k, v in network.state_dict().items()}
        save()
    seen, first = np.zeros(3), step
    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in optimizer.param_groups:
            group['lr'] = o.lr * min(1, (step - first + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        loss, numbers = step_of(network, vgg, pool, o.batch, start)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        if math.isfinite(norm):
            optimizer.step()
        step += 1
        state = network.state_dict()
        decay = min(0.99, (step + 1) / (step + 10))
        average = {k: average[k].lerp(v, 1 - decay) for k, v in state.items()}
        seen += numbers
        if step % 25 == 0:
            print('step {} min {:.1f} cosine of gradients {:.3f} features {:.3f} grams {:.3f}'.format(
                step, (spent + time.time() - began) / 60, *seen / 25), flush=True)
            seen[:] = 0
        if time.time() - saved > 120:
            save()
            saved = time.time()
    save()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', help='folder of photos')
    a.add_argument('--styles', help='folder of paintings')
    a.add_argument('--vgg', help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', help='folder of this run; it resumes where it stopped')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=4, help='pictures of the pool in a step')
    a.add_argument('--size', type=int, default=160, help='side of the crops, a multiple of 16')
    a.add_argument('--lr', type=float, default=1e-4)
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    train(o)


if __name__ == '__main__':
    main()
