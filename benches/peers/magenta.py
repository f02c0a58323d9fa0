"""Magenta's released pair (Ghiasi et al. 2017 as TFLite): on LiteRT with XNNPACK, and its transformer as ONNX.

The conversion knows the eleven operators of that one file. LiteRT keeps pictures as (1,H,W,C), ONNX as (1,C,H,W)."""
import os

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from export_code import graph as writer

PREDICTOR, FLOAT, INT8 = 'style_predict_quantized_256.tflite', 'style_transfer_f16_384.tflite', 'style_transfer_quantized_384.tflite'
SIDE = 384  # what the released graph is fixed at


def interpreter(path, threads):
    if not os.path.exists(path):
        raise FileNotFoundError(f'{path}: is not there; --assets names the folder that has weights/magenta in it')
    made = Interpreter(path, num_threads=threads)
    made.allocate_tensors()
    return made


def run(net, *inputs):
    for detail, value in zip(net.get_input_details(), inputs):
        net.set_tensor(detail['index'], value)
    net.invoke()
    return net.get_tensor(net.get_output_details()[0]['index'])


def read_painting(folder, painting, threads):
    """u8 (256,256,3) -> the bottleneck (1,1,1,100)."""
    return run(interpreter(os.path.join(folder, PREDICTOR), threads), painting[None].astype(np.float32) / 255)


def painter(path, threads):
    """(content (1,384,384,3) in 0..1, bottleneck) -> pastiche, on LiteRT."""
    net = interpreter(path, threads)
    order = sorted(range(2), key=lambda k: net.get_input_details()[k]['shape'][-1] != 3)  # content first
    return lambda *inputs: run(net, *(inputs[k] for k in order))


OPERATORS = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
SHAPED = {'MIRROR_PAD': schema.MirrorPadOptions, 'CONV_2D': schema.Conv2DOptions, 'ADD': schema.AddOptions, 'MUL': schema.MulOptions,
          'SUB': schema.SubOptions, 'RESIZE_NEAREST_NEIGHBOR': schema.ResizeNearestNeighborOptions}


class Converter:
    """One TFLite graph as one ONNX graph."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.model = schema.Model.GetRootAs(f.read())
        self.net = self.model.Subgraphs(0)
        self.g = writer.Graph('magenta', 'the transformer of Magenta, converted from TFLite; only to be timed')
        self.values, self.names = {}, {}  # constants, and names of activations, by number of the tensor

    def shape(self, n):
        return self.net.Tensors(n).ShapeAsNumpy().tolist() if self.net.Tensors(n).ShapeLength() else []

    def constant(self, n):
        """The value of tensor `n`, or None when it is computed."""
        if n not in self.values:
            buffer = self.model.Buffers(self.net.Tensors(n).Buffer())
            if not buffer.DataLength():
                return None
            kind = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.FLOAT16: np.float16,
                    schema.TensorType.INT32: np.int32}[self.net.Tensors(n).Type()]
            self.values[n] = buffer.DataAsNumpy().tobytes()
            self.values[n] = np.frombuffer(self.values[n], kind).reshape(self.shape(n))
        return self.values[n]

    def take(self, n):
        """The name of tensor `n`, ready to stand beside (1,C,H,W)."""
        value = self.constant(n)
        if value is None:
            return self.names[n]
        value = value.astype(np.float32)
        return self.g.const(value.reshape(1, -1, 1, 1) if value.ndim else value)

    def options(self, operator, name):
        made = SHAPED[name]()
        table = operator.BuiltinOptions()
        made.Init(table.Bytes, table.Pos)
        return made

    def convert(self):
        for n in self.net.InputsAsNumpy():
            h, w, c = self.shape(n)[1:]
            self.names[n] = self.g.input('content' if c == 3 else 'bottleneck', writer.F32, [1, c, h, w])
        for k in range(self.net.OperatorsLength()):
            operator = self.net.Operators(k)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            name = OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            rule = getattr(self, name.lower(), None)
            if rule is None:
                raise NotImplementedError(f'operator {name} is not one of those of the released file')
            out = int(operator.Outputs(0))
            made = rule(operator, name, [int(n) for n in operator.InputsAsNumpy()], out)
            if made is not None:
                self.names[out] = made
        out = int(self.net.Outputs(0))
        h, w, c = self.shape(out)[1:]
        self.g.output(self.names[out], 'pastiche', writer.F32, [1, c, h, w])
        return self.g.bytes()

    def dequantize(self, _operator, _name, inputs, out):
        self.values[out] = self.constant(inputs[0]).astype(np.float32)

    def mirror_pad(self, operator, name, inputs, _out):
        if self.options(operator, name).Mode() != schema.MirrorPadMode.REFLECT:
            raise NotImplementedError('MIRROR_PAD of another mode')
        (n0, n1), (top, bottom), (left, right), (c0, c1) = self.constant(inputs[1]).tolist()
        return self.g.add('Pad', self.take(inputs[0]), self.g.const([n0, c0, top, left, n1, c1, bottom, right], np.int64), mode='reflect')

    def conv_2d(self, operator, name, inputs, _out):
        options = self.options(operator, name)
        kernel = self.constant(inputs[1]).transpose(0, 3, 1, 2)
        if options.Padding() == schema.Padding.SAME and kernel.shape[2:] != (1, 1):
            raise NotImplementedError('CONV_2D that pads by itself')
        x = self.g.add('Conv', self.take(inputs[0]), self.g.weight(f'w{inputs[1]}', kernel),
                       self.g.weight(f'w{inputs[2]}', self.constant(inputs[2])), strides=[options.StrideH(), options.StrideW()])
        return self.activated(options, x)

    def activated(self, options, x):
        kinds = schema.ActivationFunctionType
        if options.FusedActivationFunction() == kinds.RELU:
            return self.g.add('Relu', x)
        if options.FusedActivationFunction() != kinds.NONE:
            raise NotImplementedError('an activation other than ReLU')
        return x

    def binary(self, operator, name, inputs, _out):
        x = self.g.add(name.capitalize(), *map(self.take, inputs))
        return self.activated(self.options(operator, name), x)

    add = mul = sub = binary

    def mean(self, _operator, _name, inputs, _out):
        if sorted(self.constant(inputs[1]).tolist()) != [1, 2]:
            raise NotImplementedError('MEAN over other axes than the picture')
        return self.g.add('ReduceMean', self.take(inputs[0]), axes=[2, 3])

    def squared_difference(self, _operator, _name, inputs, _out):
        x = self.g.add('Sub', *map(self.take, inputs))
        return self.g.add('Mul', x, x)

    def rsqrt(self, _operator, _name, inputs, _out):
        return self.g.add('Reciprocal', self.g.add('Sqrt', self.take(inputs[0])))

    def resize_nearest_neighbor(self, operator, name, inputs, _out):
        options = self.options(operator, name)
        if options.AlignCorners():
            raise NotImplementedError('RESIZE_NEAREST_NEIGHBOR with aligned corners')
        size = self.constant(inputs[1]).tolist()
        h, w = self.shape(inputs[0])[1:3]
        scales = self.g.const([1, 1, size[0] / h, size[1] / w])
        mode = 'half_pixel' if options.HalfPixelCenters() else 'asymmetric'
        return self.g.add('Resize', self.take(inputs[0]), '', scales, mode='nearest', nearest_mode='floor',
                          coordinate_transformation_mode=mode)

    def logistic(self, _operator, _name, inputs, _out):
        return self.g.add('Sigmoid', self.take(inputs[0]))
