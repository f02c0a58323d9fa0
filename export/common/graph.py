"""A builder of ONNX graphs, with the operations that all models of the contract share (u8 pictures in and out, conditional instance norm).

Graphs are built node by node rather than traced: they accept any height and width, contain no tracing artefacts, and the same weights
always give the same bytes.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13  # the lowest with all operators used, for old runtimes and all execution providers
IR = 7  # the file format version of opset 13
U8, F16, F32 = TensorProto.UINT8, TensorProto.FLOAT16, TensorProto.FLOAT
PICTURE = [1, 'H', 'W', 3]  # u8, RGB


class Graph:
    """Collects nodes; methods that add some return the name of the output tensor."""

    def __init__(self, name, doc):
        self.name, self.doc = name, doc
        self.nodes, self.initializers, self.inputs, self.outputs = [], {}, [], []

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, tensor, name, kind, shape):
        """Rename `tensor` to `name` and make it an output of the graph."""
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [name if n == tensor else n for n in names]
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def add(self, op, *inputs, outputs=1, **attributes):
        """Add a node; -> the name of its output, or a list of names if there are several."""
        n = len(self.nodes)
        names = [f'{op}_{n}'] if outputs == 1 else [f'{op}_{n}_{i}' for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def const(self, value, dtype=np.float32):
        """A small constant; equal constants are stored once."""
        array = np.asarray(value, dtype)
        name = 'c_' + '_'.join([array.dtype.str[1:], *map(str, array.shape), *map(str, array.ravel().tolist())])
        self.initializers[name] = numpy_helper.from_array(array, name)
        return name

    def weight(self, name, tensor):
        """Weights, stored in half precision and converted when the model is loaded (ONNX Runtime folds the Cast)."""
        half = as_numpy(tensor).astype(np.float16)
        if not np.isfinite(half).all():
            raise SystemExit(f'{self.name}: the weights {name} do not fit float16 (too large, or training diverged)')
        self.initializers[name] = numpy_helper.from_array(half, name)
        return self.add('Cast', name, to=F32)

    def conv(self, x, name, kernel, bias=None, stride=1, pad=None, dilation=1, reflect=False):
        """x (1,I,H,W), kernel (O,I,k,k), bias (O,) or None. With `reflect` x is extended by reflection, not by zeros."""
        k = kernel.shape[-1]
        if reflect:
            n, pad = dilation * (k // 2), 0
            x = self.add('Pad', x, self.const([0, 0, n, n, 0, 0, n, n], np.int64), mode='reflect')
        inputs = [x, self.weight(name + '.weight', kernel)]
        if bias is not None:
            inputs.append(self.weight(name + '.bias', bias))
        more = {'dilations': [dilation] * 2} if dilation > 1 else {}
        pads = [dilation * (k // 2) if pad is None else pad] * 4
        return self.add('Conv', *inputs, kernel_shape=[k, k], strides=[stride] * 2, pads=pads, **more)

    def linear(self, x, name, layer):
        """x (1,I) through a torch Linear."""
        return self.add('Gemm', x, self.weight(name + '.weight', layer.weight), self.weight(name + '.bias', layer.bias), transB=1)

    def moments(self, x):
        """Mean and variance of every channel over the picture: (1,C,H,W) -> 2 x (1,C,1,1).

        Means by GlobalAveragePool: ONNX Runtime has a kernel for its blocked layout, which saves a pass over x, and in the int8 models
        ReduceMean is slower than the convolution. ReduceSumSquare, ReduceL2 and GlobalLpPool take 2 to 40 times as long."""
        mean = self.add('GlobalAveragePool', x)
        square = self.add('GlobalAveragePool', self.add('Mul', x, x))
        return mean, self.add('Relu', self.add('Sub', square, self.add('Mul', mean, mean)))

    def scale_and_shift(self, gamma, beta, mean, variance, eps):
        """Dumoulin et al. 2017, eq. 5, gamma * (x - mean) / sigma + beta, as x * scale + shift; all (1,C,1,1)."""
        sigma = self.add('Sqrt', self.add('Add', variance, self.const(eps)))
        scale = self.add('Div', gamma, sigma)
        return scale, self.add('Sub', beta, self.add('Mul', mean, scale))

    def affine(self, x, scale, shift):
        return self.add('Add', self.add('Mul', x, scale), shift)

    def from_picture(self, x, scale, offset):
        """u8 (1,H,W,3) -> float (1,3,H,W) = x * scale + offset."""
        x = self.add('Transpose', self.add('Cast', x, to=F32), perm=[0, 3, 1, 2])
        x = self.add('Mul', x, self.const(scale))
        return self.add('Add', x, self.const(offset)) if offset else x

    def to_picture(self, x):
        """float (1,3,H,W) in 0..1 -> u8 (1,H,W,3). The Clip is for devices of low precision: 256 would wrap to 0."""
        x = self.add('Round', self.add('Mul', x, self.const(255)))
        x = self.add('Cast', self.add('Clip', x, self.const(0), self.const(255)), to=U8)
        return self.add('Transpose', x, perm=[0, 2, 3, 1])

    def repeated(self, x, name, tile):
        """`tile` (1,C,P,Q), a periodic constant, repeated to the height and width of x."""
        c = lambda *v: self.const(v, np.int64)
        size = self.add('Slice', self.add('Shape', x), c(2), c(4))
        period = tile.shape[2:]
        times = self.add('Div', self.add('Add', size, c(*(p - 1 for p in period))), c(*period))
        enough = self.add('Tile', self.weight(name, tile), self.add('Concat', c(1, 1), times, axis=0))
        return self.add('Slice', enough, c(0, 0), size, c(2, 3))

    def flat(self, x, width):
        """(1,width,1,1) -> (1,width)."""
        return self.add('Reshape', x, self.const([1, width], np.int64))

    def upright(self, x, width):
        """(1,width) -> (1,width,1,1)."""
        return self.add('Reshape', x, self.const([1, width, 1, 1], np.int64))

    def split(self, x, sizes):
        """x (1,sum(sizes),..) -> a tensor for each size."""
        return self.add('Split', x, self.const(sizes, np.int64), outputs=len(sizes), axis=1)

    def bytes(self):
        """The checked model, without timestamps or tool versions: the same graph always gives the same bytes."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, list(self.initializers.values()), self.doc)
        model = helper.make_model(graph, producer_name='impasto', opset_imports=[helper.make_opsetid('', OPSET)],
                                  ir_version=IR, doc_string=self.doc)
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


def as_numpy(tensor):
    """A torch tensor or array-like as a NumPy array."""
    return tensor.detach().cpu().numpy() if hasattr(tensor, 'detach') else np.asarray(tensor)
