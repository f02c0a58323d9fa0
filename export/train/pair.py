"""Continue the training of the bundled predictor together with both transformers that share it.

  python -m export.train.pair models --content DIR --styles DIR --vgg FILE --out RUN --minutes 90 --covariances 32

Each step draws N photos and N paintings; both transformers paint all pairs, so the predictor learns what both need, and an embedding keeps
its meaning in both. With --teacher the pastiches of MicroAST are targets for every pair. RUN/fine and RUN/live get a checkpoint.pt every
five minutes, which are exported like those of other runs. A run that is started again goes on from them, with new moments of the optimiser.
"""
import argparse
import os
import random
import time

import torch
import torch.nn.functional as F

from export.common import losses, noise
from export.common.checkpoint import load_averaged, load_light, save_light
from export.common.dtype import autocast
from export.common.networks import Ensemble, Networks, PatchTransformer
from export.common.taps import grams_and_content
from export.train import bundled, synthetic
from export.train.clock import Clock, Stop
from export.train.data import Crops
from export.train.grid import save_grid
from export.train.muon import Muon
from export.train.schedule import NOISE, SHIFTS, learning_rate, window
from export.train.targets import LiveTargets
from export.train.teacher import Teacher, distance
from export.train.update import update

NAMES = ('fine', 'live')
RIM = 8  # pixels at the border that the stability loss leaves out
# Options of Networks.
SHAPE = ('width', 'half', 'blocks', 'merge', 'smooth', 'bottleneck', 'hidden', 'table', 'shape', 'dither', 'covariances', 'parts')
CAP = 1.5  # errors above it have a small gradient


def options():
    a = argparse.ArgumentParser(prog='python -m export.train.pair', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--vgg', required=True, metavar='FILE', help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--minutes', type=float, default=90, help='length of the whole schedule, earlier runs included')
    a.add_argument('--until', metavar='HH:MM', help='UTC; the schedule ends then, whatever --minutes says')
    a.add_argument('--batch', type=int, default=3, metavar='N', help='pairs a step')
    a.add_argument('--judged', type=int, metavar='N',
                   help='pairs of a batch whose pastiches VGG-19 judges (default: all)')
    a.add_argument('--teacher', metavar='DIR', help="MicroAST's released weights, whose pastiches are additional targets")
    a.add_argument('--teach-weight', type=float, default=10.0, help="weight of the distance to the teacher's pastiche")
    a.add_argument('--size', type=int, default=256, help='side of the crops, a multiple of 16')
    a.add_argument('--window', type=int, metavar='PIXELS',
                   help='side of a random part of the pastiches, a multiple of 16, that gets the content and style losses (default: all)')
    a.add_argument('--style-zoom', type=float, nargs=2, default=(0.6, 1.6), metavar=('LOW', 'HIGH'),
                   help='range of the short side that paintings are resized to before cropping, in crop sides')
    a.add_argument('--covariances', type=int, default=0, metavar='K',
                   help='the predictor also sees covariances of K projections of every stage')
    a.add_argument('--predictor', metavar='FILE', help='start from this predictor (new_predictor.py) instead of the bundled one')
    a.add_argument('--hold-predictor', action='store_true', help='train heads and transformers only, so that embeddings keep their meaning')
    a.add_argument('--hold-rest', action='store_true', help='train the predictor only, of an ensemble its last part')
    a.add_argument('--momentum', type=float, default=0.95, metavar='SHARE',
                   help='of Muon: near 1, updates follow the mean gradient of many batches and hold less noise')
    a.add_argument('--lr', type=float, default=5e-4, help='of the predictor, or of the last part of an ensemble')
    a.add_argument('--slower', type=float, default=0.2, metavar='SHARE',
                   help='learning rate of all the rest, as a share of --lr; 5e-4 undoes what bundled weights have learnt')
    a.add_argument('--warm', type=int, default=30, help='steps of warm-up')
    a.add_argument('--style-weight', type=float, default=32.0)
    a.add_argument('--tv-weight', type=float, default=0.5)
    a.add_argument('--identity-weight', type=float, default=80.0, help='a photo with its own embedding must give the photo')
    a.add_argument('--stability-weight', type=float, default=150.0, help='the pastiche must not change under camera noise and shifts')
    a.add_argument('--grid-weight', type=float, default=2000.0, help='checkerboard artefacts (losses.grid_error)')
    a.add_argument('--generated', type=float, default=0.12, metavar='SHARE', help='share of the paintings that are generated swatches')
    a.add_argument('--recolour', type=float, default=0.25, metavar='SHARE', help='share of the paintings whose colours are changed')
    a.add_argument('--no-compile', action='store_true', help='do not use torch.compile')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    o.table, o.muon, o.distilled = False, True, False
    return o


class Pair:
    """Networks of `fine` and of `live` with one predictor, their optimisers and their averages."""

    def __init__(self, o):
        self.nets, self.options = [], []
        for name in NAMES:
            out = os.path.join(o.out, name)
            net, shape = self.begin(o, name, out)
            self.nets.append(net.to(memory_format=torch.channels_last))
            self.options.append(argparse.Namespace(**{**vars(o), **vars(shape), 'out': out}))
            os.makedirs(out, exist_ok=True)
        self.predictor = self.nets[1].predictor = self.nets[0].predictor
        if o.predictor and not os.path.exists(os.path.join(self.options[0].out, 'checkpoint.pt')):
            self.predictor.load_state_dict(torch.load(o.predictor, weights_only=True))
        self.both = torch.nn.ModuleList(self.nets)  # its parameters() names the predictor once
        named = list(self.both.named_parameters())
        newest = f'predictor.parts.{len(self.predictor.parts) - 1}.' if isinstance(self.predictor, Ensemble) else 'predictor.'
        for name, p in named:
            if (o.hold_rest and newest not in name) or (o.hold_predictor and 'predictor.' in name):
                p.requires_grad_(False)
        self.trained = [p for _, p in named if p.requires_grad]
        groups = [[(n, p) for n, p in named if (newest in n) == fast] for fast in (True, False)]
        self.optimizers = [Muon(group, o.lr, momentum=o.momentum) for group in groups]
        self.average = [p.detach().clone() for p in self.both.parameters()]
        of = {id(p): a for p, a in zip(self.both.parameters(), self.average)}
        self.averages = [[of[id(p)] for p in net.parameters()] for net in self.nets]

    @staticmethod
    def begin(o, name, out):
        """-> (Networks, their shape) of an earlier run in `out`, or the bundled ones."""
        if os.path.exists(os.path.join(out, 'checkpoint.pt')):
            net, saved = load_averaged(out)
            return net, argparse.Namespace(**{k: saved['options'][k] for k in SHAPE if k in saved['options']})
        start, shape = bundled.load(o.models, name)
        weights = start.state_dict()
        if o.predictor:  # one predictor, whatever the bundled one is
            weights = {k: v for k, v in weights.items() if not k.startswith('predictor.')}
            shape.parts, shape.covariances = [], o.covariances
        elif not shape.parts:
            shape.covariances = o.covariances or shape.covariances
        net = Networks(shape, 0)
        net.load_state_dict(weights, strict=not (o.covariances or o.predictor))  # covariances start with no influence
        return net, shape

    def load(self):
        """-> (steps done, seconds spent) of an earlier run, whose weights are taken."""
        done = [load_light(o.out, net, average) for o, net, average in zip(self.options, self.nets, self.averages)]
        return done[0]

    def save(self, step, spent):
        for o, net, average in zip(self.options, self.nets, self.averages):
            save_light(o, net, average, step, spent)


def extra_picture(step, content, size, rng):
    """The last picture of a batch, by turns: the first photo, shifted and with camera noise; a smooth surface.

    -> (1,3,S,S), (dy, dx) or None"""
    if step // 2 % 2:
        return synthetic.smooth(rng.getrandbits(30), size)[None], None
    dy, dx = rng.randrange(SHIFTS), rng.randrange(SHIFTS)
    moved = F.pad(content[:1], (dx, 0, dy, 0), mode='reflect')[:, :, :size, :size]
    return (moved + NOISE * torch.randn_like(moved)).clamp(0, 1), (dy, dx)


def paint(net, transformer, embeddings, content, extra, shift):
    """N pastiches: of painting i and photo i. -> (pastiches, [identity, stability, grid]).

    `embeddings`: of N paintings, and of the first photo. The batch ends with that photo, to be painted as itself, and `extra`."""
    n = len(content)
    params = net.head(torch.cat([embeddings, embeddings[:1]]))
    seed = {}
    if isinstance(net.transformer, PatchTransformer):
        seed['seed'] = net.transformer.seeded(*content.shape[2:], torch.randint(noise.PERIOD, (2,)).tolist())
    y = transformer(torch.cat([content, content[:1], extra]), params, **seed).float()
    pastiches, own, last = y[:n], y[n:n + 1], y[n + 1:]
    identity, stability, grid = (own - content[:1]).square().mean(), y.new_zeros(()), losses.grid_error(pastiches)
    if shift:
        (dy, dx), size = shift, y.shape[2]
        difference = last[:, :, dy:, dx:] - pastiches[:1, :, :size - dy, :size - dx]
        stability = difference.square()[:, :, RIM:-RIM, RIM:-RIM].mean()
    else:
        grid = grid + 2 * losses.grid_error(last)
    return pastiches, torch.stack([identity, stability, grid])


class Log:
    """Means over 25 steps, on the screen and in RUN/log.txt."""

    EVERY = 25

    def __init__(self, folder):
        self.file, self.sum = open(os.path.join(folder, 'log.txt'), 'a'), 0  # noqa: SIM115

    def add(self, step, minutes, content, style, other):
        """Errors of the N pastiches of fine, then of live: content (2N,), style (5,2N); other: identity, stability, grid, teacher."""
        n = len(content) // 2
        row = torch.stack([content[:n].mean(), style[:, :n].mean(), content[n:].mean(), style[:, n:].mean(), *other, *style.mean(1)])
        self.sum = self.sum + row.detach()
        if step % self.EVERY == 0:
            v = [round(x, 5) for x in (self.sum / self.EVERY).tolist()]
            text = (f'step {step} min {minutes:.1f} fine {v[0]:.3f} {v[1]:.3f} live {v[2]:.3f} {v[3]:.3f} identity {v[4]} stability {v[5]} '
                    f'grid {255 * v[6] ** .5:.2f} teacher {v[7]} layers {" ".join(f"{x:.3f}" for x in v[8:])}')
            print(text, flush=True)
            print(text, file=self.file, flush=True)
            self.sum = 0


def main():
    o = options()
    torch.manual_seed(o.seed)
    random.seed(o.seed)
    pair = Pair(o)
    step, spent = pair.load()
    rng, vgg, precision = random.Random(o.seed + step), losses.Vgg19(o.vgg), autocast('cpu')
    contents = Crops(o.content, o.size, 1000, (1.0, 1.3), 0, o.seed)
    styles = Crops(o.styles, o.size, 1000, tuple(o.style_zoom), o.recolour, o.seed + 1)
    style_targets = LiveTargets('style', vgg)
    transformers = [net.transformer if o.no_compile else torch.compile(net.transformer) for net in pair.nets]
    log = Log(o.out)
    teacher = Teacher(o.teacher) if o.teacher else None
    n, m = o.batch, o.judged or o.batch
    first, saved, stop, clock = step, time.time(), Stop(), Clock(o.minutes, spent, o.until)
    begin = clock.tick()
    while (share := clock.tick()) < 1 and not stop.asked:
        rate = learning_rate(o, step - first, (share - begin) / (1 - begin))
        for optimizer, scale in zip(pair.optimizers, (1, o.slower)):
            optimizer.param_groups[0]['lr'] = rate * scale
        content = torch.stack([contents[rng.randrange(len(contents))] for _ in range(n)])
        style = torch.stack([synthetic.swatch(rng.getrandbits(30), o.size) if rng.random() < o.generated
                             else styles[rng.randrange(len(styles))] for _ in range(n)])
        inner, _ = window(o.size, o.window)
        with torch.no_grad():
            features = losses.padded_features(vgg, content[:m, :, *inner], 4)[1]
        grams = style_targets.get(None, style[:m])
        taught = teacher.paint(content, style) if teacher else None
        extra, shift = extra_picture(step, content, o.size, rng)
        with precision:
            embeddings = pair.predictor(torch.cat([style, content[:1]])).float()
            painted, terms = zip(*(paint(net, transformer, embeddings, content, extra, shift)
                                   for net, transformer in zip(pair.nets, transformers)))
        found, content_features = grams_and_content(vgg, torch.cat([y[:m, :, *inner] for y in painted]))
        style_errors = losses.gram_errors(found, [g.repeat(2, 1, 1) for g in grams])  # (5,2M)
        content_errors = losses.content_error(content_features, features.repeat(2, 1, 1, 1))  # (2M,)
        teach = sum(distance(y, taught) for y in painted) / 2 if teacher else content.new_zeros(())
        identity, stability, grid, teach = other = [*torch.stack(terms).mean(0), teach]
        loss = (losses.soft_cap(content_errors, CAP).mean() + o.style_weight * losses.soft_cap(style_errors, CAP).mean()
                + o.tv_weight * losses.total_variation(torch.cat(painted)) + o.identity_weight * identity
                + o.stability_weight * stability + o.grid_weight * grid + o.teach_weight * teach)
        update(loss, pair.optimizers, pair.trained, pair.both, pair.average, step - first, 0.996)
        step += 1
        log.add(step, clock.spent / 60, content_errors, style_errors, other)
        if time.time() - saved > 300:
            saved = time.time()
            pair.save(step, clock.spent)
            with torch.no_grad():
                save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), content, style, *([taught] if teacher else []), *painted)
    log.file.close()
    pair.save(step, clock.spent)
    print(f'done: {step} steps, {o.out}/{{{",".join(NAMES)}}}/checkpoint.pt')


if __name__ == '__main__':
    main()
