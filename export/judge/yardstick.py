"""The yardstick: what the objective of Gatys et al. (2016) on VGG-19 says of a pastiche.

content: relative error at relu4_2 (0 = the photo). style: the mean over relu1_1 .. relu5_1 of the relative Gram
error, each at most 4 (0 = the painting's own). Pictures are compared at a short side of `side` pixels.
"""
import os

import numpy as np
import torch.nn.functional as F

from export.common import losses
from export.common.pictures import fit, picture_files, to_tensor

SIDE = 384
WORST = 4  # a layer that is all wrong says no more than that


def by_stem(*paths):
    """Pictures in files and folders: {name without ending: file}."""
    files = [f for path in paths for f in picture_files(path)]
    found = {os.path.splitext(os.path.basename(f))[0]: f for f in files}
    if len(found) < len(files):
        raise SystemExit(f'{", ".join(paths)}: two pictures have the same name but for the ending; results are filed by that name')
    return found


class Yardstick:
    """Everything is a PIL picture; call it with gradients switched off."""

    def __init__(self, vgg, side=SIDE):
        self.vgg, self.side = losses.Vgg19(vgg), side

    def read(self, image):
        return self.vgg.features(to_tensor(fit(image, self.side))[None])

    def content(self, photo):
        return self.read(photo)[1]

    def style(self, painting):
        return [losses.gram(f) for f in self.read(painting)[0]]

    def figures(self, pastiche, content, grams):
        """[content, relu1_1 .. relu5_1] against what content() and style() gave."""
        made, place = self.read(pastiche)
        if place.shape != content.shape:
            place = F.interpolate(place.float(), content.shape[2:], mode='bilinear')
        errors = losses.style_errors(made, grams)[:, 0].clamp(max=WORST)
        return [losses.content_error(place, content, rim=0).item(), *errors.tolist()]


def summary(rows):
    """Means over the rows of figures()."""
    rows = np.array(rows)
    return {'pairs': len(rows), 'content': rows[:, 0].mean(), 'style': rows[:, 1:6].mean(), 'layers': rows[:, 1:6].mean(0).tolist()}
