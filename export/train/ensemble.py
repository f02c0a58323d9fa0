"""Join the bundled pair and a run of pair.py that began with another predictor (new_predictor.py), or such a predictor itself.

  python -m export.train.ensemble models RUN --styles PAINTINGS --share 0.4 --out MIX
  python -m export.train.ensemble models FILE --styles PAINTINGS --share 0.5 --out MIX       what new_predictor.py wrote

MIX/fine and MIX/live get an ensemble of both predictors: `share` times the embedding of the run's and the rest of the bundled one's.
Channels that are 0 for all paintings, and for generated pictures, are removed (prune.py). Heads and transformers, which began as the
bundled ones, are averaged in the same proportion; with a predictor alone they stay. pair.py --out MIX trains all of it on.
"""
import argparse
import os
import random

import torch

from export.common.checkpoint import load_averaged, save_light
from export.common.networks import Networks, make_part
from export.train import bundled, synthetic
from export.train.data import Crops
from export.train.pair import NAMES
from export.train.prune import pruned


def pictures(folder):
    """Batches of crops that show a predictor all it may meet: paintings, colours changed in half of them, generated ones, noise."""
    rng, crops = random.Random(1), [Crops(folder, size, 4, (0.6, 1.6), 0.5, 1) for size in (128, 256)]
    for i in range(40):
        of = crops[i % 2]
        yield torch.stack([of[rng.randrange(len(of))] for _ in range(8)])
        yield synthetic.swatch(rng.getrandbits(30), 192)[None]
        yield torch.rand(1, 3, 1, 1).expand(1, 3, 64, 64) + rng.choice([0, 0.1, 1]) * (torch.rand(1, 3, 64, 64) - 0.5)


def read(run, name, old, shape):
    """-> (networks, {'options', 'step'}) of a run, or of the bundled networks `old` with the predictor in the file `run`."""
    if os.path.isdir(run):
        return load_averaged(os.path.join(run, name))
    weights = torch.load(run, weights_only=True)
    net = Networks(shape, 0)
    net.head, net.transformer = old.head, old.transformer
    net.predictor = make_part(shape.bottleneck, shape.hidden, bundled.part_shape(weights))
    net.predictor.load_state_dict(weights)
    return net, {'options': vars(shape), 'step': 0}


def joined(old, new, share, predictors):
    """Networks and their options, twice -> the same for the mixture; `predictors`: those of both."""
    (old, shape), (new, options) = old, new
    group = [(p, scale) for found, scale in zip(predictors, (1 - share, share)) for p in found]
    o = argparse.Namespace(**{**options, **vars(shape), 'covariances': 0, 'parts': [bundled.part_shape(p.state_dict()) for p, _ in group]})
    net = Networks(o, 0)
    with torch.no_grad():
        for part, (source, scale) in zip(net.predictor.parts, group):
            part.load_state_dict(source.state_dict())
            part.out.weight.mul_(scale)
            part.out.bias.mul_(scale)
        for name in ('head', 'transformer'):
            a, b = getattr(old, name).state_dict(), getattr(new, name).state_dict()
            getattr(net, name).load_state_dict({k: torch.lerp(a[k], b[k], share) for k in a})
    return net, o


def main():
    a = argparse.ArgumentParser(prog='python -m export.train.ensemble', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('models', help='folder of models.toml')
    a.add_argument('run', metavar='RUN', help='folder of a run of pair.py, or file of new_predictor.py')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--share', type=float, default=0.4, help='of the run; 0 is the bundled pair')
    a.add_argument('--out', required=True, metavar='MIX', help='folder of the result')
    o = a.parse_args()
    if not 0 <= o.share <= 1:
        a.error('--share: between 0 and 1')
    pairs = [(old, read(o.run, name, *old)) for name, old in ((name, bundled.load(o.models, name)) for name in NAMES)]
    (old, _), (new, _) = pairs[0]  # both transformers have the same predictor
    seen = list(pictures(o.styles))
    predictors = [[pruned(p, seen) for p in old.predictor.parts], new.predictor.parts]
    for name, (old, (new, saved)) in zip(NAMES, pairs):
        net, shape = joined(old, (new, saved['options']), o.share, predictors)
        shape.out = os.path.join(o.out, name)
        os.makedirs(shape.out, exist_ok=True)
        save_light(shape, net, list(net.parameters()), saved['step'], 0)  # --minutes of the next run begin anew
    for part in net.predictor.parts:
        print(f'predictor: {part.channels()} channels, {part.removed} removed')
    print(f'wrote {o.out}/{{{",".join(NAMES)}}}/checkpoint.pt')


if __name__ == '__main__':
    main()
