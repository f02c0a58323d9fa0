"""Remove the channels of a predictor whose ReLUs never open, without changing its embeddings."""
import torch

from export.common.networks import CompactPredictor, Predictor


@torch.no_grad()
def active_channels(p, batches):
    """-> for every stage, which channels (C,) are above 0 anywhere in `batches` of pictures (B,3,H,W)."""
    found = [torch.zeros(len(layer.weight), dtype=torch.bool) for layer in p.down]
    for x in batches:
        for active, maps in zip(found, p.stages(x)):
            active |= maps.amax((0, 2, 3)) > 0
    return found


@torch.no_grad()
def pruned(p, batches):
    """-> a Predictor of fewer channels with the embeddings of `p`, for pictures that open no other ReLU than `batches` do."""
    if isinstance(p, CompactPredictor):  # its stages are outputs without ReLU
        return p
    keep = active_channels(p, batches)
    removed = sum(int((~k).sum()) for k in keep)
    if not removed or p.removed or p.covariances:
        return p
    q = Predictor(p.out.out_features, p.hidden.out_features, [int(k.sum()) for k in keep], removed=removed)
    before = torch.ones(3, dtype=torch.bool)
    for i, k in enumerate(keep):
        for new, old, inputs in ((q.down[i], p.down[i], before), (q.same[i], p.same[i], k)):
            new.weight.copy_(old.weight[k][:, inputs])
            new.bias.copy_(old.bias[k])
        before = k
    # The statistics are, for the picture and each stage, the means and then the deviations; those that are constant come last.
    kept = [torch.ones(6, dtype=torch.bool), *(k.repeat(2) for k in keep)]
    kept, constant = torch.cat(kept), torch.cat([torch.zeros(6, dtype=torch.bool), *(~k.repeat(2) for k in keep)])
    deviation = torch.cat([torch.zeros(6, dtype=torch.bool), *(torch.arange(2 * len(k)) >= len(k) for k in keep)])
    order = torch.cat([t.nonzero()[:, 0] for t in (kept, constant & ~deviation, constant & deviation)])
    q.gain.copy_(p.gain[order])
    q.bias.copy_(p.bias[order])
    q.hidden.weight.copy_(p.hidden.weight[:, order])
    q.hidden.bias.copy_(p.hidden.bias)
    q.out.load_state_dict(p.out.state_dict())
    return q
