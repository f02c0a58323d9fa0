#!/usr/bin/env python3
"""Write VGG-19's weights in the form that `impasto models add vgg19 FILE` takes, from a file on this machine.

  python -m export.ship.vgg19 --weights vgg19.pth --out vgg19.safetensors          torchvision's (features.0.weight ...)
  python -m export.ship.vgg19 --weights conv.safetensors --out vgg19.safetensors   the authors' (conv1_1.weight ..., BGR, 0..255)
  python -m export.ship.vgg19 ... --normalise PHOTOS                               mean activation 1, as in Gatys et al. (2016)

VGG-19's weights (Simonyan & Zisserman 2015) are not part of Impasto. Only the convolutions are kept, for RGB in 0..1: the network's
input is rgb * input.scale + input.offset. The graph of losses and gradient is not in the file; the program builds it (src/gatys/graph.rs).
"""
import argparse
import hashlib

import numpy as np
from safetensors.numpy import load_file, save_file

BLOCKS = [2, 2, 4, 4, 4]
CAFFE_MEAN_BGR = [103.939, 116.779, 123.68]
TORCH_MEAN, TORCH_STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
LEAST = 1e-3  # of a layer's mean activation: filters below are inactive, and scaled by this instead


def names():
    return [f'conv{b}_{i}' for b, n in enumerate(BLOCKS, 1) for i in range(1, n + 1)]


def from_torchvision(path):
    import torch
    state = torch.load(path, map_location='cpu', weights_only=True)
    places, at = [], 0
    for n in BLOCKS:  # a convolution and its ReLU are two modules, a pooling layer one
        places += [at + 2 * i for i in range(n)]
        at += 2 * n + 1
    found = {}
    for name, place in zip(names(), places):
        for part in ('weight', 'bias'):
            found[f'{name}.{part}'] = state[f'features.{place}.{part}'].float().numpy()
    found['input.scale'] = 1 / np.array(TORCH_STD, np.float32)
    found['input.offset'] = -np.array(TORCH_MEAN, np.float32) / np.array(TORCH_STD, np.float32)
    return found


def from_authors(path):
    given = load_file(path)
    found = {f'{name}.{part}': given[f'{name}.{part}'].astype(np.float32) for name in names() for part in ('weight', 'bias')
             if f'{name}.{part}' in given}
    # From BGR to RGB: the input channels of the first kernels are reversed, and so is the mean.
    found['conv1_1.weight'] = np.ascontiguousarray(found['conv1_1.weight'][:, ::-1])
    found['input.scale'] = np.full(3, 255, np.float32)
    found['input.offset'] = -np.array(CAFFE_MEAN_BGR[::-1], np.float32)
    return found


def normalise(found, folder, side):
    """Scale the filters so that each has a mean activation of 1 over the photos of `folder` and all positions.

    Gatys et al. 2016, section 2. ReLU and pooling commute with positive factors, so a layer's factors are undone in the input channels
    of the next, and the features change only by a constant factor per filter. Pooling is average pooling, as in the paper.
    -> {layer: (mean activation before, filters below LEAST)}
    """
    import torch
    import torch.nn.functional as F

    from export.common.pictures import fit, load, picture_files, to_tensor
    files = picture_files(folder)
    column = lambda key: torch.from_numpy(found[key]).view(1, 3, 1, 1)
    maps = [to_tensor(fit(load(f), side))[None] * column('input.scale') + column('input.offset') for f in files]
    before, report, factors = None, {}, torch.ones(3)
    with torch.no_grad():
        for name in names():
            if f'{name}.weight' not in found:
                break
            if before and before[4] != name[4]:  # the first convolution of a block
                maps = [F.avg_pool2d(x, 2) for x in maps]
            weight, bias = (torch.from_numpy(found[f'{name}.{part}']) for part in ('weight', 'bias'))
            weight = weight * factors.view(1, -1, 1, 1)
            maps = [F.relu(F.conv2d(x, weight, bias, padding=1)) for x in maps]
            mean = torch.stack([x.mean((0, 2, 3)) for x in maps]).mean(0)  # (C,)
            factors = mean.clamp_min(LEAST * mean.mean().item())
            maps = [x / factors.view(1, -1, 1, 1) for x in maps]
            found[f'{name}.weight'] = (weight / factors.view(-1, 1, 1, 1)).numpy()
            found[f'{name}.bias'] = (bias / factors).numpy()
            report[name] = mean.mean().item(), int((mean < factors).sum())
            before = name
    return report


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--weights', required=True, help='.pth of torchvision, or .safetensors of the authors')
    a.add_argument('--out', default='vgg19.safetensors')
    a.add_argument('--normalise', metavar='PHOTOS', help='scale the filters to a mean activation of 1 over this folder of photos')
    a.add_argument('--side', type=int, default=256, help='short side of the photos for --normalise (default %(default)s)')
    a.add_argument('--half', action='store_true', help='float16: half the size, and errors of 5e-4 in every weight')
    o = a.parse_args()
    try:
        found = from_authors(o.weights) if o.weights.endswith('.safetensors') else from_torchvision(o.weights)
    except KeyError as missing:
        raise SystemExit(f'{o.weights}: has no {missing}; these are not the weights of VGG-19') from missing
    if o.normalise:
        for name, (mean, inactive) in normalise(found, o.normalise, o.side).items():
            print(f'{name}: mean activation {mean:.4g} before; {inactive} inactive filters')
    if o.half:
        found = {k: v if k.startswith('input') else v.astype(np.float16) for k, v in found.items()}
        if not all(np.isfinite(v).all() for v in found.values()):
            raise SystemExit('--half: the weights do not fit float16; leave it out')
    save_file(found, o.out)
    with open(o.out, 'rb') as f:
        print(o.out, hashlib.file_digest(f, 'sha256').hexdigest())


if __name__ == '__main__':
    main()
