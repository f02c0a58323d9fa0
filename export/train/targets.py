"""Targets of the losses for the training crops: Gram matrices of style crops, relu4_2 of content crops.

`LiveTargets` computes them at every step. `CachedTargets` computes them once and keeps them on disk, which saves two of
VGG-19's four passes a step. They are stored in bfloat16: a relative error of 0.4 % a number, far below any loss in training.
"""
import math
import os

import numpy as np
import torch

from export.common.losses import gram


class LiveTargets:
    """`kind` is 'style' (Gram matrices) or 'content' (relu4_2)."""

    def __init__(self, kind, loss_network):
        self.kind, self.loss_network = kind, loss_network

    @torch.no_grad()
    def get(self, indices, pictures):
        """Targets of `pictures` (B,3,S,S), which are the crops `indices`: 5 x (B,C,C), or (B,C,S/8,S/8)."""
        style, content = self.loss_network.features(pictures, 5 if self.kind == 'style' else 4)
        return [gram(f) for f in style] if self.kind == 'style' else content


class CachedTargets(LiveTargets):
    """The same for VGG-19, one row for each crop in a sparse file; of a Gram matrix only the upper triangle."""

    def __init__(self, kind, crops, vgg, folder):
        super().__init__(kind, vgg)
        side = crops.size // 8
        self.shape = (vgg.content_channels, side, side)
        self.triangles = [torch.triu_indices(n, n) for n in vgg.style_channels]
        width = sum(t.shape[1] for t in self.triangles) if kind == 'style' else math.prod(self.shape)
        os.makedirs(folder, exist_ok=True)
        zoom = '-'.join(map(str, crops.zoom))
        path = os.path.join(folder, f'{kind}-{crops.size}-{len(crops)}-{crops.seed}-{zoom}.bin')
        self.rows = memmap(path, np.int16, (len(crops), width))
        self.cached = memmap(path + '.have', np.uint8, (len(crops),))

    def get(self, indices, pictures):
        missing = [k for k, i in enumerate(indices) if not self.cached[i]]
        if missing:
            targets = super().get(None, pictures[missing])
            if self.kind == 'style':
                flat = torch.cat([g[:, t[0], t[1]] for g, t in zip(targets, self.triangles)], 1)
            else:
                flat = targets.contiguous().flatten(1)
            flat = flat.to(torch.bfloat16).view(torch.int16).cpu().numpy()  # NumPy has no bfloat16
            for row, k in zip(flat, missing):
                self.rows[indices[k]] = row
                self.cached[indices[k]] = 1
        flat = torch.from_numpy(np.stack([self.rows[i] for i in indices])).view(torch.bfloat16).to(pictures.device)
        if self.kind == 'content':
            return flat.view(-1, *self.shape)
        grams, at = [], 0
        for n, t in zip(self.loss_network.style_channels, self.triangles):
            g = flat.new_zeros(len(indices), n, n)
            part = flat[:, at:at + t.shape[1]]
            at += t.shape[1]
            g[:, t[0], t[1]] = part
            g[:, t[1], t[0]] = part
            grams.append(g)
        return grams


def memmap(path, dtype, shape):
    return np.memmap(path, dtype, 'r+' if os.path.exists(path) else 'w+', shape=shape)
