"""Train a new predictor that gives the embeddings of the bundled one, so that the transformers can be trained on from where they are.

  python -m export.train.new_predictor models --styles DIR --out FILE --covariances 32 --minutes 10

Its convolutions start anew; a second loss asks its hidden layer for the Gram matrices of the compact loss network (hint.py), so that the
stages learn what the embeddings of the old predictor may not contain. Neither needs VGG-19 or a transformer: 0.7 s for 8 crops on two
cores. pair.py --predictor FILE continues with the style loss. Each feature is scaled to a standard deviation of 1 over the training
crops to begin with, and biases begin at 0: a stage whose ReLUs never open learns nothing any more, and nobody sees it in the losses.

With --compact the convolutions are those of the compact loss network and are not trained. Only the last layers are, so a few minutes are
enough; the features hold 0.8 to 0.95 of what the Gram matrices of VGG-19 vary by, so no hint is needed.
"""
import argparse
import random

import torch
import torch.nn as nn

from export.common.compact import CompactLossNetwork
from export.common.dtype import autocast
from export.common.losses import gram
from export.common.networks import CompactPredictor, Predictor
from export.train import bundled, synthetic
from export.train.clock import Clock, Stop
from export.train.data import Crops
from export.train.hint import Hint
from export.train.muon import Muon
from export.train.update import update


def options():
    a = argparse.ArgumentParser(prog='python -m export.train.new_predictor', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--out', required=True, metavar='FILE')
    a.add_argument('--covariances', type=int, default=32, metavar='K')
    a.add_argument('--minutes', type=float, default=10)
    a.add_argument('--batch', type=int, default=8)
    a.add_argument('--compact', action='store_true', help="take the compact loss network's convolutions")
    a.add_argument('--hidden', type=int, metavar='N', help="units of the last hidden layer (default: the bundled predictor's)")
    a.add_argument('--size', type=int, default=192, help='side of the crops, a multiple of 16')
    a.add_argument('--style-zoom', type=float, nargs=2, default=(0.6, 1.6), metavar=('LOW', 'HIGH'),
                   help='range of the short side that paintings are resized to before cropping, in crop sides')
    a.add_argument('--generated', type=float, default=0.1, metavar='SHARE', help='share of the crops that are generated swatches')
    a.add_argument('--hint-weight', type=float, default=0.5)
    a.add_argument('--lr', type=float, default=1.5e-3)
    a.add_argument('--seed', type=int, default=3)
    return a.parse_args()


class Styles:
    """Batches of style crops."""

    def __init__(self, o):
        self.crops, self.rng, self.o = Crops(o.styles, o.size, 1000, tuple(o.style_zoom), 0.5, o.seed), random.Random(o.seed), o

    def one(self):
        if self.rng.random() < self.o.generated:
            return synthetic.swatch(self.rng.getrandbits(30), self.o.size)
        return self.crops[self.rng.randrange(len(self.crops))]

    def batch(self):
        return torch.stack([self.one() for _ in range(self.o.batch)])


def begin_convolutions(p, old):
    """Initial weights of a Predictor's convolutions and projections."""
    p.down[0].load_state_dict(old.parts[-1].down[0].state_dict())
    for layer in [*p.down[1:], *p.same]:
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    for layer in p.same:
        layer.weight.mul_(0.5)
    for layer in p.project:
        nn.init.orthogonal_(layer.weight)


def begin_projections(p, pictures):
    """Projections of a CompactPredictor: the leading principal components of every stage, each scaled to a variance of 1."""
    for maps, layer in zip(p.stages(pictures), p.project):
        rows = maps.float().transpose(0, 1).flatten(1)  # (C,B*H*W)
        variances, vectors = torch.linalg.eigh(torch.cov(rows))  # in ascending order
        k = len(layer.weight)
        layer.weight.copy_((vectors[:, -k:] / variances[-k:].clamp_min(1e-6 * variances[-1]).sqrt()).T[:, :, None, None])


@torch.no_grad()
def begin(p, old, styles):
    """Initial weights of `p`; -> standard deviation of the old embeddings (D,)."""
    if isinstance(p, CompactPredictor):
        begin_projections(p, torch.cat([styles.batch() for _ in range(4)]))
    else:
        begin_convolutions(p, old)
    seen = [(*p.statistics(x), old(x)) for x in (styles.batch() for _ in range(24))]
    v, c, e = (torch.cat(rows) for rows in zip(*seen))
    spread = v.std(0)
    p.gain.copy_(1 / spread.clamp_min(0.02 * spread.max()))
    p.bias.copy_(-v.mean(0) * p.gain)
    spread = c.std(0)
    p.covariance_gain.copy_(1 / spread.clamp_min(0.05 * spread.max()))
    nn.init.kaiming_normal_(p.hidden.weight)
    nn.init.kaiming_normal_(p.covariance_hidden.weight)
    p.hidden.weight.mul_(0.7)
    p.covariance_hidden.weight.mul_(0.5)
    p.hidden.bias.copy_(-p.covariance_hidden.weight @ (c.mean(0) * p.covariance_gain))
    nn.init.normal_(p.out.weight, std=0.01)
    p.out.bias.copy_(e.mean(0))
    return e.std(0).clamp_min(1e-3)


def main():
    o = options()
    torch.manual_seed(o.seed)
    nets, shape = bundled.load(o.models, 'fine')
    old = nets.predictor.requires_grad_(False)
    styles, units = Styles(o), o.hidden or shape.hidden
    p = (CompactPredictor if o.compact else Predictor)(shape.bottleneck, units, covariances=o.covariances)
    # Exact weights for a predictor, the fastest format for a hint.
    judge = CompactLossNetwork(f'{o.models}/features.safetensors', dtype=torch.float32 if o.compact else None)
    if o.compact:
        weights = judge.net.state_dict()
        p.trunk.load_state_dict({k: weights[k] for k in p.trunk.state_dict()})
        o.hint_weight = 0
    deviation, hint = begin(p, old, styles), Hint(units)
    if o.hint_weight:
        hint.fit_components(judge, styles.crops)
    trained, average = [w for w in p.parameters() if w.requires_grad], [w.detach().clone() for w in p.parameters()]
    optimizers = [Muon(p.named_parameters(), o.lr), torch.optim.Adam(hint.parameters(), o.lr)]
    step, total, stop, clock, precision = 0, 0, Stop(), Clock(o.minutes, 0), autocast('cpu')
    while (share := clock.tick()) < 1 and not stop.asked:
        for optimizer in optimizers:
            optimizer.param_groups[0]['lr'] = o.lr * min(1, (step + 1) / 50) * (1 - share)
        x = styles.batch()
        with torch.no_grad():
            target, grams = old(x), [gram(f) for f in judge.features(x)[0]] if o.hint_weight else None
        with precision:
            hidden = p.hidden_features(x)
            error = (p.out(hidden).float() - target) / deviation
        terms = torch.stack([error.square().mean(), hint(hidden.float(), grams) if grams else error.new_zeros(())])
        update(terms[0] + o.hint_weight * terms[1], optimizers, trained, p, average, step, 0.99)
        step, total = step + 1, total + terms.detach()
        if step % 50 == 0:
            print(f'step {step} min {clock.spent / 60:.1f} embedding {total[0] / 50:.3f} hint {total[1] / 50:.3f}', flush=True)
            total = 0
    with torch.no_grad():
        for w, a in zip(p.parameters(), average):
            w.copy_(a)
    torch.save(p.state_dict(), o.out)
    print(f'done: {step} steps, {o.out}')


if __name__ == '__main__':
    main()
