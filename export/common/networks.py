"""The three networks: style predictor, head, transformer; and how they stand together.

Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization
network" (arXiv:1705.06830): a predictor maps a painting to an embedding, and the embedding sets the
gamma and beta of every conditional instance norm (Dumoulin et al. 2017, eq. 5) of a transformer.

Departures from the paper, one line each:
- an embedding has as many numbers as a run is told (100 in the paper);
- predictor: a small network fed by means and deviations of every stage, not a pooled Inception-v3;
- the affine map from bottleneck to gammas and betas is a network of its own, the head, so that one
  embedding serves every transformer trained beside the same predictor;
- transformer: works at a quarter of the resolution (space-to-depth in, depth-to-space out), with a
  skip at half resolution, instead of convolutions at full resolution;
- the encoder is normalised like the rest (the paper batch-normalises it).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

EPS = 1e-5
PAD = 12  # pixels of reflection around the picture; cropped away at the end, with any border halo


class Transformer(nn.Module):
    """content (B,3,H,W) in 0..1 and style_params (B,P) -> pastiche (B,3,H,W) in 0..1."""

    def __init__(self, width=64, half=24, blocks=5):
        super().__init__()
        self.width, self.half, self.blocks = width, half, blocks
        conv = lambda i, o, k=3: nn.Conv2d(i, o, k, padding=k // 2, bias=False)  # beta is the bias
        self.enter = conv(12, half)  # at 1/2
        self.down = conv(4 * half, width)  # at 1/4
        self.body = nn.ModuleList(conv(width, width) for _ in range(2 * blocks))
        self.up = conv(width, 4 * half)
        self.merge = conv(2 * half, half)  # at 1/2, beside the skip
        self.leave = conv(half, 12)
        self.smooth = conv(3, 3, 5)  # at full resolution; hides what is left of the sub-pixel grid
        self.norms = [half, width] + [width] * (2 * blocks) + [half, half, 3]  # channels of each norm
        self.params = 2 * sum(self.norms)
        self._init()

    def _init(self):
        with torch.no_grad():
            for m in [self.up, self.leave]:  # the four sub-pixels start alike: no checkerboard to unlearn
                w = m.weight
                w.copy_(w[::4].repeat_interleave(4, 0))
            b = torch.tensor([1., 4., 6., 4., 1.])
            self.smooth.weight.zero_()
            for c in range(3):
                self.smooth.weight[c, c] = torch.outer(b, b) / 256

    def forward(self, x, style_params, want_stats=False):
        h, w = x.shape[2:]
        x = F.pad(x, (PAD, PAD + -w % 4, PAD, PAD + -h % 4), mode='reflect')
        x = x * 2 - 1
        gammas, betas = style_params.split(self.params // 2, 1)
        g, b = iter(gammas.split(self.norms, 1)), iter(betas.split(self.norms, 1))
        stats = []

        def norm(x):
            # Conditional instance norm: gamma * (x - mu) / sigma + beta, mu and sigma over the picture.
            xf = x.float()
            mu = xf.mean((2, 3))
            var = (xf.square().mean((2, 3)) - mu.square()).clamp_min(0)
            stats.append(torch.cat([mu, var], 1))
            scale = next(g).float() * torch.rsqrt(var + EPS)
            shift = next(b).float() - mu * scale
            return (xf * scale[:, :, None, None] + shift[:, :, None, None]).to(x.dtype)

        skip = F.relu(norm(self.enter(F.pixel_unshuffle(x, 2))))  # (B,half,H/2,W/2)
        x = F.relu(norm(self.down(F.pixel_unshuffle(skip, 2))))  # (B,width,H/4,W/4)
        for i in range(self.blocks):
            y = F.relu(norm(self.body[2 * i](x)))
            x = x + norm(self.body[2 * i + 1](y))
        x = F.relu(norm(F.pixel_shuffle(self.up(x), 2)))  # (B,half,H/2,W/2)
        x = F.relu(norm(self.merge(torch.cat([x, skip], 1))))
        x = norm(self.smooth(F.pixel_shuffle(self.leave(x), 2)))  # (B,3,H,W)
        x = torch.sigmoid(x.float())[:, :, PAD:PAD + h, PAD:PAD + w]
        return (x, torch.cat(stats, 1)) if want_stats else x


class Predictor(nn.Module):
    """style (B,3,H,W) in 0..1, H and W >= 64 -> bottleneck (B,D)."""

    def __init__(self, bottleneck=100, hidden=256, widths=(32, 64, 128, 192)):
        super().__init__()
        ins = (3,) + tuple(widths[:-1])
        self.down = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in zip(ins, widths))
        self.same = nn.ModuleList(nn.Conv2d(o, o, 3, 1, 1) for o in widths)
        n = 2 * (3 + sum(widths))
        self.gain = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))
        self.hidden = nn.Linear(n, hidden)
        self.out = nn.Linear(hidden, bottleneck)

    def forward(self, x):
        return self.out(self.look(x))

    def look(self, x):
        """-> what the last hidden layer has to say (B,hidden)."""
        x = x * 2 - 1
        stats = [moments(x)]
        for down, same in zip(self.down, self.same):
            x = F.relu(down(x))
            x = x + F.relu(same(x))
            stats.append(moments(x))
        v = torch.cat(stats, 1)
        v = F.layer_norm(v, v.shape[1:], self.gain, self.bias, EPS)
        return F.relu(self.hidden(v))


def moments(x):
    """Mean and standard deviation of every channel over the picture: (B,C,H,W) -> (B,2C)."""
    x = x.float()
    mu = x.mean((2, 3))
    var = (x.square().mean((2, 3)) - mu.square()).clamp_min(0)
    return torch.cat([mu, (var + EPS).sqrt()], 1)


class Head(nn.Module):
    """bottleneck (B,D) -> style_params (B,P): all gammas, then all betas. Affine."""

    def __init__(self, params, bottleneck=100):
        super().__init__()
        self.linear = nn.Linear(bottleneck, params)
        with torch.no_grad():
            self.linear.weight.mul_(0.3)
            self.linear.bias.zero_()
            self.linear.bias[:params // 2] = 1  # gamma starts at 1, beta at 0

    def forward(self, v):
        return self.linear(v)


class StyleTable(nn.Module):
    """Stands in for the predictor when the styles are known beforehand: one row of
    learnt numbers a style. N rows are Dumoulin et al. 2017; a single row is Johnson et al. 2016."""

    def __init__(self, rows, bottleneck=100):
        super().__init__()
        self.rows = nn.Embedding(rows, bottleneck)

    def forward(self, index):
        return self.rows(index)


class Networks(nn.Module):
    """Predictor (or table), head and transformer as one step of training sees them."""

    def __init__(self, o, paintings):
        super().__init__()
        self.transformer = Transformer(o.width, o.half, o.blocks)
        # Runs from before these were options had the paper's 100, and 256 units.
        bottleneck, hidden = getattr(o, 'bottleneck', 100), getattr(o, 'hidden', 256)
        self.predictor = StyleTable(paintings, bottleneck) if o.table else Predictor(bottleneck, hidden)
        self.head = Head(self.transformer.params, bottleneck)

    def forward(self, content, style):
        """-> pastiche, and what the predictor's hidden layer says (None of a table)."""
        hidden = None if isinstance(self.predictor, StyleTable) else self.predictor.look(style)
        bottleneck = self.predictor(style) if hidden is None else self.predictor.out(hidden)
        return self.transformer(content, self.head(bottleneck)), hidden


def shape_of_embedding(o, saved):
    """Give `o`, the options of a second transformer, the embedding of a saved run, whose predictor it shares."""
    o.bottleneck, o.hidden = saved['options'].get('bottleneck', 100), saved['options'].get('hidden', 256)


def mac_per_pixel(t: Transformer):
    """Multiply-accumulates of the transformer's convolutions per pixel of the picture."""
    k = lambda m, area: m.weight.numel() / area
    return (k(t.enter, 4) + k(t.down, 16) + sum(k(m, 16) for m in t.body) + k(t.up, 16)
            + k(t.merge, 4) + k(t.leave, 4) + k(t.smooth, 1))


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())
