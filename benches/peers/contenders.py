"""Everyone who takes part: how each is made ready, and what one picture is for it.

Each `make` returns (paint, facts): `paint()` paints one picture with a style that was read before and returns it; facts
holds `kmac`, thousands of multiply-accumulates a pixel. On LiteRT and PyTorch, and Magenta as ONNX, the peers get floats
in 0..1 and give floats, which saves them the conversion; MicroAST as ONNX and ours take and give bytes, as a camera does.
"""
import os
import time

import export_code  # noqa: F401  so that `import export` finds it
import numpy as np
from pictures import check, picture


class LeftOut(Exception):
    """Why somebody cannot take part here; the others do."""


def make(name, o):
    """`name` as in `roster`; `o`: the options of compare.py."""
    group, _, rest = name.partition(':')
    paint, facts = {'magenta': magenta, 'microast': microast, 'johnson': johnson, 'python': python, 'openvino': openvino}[group](rest, o)
    check(name, paint())
    return paint, facts


def magenta(kind, o):
    import magenta as net
    if o['size'] != net.SIDE:
        raise LeftOut(f'the released graph is fixed at {net.SIDE}x{net.SIDE}')
    folder = os.path.join(o['assets'], 'weights', 'magenta')
    content = picture(net.SIDE)[None].astype(np.float32) / 255
    bottleneck = net.read_painting(folder, picture(256, seed=1), o['threads'])
    lite = net.painter(os.path.join(folder, net.INT8 if kind == 'int8' else net.FLOAT), o['threads'])
    graph = net.Converter(os.path.join(folder, net.FLOAT)).convert()
    feeds = {'content': np.ascontiguousarray(content.transpose(0, 3, 1, 2)), 'bottleneck': bottleneck.transpose(0, 3, 1, 2)}
    facts = counted(graph, feeds)
    if kind != 'onnx':
        return (lambda: lite(content, bottleneck)), facts
    session = onnx_session(graph, o['threads'])
    paint = lambda: session.run(None, feeds)[0]
    far = np.abs(paint().transpose(0, 2, 3, 1) - lite(content, bottleneck)).max()
    if far > 1e-3:
        raise RuntimeError(f'Magenta as ONNX is {far:.4f} from LiteRT: the conversion is wrong')
    return paint, facts


def microast(kind, o):
    torch = torch_with(o['threads'])
    from export.common.microast import MicroAST
    folder = os.path.join(o['assets'], 'weights', 'microast')
    net = MicroAST(folder).eval()
    content, painting = tensor(torch, o['size'], 0), tensor(torch, o['size'], 1)
    with torch.inference_mode():
        style = net.read(painting)
    if kind == 'onnx':
        with torch.inference_mode():
            wanted = net.paint(content, style).clamp(0, 1)[0].permute(1, 2, 0).numpy()
        return microast_onnx(folder, o, wanted)
    if kind == 'whole':
        return best_layout(torch, net, content, lambda net, x: net(x, painting))
    return best_layout(torch, net, content, lambda net, x: net.paint(x, style))


def microast_onnx(folder, o, wanted):
    """The graphs of export/judge/peers.py, made anew or as it wrote them; `wanted`: what PyTorch paints, (H,W,3) in 0..1."""
    if o['microast_onnx']:
        reader, painter = (read_file(o['microast_onnx'], f'microast_{part}.onnx') for part in ['style', 'transformer'])
    else:
        from export.judge import peers
        weights = peers.Weights(folder)
        reader, painter = peers.style_graph(weights), peers.transformer_graph(weights)
    signals = onnx_session(reader, o['threads']).run(None, {'style': picture(o['size'], seed=1)[None]})[0]
    feeds = {'content': picture(o['size'])[None], 'signals': signals}
    session = onnx_session(painter, o['threads'])
    paint = lambda: session.run(None, feeds)[0]
    far = np.abs(paint()[0] / 255. - wanted).max()
    if far > 0.02:
        raise RuntimeError(f'MicroAST as ONNX is {far:.3f} from PyTorch: one of the two is wrong')
    return paint, counted(painter, feeds)


def johnson(_kind, o):
    torch = torch_with(o['threads'])
    from johnson import Johnson
    torch.manual_seed(0)
    return best_layout(torch, Johnson().eval(), tensor(torch, o['size'], 0), lambda net, x: net(x))


def python(model, o):
    """Ours on the same runtime as the program's, without the program."""
    graph, feeds = our_graph(model, o)
    session = onnx_session(graph, o['threads'])
    return (lambda: session.run(['pastiche'], feeds)[0]), counted(graph, feeds)


def openvino(kind, o):
    """Ours on OpenVINO's own Python interface; kind is MODEL-PRECISION."""
    try:
        import openvino as ov
    except ImportError:
        raise LeftOut('the package openvino is not installed') from None
    model, precision = kind.split('-')
    graph, feeds = our_graph(model, o)
    core = ov.Core()
    if precision == 'bf16' and 'BF16' not in core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES'):
        raise LeftOut('this processor cannot compute in bf16')
    settings = {'INFERENCE_PRECISION_HINT': precision, 'INFERENCE_NUM_THREADS': o['threads'], 'PERFORMANCE_HINT': 'LATENCY'}
    request = core.compile_model(core.read_model(graph), 'CPU', settings).create_infer_request()
    return (lambda: request.infer(feeds)['pastiche']), counted(graph, feeds)


def our_graph(model, o, width=None):
    """The transformer's file, and what it is given: a picture and the gammas and betas of a painting."""
    read = lambda *path: read_file(o['models'], *path)
    predictor, head = (onnx_session(read(*p), 1) for p in [['predictor.onnx'], [model, 'head.onnx']])
    embedding = predictor.run(None, {'style': picture(384, seed=1)[None]})[0]
    params = head.run(None, {'bottleneck': embedding})[0]
    return read(model, 'transformer.onnx'), {'content': picture(o['size'], width)[None], 'style_params': params}


def read_file(*path):
    with open(os.path.join(*path), 'rb') as f:
        return f.read()


def onnx_session(graph, threads):
    """With the settings that src/runtime/session.rs gives, so that only the program around it differs."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry('session.force_spinning_stop', '1')
    return ort.InferenceSession(graph, options, providers=['CPUExecutionProvider'])


def counted(graph, feeds):
    import graphs
    content = max(feeds.values(), key=lambda value: value.size)
    return {'kmac': graphs.macs(graph, graphs.tensors(graph, feeds)) / (content.size / 3) / 1e3}


def torch_with(threads):
    import torch
    torch.set_num_threads(threads)
    return torch


def tensor(torch, side, seed):
    return torch.from_numpy(picture(side, seed=seed)).permute(2, 0, 1)[None].float().contiguous() / 255


def best_layout(torch, net, content, run):
    """PyTorch keeps pictures in one of two orders, and which is faster depends on the net: the peer gets the faster."""
    from torch.utils.flop_counter import FlopCounterMode

    ways = []
    for layout in [torch.contiguous_format, torch.channels_last]:
        def paint(layout=layout):
            with torch.inference_mode():
                return run(net.to(memory_format=layout), content.to(memory_format=layout)).numpy()
        paint()
        times = [clock(paint) for _ in range(3)]
        ways.append((min(times), str(layout), paint))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run(net, content)
    _, layout, paint = min(ways, key=lambda w: w[0])
    return paint, {'kmac': counter.get_total_flops() / 2 / content[0, 0].numel() / 1e3, 'layout': layout}


def clock(paint):
    began = time.perf_counter()
    paint()
    return time.perf_counter() - began
