#!/usr/bin/env python3
"""Score pastiches with the objective of Gatys et al. (2016) on VGG-19, which no network of ours defines for itself.

  score.py --content DIR --style DIR --vgg FILE --out NAME=DIR [--out NAME=DIR ...] [--side 384] [--json FILE]

Each DIR of --out holds CONTENT__STYLE.png for the pairs to be scored, as `impasto stylize --each` names them.
content: relative error at relu4_2 (0 = the photo). style: the mean over relu1_1 .. relu5_1 of the relative Gram
error, each at most 4 (0 = the painting's own). Pictures are compared at a short side of --side pixels.
"""
import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

import losses
from data import fit, load, pictures, to_tensor


def by_stem(folder):
    return {os.path.splitext(os.path.basename(f))[0]: f for f in pictures(folder)}


def score(vgg, o, contents, styles, grams, folder):
    """Rows of [content, relu1_1 .. relu5_1], one a pair that is there."""
    read = lambda path: vgg.features(to_tensor(fit(load(path), o.side))[None])
    rows = []
    for c, path in contents.items():
        there = [(s, p) for s in styles if os.path.exists(p := os.path.join(folder, f'{c}__{s}.png'))]
        target = read(path)[1] if there else None
        for s, pastiche in there:
            style, content = read(pastiche)
            if content.shape != target.shape:
                content = F.interpolate(content.float(), target.shape[2:], mode='bilinear')
            errors = losses.style_errors(style, grams[s])[:, 0].clamp(max=4)
            rows.append([losses.content_error(content, target, rim=0).item(), *errors.tolist()])
    return np.array(rows)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--style', required=True, help='folder of paintings')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors (conv1_1.weight ...)')
    a.add_argument('--out', action='append', required=True, metavar='NAME=DIR')
    a.add_argument('--side', type=int, default=384)
    a.add_argument('--json')
    o = a.parse_args()
    vgg = losses.Vgg19(o.vgg)
    contents, styles, found = by_stem(o.content), by_stem(o.style), {}
    with torch.no_grad():
        grams = {s: [losses.gram(f) for f in vgg.features(to_tensor(fit(load(p), o.side))[None])[0]] for s, p in styles.items()}
        for name, folder in (x.split('=', 1) for x in o.out):
            rows = score(vgg, o, contents, styles, grams, folder)
            if not len(rows):
                raise SystemExit(f'{folder}: no CONTENT__STYLE.png of these folders is here')
            found[name] = {'pairs': len(rows), 'content': rows[:, 0].mean(), 'style': rows[:, 1:].mean(),
                           'layers': rows[:, 1:].mean(0).tolist()}
            print('{:14s} pairs {pairs} content {content:.3f} style {style:.3f}'.format(name, **found[name]),
                  'layers', np.round(found[name]['layers'], 3), flush=True)
    if o.json:
        with open(o.json, 'w') as f:
            json.dump(found, f, indent=1)


if __name__ == '__main__':
    main()
