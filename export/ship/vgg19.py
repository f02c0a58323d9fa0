#!/usr/bin/env python3
"""Make the weights of VGG-19 that `impasto models add vgg19 FILE` takes, from weights that are on this machine.

  vgg19.py --weights vgg19.pth --out vgg19.safetensors           torchvision's (features.0.weight ...)
  vgg19.py --weights conv.safetensors --out vgg19.safetensors    the authors' (conv1_1.weight ..., BGR, 0..255)

VGG-19's weights (Simonyan & Zisserman 2015) are not ours to ship.  Only the convolutions are kept, for RGB in 0..1: what
the network was trained to see is rgb * input.scale + input.offset.  The graph of losses and gradient is not in the file:
the program builds it, for the layers, pooling and size that are asked for (src/gatys/graph.rs).
"""
import argparse
import hashlib

import numpy as np
from safetensors.numpy import load_file, save_file

BLOCKS = [2, 2, 4, 4, 4]
CAFFE_MEAN_BGR = [103.939, 116.779, 123.68]
TORCH_MEAN, TORCH_STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def names():
    return [f'conv{b}_{i}' for b, n in enumerate(BLOCKS, 1) for i in range(1, n + 1)]


def from_torchvision(path):
    import torch
    state = torch.load(path, map_location='cpu', weights_only=True)
    places, at = [], 0
    for n in BLOCKS:  # a convolution and its ReLU take two places, a pool one
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
    # For RGB: the kernels' channels are turned round, and the means with them.
    found['conv1_1.weight'] = np.ascontiguousarray(found['conv1_1.weight'][:, ::-1])
    found['input.scale'] = np.full(3, 255, np.float32)
    found['input.offset'] = -np.array(CAFFE_MEAN_BGR[::-1], np.float32)
    return found


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--weights', required=True, help='.pth of torchvision, or .safetensors of the authors')
    a.add_argument('--out', default='vgg19.safetensors')
    a.add_argument('--half', action='store_true', help='float16: half the size, and errors of 5e-4 in every weight')
    o = a.parse_args()
    try:
        found = from_authors(o.weights) if o.weights.endswith('.safetensors') else from_torchvision(o.weights)
    except KeyError as missing:
        raise SystemExit(f'{o.weights}: has no {missing}; these are not the weights of VGG-19')
    if o.half:
        found = {k: v if k.startswith('input') else v.astype(np.float16) for k, v in found.items()}
    save_file(found, o.out)
    with open(o.out, 'rb') as f:
        print(o.out, hashlib.file_digest(f, 'sha256').hexdigest())


if __name__ == '__main__':
    main()
