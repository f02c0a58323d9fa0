"""The network of Johnson, Alahi and Fei-Fei 2016 ("Perceptual losses for real-time style transfer and super-resolution",
arXiv:1603.08155, table 1 of its supplement), with instance norm (Ulyanov et al. 2016) in place of batch norm. Its weights
are random: only its speed is measured, and it knows one style at a time where all others here know any."""
import torch
from torch import nn


class Johnson(nn.Module):
    def __init__(self, widths=(32, 64, 128), blocks=5):
        super().__init__()
        a, b, c = widths
        same = lambda i, o, k, stride=1: nn.Conv2d(i, o, k, stride, k // 2)
        up = lambda i, o: nn.ConvTranspose2d(i, o, 3, 2, 1, output_padding=1)
        norm = lambda n: nn.InstanceNorm2d(n, affine=True)
        stage = lambda conv: nn.Sequential(conv, norm(conv.out_channels), nn.ReLU(inplace=True))
        self.enter = nn.Sequential(stage(same(3, a, 9)), stage(same(a, b, 3, 2)), stage(same(b, c, 3, 2)))
        self.body = nn.ModuleList(nn.Sequential(stage(same(c, c, 3)), same(c, c, 3), norm(c)) for _ in range(blocks))
        self.leave = nn.Sequential(stage(up(c, b)), stage(up(b, a)), same(a, 3, 9))

    def forward(self, x):
        """(1,3,H,W), H and W multiples of 4 -> the same shape in 0..1."""
        x = self.enter(x)
        for block in self.body:
            x = x + block(x)
        return (torch.tanh(self.leave(x)) + 1) / 2
