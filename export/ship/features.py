#!/usr/bin/env python3
"""Write the compact loss network as models/features.safetensors, and enter it in models.toml.

  python -m export.ship.features RUN/checkpoint.pt --models models

RUN is a run of export.train.train_features.
"""
import argparse
import os

import numpy as np
import torch
from safetensors.numpy import save_file

from export.common import losses, manifest
from export.common.compact import INPUT


def export(checkpoint, models):
    """The averaged weights in float16, with the tensor names of src/gatys/network.rs."""
    file = os.path.join(models, 'features.safetensors')
    saved = torch.load(checkpoint, weights_only=True)
    mean = losses.MEAN.flip(1).flatten().numpy()
    tensors = {'input.scale': np.full(3, 255 / INPUT, np.float32), 'input.offset': (-mean / INPUT).astype(np.float32)}
    for key, value in saved['average'].items():
        kind, name, part = key.split('.')
        prefix = 'conv' if kind == 'convs' else 'relu'
        tensors[f'{prefix}{name}.{part}'] = value.numpy().astype(np.float16)
    save_file(tensors, file, metadata={'producer': 'impasto', 'steps': str(saved['step'])})
    path = os.path.join(models, 'models.toml')
    entries = manifest.read(path)
    entries['features'] = manifest.file_entry(models, 'features.safetensors')
    if 'model' in entries:  # last: in TOML, tables of tables end what stands before them
        entries['model'] = entries.pop('model')
    manifest.write(path, entries)
    print(f'{file}: {os.path.getsize(file)} bytes, {saved["step"]} steps')


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('checkpoint', metavar='CHECKPOINT', help='checkpoint.pt of export.train.train_features')
    a.add_argument('--models', default='models', help='folder of models.toml (default %(default)s)')
    o = a.parse_args()
    export(o.checkpoint, o.models)


if __name__ == '__main__':
    main()
