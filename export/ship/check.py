#!/usr/bin/env python3
"""Compare the exported files with PyTorch, then write models/models.toml.

  python -m export.ship.check RUN --name fine --models models [--scores scores.json]

Inputs are generated from fixed seeds. Both sides use weights rounded to half precision, so that results differ only by the order of
summation; the effect of the rounding is printed as well. The manifest is written only if all checks succeed.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

from export.common import manifest
from export.common.networks import CompactPredictor, PatchTransformer, mac_per_pixel
from export.common.pictures import picture_files
from export.ship.export import options, prepare

SIZES = [(256, 256), (333, 251), (16, 16), (17, 640)]  # width, height
STYLE_SIZES = [(256, 256), (333, 251), (64, 64), (65, 640)]
MOST, MEAN = 1, 0.01  # largest and mean difference of two pictures that are allowed, in u8 levels
LEAST_ALIVE = 0.7  # share of a stage's channels that are active in one of a few pictures
CLOSE = 1e-4  # largest difference that is allowed for embeddings and parameters, relative to the largest number
U8_PICTURE = ('tensor(uint8)', [1, 'H', 'W', 3])


class Checks:
    """Prints every check and counts the failures."""

    def __init__(self):
        self.failed = 0

    def that(self, ok, what):
        print(f"{'ok  ' if ok else 'FAIL'} {what}", flush=True)
        self.failed += not ok

    def same_picture(self, a, b, what, mean=MEAN):
        d = np.abs(a.astype(int) - b.astype(int)) if a.shape == b.shape else np.array([256])
        self.that(d.max() <= MOST and d.mean() <= mean, f'{what}: difference in u8 levels at most {d.max()}, mean {d.mean():.5f}')

    def same_numbers(self, a, b, what, close=CLOSE):
        d = np.abs(a - b).max() / max(1, np.abs(b).max()) if a.shape == b.shape else np.inf
        self.that(d <= close, f'{what}: difference at most {d:.1e} of the largest number')


def picture(width, height, seed):
    """Smooth colours with noise: u8 (1,H,W,3)."""
    rng = np.random.default_rng(seed)
    blots = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize((width, height), Image.BICUBIC)
    return np.clip(np.array(blots) + rng.normal(0, 12, (height, width, 3)), 0, 255).round().astype(np.uint8)[None]


def as_tensor(u8):
    return torch.from_numpy(u8).permute(0, 3, 1, 2).float() / 255


def as_u8(y):
    return (y * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def session(path, optimized=None):
    o = onnxruntime.SessionOptions()
    o.log_severity_level = 4  # errors are expected here
    if optimized:
        o.optimized_model_filepath = optimized
    return onnxruntime.InferenceSession(path, o, providers=['CPUExecutionProvider'])


def check_form(check, path, inputs, outputs):
    """Check names, types and shapes of the contract, and that the runtime converts the weights to float32 when it loads them."""
    with tempfile.TemporaryDirectory() as folder:
        optimized = os.path.join(folder, 'optimized.onnx')
        s = session(path, optimized)
        half = sum(i.data_type == onnx.TensorProto.FLOAT16 for i in onnx.load(optimized).graph.initializer)
    form = lambda ports: {p.name: (p.type, p.shape) for p in ports}
    name = os.path.basename(path)
    same = form(s.get_inputs()) == inputs and form(s.get_outputs()) == outputs
    check.that(same, f'{name}: names, types and shapes are those of the contract')
    check.that(half == 0, f'{name}: no weights are converted from half precision at every run')
    return s


def check_stages(check, predictor):
    """A ReLU that never opens gets no gradient, and the losses do not show it: a predictor once lost its last two stages that way.

    Of an ensemble the parts are checked that can have such stages and are meant to have none: not what is left of that predictor
    (prune.py), nor the compact loss network's convolutions, which are not trained."""
    pictures = [as_tensor(picture(w, h, 100 + i)) * scale for i, (w, h) in enumerate(STYLE_SIZES) for scale in (1, 0.3)]
    for part in predictor.parts:
        if part.removed or isinstance(part, CompactPredictor):
            continue
        most = [0] * len(part.down)
        for x in pictures:
            for i, maps in enumerate(part.stages(x)):
                most[i] = torch.maximum(torch.as_tensor(most[i]), maps.amax((0, 2, 3)))
        for i, channels in enumerate(most):
            alive = (channels > 0).float().mean().item()
            check.that(alive >= LEAST_ALIVE, f'predictor: {alive:.0%} of the channels of stage {i + 1} are active')


def check_predictor(check, net, path):
    check_stages(check, net.predictor)
    s = check_form(check, path, {'style': U8_PICTURE}, {'bottleneck': ('tensor(float)', [1, net.head.linear.in_features])})
    for i, (w, h) in enumerate(STYLE_SIZES):
        style = picture(w, h, 100 + i)
        check.same_numbers(s.run(None, {'style': style})[0], net.predictor(as_tensor(style)).numpy(), f'predictor {w}x{h}')
    return [s.run(None, {'style': picture(w, h, 100 + i)})[0] for i, (w, h) in enumerate(STYLE_SIZES[:2])]


def check_head(check, net, path, params, styles):
    bottleneck = ('tensor(float)', [1, net.head.linear.in_features])
    s = check_form(check, path, {'bottleneck': bottleneck}, {'style_params': ('tensor(float)', [1, params])})
    out = [s.run(None, {'bottleneck': v})[0] for v in styles]
    for v, p in zip(styles, out):
        check.same_numbers(p, net.head(torch.from_numpy(v)).numpy(), 'head')
    mixed = s.run(None, {'bottleneck': 0.3 * styles[0] + 0.7 * styles[-1]})[0]
    check.same_numbers(mixed, 0.3 * out[0] + 0.7 * out[-1], 'blending embeddings = blending parameters', 1e-5)
    return out


def check_transformer(check, net, exact, folder, params, all_params):
    """`net` has weights rounded to half precision, `exact` the original ones."""
    stats = ('tensor(float)', [1, params])
    given, made = {'content': U8_PICTURE, 'style_params': ('tensor(float)', [1, params])}, {'pastiche': U8_PICTURE}
    s = check_form(check, os.path.join(folder, 'transformer.onnx'), given, {**made, 'stats': stats})
    frozen = check_form(check, os.path.join(folder, 'transformer_frozen.onnx'), {**given, 'stats': stats}, made)
    mean = 4 * MEAN if isinstance(net.transformer, PatchTransformer) else MEAN  # its response to the noise is rounded once more
    for i, (w, h) in enumerate(SIZES):
        content, p = picture(w, h, i), all_params[i % len(all_params)]
        y, numbers = s.run(['pastiche', 'stats'], {'content': content, 'style_params': p})
        want, want_numbers = net.transformer(as_tensor(content), torch.from_numpy(p), return_stats=True)
        check.same_picture(y, as_u8(want), f'transformer {w}x{h}', mean)
        # Variances are differences of two means; of a few values they lose digits.
        check.same_numbers(numbers, want_numbers.numpy(), f'stats {w}x{h}', CLOSE if min(w, h) > 16 else 5 * CLOSE)
        again = frozen.run(None, {'content': content, 'style_params': p, 'stats': numbers})[0]
        check.same_picture(again, y, f'frozen {w}x{h}')
        d = np.abs(y.astype(int) - as_u8(exact.transformer(as_tensor(content), torch.from_numpy(p))))
        print(f'     (effect of half precision: at most {d.max()}, mean {d.mean():.3f})')
        other = frozen.run(None, {'content': content, 'style_params': p, 'stats': numbers * 1.5})[0]
        check.that(not np.array_equal(other, y), f'frozen {w}x{h} depends on its stats')
    flat = np.full((1, 48, 48, 3), 200, np.uint8)  # almost no variance; one rounding can change all pixels by a level
    y = s.run(['pastiche'], {'content': flat, 'style_params': all_params[0]})[0]
    want = as_u8(net.transformer(as_tensor(flat), torch.from_numpy(all_params[0])))
    check.same_picture(y, want, 'transformer, a flat picture', mean=MOST)
    for w, h in [(1, 64), (64, 1), (12, 64)]:
        feed = {'content': picture(w, h, 9), 'style_params': all_params[0]}
        check.that(refuses(s, feed) and refuses(frozen, {**feed, 'stats': numbers}), f'{w}x{h} is refused')


def refuses(s, feed):
    try:
        s.run(None, feed)
    except Exception:
        return True
    return False


def rounded_net(net):
    """The same networks with weights as they are in the files."""
    rounded = copy.deepcopy(net)
    for part in [rounded.transformer, rounded.head, *([] if net.table else [rounded.predictor])]:
        for p in part.parameters():
            p.copy_(p.to(torch.float16).float())
    return rounded


def read_file(path):
    if not os.path.exists(path):
        return None
    with open(path, 'rb') as f:
        return f.read()


def recipe(saved, data):
    """How the weights were trained: the table [model.training] of the manifest."""
    o, steps = saved['options'], saved['step']
    styles = len(saved['net']['predictor.rows.weight']) - 1 if o['table'] else 0
    known = {0: 'any style (Ghiasi et al. 2017)', 1: 'one style (Johnson et al. 2016)'}
    kind = known.get(styles, f'{styles} styles (Dumoulin et al. 2017)')
    if data is None:
        if not (os.path.exists(o['content']) and os.path.exists(o['styles'])):
            raise SystemExit('the training pictures have moved; describe them with --data')
        data = f"{len(picture_files(o['content']))} photos and {len(picture_files(o['styles']))} paintings"
    return {'kind': kind, 'data': data, 'steps': steps, 'minutes': round(saved['spent'] / 60, 1), 'pictures_seen': steps * o['batch'],
            'batch': o['batch'], 'size': o['size'], 'learning_rate': o['lr'], **losses(o), 'commit': commit()}


def losses(o):
    """What the losses of a run were computed with: a larger transformer (distill.py), or loss networks (train.py)."""
    if o.get('distilled'):
        return {'distilled_from': o['teacher_name']}
    teacher = {'teacher': 'MicroAST'} if o.get('teacher') else {}
    judge = f"compact feature network, VGG-19 for the last {o['finish']:g} of the schedule" if o.get('compact') else 'VGG-19'
    weights = {'content': 1.0, 'style': o['style_weight'], 'tv': o['tv_weight'], 'identity': o['identity_weight'],
               'stability': o['stability_weight'], **({'teacher': o['teach_weight']} if teacher else {})}
    return {'judge': judge, **teacher, 'optimiser': 'Muon' if o.get('muon') else 'Adam', 'loss_weights': weights}


def commit():
    """The commit of this code, with a note if there are uncommitted changes."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # export/
    git = lambda *a: subprocess.run(['git', '-C', here, *a], capture_output=True, text=True, check=True).stdout.strip()
    try:
        return git('rev-parse', '--short=12', 'HEAD') + (' with changes' if git('status', '--porcelain', '--', '.') else '')
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'


def read_scores(path, name):
    """The entry called `name`, or the only one, of evaluate.py's report.json or score.py's --json."""
    with open(path) as f:
        found = json.load(f)
    found = found.get('painters', found)
    if name not in found and len(found) != 1:
        raise SystemExit(f'{path}: contains {", ".join(found) or "nothing"}; score with --model {name}=MODELS/{name}')
    score = found.get(name) or next(iter(found.values()))
    return {'pairs': score['pairs'], 'content': round(score['content'], 3), 'style': round(score['style'], 3),
            'layers': [round(x, 3) for x in score['layers']]}


@torch.no_grad()
def main():
    a = options(__doc__)
    a.add_argument('--models', required=True, help='folder of the models, as given to export.ship.export --out')
    a.add_argument('--data', help='a description of the training pictures')
    a.add_argument('--scores', help="report.json of export.judge.evaluate, or score's --json file; else those of unchanged files stay")
    a.add_argument('--licence', default='MIT OR Apache-2.0')
    o = a.parse_args()
    exact, saved, expected = prepare(o)
    for file, data in expected.items():
        path = os.path.join(o.models, file)
        if read_file(path) != data:
            raise SystemExit(f'{path}: differs from what RUN exports to (it may have been trained since); run export.ship.export again')
    training = None if saved['options'].get('finetuned') else recipe(saved, o.data)
    check, net = Checks(), rounded_net(exact)
    params, folder = net.transformer.params, os.path.join(o.models, o.name)
    if net.table:
        with open(os.path.join(folder, 'styles.toml'), 'rb') as f:
            found = tomllib.load(f)
        styles = [np.array([s['values']], np.float32) for s in [*found['style'], found['photo']]]
        check.same_numbers(np.concatenate(styles), net.predictor.rows.weight.numpy(), 'styles.toml', 1e-5)
    else:
        styles = check_predictor(check, net, os.path.join(o.models, 'predictor.onnx'))
    all_params = check_head(check, net, os.path.join(folder, 'head.onnx'), params, styles)
    check_transformer(check, net, exact, folder, params, all_params)
    if check.failed:
        sys.exit(f'{check.failed} checks failed; models.toml was not touched')

    path = os.path.join(o.models, 'models.toml')
    found = manifest.read(path)
    old = next((m for m in found.get('model', []) if m['name'] == o.name), {})
    if training is None:  # what finetune_grid.py changed, beside the recipe of the weights that it started from
        training = {**old.get('training', {}), 'finetuned': saved['options']['finetuned']}
    entry = {'name': o.name, **{r: manifest.file_entry(o.models, f'{o.name}/{r}.onnx') for r in manifest.ROLES}}
    known = found.get('predictor', {})
    if net.table:
        entry['styles'] = manifest.file_entry(o.models, f'{o.name}/styles.toml')
    else:
        predictor = manifest.file_entry(o.models, 'predictor.onnx')
        found = {'predictor': {**predictor, 'bottleneck': net.head.linear.in_features, 'style_side': manifest.STYLE_SIDE},
                 **{k: v for k, v in found.items() if k != 'predictor'}}
    unchanged = all(old.get(r) == entry[r] for r in manifest.ROLES) and (net.table or known.get('sha256') == found['predictor']['sha256'])
    if unchanged:  # the files that quantise.py and web.py made from these files
        # and the bounds of the quality gate (tests/all/quality.rs)
        entry |= {k: v for k, v in old.items() if k.endswith(('_int8', '_web')) or k == 'quality'}
    entry |= {'params': params, 'stats': params, 'kmac_per_pixel': round(mac_per_pixel(net.transformer) / 1000, 1),
              'licence': o.licence, 'training': training}
    if o.scores:
        entry['scores'] = read_scores(o.scores, o.name)
    elif unchanged and 'scores' in old:
        entry['scores'] = old['scores']
    manifest.put_model(found, entry)
    manifest.write(path, found)
    print(f'all held; wrote {path}')


if __name__ == '__main__':
    main()
