"""3x3 convolutions of a frozen network by Winograd's F(4x4, 3x3), in float32 on CPUs with AVX-512 or AVX2.

They take 0.35 to 0.53 of the time of PyTorch's own (VGG-19's layers, four pictures of 272x272, two cores), and 0.67 to 0.8 of its
time in bfloat16 where the CPU has instructions for that but no matrix units (AMD Zen 4)."""
import functools
import os
import shutil
import sys

import torch

from export.common.dtype import cpu_flags, fast_dtype

INPUTS = (64, 128, 256, 512)  # numbers of input channels it is compiled for
# The transform of a kernel (Lavin and Gray 2016, arXiv:1509.09308, section 4.1.2, for 4x4 outputs).
G = torch.tensor([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]], dtype=torch.float64) / 24


@functools.cache
def extension():
    """The compiled winograd.cpp, or None where the instructions, the compiler or ninja are missing."""
    if 'avx512f' in cpu_flags():
        wide = ['-mavx512f', '-mavx512dq', *(['-mavx512bf16'] if 'avx512_bf16' in cpu_flags() else [])]
    elif {'avx2', 'fma'} <= cpu_flags():
        wide = ['-mavx2']
    else:
        return None
    # An environment's ninja is found even if the environment is not activated.
    os.environ['PATH'] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get('PATH', '')
    if not shutil.which('g++') or not shutil.which('ninja'):
        print('without g++ and ninja (pip install ninja) VGG-19 takes more than twice as long', file=sys.stderr, flush=True)
        return None
    from torch.utils.cpp_extension import load
    return load('impasto_winograd', [os.path.join(os.path.dirname(__file__), 'winograd.cpp')],
                extra_cflags=['-O3', *wide, '-mfma', '-fno-math-errno', '-fopenmp'])


def frozen_dtype(device='cpu'):
    """The number format in which a frozen network of such convolutions is fastest."""
    if torch.device(device).type == 'cpu' and 'amx_bf16' not in cpu_flags() and extension() is not None:
        return torch.float32
    return fast_dtype(device)


def transformed(weight):
    """(K,C,3,3) -> G w G^T as (36, K/PANEL, C/PAIR, PANEL, PAIR)."""
    (k, c), panel, pair = weight.shape[:2], extension().PANEL, extension().PAIR
    u = torch.einsum('ai,kcij,bj->abkc', G, weight.double(), G).to(torch.bfloat16 if pair == 2 else torch.float32)
    return u.reshape(36, k // panel, panel, c // pair, pair).transpose(2, 3).contiguous()


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, layer):
        y = extension().convolve(x, layer.forwards, layer.bias, layer.nothing, True)
        ctx.save_for_backward(y)
        ctx.layer = layer
        return y

    @staticmethod
    def backward(ctx, grad):
        y, = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)
        return extension().convolve(grad, ctx.layer.backwards, ctx.layer.nothing, y, False), None  # where y > 0


class ConvolutionRelu:
    """x (B,C,H,W) float32 -> relu(conv(x) + bias), channels last; zero padding of 1. Weights get no gradient."""

    def __init__(self, weight, bias):
        self.weight, self.bias, self.nothing = weight, bias.contiguous(), torch.empty(0)

    # Four times the size of the weights each, so made when they are needed.
    @functools.cached_property
    def forwards(self):
        return transformed(self.weight)

    @functools.cached_property
    def backwards(self):
        return transformed(self.weight.flip(2, 3).transpose(0, 1))

    @staticmethod
    def serves(weight):
        """Whether a layer (K,C,3,3) can be computed this way, forwards and backwards."""
        kind = weight.device.type == 'cpu' and weight.dtype == torch.float32
        return kind and set(weight.shape[:2]) <= set(INPUTS) and extension() is not None

    def __call__(self, x):
        return _Layer.apply(x.contiguous(memory_format=torch.channels_last), self)
