"""Training crops: folders of pictures -> crops (3,S,S), each identified by picture and variant.

A variant fixes the crop, its scale and its colour augmentation, so that the loss network's targets for it can be cached
(targets.py): on a CPU the forward passes of VGG-19 are most of the cost of a training step.
"""
import random

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from export.common.pictures import fit, load, picture_files, to_tensor


class Crops:
    """`variants` random crops of every picture; colours are changed in a share of `recolour` of them.

    `zoom` is the range of the resized picture's short side, in crop sides. Below 1 the picture is smaller than the crop and is
    extended by reflection. With `mirror` every second crop is mirrored.
    """

    def __init__(self, path, size, variants, zoom, recolour, seed, mirror=True):
        self.files, self.size, self.variants = picture_files(path), size, variants
        self.zoom, self.recolour, self.seed, self.mirror = zoom, recolour, seed, mirror

    def __len__(self):
        return len(self.files) * self.variants

    def __getitem__(self, i):
        """Crop i of len(self): (3,size,size). The same i always gives the same crop."""
        rng = random.Random(self.seed * 1_000_003 + i)
        image, variant = load(self.files[i // self.variants]), i % self.variants
        zoom = self.zoom[0] if variant == 0 else rng.uniform(*self.zoom)
        image = fit(image, round(self.size * zoom))
        if zoom < 1:
            image = reflected(image, self.size)
        x, y = rng.randint(0, image.width - self.size), rng.randint(0, image.height - self.size)
        t = to_tensor(image.crop((x, y, x + self.size, y + self.size)))
        if rng.random() < 0.5 and self.mirror:
            t = t.flip(2)
        if rng.random() < self.recolour:
            t = recoloured(t, rng)
        return t


def reflected(image, side):
    """Extend a picture by reflection at its right and lower border until neither side is shorter than `side`."""
    a = np.array(image)  # (H,W,3)
    missing = [(0, max(0, side - n)) for n in a.shape[:2]]
    return Image.fromarray(np.pad(a, [*missing, (0, 0)], mode='symmetric'))


def recoloured(t, rng):
    """Colour augmentation of a style crop (3,H,W): permuted channels, gain and offset, unsharp mask, contrast, desaturation.

    The unsharp mask is there because training sets of paintings are thumbnails, softer than the pictures users bring.
    """
    order = [0, 1, 2]
    rng.shuffle(order)
    gain = torch.tensor([rng.uniform(0.7, 1.3) for _ in range(3)]).view(3, 1, 1)
    offset = torch.tensor([rng.uniform(-0.1, 0.1) for _ in range(3)]).view(3, 1, 1)
    t = t[order] * gain + offset
    if rng.random() < 0.5:
        blurred = F.avg_pool2d(F.pad(t[None], (1, 1, 1, 1), mode='reflect'), 3, 1)[0]
        t = t + rng.uniform(0, 2) * (t - blurred)
    if rng.random() < 0.5:
        t = t.mean() + rng.uniform(0.8, 1.6) * (t - t.mean())
    t = t.clamp(0, 1)
    return t.lerp(t.mean(0, keepdim=True).expand_as(t), rng.random()) if rng.random() < 0.1 else t
