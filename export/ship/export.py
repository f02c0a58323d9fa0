#!/usr/bin/env python3
"""Write a trained run as ONNX files of the model contract (see README.md).

  export.py RUN --name fine --out models

writes models/predictor.onnx and models/fine/{head,transformer,transformer_frozen}.onnx from the running average
of RUN's weights. A run over a table of styles has no predictor: models/fine/styles.toml names its embeddings.
Then `check.py` proves them and writes models/models.toml.
"""
import argparse
import hashlib
import os
import re

import torch

from export.common import manifest
from export.common.checkpoint import load_averaged
from export.common.graph import F32, PICTURE, U8, Graph
from export.common.networks import EPS, PAD, Predictor, Transformer
from export.common.pictures import picture_files


def predictor_graph(p: Predictor):
    """`style` u8 (1,H,W,3), H and W >= 64 -> `bottleneck` (1,D)."""
    g = Graph('predictor', 'style: u8 RGB [1,H,W,3], H and W >= 64 -> bottleneck: the embedding of the style')
    x = g.from_picture(g.input('style', U8, PICTURE), 2 / 255, -1)
    relu = lambda x: g.add('Relu', x)
    seen = []

    def add_moments(x):
        mean, variance = g.moments(x)
        seen.extend([mean, g.add('Sqrt', g.add('Add', variance, g.const(EPS)))])

    add_moments(x)
    for i, (down, same) in enumerate(zip(p.down, p.same)):
        x = relu(g.conv(x, f'down.{i}', down.weight, down.bias, stride=2))
        x = g.add('Add', x, relu(g.conv(x, f'same.{i}', same.weight, same.bias)))
        add_moments(x)
    v = g.flat(g.add('Concat', *seen, axis=1), p.gain.numel())
    v = g.add('Sub', v, g.add('ReduceMean', v, axes=[1]))  # layer norm; an operator of its own only from opset 17
    variance = g.add('ReduceMean', g.add('Mul', v, v), axes=[1])
    v = g.add('Div', v, g.add('Sqrt', g.add('Add', variance, g.const(EPS))))
    v = g.affine(v, g.weight('gain', p.gain), g.weight('bias', p.bias))
    v = g.linear(relu(g.linear(v, 'hidden', p.hidden)), 'out', p.out)
    g.output(v, 'bottleneck', F32, [1, p.out.out_features])
    return g.bytes()


def head_graph(linear):
    """`bottleneck` (1,D) -> `style_params` (1,P): all gammas, then all betas."""
    params, bottleneck = linear.weight.shape
    g = Graph('head', 'bottleneck: an embedding -> style_params: all gammas, then all betas of the transformer')
    v = g.linear(g.input('bottleneck', F32, [1, bottleneck]), 'linear', linear)
    g.output(v, 'style_params', F32, [1, params])
    return g.bytes()


def transformer_graph(t: Transformer, frozen):
    """`content` u8 (1,H,W,3), `style_params` (1,P) -> `pastiche` u8 (1,H,W,3), `stats` (1,S).

    `stats` are the mean and the variance of every norm in order; an input, not an output, of the frozen twin."""
    g = Graph('transformer_frozen' if frozen else 'transformer',
              'content: u8 RGB [1,H,W,3], H and W >= 16; style_params: all gammas, then all betas -> pastiche: u8 RGB, '
              'the size of content; stats: mean and variance of every instance norm' + (', given' if frozen else ''))
    content, params = g.input('content', U8, PICTURE), g.input('style_params', F32, [1, t.params])
    split = iter(g.split(g.upright(params, t.params), t.norms * 2))
    gammas = [next(split) for _ in t.norms]
    n, stats = 2 * sum(t.norms), []
    if frozen:
        given = iter(g.split(g.upright(g.input('stats', F32, [1, n]), n), [c for c in t.norms for _ in range(2)]))

    def scale_and_shift(x):
        stats.append((next(given), next(given)) if frozen else g.moments(x))
        return g.scale_and_shift(gammas[len(stats) - 1], next(split), *stats[-1], EPS)

    norm = lambda x: g.affine(x, *scale_and_shift(x))
    relu = lambda x: g.add('Relu', x)
    shuffle = lambda x: g.add('DepthToSpace', x, blocksize=2, mode='CRD')  # torch's order of channels
    unshuffle = lambda x: g.add('SpaceToDepth', x, blocksize=2)  # not torch's: see below

    x, size = padded(g, content)
    x = g.from_picture(x, 2 / 255, -1)
    skip = relu(norm(g.conv(unshuffle(x), 'enter', block_first(t.enter.weight))))  # (1,half,H/2,W/2)
    x = relu(norm(g.conv(unshuffle(skip), 'down', block_first(t.down.weight))))  # (1,width,H/4,W/4)
    for i in range(t.blocks):
        y = relu(norm(g.conv(x, f'body.{2 * i}', t.body[2 * i].weight)))
        x = g.add('Add', x, norm(g.conv(y, f'body.{2 * i + 1}', t.body[2 * i + 1].weight)))
    x = relu(norm(shuffle(g.conv(x, 'up', t.up.weight))))  # (1,half,H/2,W/2)
    x = relu(norm(g.conv(g.add('Concat', x, skip, axis=1), 'merge', t.merge.weight)))
    x = shuffle(g.conv(g.conv(x, 'leave', t.leave.weight), 'smooth', before_shuffle(t.smooth.weight)))  # (1,3,H,W)
    affine = scale_and_shift(x)  # of the whole picture; the rest is done only for what is kept
    at = g.const([PAD, PAD], 'int64')
    x = g.add('Slice', x, at, g.add('Add', size, at), g.const([2, 3], 'int64'))
    g.output(g.to_picture(g.add('Sigmoid', g.affine(x, *affine))), 'pastiche', U8, PICTURE)
    if not frozen:
        flat = g.flat(g.add('Concat', *[s for pair in stats for s in pair], axis=1), n)
        g.output(flat, 'stats', F32, [1, n])
    return g.bytes()


def padded(g, content):
    """The picture reflected at its border, PAD pixels and as many more as make it a multiple of 4; and its (H,W)."""
    c = lambda *v: g.const(v, 'int64')
    size = g.add('Slice', g.add('Shape', content), c(1), c(3))
    # PAD + -size % 4; written so because not every runtime takes the remainder of a negative number alike
    after = g.add('Sub', c(PAD + 3), g.add('Mod', g.add('Add', size, c(3)), c(4)))
    return g.add('Pad', content, g.add('Concat', c(0, PAD, PAD, 0, 0), after, c(0), axis=0), mode='reflect'), size


def block_first(kernel):
    """A kernel for pixel_unshuffle's channels (c,dy,dx) -> the same for SpaceToDepth's (dy,dx,c)."""
    o, i, h, w = kernel.shape
    return kernel.reshape(o, i // 4, 4, h, w).transpose(1, 2).reshape(o, i, h, w)


def before_shuffle(kernel):
    """A 5x5 kernel (C,C) at full resolution -> the 3x3 kernel (4C,4C) that does the same before pixel_shuffle.

    Three channels at full resolution are what CPUs are worst at: 3 % of the whole network are saved."""
    c = kernel.shape[0]
    k = kernel.new_zeros(c, 2, 2, c, 2, 2, 3, 3)  # out (c,dy,dx), in (c,dy,dx), 3x3
    for dy, dx in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        for a in range(5):
            for b in range(5):
                y, x = dy + a - 2, dx + b - 2  # offset at full resolution, from the even pixel
                k[:, dy, dx, :, y % 2, x % 2, y // 2 + 1, x // 2 + 1] = kernel[:, :, a, b]
    return k.reshape(4 * c, 4 * c, 3, 3)


def files(net, name, styles=None):
    """Everything that is exported of a run: {path below models/: bytes}."""
    out = {} if net.table else {'predictor.onnx': predictor_graph(net.predictor)}
    out[f'{name}/head.onnx'] = head_graph(net.head.linear)
    out[f'{name}/transformer.onnx'] = transformer_graph(net.transformer, frozen=False)
    out[f'{name}/transformer_frozen.onnx'] = transformer_graph(net.transformer, frozen=True)
    if net.table:
        # The program knows by `space` which network an embedding belongs to.
        space = hashlib.sha256(out[f'{name}/head.onnx']).hexdigest()[:16]
        rows = [{'name': n, 'space': space, 'values': [float(f'{x:.6g}') for x in row]}
                for n, row in zip(styles, net.predictor.rows.weight.tolist())]
        out[f'{name}/styles.toml'] = manifest.dumps({'style': rows}).encode()
    return out


def style_names(net, folder):
    """The stems of a table's paintings as the gallery spells names, in the order of its rows."""
    rows = net.predictor.rows.weight.shape[0]
    if not os.path.exists(folder):
        raise SystemExit(f'{folder}: the paintings of this table are not there; name their folder with --styles')
    slug = lambda f: re.sub('[^a-z0-9]+', '-', os.path.splitext(os.path.basename(f))[0].lower()).strip('-')[:64]
    names = [slug(f) for f in picture_files(folder)]
    if len(names) != rows or len(set(names)) != rows:
        raise SystemExit(f'{folder}: {len(set(names))} different names, but the table has {rows} rows; name the folder it was trained on with --styles')
    return names


def options(doc):
    """The flags that export.py and check.py share, to be added to."""
    a = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('run', metavar='RUN', help='folder with checkpoint.pt')
    a.add_argument('--name', required=True, help='name of the model')
    a.add_argument('--styles', help='of a table: its folder of paintings, when it is no longer where it was')
    return a


def prepare(o):
    """What both make of them: (net, saved, {path: bytes})."""
    if not re.fullmatch(r'[a-z0-9][a-z0-9_-]*', o.name):
        raise SystemExit(f'--name {o.name}: use small letters, digits, - and _')
    net, saved = load_averaged(o.run)
    net.table = saved['options']['table']
    names = style_names(net, o.styles or saved['options']['styles']) if net.table else None
    return net, saved, files(net, o.name, names)


@torch.no_grad()
def main():
    a = options(__doc__)
    a.add_argument('--out', required=True, help='folder of the models')
    o = a.parse_args()
    _, saved, written = prepare(o)
    others = [m['name'] for m in manifest.read(os.path.join(o.out, 'models.toml')).get('model', []) if m['name'] != o.name and 'styles' not in m]
    old = os.path.join(o.out, 'predictor.onnx')
    if 'predictor.onnx' in written and others and os.path.exists(old):
        with open(old, 'rb') as f:
            if f.read() != written['predictor.onnx']:
                raise SystemExit(f'{old}: {", ".join(others)} need this predictor and RUN has another; '
                                 'use another --out, or take them out of models.toml first')
    for file, data in written.items():
        manifest.write_whole(os.path.join(o.out, file), data)
        print(f'{os.path.join(o.out, file)}  {len(data):,} bytes')
    print(f"step {saved['step']}; now: check.py {o.run} --name {o.name} --models {o.out}")


if __name__ == '__main__':
    main()
