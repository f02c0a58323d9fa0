"""Gram matrices taken on the way through VGG-19, with fewer passes over its largest feature maps than autograd would make."""
import torch
import torch.nn.functional as F

from export.common.losses import BLOCKS, BORDER, CONTENT_LAYER


class _Tap(torch.autograd.Function):
    """f (B,C,H,W) -> f, and the Gram matrix (B,C,C) of f without `n` cells at the border. Its gradient is added to that of f in place."""

    @staticmethod
    def forward(ctx, f, n):
        h, w = f.shape[2:]
        ctx.n, ctx.inner = n, f.permute(0, 2, 3, 1)[:, n:h - n, n:w - n].flatten(1, 2)  # (B,HW,C)
        return f, torch.bmm(ctx.inner.transpose(1, 2), ctx.inner).float() / ctx.inner.shape[1]

    @staticmethod
    def backward(ctx, grad, grad_gram):
        n, (h, w) = ctx.n, grad.shape[2:]
        change = torch.bmm(ctx.inner, ((grad_gram + grad_gram.transpose(1, 2)) / ctx.inner.shape[1]).to(ctx.inner.dtype))
        grad = grad.contiguous(memory_format=torch.channels_last)
        at = grad.permute(0, 2, 3, 1)[:, n:h - n, n:w - n]
        at += change.view(at.shape)
        return grad, None


def grams_and_content(vgg, y):
    """-> ([Gram matrices (B,C,C) of relu1_1 .. relu5_1], relu4_2): of what losses.padded_features gives."""
    x, grams, content = vgg.prepared(F.pad(y, (BORDER,) * 4, mode='reflect')), [], None
    for block, count in enumerate(BLOCKS, 1):
        for i in range(1, count + 1):
            x = vgg.layer(f'{block}_{i}', x)
            if i == 1:  # at relu5_1 the border is narrower than a cell
                x, g = _Tap.apply(x, BORDER >> block - 1 if block < 5 else 0)
                grams.append(g)
            if f'relu{block}_{i}' == CONTENT_LAYER:
                rim = BORDER >> 3
                content = x[:, :, rim:-rim, rim:-rim]
        if block < 5:
            x = F.max_pool2d(x, 2)
    return grams, content
