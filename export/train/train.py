"""Train a style predictor, a head and a transformer, or resume a run.

  python -m export.train --content DIR --styles DIR --vgg FILE --out RUN --minutes 90    any style (Ghiasi et al. 2017)
  python -m export.train ... --styles DIR --table            a fixed set of styles (Dumoulin et al. 2017)
  python -m export.train ... --styles ONE.jpg                one style (Johnson et al. 2016)
  python -m export.train ... --from models [--from-name fine]      start from a bundled model, a table from its embeddings
  python -m export.train --data PACK --device cuda --out RUN --minutes 9   everything on a GPU (gpu.py; its options: --data x --help)

RUN/checkpoint.pt is rewritten every five minutes, RUN/log.csv gets a row every 50 steps, RUN/grid-*.png are for visual inspection.
The learning rate follows a cosine over the whole of --minutes.
"""
import argparse
import csv
import os
import random
import sys
import time

import torch
import torch.nn.functional as F

from export.common import losses, manifest, noise
from export.common.checkpoint import load_averaged, load_checkpoint, save_checkpoint
from export.common.dtype import autocast
from export.common.networks import Networks, copy_embedding_size, count, mac_per_pixel
from export.common.pictures import fit, load, picture_files, to_tensor
from export.common.taps import grams_and_content
from export.train import bundled, gpu, synthetic
from export.train.clock import Clock, Stop
from export.train.grid import save_grid
from export.train.hint import Hint
from export.train.muon import Muon
from export.train.schedule import NOISE, HardMining, learning_rate, phases, shifted, window
from export.train.teacher import Teacher, distance
from export.train.update import update

PHOTOS = 16  # whose mean embedding begins the last row of a table
RIM = 8  # pixels at the border that the stability loss leaves out, where a shifted window has other neighbours


def options():
    a = argparse.ArgumentParser(prog='python -m export.train', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings, or one picture')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--compact', metavar='FILE', help='features.safetensors: the compact loss network is used until --finish')
    a.add_argument('--finish', type=float, default=0.25, metavar='SHARE', help='last share of the schedule, for which VGG-19 is used')
    a.add_argument('--teacher', metavar='DIR', help="MicroAST's released weights, whose pastiches are additional targets")
    a.add_argument('--teach-weight', type=float, default=10.0, help="weight of the distance to the teacher's pastiche")
    a.add_argument('--judged', type=int, metavar='N', help='with --teacher: pairs a batch with content and style losses (default: all)')
    a.add_argument('--out', required=True, help='folder of this run')
    a.add_argument('--predictor', metavar='RUN', help='use the predictor of that run and do not train it: a second transformer')
    a.add_argument('--from', dest='models', metavar='MODELS', help='start from the bundled model --from-name of that folder')
    a.add_argument('--from-name', default='fine', metavar='NAME')
    a.add_argument('--hold-predictor', action='store_true', help='leave the predictor as it is, so that embeddings keep their meaning')
    a.add_argument('--table', action='store_true', help='learn an embedding for each painting instead of a predictor')
    a.add_argument('--minutes', type=float, default=90, help='length of the whole schedule, earlier runs included')
    a.add_argument('--steps', type=int, metavar='N', help='stop after N steps of this run, if --minutes have not passed before')
    a.add_argument('--batch', type=int, default=6)
    a.add_argument('--fresh', action='store_true',
                   help='crops that do not come back; their targets are computed at every step and not kept')
    a.add_argument('--generated', type=float, default=0.0, metavar='SHARE',
                   help='with --fresh: share of the paintings that are generated swatches (synthetic.py)')
    a.add_argument('--hard', type=float, default=0.0, metavar='SHARE',
                   help='share of the draws that choose the worst of four paintings (no gain was measured)')
    a.add_argument('--size', type=int, default=192, help='side of the content crops, a multiple of 16')
    a.add_argument('--style-size', type=int, default=160, help='side of the style crops, a multiple of 16')
    a.add_argument('--style-zoom', type=float, nargs=2, default=(1.0, 1.5), metavar=('LOW', 'HIGH'),
                   help='range of the short side that paintings are resized to before cropping, in crop sides; '
                        'below 1 they keep the sharpness of a thumbnail and are extended by reflection')
    a.add_argument('--bottleneck', type=int, default=256, help='size of an embedding')
    a.add_argument('--hidden', type=int, default=512, help="units of the predictor's last hidden layer")
    a.add_argument('--covariances', type=int, default=0, metavar='K',
                   help='the predictor also sees covariances of K projections of every stage, 32 say')
    a.add_argument('--width', type=int, default=64, help='channels at 1/4 of the resolution')
    a.add_argument('--half', type=int, default=24, help='channels at 1/2 of the resolution')
    a.add_argument('--blocks', type=int, default=5, help='residual blocks')
    a.add_argument('--shape', choices=['half', 'patch'], default='half',
                   help='patch: no layers at 1/2; --half are the channels at 1/4, --width those at 1/8')
    a.add_argument('--merge', type=int, default=24, help='patch: channels at 1/4 of the decoder')
    a.add_argument('--no-smooth', dest='smooth', action='store_false', help='patch: no convolution at full resolution')
    a.add_argument('--window', type=int, metavar='PIXELS',
                   help='side of a random part of the pastiche, a multiple of 16, that gets the content and style losses (default: all): '
                        'strokes must then be everywhere, and VGG-19 takes less time')
    a.add_argument('--grid-weight', type=float, default=0.0, help='checkerboard artefacts (losses.grid_error)')
    a.add_argument('--lr', type=float, default=1e-3)
    a.add_argument('--muon', action='store_true', help='Muon instead of Adam for weight matrices')
    a.add_argument('--warm', type=int, default=200, help='steps of warm-up')
    a.add_argument('--style-weight', type=float, default=5.0)
    a.add_argument('--tv-weight', type=float, default=0.5)
    a.add_argument('--identity-weight', type=float, default=20.0, help='a photo with its own embedding must give the photo')
    a.add_argument('--hint-weight', type=float, default=1.0, help="the predictor's hidden layer must predict the Gram matrices (hint.py)")
    a.add_argument('--stability-weight', type=float, default=0.0,
                   help='the pastiche must not change under camera noise (sigma 0.02) and shifts of up to 3 pixels')
    a.add_argument('--restart', action='store_true', help='keep the weights of RUN but start a new schedule')
    a.add_argument('--device', default='cpu')
    a.add_argument('--no-compile', action='store_true', help='do not use torch.compile')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    if o.generated and (not o.fresh or o.table or os.path.isfile(o.styles)):
        a.error('--generated needs --fresh and a predictor')
    return o


def training_loss(o, phase, teacher, forward, precision, hint, step, content_indices, style_indices):
    """Stylise a batch of crops and compute the losses; with --judged the content and style losses of its first pairs only.

    -> (loss, terms for the log, style error of each pair (B,), (content, style) crops)
    """
    loss_network, contents, styles, content_targets, style_targets = phase
    content = torch.stack([contents[i] for i in content_indices]).to(o.device)  # (B,3,S,S)
    style = torch.stack([synthetic.swatch(random.getrandbits(30), o.style_size) if random.random() < o.generated else styles[i]
                         for i in style_indices]).to(o.device)  # (B,3,T,T)
    n = o.judged or o.batch
    inner, cells = window(o.size, o.window)
    if o.fresh:  # of the window only
        with torch.no_grad():
            features = losses.padded_features(loss_network, content[:n, :, *inner], 4)[1]
    else:
        features = content_targets.get(content_indices[:n], content[:n])[:, :, *cells]
    grams = style_targets.get(style_indices[:n], style[:n])
    key = torch.tensor([i // styles.variants for i in style_indices], device=o.device) if o.table else style

    inputs, teacher_loss = content, content.new_zeros(())
    if teacher:
        taught = teacher.paint(content, style)
        inputs = content.clone()
        # Noise that the teacher does not get: the student learns to ignore it.
        inputs[n::2] += NOISE * torch.randn_like(inputs[n::2])
    with precision:
        # One more pair, a photo as its own style, for the identity loss.
        itself = (key.new_tensor([len(styles.files)]) if o.table
                  else F.interpolate(content[:1], style.shape[2:], mode='bilinear', antialias=True))
        shift = tuple(torch.randint(noise.PERIOD, (2,)).tolist()) if o.shape == 'patch' else None
        y, hidden = forward(torch.cat([inputs, content[:1]]), torch.cat([key, itself]), shift)
        y, reconstruction = y[:o.batch], y[o.batch:]
    if teacher:
        teacher_loss = distance(y, taught)
    found, content_features = grams_and_content(loss_network, y[:n, :, *inner])
    errors = losses.gram_errors(found, grams)  # (5,n)
    style_loss = (torch.log1p(errors) if step < 500 else losses.soft_cap(errors)).mean()
    content_loss = losses.content_error(content_features, features).mean()
    tv_loss, grid_loss = losses.total_variation(y), losses.grid_error(y) if o.grid_weight else 0
    identity_loss = (reconstruction - content[:1]).square().mean()
    stability_loss = hint_loss = y.new_zeros(())
    if o.stability_weight:
        moved, where = shifted(content[:2], step)
        with precision:
            again = forward((moved + NOISE * torch.randn_like(moved)).clamp(0, 1), key[:2], shift)[0]
        stability_loss = (again - y[:2, :, *where]).square()[:, :, RIM:-RIM, RIM:-RIM].mean()
    if hint:
        hint_loss = hint(hidden[:n].float(), grams)
    loss = (content_loss + o.style_weight * style_loss + o.tv_weight * tv_loss + o.identity_weight * identity_loss
            + o.grid_weight * grid_loss + o.stability_weight * stability_loss + o.hint_weight * hint_loss
            + o.teach_weight * teacher_loss)
    terms = [content_loss, errors.mean(), *errors.mean(1), tv_loss, identity_loss, stability_loss, hint_loss, teacher_loss]
    return loss, torch.stack([t.detach().float() for t in terms]), errors.detach().mean(0), (content, key)


class Log:
    """RUN/log.csv and the progress lines: means over 50 steps."""

    TERMS = 'content {} style {} layers {} {} {} {} {} tv {} identity {} stability {} hint {} teacher {}'

    def __init__(self, o):
        self.file = open(os.path.join(o.out, 'log.csv'), 'a', newline='')  # noqa: SIM115
        self.table, self.sum = csv.writer(self.file), 0

    def add(self, step, minutes, terms):
        self.sum = self.sum + terms
        if step % 50 == 0:
            row = [step, round(minutes, 2)] + [round(a / 50, 5) for a in self.sum.tolist()]
            print(('step {} min {} ' + self.TERMS).format(*row), flush=True)
            self.table.writerow(row)
            self.file.flush()
            self.sum = 0


def build_networks(o, paintings):
    """`paintings`: their files. -> (networks, [(name, parameter)] of the parameters that are trained)."""
    other = None
    if o.predictor:
        other, saved = load_averaged(o.predictor)
        copy_embedding_size(o, saved)
    start = None
    if o.models:
        start, shape = bundled.load(o.models, o.from_name)
        # its sizes instead of --width, --half, --blocks, --bottleneck and --hidden
        vars(o).update({**vars(shape), 'table': o.table, 'covariances': o.covariances or shape.covariances})
    net = Networks(o, len(paintings)).to(o.device, memory_format=torch.channels_last)
    if start:
        weights = start.state_dict()
        if o.table and not shape.table:  # begins with what the predictor says of the paintings and, for the last row, of some photos
            weights = {k: v for k, v in weights.items() if not k.startswith('predictor.')}
            read = lambda f: start.predictor(to_tensor(fit(load(f), manifest.STYLE_SIDE))[None])
            with torch.no_grad():
                photos = torch.cat([read(f) for f in picture_files(o.content)[:PHOTOS]])
                weights['predictor.rows.weight'] = torch.cat([*map(read, paintings), photos.mean(0, keepdim=True)])
        net.load_state_dict(weights, strict=not o.covariances)  # covariances start with no influence
    print(f'transformer {count(net.transformer)} weights, {mac_per_pixel(net.transformer):.0f} MAC/pixel; '
          f'predictor {count(net.predictor)}, head {count(net.head)}', flush=True)
    if other:
        net.predictor.load_state_dict(other.predictor.state_dict())
    if other or o.hold_predictor:
        net.predictor.requires_grad_(False)
    return net, [(n, p) for n, p in net.named_parameters() if p.requires_grad]


def main():
    if '--data' in sys.argv:
        return gpu.main()
    o = options()
    torch.manual_seed(o.seed)
    random.seed(o.seed)
    os.makedirs(o.out, exist_ok=True)
    o.table = o.table or os.path.isfile(o.styles)
    early, late = phases(o)
    net, named = build_networks(o, late.styles.files)
    trained = [p for _, p in named]
    optimizers = [Muon(named, o.lr) if o.muon else torch.optim.Adam(trained, o.lr, betas=(0.9, 0.99))]
    average = [p.detach().clone() for p in net.parameters()]
    step, spent = load_checkpoint(o, net, optimizers[0], average)
    begin, first = step, step if o.restart else 0  # the average over a new schedule starts anew
    hint = None
    held = bool(o.table or o.predictor or o.hold_predictor)
    if o.hint_weight and not held:
        hint = Hint(sum(part.out.in_features for part in net.predictor.parts)).to(o.device)
        hint.fit_components(early.loss_network, early.styles)
        optimizers.append(torch.optim.Adam(hint.parameters(), 1e-3))
    teacher = Teacher(o.teacher, o.device) if o.teacher else None
    precision = autocast(o.device)
    # A patch transformer is not compiled (networks.py); a predictor without gradients or a table is too little to be worth the minutes.
    forward = net if o.no_compile or (o.shape == 'patch' and held) else torch.compile(net)

    log, rng, phase = Log(o), random.Random(o.seed + step), early
    mining = HardMining(len(late.styles.files), rng, o.hard)
    saved, stop, clock = time.time(), Stop(), Clock(o.minutes, spent)
    while (share := clock.tick()) < 1 and not stop.asked and (o.steps is None or step < begin + o.steps):
        for group in optimizers[0].param_groups:
            group['lr'] = learning_rate(o, step, share)
        if share >= 1 - o.finish and phase is not late:
            phase, hint = late, None  # the hint's components belong to the compact network's Gram matrices
            print('from here on with VGG-19', flush=True)
        content_indices = [rng.randrange(len(phase.contents)) for _ in range(o.batch)]
        drawn = [mining.draw() for _ in range(o.batch)]
        style_indices = [k * phase.styles.variants + rng.randrange(phase.styles.variants) for k in drawn]
        loss, terms, errors, (content, key) = training_loss(
            o, phase, teacher, forward, precision, hint, step, content_indices, style_indices)
        update(loss, optimizers, trained, net, average, step - first, 0.999)
        step += 1
        mining.record(drawn[:len(errors)], errors.tolist())
        log.add(step, clock.spent / 60, terms)
        if time.time() - saved > 300:
            saved = time.time()
            save_checkpoint(o, net, optimizers[0], average, step, clock.spent)
            with torch.no_grad(), precision:
                styles = [] if o.table else [F.interpolate(key, content.shape[2:])]
                save_grid(os.path.join(o.out, f'grid-{step:06d}.png'), content, *styles, net(content, key)[0])
    log.file.close()
    save_checkpoint(o, net, optimizers[0], average, step, clock.spent)
    print(f'done: {step} steps, {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
