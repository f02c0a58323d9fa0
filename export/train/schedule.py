"""The training schedule: loss network and crops of each phase, sampling of paintings, learning rate, shifts, windows."""
import collections
import math
import os
import random

from export.common import losses
from export.common.compact import CompactLossNetwork
from export.train.data import Crops
from export.train.targets import CachedTargets, LiveTargets

NOISE = 0.02  # standard deviation of the camera noise that is added, pictures in 0..1
SHIFTS = 4  # pixels: the block size of a transformer that works at a quarter of the resolution

Phase = collections.namedtuple('Phase', 'loss_network contents styles content_targets style_targets')


def phases(o):
    """-> (early, late): the phase with the compact loss network and the one with VGG-19; without --compact both are the same."""
    recolour = 0 if o.table else 0.5
    # A table learns each painting as it is: mirrored crops would ask one embedding for strokes in two directions.
    crops = lambda photos, paintings: (
        Crops(o.content, o.size, photos, (1.0, 1.6), 0, o.seed),
        Crops(o.styles, o.style_size, paintings, tuple(o.style_zoom), recolour, o.seed + 1, mirror=not o.table))
    vgg = losses.Vgg19(o.vgg, o.device)
    cache = os.path.join(o.out, 'targets')
    if o.fresh:
        late = Phase(vgg, *crops(1000, 1000), LiveTargets('content', vgg), LiveTargets('style', vgg))
    else:
        contents, styles = crops(3, 8 if o.table else 4)
        late = Phase(vgg, contents, styles, CachedTargets('content', contents, vgg, cache), CachedTargets('style', styles, vgg, cache))
    if not o.compact:
        return late, late
    compact = CompactLossNetwork(o.compact, o.device)
    return Phase(compact, *crops(1000, 1000), LiveTargets('content', compact), LiveTargets('style', compact)), late


class HardMining:
    """Hard example mining: a share of the draws is the worst of four random paintings by their last style error."""

    def __init__(self, paintings, rng, share):
        self.rng, self.errors, self.share = rng, [0.25] * paintings, share

    def draw(self):
        few = [self.rng.randrange(len(self.errors)) for _ in range(4)]
        return max(few, key=self.errors.__getitem__) if self.rng.random() < self.share else few[0]

    def record(self, paintings, errors):
        for k, e in zip(paintings, errors):
            self.errors[k] = min(e, 1)  # capped, so that outliers are not drawn every time


def learning_rate(o, step, share):
    """Linear warm-up over o.warm steps, then a cosine over `share` (0..1), the share of the time that is spent."""
    return o.lr * min(1, (step + 1) / o.warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, share))))


def shifted(pictures, step):
    """A window of `pictures` (B,3,H,W), 4 pixels smaller, whose offset changes every step.

    A network that works in blocks is not shift invariant below the block size unless it is trained to be.
    -> (the window, its rows and columns in the picture: two slices)"""
    where = [slice(at, at - SHIFTS or None) for at in (step % SHIFTS, step // SHIFTS % SHIFTS)]
    return pictures[:, :, where[0], where[1]], where


def window(size, side):
    """A random square of `side` pixels, at multiples of 8, in one of `size`; all of it without a side.

    -> (its rows and columns, the same in relu4_2, which has a value for each 8 pixels)"""
    first = [random.randrange(0, size - (side or size) + 1, 8) for _ in range(2)]
    part = lambda scale: tuple(slice(at // scale, (at + (side or size)) // scale) for at in first)
    return part(1), part(8)
