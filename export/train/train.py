#!/usr/bin/env python3
"""Train a style predictor, a head and a transformer; resume where the last run stopped.

  train.py --content DIR --styles DIR --vgg FILE --out RUN --minutes 90     any style (Ghiasi et al. 2017)
  train.py ... --styles DIR --table                                        one row a painting (Dumoulin et al. 2017)
  train.py ... --styles ONE.jpg                                            one painting (Johnson et al. 2016)

RUN/checkpoint.pt is rewritten every few minutes; RUN/log.csv grows; RUN/grid-*.png is for the eye.
The learning rate follows a cosine over the whole of --minutes, so a run ends well when its time does.
"""
import argparse
import csv
import math
import os
import random
import time

import torch
import torch.nn.functional as F

from export.common import losses
from export.common.checkpoint import averaged, load_checkpoint, save_checkpoint
from export.common.networks import Networks, count, mac_per_pixel, shape_of_embedding
from export.train.grid import save_grid
from export.train.hint import Hint
from export.train.muon import Muon
from export.train.schedule import NOISE, HardMining, learning_rate, phases, shifted
from export.train.teacher import Teacher, distance

RIM = 8  # pixels at the border that a moved picture is not compared at: there it ends elsewhere


def options():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings, or one picture')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--compact', metavar='FILE', help='features.safetensors: the compact network judges until --finish')
    a.add_argument('--finish', type=float, default=0.25, metavar='SHARE', help='of the schedule, that VGG-19 judges even so')
    a.add_argument('--teacher', metavar='DIR', help="MicroAST's released weights: learn from its pastiches too")
    a.add_argument('--teach-weight', type=float, default=10.0, help="of the distance to the teacher's pastiche")
    a.add_argument('--judged', type=int, metavar='N', help='how many pairs of a batch are judged, where a teacher shows all of them')
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--predictor', metavar='RUN', help='take the predictor of that run and leave it as it is: a second transformer')
    a.add_argument('--table', action='store_true', help='learn a row for each painting instead of a predictor')
    a.add_argument('--minutes', type=float, default=90, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=6)
    a.add_argument('--size', type=int, default=192, help='side of the crops, a multiple of 16')
    a.add_argument('--style-size', type=int, default=160, help='side of the crops of paintings, a multiple of 16')
    a.add_argument('--style-zoom', type=float, nargs=2, default=(1.0, 1.5), metavar=('LOW', 'HIGH'),
                   help='short side of the paintings that crops are cut from, in crops: 2 teaches the strokes of pictures of 2 SIZE; '
                        'below 1 a thumbnail keeps its sharpness, and is repeated, mirrored')
    a.add_argument('--bottleneck', type=int, default=256, help='numbers in an embedding')
    a.add_argument('--hidden', type=int, default=512, help="units of the predictor's last hidden layer")
    a.add_argument('--width', type=int, default=64)
    a.add_argument('--half', type=int, default=24)
    a.add_argument('--blocks', type=int, default=5)
    a.add_argument('--lr', type=float, default=1e-3)
    a.add_argument('--muon', action='store_true', help='orthogonal updates of the matrices')
    a.add_argument('--warm', type=int, default=200, help='steps of warm-up')
    a.add_argument('--style-weight', type=float, default=5.0)
    a.add_argument('--tv-weight', type=float, default=0.5)
    a.add_argument('--identity-weight', type=float, default=20.0, help="a photo with its own embedding gives the photo back")
    a.add_argument('--hint-weight', type=float, default=1.0, help="the predictor's hidden layer tells the Gram matrices")
    a.add_argument('--calm-weight', type=float, default=0.0, help='the same picture under camera noise (sigma 0.02), and moved by up to 3 pixels')
    a.add_argument('--restart', action='store_true', help='take the weights of RUN but start the schedule anew')
    a.add_argument('--device', default='cpu')
    a.add_argument('--no-compile', action='store_true')
    a.add_argument('--seed', type=int, default=1)
    return a.parse_args()


def step_loss(o, phase, teacher, forward, cast, hint, step, ci, si):
    """Paint a batch, the crops `ci` of photos and `si` of paintings, and judge it, or its first pairs beside a teacher.

    -> (loss, terms for the log, style error of each pair (B,), (content, style) crops)
    """
    judge, contents, styles, content_targets, style_targets = phase
    c = torch.stack([contents[i] for i in ci]).to(o.device)
    s = torch.stack([styles[i] for i in si]).to(o.device)
    n = o.judged or o.batch
    p, grams = content_targets.get(ci[:n], c[:n]), style_targets.get(si[:n], s[:n])
    key = torch.tensor([i // styles.variants for i in si], device=o.device) if o.table else s

    seen, taught = c, c.new_zeros(())
    if teacher:
        shown = teacher.paint(c, s)
        seen = c.clone()
        seen[n::2] += NOISE * torch.randn_like(seen[n::2])  # the teacher saw them without: calm for nothing
    # The last pair of the batch is a photo with itself: strength 0 must give the photo back.
    with cast:
        if o.table:
            (y, hidden), own = forward(seen, key), None
        else:
            itself = F.interpolate(c[:1], s.shape[2:], mode='bilinear', antialias=True)
            y, hidden = forward(torch.cat([seen, c[:1]]), torch.cat([key, itself]))
            y, own = y[:o.batch], y[o.batch:]
    if teacher:
        taught = distance(y, shown)
    fs, fc = losses.seamless_features(judge, y[:n])
    e = losses.style_errors(fs, grams)
    style = (torch.log1p(e) if step < 500 else losses.soft_cap(e)).mean()
    content = losses.content_error(fc, p).mean()
    tv = losses.total_variation(y)
    same = (own - c[:1]).square().mean() if own is not None else y.new_zeros(())
    calm = told = y.new_zeros(())
    if o.calm_weight:
        moved, where = shifted(c[:2], step)
        with cast:
            again = forward((moved + NOISE * torch.randn_like(moved)).clamp(0, 1), key[:2])[0]
        calm = (again - y[:2, :, *where]).square()[:, :, RIM:-RIM, RIM:-RIM].mean()
    if hint:
        told = hint(hidden[:n].float(), grams)
    loss = (content + o.style_weight * style + o.tv_weight * tv + o.identity_weight * same
            + o.calm_weight * calm + o.hint_weight * told + o.teach_weight * taught)
    terms = [t.detach().float() for t in [content, e.mean(), *e.mean(1), tv, same, calm, told, taught]]
    return loss, torch.stack(terms), e.detach().mean(0), (c, key)


class Log:
    """RUN/log.csv and what is printed: means over 50 steps."""

    TERMS = 'content {} style {} layers {} {} {} {} {} tv {} same {} calm {} hint {} teacher {}'

    def __init__(self, o):
        self.file = open(os.path.join(o.out, 'log.csv'), 'a', newline='')
        self.table, self.sum = csv.writer(self.file), 0

    def add(self, step, minutes, terms):
        self.sum = self.sum + terms
        if step % 50 == 0:
            row = [step, round(minutes, 2)] + [round(a / 50, 5) for a in self.sum.tolist()]
            print(('step {} min {} ' + self.TERMS).format(*row), flush=True)
            self.table.writerow(row)
            self.file.flush()
            self.sum = 0


def begin(o, paintings):
    """-> networks and those of their parameters that are learnt, by name."""
    other = None
    if o.predictor:
        other, saved = averaged(o.predictor)
        shape_of_embedding(o, saved)
    net = Networks(o, paintings).to(o.device, memory_format=torch.channels_last)
    print(f'transformer {count(net.transformer)} weights, {mac_per_pixel(net.transformer):.0f} MAC/pixel; '
          f'predictor {count(net.predictor)}, head {count(net.head)}', flush=True)
    if other:
        net.predictor.load_state_dict(other.predictor.state_dict())
        net.predictor.requires_grad_(False)
    return net, [(n, p) for n, p in net.named_parameters() if p.requires_grad]


def main():
    o = options()
    torch.manual_seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    o.table = o.table or os.path.isfile(o.styles)
    early, late = phases(o)
    net, named = begin(o, len(late.styles.files))
    trained = [p for _, p in named]
    optimizers = [Muon(named, o.lr) if o.muon else torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))]
    average = [p.detach().clone() for p in net.parameters()]
    step, spent = load_checkpoint(o, net, optimizers[0], average)
    first = step if o.restart else 0  # the average of a new schedule forgets the old one quickly
    hint = None
    if o.hint_weight and not (o.table or o.predictor):
        hint = Hint(o.hidden).to(o.device)
        hint.learn(early.judge, early.styles)
        optimizers.append(torch.optim.Adam(hint.parameters(), 1e-3))
    teacher = Teacher(o.teacher, o.device) if o.teacher else None
    cast = torch.autocast(o.device.split(':')[0], torch.bfloat16)
    forward = net if o.no_compile else torch.compile(net)

    log, rng, phase = Log(o), random.Random(o.seed + step), early
    hard = HardMining(len(late.styles.files), rng)
    began = saved = time.time()
    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in optimizers[0].param_groups:
            group['lr'] = learning_rate(o, step, share)
        if share >= 1 - o.finish and phase is not late:
            phase, hint = late, None  # the hint's components are the compact network's
            print('VGG-19 judges from here', flush=True)
        ci = [rng.randrange(len(phase.contents)) for _ in range(o.batch)]
        drawn = [hard.draw() for _ in range(o.batch)]
        si = [k * phase.styles.variants + rng.randrange(phase.styles.variants) for k in drawn]
        loss, terms, errors, (c, key) = step_loss(o, phase, teacher, forward, cast, hint, step, ci, si)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 5.0)
        if math.isfinite(norm):
            for optimizer in optimizers:
                optimizer.step()
            with torch.no_grad():
                keep = min(0.999, (step - first + 1) / (step - first + 10))
                torch._foreach_lerp_(average, list(net.parameters()), 1 - keep)
        step += 1
        hard.saw(drawn[:len(errors)], errors.tolist())
        log.add(step, (spent + time.time() - began) / 60, terms)
        if time.time() - saved > 300:
            saved = time.time()
            save_checkpoint(o, net, optimizers[0], average, step, spent + saved - began)
            with torch.no_grad(), cast:
                rows = [c, net(c, key)[0]] if o.table else [c, F.interpolate(key, c.shape[2:]), net(c, key)[0]]
                save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), *rows)
    save_checkpoint(o, net, optimizers[0], average, step, spent + time.time() - began)
    print(f'done: {step} steps, {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
