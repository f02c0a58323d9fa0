#!/usr/bin/env python3
"""Measure models and their peers: tables, a picture grid and a content-style curve.

  python -m export.judge.evaluate --content DIR --style DIR --vgg FILE --out OUT [--model NAME=MODELS/NAME ...]
      [--magenta DIR] [--microast DIR] [--lpips DIR] [--optimum STEPS] [--split FILE] [--grid-side 256 512 1024]

Every painter stylises the centre square of every photo with every style. Measured are content and style error (yardstick.py), the
distance to the photo (perceptual.py), temporal stability in video (temporal.py) and cost (cost.py).
OUT gets report.md, report.json (also for export.ship.check --scores), grid-SIDE.jpg and curve.png.

The defaults for reference weights and pictures are in $IMPASTO_ASSETS, if that is set:
weights/{vgg19,magenta,microast,squeezenet} and images/test/{content,style}.
"""
import argparse
import json
import os
import random
import sys
import time
import tomllib

import numpy as np
import torch
from PIL import Image

from export.common import manifest
from export.common.pictures import load, psnr, to_tensor
from export.judge import curve, painters, report, sheet, temporal
from export.judge.perceptual import Distance
from export.judge.yardstick import SIDE, Yardstick, by_stem, summary

STRENGTHS = [0.25, 0.5, 0.75, 1.0]
VIDEO = (1920, 1080)  # a size at which padding hardly contributes to the cost
HERE = os.path.dirname(os.path.abspath(__file__))


def options():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    assets = os.environ.get('IMPASTO_ASSETS')

    def asset(flag, place, needed=False, **more):
        there = os.path.join(assets, place) if assets and os.path.exists(os.path.join(assets, place)) else None
        default = [there] if there and more.get('nargs') else there
        a.add_argument(flag, default=default, required=needed and not there, **more)

    asset('--content', 'images/test/content', True, nargs='+', metavar='PATH', help='photos: folders or files')
    asset('--style', 'images/test/style', True, nargs='+', metavar='PATH', help='paintings: folders or files')
    asset('--vgg', 'weights/vgg19/vgg19_conv.safetensors', True, metavar='FILE',
          help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', required=True, metavar='DIR', help='folder of the report')
    a.add_argument('--model', action='append', metavar='NAME=MODELS/NAME',
                   help='a model; may be repeated (default: those of models/ that read any painting)')
    asset('--magenta', 'weights/magenta', metavar='DIR', help="Magenta's released TFLite pair")
    asset('--microast', 'weights/microast', metavar='DIR', help="MicroAST's four released files")
    asset('--lpips', 'weights/squeezenet', metavar='DIR', help='SqueezeNet and the linear layers of LPIPS')
    a.add_argument('--no-peers', action='store_true', help='only the photo and the models')
    a.add_argument('--optimum', type=int, default=0, metavar='STEPS',
                   help='also optimise the pixels of the sample pairs for that many steps (slow; 160 almost converge)')
    a.add_argument('--split', metavar='FILE', help='TOML with lines STYLE = "group": scores by group, such as movements.toml')
    a.add_argument('--side', type=int, default=SIDE, help='size in pixels of the scored squares (default %(default)s)')
    a.add_argument('--sample', type=int, default=24, metavar='PAIRS',
                   help='pairs, evenly chosen, for curve, optimum and grid (default %(default)s, 0: none)')
    a.add_argument('--temporal', type=int, default=12, metavar='PAIRS', help='pairs for the video tests (default %(default)s, 0: none)')
    a.add_argument('--rows', type=int, default=6, help='pairs in the grid (default %(default)s)')
    a.add_argument('--grid-side', type=int, nargs='*', metavar='PIXELS', help='sides of the grids (default: --side)')
    a.add_argument('--keep', action='store_true', help='keep every scored picture in OUT/NAME/PHOTO__STYLE.png')
    a.add_argument('--threads', type=int, default=os.cpu_count(), help='default: all (%(default)s)')
    o = a.parse_args()
    smallest = 2 * temporal.RIM + 32  # for temporal.py's rim and VGG-19's last layer
    if min([o.side, *(o.grid_side or [])]) < smallest:
        a.error(f'--side and --grid-side: at least {smallest} pixels')
    if min(o.optimum, o.sample, o.temporal, o.rows) < 0 or o.threads < 1:
        a.error('--optimum, --sample, --temporal and --rows must not be negative, --threads must be positive')
    if o.optimum and not o.sample:
        a.error('--optimum uses the pairs of --sample, which is 0')
    return o


def all_painters(o, yardstick):
    """-> (painters that are scored on every pair, the optimum or None)."""
    models = o.model or bundled()
    wrong = [m for m in models if '=' not in m]
    if wrong:
        raise SystemExit(f'--model {wrong[0]}: write NAME=MODELS/NAME')
    found = [painters.Photo()] + [painters.Ours(*m.split('=', 1), o.threads) for m in models]
    if not o.no_peers:
        found += [painters.MicroAst(o.microast, o.threads)] if o.microast else []
        found += [painters.Magenta(o.magenta, o.threads)] if o.magenta else []
    names = [p.name for p in found] + ['optimum']
    if len(set(names)) < len(names):
        raise SystemExit(f'--model: names must differ from each other and from the peers ({", ".join(names)})')
    return found, painters.Optimum(yardstick, o.optimum) if o.optimum else None


def bundled():
    folder = os.path.join(HERE, '..', '..', 'models')
    models = manifest.read(os.path.join(folder, 'models.toml')).get('model', [])
    names = [m['name'] for m in models if 'styles' not in m]  # a table paints its own styles only
    return [f'{name}={os.path.join(folder, name)}' for name in names]


def evenly(items, n):
    n = min(n, len(items))
    return [items[i * len(items) // n] for i in range(n)]


def sample(photos, styles, n):
    """n different pairs in which each photo, and each style, occurs equally often, to within one."""
    photos, styles = evenly(list(photos), n), evenly(list(styles), n)
    turn = np.lcm(len(photos), len(styles)) if n else 1
    return [(photos[j % len(photos)], styles[(j + j // turn) % len(styles)]) for j in range(min(n, len(photos) * len(styles)))]


def diverse(pairs, n):
    """n of the pairs that share as few photos and styles as possible."""
    left, kept = list(pairs), []
    random.Random(0).shuffle(left)
    while left and len(kept) < n:
        kept.append(min(left, key=lambda pair: sum((pair[0] == c) + (pair[1] == s) for c, s in kept)))
        left.remove(kept[-1])
    return kept


def square(image, side):
    short = min(image.size)
    x, y = (image.width - short) // 2, (image.height - short) // 2
    return image.resize((side, side), Image.LANCZOS, (x, y, x + short, y + short))


class Progress:
    """Progress on stderr: one updated line on a terminal, a line every 30 s elsewhere."""

    def __init__(self, what, total):
        self.what, self.total, self.done, self.printed = what, total, 0, time.monotonic()

    def step(self):
        self.done += 1
        now, last = time.monotonic(), self.done == self.total
        if last or now - self.printed > (1 if sys.stderr.isatty() else 30):
            self.printed = now
            print(f'\r{self.what}: {self.done} of {self.total}' if sys.stderr.isatty() else f'{self.what}: {self.done} of {self.total}',
                  end='\n' if last or not sys.stderr.isatty() else '', file=sys.stderr, flush=True)


class Evaluation:
    """The pictures, their targets, and caches of embeddings and of slow results."""

    def __init__(self, o):
        self.o, self.yardstick = o, Yardstick(o.vgg, o.side)
        self.photos = {c: load(p) for c, p in by_stem(*o.content).items()}
        self.styles = {s: load(p) for s, p in by_stem(*o.style).items()}
        self.squares = {c: square(p, o.side) for c, p in self.photos.items()}
        self.contents = {c: self.yardstick.content(p) for c, p in self.squares.items()}
        self.grams = {s: self.yardstick.style(p) for s, p in self.styles.items()}
        self.distance = Distance(o.lpips) if o.lpips else None
        self.embeddings, self.slow = {}, {}

    def embedding(self, painter, style):
        key = painter.name, style
        if key not in self.embeddings:
            self.embeddings[key] = painter.embed(self.styles[style], style)
        return self.embeddings[key]

    def paint(self, painter, photo, style, side, strength=1.0):
        """The pastiche of a photo's centre square. Those of the optimum are cached for the grid."""
        key = painter.name, photo, style, side
        if key in self.slow:
            return self.slow[key]
        made = painter.paint(np.asarray(square(self.photos[photo], side)), self.embedding(painter, style), strength)
        if isinstance(painter, painters.Optimum):
            self.slow[key] = Image.fromarray(made)
        return Image.fromarray(made)

    def figures(self, pastiche, c, s):
        return self.yardstick.figures(pastiche, self.contents[c], self.grams[s])

    def score(self, painter, pairs, strength=1.0, whole=False):
        """{pair: figures}; with `whole` also the distance to the photo, as the last figure."""
        progress = Progress(f'{painter.name} at {strength:g}', len(pairs))
        rows = {}
        for c, s in pairs:
            pastiche = self.paint(painter, c, s, self.o.side, strength)
            rows[c, s] = self.figures(pastiche, c, s)
            if whole and self.distance:
                rows[c, s].append(self.distance(to_tensor(self.squares[c])[None], to_tensor(pastiche)[None]))
            if whole and self.o.keep:
                folder = os.path.join(self.o.out, painter.name)
                os.makedirs(folder, exist_ok=True)
                pastiche.save(os.path.join(folder, f'{c}__{s}.png'))
            progress.step()
        return rows

    def identity(self, painter):
        """Mean PSNR in dB of strength 0 against the photos."""
        style, found = next(iter(self.styles)), []
        for c, photo in self.squares.items():
            found.append(psnr(self.paint(painter, c, style, self.o.side, 0.0), photo))
        return float(np.mean(found))

    def temporal(self, painter, pairs):
        """Means of the video tests; with smoothed norm statistics too, where the painter supports them."""
        progress, found = Progress(f'{painter.name} in video', len(pairs)), {}
        for i, (c, s) in enumerate(pairs):
            variants = {'': lambda: painter.paint}  # called for each film, as a smoothing painter has a state
            if hasattr(painter, 'smoothed'):
                variants['_smoothed'] = lambda: painter.smoothed(temporal.EVERY)
            styled = lambda paint: lambda frame: paint(frame, self.embedding(painter, s))
            for suffix, new_film in variants.items():
                found.setdefault('still' + suffix, []).append(temporal.still(styled(new_film()), np.asarray(self.squares[c]), seed=i))
                found.setdefault('pan' + suffix, []).append(temporal.pan(styled(new_film()), self.photos[c], self.o.side))
            progress.step()
        return {k: float(np.mean(v)) for k, v in found.items()} | {'pairs': len(pairs)}

    def grid(self, everyone, pairs, side):
        """Rows of a sheet: photo, style, pastiches."""
        progress, rows = Progress(f'grid of {side} pixels', len(pairs)), []
        for c, s in pairs:
            rows.append([square(self.photos[c], side), square(self.styles[s], side), *(self.paint(p, c, s, side) for p in everyone)])
            progress.step()
        return rows


def summed(rows, split):
    """One painter's means: over all pairs, over each style, over each group of styles."""
    def means(chosen):
        kept = [r for (_, s), r in rows.items() if chosen(s)]
        out = summary(kept)
        if len(kept[0]) > 6:
            out['distance'] = float(np.mean([r[6] for r in kept]))
        return out

    styles = sorted({s for _, s in rows})
    groups = {g: [s for s in styles if split.get(s) == g] for g in sorted(set(split.values()))}
    return {**means(lambda s: True), 'styles': {t: means(lambda s: s == t) for t in styles},
            'groups': {g: means(lambda s: s in members) for g, members in groups.items() if members}}


def read_split(path, styles):
    if not path:
        return {}
    try:
        with open(path, 'rb') as f:
            split = tomllib.load(f)
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise SystemExit(f'--split {path}: {e}; write lines STYLE = "group"') from e
    missing = [s for s in styles if s not in split]
    if missing:
        raise SystemExit(f'--split {path}: has no line for {", ".join(missing)}')
    return {s: str(split[s]) for s in styles}


def costs(painter, side):
    """Cost at the scored size and at the video size."""
    counted = {size: c for size in [(side, side), VIDEO] if (c := painter.cost(size))}
    if not counted:
        return None
    first = next(iter(counted.values()))
    return {'kmac_per_pixel': {f'{w}x{h}': c['macs'] / (w * h) / 1000 for (w, h), c in counted.items()},
            **{k: first[k] for k in ('weights', 'style_weights', 'bytes')}}


@torch.no_grad()
def main():
    o = options()
    torch.set_num_threads(o.threads)
    os.makedirs(o.out, exist_ok=True)
    e = Evaluation(o)
    split = read_split(o.split, e.styles)
    everyone, optimum = all_painters(o, e.yardstick)
    left_out = [f'{p.name} from the scores, as it supports {p.side}x{p.side} only' for p in everyone if p.side not in (None, o.side)]
    for line in left_out:
        print(line, file=sys.stderr)
    scored = [p for p in everyone if p.side in (None, o.side)]
    pairs = [(c, s) for s in e.styles for c in e.photos]
    some, few = sample(e.photos, e.styles, o.sample), sample(e.photos, e.styles, o.temporal)

    found = {'painters': {}, 'curve': {}, 'temporal': {}, 'cost': {}}
    for p in scored:
        rows = e.score(p, pairs, whole=True)
        found['painters'][p.name] = summed(rows, split)
        print('{:14s} pairs {pairs} content {content:.3f} style {style:.3f}'.format(p.name, **found['painters'][p.name]),
              'layers', np.round(found['painters'][p.name]['layers'], 3), flush=True)
        if some:
            at = {1.0: rows} | {t: e.score(p, some, t) for t in STRENGTHS if t < 1 and p.blends}
            found['curve'][p.name] = [{'strength': t, **summary([at[t][pair][:6] for pair in some])} for t in sorted(at)]
        if p.blends:
            found['painters'][p.name]['identity'] = e.identity(p)
        if few:
            found['temporal'][p.name] = e.temporal(p, few)
        if cost := costs(p, o.side):
            found['cost'][p.name] = cost
    if optimum:
        found['curve'][optimum.name] = [{'strength': 1.0, **summary(list(e.score(optimum, some).values()))}]

    found = {'settings': {
        'photos': len(e.photos), 'styles': len(e.styles), 'side': o.side, 'sample': len(some), 'temporal_pairs': len(few),
        'frames': temporal.FRAMES, 'every': temporal.EVERY, 'sigma': temporal.SIGMA, 'step': temporal.STEP, 'optimum_steps': o.optimum,
        'distance': e.distance and e.distance.kind, 'left_out': left_out, 'split': bool(split)}} | found
    write = lambda name, text: manifest.write_whole(os.path.join(o.out, name), text.encode())
    write('report.json', json.dumps(found, indent=1))
    write('report.md', report.markdown(found))
    draw_curve(o, found)
    everyone += [optimum] if optimum else []
    shown = diverse(some or pairs, o.rows)
    for side in ([o.side] if o.grid_side is None else o.grid_side) if o.rows else []:
        captions = ['photo', 'style', *(p.name + (f' (at {p.side})' if p.side not in (None, side) else '') for p in everyone[1:])]
        sheet.save(os.path.join(o.out, f'grid-{side}.jpg'), captions, e.grid(everyone[1:], shown, side), side)
    print(f'wrote {os.path.join(o.out, "report.md")}, report.json, grids and curve')


def draw_curve(o, found):
    lines = {n: [(p['strength'], p['content'], p['style']) for p in line] for n, line in found['curve'].items() if len(line) > 1}
    points = {n: (line[0]['content'], line[0]['style']) for n, line in found['curve'].items() if len(line) == 1}
    if lines:
        note = f"{found['settings']['sample']} pairs, {o.side}x{o.side}; numbers at the points: strength"
        curve.save(os.path.join(o.out, 'curve.png'), lines, points, note)


if __name__ == '__main__':
    main()
