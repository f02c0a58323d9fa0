#!/usr/bin/env python3
"""Write the transformer for browsers: the same weights in a graph that onnxruntime-web runs fast on WebGPU and on WASM.

  python -m export.ship.web models [--name live]

writes NAME/transformer_web.onnx for each model, compares it with NAME/transformer.onnx, and enters it in models.toml. The file has no
weights: it points to those in transformer.onnx (ONNX external data), so the two cannot differ, and it is small.

`content` is f32 [1,3,H,W], levels 0..255, with its margin; `style_params` is f32 [1,P]; `pastiche` is f32 [1,3,H,W], levels 0..255, not
rounded, with its margin.

The margin is what transformer.onnx adds inside (see `padded`); models.toml says how wide it is, and of what number H and W are then
multiples. The page adds it while it converts pixels to float, which costs nothing, and leaves it out when it converts back.

SpaceToDepth and the convolution behind it are one convolution of twice the kernel and stride; where feature maps are reflected in between,
SpaceToDepth is a convolution of ones and zeros. SpaceToDepth, Mod and Round have no WebGPU kernel, and each would copy the picture to the
CPU and back. The instance norms are single nodes, not ten each; the gammas and betas are
split by a tree of nodes.
"""
import argparse
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.common import manifest
from export.common.onnx_model import session

# Pixels of reflected border on each side, and the number of which the sides are multiples then; see common/networks.py.
HALF, PATCH = (12, 4), (8, 8)
LEAST_DB = 40  # of the comparison; the bundled models reach 82
SIZES = [(384, 384), (640, 480), (333, 251), (17, 640)]  # width, height
THREADS = 1
MOST_OUTPUTS = 7  # of a node: WebGPU promises 8 storage buffers in a shader, and one is the input


class Rewrite:
    """The nodes of a transformer, by the tensors that they make."""

    def __init__(self, model):
        graph = model.graph
        self.nodes = list(graph.node)
        self.maker = {name: node for node in self.nodes for name in node.output}
        self.constants = {i.name: i for i in graph.initializer}
        self.own = set()  # constants that are not in the other file
        self.params = graph.input[1].type.tensor_type.shape.dim[1].dim_value

    def users(self, tensor):
        return [n for n in self.nodes if tensor in n.input]

    def user(self, tensor, op):
        """The only node of kind `op` that takes `tensor`."""
        found = [n for n in self.users(tensor) if n.op_type == op]
        if len(found) != 1:
            raise SystemExit(f'{tensor}: {len(found)} nodes {op} take it, not 1; this transformer is not written by common/graph.py')
        return found[0]

    def const(self, name, values):
        self.constants[name] = numpy_helper.from_array(np.asarray(values, np.int64), name)
        return name

    def replace(self, old, *new):
        """Put the nodes `new` in the place of `old`."""
        at = self.nodes.index(old)
        self.nodes[at:at + 1] = new
        self.maker = {name: node for node in self.nodes for name in node.output}

    def rename(self, old, new):
        for node in self.nodes:
            node.input[:] = [new if name == old else name for name in node.input]

    def norms(self):
        """Conditional instance norms, as common/graph.py writes them, become InstanceNormalization."""
        for div in [n for n in self.nodes if n.op_type == 'Div' and self.maker.get(n.input[1], n).op_type == 'Sqrt']:
            gamma, scale = div.input[0], div.output[0]
            add_eps = self.maker[self.maker[div.input[1]].input[0]]
            eps = float(numpy_helper.to_array(self.constants[add_eps.input[1]]))
            scaled_mean = next(n for n in self.users(scale) if self.maker[n.input[0]].op_type == 'GlobalAveragePool')
            x = self.maker[scaled_mean.input[0]].input[0]
            shift = self.user(scaled_mean.output[0], 'Sub')
            result = self.user(shift.output[0], 'Add')
            norm = helper.make_node('InstanceNormalization', [x, gamma, shift.input[0]], list(result.output), epsilon=eps)
            self.replace(result, norm)
        reshape = self.maker[self.maker[gamma].input[0]]  # style_params as (P), since the node takes vectors
        reshape.input[1] = self.const('vector', [self.params])
        split = self.user(reshape.output[0], 'Split')
        sizes = numpy_helper.to_array(self.constants[split.input[1]]).tolist()
        self.replace(split, *self.splits(reshape.output[0], list(zip(split.output, sizes))))

    def splits(self, x, parts):
        """Nodes that split the vector `x` into `parts` (name and length each), as a tree: a WebGPU shader writes few tensors."""
        groups = [[part] for part in parts]
        if len(parts) > MOST_OUTPUTS:
            step = -(-len(parts) // MOST_OUTPUTS)
            groups = [parts[at:at + step] for at in range(0, len(parts), step)]
        names = [group[0][0] if len(group) == 1 else f'{x}.{n}' for n, group in enumerate(groups)]
        lengths = self.const(f'{x}.lengths', [sum(length for _, length in group) for group in groups])
        nodes = [helper.make_node('Split', [x, lengths], names, axis=0)]
        for name, group in zip(names, groups):
            if len(group) > 1:
                nodes += self.splits(name, group)
        return nodes

    def convolutions(self):
        """SpaceToDepth(2) and a convolution of kernel k become one of kernel 2k, stride 2; the kernel is rearranged when it is loaded."""
        for rearranged in [n for n in self.nodes if n.op_type == 'SpaceToDepth']:
            if self.users(rearranged.output[0])[0].op_type == 'Pad':
                self.rearrange(rearranged)
                continue
            conv = self.user(rearranged.output[0], 'Conv')
            kernel = conv.input[1]
            o, i, k, _ = self.constants[self.maker[kernel].input[0]].dims
            name = self.maker[kernel].input[0]
            blocks = helper.make_node('Reshape', [kernel, self.const(f'{name}.blocks', [o, 2, 2, i // 4, k, k])], [f'{name}.1'])
            woven = helper.make_node('Transpose', [f'{name}.1'], [f'{name}.2'], perm=[0, 3, 4, 1, 5, 2])
            whole = helper.make_node('Reshape', [f'{name}.2', self.const(f'{name}.whole', [o, i // 4, 2 * k, 2 * k])], [f'{name}.3'])
            strided = helper.make_node('Conv', [rearranged.input[0], f'{name}.3', *conv.input[2:]], list(conv.output),
                                       kernel_shape=[2 * k] * 2, pads=[2 * (k // 2)] * 4, strides=[2, 2])
            self.replace(conv, blocks, woven, whole, strided)

    def rearrange(self, node):
        """SpaceToDepth becomes a strided convolution of ones and zeros."""
        block, = (a.i for a in node.attribute if a.name == 'blocksize')
        conv = self.user(self.user(node.output[0], 'Pad').output[0], 'Conv')
        channels = self.constants[self.maker[conv.input[1]].input[0]].dims[1]
        kernel = np.eye(channels, dtype=np.float16).reshape(channels, block, block, -1).transpose(0, 3, 1, 2)  # channels are (dy,dx,c)
        name = f'{node.output[0]}.kernel'
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(kernel), name)
        self.own.add(name)
        cast = helper.make_node('Cast', [name], [f'{name}.f32'], to=TensorProto.FLOAT)
        moved = helper.make_node('Conv', [node.input[0], f'{name}.f32'], list(node.output), kernel_shape=[block] * 2, strides=[block] * 2)
        self.replace(node, cast, moved)

    def ends(self):
        """Float pictures with their margin in and out."""
        transpose = next(n for n in self.nodes if n.op_type == 'Transpose')
        self.rename(transpose.output[0], 'content')
        sigmoid = next(n for n in self.nodes if n.op_type == 'Sigmoid')
        last = self.user(sigmoid.output[0], 'Mul')
        self.nodes[:] = [n for n in self.nodes if 'pastiche' not in n.output]
        last.output[0] = 'pastiche'

    def model(self, source, location, weights):
        """The nodes that `pastiche` needs; half-precision constants stand in the file `location`, whose bytes are `weights`."""
        self.maker = {name: node for node in self.nodes for name in node.output}
        needed, todo = set(), ['pastiche']
        while todo:
            name = todo.pop()
            if name and name not in needed:
                needed.add(name)
                todo += list(self.maker[name].input) if name in self.maker else []
        nodes = [n for n in self.nodes if needed.intersection(n.output)]
        constants = [c if name in self.own else elsewhere(c, location, weights) for name, c in self.constants.items() if name in needed]
        picture = [1, 3, 'H', 'W']
        inputs = [helper.make_tensor_value_info('content', TensorProto.FLOAT, picture), source.graph.input[1]]
        outputs = [helper.make_tensor_value_info('pastiche', TensorProto.FLOAT, picture)]
        doc = 'For browsers: see export/ship/web.py. The weights are in ' + location
        graph = helper.make_graph(nodes, source.graph.name, inputs, outputs, constants, doc)
        return helper.make_model(graph, producer_name='impasto', opset_imports=source.opset_import,
                                 ir_version=source.ir_version, doc_string=doc)


def elsewhere(constant, location, weights):
    """The constant as a reference to its bytes in the file `location`, when it is a weight."""
    if constant.data_type != TensorProto.FLOAT16:
        return constant
    offset = weights.find(constant.raw_data)
    if offset < 0:
        raise SystemExit(f'{constant.name}: its bytes do not stand in {location} in one piece')
    out = TensorProto(name=constant.name, data_type=constant.data_type, dims=constant.dims, data_location=TensorProto.EXTERNAL)
    for key, v in [('location', location), ('offset', offset), ('length', len(constant.raw_data))]:
        out.external_data.add(key=key, value=str(v))
    return out


def web_transformer(path):
    """The path of transformer.onnx -> the bytes of transformer_web.onnx, to lie beside it."""
    with open(path, 'rb') as f:
        weights = f.read()
    source = onnx.load_from_string(weights)
    graph = Rewrite(source)
    graph.norms()
    graph.convolutions()
    graph.ends()
    return graph.model(source, os.path.basename(path), weights).SerializeToString(deterministic=True)


def border(graph):
    """-> margin and multiple of a transformer, of which `graph` is the ONNX model."""
    return PATCH if any(i.name == 'seed' for i in graph.graph.initializer) else HALF


def padded(picture, margin, multiple):
    """u8 (1,H,W,3) -> f32 (1,3,H',W') with the margin that transformer.onnx adds, then up to a multiple."""
    rest = [margin + (-(n + 2 * margin)) % multiple for n in picture.shape[1:3]]
    borders = [(0, 0), (margin, rest[0]), (margin, rest[1]), (0, 0)]
    return np.pad(picture, borders, mode='reflect').transpose(0, 3, 1, 2).astype(np.float32)


def psnr(a, b):
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return 10 * np.log10(255 ** 2 / max(error, 1e-9))


def compare(folder, sizes):
    """-> the least PSNR of the two transformers in `folder`, as 8-bit pictures."""
    files = [os.path.join(folder, f'transformer{kind}.onnx') for kind in ('', '_web')]
    plain, web = (session(f, THREADS) for f in files)
    margin, multiple = border(onnx.load(files[0]))
    head = session(os.path.join(folder, 'head.onnx'), THREADS)
    rng = np.random.default_rng(7)
    least = np.inf
    for width, height in sizes:
        style = head.run(['style_params'], {'bottleneck': rng.normal(0, 0.2, head.get_inputs()[0].shape).astype(np.float32)})[0]
        coarse = rng.integers(0, 256, (1, height // 16 + 1, width // 16 + 1, 3))
        picture = np.repeat(np.repeat(coarse, 16, 1), 16, 2)[:, :height, :width] + rng.normal(0, 9, (1, height, width, 3))
        picture = np.clip(picture, 0, 255).round().astype(np.uint8)
        wanted = plain.run(['pastiche'], {'content': picture, 'style_params': style})[0]
        found = web.run(['pastiche'], {'content': padded(picture, margin, multiple), 'style_params': style})[0]
        found = np.rint(found[:, :, margin:margin + height, margin:margin + width]).transpose(0, 2, 3, 1)
        least = min(least, psnr(wanted, found))
    return least


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--name', help='only the model of this name')
    o = a.parse_args()
    path = os.path.join(o.models, 'models.toml')
    found = manifest.read(path)
    entries = [m for m in found.get('model', []) if o.name in (None, m['name'])]
    if not entries:
        raise SystemExit(f'{path}: has no model {o.name or ""}; export it first')
    for entry in entries:
        folder = os.path.join(o.models, entry['name'])
        file = f"{entry['name']}/transformer_web.onnx"
        target = os.path.join(o.models, file)
        manifest.write_whole(target, web_transformer(os.path.join(o.models, entry['transformer']['file'])))
        quality = compare(folder, SIZES)
        print(f"{file}: {os.path.getsize(target)} bytes, at least {quality:.1f} dB from transformer.onnx")
        if quality < LEAST_DB:
            os.remove(target)
            raise SystemExit(f'below {LEAST_DB} dB: removed')
        margin, multiple = border(onnx.load(os.path.join(folder, 'transformer.onnx')))
        entry['transformer_web'] = {**manifest.file_entry(o.models, file), 'margin': margin, 'multiple': multiple}
    manifest.write(path, found)


if __name__ == '__main__':
    main()
