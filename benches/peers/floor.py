#!/usr/bin/env python3
"""How far our networks are from what this machine could do at best.

  floor.py [--size 640x480] [--threads 1,2] [--model live,fine] [--runs 30] [--json FILE]

The floor of a picture is the larger of two times: multiply-accumulates over the highest rate of matrix products that is
measured here, and bytes of activations over the measured bandwidth of a copy. Bytes are counted on the ONNX graph twice.
"least": every convolution reads its input and writes its output once, and all else happens on the way; what fits a cache
may go below even that. "as written": every node by itself. The measured time is the transformer's in `impasto bench`.
bf16 moves half of the bytes.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import contenders
import graphs
import torch
from export_code import ROOT, machine, write_whole

SIDES = [256, 512, 1024, 2048]  # of the matrices: which is fastest depends on caches and threads
COPY = 1 << 28  # bytes, more than any cache holds
LEAST = 3  # tries at least


def best(work, seconds):
    """Seconds that `work` takes at best."""
    work()
    found, end, tries = float('inf'), time.perf_counter() + seconds, 0
    while tries < LEAST or time.perf_counter() < end:
        found, tries = min(found, contenders.clock(work)), tries + 1
    return found


def peak(dtype, seconds):
    """Multiply-accumulates a second."""
    rates = []
    for n in SIDES:
        a, b = torch.randn(2, n, n).to(dtype)
        out = torch.empty(n, n, dtype=dtype)
        rates.append(n**3 / best(lambda: torch.mm(a, b, out=out), seconds))
    return max(rates)


def bandwidth(seconds):
    """Bytes a second, read and written together."""
    a = torch.ones(COPY // 4)
    b = torch.empty_like(a)
    return 2 * COPY / best(lambda: b.copy_(a), seconds)


def measured(o, threads):
    """{model: ms of the transformer}."""
    line = [o.program, 'bench', '--json', '--frames-only', '--device', 'cpu', '--precision', 'f32', '--threads', threads, '--size', o.size,
            '--runs', o.runs, '--model', ','.join(f'{o.models}#{m}' for m in o.model.split(','))]
    done = subprocess.run([str(word) for word in line], stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f'{o.program} bench ended with status {done.returncode}; see above')
    return {b['model']: b['rows'][0]['transformer']['p50_ms'] for b in json.loads(done.stdout)['benches']}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--size', default='640x480', metavar='WxH')
    a.add_argument('--threads', default='1,2')
    a.add_argument('--model', default='live,fine')
    a.add_argument('--runs', type=int, default=30, help='pictures, at least 5')
    a.add_argument('--seconds', type=float, default=1.0, help='that each size of a product or copy is tried for')
    a.add_argument('--models', default=os.path.join(ROOT, 'models'))
    a.add_argument('--program', default=os.path.join(ROOT, 'target', 'release', 'impasto'))
    a.add_argument('--json', metavar='FILE')
    o = a.parse_args()
    if not os.path.exists(o.program):
        raise SystemExit(f'{o.program} is not there; cargo build --release makes it, --program names another')
    width, height = map(int, o.size.split('x'))
    counts = {}
    for model in o.model.split(','):
        graph, feeds = contenders.our_graph(model, {'models': o.models, 'size': height}, width)
        seen = graphs.tensors(graph, feeds)
        counts[model] = (graphs.macs(graph, seen), *graphs.traffic(graph, seen))
    print(f'{o.size}, {machine()}.\n')
    machines, rows = {}, []
    for threads in map(int, o.threads.split(',')):
        torch.set_num_threads(threads)
        print(f'measuring matrix products and copies, threads: {threads}', file=sys.stderr)
        f32, bf16 = (peak(dtype, o.seconds) for dtype in (torch.float32, torch.bfloat16))
        rates = machines[threads] = {'f32': f32, 'bf16': bf16, 'copy': bandwidth(o.seconds)}
        print(f'- threads: {threads}: f32 {f32 / 1e9:.0f} GMAC/s, bf16 {bf16 / 1e9:.0f} GMAC/s, copy {rates["copy"] / 1e9:.1f} GB/s')
        for model, ms in measured(o, threads).items():
            macs, written, least = counts[model]
            product, move = macs / rates['f32'] * 1e3, [b / rates['copy'] * 1e3 for b in (least, written)]
            floor = {'f32': max(product, move[0]), 'bf16': max(macs / rates['bf16'] * 1e3, move[0] / 2)}
            rows.append({'model': model, 'threads': threads, 'ms': ms, 'gmac': macs / 1e9, 'mb_least': least / 1e6,
                         'mb_written': written / 1e6, 'product_ms': product, 'least_ms': move[0], 'written_ms': move[1],
                         'floor_ms': floor['f32'], 'floor_bf16_ms': floor['bf16']})
    print('\n| model, threads | GMAC | MB least, as written | products, f32 | bytes least, as written | floor | measured '
          '| times the floor | floor in bf16 |')
    print('|---|---|---|---|---|---|---|---|---|')
    for r in rows:
        print('| {model}, {threads} | {gmac:.2f} | {mb_least:.0f}, {mb_written:.0f} | {product_ms:.1f} ms '
              '| {least_ms:.1f}, {written_ms:.1f} ms | {floor_ms:.1f} ms '
              '| {ms:.1f} ms | {times:.1f} | {floor_bf16_ms:.1f} ms |'.format(**r, times=r['ms'] / r['floor_ms']))
    if o.json:
        write_whole(o.json, (json.dumps({'size': o.size, 'machine': machines, 'rows': rows}, indent=1) + '\n').encode())


if __name__ == '__main__':
    main()
