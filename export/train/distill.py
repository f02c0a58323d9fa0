#!/usr/bin/env python3
"""Train a smaller transformer to paint as a larger one does, with the same predictor.

  distill.py --teacher RUN --content DIR --styles DIR --out SMALL --minutes 30

The teacher is a function: the same photo and embedding give the same pastiche, so a student can be shown its
pixels (Hinton et al. 2015, arXiv:1503.02531, without the softmax). A step costs a tenth of one with VGG-19 in it.
The predictor is the teacher's and stays as it is: an embedding means the same style in both. Two things are asked
of the student that the teacher does not give: a photo with its own embedding is the photo itself, and a photo under
camera noise, or moved by a few pixels, gets the pastiche of the photo as it was.
"""
import argparse
import csv
import math
import os
import random
import time

import torch

from export.common.checkpoint import averaged, load_checkpoint, save_checkpoint
from export.common.networks import Networks, count, mac_per_pixel, shape_of_embedding
from export.train.data import Crops
from export.train.grid import save_grid
from export.train.schedule import NOISE, learning_rate, shifted
from export.train.teacher import distance


def options():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--teacher', required=True, help='folder of the run to learn from')
    a.add_argument('--teacher-name', default='fine', help='what the model card calls it')
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=8)
    a.add_argument('--size', type=int, default=192, help='side of the crops, a multiple of 16')
    a.add_argument('--width', type=int, default=32)
    a.add_argument('--half', type=int, default=12)
    a.add_argument('--blocks', type=int, default=4)
    a.add_argument('--lr', type=float, default=2e-3)
    a.add_argument('--warm', type=int, default=200, help='steps of warm-up')
    a.add_argument('--restart', action='store_true', help='take the weights of --out but start the schedule anew')
    a.add_argument('--device', default='cpu')
    a.add_argument('--no-compile', action='store_true')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    o.table, o.distilled = False, True
    return o


def embeddings(teacher, c, s, rng):
    """Bottlenecks of a batch: paintings, blends of two, and (the last) a photo's own."""
    with torch.no_grad():
        e = teacher.predictor(torch.cat([s, c[-1:]]))
    own, e = e[-1:], e[:-1].clone()
    quarter = len(e) // 4
    for i in range(quarter):  # glides are made of these, and so is every strength below 1
        other = own[0] if i == 0 else e[(i + 1) % len(e)]
        e[i] = torch.lerp(e[i], other, rng.random())
    e[-1] = own[0]
    return e


def main():
    o = options()
    torch.manual_seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    contents = Crops(o.content, o.size, 3, (1.0, 1.6), False, o.seed)
    styles = Crops(o.styles, o.size, 4, (0.6, 1.6), True, o.seed + 1)
    teacher, taught = averaged(o.teacher)
    shape_of_embedding(o, taught)
    teacher = teacher.to(o.device, memory_format=torch.channels_last).requires_grad_(False)
    net = Networks(o, 0).to(o.device, memory_format=torch.channels_last)
    net.predictor.load_state_dict(teacher.predictor.state_dict())
    net.predictor.requires_grad_(False)
    trained = [p for p in net.parameters() if p.requires_grad]
    print(f'transformer {count(net.transformer)} weights, {mac_per_pixel(net.transformer):.0f} MAC/pixel', flush=True)
    adam = torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))
    average = [p.detach().clone() for p in net.parameters()]
    step, spent = load_checkpoint(o, net, adam, average)
    first = step if o.restart else 0
    cast = torch.autocast(o.device.split(':')[0], torch.bfloat16)
    paint = lambda n: lambda c, e: n.transformer(c, n.head(e))
    student, master = paint(net), paint(teacher)
    if not o.no_compile:
        student, master = torch.compile(student), torch.compile(master)

    log = open(os.path.join(o.out, 'log.csv'), 'a', newline='')
    table = csv.writer(log)
    rng = random.Random(o.seed + step)
    began, saved, seen = time.time(), time.time(), [0.0, 0.0]
    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in adam.param_groups:
            group['lr'] = learning_rate(o, step, share)
        c = torch.stack([contents[rng.randrange(len(contents))] for _ in range(o.batch)]).to(o.device)
        s = torch.stack([styles[rng.randrange(len(styles))] for _ in range(o.batch)]).to(o.device)
        e = embeddings(teacher, c, s, rng)
        with torch.no_grad(), cast:
            t = master(c, e)
        t = torch.cat([t[:-1], c[-1:]])
        noise = torch.zeros(o.batch, 1, 1, 1, device=o.device)
        noise[1::3] = NOISE
        moved, where = shifted(c, step)
        seen_by_student = (moved + noise * torch.randn_like(moved)).clamp(0, 1)
        with cast:
            y = student(seen_by_student, e)
        t = t[:, :, *where]
        loss = distance(y, t)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 5.0)
        if math.isfinite(norm):
            adam.step()
            with torch.no_grad():
                keep = min(0.999, (step - first + 1) / (step - first + 10))
                torch._foreach_lerp_(average, list(net.parameters()), 1 - keep)
        step += 1

        seen = [seen[0] + float(loss.detach()), seen[1] + float((y[:-1] - t[:-1]).detach().square().mean())]
        if step % 100 == 0:
            db = -10 * math.log10(seen[1] / 100)
            row = [step, round((spent + time.time() - began) / 60, 2), round(seen[0] / 100, 5), round(db, 2)]
            print('step {} min {} loss {} teacher {} dB'.format(*row), flush=True)
            table.writerow(row)
            log.flush()
            seen = [0.0, 0.0]
        if time.time() - saved > 300:
            saved = time.time()
            save_checkpoint(o, net, adam, average, step, spent + saved - began)
            save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), moved, t, y.detach().float())
    save_checkpoint(o, net, adam, average, step, spent + time.time() - began)
    print(f'done: {step} steps, {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
