#!/usr/bin/env python3
"""Make models/matte.onnx, which finds people in a picture, from MediaPipe's "selfie segmentation" network.

  npm pack @mediapipe/selfie_segmentation@0.1.1675465747 && tar xzf mediapipe-selfie_segmentation-*.tgz
  pip install tflite==2.18.0
  python -m export.ship.matte package/selfie_segmentation.tflite --models models

The npm package is Google's and licensed under Apache-2.0, and so are these weights, which this script only rewrites: the
same convolutions in half precision, channels first, with the pixels as bytes. The file that it expects is pinned by its sha256.

`content` u8 [1,256,256,3], the picture squeezed to a square -> `matte` u8 [1,256,256,1], 255 = a person.
"""
import argparse
import hashlib
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.common import manifest

SHA256 = '8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27'
SIDE = 256
OPSET = 14
RELU = 1  # a fused activation of TensorFlow Lite
SAME = 0  # its padding


class Converter:
    """One TensorFlow Lite graph of float32 sums and float16 weights; refuses what this network does not use."""

    def __init__(self, data):
        import tflite
        self.tflite = tflite
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.names = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
        self.nodes, self.weights, self.half = [], {}, {}

    def shape(self, tensor):
        t = self.graph.Tensors(tensor)
        return [int(n) for n in t.ShapeAsNumpy()] if t.ShapeLength() else []

    def constant(self, tensor):
        """The numbers of a constant tensor, or None."""
        tensor = self.half.get(tensor, tensor)
        data = self.model.Buffers(self.graph.Tensors(tensor).Buffer()).DataAsNumpy()
        if isinstance(data, int):
            return None
        kind = {0: np.float32, 1: np.float16, 2: np.int32}[self.graph.Tensors(tensor).Type()]
        return np.frombuffer(data.tobytes(), kind).reshape(self.shape(tensor))

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))

    def weight(self, name, values):
        """A weight that is stored in half precision and computed with in single."""
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values, np.float16), name)
            self.add('Cast', [name], f'{name}_f32', to=TensorProto.FLOAT)
        return f'{name}_f32'

    def number(self, name, values, kind=np.float32):
        self.weights.setdefault(name, numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def options(self, op, kind):
        options = getattr(self.tflite, kind)()
        table = op.BuiltinOptions()
        options.Init(table.Bytes, table.Pos)
        return options

    def activated(self, function, name):
        """The name that an operator writes to so that its fused activation ends in `name`, and the node that follows."""
        if function == 0:
            return name, None
        if function == RELU:
            return f'{name}_sum', ('Relu', [f'{name}_sum'], name)
        raise SystemExit(f'fused activation {function}: not used by the network that this script knows')

    def convolution(self, op, out, depthwise):
        x, kernel, bias = (int(i) for i in op.InputsAsNumpy()[:3])
        o = self.options(op, 'DepthwiseConv2DOptions' if depthwise else 'Conv2DOptions')
        values = self.constant(kernel)
        # [out, h, w, in], or [1, h, w, channels] -> [out, in, h, w]
        values = values.transpose(3, 0, 1, 2) if depthwise else values.transpose(0, 3, 1, 2)
        # Without padding a kernel of one pixel is the same.
        padded = o.Padding() == SAME or values.shape[2:] == (1, 1)
        if not padded or o.DilationHFactor() != 1 or (depthwise and o.DepthMultiplier() not in (0, 1)):
            raise SystemExit('a convolution of a kind that this script does not know')
        stride = [o.StrideH(), o.StrideW()]
        # TensorFlow pads the odd pixel below and to the right.
        height, width = self.shape(x)[1:3]
        pads = [max(-(-n // s) * s - s + k - n, 0) for n, s, k in zip((height, width), stride, values.shape[2:])]
        before, after = [p // 2 for p in pads], [p - p // 2 for p in pads]
        target, follows = self.activated(o.FusedActivationFunction(), f't{out}')
        self.add('Conv', [f't{x}', self.weight(f'w{kernel}', values), self.weight(f'b{bias}', self.constant(bias))], target,
                 strides=stride, pads=before + after, group=values.shape[0] if depthwise else 1)
        if follows:
            self.add(*follows)

    def convert(self):
        for n in range(self.graph.OperatorsLength()):
            op = self.graph.Operators(n)
            code = self.model.OperatorCodes(op.OpcodeIndex())
            name = self.names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            inputs, out = [int(i) for i in op.InputsAsNumpy()], int(op.OutputsAsNumpy()[0])
            x = [f't{i}' for i in inputs]
            if name == 'DEQUANTIZE':
                self.half[out] = inputs[0]
            elif name in ('CONV_2D', 'DEPTHWISE_CONV_2D'):
                self.convolution(op, out, name != 'CONV_2D')
            elif name == 'HARD_SWISH':
                self.add('HardSwish', x, f't{out}')
            elif name in ('RELU', 'LOGISTIC'):
                self.add('Relu' if name == 'RELU' else 'Sigmoid', x, f't{out}')
            elif name in ('ADD', 'MUL'):
                kind = 'AddOptions' if name == 'ADD' else 'MulOptions'
                target, follows = self.activated(self.options(op, kind).FusedActivationFunction(), f't{out}')
                self.add('Add' if name == 'ADD' else 'Mul', x, target)
                if follows:
                    self.add(*follows)
            elif name == 'AVERAGE_POOL_2D':
                if self.shape(out)[1:3] != [1, 1]:
                    raise SystemExit('an average over less than the picture: not used by the network that this script knows')
                self.add('GlobalAveragePool', x, f't{out}')
            elif name == 'RESIZE_BILINEAR':
                o = self.options(op, 'ResizeBilinearOptions')
                where = 'align_corners' if o.AlignCorners() else 'half_pixel' if o.HalfPixelCenters() else 'asymmetric'
                factor = self.number('twice', [1, 1, 2, 2])
                self.add('Resize', [x[0], '', factor], f't{out}', mode='linear', coordinate_transformation_mode=where)
            elif name == 'CUSTOM' and code.CustomCode() == b'Convolution2DTransposeBias':
                # [out, h, w, in], stride 2 -> [in, out, h, w]
                kernel = self.constant(inputs[1]).transpose(3, 0, 1, 2)
                weights = [self.weight(f'w{inputs[1]}', kernel), self.weight(f'b{inputs[2]}', self.constant(inputs[2]))]
                self.add('ConvTranspose', [x[0], *weights], f't{out}', strides=[2, 2])
            else:
                raise SystemExit(f'{name}: not used by the network that this script knows')
        return int(self.graph.InputsAsNumpy()[0]), int(self.graph.OutputsAsNumpy()[0])


def onnx_of(data):
    c = Converter(data)
    first = int(c.graph.InputsAsNumpy()[0])
    c.add('Cast', ['content'], 'floats', to=TensorProto.FLOAT)
    c.add('Transpose', ['floats'], 'planes', perm=[0, 3, 1, 2])
    c.add('Mul', ['planes', c.number('one_255th', np.float32(1 / 255))], f't{first}')
    _, last = c.convert()
    c.add('Transpose', [f't{last}'], 'share', perm=[0, 2, 3, 1])
    c.add('Mul', ['share', c.number('white', np.float32(255))], 'levels')
    c.add('Round', ['levels'], 'rounded')
    c.add('Cast', ['rounded'], 'matte', to=TensorProto.UINT8)
    graph = helper.make_graph(
        c.nodes, 'matte',
        [helper.make_tensor_value_info('content', TensorProto.UINT8, [1, SIDE, SIDE, 3])],
        [helper.make_tensor_value_info('matte', TensorProto.UINT8, [1, SIDE, SIDE, 1])],
        list(c.weights.values()))
    opsets = [helper.make_opsetid('', OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name='impasto export/ship/matte.py')
    model.doc_string = 'MediaPipe selfie segmentation (general, 2021-01-19), Google, Apache-2.0; rewritten as ONNX.'
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('tflite', help='selfie_segmentation.tflite of the npm package')
    p.add_argument('--models', default='models', help='folder of models.toml')
    args = p.parse_args()
    with open(args.tflite, 'rb') as f:
        data = f.read()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        expected = f'{SHA256[:16]}... is expected; take the version that the head of this script names'
        raise SystemExit(f'{args.tflite}: its sha256 is {found[:16]}..., and {expected}')
    path = os.path.join(args.models, 'matte.onnx')
    manifest.write_whole(path, onnx_of(data))
    listed = os.path.join(args.models, 'models.toml')
    entries = manifest.read(listed)
    entries['matte'] = manifest.file_entry(args.models, 'matte.onnx')
    manifest.write(listed, entries)
    print(f'{path}: {os.path.getsize(path)} bytes, sha256 {entries["matte"]["sha256"]}')


if __name__ == '__main__':
    main()
