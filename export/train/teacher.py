"""A pre-trained network whose pastiches are additional targets (Hinton et al. 2015, arXiv:1503.02531, without the softmax).

The style loss is slow to compute and tells the predictor about a painting only through Gram matrices. A teacher's pastiche gives a
target for every pixel, at a tenth of the cost. VGG-19 still computes the losses for some pairs of each batch, and for all pairs at the
end of the schedule, so that the student is not limited by the teacher.
"""
import torch
import torch.nn.functional as F

from export.common.dtype import fast_dtype
from export.common.microast import MicroAST


class Teacher:
    """MicroAST's released weights, frozen, in the fastest number format of the device."""

    def __init__(self, folder, device='cpu', dtype=None):
        dtype = dtype or fast_dtype(device)
        self.dtype = dtype
        self.net = MicroAST(folder).to(device, dtype, memory_format=torch.channels_last).requires_grad_(False)

    @torch.no_grad()
    def paint(self, content, style):
        """Both (B,3,H,W) in 0..1, sides multiples of 4 -> pastiches (B,3,H,W) in 0..1."""
        cast = lambda x: x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        return self.net(cast(content), cast(style)).float().clamp(0, 1)


def distance(y, t):
    """L1 distance of the pixels at scales 1 to 1/8, plus that of their vertical and horizontal differences at scales 1 to 1/4: scalar."""
    loss = (y - t).abs().mean()
    for _ in range(3):
        d = y - t
        loss = loss + (d[:, :, 1:] - d[:, :, :-1]).abs().mean() + (d[:, :, :, 1:] - d[:, :, :, :-1]).abs().mean()
        y, t = F.avg_pool2d(y, 2), F.avg_pool2d(t, 2)
        loss = loss + (y - t).abs().mean()
    return loss
