"""One update of the weights: a loss goes in, stepped weights and their running average come out."""
import math

import torch

CLIP = 5.0  # largest norm of the gradient


def update(loss, optimizers, trained, net, average, done, longest):
    """Differentiate `loss`, step the optimisers, and let `average` follow the weights of `net`; skipped if a gradient is not finite.

    `done`: steps of this schedule before this one. The average forgets faster in the first steps; `longest` is its final decay."""
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if not math.isfinite(torch.nn.utils.clip_grad_norm_(trained, CLIP)):
        return
    for optimizer in optimizers:
        optimizer.step()
    with torch.no_grad():
        torch._foreach_lerp_(average, list(net.parameters()), 1 - min(longest, (done + 1) / (done + 10)))
