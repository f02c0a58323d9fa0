#!/usr/bin/env python3
"""How time and memory grow with pixels, styles and frames: each is to grow no faster than in proportion.

  growth.py --out growth.png [--model live] [--threads 2] [--pixels 256,512,1024,1536,2048] [--styles 1,4,16,64]
            [--frames 50,100,200,400] [--runs 20] [--json FILE]

pixels: one picture, N x N, by `impasto bench`. styles: N paintings read and blended into one picture. frames: a film of N
frames of 320x240 painted into nothing. Time of styles and frames is that of the whole program, memory always the most that
the program took (Linux). What is fitted is value = base + slope * n^exponent; "flat" is less than a twentieth over it all,
and a flat beginning is left out: the most memory is that of the start until pictures need more. Beside the best exponent stand
the least and the largest that fit to within 2 % (or a quarter worse than the best): where the base is most of it, many do.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import matplotlib
import numpy as np
from PIL import Image

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'peers'))
from export_code import ROOT, machine, write_whole
from pictures import picture

EXPONENTS = np.linspace(0.3, 2.5, 221)
LINEAR = 1.1  # an exponent up to here counts as linear: times are never exact
FLAT = 0.05
CLOSE = 0.02  # relative error, root of the mean square, at which an exponent counts as fitting
FLAT_ALL, TOO_FEW = 'flat', 'flat, then too few to tell'


def fit(n, values):
    """(base, slope, exponent, least exponent, largest) by relative error; FLAT_ALL or TOO_FEW when there is nothing to fit."""
    n, values = np.array(n, float), np.array(values, float)
    if values.max() - values.min() < FLAT * values.max():
        return FLAT_ALL
    beyond = values > (1 + FLAT) * values[0]
    if (~beyond).sum() > 1:
        n, values = n[beyond], values[beyond]
    if len(n) < 3:
        return TOO_FEW
    found = []
    for exponent in EXPONENTS:
        columns = np.stack([np.ones_like(n), (n / n.max())**exponent], 1) / values[:, None]
        (base, slope), *_ = np.linalg.lstsq(columns, np.ones_like(n), rcond=None)
        base = max(base, 0)  # no program takes less than nothing
        slope = slope if base else (columns[:, 1].sum() / (columns[:, 1]**2).sum())
        error = ((columns @ [base, slope] - 1)**2).mean()**0.5
        found.append((error, base, slope / n.max()**exponent, exponent))
    best = min(found)
    close = [exponent for error, _, _, exponent in found if error <= max(CLOSE, 1.25 * best[0])]
    return *best[1:], min(close), max(close)


def verdict(fitted):
    if isinstance(fitted, str):
        return fitted
    _, _, exponent, least, largest = fitted
    said = 'linear or better' if largest <= LINEAR else 'linear fits' if least <= LINEAR else 'MORE THAN LINEAR'
    return f'exponent {exponent:.2f} ({least:.2f} .. {largest:.2f}), {said}'


def program(o, *words):
    """Run `impasto WORDS`: (seconds, MiB at most)."""
    began = time.perf_counter()
    child = subprocess.Popen([o.program, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f'impasto {words[0]} ended with status {child.returncode}: {said.strip()}')
    return time.perf_counter() - began, used.ru_maxrss / 1024


def engine(o):
    return ['--model', o.model, '--device', 'cpu', '--threads', o.threads]


def pixels(o):
    sizes = ','.join(f'{n}x{n}' for n in o.pixels)
    line = [o.program, 'bench', '--json', '--precision', 'f32', *engine(o), '--size', sizes, '--runs', o.runs]
    done = subprocess.run([str(word) for word in line], stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f'impasto bench ended with status {done.returncode}; see above')
    rows = json.loads(done.stdout)['benches'][0]['rows']
    return [n * n for n in o.pixels], [r['frame']['p50_ms'] / 1e3 for r in rows], [r['cold_start']['peak_memory_mib'] for r in rows]


def styles(o):
    def one(n):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, f'{k}.png') for k in range(n)]
            for k, name in enumerate(names):
                Image.fromarray(picture(384, seed=k)).save(name)
            flags = [word for name in names for word in ['--style', name]]
            return program(o, 'stylize', names[0], *flags, *engine(o), '-o', os.path.join(folder, 'out.png'))
    return o.styles, *zip(*map(one, o.styles))


def frames(o):
    def one(n):
        return program(o, 'live', '--headless', '--source', 'test-card', '--capture', '320x240@30', '--style', '@great-wave',
                       '--sink', 'y4m:-', '--frames', n, '--size', 320, *engine(o))
    return o.frames, *zip(*map(one, o.frames))


def draw(found, path):
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(2, len(found), figsize=(5 * len(found), 6), layout='constrained', squeeze=False)
    for column, (what, f) in enumerate(found.items()):
        for row, (kind, unit) in enumerate([('seconds', 's'), ('mib', 'MiB')]):
            axis, n, values, fitted = axes[row][column], f['n'], f[kind], f['fit'][kind]
            axis.loglog(n, values, 'o', color='C0')
            if not isinstance(fitted, str):
                at = np.geomspace(min(n), max(n), 100)
                axis.loglog(at, fitted[0] + fitted[1] * at**fitted[2], '-', color='C1')
            axis.set_xticks(n, labels=[f'{value:,}' for value in n], rotation=20)
            axis.minorticks_off()
            axis.set(xlabel=what, ylabel=unit, ylim=(min(values) / 2, max(values) * 2))
            axis.set_title(verdict(fitted), fontsize='medium')
            axis.grid(True, which='both', alpha=0.2)
    beside = path + '.part'
    figure.savefig(beside, format='png', dpi=110)
    os.replace(beside, path)


def numbers(text):
    values = sorted({int(n) for n in text.split(',')})
    if len(values) < 4 or values[0] < 1:
        raise argparse.ArgumentTypeError('needs four different numbers or more')
    return values


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--out', required=True, metavar='PNG')
    a.add_argument('--model', default='live')
    a.add_argument('--threads', type=int, default=2)
    a.add_argument('--pixels', type=numbers, default='256,512,1024,1536,2048', help='sides of the picture')
    a.add_argument('--styles', type=numbers, default='1,4,16,64')
    a.add_argument('--frames', type=numbers, default='50,100,200,400')
    a.add_argument('--runs', type=int, default=20, help='pictures of each size, at least 5')
    a.add_argument('--program', default=os.path.join(ROOT, 'target', 'release', 'impasto'))
    a.add_argument('--json', metavar='FILE')
    o = a.parse_args()
    if not os.path.exists(o.program):
        raise SystemExit(f'{o.program} is not there; cargo build --release makes it, --program names another')
    found = {}
    print(f'{o.model}, threads: {o.threads}, {machine()}.\n\n| what | from .. to | time | memory |\n|---|---|---|---|')
    for measure in [pixels, styles, frames]:
        print(f'measuring {measure.__name__}', file=sys.stderr)
        n, seconds, mib = measure(o)
        fits = {'seconds': fit(n, seconds), 'mib': fit(n, mib)}
        found[measure.__name__] = {'n': n, 'seconds': seconds, 'mib': mib, 'fit': fits}
        print(f'| {measure.__name__} | {n[0]:,} .. {n[-1]:,} | {seconds[0]:.3f} .. {seconds[-1]:.3f} s: {verdict(fits["seconds"])} '
              f'| {mib[0]:.0f} .. {mib[-1]:.0f} MiB: {verdict(fits["mib"])} |', flush=True)
    draw(found, o.out)
    if o.json:
        write_whole(o.json, (json.dumps(found, indent=1) + '\n').encode())


if __name__ == '__main__':
    main()
