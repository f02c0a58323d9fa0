"""Cost of a model: multiply-adds of convolutions and matrix products, weights, bytes. Counted, not timed.

The graphs compute padding and cropping from the size of the picture, which ONNX shape inference does not support. So the graph is run
once with the shapes as outputs.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper

from export.common.onnx_model import session as onnx_session

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
COUNTED = ('Conv', 'ConvTranspose', 'Gemm', 'MatMul')


def onnx_macs(model, feed, threads):
    """Multiply-adds of `model` (bytes) for the inputs `feed`."""
    graph = onnx.load_from_string(model)
    nodes = [n for n in graph.graph.node if n.op_type in COUNTED]
    for name in sorted({name for n in nodes for name in (*n.input[:2], n.output[0])}):
        graph.graph.node.append(helper.make_node('Shape', [name], [f'shape:{name}']))
        graph.graph.output.append(helper.make_tensor_value_info(f'shape:{name}', TensorProto.INT64, None))
    session = onnx_session(graph.SerializeToString(), threads)
    wanted = [p.name for p in session.get_outputs() if p.name.startswith('shape:')]
    shapes = dict(zip(wanted, session.run(wanted, feed)))
    return sum(node_macs(n, *(shapes[f'shape:{name}'] for name in (*n.input[:2], n.output[0]))) for n in nodes)


def node_macs(node, a, b, out):
    if node.op_type == 'Conv':  # kernel (O, I / groups, h, w)
        return int(np.prod(out) * np.prod(b[1:]))
    if node.op_type == 'ConvTranspose':  # kernel (I, O / groups, h, w)
        return int(np.prod(a) * np.prod(b[1:]))
    transposed = next((x.i for x in node.attribute if x.name == 'transA'), 0)
    return int(np.prod(out) * a[-2 if transposed else -1])


def onnx_weights(model):
    """Numbers in the float initialisers, without scalars, which are constants of formulas."""
    return sum(int(np.prod(i.dims)) for i in onnx.load_from_string(model).graph.initializer if i.data_type in FLOATS and len(i.dims))


def tflite_cost(interpreter):
    """(multiply-adds, weights) of a TFLite file, whose shapes are fixed. The list of operators has no public API."""
    shape = {t['index']: [int(n) for n in t['shape']] for t in interpreter.get_tensor_details()}
    macs = weights = 0
    for op in interpreter._get_ops_details():
        inputs, out = [shape[int(i)] for i in op['inputs'] if i >= 0], shape[int(op['outputs'][0])] if len(op['outputs']) else []
        if op['op_name'] in ('CONV_2D', 'FULLY_CONNECTED'):  # kernel (O, h, w, I)
            macs += int(np.prod(out) * np.prod(inputs[1][1:]))
        elif op['op_name'] == 'DEPTHWISE_CONV_2D':  # kernel (1, h, w, C)
            macs += int(np.prod(out) * np.prod(inputs[1][1:3]))
        elif op['op_name'] in ('TRANSPOSE_CONV', 'BATCH_MATMUL'):
            raise ValueError(f"{op['op_name']}: cost.py has no rule for it")
        else:
            continue
        weights += sum(int(np.prod(s)) for s in inputs[1:])
    return macs, weights
