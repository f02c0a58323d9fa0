"""The three networks: style predictor, head and transformer.

Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization network" (arXiv:1705.06830): a
predictor maps a painting to an embedding, which sets gamma and beta of every conditional instance norm (Dumoulin et al. 2017,
arXiv:1610.07629, eq. 5) of a transformer.

Differences from the paper:
- the size of an embedding is an option (100 in the paper);
- predictor: a small network whose last layers see mean and standard deviation of every stage, not a pooled Inception-v3;
- the affine map from bottleneck to gammas and betas is a separate network, the head, so that one embedding serves every
  transformer trained with the same predictor;
- transformer: works at a quarter of the resolution (space-to-depth in, depth-to-space out) with a skip connection at half
  resolution, instead of convolutions at full resolution;
- the encoder has conditional instance norms as well (batch norms in the paper).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from export.common import compact, noise

EPS = 1e-5
PAD = 12  # pixels by which the picture is extended by reflection; cropped off at the end together with border artefacts


class Transformer(nn.Module):
    """content (B,3,H,W) in 0..1 and style_params (B,P) -> pastiche (B,3,H,W) in 0..1."""

    def __init__(self, width=64, half=24, blocks=5, dither=0):
        """`dither`: standard deviation, in levels of 255, of the fixed noise that is added to the photo (noise.py)."""
        super().__init__()
        self.width, self.half, self.blocks, self.dither = width, half, blocks, dither
        self.register_buffer('noise', noise.pixel_noise() if dither else None, persistent=False)
        conv = lambda i, o, k=3: nn.Conv2d(i, o, k, padding=k // 2, bias=False)  # the norm's beta is the bias
        self.enter = conv(12, half)  # at 1/2 of the resolution
        self.down = conv(4 * half, width)  # at 1/4
        self.body = nn.ModuleList(conv(width, width) for _ in range(2 * blocks))
        self.up = conv(width, 4 * half)
        self.merge = conv(2 * half, half)  # at 1/2, with the skip connection
        self.leave = conv(half, 12)
        self.smooth = conv(3, 3, 5)  # at full resolution; removes remaining checkerboard artefacts
        self.norms = [half, width] + [width] * (2 * blocks) + [half, half, 3]  # channels of each norm
        self.params = 2 * sum(self.norms)
        self._init()

    def _init(self):
        with torch.no_grad():
            for m in [self.up, self.leave]:  # equal weights for the four sub-pixels: no checkerboard (ICNR, Aitken et al. 2017)
                w = m.weight
                w.copy_(w[::4].repeat_interleave(4, 0))
            b = torch.tensor([1., 4., 6., 4., 1.])
            self.smooth.weight.zero_()
            for c in range(3):
                self.smooth.weight[c, c] = torch.outer(b, b) / 256

    def forward(self, x, style_params, return_stats=False):
        h, w = x.shape[2:]
        x = F.pad(x, (PAD, PAD + -w % 4, PAD, PAD + -h % 4), mode='reflect')
        x = x * 2 - 1
        if self.dither:
            times = [-(-n // p) for n, p in zip(x.shape[2:], self.noise.shape)]
            x = x + (2 / 255 * self.dither * self.noise).to(x.dtype).repeat(*times)[:x.shape[2], :x.shape[3]]
        gammas, betas = style_params.split(self.params // 2, 1)
        g, b = iter(gammas.split(self.norms, 1)), iter(betas.split(self.norms, 1))
        stats = []

        def norm(x):
            # Conditional instance norm (Dumoulin et al. 2017, eq. 5): gamma * (x - mu) / sigma + beta.
            xf = x.float()
            mu = xf.mean((2, 3))  # (B,C)
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
        return (x, torch.cat(stats, 1)) if return_stats else x


class PatchTransformer(nn.Module):
    """A transformer without layers at half resolution: space-to-depth 4 in, depth-to-space 4 out, residual blocks at 1/8.

    A fixed noise field (noise.py) is added before the first norm, so that texture can grow on uniform areas. Feature maps are extended by
    reflection: zeros would tell the network where the border is, and it draws a frame there, the cheapest way to large Gram matrices."""

    PAD, STEP = 8, 8  # pixels of reflection; padded sides are multiples of STEP

    def __init__(self, width=48, half=16, blocks=4, merge=24, smooth=True, dilations=(1, 2, 2, 1)):
        """`smooth`: whether the enlargement is followed by a convolution at full resolution, a tenth of the network's time on a CPU."""
        super().__init__()
        self.width, self.half, self.blocks = width, half, blocks
        self.dilations = [dilations[i % len(dilations)] for i in range(blocks)]
        conv = lambda i, o, d=1, mode='reflect': nn.Conv2d(i, o, 3, padding=d, dilation=d, bias=False, padding_mode=mode)
        self.enter = conv(48, half)  # at 1/4
        self.seed = nn.Conv2d(20, half, 3, padding=1, padding_mode='circular', bias=False)  # of the noise field
        self.down = conv(4 * half, width)  # at 1/8
        self.body = nn.ModuleList(conv(width, width, self.dilations[i // 2]) for i in range(2 * blocks))
        self.up = conv(width, 4 * merge)
        self.merge = conv(merge + half, merge)  # at 1/4, with the skip connection
        # What the zeros reach from here on is cropped with PAD.
        self.leave = conv(merge, 48, mode='zeros')
        self.smooth = conv(3, 3, mode='zeros') if smooth else nn.Identity()  # at full resolution
        self.norms = [half, width] + [width] * (2 * blocks) + [merge, merge, 3]
        self.params = 2 * sum(self.norms)
        self.register_buffer('noise', noise.cell_noise(), persistent=False)
        self._init()

    def _init(self):
        with torch.no_grad():
            self.seed.weight.mul_(0.3)
            w = self.up.weight
            w.copy_(w[::4].repeat_interleave(4, 0))
            # Initially the sub-pixels are a bilinear enlargement by 4: no checkerboard.
            t = (torch.arange(4) + 0.5) / 4 - 0.5  # position of a sub-pixel relative to the centre of its cell
            taps = torch.stack([(-t).clamp_min(0), 1 - t.abs(), t.clamp_min(0)], 1)  # (4,3)
            base = torch.randn(3, w.shape[0] // 4) / (w.shape[0] // 4) ** 0.5
            self.leave.weight.copy_(torch.einsum('ci,ay,bx->cabiyx', base, taps, taps).reshape(48, -1, 3, 3))
            if isinstance(self.smooth, nn.Conv2d):
                b = torch.tensor([1., 4., 1.])
                self.smooth.weight.zero_()
                for c in range(3):
                    self.smooth.weight[c, c] = torch.outer(b, b) / 36

    def seeded(self, h, w, shift=(0, 0)):
        """What the noise adds to the first layer for a picture of h x w pixels (1,half,.,.).

        Training must use random shifts: where the noise is always the same, a network puts its strokes in some places, for the Gram
        matrices, and leaves the photo as it is elsewhere."""
        f = torch.roll(self.seed(self.noise[None]), shift, (2, 3))
        p, h, w = self.noise.shape[-1], *(-(-(n + 2 * self.PAD) // self.STEP) * self.STEP // 4 for n in (h, w))
        return f.repeat(1, 1, -(-h // p), -(-w // p))[:, :, :h, :w]

    @torch.compiler.disable  # torch.compile takes many minutes over such a chain of reflections
    def forward(self, x, style_params, return_stats=False, seed=None):
        h, w = x.shape[2:]
        q, s = self.PAD, self.STEP
        x = F.pad(x, (q, q + -w % s, q, q + -h % s), mode='reflect')
        x = x * 2 - 1
        gammas, betas = style_params.split(self.params // 2, 1)
        g, b = iter(gammas.split(self.norms, 1)), iter(betas.split(self.norms, 1))
        stats = []

        def norm(x):
            xf = x.float()
            mu = xf.mean((2, 3))
            var = (xf.square().mean((2, 3)) - mu.square()).clamp_min(0)
            stats.append(torch.cat([mu, var], 1))
            scale = next(g).float() * torch.rsqrt(var + EPS)
            shift = next(b).float() - mu * scale
            return (xf * scale[:, :, None, None] + shift[:, :, None, None]).to(x.dtype)

        e = self.enter(F.pixel_unshuffle(x, 4))
        seed = self.seeded(h, w) if seed is None else seed
        skip = F.relu(norm(e + seed.to(e.dtype)))  # (B,half,H/4,W/4)
        x = F.relu(norm(self.down(F.pixel_unshuffle(skip, 2))))  # (B,width,H/8,W/8)
        for i in range(self.blocks):
            y = F.relu(norm(self.body[2 * i](x)))
            x = x + norm(self.body[2 * i + 1](y))
        x = F.relu(norm(F.pixel_shuffle(self.up(x), 2)))  # (B,merge,H/4,W/4)
        x = F.relu(norm(self.merge(torch.cat([x, skip], 1))))
        x = norm(self.smooth(F.pixel_shuffle(self.leave(x), 4)))  # (B,3,H,W)
        x = torch.sigmoid(x.float())[:, :, q:q + h, q:q + w]
        return (x, torch.cat(stats, 1)) if return_stats else x

    def mac_per_pixel(self):
        k = lambda m, area: sum(p.numel() for p in m.parameters()) / area
        return (k(self.enter, 16) + k(self.down, 64) + sum(k(m, 64) for m in self.body) + k(self.up, 64)
                + k(self.merge, 16) + k(self.leave, 16) + k(self.smooth, 1))


class Predictor(nn.Module):
    """style (B,3,H,W) in 0..1, H and W >= 64 -> bottleneck (B,D).

    With `covariances` = K the last layers also see the covariances of K linear projections of every stage's channels (Li et al. 2019,
    arXiv:1808.04537): the style loss compares products of channels, which means and standard deviations do not determine.

    `removed`: number of channels that were always 0 and are no longer computed (prune.py). Their means and deviations are constants,
    which the layer norm and the last layers still see, so that the embedding stays the same."""

    def __init__(self, bottleneck=100, hidden=256, widths=(32, 64, 128, 192), covariances=0, removed=0):
        super().__init__()
        ins = (3, *widths[:-1])
        self.down = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in zip(ins, widths))
        self.same = nn.ModuleList(nn.Conv2d(o, o, 3, 1, 1) for o in widths)
        self._add_last_layers(bottleneck, hidden, widths, covariances, removed)

    def _add_last_layers(self, bottleneck, hidden, widths, covariances, removed=0):
        """What turns the stages, of `widths` channels, into an embedding."""
        self.removed = removed
        n = 2 * (3 + sum(widths) + removed)
        self.gain = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))
        self.hidden = nn.Linear(n, hidden)
        self.out = nn.Linear(hidden, bottleneck)
        self.covariances = covariances
        if covariances:
            n = len(widths) * covariances * (covariances + 1) // 2
            self.project = nn.ModuleList(nn.Conv2d(o, covariances, 1, bias=False) for o in widths)
            self.covariance_gain = nn.Parameter(torch.ones(n))
            self.covariance_hidden = nn.Linear(n, hidden, bias=False)
            nn.init.zeros_(self.covariance_hidden.weight)  # starts as the predictor without covariances

    @property
    def parts(self):
        """What an ensemble consists of; a predictor is an ensemble of one."""
        return [self]

    def channels(self):
        """-> of every stage."""
        return [len(layer.weight) for layer in self.down]

    def forward(self, x):
        return self.out(self.hidden_features(x))

    def stages(self, x):
        """x (B,3,H,W) in 0..1 -> the feature maps at 1/2, 1/4 .. of the resolution, one at a time."""
        x = x * 2 - 1
        for down, same in zip(self.down, self.same):
            x = F.relu(down(x))
            x = x + F.relu(same(x))
            yield x

    def statistics(self, x):
        """-> moments of picture and stages, and covariances of the projections, each after its layer norm without gain: (B,N), (B,M)."""
        stats, products = [moments(x * 2 - 1)], []
        for i, maps in enumerate(self.stages(x)):
            stats.append(moments(maps))
            if self.covariances:
                products.append(covariance(self.project[i](maps)))
        if self.removed:
            stats.append(moments(x.new_zeros(len(x), self.removed, 1, 1)))
        plain = lambda rows: F.layer_norm(v := torch.cat(rows, 1), v.shape[1:], None, None, EPS)
        return plain(stats), plain(products) if products else None

    def hidden_features(self, x):
        """-> activations of the last hidden layer (B,hidden)."""
        v, c = self.statistics(x)
        v = self.hidden(v * self.gain + self.bias)
        if self.covariances:
            v = v + self.covariance_hidden(c * self.covariance_gain)
        return F.relu(v)


class CompactPredictor(Predictor):
    """A predictor whose stages are those of the compact loss network (compact.py), which is not trained: style (B,3,H,W) -> (B,D).

    They stand for relu1_1 to relu5_1 of VGG-19, so that means and covariances hold what the style loss compares."""

    def __init__(self, bottleneck=100, hidden=256, covariances=32):
        nn.Module.__init__(self)
        self.trunk = compact.Compact().requires_grad_(False)
        del self.trunk.taps[compact.CONTENT]
        self._add_last_layers(bottleneck, hidden, self.channels(), covariances)

    def channels(self):
        return [compact.TAPS[name] for name in compact.STYLE]

    def stages(self, x):
        """x (B,3,H,W) in 0..1 -> the outputs at relu1_1 .. relu5_1, from full resolution to 1/16."""
        found = self.trunk(x)
        return (found[name] for name in compact.STYLE)


class Ensemble(nn.Module):
    """Several predictors whose embeddings are added: style (B,3,H,W) -> bottleneck (B,D).

    Predictors that were trained apart err apart, and the errors of their mean are smaller than those of either (ensemble.py)."""

    def __init__(self, parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, x):
        return self.out(self.hidden_features(x))

    def hidden_features(self, x):
        """-> activations of the last hidden layers (B, sum of hidden)."""
        return torch.cat([p.hidden_features(x) for p in self.parts], 1)

    def out(self, hidden):
        each = hidden.split([p.out.in_features for p in self.parts], 1)
        return sum(p.out(h) for p, h in zip(self.parts, each))


def make_part(bottleneck, hidden, part):
    """A predictor of an ensemble; `part`: further arguments of its class. With `compact` it is a CompactPredictor."""
    part = {'hidden': hidden, **part}
    return CompactPredictor(bottleneck, **part) if part.pop('compact', False) else Predictor(bottleneck, **part)


def moments(x):
    """Mean and standard deviation of every channel over the picture: (B,C,H,W) -> (B,2C)."""
    x = x.float()
    mu = x.mean((2, 3))
    var = (x.square().mean((2, 3)) - mu.square()).clamp_min(0)
    return torch.cat([mu, (var + EPS).sqrt()], 1)


def covariance(x):
    """Upper triangle of the channels' covariance, as signed square roots: (B,K,H,W) -> (B,K*(K+1)/2)."""
    x = x.float().flatten(2)
    x = x - x.mean(2, keepdim=True)
    c = torch.bmm(x, x.transpose(1, 2)) / x.shape[2]  # (B,K,K)
    c = c[:, *torch.triu_indices(c.shape[1], c.shape[1], device=c.device)]
    return c.sign() * (c.abs() + EPS).sqrt()


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
    """Replaces the predictor for a fixed set of styles: one learnt embedding per style, and a last one that gives any photo back.

    N styles are Dumoulin et al. 2017; a single one is Johnson et al. 2016 with instance norms. The last row is what strengths below 1
    begin at, where a predictor would read the photo."""

    def __init__(self, styles, bottleneck=100):
        super().__init__()
        self.rows = nn.Embedding(styles + 1, bottleneck)

    def forward(self, index):
        return self.rows(index)  # (B,), 0 .. number of styles -> (B,D)


class Networks(nn.Module):
    """Predictor (or table), head and transformer. `o`: table, width, half, blocks, bottleneck, hidden; covariances of the predictor, or
    `parts`, further arguments of each predictor of an ensemble."""

    def __init__(self, o, paintings):
        super().__init__()
        if getattr(o, 'shape', 'half') == 'patch':
            self.transformer = PatchTransformer(o.width, o.half, o.blocks, getattr(o, 'merge', 24), getattr(o, 'smooth', True))
        else:
            self.transformer = Transformer(o.width, o.half, o.blocks, getattr(o, 'dither', 0))
        # Defaults of checkpoints from before these were options.
        bottleneck, hidden = getattr(o, 'bottleneck', 100), getattr(o, 'hidden', 256)
        if o.table:
            self.predictor = StyleTable(paintings, bottleneck)
        elif parts := getattr(o, 'parts', None):
            self.predictor = Ensemble(make_part(bottleneck, hidden, part) for part in parts)
        else:
            self.predictor = Predictor(bottleneck, hidden, covariances=getattr(o, 'covariances', 0))
        self.head = Head(self.transformer.params, bottleneck)

    def forward(self, content, style, shift=None):
        """`shift`: of the noise of a patch transformer, in cells of 4 pixels.

        -> pastiche (B,3,H,W), hidden features of the predictor (B,hidden) or None with a table."""
        hidden = None if isinstance(self.predictor, StyleTable) else self.predictor.hidden_features(style)
        bottleneck = self.predictor(style) if hidden is None else self.predictor.out(hidden)
        seed = {'seed': self.transformer.seeded(*content.shape[2:], shift)} if shift else {}
        return self.transformer(content, self.head(bottleneck), **seed), hidden


def copy_embedding_size(o, saved):
    """Set the embedding size in `o`, the options of a second transformer, to that of the saved run whose predictor it uses."""
    o.bottleneck, o.hidden = saved['options'].get('bottleneck', 100), saved['options'].get('hidden', 256)
    o.covariances, o.parts = saved['options'].get('covariances', 0), saved['options'].get('parts')


def mac_per_pixel(t):
    """Multiply-accumulate operations of the transformer's convolutions per pixel of the picture."""
    if isinstance(t, PatchTransformer):
        return t.mac_per_pixel()
    k = lambda m, area: m.weight.numel() / area
    return (k(t.enter, 4) + k(t.down, 16) + sum(k(m, 16) for m in t.body) + k(t.up, 16)
            + k(t.merge, 4) + k(t.leave, 4) + k(t.smooth, 1))


def count(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())
