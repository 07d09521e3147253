#!/usr/bin/env python3
"""candidate_bench.py - peer_bench's ways of training, with the networks, losses, penalties and optimizers of every unconditional candidate.

peer_bench.py times four networks of its own: its `dcgan` and `wgan-gp` have the generator of `sngan`, which does more
work than DCGAN's. Here every candidate of `ganselect list` is written in plain PyTorch, layer by layer as `ganselect` builds it, so
that a ratio of updates a second compares equal work. The execution modes, the timing and the output are peer_bench's own.

  candidate_bench.py --candidates list.json [--check rows.json] [peer_bench's options]

list.json   what `ganselect list --json` prints: losses, optimizers, critic steps and penalties are read from it; without --batch, batches too
rows.json   holds this file's networks against `ganselect`'s, then exits: {"images": raw bytes of 32x32x3 images, "candidates": {name: {"width": w,
            "parameters_g": n, "parameters_d": n, "loss_d": [x, ...]}}}, loss_d of each seed the mean over the first critic steps; parameter
            counts must be equal, mean first losses within a tenth and three standard errors
"""
import argparse, json, math, statistics, sys
from collections import namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize

import peer_bench as pb

# row: the candidate in list.json; n_dis: critic updates per generator update, below 1 where each serves several
Cfg = namedtuple("Cfg", pb.Cfg._fields + ("row", "points", "sn", "pack", "latent", "own_batch"))
LATENT = {"fc": 100, "maxout-conv": 100, "conv-deconv": 100, "dcgan": 100, "sngan-cnn": 128, "gp-cnn": 128, "resnet": 128, "gp-resnet": 128}
POINTS = {"gradient-penalty": "between", "dragan": "around", "r1": "real", "r1+r2": "both"}  # where a penalty takes gradients


def config(row, own_batch=False):
    """Of one row of `ganselect list --json`."""
    o, penalties, named = row["optimizer"], row["penalty_parameters"], row["regularization"]
    points = next((POINTS[r] for r in named if r in POINTS), None)
    return Cfg(loss=row["loss"], n_dis=row["n_critic"] if row["n_gen"] == 1 else 1 / row["n_gen"], lr=o["lr"], betas=(o["beta1"] or 0.5, o["beta2"] or 0.999),
               bn_d=row["batch_norm_d"], arch=row["architecture"], gp=penalties["r1_gamma" if points in ("real", "both") else "gradient_penalty_weight"],
               row=row, points=points, sn="spectral-norm" in named, pack=max([int(r[4:]) for r in named if r.startswith("pack")], default=1),
               latent=LATENT[row["architecture"]], own_batch=own_batch)


# ---------------------------------------------------------------- networks; n(c) of c channels as published, k channels that the critic sees
class Maxout(nn.Module):
    def __init__(self, pieces): super().__init__(); self.pieces = pieces
    def forward(self, x): return x.unflatten(1, (-1, self.pieces)).max(2).values

class MinusReLU(nn.Module):
    def forward(self, x): return -F.relu(x)

class MeanPool(nn.Module):
    def forward(self, x): return F.relu(x).mean((2, 3))

def deconvs(channels, kernel, bn, bias):     # stride 2 from each to the next; all but the last are rectified
    L = []
    for i, o in zip(channels, channels[1:]):
        L += [nn.ConvTranspose2d(i, o, kernel, 2, (kernel - 1) // 2, kernel % 2, bias=bias)] + ([nn.BatchNorm2d(o)] if bn else []) + [nn.ReLU(True)]
    return L[:-2 if bn else -1] + [nn.Tanh()]

def convs(k, plan, slope, bn=False):         # plan: (channels, kernel, stride) of each layer
    L = []
    for o, kernel, stride in plan:
        L += [nn.Conv2d(k, o, kernel, stride, (kernel - 1) // 2, bias=not bn)] + ([nn.BatchNorm2d(o)] if bn and L else []) + [nn.LeakyReLU(slope, True)]
        k = o
    return L + [nn.Flatten()]

def fc_pair(n, k, _):
    g, d = n(1200), n(240)
    G = nn.Sequential(nn.Linear(100, g), nn.ReLU(True), nn.Linear(g, g), nn.ReLU(True), nn.Linear(g, 3072), nn.Tanh(), pb.View(3, 32, 32))
    return G, nn.Sequential(nn.Flatten(), nn.Linear(k * 1024, d * 5), Maxout(5), nn.Dropout(), nn.Linear(d, d * 5), Maxout(5), nn.Dropout(), nn.Linear(d, 1))

def maxout_conv_pair(n, k, _):
    g, grid, top, L = n(8000), n(80), n(500), []
    G = nn.Sequential(nn.Linear(100, g), nn.ReLU(True), nn.Linear(g, grid * 100), nn.Sigmoid(), pb.View(grid, 10, 10),
                      nn.ConvTranspose2d(grid, 3, 5, 3), nn.Tanh())
    for o, kernel, padding, pool in ((n(32), 8, 4, 4), (n(32), 8, 3, 4), (n(192), 5, 3, 2)):
        L += [nn.Conv2d(k, o * 2, kernel, 1, padding), Maxout(2), nn.MaxPool2d(pool, 2, ceil_mode=True), nn.Dropout()]
        k = o
    return G, nn.Sequential(*L, nn.Flatten(), nn.Linear(k * 25, top * 5), Maxout(5), nn.Dropout(), nn.Linear(top, 1))

def dcgan_pair(n, k, row):                   # also conv-deconv; with batch norm no layer has a bias
    bn, bn_d, c = row["batch_norm_g"], row["batch_norm_d"], n(512)
    first = [nn.Linear(100, c * 16, bias=not bn), pb.View(c, 4, 4)] + ([nn.BatchNorm2d(c)] if bn else []) + [nn.ReLU(True)]
    D = convs(k, [(n(o), 4, 2) for o in (64, 128, 256, 512)], 0.2, bn_d)
    return nn.Sequential(*first, *deconvs([c, n(256), n(128), 3], 4, bn, not bn)), nn.Sequential(*D, nn.Linear(c * 4, 1, bias=not bn_d))

def sngan_pair(n, k, _):
    plan = [(n(o), kernel, stride) for o in (64, 128, 256) for kernel, stride in ((3, 1), (4, 2))] + [(n(512), 3, 1)]
    return pb.cnn_G(n(64), False), nn.Sequential(*convs(k, plan, 0.1), nn.Linear(n(512) * 16, 1))

def gp_cnn_pair(n, k, _):                    # the first batch norm is of each unit: the code reshapes after it
    c = n(512)
    first = [nn.Linear(128, c * 16), nn.BatchNorm1d(c * 16), nn.ReLU(True), pb.View(c, 4, 4)]
    D = convs(k, [(n(o), 5, 2) for o in (128, 256, 512)], 0.2)
    return nn.Sequential(*first, *deconvs([c, n(256), n(128), 3], 5, True, True)), nn.Sequential(*D, nn.Linear(c * 16, 1))

def resnet_pair(n, k, row):
    miyato, d = row["architecture"] == "resnet", n(128)
    g = n(256) if miyato else d
    G = nn.Sequential(nn.Linear(128, g * 16), pb.View(g, 4, 4), pb.GBlock(g), pb.GBlock(g), pb.GBlock(g), nn.BatchNorm2d(g), nn.ReLU(True),
                      nn.Conv2d(g, 3, 3, 1, 1), nn.Tanh())
    D = [pb.DBlock(k, d, True, True), pb.DBlock(d, d, True), pb.DBlock(d, d, False), pb.DBlock(d, d, False)]
    return G, nn.Sequential(*D, pb.SumPool() if miyato else MeanPool(), nn.Linear(d, 1, bias=not miyato))

PAIRS = {"fc": fc_pair, "maxout-conv": maxout_conv_pair, "conv-deconv": dcgan_pair, "dcgan": dcgan_pair, "sngan-cnn": sngan_pair, "gp-cnn": gp_cnn_pair,
         "resnet": resnet_pair, "gp-resnet": resnet_pair}

def networks(cfg, w):    # w: what 64 channels of the published networks become
    G, D = PAIRS[cfg.arch](lambda c: max(1, int(c * w / 64 + 0.5)), 3 * cfg.pack, cfg.row)
    if cfg.row["input_dropout"]: D.insert(0, nn.Dropout(cfg.row["input_dropout"]))
    if cfg.row["critic_output"] == "relu": D.append(MinusReLU())
    return G, D

def layers(net): return [m for m in net.modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]

def weight(m): return m.parametrizations.weight.original if parametrize.is_parametrized(m) else m.weight

# ---------------------------------------------------------------- first weights
def law(cfg, m, critic):     # (law, its parameter) at width 1, of the layer m of the published network
    linear, he = isinstance(m, nn.Linear), math.sqrt(2)
    if linear and cfg.row["torch_linear_init"]: return "fan-in", 1.0
    if "resnet" in cfg.arch: return "glorot", he if not linear and m.kernel_size == (3, 3) and m.out_channels > 3 else 1.0
    if cfg.arch == "gp-cnn" or critic and cfg.points and not cfg.sn: return "strided", 1.0 if linear else he
    if cfg.arch in ("fc", "maxout-conv"): return "uniform", 0.005 if critic else 0.05
    return "normal", 0.02

def fans(m, strided):        # numbers that meet one number of the layer's input and output; of a strided side those of its average place
    if isinstance(m, nn.Linear): return m.in_features, m.out_features
    taps, places = m.kernel_size[0] ** 2, m.stride[0] ** 2 if strided else 1
    i, o = m.in_channels * taps, m.out_channels * taps
    return (i / places, o) if isinstance(m, nn.ConvTranspose2d) else (i, o / places)

def normalized(net):         # the layers of a sequence that batch norm follows
    parts = [m for m in net if not isinstance(m, pb.View)]
    return {m for m, after in zip(parts, parts[1:]) if isinstance(after, (nn.BatchNorm1d, nn.BatchNorm2d))}

def gain_of(m, published):   # the root of how many times fewer inputs there are, which keeps the size of signals
    return math.sqrt(fans(published, False)[0] / fans(m, False)[0])

def initialize_layer(cfg, m, published, critic, gain):       # deviations are width 1's times the gain
    name, scale = law(cfg, published, critic)
    fan_in, fan_out = fans(published, name == "strided")
    bound = {"glorot": scale * math.sqrt(6 / (fan_in + fan_out)), "fan-in": scale / math.sqrt(fan_in)}
    bound["strided"] = bound["glorot"]
    if name == "normal": nn.init.normal_(weight(m), 0.0, scale * gain)
    else: nn.init.uniform_(weight(m), -bound.get(name, scale) * gain, bound.get(name, scale) * gain)
    if m.bias is not None: nn.init.uniform_(m.bias, -bound["fan-in"], bound["fan-in"]) if name == "fan-in" else nn.init.zeros_(m.bias)

def build(cfg, w):
    G, D = networks(cfg, w)
    with torch.device("meta"): published = networks(cfg, 64)
    if cfg.sn:
        for m in layers(D)[:None if cfg.row["spectral_norm_last"] else -1]: SPECTRAL_NORM(m)
    for net, full in zip((G, D), published):
        steady = normalized(net) | {m for m in layers(net) if parametrize.is_parametrized(m)}   # their scale does not matter
        for m, as_published in zip(layers(net), layers(full)):
            initialize_layer(cfg, m, as_published, net is D, 1.0 if m in steady else gain_of(m, as_published))
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d) and cfg.arch == "dcgan": nn.init.normal_(m.weight, 1.0, 0.02)
    return G, D

# ---------------------------------------------------------------- differentiable augmentation, as its published code goes about it
def draw_factor(x, low, high): return torch.rand(x.shape[0], 1, 1, 1, device=x.device) * (high - low) + low

def rand_brightness(x): return x + draw_factor(x, -0.5, 0.5)

def rand_saturation(x):
    grey = x.mean(1, keepdim=True)
    return (x - grey) * draw_factor(x, 0.0, 2.0) + grey

def rand_contrast(x):
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * draw_factor(x, 0.5, 1.5) + mean

def index_grid(x, side):     # sample, row, column, each (N, side, side)
    places = torch.arange(side, device=x.device)
    return torch.meshgrid(torch.arange(x.shape[0], device=x.device), places, places, indexing="ij")

def whole(x, low, high): return torch.randint(low, high + 1, (x.shape[0], 1, 1), device=x.device)

def rand_translation(x):     # by up to an eighth, zeros coming in from a border of one pixel
    size = x.shape[2]
    reach = int(size * 0.125 + 0.5)
    sample, row, column = index_grid(x, size)
    row, column = ((p + whole(x, -reach, reach) + 1).clamp(0, size + 1) for p in (row, column))
    return F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1).contiguous()[sample, row, column].permute(0, 3, 1, 2)

def rand_cutout(x):          # a square of half the side, which may lie over the border
    size = x.shape[2]
    side = int(size * 0.5 + 0.5)
    sample, row, column = index_grid(x, side)
    row, column = ((p + whole(x, 0, size - side % 2) - side // 2).clamp(0, size - 1) for p in (row, column))
    mask = torch.ones(x.shape[0], size, size, device=x.device)
    mask[sample, row, column] = 0
    return x * mask[:, None]

def diffaugment(x):
    for change in (rand_brightness, rand_saturation, rand_contrast, rand_translation, rand_cutout): x = change(x)
    return x.contiguous()

# ---------------------------------------------------------------- losses: (critic's, generator's) of r = D(real), o = D(fake)
sp, relu = F.softplus, F.relu
F_DIVERGENCES = {  # activation g(v), and its conjugate f*(g(v))
    "kl": (lambda v: v, lambda v: (v - 1).exp()), "reverse-kl": (lambda v: -(-v).exp(), lambda v: v - 1),
    "pearson": (lambda v: v, lambda v: v ** 2 / 4 + v), "squared-hellinger": (lambda v: -torch.expm1(-v), torch.expm1),
    "jensen-shannon": (lambda v: math.log(2) + F.logsigmoid(v), lambda v: sp(v) - math.log(2)), "gan": (F.logsigmoid, sp)}

def losses_of(cfg):
    p = cfg.row["loss_parameters"]
    up = lambda r, o: -o.mean()
    pair = lambda d: (d, lambda r, o: d(o, r))      # both sides play the same game with roles swapped
    logistic = lambda r, o: sp(-r).mean() + sp(o).mean()
    if cfg.loss == "f-divergence":
        g, c = F_DIVERGENCES[cfg.row["divergence"]]
        return lambda r, o: c(o).mean() - g(r).mean(), lambda r, o: -g(o).mean()
    return {
        "minimax": (logistic, lambda r, o: -sp(o).mean()),
        "non-saturating": (logistic, lambda r, o: sp(-o).mean()),
        "wasserstein": (lambda r, o: o.mean() - r.mean(), up),
        "hinge": (lambda r, o: relu(1 - r).mean() + relu(1 + o).mean(), up),
        "least-squares": (lambda r, o: 0.5 * ((r - p["least_squares_b"]) ** 2).mean() + 0.5 * ((o - p["least_squares_a"]) ** 2).mean(),
                          lambda r, o: 0.5 * ((o - p["least_squares_c"]) ** 2).mean()),
        "relativistic": pair(lambda r, o: sp(o - r).mean()),
        "relativistic-average": pair(lambda r, o: sp(o.mean() - r).mean() + sp(o - r.mean()).mean()),
        "relativistic-least-squares": pair(lambda r, o: ((r - o - 1) ** 2).mean()),
        "relativistic-average-least-squares": pair(lambda r, o: ((r - o.mean() - 1) ** 2).mean() + ((o - r.mean() + 1) ** 2).mean()),
        "relativistic-average-hinge": pair(lambda r, o: relu(1 - r + o.mean()).mean() + relu(1 + o - r.mean()).mean()),
        "loss-sensitive": (lambda r, o, m: relu(m - r + o).mean(), up),
        "generalized-loss-sensitive": (lambda r, o, m: F.leaky_relu(m - r + o, p["gls_slope"]).mean(), up),
    }[cfg.loss]

# ---------------------------------------------------------------- optimizers
def groups_of(cfg, net, critic):     # decay is the critic's alone
    o, parameters = cfg.row["optimizer"], list(net.parameters())
    if not critic or not o["weight_decay"]: return parameters
    last = weight(layers(net)[-1])
    decayed = parameters if o["weight_decay_scope"] == "all" else [last]
    rest = [p for p in parameters if all(p is not q for q in decayed)]
    return [{"params": decayed, "weight_decay": o["weight_decay"]}] + ([{"params": rest}] if rest else [])

def optimizer(cfg, net, critic, fused, capturable):
    o, groups = cfg.row["optimizer"], groups_of(cfg, net, critic)
    lr, kw = o["lr"] * (o["lr_factor_d"] if critic else 1.0), {"capturable": True} if capturable else {}
    if o["kind"] == "rmsprop": return torch.optim.RMSprop(groups, lr=lr, **kw)
    if fused: kw["fused"] = True
    if o["kind"] == "adam": return torch.optim.Adam(groups, lr=lr, betas=cfg.betas, **kw)
    kw.pop("capturable", None)       # torch's velocity is -1/lr times the candidates'
    return torch.optim.SGD(groups, lr=lr, momentum=o["momentum"], **kw)

def rate_law(o, lr):     # factor on the rate after t generator updates
    if o["lr_schedule"] == "linear": return lambda t: max(0.0, 1.0 - t / o["lr_decay_steps"])
    return lambda t: max(o["lr_min"] / lr, o["lr_decay_factor"] ** -t)

class Schedules:         # of learning rates and momentum; in a captured graph they stand still
    def __init__(self, o, optimizers):
        self.o, self.optimizers, self.updates = o, optimizers, 0
        falling = o["lr_schedule"] != "constant"
        self.rates = [torch.optim.lr_scheduler.LambdaLR(opt, rate_law(o, opt.param_groups[0]["lr"])) for opt in optimizers if falling]
    def step(self):
        self.updates += 1
        for rate in self.rates: rate.step()
        if not self.o["momentum_steps"]: return
        momentum = self.o["momentum"] + (self.o["momentum_final"] - self.o["momentum"]) * min(1.0, self.updates / self.o["momentum_steps"])
        for opt in self.optimizers:
            for group in opt.param_groups: group["momentum"] = momentum

# ---------------------------------------------------------------- one iteration: n_critic critic updates and one generator update, or one and n_gen
class Trainer(pb.Trainer):
    def __init__(self, cfg, batch, width, device, data, precision="fp32", channels_last=False, fused=False, concat=False, capturable=False, func_gp=False):
        super().__init__(cfg, batch, width, device, data, precision, channels_last, concat=concat, func_gp=func_gp)
        self.d_side, self.g_side = losses_of(cfg)
        self.batch_g = cfg.row["batch_g"] if cfg.own_batch else batch
        self.relativistic, self.augments = "relativistic" in cfg.loss, "diffaugment" in cfg.row["regularization"]
        if self.dev.type == "meta": return
        self.opt_d, self.opt_g = optimizer(cfg, self.D, True, fused, capturable), optimizer(cfg, self.G, False, fused, capturable)
        self.schedules = Schedules(cfg.row["optimizer"], (self.opt_d, self.opt_g))
        if "weight-clip" in cfg.row["regularization"]: self.opt_d.register_step_post_hook(self.clip)
    def clip(self, *_):
        bound = self.cfg.row["penalty_parameters"]["clip"]
        for p in self.D.parameters(): p.data.clamp_(-bound, bound)
    def noise(self, n):
        bound = self.cfg.row["latent_bound"]
        if bound is None: return torch.randn(n, self.cfg.latent, device=self.dev)
        return torch.rand(n, self.cfg.latent, device=self.dev) * (2 * bound) - bound
    def draw(self, n=None): return self.data.index_select(0, torch.randint(0, self.data.shape[0], (n or self.B,), device=self.dev))
    def real(self, rows):
        x = rows.view(-1, 32, 32, 3).permute(0, 3, 1, 2) if self.cl else rows.view(-1, 3, 32, 32)
        if self.cfg.row["dequantize"]: return (x.float() + torch.rand(x.shape, device=self.dev)) * (1 / 128) - 1.0
        return x.float() * (1 / 127.5) - 1.0
    def shown(self, x):      # what the critic sees of samples
        if self.augments: x = diffaugment(x)
        return x.reshape(-1, 3 * self.cfg.pack, 32, 32) if self.cfg.pack > 1 else x
    def input_gradient(self, x):
        if self.func_gp: return torch.func.grad(lambda t: self.D(t).float().sum())(x).float().flatten(1)
        x = x.detach().requires_grad_(True)
        return torch.autograd.grad(self.D(x).float().sum(), x, create_graph=True)[0].float().flatten(1)
    def penalty(self, x, f):
        if self.cfg.points in ("real", "both"):
            at = (x, f) if self.cfg.points == "both" else (x,)
            return 0.5 * sum(self.input_gradient(t).square().sum(1).mean() for t in at)
        share = torch.rand(x.shape[0], 1, 1, 1, device=self.dev)
        if self.cfg.points == "between": xh = torch.lerp(f, x, share)
        else: xh = x + self.cfg.row["penalty_parameters"]["dragan_noise"] * x.std(correction=0) * share * torch.rand_like(x)
        return (self.input_gradient(xh).norm(2, dim=1) - 1).square().mean()
    def margin(self, x, f):  # of each pair, per image of 64x64x3
        if "loss-sensitive" not in self.cfg.loss: return ()
        return (self.cfg.row["loss_parameters"]["margin_weight"] * 3 * 64 * 64 * (x - f).abs().flatten(1).mean(1)[:, None],)
    def d_loss(self, rows):
        with self.autocast():
            with torch.no_grad(): x, f = self.shown(self.real(rows)), self.shown(self.G(self.noise(self.B)).float())
            if self.concat: r, o = self.D(torch.cat([x, f])).float().chunk(2)
            else: r, o = self.D(x).float(), self.D(f).float()
            loss = self.d_side(r, o, *self.margin(x, f))
            if self.cfg.points: loss = loss + self.cfg.gp * self.penalty(x, f)
        return loss
    def g_loss(self, rows=None):
        z, r = self.noise(self.batch_g), None
        with self.autocast():
            if rows is not None:
                with torch.no_grad(): r = self.D(self.shown(self.real(rows))).float()
            o = self.D(self.shown(self.G(z))).float()
        return self.g_side(r, o), z[0, 0]
    def update_critic(self, step):
        self.D.zero_grad(set_to_none=True); self.mark()
        loss = self.d_fn(self.draw()); loss.backward()
        if step: self.opt_d.step()
        return loss.detach()
    def update_generator(self, step):
        self.G.zero_grad(set_to_none=True); self.mark()
        loss, z0 = self.g_fn(*((self.draw(self.batch_g),) if self.relativistic else ())); loss.backward()
        if step: self.opt_g.step(); self.schedules.step()
        return loss.detach(), z0.detach()
    def iteration(self, step=True):
        self.D.requires_grad_(True)
        for _ in range(self.cfg.row["n_critic"]): loss = self.update_critic(step)
        self.log[0].copy_(loss)
        self.D.requires_grad_(False)                 # no weight gradients for D in the G step
        for _ in range(self.cfg.row["n_gen"]): loss, z0 = self.update_generator(step)
        self.log[1].copy_(loss); self.log[2].copy_(z0)

# ---------------------------------------------------------------- peer_bench's own parts, of a generator update where an iteration has several
SPECTRAL_NORM, pb.sn = pb.sn, lambda m: m            # build() normalizes what there is to normalize
PLAIN = {name: getattr(pb, name) for name in ("bench", "prepare", "measure", "flops_of")}

def bench(name, mode, a, data):
    if pb.CONFIGS[name].own_batch: a.batch = pb.CONFIGS[name].row["batch"]
    return PLAIN["bench"](name, mode, a, data)

def prepare(name, *args):
    step, t, remarks = PLAIN["prepare"](name, *args)
    def counted(): step()
    counted.updates = t.cfg.row["n_gen"]
    return counted, t, remarks

def measure(step, *args):
    rates, n = PLAIN["measure"](step, *args)
    return [rate * step.updates for rate in rates], n

def flops_of(cfg, batch, width): return PLAIN["flops_of"](cfg, batch, width) // cfg.row["n_gen"]

for part in (build, Trainer, bench, prepare, measure, flops_of): setattr(pb, part.__name__, part)

def first_losses(cfg, w, data, seeds):       # parameter counts, and of each seed the mean loss of the first iteration's critic updates
    losses = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        t = Trainer(cfg, cfg.row["batch"], w, "cpu", data)
        losses.append(statistics.mean(t.update_critic(True).item() for _ in range(cfg.row["n_critic"])))
    return [sum(p.numel() for p in net.parameters()) for net in (t.G, t.D)], losses

def check(path):
    torch.set_num_threads(1)                 # as the program's figures
    rows, wrong = json.load(open(path)), 0
    data = torch.frombuffer(bytearray(open(rows["images"], "rb").read()), dtype=torch.uint8).view(-1, 3072)
    for name, row in rows["candidates"].items():
        there = row["loss_d"]
        counts, here = first_losses(pb.CONFIGS[name], round(64 * row["width"]), data, len(there))
        mean, mean_there = statistics.mean(here), statistics.mean(there)
        error = math.sqrt((statistics.variance(here) + statistics.variance(there)) / len(there))
        ok = counts == [row["parameters_g"], row["parameters_d"]] and abs(mean - mean_there) <= 0.1 * max(1, abs(mean)) + 3 * error
        wrong += not ok
        print(f"{'ok   ' if ok else 'WRONG'} {name}: parameters {counts}, first critic loss {mean:.4f}, there {mean_there:.4f} (+- {error:.4f})")
    return 1 if wrong else 0

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False)
    p.add_argument("--candidates", required=True); p.add_argument("--check")
    own, rest = p.parse_known_args()
    own_batch = not any(word.split("=")[0] == "--batch" for word in rest)
    pb.CONFIGS = {c["name"]: config(c, own_batch) for c in json.load(open(own.candidates)) if not c.get("conditioning") and c["architecture"] in LATENT}
    if own.check: return check(own.check)
    sys.argv[1:] = rest
    return pb.main()

if __name__ == "__main__":
    sys.exit(main())
