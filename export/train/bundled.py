"""Weights of the bundled ONNX files as torch modules, so that training can continue from them on any machine."""
import argparse
import os

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

from export.common import manifest, noise
from export.common.networks import Networks


def initialisers(path):
    """{name: float32 tensor} of the weights in an ONNX file written by export.ship."""
    found = {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer if not i.name.startswith('c_')}
    return {k: torch.from_numpy(v.astype(np.float32)) for k, v in found.items()}


def channel_first(kernel, block=2):
    """The inverse of depth_first_kernel in ship/export.py: SpaceToDepth's channels (dy,dx,c) -> pixel_unshuffle's (c,dy,dx)."""
    o, i, h, w = kernel.shape
    return kernel.reshape(o, block ** 2, i // block ** 2, h, w).transpose(1, 2).reshape(o, i, h, w)


def after_shuffle(kernel):
    """The inverse of kernel_before_shuffle in ship/export.py: (4C,4C,3,3) -> (C,C,5,5)."""
    c = kernel.shape[0] // 4
    k = kernel.reshape(c, 2, 2, c, 2, 2, 3, 3)
    out = kernel.new_zeros(c, c, 5, 5)
    for a in range(5):
        for b in range(5):
            y, x = a - 2, b - 2
            out[:, :, a, b] = k[:, 0, 0, :, y % 2, x % 2, y // 2 + 1, x // 2 + 1]
    return out


def seed_kernel(field, response):
    """The 3x3 convolution (O,C,3,3), circular, that makes `response` (1,O,P,P), the constant in the file, of the noise `field` (C,P,P)."""
    c = field.shape[0]
    seen = F.unfold(F.pad(field[None], (1, 1, 1, 1), mode='circular'), 3)[0].T  # (P*P,C*9)
    found = torch.linalg.lstsq(seen.double(), response[0].flatten(1).T.double()).solution  # (C*9,O)
    return found.T.reshape(-1, c, 3, 3).float()


def part_shape(p, prefix=''):
    """Arguments of networks.make_part for the weights `p` whose names begin with `prefix`."""
    shape = {'covariances': len(p.get(f'{prefix}project.0.weight', ())), 'hidden': len(p[f'{prefix}hidden.weight'])}
    if f'{prefix}trunk.convs.1_1.weight' in p:
        return {'compact': True, **shape}
    widths = [len(p[f'{prefix}down.{i}.weight']) for i in range(4)]
    return {'widths': widths, 'removed': len(p[f'{prefix}gain']) // 2 - 3 - sum(widths), **shape}


def read_predictor(models):
    """-> (weights of models/predictor.onnx, the options of Networks that they follow)."""
    p = initialisers(os.path.join(models, 'predictor.onnx'))
    parts = sorted({k.split('.')[1] for k in p if k.startswith('parts.')})  # of an ensemble
    first = f'parts.{parts[0]}.' if parts else ''
    return p, {'table': False, 'hidden': len(p[f'{first}hidden.weight']), 'covariances': len(p.get('project.0.weight', ())),
               'parts': [part_shape(p, f'parts.{i}.') for i in parts]}


def read_table(path):
    """-> (the weights of a StyleTable from a styles.toml, the options of Networks)."""
    found = manifest.read(path)
    rows = torch.tensor([style['values'] for style in [*found['style'], found['photo']]])
    return {'rows.weight': rows}, {'table': True, 'hidden': 0, 'covariances': 0, 'parts': []}


def load(models, name, dither=0):
    """-> (Networks with the weights of models/NAME and of models/predictor.onnx, or of its table; their options)."""
    table = os.path.join(models, name, 'styles.toml')
    p, options = read_table(table) if os.path.exists(table) else read_predictor(models)
    h = initialisers(os.path.join(models, name, 'head.onnx'))
    t = initialisers(os.path.join(models, name, 'transformer.onnx'))
    body = sum(k.startswith('body.') for k in t)
    o = argparse.Namespace(width=len(t['down.weight']), half=len(t['enter.weight']), blocks=body // 2,
                           bottleneck=h['linear.weight'].shape[1], shape='patch' if 'seed' in t else 'half', **options)
    t['down.weight'] = channel_first(t['down.weight'])
    if o.shape == 'patch':
        o.merge, o.smooth, o.dither = len(t['merge.weight']), 'smooth.weight' in t, 0
        t['enter.weight'] = channel_first(t['enter.weight'], 4)
        t['seed.weight'] = seed_kernel(noise.cell_noise(), t.pop('seed'))
    else:
        dithered = t.pop('dither', None)  # the noise field of Transformer, not a weight
        o.dither = dither or (1.5 if dithered is not None else 0)
        t['enter.weight'] = channel_first(t['enter.weight'])
        t['smooth.weight'] = after_shuffle(t['smooth.weight'])
    net = Networks(o, len(p['rows.weight']) - 1 if o.table else 0)
    net.predictor.load_state_dict(p)
    net.head.load_state_dict(h)
    net.transformer.load_state_dict(t)
    return net.eval(), o
