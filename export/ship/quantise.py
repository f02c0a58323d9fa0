#!/usr/bin/env python3
"""Write the int8 twins of a transformer, for CPUs: convolutions in 8 bits, instance norms in float as before.

  quantise.py models --name fine --content PHOTOS --styles PAINTINGS

writes models/fine/transformer_int8.onnx and transformer_frozen_int8.onnx and enters them in models.toml. The ranges of
the activations are measured on pairs of PHOTOS and PAINTINGS; other pairs then tell how far the twins are from the
float networks, and twins that are too far are not written.

One step of 1/256 has to serve all channels of a convolution, so each is brought to the same range first and back behind:
without this, channels that hardly vary would drown, and the instance norm would make their noise loud.
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

EXACT = ('enter', 'merge', 'leave', 'smooth')  # convolutions that stay in float: few channels, little to win
TWINS = ('transformer', 'transformer_frozen')
LONG_SIDE, LEAST_DB = 320, 32
THREADS = os.cpu_count()


def widened(path):
    """The graph with its weights in float32, and every convolution called after its weights."""
    model = onnx.load(path)
    graph = model.graph
    weights = {i.name: i for i in graph.initializer}
    nodes, called = [], {}
    for node in graph.node:
        half = weights.get(node.input[0]) if node.op_type == 'Cast' else None
        if half is not None and half.data_type == TensorProto.FLOAT16:
            called[node.output[0]] = half.name
            graph.initializer.remove(half)
            graph.initializer.append(numpy_helper.from_array(numpy_helper.to_array(half).astype(np.float32), node.output[0]))
        else:
            nodes.append(node)
    for node in nodes:
        if node.op_type == 'Conv':
            node.name = called[node.input[1]].removesuffix('.weight')
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def level(model, feeds):
    """Scale the output channels of the convolutions that will be quantised to a largest value of 1, and back behind them."""
    graph = model.graph
    convs = [n for n in graph.node if n.op_type == 'Conv' and n.name not in EXACT]
    watched = onnx.ModelProto.FromString(model.SerializeToString())
    for n in convs:
        watched.graph.output.append(helper.make_tensor_value_info(n.output[0], TensorProto.FLOAT, None))
    run, names = session(watched.SerializeToString(), THREADS), [n.output[0] for n in convs]
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
    """-> the bytes of the twin. 7 bits of weight: on CPUs without VNNI sums of two products are kept in 16 bits."""
    with tempfile.TemporaryDirectory() as folder:
        exact, twin = (os.path.join(folder, f) for f in ('exact.onnx', 'twin.onnx'))
        onnx.save(model, exact)
        quantize_static(exact, twin, Feeds(feeds), quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=['Conv'],
                        nodes_to_exclude=list(EXACT))
        made = onnx.load(twin)
    made.producer_name, made.doc_string = 'impasto', model.doc_string
    return made.SerializeToString(deterministic=True)


def pairs(o, ours):
    """What the transformer is fed: crops of photos, and paintings as gammas and betas."""
    rng = random.Random(o.seed)
    photos, paintings = picture_files(o.content), picture_files(o.styles)
    for _ in range(o.pairs):
        photo, bottleneck = load(rng.choice(photos)), ours.embed(load(rng.choice(paintings)))
        photo.thumbnail((LONG_SIDE, LONG_SIDE))
        yield {'content': np.array(photo)[None], 'style_params': ours.style_params(bottleneck)}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('--name', required=True, help='name of the model')
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--pairs', type=int, default=36, help='a third of them to judge by')
    a.add_argument('--seed', type=int, default=1)
    o = a.parse_args()
    place = lambda file: os.path.join(o.models, file)
    found = manifest.read(place('models.toml'))
    entry = next((m for m in found.get('model', []) if m['name'] == o.name), None)
    if entry is None or o.pairs < 3:
        raise SystemExit(f'{place("models.toml")}: has no model {o.name}; export it first' if entry is None else '--pairs: 3 at least')
    ours = OnnxModel(place(o.name), THREADS)
    feeds, plain = list(pairs(o, ours)), ours.transformer
    stats = [plain.run(['stats'], feed)[0] for feed in feeds]
    apart = o.pairs // 3
    for role in TWINS:
        given = [{**feed, 'stats': s} if role == 'transformer_frozen' else feed for feed, s in zip(feeds, stats)]
        model = widened(place(entry[role]['file']))
        level(model, given[apart:])
        twin = quantised(model, given[apart:])
        run = session(twin, THREADS)
        apart_by = [psnr(run.run(['pastiche'], new)[0], plain.run(['pastiche'], feed)[0]) for new, feed in zip(given[:apart], feeds)]
        print(f'{role}: {np.mean(apart_by):.1f} dB from the float network, {min(apart_by):.1f} at the worst of {apart} pairs', flush=True)
        if min(apart_by) < LEAST_DB:
            raise SystemExit(f'below {LEAST_DB} dB: nothing more is written')
        file = f'{o.name}/{role}_int8.onnx'
        manifest.write_whole(place(file), twin)
        entry[f'{role}_int8'] = manifest.file_entry(o.models, file)
    manifest.write(place('models.toml'), found)


if __name__ == '__main__':
    main()
