#!/usr/bin/env python3
"""Train the compact loss network, which replaces VGG-19 in `gatys` and `verify` where VGG-19 is not installed.

  python -m export.train.train_features --content DIR --styles DIR --vgg FILE --out RUN --minutes 30
  python -m export.ship.features RUN/checkpoint.pt --models models      writes features.safetensors and the manifest

Its initial weights are a regression on VGG-19's responses (compact_init.py). Training then fits its channels, its taps and their Gram
matrices to VGG-19's, on pictures from a pool of running pixel optimisations, some guided by this network's gradient and some by
VGG-19's. A network trained on photos alone has large errors on such pictures.
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

POOL = 12  # pictures in the pool
LIFE = (5, 150)  # range of optimisation steps after which a picture of the pool is replaced


def batches(crops, count):
    """An endless iterator of `count` random crops (count,3,S,S)."""
    while True:
        yield torch.stack([crops[np.random.randint(len(crops))] for _ in range(count)])


def relative_error(a, b):
    """|a - b|^2 / |b|^2 of each picture: (B,)."""
    return (a - b).square().flatten(1).sum(1) / b.square().flatten(1).sum(1).clamp_min(1e-6)


def objective(features, content, grams, weights):
    """The loss of Gatys et al. (2016, eq. 7) for each picture (B,); `weights` (B,6): content, then the style layers."""
    terms = [relative_error(features[CONTENT].float(), content)]
    terms += [relative_error(losses.gram(features[n]), a) for n, a in zip(STYLE, grams)]
    return (torch.stack(terms, 1) * weights).sum(1)


def mixtures(photo, painting):
    """Roughly what an optimisation passes through: a mixture of photo and painting, and one of a picture and noise."""
    noise = torch.rand_like(photo)
    mixed = photo.lerp(painting, np.random.rand())
    return mixed, (painting if np.random.rand() < 0.5 else mixed).lerp(noise, np.random.rand())


class Pool:
    """Pixel optimisations in progress, each from a photo or noise to a pastiche with random loss weights."""

    def __init__(self, vgg, photos, paintings, size):
        self.vgg, self.photos, self.paintings, self.size = vgg, photos, paintings, size
        self.entries = [self.start() for _ in range(POOL)]

    @torch.no_grad()
    def start(self):
        photo, painting = next(self.photos), next(self.paintings)
        noise = (torch.rand(1, 3, self.size, self.size) - 0.5) * np.random.rand() + 0.5
        kind = np.random.rand()
        x = photo.clone() if kind < 0.5 else noise if kind < 0.8 else 0.5 * photo + 0.5 * noise
        weights = np.random.exponential(1, 6) * np.array([np.random.rand() < 0.8] + [np.exp(np.random.uniform(-1, 2))] * 5)
        features = self.vgg(painting)
        return {'x': x, 'photo': photo, 'painting': painting, 'm': torch.zeros_like(x), 'v': torch.zeros_like(x), 't': 0,
                'weights': torch.tensor(weights, dtype=torch.float32)[None], 'content': self.vgg(photo)[CONTENT],
                'grams': [losses.gram(features[n]) for n in STYLE], 'style_features': {n: features[n] for n in TAPS},
                'own_gradient': np.random.rand() < 0.6, 'life': int(np.random.randint(*LIFE))}

    def choose(self, count):
        return np.random.choice(POOL, count, replace=False)

    def batch(self, places, key):
        return torch.cat([self.entries[k][key] for k in places])

    def update(self, places, own, vgg):
        """An Adam step on each picture with the gradient (B,3,H,W) of this network (`own`) or of VGG-19."""
        for k, place in enumerate(places):
            r = self.entries[place]
            g = (own if r['own_gradient'] else vgg)[k:k + 1]
            g = g / g.square().mean().sqrt().clamp_min(1e-12)
            r['t'] += 1
            r['m'] = 0.9 * r['m'] + 0.1 * g
            r['v'] = 0.99 * r['v'] + 0.01 * g.square()
            step = (r['m'] / (1 - 0.9 ** r['t'])) / ((r['v'] / (1 - 0.99 ** r['t'])).sqrt() + 1e-8)
            r['x'] = (r['x'] - 0.02 * step).clamp(0, 1)
            r['life'] -= 1
            if r['life'] <= 0:
                self.entries[place] = self.start()


def vgg_gradient(vgg, pool, places, x, weights):
    """-> gradient of the loss on VGG-19 with respect to x, and VGG-19's features of x."""
    x = x.clone().requires_grad_()
    features = vgg(x)
    grams = [torch.cat([pool.entries[k]['grams'][i] for k in places]) for i in range(len(STYLE))]
    total = objective(features, pool.batch(places, 'content').float(), grams, weights).sum()
    g, = torch.autograd.grad(total, x)
    return g, {n: f.detach() for n, f in features.items()}


def feature_loss(taps, hidden, vgg_features, selected, scales, matrices):
    """Relative errors of the channels and of the taps: two means over layers, added."""
    total = 0
    for name, channels in selected.items():
        target = vgg_features[name][:, channels].float() / scales[name].view(1, -1, 1, 1)
        total = total + relative_error(hidden[name], target).clamp(max=4).mean() / len(selected)
    for name, f in taps.items():
        total = total + relative_error(f, project(matrices[name], vgg_features[name])).clamp(max=4).mean() / len(taps)
    return total


def gram_loss(grams, vgg_features, matrices):
    """Relative error of the Gram matrices against those of VGG-19's projected features, mean over the layers."""
    errors = [relative_error(g, losses.gram(project(matrices[n], vgg_features[n]))).clamp(max=4).mean() for n, g in zip(STYLE, grams)]
    return sum(errors) / len(STYLE)


def training_loss(network, vgg, pool, count, start):
    """One step on `count` pictures of the pool: -> (loss, numbers for the log)."""
    selected, scales, matrices = start
    places = pool.choose(count)
    x, weights = pool.batch(places, 'x'), pool.batch(places, 'weights')
    vgg_grad, vgg_features = vgg_gradient(vgg, pool, places, x, weights)
    with torch.no_grad():
        content = network(pool.batch(places, 'photo'), CONTENT)[CONTENT]
    style_taps = network(pool.batch(places, 'painting'))
    grams = [losses.gram(style_taps[n]) for n in STYLE]
    x.requires_grad_()
    hidden = {}
    taps = network(x, hidden=hidden)
    total = objective(taps, content, [g.detach() for g in grams], weights).sum()
    own_grad, = torch.autograd.grad(total, x, retain_graph=True)
    features = feature_loss(taps, hidden, vgg_features, selected, scales, matrices)
    style_features = {n: torch.cat([pool.entries[k]['style_features'][n] for k in places]) for n in STYLE}
    grams = gram_loss(grams, style_features, matrices) + gram_loss([losses.gram(taps[n]) for n in STYLE], vgg_features, matrices)
    cosine = torch.nn.functional.cosine_similarity(own_grad.flatten(1), vgg_grad.float().flatten(1))
    pool.update(places, own_grad, vgg_grad)
    return features + grams, [cosine.mean().item(), features.item(), grams.item()]


def train(o):
    torch.manual_seed(o.seed)
    np.random.seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    photos = batches(Crops(o.content, o.size, 8, (1.0, 2.5), 0, o.seed), 1)
    paintings = batches(Crops(o.styles, o.size, 8, (1.0, 2.5), 0.5, o.seed + 1), 1)
    vgg, network = Vgg(o.vgg), Compact()
    path = os.path.join(o.out, 'checkpoint.pt')
    spent, step, average = 0, 0, None
    if os.path.exists(path):
        saved = torch.load(path, weights_only=True)
        network.load_state_dict(saved['network'])
        start, spent, step, average = saved['start'], saved['spent'], saved['step'], saved['average']
    else:
        sample = [torch.cat([next(photos), next(paintings), *mixtures(next(photos), next(paintings))]) for _ in range(32)]
        start = initialise(vgg, network, sample)
    optimizer = torch.optim.Adam(network.parameters(), o.lr, betas=(0.9, 0.99))
    pool = Pool(vgg, photos, paintings, o.size)
    began = saved_at = time.time()

    def save():
        torch.save({'network': network.state_dict(), 'start': start, 'average': average,
                    'spent': spent + time.time() - began, 'step': step}, path + '.part')
        os.replace(path + '.part', path)

    if average is None:
        average = {k: v.clone() for k, v in network.state_dict().items()}
        save()
    sums, first = np.zeros(3), step
    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in optimizer.param_groups:
            group['lr'] = o.lr * min(1, (step - first + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        loss, numbers = training_loss(network, vgg, pool, o.batch, start)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        if math.isfinite(norm):
            optimizer.step()
        step += 1
        decay = min(0.99, (step + 1) / (step + 10))
        average = {k: average[k].lerp(v, 1 - decay) for k, v in network.state_dict().items()}
        sums += numbers
        if step % 25 == 0:
            print('step {} min {:.1f} cosine of gradients {:.3f} features {:.3f} grams {:.3f}'.format(
                step, (spent + time.time() - began) / 60, *sums / 25), flush=True)
            sums[:] = 0
        if time.time() - saved_at > 120:
            save()
            saved_at = time.time()
    save()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', required=True, help='folder of this run; the same command resumes it')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=4, help='pictures of the pool in a step')
    a.add_argument('--size', type=int, default=160, help='side of the crops, a multiple of 16')
    a.add_argument('--lr', type=float, default=1e-4)
    a.add_argument('--seed', type=int, default=1)
    train(a.parse_args())


if __name__ == '__main__':
    main()
