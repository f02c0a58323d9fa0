#!/usr/bin/env python3
"""Write a trained run as ONNX files of the model contract (export/README.md).

  python -m export.ship.export RUN --name fine --out models

writes models/predictor.onnx and models/fine/{head,transformer,transformer_frozen}.onnx from the averaged weights of RUN. A run with a
table of styles has no predictor; its embeddings are in models/fine/styles.toml. Afterwards export.ship.check compares the files with
PyTorch and writes models/models.toml.
"""
import argparse
import hashlib
import os
import re

import numpy as np
import torch

from export.common import compact, manifest
from export.common.checkpoint import load_averaged
from export.common.graph import F32, PICTURE, U8, Graph
from export.common.networks import EPS, PAD, CompactPredictor, PatchTransformer, Predictor
from export.common.pictures import picture_files


def predictor_graph(p):
    """`style` u8 (1,H,W,3), H and W >= 64 -> `bottleneck` (1,D). `p`: a Predictor, or an Ensemble of them."""
    g = Graph('predictor', 'style: u8 RGB [1,H,W,3], H and W >= 64 -> bottleneck: the embedding of the style')
    x = g.from_picture(g.input('style', U8, PICTURE), 2 / 255, -1)
    if len(p.parts) == 1:
        v = embedding(g, x, *p.parts)
    else:
        v = g.add('Sum', *(embedding(g, x, part, f'parts.{i}.') for i, part in enumerate(p.parts)))
    g.output(v, 'bottleneck', F32, [1, p.parts[0].out.out_features])
    return g.bytes()


def embedding(g, x, p: Predictor, prefix=''):
    """The layers of one predictor; `prefix` of the names of its weights. x (1,3,H,W) in -1..1 -> (1,D)."""
    relu = lambda x: g.add('Relu', x)
    seen, products = [], []

    def add_moments(x):
        mean, variance = g.moments(x)
        seen.extend([mean, g.add('Sqrt', g.add('Add', variance, g.const(EPS)))])

    add_moments(x)
    stages = compact_stages if isinstance(p, CompactPredictor) else own_stages
    for i, maps in enumerate(stages(g, x, p, prefix)):
        add_moments(maps)
        if p.covariances:
            products.append(covariance(g, g.conv(maps, f'{prefix}project.{i}', p.project[i].weight), p.covariances))
    if p.removed:
        seen.append(g.const(np.repeat([0, EPS ** 0.5], p.removed).reshape(1, -1, 1, 1)))
    v = g.flat(g.add('Concat', *seen, axis=1), p.gain.numel())
    v = g.affine(layer_norm(g, v), g.weight(f'{prefix}gain', p.gain), g.weight(f'{prefix}bias', p.bias))
    v = g.linear(v, f'{prefix}hidden', p.hidden)
    if p.covariances:
        c = layer_norm(g, g.add('Concat', *products, axis=1))
        c = g.add('Mul', c, g.weight(f'{prefix}covariance_gain', p.covariance_gain))
        v = g.add('Add', v, g.add('Gemm', c, g.weight(f'{prefix}covariance_hidden.weight', p.covariance_hidden.weight), transB=1))
    return g.linear(relu(v), f'{prefix}out', p.out)


def own_stages(g, x, p, prefix):
    """Predictor.stages: x (1,3,H,W) in -1..1."""
    relu = lambda x: g.add('Relu', x)
    for i, (down, same) in enumerate(zip(p.down, p.same)):
        x = relu(g.conv(x, f'{prefix}down.{i}', down.weight, down.bias, stride=2))
        x = g.add('Add', x, relu(g.conv(x, f'{prefix}same.{i}', same.weight, same.bias)))
        yield x


def compact_stages(g, x, p, prefix):
    """CompactPredictor.stages: x (1,3,H,W) in -1..1."""
    half = 255 / 2  # pixels are x * half + half
    x = g.add('Mul', x, g.const(half / compact.INPUT))
    x = g.add('Add', x, g.const(((half - p.trunk.mean) / compact.INPUT).numpy()))
    for name, layer in p.trunk.convs.items():
        x = g.add('Relu', g.conv(x, f'{prefix}trunk.convs.{name}', layer.weight, layer.bias))
        if name in compact.STYLE:
            tap = p.trunk.taps[name]
            yield g.conv(x, f'{prefix}trunk.taps.{name}', tap.weight, tap.bias)
        if name in compact.POOLED:
            x = g.add('AveragePool', x, kernel_shape=[2, 2], strides=[2, 2])


def layer_norm(g, v):
    """A row brought to mean 0 and variance 1; an operator of its own only from opset 17."""
    v = g.add('Sub', v, g.add('ReduceMean', v, axes=[1]))
    variance = g.add('ReduceMean', g.add('Mul', v, v), axes=[1])
    return g.add('Div', v, g.add('Sqrt', g.add('Add', variance, g.const(EPS))))


def covariance(g, x, channels):
    """networks.covariance: (1,K,H,W) -> (1,K*(K+1)/2)."""
    x = g.add('Sub', x, g.add('GlobalAveragePool', x))
    x = g.add('Reshape', x, g.const([channels, -1], 'int64'))
    # The product over the number of positions, as the mean of one of its factors would be: x x^T / n.
    n = g.add('Cast', g.add('Slice', g.add('Shape', x), g.const([1], 'int64'), g.const([2], 'int64')), to=F32)
    c = g.add('Div', g.add('MatMul', x, g.add('Transpose', x, perm=[1, 0])), n)
    upper = [i * channels + j for i in range(channels) for j in range(i, channels)]
    c = g.add('Gather', g.add('Reshape', c, g.const([1, channels ** 2], 'int64')), g.const(upper, 'int64'), axis=1)
    return g.add('Mul', g.add('Sign', c), g.add('Sqrt', g.add('Add', g.add('Abs', c), g.const(EPS))))


def head_graph(linear):
    """`bottleneck` (1,D) -> `style_params` (1,P): all gammas, then all betas."""
    params, bottleneck = linear.weight.shape
    g = Graph('head', 'bottleneck: an embedding -> style_params: all gammas, then all betas of the transformer')
    v = g.linear(g.input('bottleneck', F32, [1, bottleneck]), 'linear', linear)
    g.output(v, 'style_params', F32, [1, params])
    return g.bytes()


def transformer_graph(t, frozen):
    """`content` u8 (1,H,W,3), `style_params` (1,P) -> `pastiche` u8 (1,H,W,3), `stats` (1,S).

    `stats` are mean and variance of every norm, in order; the frozen transformer has them as an input instead."""
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
    pad, step = (t.PAD, t.STEP) if isinstance(t, PatchTransformer) else (PAD, 4)
    x, size = padded(g, content, pad, step)
    x = g.from_picture(x, 2 / 255, -1)
    x = (patch_body if isinstance(t, PatchTransformer) else half_body)(g, t, x, norm)
    affine = scale_and_shift(x)  # of the whole picture; the rest is done only for what is kept
    at = g.const([pad, pad], 'int64')
    x = g.add('Slice', x, at, g.add('Add', size, at), g.const([2, 3], 'int64'))
    g.output(g.to_picture(g.add('Sigmoid', g.affine(x, *affine))), 'pastiche', U8, PICTURE)
    if not frozen:
        flat = g.flat(g.add('Concat', *[s for pair in stats for s in pair], axis=1), n)
        g.output(flat, 'stats', F32, [1, n])
    return g.bytes()


def shuffle(g, x, block=2):
    return g.add('DepthToSpace', x, blocksize=block, mode='CRD')  # torch's order of channels


def unshuffle(g, x, block=2):
    return g.add('SpaceToDepth', x, blocksize=block)  # not torch's: see depth_first_kernel


def half_body(g, t, x, norm):
    """Transformer: residual blocks at 1/4, a skip connection at 1/2. -> the input of the last norm."""
    relu = lambda x: g.add('Relu', x)
    if t.dither:
        x = g.add('Add', x, g.repeated(x, 'dither', 2 / 255 * t.dither * t.noise[None, None]))
    skip = relu(norm(g.conv(unshuffle(g, x), 'enter', depth_first_kernel(t.enter.weight))))  # (1,half,H/2,W/2)
    x = relu(norm(g.conv(unshuffle(g, skip), 'down', depth_first_kernel(t.down.weight))))  # (1,width,H/4,W/4)
    x = body(g, t, x, norm, [1] * t.blocks)
    x = relu(norm(shuffle(g, g.conv(x, 'up', t.up.weight))))  # (1,half,H/2,W/2)
    x = relu(norm(g.conv(g.add('Concat', x, skip, axis=1), 'merge', t.merge.weight)))
    return shuffle(g, g.conv(g.conv(x, 'leave', t.leave.weight), 'smooth', kernel_before_shuffle(t.smooth.weight)))  # (1,3,H,W)


def patch_body(g, t, x, norm):
    """PatchTransformer: residual blocks at 1/8, a skip connection at 1/4. -> the input of the last norm."""
    relu = lambda x: g.add('Relu', x)
    conv = lambda x, name, kernel: g.conv(x, name, kernel, reflect=True)
    x = conv(unshuffle(g, x, 4), 'enter', depth_first_kernel(t.enter.weight, 4))
    x = g.add('Add', x, g.repeated(x, 'seed', t.seed(t.noise[None])))  # the first layer's response to the noise, a constant
    skip = relu(norm(x))  # (1,half,H/4,W/4)
    x = relu(norm(conv(unshuffle(g, skip), 'down', depth_first_kernel(t.down.weight))))  # (1,width,H/8,W/8)
    x = body(g, t, x, norm, t.dilations, reflect=True)
    x = relu(norm(shuffle(g, conv(x, 'up', t.up.weight))))  # (1,merge,H/4,W/4)
    x = relu(norm(conv(g.add('Concat', x, skip, axis=1), 'merge', t.merge.weight)))
    x = shuffle(g, g.conv(x, 'leave', t.leave.weight), 4)  # (1,3,H,W)
    return g.conv(x, 'smooth', t.smooth.weight) if isinstance(t.smooth, torch.nn.Conv2d) else x


def body(g, t, x, norm, dilations, reflect=False):
    """The residual blocks."""
    for i, d in enumerate(dilations):
        y = g.add('Relu', norm(g.conv(x, f'body.{2 * i}', t.body[2 * i].weight, dilation=d, reflect=reflect)))
        x = g.add('Add', x, norm(g.conv(y, f'body.{2 * i + 1}', t.body[2 * i + 1].weight, dilation=d, reflect=reflect)))
    return x


def padded(g, content, pad, step):
    """The picture reflected at its border, `pad` pixels and as many more as make it a multiple of `step`; and its (H,W)."""
    c = lambda *v: g.const(v, 'int64')
    size = g.add('Slice', g.add('Shape', content), c(1), c(3))
    # pad + -size % step; written so because not every runtime takes the remainder of a negative number alike
    after = g.add('Sub', c(pad + step - 1), g.add('Mod', g.add('Add', size, c(step - 1)), c(step)))
    return g.add('Pad', content, g.add('Concat', c(0, pad, pad, 0, 0), after, c(0), axis=0), mode='reflect'), size


def depth_first_kernel(kernel, block=2):
    """A kernel for pixel_unshuffle's channels (c,dy,dx) -> the same for SpaceToDepth's (dy,dx,c)."""
    o, i, h, w = kernel.shape
    return kernel.reshape(o, i // block ** 2, block ** 2, h, w).transpose(1, 2).reshape(o, i, h, w)


def kernel_before_shuffle(kernel):
    """A 5x5 kernel (C,C) at full resolution -> the equivalent 3x3 kernel (4C,4C) before pixel_shuffle.

    Convolutions of three channels at full resolution are slow on CPUs: this saves 3 % of the network's time."""
    c = kernel.shape[0]
    k = kernel.new_zeros(c, 2, 2, c, 2, 2, 3, 3)  # out (c,dy,dx), in (c,dy,dx), 3x3
    for dy, dx in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        for a in range(5):
            for b in range(5):
                y, x = dy + a - 2, dx + b - 2  # offset at full resolution, from the even pixel
                k[:, dy, dx, :, y % 2, x % 2, y // 2 + 1, x // 2 + 1] = kernel[:, :, a, b]
    return k.reshape(4 * c, 4 * c, 3, 3)


def files(net, name, styles=None):
    """The files of a run: {path below models/: bytes}."""
    out = {} if net.table else {'predictor.onnx': predictor_graph(net.predictor)}
    out[f'{name}/head.onnx'] = head_graph(net.head.linear)
    out[f'{name}/transformer.onnx'] = transformer_graph(net.transformer, frozen=False)
    out[f'{name}/transformer_frozen.onnx'] = transformer_graph(net.transformer, frozen=True)
    if net.table:
        # `space` identifies the head that the embeddings belong to.
        space = hashlib.sha256(out[f'{name}/head.onnx']).hexdigest()[:16]
        *rows, photo = ([float(f'{x:.6g}') for x in row] for row in net.predictor.rows.weight.tolist())
        rows = [{'name': n, 'space': space, 'values': row} for n, row in zip(styles, rows)]
        out[f'{name}/styles.toml'] = manifest.dumps({'photo': {'space': space, 'values': photo}, 'style': rows}).encode()
    return out


def style_names(net, folder):
    """Names of a table's styles from the file names of its paintings, in the order of its rows."""
    rows = net.predictor.rows.weight.shape[0] - 1
    if not os.path.exists(folder):
        raise SystemExit(f'{folder}: this folder of the paintings of the table does not exist; name it with --styles')
    slug = lambda f: re.sub('[^a-z0-9]+', '-', os.path.splitext(os.path.basename(f))[0].lower()).strip('-')[:64]
    names = [slug(f) for f in picture_files(folder)]
    if len(names) != rows or len(set(names)) != rows:
        raise SystemExit(f'{folder}: {len(set(names))} different names, but the table has {rows} styles; '
                         'name the folder it was trained on with --styles')
    return names


def options(doc):
    """A parser with the options that export.py and check.py share."""
    a = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('run', metavar='RUN', help='folder with checkpoint.pt')
    a.add_argument('--name', required=True, help='name of the model')
    a.add_argument('--styles', help='folder of paintings of a table, if it has moved since training')
    return a


def prepare(o):
    """-> (networks, checkpoint, {path: bytes})."""
    if not re.fullmatch(r'[a-z0-9][a-z0-9_-]*', o.name):
        raise SystemExit(f'--name {o.name}: use lower-case letters, digits, - and _')
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
    models = manifest.read(os.path.join(o.out, 'models.toml')).get('model', [])
    others = [m['name'] for m in models if m['name'] != o.name and 'styles' not in m]
    old = os.path.join(o.out, 'predictor.onnx')
    if 'predictor.onnx' in written and others and os.path.exists(old):
        with open(old, 'rb') as f:
            if f.read() != written['predictor.onnx']:
                raise SystemExit(f'{old}: {", ".join(others)} need this predictor and RUN has a different one; '
                                 'use another --out, or take them out of models.toml first')
    for file, data in written.items():
        manifest.write_whole(os.path.join(o.out, file), data)
        print(f'{os.path.join(o.out, file)}  {len(data):,} bytes')
    print(f"step {saved['step']}; now: python -m export.ship.check {o.run} --name {o.name} --models {o.out}")


if __name__ == '__main__':
    main()
