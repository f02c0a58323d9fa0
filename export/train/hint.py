"""A hint for the predictor: its last hidden layer must tell the painting's Gram matrices.

What a painting is to the style loss are its Gram matrices, and the predictor hears of them only through a transformer
that is learning too.  Here it is asked for them directly: their principal components, by a linear map that is thrown
away after training.
"""
import torch

from export.common.losses import gram

COMPONENTS = 48  # of each layer
SAMPLE = 640  # crops whose Gram matrices give the components


def normalised(grams):
    """Each Gram matrix (B,C,C) as its upper triangle over its size, and the logarithm of that size: 5 pairs."""
    for g in grams:
        upper = g.float()[:, *torch.triu_indices(g.shape[1], g.shape[1])]
        size = upper.norm(dim=1, keepdim=True).clamp_min(1e-6)
        yield upper / size, size.log()


class Hint(torch.nn.Module):
    """hidden (B,N) and the painting's Gram matrices -> mean squared error in deviations, scalar."""

    def __init__(self, hidden, layers=5):
        super().__init__()
        self.linear = torch.nn.Linear(hidden, layers * (COMPONENTS + 1))
        self.layers = None

    @torch.no_grad()
    def learn(self, judge, crops, batch=8):
        """Find the components from a sample of `crops`."""
        places = torch.randperm(len(crops))[:SAMPLE].tolist()
        found = []
        for k in range(0, len(places), batch):
            style, _ = judge.features(torch.stack([crops[i] for i in places[k:k + batch]]))
            found.append(list(normalised([gram(f) for f in style])))
        self.layers = []
        for rows in zip(*found):
            upper, size = (torch.cat(x) for x in zip(*rows))
            mean = upper.mean(0)
            _, s, v = torch.svd_lowrank(upper - mean, q=COMPONENTS, niter=4)
            scale = (s.square().mean() / len(upper)).sqrt()  # one for the layer: what varies more weighs more
            self.layers.append((mean, v / scale, size.mean(), size.std()))

    def forward(self, hidden, grams):
        wanted = []
        for (upper, size), (mean, matrix, middle, spread) in zip(normalised(grams), self.layers):
            wanted += [(upper - mean) @ matrix, (size - middle) / spread]
        return (self.linear(hidden) - torch.cat(wanted, 1)).square().mean()
