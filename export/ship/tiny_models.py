#!/usr/bin/env python3
"""Write the tiny models of the Rust tests: the model contract in a few hundred bytes, and broken variants.

  python -m export.ship.tiny_models     rewrites tests/data/{tiny,table,fixed,broken} (needs only onnx and numpy)

They transfer colour statistics (Reinhard et al. 2001): an embedding is the mean of each channel and the mean of the three standard
deviations; the pastiche is the normalised picture with the style's deviation and means. So tests know the result: a picture in its own
style is nearly unchanged, and in the style of a red picture it is red.
"""
import hashlib
import os

import numpy as np

from export.common import manifest
from export.common.graph import F32, PICTURE, U8, Graph

D, P, S, EPS = 4, 6, 6, 1e-5
HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, '..', '..', 'tests', 'data')
FILES = ['predictor.onnx', 'tiny/head.onnx', 'tiny/transformer.onnx', 'tiny/transformer_frozen.onnx']


def predictor():
    g = Graph('predictor', 'tiny')
    mean, variance = g.moments(g.from_picture(g.input('style', U8, PICTURE), 1 / 255, 0))
    deviation = g.add('ReduceMean', g.add('Sqrt', variance), axes=[1])
    g.output(g.flat(g.add('Concat', mean, deviation, axis=1), D), 'bottleneck', F32, [1, D])
    return g.bytes()


def head():
    """Three gammas, each the deviation; three betas, the means."""
    w = np.zeros((P, D), np.float32)
    w[:3, 3] = 1
    w[3:, :3] = np.eye(3)
    g = Graph('head', 'tiny')
    v = g.add('Gemm', g.input('bottleneck', F32, [1, D]), g.weight('w', w), transB=1)
    g.output(v, 'style_params', F32, [1, P])
    return g.bytes()


def transformer(frozen, content='content', extra=0, last=None):
    """`content` and `extra` make broken variants: another name of the input, two parameters too many; `last` is an
    operator before the output is clipped."""
    g = Graph('transformer_frozen' if frozen else 'transformer', 'tiny')
    x, p = g.input(content, U8, PICTURE), g.input('style_params', F32, [1, P + extra])
    gamma, beta, *_ = g.split(g.upright(p, P + extra), [3, 3, extra] if extra else [3, 3])
    # Pads by 15 and crops again, so that sides under 16 are refused, as by the real models.
    c = lambda *v: g.const(v, 'int64')
    pad = g.add('Pad', x, c(0, 15, 15, 0, 0, 15, 15, 0), mode='reflect')
    x = g.from_picture(g.add('Slice', pad, c(15, 15), c(-15, -15), c(1, 2)), 1 / 255, 0)
    if frozen:
        mean, variance = g.split(g.upright(g.input('stats', F32, [1, S]), S), [3, 3])
    else:
        mean, variance = g.moments(x)
    y = g.affine(x, *g.scale_and_shift(gamma, beta, mean, variance, EPS))
    if last:
        y = g.add(last, y)
    g.output(g.to_picture(g.add('Clip', y, g.const(0), g.const(1))), 'pastiche', U8, PICTURE)
    if not frozen:
        g.output(g.flat(g.add('Concat', mean, variance, axis=1), S), 'stats', F32, [1, S])
    return g.bytes()


def write(folder, replaced=(), wrong_sha256=None):
    """A folder of models with its manifest; `replaced`: {file: other bytes}; `wrong_sha256`: the role whose sha256 is wrong."""
    made = dict(zip(FILES, [predictor(), head(), transformer(False), transformer(True)])) | dict(replaced)
    for file, data in made.items():
        manifest.write_whole(os.path.join(folder, file), data)
    entry = {'name': 'tiny', **{r: manifest.file_entry(folder, f'tiny/{r}.onnx') for r in manifest.ROLES},
             'params': P, 'stats': S, 'kmac_per_pixel': 0.0, 'licence': 'MIT OR Apache-2.0'}
    if wrong_sha256:
        entry[wrong_sha256]['sha256'] = '0' * 64
    manifest.write(os.path.join(folder, 'models.toml'), {
        'predictor': {**manifest.file_entry(folder, 'predictor.onnx'), 'bottleneck': D, 'style_side': 64}, 'model': [entry]})


def write_table(folder):
    """A model with a table of two styles and a photo row, and no predictor."""
    made = {'table/head.onnx': head(), 'table/transformer.onnx': transformer(False),
            'table/transformer_frozen.onnx': transformer(True)}
    space = hashlib.sha256(made['table/head.onnx']).hexdigest()[:16]
    rows = [{'name': n, 'space': space, 'values': v} for n, v in [('red', [0.8, 0.1, 0.1, 0.1]), ('blue', [0.1, 0.1, 0.8, 0.1])]]
    photo = {'space': space, 'values': [0.5, 0.5, 0.5, 0.5]}
    made['table/styles.toml'] = manifest.dumps({'photo': photo, 'style': rows}).encode()
    for file, data in made.items():
        manifest.write_whole(os.path.join(folder, file), data)
    entry = {'name': 'table', **{r: manifest.file_entry(folder, f'table/{r}.onnx') for r in manifest.ROLES},
             'styles': manifest.file_entry(folder, 'table/styles.toml'), 'params': P, 'stats': S}
    manifest.write(os.path.join(folder, 'models.toml'), {'model': [entry]})


def write_all(data):
    """All folders, below the folder `data`."""
    write(os.path.join(data, 'tiny'))
    write_table(os.path.join(data, 'table'))
    # Valid, but the program has no derivative of Abs: its styles cannot be refined.
    write(os.path.join(data, 'fixed'), {'tiny/transformer.onnx': transformer(False, last='Abs')})
    broken = os.path.join(data, 'broken')
    write(os.path.join(broken, 'wrong-sha256'), wrong_sha256='transformer')
    write(os.path.join(broken, 'wrong-name'), {'tiny/transformer.onnx': transformer(False, content='picture')})
    write(os.path.join(broken, 'wrong-width'), {'tiny/transformer.onnx': transformer(False, extra=2)})
    write(os.path.join(broken, 'wrong-role'), {'predictor.onnx': head()})  # a file of another role
    write(os.path.join(broken, 'not-onnx'), {'tiny/transformer.onnx': b'This is not a network.\n'})
    write(os.path.join(broken, 'truncated'), {'tiny/transformer.onnx': transformer(False)[:-200]})


if __name__ == '__main__':
    write_all(DATA)
