"""What a step of training is made of: who judges, which crops, how fast."""
import collections
import math
import os

from export.common import losses
from export.common.compact import CompactLossNetwork
from export.train.data import Crops
from export.train.targets import CachedTargets, LiveTargets

Phase = collections.namedtuple('Phase', 'judge contents styles content_targets style_targets')


def phases(o):
    """-> (early, late): the compact network's part and VGG-19's. Without --compact they are one and the same."""
    cut = lambda photos, paintings: (Crops(o.content, o.size, photos, (1.0, 1.6), False, o.seed),
                                     Crops(o.styles, o.style_size, paintings, tuple(o.style_zoom), not o.table, o.seed + 1))
    vgg = losses.Vgg19(o.vgg, o.device)
    cache = os.path.join(o.out, 'targets')
    contents, styles = cut(3, 8 if o.table else 4)
    late = Phase(vgg, contents, styles, CachedTargets('content', contents, vgg, cache), CachedTargets('style', styles, vgg, cache))
    if not o.compact:
        return late, late
    judge = CompactLossNetwork(o.compact, o.device)
    return Phase(judge, *cut(1000, 1000), LiveTargets('content', judge), LiveTargets('style', judge)), late


class HardMining:
    """Draws paintings, every second time the worst of four by the style error when last seen."""

    def __init__(self, paintings, rng):
        self.rng, self.errors = rng, [0.25] * paintings

    def draw(self):
        few = [self.rng.randrange(len(self.errors)) for _ in range(4)]
        return max(few, key=self.errors.__getitem__) if self.rng.random() < 0.5 else few[0]

    def saw(self, paintings, errors):
        for k, e in zip(paintings, errors):
            self.errors[k] = min(e, 1)  # a hopeless one must not come up for ever


def learning_rate(o, step, share):
    """Warm-up by steps, then a cosine over the share (0..1) of the time that is spent."""
    return o.lr * min(1, (step + 1) / o.warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, share))))


NOISE = 0.02  # standard deviation of camera noise, pictures in 0..1
SHIFTS = 4  # pixels: a transformer that works at a quarter of the resolution sees another block at each of them


def shifted(pictures, step):
    """A window of pictures (B,3,H,W), smaller by 4 pixels, that lies elsewhere at every step.

    A network that works in blocks paints differently what moves by less than a block, unless it is taught not to.
    -> (the window, (rows, columns) that it is of: two slices)"""
    where = [slice(at, at - SHIFTS or None) for at in (step % SHIFTS, step // SHIFTS % SHIFTS)]
    return pictures[:, :, where[0], where[1]], where
