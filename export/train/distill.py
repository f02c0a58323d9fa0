#!/usr/bin/env python3
"""Distil a smaller transformer from a larger one that shares its predictor.

  python -m export.train.distill --teacher RUN --content DIR --styles DIR --out SMALL --minutes 30

The teacher's pastiches are the targets (Hinton et al. 2015, arXiv:1503.02531, without the softmax); a step costs a tenth of one with
VGG-19. The predictor is the teacher's and is not trained, so an embedding means the same style in both. Two targets differ from the
teacher's output: a photo with its own embedding has itself as target, and a photo with camera noise or a shift of some pixels has the
pastiche of the original photo.
"""
import argparse
import csv
import math
import os
import random
import time

import torch

from export.common.checkpoint import load_averaged, load_checkpoint, save_checkpoint
from export.common.networks import Networks, copy_embedding_size, count, mac_per_pixel
from export.train.data import Crops
from export.train.grid import save_grid
from export.train.schedule import NOISE, learning_rate, shifted
from export.train.teacher import distance


def options():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--teacher', required=True, help='folder of the run to distil')
    a.add_argument('--teacher-name', default='fine', help='its name in the model card')
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--batch', type=int, default=8)
    a.add_argument('--size', type=int, default=192, help='side of the crops, a multiple of 16')
    a.add_argument('--width', type=int, default=32, help='channels at 1/4 of the resolution')
    a.add_argument('--half', type=int, default=12, help='channels at 1/2 of the resolution')
    a.add_argument('--blocks', type=int, default=4, help='residual blocks')
    a.add_argument('--lr', type=float, default=2e-3)
    a.add_argument('--warm', type=int, default=200, help='steps of warm-up')
    a.add_argument('--restart', action='store_true', help='keep the weights of --out but start a new schedule')
    a.add_argument('--device', default='cpu')
    a.add_argument('--no-compile', action='store_true', help='do not use torch.compile')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    o.table, o.distilled = False, True
    return o


def embeddings(teacher, content, style, rng):
    """Embeddings of a batch (B,D): of paintings, of blends of two (a quarter of the batch), and last of a photo itself."""
    with torch.no_grad():
        e = teacher.predictor(torch.cat([style, content[-1:]]))
    of_photo, e = e[-1:], e[:-1].clone()
    for i in range(len(e) // 4):  # transitions between styles and strengths below 1 are such blends
        other = of_photo[0] if i == 0 else e[(i + 1) % len(e)]
        e[i] = torch.lerp(e[i], other, rng.random())
    e[-1] = of_photo[0]
    return e


def main():
    o = options()
    torch.manual_seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    contents = Crops(o.content, o.size, 3, (1.0, 1.6), False, o.seed)
    styles = Crops(o.styles, o.size, 4, (0.6, 1.6), True, o.seed + 1)
    teacher, saved_teacher = load_averaged(o.teacher)
    copy_embedding_size(o, saved_teacher)
    teacher = teacher.to(o.device, memory_format=torch.channels_last).requires_grad_(False)
    net = Networks(o, 0).to(o.device, memory_format=torch.channels_last)
    net.predictor.load_state_dict(teacher.predictor.state_dict())
    net.predictor.requires_grad_(False)
    trained = [p for p in net.parameters() if p.requires_grad]
    print(f'transformer {count(net.transformer)} weights, {mac_per_pixel(net.transformer):.0f} MAC/pixel', flush=True)
    optimizer = torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))
    average = [p.detach().clone() for p in net.parameters()]
    step, spent = load_checkpoint(o, net, optimizer, average)
    first = step if o.restart else 0
    autocast = torch.autocast(o.device.split(':')[0], torch.bfloat16)
    stylise = lambda n: lambda c, e: n.transformer(c, n.head(e))
    student_forward, teacher_forward = stylise(net), stylise(teacher)
    if not o.no_compile:
        student_forward, teacher_forward = torch.compile(student_forward), torch.compile(teacher_forward)

    log = open(os.path.join(o.out, 'log.csv'), 'a', newline='')  # noqa: SIM115
    table = csv.writer(log)
    rng = random.Random(o.seed + step)
    began, saved, sums = time.time(), time.time(), [0.0, 0.0]
    while (share := (spent + time.time() - began) / 60 / o.minutes) < 1:
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(o, step, share)
        content = torch.stack([contents[rng.randrange(len(contents))] for _ in range(o.batch)]).to(o.device)
        style = torch.stack([styles[rng.randrange(len(styles))] for _ in range(o.batch)]).to(o.device)
        e = embeddings(teacher, content, style, rng)
        with torch.no_grad(), autocast:
            target = teacher_forward(content, e)
        target = torch.cat([target[:-1], content[-1:]])
        noise = torch.zeros(o.batch, 1, 1, 1, device=o.device)
        noise[1::3] = NOISE
        moved, where = shifted(content, step)
        with autocast:
            y = student_forward((moved + noise * torch.randn_like(moved)).clamp(0, 1), e)
        target = target[:, :, *where]
        loss = distance(y, target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 5.0)
        if math.isfinite(norm):
            optimizer.step()
            with torch.no_grad():
                decay = min(0.999, (step - first + 1) / (step - first + 10))
                torch._foreach_lerp_(average, list(net.parameters()), 1 - decay)
        step += 1

        sums = [sums[0] + float(loss.detach()), sums[1] + float((y[:-1] - target[:-1]).detach().square().mean())]
        if step % 100 == 0:
            db = -10 * math.log10(sums[1] / 100)
            row = [step, round((spent + time.time() - began) / 60, 2), round(sums[0] / 100, 5), round(db, 2)]
            print('step {} min {} loss {} teacher {} dB'.format(*row), flush=True)
            table.writerow(row)
            log.flush()
            sums = [0.0, 0.0]
        if time.time() - saved > 300:
            saved = time.time()
            save_checkpoint(o, net, optimizer, average, step, spent + saved - began)
            save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), moved, target, y.detach().float())
    log.close()
    save_checkpoint(o, net, optimizer, average, step, spent + time.time() - began)
    print(f'done: {step} steps, {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
