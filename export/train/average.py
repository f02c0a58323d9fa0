#!/usr/bin/env python3
"""Interpolate between the weights of two runs: a point on the content-style curve, chosen after training.

  python -m export.train.average RUN OTHER --share 0.3 --out MIX

Only for runs of which one continued the other, or both a third: weights of independent runs cannot be averaged
(Wortsman et al. 2022, "Model soups", arXiv:2203.05482). Look at the pictures: averaged weights can show a grid.
"""
import argparse
import os

import torch

from export.common.checkpoint import load_averaged, save_checkpoint


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('runs', nargs=2, metavar='RUN', help='folders with checkpoint.pt')
    a.add_argument('--share', type=float, default=0.5, help='0 is the first run, 1 the second')
    a.add_argument('--out', required=True, help='folder of the result; it has the options and the step count of the second run')
    o = a.parse_args()
    if not 0 <= o.share <= 1:
        a.error('--share: between 0 and 1')
    (first, _), (second, saved) = map(load_averaged, o.runs)
    if [p.shape for p in first.parameters()] != [p.shape for p in second.parameters()]:
        raise SystemExit(f'{o.runs[0]} and {o.runs[1]} are networks of different sizes')
    weights = list(second.parameters())
    with torch.no_grad():
        torch._foreach_lerp_(weights, list(first.parameters()), 1 - o.share)
    os.makedirs(o.out, exist_ok=True)
    options = argparse.Namespace(**{**saved['options'], 'out': o.out})
    save_checkpoint(options, second, torch.optim.Adam(weights), weights, saved['step'], saved['spent'])
    print(f'wrote {o.out}/checkpoint.pt')


if __name__ == '__main__':
    main()
