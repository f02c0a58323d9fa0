#!/usr/bin/env python3
"""Write int8 versions of a transformer for CPUs: 8-bit convolutions, instance norms in float.

  python -m export.ship.quantise models --name fine --content PHOTOS --styles PAINTINGS

writes models/fine/transformer_int8.onnx and transformer_frozen_int8.onnx and enters them in models.toml. Activation ranges are
calibrated on pairs of PHOTOS and PAINTINGS. On other pairs the result is compared with the float network, and not written if it
differs too much.

Activations have one scale per tensor. So the output channels of each convolution are first scaled to the same range, and scaled back
afterwards: otherwise channels of small range would have few levels, and the instance norm would amplify their quantisation noise.
"""
import argparse
import os
import random
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from export.common import manifest
from export.common.onnx_model import OnnxModel, session
from export.common.pictures import load, picture_files, psnr

FLOAT = ('enter', 'merge', 'leave', 'smooth')  # convolutions with few channels, which stay in float
ROLES = ('transformer', 'transformer_frozen')
LONG_SIDE, LEAST_DB = 320, 32
THREADS = os.cpu_count()


def with_float_weights(path):
    """The graph with its weights in float32 and every convolution named after its weights."""
    model = onnx.load(path)
    graph = model.graph
    weights = {i.name: i for i in graph.initializer}
    nodes, names = [], {}
    for node in graph.node:
        half = weights.get(node.input[0]) if node.op_type == 'Cast' else None
        if half is not None and half.data_type == TensorProto.FLOAT16:
            names[node.output[0]] = half.name
            graph.initializer.remove(half)
            graph.initializer.append(numpy_helper.from_array(numpy_helper.to_array(half).astype(np.float32), node.output[0]))
        else:
            nodes.append(node)
    for node in nodes:
        if node.op_type == 'Conv':
            node.name = names[node.input[1]].removesuffix('.weight')
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def equalise(model, feeds):
    """Scale the output channels of each convolution to be quantised to a maximum of 1, and scale back after it."""
    graph = model.graph
    convs = [n for n in graph.node if n.op_type == 'Conv' and n.name not in FLOAT]
    observed = onnx.ModelProto.FromString(model.SerializeToString())
    for n in convs:
        observed.graph.output.append(helper.make_tensor_value_info(n.output[0], TensorProto.FLOAT, None))
    run, names = session(observed.SerializeToString(), THREADS), [n.output[0] for n in convs]
    largest = [1e-6] * len(convs)
    for feed in feeds:
        largest = [np.maximum(m, np.abs(y).max((0, 2, 3))) for m, y in zip(largest, run.run(names, feed))]
    weights = {i.name: i for i in graph.initializer}
    for n, m in zip(convs, largest):
        m, w = m.astype(np.float32), weights[n.input[1]]
        w.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(w) / m[:, None, None, None], w.name))
        graph.initializer.append(numpy_helper.from_array(m[None, :, None, None], f'{n.name}.level'))
        back = helper.make_node('Mul', [f'{n.output[0]}_level', f'{n.name}.level'], [n.output[0]])
        n.output[0] = back.input[0]
        graph.node.insert(list(graph.node).index(n) + 1, back)


class Feeds(CalibrationDataReader):
    def __init__(self, feeds):
        self.left = iter(feeds)

    def get_next(self):
        return next(self.left, None)


def quantised(model, feeds):
    """-> the bytes of the int8 graph. Weights have 7 bits: CPUs without VNNI add two products in 16 bits."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = (os.path.join(folder, f) for f in ('float.onnx', 'int8.onnx'))
        onnx.save(model, source)
        quantize_static(source, target, Feeds(feeds), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=['Conv'],
                        nodes_to_exclude=list(FLOAT))
        made = onnx.load(target)
    made.producer_name, made.doc_string = 'impasto', model.doc_string
    return made.SerializeToString(deterministic=True)


def pairs(o, net):
    """Inputs of the transformer: photos, and gammas and betas of paintings."""
    rng = random.Random(o.seed)
    photos, paintings = picture_files(o.content), picture_files(o.styles)
    for _ in range(o.pairs):
        photo, bottleneck = load(rng.choice(photos)), net.embed(load(rng.choice(paintings)))
        photo.thumbnail((LONG_SIDE, LONG_SIDE))
        yield {'content': np.array(photo)[None], 'style_params': net.style_params(bottleneck)}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--name', required=True, help='name of the model')
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--pairs', type=int, default=36, help='number of pairs, of which a third are for the comparison')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    place = lambda file: os.path.join(o.models, file)
    found = manifest.read(place('models.toml'))
    entry = next((m for m in found.get('model', []) if m['name'] == o.name), None)
    if entry is None or o.pairs < 3:
        raise SystemExit(f'{place("models.toml")}: has no model {o.name}; export it first' if entry is None else '--pairs: at least 3')
    net = OnnxModel(place(o.name), THREADS)
    feeds, plain = list(pairs(o, net)), net.transformer
    stats = [plain.run(['stats'], feed)[0] for feed in feeds]
    held_out = o.pairs // 3
    for role in ROLES:
        given = [{**feed, 'stats': s} if role == 'transformer_frozen' else feed for feed, s in zip(feeds, stats)]
        model = with_float_weights(place(entry[role]['file']))
        equalise(model, given[held_out:])
        int8 = quantised(model, given[held_out:])
        run = session(int8, THREADS)
        quality = [psnr(run.run(['pastiche'], new)[0], plain.run(['pastiche'], feed)[0]) for new, feed in zip(given[:held_out], feeds)]
        print(f'{role}: {np.mean(quality):.1f} dB from the float network, {min(quality):.1f} for the worst of {held_out} pairs', flush=True)
        if min(quality) < LEAST_DB:
            raise SystemExit(f'below {LEAST_DB} dB: not written')
        file = f'{o.name}/{role}_int8.onnx'
        manifest.write_whole(place(file), int8)
        entry[f'{role}_int8'] = manifest.file_entry(o.models, file)
    manifest.write(place('models.toml'), found)


if __name__ == '__main__':
    main()
