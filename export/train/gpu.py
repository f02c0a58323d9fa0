"""Training on a GPU: pictures, VGG-19 and networks stay in its memory; crops, colour augmentation and shifts are computed there.

  python -m export.train --data PACK --device cuda --out RUN --minutes 9 [--model fine|live] [--begin RUN]

The losses of a step are one compiled function. Nothing but the terms of the log, every 50 steps, is copied to the host.
Checkpoints have no moments of the optimiser and are at most 22 MB.
"""
import argparse
import csv
import math
import os
import tempfile
import time

import torch
import torch.nn.functional as F

from export.common import losses, noise
from export.common.checkpoint import load_averaged, load_light, save_light
from export.common.dtype import autocast, fast_dtype
from export.common.networks import Networks, PatchTransformer, count, mac_per_pixel
from export.train import bundled
from export.train.clock import Clock, Stop
from export.train.grid import save_grid
from export.train.pack import Pack
from export.train.schedule import NOISE, learning_rate
from export.train.update import update


def options(argv):
    a = argparse.ArgumentParser(prog='python -m export.train', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--data', required=True, metavar='PACK', help='file of pack.py')
    a.add_argument('--device', default='cuda')
    a.add_argument('--out', required=True, metavar='RUN')
    a.add_argument('--model', default='fine', help='which of the packed models to begin with (default %(default)s)')
    a.add_argument('--begin', metavar='RUN', help='begin with this run instead')
    a.add_argument('--hold-predictor', action='store_true', help='leave the predictor as it is: a second transformer')
    a.add_argument('--covariances', type=int, default=0, metavar='K', help='add covariances to the predictor (networks.py)')
    a.add_argument('--dither', type=float, default=1.5, help='levels of fixed noise in a transformer of shape half')
    a.add_argument('--minutes', type=float, default=9)
    a.add_argument('--steps', type=int, help='stop after so many, whatever --minutes says')
    a.add_argument('--batch', type=int, default=32)
    a.add_argument('--size', type=int, default=224, help='side of the crops, a multiple of 16')
    a.add_argument('--lr', type=float, default=7e-4)
    a.add_argument('--warm', type=int, default=100, help='steps of warm-up')
    a.add_argument('--style-weight', type=float, default=30.0)
    a.add_argument('--tv-weight', type=float, default=0.5)
    a.add_argument('--identity-weight', type=float, default=80.0)
    a.add_argument('--stability-weight', type=float, default=150.0)
    a.add_argument('--grid-weight', type=float, default=1000.0)
    a.add_argument('--eager', action='store_true', help='do not compile')
    a.add_argument('--threads', type=int)
    a.add_argument('--seed', type=int, default=1)
    return a.parse_args(argv)


class Pictures:
    """u8 pictures in the memory of the device, and crops of them."""

    def __init__(self, pictures, size, device):
        self.all, self.size = pictures.to(device), size

    def crops(self, n, zoom):
        """n crops (n,3,size,size) in 0..1, randomly rotated, flipped and scaled; `zoom`: range of the side of a picture in crop sides."""
        d = self.all.device
        r = lambda lo, hi: lo + (hi - lo) * torch.rand(n, device=d)
        x = self.all[torch.randint(len(self.all), (n,), device=d)].float() / 255
        z = r(*zoom).clamp_min(1e-3)
        angle, flip = r(-0.15, 0.15), torch.sign(r(-1, 1))
        scale = 1 / z  # of the picture's half-width that a crop covers
        room = (1 - scale).clamp_min(0)
        c, s = scale * angle.cos(), scale * angle.sin()
        theta = torch.stack([torch.stack([c * flip, -s, r(-1, 1) * room], 1), torch.stack([s * flip, c, r(-1, 1) * room], 1)], 1)
        grid = F.affine_grid(theta, (n, 3, self.size, self.size), align_corners=False)
        return F.grid_sample(x, grid, mode='bilinear', padding_mode='reflection', align_corners=False)


def recoloured(x):
    """Colour augmentation of half of a batch: swapped channels, gain, offset, unsharp mask, contrast, desaturation."""
    n, d = len(x), x.device
    r = lambda lo, hi, c=1: lo + (hi - lo) * torch.rand(n, c, 1, 1, device=d)
    order = torch.rand(n, 3, device=d).argsort(1)
    y = x.gather(1, order[:, :, None, None].expand_as(x)) * r(0.7, 1.3, 3) + r(-0.1, 0.1, 3)
    soft = F.avg_pool2d(F.pad(y, (1, 1, 1, 1), mode='reflect'), 3, 1)
    y = y + r(0, 2) * (r(0, 1) < 0.5) * (y - soft)
    mean = y.mean((1, 2, 3), keepdim=True)
    y = (mean + torch.where(r(0, 1) < 0.5, r(0.8, 1.6), r(1, 1)) * (y - mean)).clamp(0, 1)
    grey = y.mean(1, keepdim=True).expand_as(y)
    y = torch.where(r(0, 1) < 0.1, y.lerp(grey, r(0, 1)), y)
    return torch.where(r(0, 1) < 0.5, y, x)


def walls(n, size, device):
    """Smooth photos quantised to 8 bits, which show contour lines and checkerboard artefacts."""
    y, x = torch.meshgrid(*[torch.linspace(0, 2 * math.pi, size, device=device)] * 2, indexing='ij')
    r = lambda lo, hi, k: lo + (hi - lo) * torch.rand(n, k, 1, 1, device=device)
    out = r(0.2, 0.8, 3).expand(n, 3, size, size)
    for _ in range(4):
        out = out + r(-0.12, 0.12, 3) * torch.cos(r(-2, 2, 1) * x + r(-2, 2, 1) * y + r(0, 6.3, 1))
    return (out.clamp(0, 1) * 255).round() / 255


class Step(torch.nn.Module):
    """A batch of photos and paintings -> (loss, terms)."""

    def __init__(self, o, net, judge):
        super().__init__()
        self.o, self.net = o, net
        self.judge = judge
        self.patch = isinstance(net.transformer, PatchTransformer)

    def paint(self, c, params, seed):
        return self.net.transformer(c, params, **({'seed': seed} if self.patch else {})).float()

    def forward(self, c, s, moved, rows, columns, seed):
        o, n = self.o, len(c)
        quarter = n // 4
        itself = F.interpolate(c[:quarter], s.shape[2:], mode='bilinear', antialias=True)
        params = self.net.head(self.net.predictor(torch.cat([s, itself])))
        y = self.paint(c, params[:n], seed)
        own = self.paint(c[:quarter], params[n:], seed)
        again = self.paint(moved, params[:quarter], seed)
        with torch.no_grad():
            grams = [losses.gram(f) for f in self.judge.features(s)[0]]
            target = self.judge.features(c, 4)[1]
        fs, fc = losses.padded_features(self.judge, y)
        e = losses.style_errors(fs, grams)
        style, content = losses.soft_cap(e).mean(), losses.content_error(fc, target).mean()
        tv, same, lattice = losses.total_variation(y), (own - c[:quarter]).square().mean(), losses.grid_error(y)
        there = y[:quarter].index_select(2, rows).index_select(3, columns)  # shifted like the photo
        stability = (again - there)[:, :, 16:-16, 16:-16].square().mean()
        loss = (content + o.style_weight * style + o.tv_weight * tv + o.identity_weight * same
                + o.stability_weight * stability + o.grid_weight * lattice)
        return loss, torch.stack([content, e.mean(), *e.mean(1), tv, same, stability, lattice]).detach()


def begin(o, pack):
    """-> the networks to go on from, on the device, and their options."""
    if o.begin:
        net, saved = load_averaged(o.begin)
        shape = argparse.Namespace(**saved['options'])
    else:
        with tempfile.TemporaryDirectory() as folder:
            models = pack.extract(folder)
            start, shape = bundled.load(models, o.model, o.dither)
            shape.covariances = o.covariances or shape.covariances
            net = Networks(shape, 0)
            net.load_state_dict(start.state_dict(), strict=not o.covariances)
    return net.train().to(o.device, memory_format=torch.channels_last), shape


def main(argv=None):
    o = options(argv)
    if o.threads:
        torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    pack = Pack(o.data)
    photos, paintings = (Pictures(pack.pictures(k), o.size, o.device) for k in ('content', 'style'))
    judge = losses.Vgg19(pack.vgg(), o.device, fast_dtype(o.device))
    net, shape = begin(o, pack)
    if o.hold_predictor:
        net.predictor.requires_grad_(False)
    named = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    trained = [p for _, p in named]
    print(f'{len(photos.all)} photos, {len(paintings.all)} paintings; transformer {count(net.transformer)} weights, '
          f'{mac_per_pixel(net.transformer):.0f} MAC/pixel', flush=True)
    adam = torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99), **({'fused': True} if o.device != 'cpu' else {}))
    average = [p.detach().clone() for p in net.parameters()]
    keep = argparse.Namespace(**{**vars(shape), **{k: v for k, v in vars(o).items() if k not in ('dither', 'covariances')}, 'table': False})
    step, spent = load_light(o.out, net, average)
    one = Step(o, net, judge)
    work = one if o.eager else torch.compile(one, mode='max-autotune-no-cudagraphs' if o.device != 'cpu' else None, dynamic=False)
    precision, stop, clock = autocast(o.device), Stop(), Clock(o.minutes, spent)
    patch, places = isinstance(net.transformer, PatchTransformer), torch.arange(o.size, device=o.device)
    log = open(os.path.join(o.out, 'log.csv'), 'a', newline='')  # noqa: SIM115
    table, seen, saved, first, every = csv.writer(log), 0, time.time(), step, 50 if not o.steps else 10

    while (share := clock.tick()) < 1 and not stop.asked and not (o.steps and step - first >= o.steps):
        adam.param_groups[0]['lr'] = learning_rate(o, step - first, share)
        c, s = photos.crops(o.batch, (1.0, 1.6)), recoloured(paintings.crops(o.batch, (0.7, 1.6)))
        flat = max(1, o.batch // 16)
        c[-flat:] = walls(flat, o.size, c.device)
        dy, dx = step % 4, step // 4 % 4
        moved = torch.roll(c[:o.batch // 4], (dy, dx), (2, 3))
        moved = (moved + NOISE * torch.randn_like(moved)).clamp(0, 1)
        at = (step * 37 % noise.PERIOD, step * 11 % noise.PERIOD)
        seed = net.transformer.seeded(o.size, o.size, at) if patch else None
        with precision:
            loss, terms = work(c, s, moved, (places - dy) % o.size, (places - dx) % o.size, seed)
        update(loss, [adam], trained, net, average, step - first, 0.999)
        step += 1
        seen = seen + terms
        if (step - first) % every == 0:
            m = (seen / every).tolist()
            row = [step, round(clock.spent / 60, 2), *[round(v, 5) for v in m]]
            print('step {} min {} content {} style {} layers {} {} {} {} {} tv {} identity {} stability {} lattice {}'.format(*row),
                  flush=True)
            table.writerow(row)
            log.flush()
            seen = 0
        if time.time() - saved > 120:
            saved = time.time()
            save_light(keep, net, average, step, clock.spent)
            with torch.no_grad(), precision:
                painted = one.paint(c[-8:], net.head(net.predictor(s[-8:])), seed)
                save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), c[-8:], s[-8:], painted)
    save_light(keep, net, average, step, clock.spent)
    print(f'done: {step} steps, {(step - first) * o.batch} pictures, {o.out}/checkpoint.pt '
          f'{os.path.getsize(os.path.join(o.out, "checkpoint.pt")) / 1e6:.1f} MB', flush=True)


if __name__ == '__main__':
    main()
