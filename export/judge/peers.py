#!/usr/bin/env python3
"""MicroAST (Wang et al. 2023) from its released weights as ONNX graphs, so that it can be run, inspected and counted like our models.

  python -m export.judge.peers --microast DIR --out DIR     writes microast_style.onnx and microast_transformer.onnx

DIR contains {content_encoder,style_encoder,modulator,decoder}_iter_160000.pth.tar. None of it is bundled.

`style` u8 [1,H,W,3] -> `signals` f32 [1,512]: at two encoder stages mean and standard deviation of every channel, and a weight and a
bias for every channel. `content` u8 [1,H,W,3], `signals` -> `pastiche` u8, the size of `content`.
The authors' `alpha` is not supported: with the released weights their code leaves 0..1 for alpha < 1 (up to 14 at 0.5).
"""
import argparse
import os

import numpy as np
from onnx import numpy_helper

from export.common import manifest
from export.common.graph import F32, PICTURE, U8, Graph, as_numpy

PARTS = ['content_encoder', 'style_encoder', 'modulator', 'decoder']
ENDING = '_iter_160000.pth.tar'
DEEP = 64  # channels at 1/4 of the resolution
SIGNALS = 2 * 4 * DEEP
EPS = 1e-5


class PeerGraph(Graph):
    """A graph with weights in single precision and with reflection padding before every convolution."""

    def weight(self, name, tensor):
        self.initializers[name] = numpy_helper.from_array(as_numpy(tensor).astype(np.float32), name)
        return name

    def pad_conv(self, x, layer, channels, stride=1):
        """x has `channels`; the number of groups follows from the shape of the kernel."""
        name, kernel, bias = layer
        k, r = kernel.shape[-1], kernel.shape[-1] // 2
        if r:
            x = self.add('Pad', x, self.const([0, 0, r, r, 0, 0, r, r], np.int64), mode='reflect')
        return self.add('Conv', x, self.weight(name + '.weight', kernel), self.weight(name + '.bias', bias),
                        kernel_shape=[k, k], strides=[stride] * 2, group=channels // kernel.shape[1])

    def relu_conv(self, *a, **k):
        return self.add('Relu', self.pad_conv(*a, **k))

    def sample_moments(self, x):
        """Mean and variance with n - 1 in the denominator, as in MicroAST's training."""
        mean, variance = self.moments(x)
        size = self.add('Slice', self.add('Shape', x), self.const([2], np.int64), self.const([4], np.int64))
        n = self.add('Cast', self.add('ReduceProd', size, keepdims=0), to=F32)
        return mean, self.add('Mul', variance, self.add('Div', n, self.add('Sub', n, self.const(1))))


class Weights:
    """The four files, by part and layer."""

    def __init__(self, folder):
        import torch
        self.files = [os.path.join(folder, part + ENDING) for part in PARTS]
        for f in self.files:
            if not os.path.exists(f):
                raise SystemExit(f'{f}: does not exist; --microast takes the folder of the four files that MicroAST released')
        self.state = {part: torch.load(f, map_location='cpu', weights_only=True) for part, f in zip(PARTS, self.files)}

    def layer(self, part, name):
        try:
            kernel, bias = (self.state[part][f'{name}.conv_layer.{x}'] for x in ('weight', 'bias'))
        except KeyError as missing:
            raise SystemExit(f'{part}{ENDING}: has no {missing}; these are not the weights of MicroAST') from missing
        return f'{part}.{name}', kernel, bias


def encoder(g, w, part, x):
    """Features at 1/4 of the resolution, at two stages."""
    at = lambda name: w.layer(part, name)
    x = g.relu_conv(x, at('enc1.0'), 3)
    x = g.relu_conv(g.relu_conv(x, at('enc1.2'), 16, stride=2), at('enc1.4'), 32)
    x = g.relu_conv(g.relu_conv(x, at('enc1.6'), 32, stride=2), at('enc1.8'), DEEP)
    residual = lambda x, name: g.add('Add', x, g.pad_conv(g.relu_conv(x, at(name + '.conv1'), DEEP), at(name + '.conv2'), DEEP))
    shallow = residual(x, 'enc1.10')
    return shallow, residual(shallow, 'enc2.0')


def style_graph(w):
    g = PeerGraph('microast_style', 'style: u8 RGB [1,H,W,3] -> signals: what MicroAST takes from a painting')
    x = g.from_picture(g.input('style', U8, PICTURE), 1 / 255, 0)
    signals = []
    for depth, features in enumerate(encoder(g, w, 'style_encoder', x), 1):
        mean, variance = g.sample_moments(features)
        signals += [mean, g.add('Sqrt', g.add('Add', variance, g.const(EPS)))]
        for kind in ('weight', 'bias'):
            made = g.pad_conv(features, w.layer('modulator', f'{kind}{depth}.0'), DEEP)
            signals.append(g.add('ReduceMean', made, axes=[2, 3]))
    g.output(g.flat(g.add('Concat', *signals, axis=1), SIGNALS), 'signals', F32, [1, SIGNALS])
    return g.bytes()


def transformer_graph(w):
    g = PeerGraph('microast_transformer', 'content: u8 RGB [1,H,W,3]; signals of a painting -> pastiche: u8 RGB, the size of content')
    content = g.input('content', U8, PICTURE)
    split = g.split(g.upright(g.input('signals', F32, [1, SIGNALS]), SIGNALS), [DEEP] * 8)
    at = lambda name: w.layer('decoder', name)

    def adain(x, mean, deviation):
        """Adaptive instance norm (Huang & Belongie 2017, eq. 8): the style's moments replace the content's."""
        return g.affine(x, *g.scale_and_shift(deviation, mean, *g.sample_moments(x), EPS))

    def modulated(x, name, weight, bias):
        """A residual block in which each convolution's output and its input are combined with the style's weights and biases."""
        combine = lambda x, layer: g.add('Add', g.add('Mul', weight, g.pad_conv(x, at(f'{name}.{layer}'), DEEP)), g.add('Mul', bias, x))
        return g.add('Add', x, combine(g.add('Relu', combine(x, 'conv1')), 'conv2'))

    # The signals of the deeper stage are applied first.
    _, x = encoder(g, w, 'content_encoder', g.from_picture(content, 1 / 255, 0))
    for block, (mean, deviation, weight, bias) in [('dec1', split[4:]), ('dec2', split[:4])]:
        x = modulated(adain(x, mean, deviation), block, weight, bias)
    upsampled = lambda x: g.add('Resize', x, '', g.const([1, 1, 2, 2]), mode='linear', coordinate_transformation_mode='half_pixel')
    x = g.relu_conv(g.relu_conv(upsampled(x), at('dec3.1'), DEEP), at('dec3.3'), 32)
    x = g.relu_conv(g.relu_conv(upsampled(x), at('dec3.6'), 32), at('dec3.8'), 16)
    x = g.pad_conv(x, at('dec3.10'), 16)
    # Sides are halved twice, rounding up: up to three rows and columns are cropped.
    c = lambda *v: g.const(v, np.int64)
    x = g.add('Slice', x, c(0, 0), g.add('Slice', g.add('Shape', content), c(1), c(3)), c(2, 3))
    g.output(g.to_picture(x), 'pastiche', U8, PICTURE)
    return g.bytes()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--microast', required=True, metavar='DIR', help='folder of the four released files')
    a.add_argument('--out', required=True, metavar='DIR', help='folder of the ONNX files')
    o = a.parse_args()
    w = Weights(o.microast)
    for name, data in [('microast_style.onnx', style_graph(w)), ('microast_transformer.onnx', transformer_graph(w))]:
        path = os.path.join(o.out, name)
        manifest.write_whole(path, data)
        print(f'{path}  {len(data):,} bytes')


if __name__ == '__main__':
    main()
