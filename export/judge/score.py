#!/usr/bin/env python3
"""Content and style error (yardstick.py) of pastiches in files; evaluate.py makes its own.

  python -m export.judge.score --content DIR --style DIR --vgg FILE --out NAME=DIR [--out NAME=DIR ...] [--side 384] [--json FILE]

Each DIR of --out contains CONTENT__STYLE.png for the pairs to be scored, as `impasto stylize --each` names them.
"""
import argparse
import json
import os

import numpy as np
import torch

from export.common import manifest
from export.common.pictures import load
from export.judge.yardstick import SIDE, Yardstick, by_stem, summary


def score(yardstick, contents, grams, folder):
    """Rows of [content, relu1_1 .. relu5_1], one for each pair with a file."""
    rows = []
    for c, path in contents.items():
        made = [(s, p) for s in grams if os.path.exists(p := os.path.join(folder, f'{c}__{s}.png'))]
        target = yardstick.content(load(path)) if made else None
        rows += [yardstick.figures(load(p), target, grams[s]) for s, p in made]
    return rows


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--style', required=True, help='folder of paintings')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', action='append', required=True, metavar='NAME=DIR')
    a.add_argument('--side', type=int, default=SIDE)
    a.add_argument('--json')
    o = a.parse_args()
    yardstick = Yardstick(o.vgg, o.side)
    contents, found = by_stem(o.content), {}
    with torch.no_grad():
        grams = {s: yardstick.style(load(p)) for s, p in by_stem(o.style).items()}
        for name, folder in (x.split('=', 1) for x in o.out):
            rows = score(yardstick, contents, grams, folder)
            if not rows:
                raise SystemExit(f'{folder}: contains no CONTENT__STYLE.png of these folders')
            found[name] = summary(rows)
            print('{:14s} pairs {pairs} content {content:.3f} style {style:.3f}'.format(name, **found[name]),
                  'layers', np.round(found[name]['layers'], 3), flush=True)
    if o.json:
        manifest.write_whole(o.json, json.dumps(found, indent=1).encode())


if __name__ == '__main__':
    main()
