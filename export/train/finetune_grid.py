"""Remove the checkerboard artefacts of a bundled model and add a fixed dither; only the layers after its residual blocks are trained.

  python -m export.train.finetune_grid models --name fine --content DIR --styles DIR --out RUN [--dither 1.5] [--steps 300] [--vgg FILE]

The target is the model's own pastiche without its mean 8x8 block; losses.grid_error is minimised as well. With --vgg, the whole
transformer is trained and VGG-19 judges some pairs of a batch, since the dither alone costs a little style. RUN/checkpoint.pt is
exported like that of any other run; predictor and head stay as they are.
"""
import argparse
import os
import random

import torch
import torch.nn.functional as F

from export.common import losses, noise
from export.common.checkpoint import save_checkpoint
from export.common.networks import Networks
from export.train import bundled, synthetic
from export.train.data import Crops
from export.train.grid import save_grid
from export.train.targets import LiveTargets
from export.train.teacher import distance

LEARNT = ('up', 'merge', 'leave', 'smooth')


def without_lattice(t):
    """Pastiches (B,3,H,W), sides multiples of 8, minus the mean 8x8 block of their high-pass."""
    h = t - F.avg_pool2d(F.pad(t, (6,) * 4, mode='reflect'), 13, 1)
    b, c, y, x = t.shape
    block = h.reshape(b, c, y // 8, 8, x // 8, 8).mean((2, 4))
    block = block - block.mean((2, 3), keepdim=True)
    return t - block.repeat(1, 1, y // 8, x // 8)


def main():
    a = argparse.ArgumentParser(prog='python -m export.train.finetune_grid', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--name', required=True)
    a.add_argument('--content', required=True)
    a.add_argument('--styles', required=True)
    a.add_argument('--out', required=True)
    a.add_argument('--dither', type=float, default=1.5, help='levels')
    a.add_argument('--steps', type=int, default=300)
    a.add_argument('--batch', type=int, default=4)
    a.add_argument('--size', type=int, default=160, help='a multiple of 16')
    a.add_argument('--lr', type=float, default=3e-4)
    a.add_argument('--grid-weight', type=float, default=1500)
    a.add_argument('--threads', type=int, default=1)
    a.add_argument('--vgg', metavar='FILE', help='VGG-19 judges --judged pairs of each batch; all layers of the transformer are trained')
    a.add_argument('--judged', type=int, default=2)
    a.add_argument('--style-weight', type=float, default=40)
    a.add_argument('--teach-weight', type=float, default=4, help='weight of the distance to the target once VGG-19 judges')
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    rng = random.Random(1)
    os.makedirs(o.out, exist_ok=True)
    master, shape = bundled.load(o.models, o.name)
    shape.dither = o.dither
    net = Networks(shape, 0)
    net.load_state_dict(master.state_dict())
    master.transformer.dither, master.transformer.noise = o.dither, noise.pixel_noise()
    master.requires_grad_(False)
    net.requires_grad_(False)
    judge = losses.Vgg19(o.vgg) if o.vgg else None
    trained = list(net.transformer.parameters()) if judge else [p for n in LEARNT for p in getattr(net.transformer, n).parameters()]
    for p in trained:
        p.requires_grad_(True)
    adam = torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))
    contents, styles = Crops(o.content, o.size, 4, (1.0, 1.6), 0, 5), Crops(o.styles, o.size, 4, (0.6, 1.6), 0.5, 6)
    average, seen = [p.detach().clone() for p in net.parameters()], 0
    for step in range(o.steps):
        adam.param_groups[0]['lr'] = o.lr * min(1, (step + 1) / 20) * (1 - step / o.steps)
        # VGG-19 judges photos only: on smooth pictures its content features are near zero, and the relative error explodes.
        smooth = [not (judge and i < o.judged) and rng.random() < 0.5 for i in range(o.batch)]
        picture = lambda flat: synthetic.smooth(rng.getrandbits(30), o.size) if flat else contents[rng.randrange(len(contents))]
        c = torch.stack([picture(flat) for flat in smooth])
        s = torch.stack([styles[rng.randrange(len(styles))] for _ in range(o.batch)])
        with torch.no_grad():
            params = master.head(master.predictor(s))
            t = master.transformer(c, params)
            clean = without_lattice(t)
        y = net.transformer(c, params)
        d, lattice = distance(y, clean), losses.grid_error(y)
        loss = (o.teach_weight if judge else 1) * d + o.grid_weight / 10 * lattice
        content = style = d.detach() * 0
        if judge:
            with torch.no_grad():
                target = LiveTargets('content', judge).get(None, c[:o.judged])
                grams = LiveTargets('style', judge).get(None, s[:o.judged])
            fs, fc = losses.padded_features(judge, y[:o.judged])
            errors = losses.style_errors(fs, grams)
            style, content = errors.detach().mean(), losses.content_error(fc, target).mean()
            loss = loss + content + o.style_weight * losses.soft_cap(errors).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, list(net.parameters()), 1 - min(0.98, (step + 1) / (step + 10)))
        seen = seen + torch.stack([d.detach(), lattice.detach(), losses.grid_error(t), content.detach(), style])
        if step % 20 == 19:
            d, after, before, content, style = (seen / 20).tolist()
            judged = f', content {content:.3f} style {style:.3f}' if judge else ''
            print(f'step {step + 1} distance {d:.4f} grid {255 * before ** .5:.2f} -> {255 * after ** .5:.2f} levels{judged}', flush=True)
            seen = 0
    options = argparse.Namespace(**vars(shape), **{k: v for k, v in vars(o).items() if k not in ('dither',)})
    layers = 'all layers' if judge else 'layers after the residual blocks'
    judged = ' and VGG-19' if judge else ''
    options.finetuned = f'{layers}, {o.steps} steps on grid error{judged}; fixed dither of {o.dither:g} levels'
    save_checkpoint(options, net, adam, average, o.steps, 0.0)
    save_grid(os.path.join(o.out, 'grid.png'), c, F.interpolate(s, c.shape[2:]), t, y.detach())


if __name__ == '__main__':
    main()
