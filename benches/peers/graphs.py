"""What an ONNX graph computes and moves, counted from the graph: multiply-accumulates, and bytes of activations."""
import math

import onnx
import onnxruntime as ort


def tensors(model, feeds):
    """{name: (shape, bytes an element)} of every activation, found by running the graph as it is written."""
    model = onnx.ModelProto.FromString(model)
    given = {i.name for i in model.graph.initializer}
    there = {o.name for o in model.graph.output}
    names = [o for node in model.graph.node for o in node.output if o]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(n) for n in names if n not in there)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # every tensor is to stay
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])
    wanted = [o.name for o in session.get_outputs()]
    found = dict(zip(wanted, session.run(wanted, feeds))) | feeds
    return {n: (v.shape, v.dtype.itemsize) for n, v in found.items() if n not in given}


def macs(model, seen):
    """Multiply-accumulates of convolutions and matrix products, for the shapes in `seen`."""
    graph, total = onnx.ModelProto.FromString(model).graph, 0
    shape_of = {i.name: tuple(i.dims) for i in graph.initializer} | {n: s for n, (s, _) in seen.items()}
    for node in graph.node:
        shapes = [shape_of.get(n) for n in node.input]
        if node.op_type == 'Conv':
            total += math.prod(shape_of[node.output[0]]) * math.prod(shapes[1][1:])
        elif node.op_type == 'ConvTranspose':
            total += math.prod(shapes[0]) * math.prod(shapes[1][1:])
        elif node.op_type in ('Gemm', 'MatMul'):
            first = shapes[0][::-1] if any(a.name == 'transA' and a.i for a in node.attribute) else shapes[0]
            total += math.prod(shape_of[node.output[0]]) * first[-1]
    return total


def traffic(model, seen):
    """Bytes of activations that are read and written: (node by node, least).

    Node by node is what the graph says, each node for itself. Least is what no arrangement does without while the
    convolutions run one after the other: each reads its input and writes its output once, and all else happens on the way."""
    graph = onnx.ModelProto.FromString(model).graph
    ends = {t.name for t in [*graph.input, *graph.output]}
    size = {n: math.prod(s) * b for n, (s, b) in seen.items()}
    weights = {i.name for i in graph.initializer}
    each = least = 0
    for node in graph.node:
        if all(n in weights for n in node.input):
            weights.update(node.output)  # widened once, when the model is loaded
            continue
        moved = sum(size.get(n, 0) for n in [*node.input, *node.output] if n not in weights)
        each += moved
        if node.op_type in ('Conv', 'ConvTranspose'):
            least += moved
    return each, least + sum(size.get(n, 0) for n in ends)
