"""Distil a smaller transformer from a larger one that shares its predictor, then train it further on a loss network.

  python -m export.train.distill --from models --content DIR --styles DIR --out SMALL --minutes 90 --shape patch --compact FILE --vgg FILE

The teacher's pastiches are the targets (Hinton et al. 2015, arXiv:1503.02531, without the softmax); a step costs a tenth of one with
VGG-19. The predictor is the teacher's and is not trained, so an embedding means the same style in both. The targets differ from the
teacher's output in three ways: a photo with its own embedding has itself as target; a photo with camera noise or a shift of some pixels has
the pastiche of the original photo; and the teacher sees the photo with the student's own noise field (noise.py), so that the student can
learn what texture grows from it. From --compact-from of the schedule on, some pairs of a batch also get content and style losses on the
compact loss network, from --vgg-from on VGG-19.
"""
import argparse
import csv
import math
import os
import random
import time

import torch
import torch.nn.functional as F

from export.common import losses, noise
from export.common.checkpoint import load_averaged, load_checkpoint, save_checkpoint
from export.common.compact import CompactLossNetwork
from export.common.dtype import autocast
from export.common.networks import Networks, copy_embedding_size, count, mac_per_pixel
from export.train import bundled, synthetic
from export.train.clock import Clock, Stop
from export.train.data import Crops
from export.train.grid import save_grid
from export.train.schedule import NOISE, learning_rate
from export.train.targets import LiveTargets
from export.train.teacher import Teacher, distance
from export.train.update import update

DITHER = 1.5 / 255  # standard deviation of the noise in the photo that the teacher sees


def options():
    a = argparse.ArgumentParser(prog='python -m export.train.distill', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--teacher', help='folder of the run to learn from')
    a.add_argument('--from', dest='models', metavar='MODELS', help='instead: learn from the bundled model --teacher-name')
    a.add_argument('--teacher-name', default='fine', help='what the model card calls it')
    a.add_argument('--microast', metavar='DIR', help="MicroAST's released weights: a second teacher")
    a.add_argument('--second', type=float, default=0.25, help="share of the pairs that show MicroAST's pastiche")
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--compact', metavar='FILE', help='features.safetensors: judges from --compact-from on')
    a.add_argument('--vgg', metavar='FILE', help='VGG-19: judges from --vgg-from on')
    a.add_argument('--compact-from', type=float, default=0.35, metavar='SHARE')
    a.add_argument('--vgg-from', type=float, default=0.65, metavar='SHARE')
    a.add_argument('--judged', type=int, default=2, metavar='N', help='pairs of a batch that are judged')
    a.add_argument('--beside', type=int, default=0, metavar='N',
                   help='more pairs that the compact network judges while VGG-19 does (relu1_1 to relu4_1)')
    a.add_argument('--teach-weight', type=float, default=10.0)
    a.add_argument('--teach-late', type=float, default=4.0, help='the same, once a judge is there')
    a.add_argument('--style-weight', type=float, default=40.0)
    a.add_argument('--identity-weight', type=float, default=20.0)
    a.add_argument('--grid-weight', type=float, default=1000.0)
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--minutes', type=float, default=30, help='length of the whole schedule, earlier runs included')
    a.add_argument('--until', metavar='HH:MM', help='UTC; the schedule ends then, whatever --minutes says')
    a.add_argument('--batch', type=int, default=8)
    a.add_argument('--size', type=int, default=192, help='side of the crops, a multiple of 16')
    a.add_argument('--shape', choices=['half', 'patch'], default='half')
    a.add_argument('--width', type=int)
    a.add_argument('--half', type=int)
    a.add_argument('--blocks', type=int, default=4)
    a.add_argument('--lr', type=float, default=2e-3)
    a.add_argument('--warm', type=int, default=200, help='steps of warm-up')
    a.add_argument('--restart', action='store_true', help='take the weights of --out but start the schedule anew')
    a.add_argument('--device', default='cpu')
    a.add_argument('--threads', type=int)
    a.add_argument('--no-compile', action='store_true')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    if not o.teacher and not o.models:
        a.error('--teacher RUN or --from MODELS')
    o.width = o.width or (48 if o.shape == 'patch' else 32)
    o.half = o.half or (16 if o.shape == 'patch' else 12)
    o.table, o.distilled = False, True
    return o


def embeddings(teacher, c, s, rng):
    """Embeddings of a batch (B,D): of paintings, of blends of two (a quarter, before the last), and last of a photo itself."""
    with torch.no_grad():
        e = teacher.predictor(torch.cat([s, c[-1:]]))
    own, e = e[-1], e[:-1].clone()
    for k in range(len(e) // 4):  # transitions between styles and strengths below 1 are such blends
        i = len(e) - 2 - k
        e[i] = torch.lerp(e[i], own if k == 0 else e[i - 1], rng.random())
    e[-1] = own
    return e


def main():
    o = options()
    if o.threads:
        torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    contents = Crops(o.content, o.size, 16, (1.0, 1.6), 0, o.seed)
    styles = Crops(o.styles, o.size, 16, (0.6, 1.6), 0.5, o.seed + 1)
    if o.models:
        teacher, taught = bundled.load(o.models, o.teacher_name)
        taught = {'options': vars(taught)}
    else:
        teacher, taught = load_averaged(o.teacher)
    copy_embedding_size(o, taught)
    teacher = teacher.to(o.device, memory_format=torch.channels_last).requires_grad_(False)
    second = Teacher(o.microast, o.device) if o.microast else None
    net = Networks(o, 0).to(o.device, memory_format=torch.channels_last)
    net.predictor.load_state_dict(teacher.predictor.state_dict())
    net.predictor.requires_grad_(False)
    trained = [p for p in net.parameters() if p.requires_grad]
    print(f'transformer {count(net.transformer)} weights, {mac_per_pixel(net.transformer):.0f} MAC/pixel', flush=True)
    adam = torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))
    average = [p.detach().clone() for p in net.parameters()]
    step, spent = load_checkpoint(o, net, adam, average)
    first = step if o.restart else 0
    precision = autocast(o.device)
    patch = o.shape == 'patch'
    student = (lambda c, e, at: net.transformer(c, net.head(e), seed=at)) if patch else (lambda c, e, at: net.transformer(c, net.head(e)))
    master = lambda c, e: teacher.transformer(c, teacher.head(e))
    if not o.no_compile:
        student, master = torch.compile(student, dynamic=False), torch.compile(master, dynamic=False)
    dither = noise.pixel_noise().to(o.device)
    judges, stop, clock = {}, Stop(), Clock(o.minutes, spent, o.until)

    def judge_at(share):
        kind = 'vgg' if o.vgg and share >= o.vgg_from else 'compact' if o.compact and share >= o.compact_from else None
        if kind and kind not in judges:
            judges[kind] = losses.Vgg19(o.vgg, o.device) if kind == 'vgg' else CompactLossNetwork(o.compact, o.device)
            print(f'{kind} judges from here', flush=True)
        return judges.get(kind)

    log = open(os.path.join(o.out, 'log.csv'), 'a', newline='')  # noqa: SIM115
    table = csv.writer(log)
    rng = random.Random(o.seed + step)
    saved, seen, every = time.time(), 0, 25

    def keep():
        save_checkpoint(o, net, adam, average, step, clock.spent)

    while (share := clock.tick()) < 1 and not stop.asked:
        for group in adam.param_groups:
            group['lr'] = learning_rate(o, step, share)
        picture = lambda crops, other, rate: other(rng.getrandbits(30), o.size) if rng.random() < rate else crops[rng.randrange(len(crops))]
        # The judges see photos only: on smooth pictures their content features are near zero, and the relative error explodes.
        plain = [0 if i < o.judged + o.beside else 0.2 for i in range(o.batch)]
        c = torch.stack([picture(contents, synthetic.smooth, rate) for rate in plain]).to(o.device)
        s = torch.stack([picture(styles, synthetic.swatch, 0.12) for _ in range(o.batch)]).to(o.device)
        e = embeddings(teacher, c, s, rng)
        still = step % 2 == 0  # every second step the picture is moved, and the noise that the teacher saw is another
        at = (rng.randrange(noise.PERIOD), rng.randrange(noise.PERIOD))
        q = net.transformer.PAD if patch else 0
        place = torch.roll(dither, (4 * at[0] - q, 4 * at[1] - q), (0, 1))
        place = place.repeat(2, 2)[:o.size, :o.size]
        with torch.no_grad(), precision:
            t = master(c + DITHER * place, e).float()
        if second:
            n = round(o.second * o.batch)
            t[:n] = second.paint(c[:n], s[:n])
        t = torch.cat([t[:-1], c[-1:]])
        sigma = torch.zeros(o.batch, 1, 1, 1, device=o.device)
        sigma[1::3] = NOISE
        dy, dx = (0, 0) if still else (step // 2 % 4, step // 8 % 4)
        moved = F.pad(c, (dx, 0, dy, 0), mode='reflect')[:, :, :o.size, :o.size]
        seen_by_student = (moved + sigma * torch.randn_like(moved)).clamp(0, 1)
        with precision:
            y = student(seen_by_student, e, net.transformer.seeded(o.size, o.size, at) if patch else None).float()
        full, y, t = y, y[:, :, dy:, dx:], t[:, :, :o.size - dy, :o.size - dx]
        d = distance(y[:-1], t[:-1])
        same = (y[-1:] - t[-1:]).square().mean()
        lattice = losses.grid_error(full)
        judge = judge_at(share)
        teach = o.teach_late if judge else o.teach_weight
        loss = teach * d + o.identity_weight * same + o.grid_weight * lattice
        content = style = y.new_zeros(())
        layers = y.new_zeros(5)
        if judge:
            n = o.judged
            with torch.no_grad():
                target = LiveTargets('content', judge).get(None, moved[:n])
                grams = LiveTargets('style', judge).get(None, s[:n])
            fs, fc = losses.padded_features(judge, full[:n])
            errors = losses.style_errors(fs, grams)
            style, content = losses.soft_cap(errors).mean(), losses.content_error(fc, target).mean()
            layers = errors.detach().mean(1)
            loss = loss + content + o.style_weight * style
            if o.beside and o.compact and share >= o.vgg_from:
                if 'compact' not in judges:
                    judges['compact'] = CompactLossNetwork(o.compact, o.device)
                k = slice(n, n + o.beside)
                with torch.no_grad():
                    target = LiveTargets('content', judges['compact']).get(None, moved[k])
                    grams = LiveTargets('style', judges['compact']).get(None, s[k])[:4]
                fs, fc = losses.padded_features(judges['compact'], full[k])
                more = losses.soft_cap(losses.style_errors(fs[:4], grams)).mean()
                loss = loss + o.beside / n * (losses.content_error(fc, target).mean() + 0.8 * o.style_weight * more)
        update(loss, [adam], trained, net, average, step - first, 0.998)
        step += 1

        mse = (y[:-1] - t[:-1]).detach().square().mean()
        seen = seen + torch.stack([d.detach(), mse, same.detach(), lattice.detach(), content.detach(), layers.mean(), *layers])
        if step % every == 0:
            m = (seen / every).tolist()
            row = [step, round(clock.spent / 60, 2), round(m[0], 4), round(-10 * math.log10(m[1]), 2), round(-10 * math.log10(m[2]), 2),
                   round(255 * m[3] ** 0.5, 3), *[round(v, 4) for v in m[4:]]]
            print('step {} min {} distance {} teacher {} dB, itself {} dB, grid {} levels, '
                  'content {} style {} layers {} {} {} {} {}'.format(*row), flush=True)
            table.writerow(row)
            log.flush()
            seen = 0
        if time.time() - saved > 300:
            saved = time.time()
            keep()
            save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), c[:, :, :o.size - dy, :o.size - dx], s[:, :, dy:, dx:], t, y.detach())
    keep()
    log.close()
    print(f'done: {step} steps, {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
