"""A network that paints already, to show a beginner how (Hinton et al. 2015, arXiv:1503.02531, without the softmax).

What VGG-19 says of a pastiche is exact but dear, and tells the predictor of a painting only through Gram matrices.  A
teacher's pastiche tells it pixel by pixel, at a tenth of the price.  VGG-19 goes on judging some pairs of every batch and
all of them at the end, so that the beginner does not stop where the teacher did.
"""
import torch
import torch.nn.functional as F

from export.common.microast import MicroAST


class Teacher:
    """MicroAST's released weights, frozen, in bfloat16."""

    def __init__(self, folder, device='cpu', dtype=torch.bfloat16):
        self.dtype = dtype
        self.net = MicroAST(folder).to(device, dtype, memory_format=torch.channels_last).requires_grad_(False)

    @torch.no_grad()
    def paint(self, content, style):
        """Both (B,3,H,W) in 0..1, sides multiples of 4 -> pastiches (B,3,H,W) in 0..1."""
        ready = lambda x: x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        return self.net(ready(content), ready(style)).float().clamp(0, 1)


def distance(y, t):
    """Mean |y - t| of pixels and of their differences to both neighbours at three scales: scalar."""
    loss = (y - t).abs().mean()
    for _ in range(3):
        d = y - t
        loss = loss + (d[:, :, 1:] - d[:, :, :-1]).abs().mean() + (d[:, :, :, 1:] - d[:, :, :, :-1]).abs().mean()
        y, t = F.avg_pool2d(y, 2), F.avg_pool2d(t, 2)
        loss = loss + (y - t).abs().mean()
    return loss
