"""Auxiliary loss for the predictor: a linear map of its last hidden layer has to predict the painting's Gram matrices.

The style loss depends on a painting through its Gram matrices only, but reaches the predictor through the transformer, which is being
trained as well. This loss reaches it directly. The linear map is discarded after training.
"""
import torch

from export.common.losses import gram

COMPONENTS = 48  # principal components of each layer's Gram matrix
SAMPLE = 640  # crops from which the components are computed


def normalised(grams):
    """For each Gram matrix (B,C,C) its upper triangle divided by its norm, and the logarithm of that norm: 5 pairs."""
    for g in grams:
        upper = g.float()[:, *torch.triu_indices(g.shape[1], g.shape[1])]  # (B,C(C+1)/2)
        size = upper.norm(dim=1, keepdim=True).clamp_min(1e-6)  # (B,1)
        yield upper / size, size.log()


class Hint(torch.nn.Module):
    """Hidden layer (B,N) and Gram matrices -> mean squared error of the predicted components, in standard deviations: scalar."""

    def __init__(self, hidden, layers=5):
        super().__init__()
        self.linear = torch.nn.Linear(hidden, layers * (COMPONENTS + 1))
        self.layers = None

    @torch.no_grad()
    def fit_components(self, loss_network, crops, batch=8):
        """Compute the principal components from a sample of `crops`."""
        if len(crops) < COMPONENTS:
            raise SystemExit(f'--styles: {len(crops)} crops are fewer than {COMPONENTS}; give more paintings or --hint-weight 0')
        sample = torch.randperm(len(crops))[:SAMPLE].tolist()
        batches = []
        for k in range(0, len(sample), batch):
            style, _ = loss_network.features(torch.stack([crops[i] for i in sample[k:k + batch]]).to(self.linear.weight.device))
            batches.append(list(normalised([gram(f) for f in style])))
        self.layers = []
        for rows in zip(*batches):
            upper, size = (torch.cat(x) for x in zip(*rows))
            mean = upper.mean(0)
            _, s, v = torch.svd_lowrank(upper - mean, q=COMPONENTS, niter=4)
            scale = (s.square().mean() / len(upper)).sqrt()  # one for all components: those of larger variance weigh more
            self.layers.append((mean, v / scale, size.mean(), size.std()))

    def forward(self, hidden, grams):
        targets = []
        for (upper, size), (mean, matrix, size_mean, size_std) in zip(normalised(grams), self.layers):
            targets += [(upper - mean) @ matrix, (size - size_mean) / size_std]  # (B,COMPONENTS), (B,1)
        return (self.linear(hidden) - torch.cat(targets, 1)).square().mean()
