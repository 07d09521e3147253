#!/usr/bin/env python3
"""candidate_bench.py - peer_bench's ways of training, with the networks, losses and penalties of every unconditional candidate.

peer_bench.py times four networks of its own: its `dcgan` and `wgan-gp` have the generator of `sngan`, which does more
work than DCGAN's. Here every candidate of `ganselect list` is written in plain PyTorch, layer by layer as `ganselect` builds it, so
that a ratio of updates a second compares equal work. The loop, the execution modes, the timing and the output are peer_bench's own.

  candidate_bench.py --candidates list.json [--check rows.json] [peer_bench's options]

list.json   what `ganselect list --json` prints: losses, optimizers, critic steps and penalties are read from it
rows.json   holds this file's networks against `ganselect`'s, then exits: per candidate {"width": w, "parameters_g": n, "parameters_d": n,
            "loss_d": x}, loss_d the mean over the first steps; parameter counts must be equal, first losses within a tenth
"""
import argparse, json, math, sys
from collections import namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize

import peer_bench as pb

FIELDS = "clip decay rmsprop points divergence parameters sn latent name bn_g"
Cfg = namedtuple("Cfg", pb.Cfg._fields + tuple(FIELDS.split()))
LATENT = {"fc": 100, "conv-deconv": 100, "dcgan": 100, "sngan-cnn": 128, "resnet": 128}
POINTS = {"gradient-penalty": "between", "dragan": "around", "r1": "real", "r1+r2": "both"}  # where a penalty takes gradients


def config(row):
    """Of one row of `ganselect list --json`."""
    o, penalties = row["optimizer"], row["penalty_parameters"]
    points = next((POINTS[r] for r in row["regularization"] if r in POINTS), None)
    return Cfg(loss=row["loss"], n_dis=row["n_critic"], lr=o["lr"], betas=tuple(default if b is None else b for b, default in ((o["beta1"], 0.5), (o["beta2"], 0.999))), bn_d=row["batch_norm_d"],
               arch=row["architecture"], gp=penalties["r1_gamma"] if points in ("real", "both") else penalties["gradient_penalty_weight"],
               clip=penalties["clip"] if "weight-clip" in row["regularization"] else None, decay=o["weight_decay"],
               rmsprop=o["kind"] == "rmsprop", points=points, divergence=row["divergence"],
               parameters={**row["loss_parameters"], "dragan_noise": penalties["dragan_noise"]},
               sn="spectral-norm" in row["regularization"], latent=LATENT[row["architecture"]], name=row["name"], bn_g=row["batch_norm_g"])


# ---------------------------------------------------------------- networks
class Maxout(nn.Module):
    def __init__(self, i, units, pieces):
        super().__init__()
        self.linear, self.pieces = nn.Linear(i, units * pieces), pieces
    def forward(self, x): return self.linear(x).view(x.shape[0], -1, self.pieces).max(2).values

def dcgan_G(w, bn):      # linear 4x4x8w, three 4x4 s2 deconvs (4w, 2w, 3) to 32x32, tanh
    L = [nn.Linear(100, 8 * w * 16, bias=not bn), pb.View(8 * w, 4, 4)] + ([nn.BatchNorm2d(8 * w)] if bn else []) + [nn.ReLU(True)]
    for i, o in ((8, 4), (4, 2)):
        L += [nn.ConvTranspose2d(i * w, o * w, 4, 2, 1, bias=not bn)] + ([nn.BatchNorm2d(o * w)] if bn else []) + [nn.ReLU(True)]
    return nn.Sequential(*L, nn.ConvTranspose2d(2 * w, 3, 4, 2, 1), nn.Tanh())

def fc_pair(w):
    g, d = round(1200 * w / 64), round(240 * w / 64)
    G = nn.Sequential(nn.Linear(100, g), nn.ReLU(True), nn.Linear(g, g), nn.ReLU(True), nn.Linear(g, 3072), nn.Tanh(), pb.View(3, 32, 32))
    return G, nn.Sequential(nn.Flatten(), Maxout(3072, d, 5), nn.Dropout(), Maxout(d, d, 5), nn.Dropout(), nn.Linear(d, 1))

def weights(module):
    for m in module.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            yield m, m.parametrizations.weight.original if parametrize.is_parametrized(m) else m.weight

def initialize(cfg, G, D):   # the candidates' laws; biases start at 0
    for net in (G, D):
        for m, w in weights(net):
            if m.bias is not None: nn.init.zeros_(m.bias)
            if cfg.arch == "fc": nn.init.uniform_(w, *((-0.05, 0.05) if net is G else (-0.005, 0.005)))
            elif cfg.arch == "resnet": nn.init.xavier_uniform_(w, math.sqrt(2) if w.dim() == 4 and w.shape[2] == 3 and w.shape[0] > 3 else 1.0)
            else: nn.init.normal_(w, 0.0, 0.02)
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d) and cfg.arch == "dcgan": nn.init.normal_(m.weight, 1.0, 0.02)

def build(cfg, w):
    if cfg.arch == "fc": G, D = fc_pair(w)
    elif cfg.arch in ("dcgan", "conv-deconv"): G, D = dcgan_G(w, cfg.bn_g), pb.dcgan_D(w, cfg.bn_d)
    else: G, D = PLAIN_BUILD(cfg._replace(arch="sncnn" if cfg.arch == "sngan-cnn" else "resnet"), w)
    for m in D.modules():    # peer_bench normalizes these two critics always
        if not cfg.sn and parametrize.is_parametrized(m): parametrize.remove_parametrizations(m, "weight")
    initialize(cfg, G, D)
    return G, D

# ---------------------------------------------------------------- losses: (critic's, generator's) of r = D(real), o = D(fake)
sp, relu = F.softplus, F.relu
F_DIVERGENCES = {  # activation g(v), and its conjugate f*(g(v))
    "kl": (lambda v: v, lambda v: (v - 1).exp()), "reverse-kl": (lambda v: -(-v).exp(), lambda v: v - 1),
    "pearson": (lambda v: v, lambda v: v ** 2 / 4 + v), "squared-hellinger": (lambda v: -torch.expm1(-v), torch.expm1),
    "jensen-shannon": (lambda v: math.log(2) + F.logsigmoid(v), lambda v: sp(v) - math.log(2)), "gan": (F.logsigmoid, sp)}

def losses_of(cfg):
    p = cfg.parameters
    up = lambda r, o: -o.mean()
    pair = lambda d: (d, lambda r, o: d(o, r))      # both sides play the same game with roles swapped
    if cfg.loss == "f-divergence":
        g, c = F_DIVERGENCES[cfg.divergence]
        return lambda r, o: c(o).mean() - g(r).mean(), lambda r, o: -g(o).mean()
    return {
        "non-saturating": (lambda r, o: sp(-r).mean() + sp(o).mean(), lambda r, o: sp(-o).mean()),
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

class Trainer(pb.Trainer):
    def __init__(self, cfg, *args, **kwargs):
        super().__init__(cfg, *args, **kwargs)
        self.d_side, self.g_side = losses_of(cfg)
        if self.dev.type == "meta": return
        if cfg.rmsprop:
            kw = dict(lr=cfg.lr, **(dict(capturable=True) if kwargs.get("capturable") else {}))
            self.opt_d, self.opt_g = (torch.optim.RMSprop(n.parameters(), **kw) for n in (self.D, self.G))
        if cfg.decay:
            for group in self.opt_d.param_groups: group["weight_decay"] = cfg.decay
        if cfg.clip: self.opt_d.register_step_post_hook(self.clip)
    def clip(self, *_):
        for p in self.D.parameters(): p.data.clamp_(-self.cfg.clip, self.cfg.clip)
    def noise(self): return torch.randn(self.B, self.cfg.latent, device=self.dev)
    def input_gradient(self, x):
        if self.func_gp: return torch.func.grad(lambda t: self.D(t).float().sum())(x).float().flatten(1)
        x = x.detach().requires_grad_(True)
        return torch.autograd.grad(self.D(x).float().sum(), x, create_graph=True)[0].float().flatten(1)
    def penalty(self, x, f):
        if self.cfg.points in ("real", "both"):
            at = (x, f) if self.cfg.points == "both" else (x,)
            return 0.5 * sum(self.input_gradient(t).square().sum(1).mean() for t in at)
        if self.cfg.points == "between": xh = torch.lerp(f, x, torch.rand(self.B, 1, 1, 1, device=self.dev))
        else: xh = x + self.cfg.parameters["dragan_noise"] * x.std(correction=0) * torch.rand_like(x)
        return (self.input_gradient(xh).norm(2, dim=1) - 1).square().mean()
    def d_loss(self, rows):
        x, z = self.real(rows), self.noise()
        with self.autocast():
            with torch.no_grad(): f = self.G(z).float()
            if self.concat: r, o = self.D(torch.cat([x, f])).float().chunk(2)
            else: r, o = self.D(x).float(), self.D(f).float()
            margin = ()
            if "loss-sensitive" in self.cfg.loss: margin = (self.cfg.parameters["margin_weight"] * 4 * (x - f).abs().flatten(1).sum(1)[:, None],)
            loss = self.d_side(r, o, *margin)
            if self.cfg.points: loss = loss + self.cfg.gp * self.penalty(x, f)
        return loss
    def g_loss(self):
        z, r = self.noise(), None
        with self.autocast():
            if "relativistic" in self.cfg.loss:
                with torch.no_grad(): r = self.D(self.real(self.draw())).float()
            o = self.D(self.G(z)).float()
        return self.g_side(r, o), z[0, 0]

PLAIN_BUILD, pb.build, pb.Trainer = pb.build, build, Trainer

def check(path):
    data, wrong = pb.make_data(256, "cpu"), 0
    for name, row in json.load(open(path)).items():
        cfg, w = pb.CONFIGS[name], round(64 * row["width"])
        counts, first = None, []
        for seed in range(3):
            torch.manual_seed(seed)
            t = Trainer(cfg, 64, w, "cpu", data)
            counts = [sum(p.numel() for p in n.parameters()) for n in (t.G, t.D)]
            for _ in range(cfg.n_dis):       # the program's figure is the mean over the first iteration's critic updates
                t.D.zero_grad(set_to_none=True)
                loss = t.d_loss(t.draw()); loss.backward(); t.opt_d.step()
                first.append(loss.item())
        loss = sum(first) / len(first)
        ok = counts == [row["parameters_g"], row["parameters_d"]] and abs(loss - row["loss_d"]) <= 0.1 * max(1, abs(loss))
        wrong += not ok
        print(f"{'ok   ' if ok else 'WRONG'} {name}: parameters {counts}, first critic loss {loss:.4f}, there {row['loss_d']:.4f}")
    return 1 if wrong else 0

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False)
    p.add_argument("--candidates", required=True); p.add_argument("--check")
    own, rest = p.parse_known_args()
    pb.CONFIGS = {c["name"]: config(c) for c in json.load(open(own.candidates)) if not c.get("conditioning") and c["architecture"] in LATENT}
    if own.check: return check(own.check)
    sys.argv[1:] = rest
    return pb.main()

if __name__ == "__main__":
    sys.exit(main())
