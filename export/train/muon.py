"""Muon for weight matrices, Adam for the other parameters: fewer steps to the same loss.

Muon (Jordan et al. 2024; scaled as in Liu et al. 2025, arXiv:2502.16982, eq. 4) replaces the momentum of a matrix by the nearest
(semi-)orthogonal matrix, so that all its singular values become 1. The extra matrix products are cheap compared with a training
step, which takes seconds on a CPU because of VGG-19.
"""
import torch


def is_matrix(name, p):
    """Convolutions and linear layers, except those whose input or output is a picture."""
    return p.dim() >= 2 and not any(part in name for part in ('enter', 'smooth', 'leave', 'rows', 'down.0'))


def orthogonal(g, steps=5):
    """An approximation of U V^T of g = U S V^T (R,C), by Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(steps):
        y = x @ x.T
        x = a * x + (b * y + c * y @ y) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """One learning rate for both: Muon's updates are scaled to the root mean square of Adam's."""

    def __init__(self, named, lr, betas=(0.9, 0.99), momentum=0.95):
        named = list(named)
        super().__init__([{'params': [p for _, p in named]}], {'lr': lr})
        self.betas, self.momentum = betas, momentum
        self.matrices = {p for n, p in named if is_matrix(n, p)}

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is not None:
                    state = self.state[p]
                    update = self._muon(p, state) if p in self.matrices else self._adam(p, state)
                    p.add_(update.view_as(p), alpha=-group['lr'])

    def _muon(self, p, state):
        m = state.setdefault('exp_avg', torch.zeros_like(p))
        m.lerp_(p.grad, 1 - self.momentum)
        nesterov = p.grad.lerp(m, self.momentum).flatten(1)  # (O,I*k*k)
        return orthogonal(nesterov) * (0.2 * max(nesterov.shape) ** 0.5)

    def _adam(self, p, state):
        b1, b2 = self.betas
        m, v = (state.setdefault(k, torch.zeros_like(p)) for k in ('exp_avg', 'exp_avg_sq'))
        state['step'] = state.get('step', 0) + 1
        m.lerp_(p.grad, 1 - b1)
        v.lerp_(p.grad.square(), 1 - b2)
        t = state['step']
        return (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + 1e-8)
