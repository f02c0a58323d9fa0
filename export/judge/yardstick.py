"""The yardstick: content and style error of a pastiche by the losses of Gatys et al. (2016, eqs. 1 and 5) on VGG-19.

content: relative error at relu4_2 (0 = the photo). style: the mean over relu1_1 .. relu5_1 of the relative error of the Gram
matrices, each at most 4 (0 = the painting). Pictures are compared at a short side of `side` pixels.
"""
import os

import numpy as np
import torch.nn.functional as F

from export.common import losses
from export.common.pictures import fit, picture_files, to_tensor

SIDE = 384
WORST = 4  # a layer's error is clipped here


def by_stem(*paths):
    """Pictures in files and folders: {name without ending: file}."""
    files = [f for path in paths for f in picture_files(path)]
    found = {os.path.splitext(os.path.basename(f))[0]: f for f in files}
    if len(found) < len(files):
        raise SystemExit(f'{", ".join(paths)}: two pictures have the same name without the ending, by which results are identified')
    return found


class Yardstick:
    """Pictures are PIL pictures. To be called under torch.no_grad()."""

    def __init__(self, vgg, side=SIDE):
        self.vgg, self.side = losses.Vgg19(vgg), side

    def features(self, image):
        return self.vgg.features(to_tensor(fit(image, self.side))[None])

    def content(self, photo):
        """relu4_2 of the photo (1,512,h,w)."""
        return self.features(photo)[1]

    def style(self, painting):
        """Gram matrices of the painting, 5 x (1,C,C)."""
        return [losses.gram(f) for f in self.features(painting)[0]]

    def figures(self, pastiche, content, grams):
        """[content, relu1_1 .. relu5_1]: the errors against the results of content() and style()."""
        style_features, content_features = self.features(pastiche)
        if content_features.shape != content.shape:
            content_features = F.interpolate(content_features.float(), content.shape[2:], mode='bilinear')
        errors = losses.style_errors(style_features, grams)[:, 0].clamp(max=WORST)
        return [losses.content_error(content_features, content, rim=0).item(), *errors.tolist()]


def summary(rows):
    """Means over rows of figures()."""
    rows = np.array(rows)
    return {'pairs': len(rows), 'content': rows[:, 0].mean(), 'style': rows[:, 1:6].mean(), 'layers': rows[:, 1:6].mean(0).tolist()}
