"""What the judge (VGG-19 or the compact network) says of the training crops.

`LiveTargets` asks each time.  `CachedTargets` asks once and keeps the answer on disk: two of VGG-19's four passes a step are saved.
bfloat16 keeps a relative error of 0.4 % a number, far below any loss that training reaches.
A Gram matrix is symmetric: only its upper triangle is stored.
"""
import os

import numpy as np
import torch

from export.common.losses import gram

GRAM_SIZES = [64, 128, 256, 512, 512]


class LiveTargets:
    """kind 'style': Gram matrices; kind 'content': relu4_2."""

    def __init__(self, kind, judge):
        self.kind, self.judge = kind, judge

    @torch.no_grad()
    def get(self, indices, pictures):
        """Targets of `pictures` (B,3,S,S), which are the crops `indices`."""
        style, content = self.judge.features(pictures, 5 if self.kind == 'style' else 4)
        return [gram(f) for f in style] if self.kind == 'style' else content


class CachedTargets(LiveTargets):
    """The same of VGG-19, one row a crop in a sparse file."""

    def __init__(self, kind, crops, vgg, folder):
        super().__init__(kind, vgg)
        side = crops.size // 8
        self.shape = (512, side, side)
        self.tri = [torch.triu_indices(n, n) for n in GRAM_SIZES]
        width = sum(t.shape[1] for t in self.tri) if kind == 'style' else 512 * side * side
        os.makedirs(folder, exist_ok=True)
        zoom = '-'.join(map(str, crops.zoom))
        path = os.path.join(folder, f'{kind}-{crops.size}-{len(crops)}-{crops.seed}-{zoom}.bin')
        mode = 'r+' if os.path.exists(path) else 'w+'
        self.rows = np.memmap(path, np.int16, mode, shape=(len(crops), width))
        flags = path + '.have'
        mode = 'r+' if os.path.exists(flags) else 'w+'
        self.have = np.memmap(flags, np.uint8, mode, shape=(len(crops),))

    def get(self, indices, pictures):
        missing = [k for k, i in enumerate(indices) if not self.have[i]]
        if missing:
            found = super().get(None, pictures[missing])
            if self.kind == 'style':
                flat = torch.cat([g[:, t[0], t[1]] for g, t in zip(found, self.tri)], 1)
            else:
                flat = found.contiguous().flatten(1)
            flat = flat.to(torch.bfloat16).view(torch.int16).numpy()
            for row, k in zip(flat, missing):
                self.rows[indices[k]] = row
                self.have[indices[k]] = 1
        flat = torch.from_numpy(np.stack([self.rows[i] for i in indices])).view(torch.bfloat16)
        if self.kind == 'content':
            return flat.view(-1, *self.shape)
        out, at = [], 0
        for n, t in zip(GRAM_SIZES, self.tri):
            g = torch.zeros(len(indices), n, n, dtype=torch.bfloat16)
            part = flat[:, at:at + t.shape[1]]
            at += t.shape[1]
            g[:, t[0], t[1]] = part
            g[:, t[1], t[0]] = part
            out.append(g)
        return out
