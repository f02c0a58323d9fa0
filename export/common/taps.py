"""Gram matrices taken on the way through VGG-19, with fewer passes over its largest feature maps than autograd would make."""
import torch
import torch.nn.functional as F

from export.common.dtype import fast_dtype
from export.common.losses import BORDER, Vgg19, gram, padded_features


class _Tap(torch.autograd.Function):
    """f (B,C,H,W) -> f, and the Gram matrix (B,C,C) of f without `n` cells at the border. Its gradient is added to that of f in place."""

    @staticmethod
    def forward(ctx, f, n):
        h, w = f.shape[2:]
        kind = fast_dtype(f.device)  # for matrix products; as float32 they would take a fifth of VGG-19's time
        ctx.n, ctx.inner = n, f.permute(0, 2, 3, 1)[:, n:h - n, n:w - n].to(kind).flatten(1, 2)  # (B,HW,C)
        return f, torch.bmm(ctx.inner.transpose(1, 2), ctx.inner).float() / ctx.inner.shape[1]

    @staticmethod
    def backward(ctx, grad, grad_gram):
        n, (h, w) = ctx.n, grad.shape[2:]
        change = torch.bmm(ctx.inner, ((grad_gram + grad_gram.transpose(1, 2)) / ctx.inner.shape[1]).to(ctx.inner.dtype))
        grad = grad.contiguous(memory_format=torch.channels_last)
        at = grad.permute(0, 2, 3, 1)[:, n:h - n, n:w - n]
        at += change.view(at.shape)
        return grad, None


def grams_and_content(loss_network, y):
    """-> ([Gram matrices (B,C,C) of relu1_1 .. relu5_1], relu4_2): of what losses.padded_features gives."""
    if not isinstance(loss_network, Vgg19):
        style, content = padded_features(loss_network, y)
        return [gram(f) for f in style], content
    tap = lambda f, block: _Tap.apply(f, BORDER >> block - 1 if block < 5 else 0)  # at relu5_1 the border is narrower than a cell
    grams, content = loss_network.features(F.pad(y, (BORDER,) * 4, mode='reflect'), tap=tap)
    rim = BORDER >> 3
    return grams, content[:, :, rim:-rim, rim:-rim]
