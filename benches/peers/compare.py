#!/usr/bin/env python3
"""How fast the networks of others are beside ours: in one run on one machine, in turns, so that a drift hits all alike.

  compare.py --assets DIR [--size 384] [--threads 2] [--runs 60] [--json FILE] [--scores FILE]

DIR holds weights/magenta/*.tflite and weights/microast/*.pth.tar. Build the program first: cargo build --release.
Everyone paints in a process of their own, while the others sleep: a turn of --turn pictures each, round after round, three
before each turn that do not count. A figure is the median over the rounds of the turn's median. The style was read before
in all but one row, which says so. The peers take and give floats (MicroAST as ONNX: bytes), ours the bytes of pictures,
conversion included. kMAC/pixel is counted on the graph as it is run at this size, with the border that it adds.

Writes Markdown to stdout: a table of figures with the scores of the pictures (of models/models.toml, and of --scores,
which export/judge/score.py --json writes), and a table of how many times as fast as each peer ours are.
"""
import argparse
import json
import os
import statistics
import sys
import time
import tomllib

from entrants import LeftOut, Program, Worker
from export_code import ROOT, machine, write_whole

PEERS = [  # name for worker.py, title, name in the scores
    ('magenta:float', 'Magenta, LiteRT and XNNPACK', 'magenta'),
    ('magenta:int8', 'Magenta, LiteRT, int8 file', None),
    ('magenta:onnx', 'Magenta as ONNX, onnxruntime', 'magenta'),
    ('microast:paint', 'MicroAST, PyTorch', 'microast'),
    ('microast:whole', 'MicroAST, PyTorch, painting read every time, as released', 'microast'),
    ('microast:onnx', 'MicroAST as ONNX, onnxruntime', 'microast'),
    ('johnson:', 'Johnson et al., PyTorch (random weights; one style)', None),
]
PAUSE = 0.05  # seconds between turns: threads that spin after their work have stopped by then


def arguments():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--assets', required=True, metavar='DIR', help='folder with weights/magenta and weights/microast')
    a.add_argument('--size', type=int, default=384, help='both sides of the picture; Magenta only takes part at 384')
    a.add_argument('--threads', type=int, default=2)
    a.add_argument('--runs', type=int, default=60, help='pictures of each that count')
    a.add_argument('--turn', type=int, default=5, help='pictures of one turn, at least 5')
    a.add_argument('--only', metavar='TEXT', action='append', help='only contenders with TEXT in their names; may be repeated')
    a.add_argument('--devices', default='cpu,cpu-int8',
                   help='devices of the program: cpu,cpu-int8,openvino,openvino-bf16 [default: cpu,cpu-int8]')
    a.add_argument('--models', default=os.path.join(ROOT, 'models'), help='our models [default: models/]')
    a.add_argument('--program', default=os.path.join(ROOT, 'target', 'release', 'impasto'))
    a.add_argument('--microast-onnx', metavar='DIR', help='where export/judge/peers.py wrote its files [default: they are made anew]')
    a.add_argument('--scores', metavar='FILE', action='append', default=[], help='what export/judge/score.py --json wrote; may be repeated')
    a.add_argument('--json', metavar='FILE', help='write all figures there too')
    o = a.parse_args()
    if o.turn < 5 or o.runs < o.turn:
        a.error('--turn is at least 5, and --runs no less than a turn')
    if o.size < 64 or o.size % 4:
        a.error(f'--size {o.size}: at least 64 and a multiple of 4, which some networks need')
    return o


def our_models(folder):
    with open(os.path.join(folder, 'models.toml'), 'rb') as f:
        return [m for m in tomllib.load(f)['model'] if 'styles' not in m]


def read_scores(o):
    scores = {m['name']: m['scores'] for m in our_models(o.models) if 'scores' in m}
    for path in o.scores:
        with open(path) as f:
            scores |= json.load(f)
    return scores


def roster(o):
    """Calls that make a contender, by name: peers first, then ours by several ways."""
    options = vars(o)
    for name, title, score in PEERS:
        yield name, lambda n=name, t=title, s=score: Worker(n, t, options, s)
    for model in our_models(o.models):
        m = model['name']
        yield f'python:{m}', lambda m=m: Worker(f'python:{m}', f'**{m}**, Python, onnxruntime', options, m)
        for precision in ['f32', 'bf16']:
            name = f'openvino:{m}-{precision}'
            yield name, lambda m=m, n=name, p=precision: Worker(n, f'**{m}**, Python, OpenVINO {p}', options, m)
        for device in o.devices.split(','):
            yield f'{m}-{device}', lambda m=model, d=device: Program(m['name'], d, options)


def note(text):
    print(text, file=sys.stderr, flush=True)


def gather(o):
    """Those who can take part, and why the others cannot."""
    there, missing = [], {}
    for name, make in roster(o):
        if o.only and not any(text in name for text in o.only):
            continue
        note(f'making ready: {name}')
        try:
            there.append(make())
        except LeftOut as e:
            note(f'  left out: {e}')
            missing[name] = str(e)
    if not there:
        raise SystemExit('nobody can take part')
    return there, missing


def race(contenders, o):
    """{name: [median of each turn, ms]}."""
    turns = {c.name: [] for c in contenders}
    rounds = -(-o.runs // o.turn)
    for k in range(rounds):
        note(f'round {k + 1} of {rounds}')
        for c in contenders:
            time.sleep(PAUSE)
            turns[c.name].append(c.turn(o.turn))
    return turns


def results(contenders, turns):
    return [{'name': c.name, 'title': c.title, 'ms': statistics.median(turns[c.name]), 'least_ms': min(turns[c.name]),
             'most_ms': max(turns[c.name]), 'turns': turns[c.name], 'score': c.score, **c.facts} for c in contenders]


def markdown(rows, scores, o, missing):
    cell = lambda value, form: '-' if value is None else format(value, form)
    lines = [f'{o.size}x{o.size}, threads: {o.threads}, {machine()}; medians of {len(rows[0]["turns"])} turns of {o.turn} pictures.', '',
             '| network, runtime | ms | least .. most | kMAC/pixel | content | style |', '|---|---|---|---|---|---|']
    for r in rows:
        score = scores.get(r['score'], {})
        lines.append(f'| {r["title"]} | {r["ms"]:.1f} | {r["least_ms"]:.1f} .. {r["most_ms"]:.1f} | {cell(r["kmac"], ".1f")} '
                     f'| {cell(score.get("content"), ".3f")} | {cell(score.get("style"), ".3f")} |')
    peers = [r for r in rows if not r['title'].startswith('**')]
    ours = [r for r in rows if r not in peers]
    if peers and ours:
        lines += ['', '| times as fast as | ' + ' | '.join(p['title'] for p in peers) + ' |', '|---|' + '---|' * len(peers)]
        lines += [f'| {r["title"]} | ' + ' | '.join(f'{p["ms"] / r["ms"]:.2f}' for p in peers) + ' |' for r in ours]
    if missing:
        lines += ['', 'Left out: ' + '; '.join(f'{name} ({why})' for name, why in missing.items()) + '.']
    return '\n'.join(lines)


def main():
    o = arguments()
    scores = read_scores(o)
    contenders, missing = gather(o)
    try:
        turns = race(contenders, o)
    except LeftOut as e:
        raise SystemExit(f'a turn failed: {e}') from None
    finally:
        for c in contenders:
            c.end()
    rows = results(contenders, turns)
    print(markdown(rows, scores, o, missing))
    if o.json:
        found = {'size': o.size, 'threads': o.threads, 'rows': rows, 'left_out': missing, 'scores': scores}
        write_whole(o.json, (json.dumps(found, indent=1) + '\n').encode())


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
