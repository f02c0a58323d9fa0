"""Training pictures: folders of JPEGs -> crops, each named by (picture, variant).

A variant fixes the crop, the zoom and the colour change, so that what VGG-19 says of it can be kept
(see targets.py): on a CPU VGG-19 is nearly the whole price of a step.
"""
import glob
import os
import random

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = False
ENDINGS = ('.jpg', '.jpeg', '.png', '.webp', '.bmp')


def pictures(path):
    """A file, or every picture below a folder, sorted."""
    if os.path.isfile(path):
        return [path]
    found = sorted(f for f in glob.glob(os.path.join(path, '**', '*'), recursive=True) if f.lower().endswith(ENDINGS))
    if not found:
        raise SystemExit(f'{path}: no pictures here (looked for {", ".join(ENDINGS)})')
    return found


def load(path):
    return Image.open(path).convert('RGB')


def to_tensor(image):
    """PIL -> (3,H,W) float in 0..1."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def fit(image, short):
    """Resize so that the short side is `short` pixels."""
    s = short / min(image.size)
    return image.resize((max(short, round(image.width * s)), max(short, round(image.height * s))), Image.LANCZOS)


class Crops:
    """`zoom` is the range of a picture's short side, in crops; below 1 its detail is finer than its own pixels were."""

    def __init__(self, path, size, variants, zoom, recolour, seed):
        self.files, self.size, self.variants = pictures(path), size, variants
        self.zoom, self.recolour, self.seed = zoom, recolour, seed

    def __len__(self):
        return len(self.files) * self.variants

    def __getitem__(self, i):
        """Crop i of len(self): (3,size,size). The same i is always the same crop."""
        rng = random.Random(self.seed * 1_000_003 + i)
        image, variant = load(self.files[i // self.variants]), i % self.variants
        zoom = self.zoom[0] if variant == 0 else rng.uniform(*self.zoom)
        image = fit(image, round(self.size * zoom))
        if zoom < 1:  # a small painting is repeated, mirrored, until it fills the crop
            image = mirrored(image, self.size)
        x, y = rng.randint(0, image.width - self.size), rng.randint(0, image.height - self.size)
        t = to_tensor(image.crop((x, y, x + self.size, y + self.size)))
        if rng.random() < 0.5:
            t = t.flip(2)
        if self.recolour and variant % 2:
            t = recoloured(t, rng)
        return t


def mirrored(image, side):
    """Reflect a picture about its right and lower borders until neither side is shorter than `side`."""
    a = np.array(image)
    beyond = [(0, max(0, side - n)) for n in a.shape[:2]]
    return Image.fromarray(np.pad(a, beyond + [(0, 0)], mode='symmetric'))


def recoloured(t, rng):
    """Style augmentation: swapped channels, gain and offset, sharper strokes, now and then little colour or none.

    Paintings of a training set are thumbnails, softer than what people bring; hence the unsharp mask."""
    order = [0, 1, 2]
    rng.shuffle(order)
    gain = torch.tensor([rng.uniform(0.7, 1.3) for _ in range(3)]).view(3, 1, 1)
    offset = torch.tensor([rng.uniform(-0.1, 0.1) for _ in range(3)]).view(3, 1, 1)
    t = t[order] * gain + offset
    if rng.random() < 0.5:
        soft = F.avg_pool2d(F.pad(t[None], (1, 1, 1, 1), mode='reflect'), 3, 1)[0]
        t = t + rng.uniform(0, 2) * (t - soft)
    if rng.random() < 0.5:
        t = t.mean() + rng.uniform(0.8, 1.6) * (t - t.mean())
    t = t.clamp(0, 1)
    return t.lerp(t.mean(0, keepdim=True).expand_as(t), rng.random()) if rng.random() < 0.1 else t
