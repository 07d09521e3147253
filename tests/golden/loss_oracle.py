#!/usr/bin/env python3
"""Writes tests/golden/loss_oracle.json: critic scores in, losses and gradients out.

Independent of the C++ code: every loss is written here as its paper prints it (sigmoids and logarithms, sums over the
batch, the conjugate from its definition f*(t) = u t - f(u) at f'(u) = t) and evaluated with 220 digits, so that no stable
form is needed. Gradients are central differences with a step of 1e-60, exact to far more digits than are written.

usage: tests/golden/loss_oracle.py [--check] [FILE]     (needs Python 3.9 or later and mpmath)
"""
import json
import pathlib
import sys

from mpmath import e, exp, log, mp, mpf, nstr, sqrt

mp.dps = 220
STEP = mpf(10) ** -60


def sigmoid(v):
    return 1 / (1 + exp(-v))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def leaky(v, slope):
    return v if v > 0 else slope * v


# Each pair: critic(real, fake, margin, p) and generator(real, fake, margin, p).
def minimax_d(r, f, m, p):
    return -mean(log(sigmoid(x)) for x in r) - mean(log(1 - sigmoid(x)) for x in f)


def minimax_g(r, f, m, p):
    return mean(log(1 - sigmoid(x)) for x in f)


def non_saturating_g(r, f, m, p):
    return -mean(log(sigmoid(x)) for x in f)


def wasserstein_d(r, f, m, p):
    return -(mean(r) - mean(f))


def negative_mean_fake(r, f, m, p):
    return -mean(f)


def least_squares_d(r, f, m, p):
    a, b = p["least_squares_a"], p["least_squares_b"]
    return mean((x - b) ** 2 for x in r) / 2 + mean((x - a) ** 2 for x in f) / 2


def least_squares_g(r, f, m, p):
    return mean((x - p["least_squares_c"]) ** 2 for x in f) / 2


def hinge_d(r, f, m, p):
    return -mean(min(mpf(0), x - 1) for x in r) - mean(min(mpf(0), -x - 1) for x in f)


def rsgan_d(r, f, m, p):
    return -mean(log(sigmoid(x - y)) for x, y in zip(r, f))


def rsgan_g(r, f, m, p):
    return -mean(log(sigmoid(y - x)) for x, y in zip(r, f))


def rasgan_d(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return -mean(log(sigmoid(x - mf)) for x in r) - mean(log(1 - sigmoid(y - mr)) for y in f)


def rasgan_g(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return -mean(log(sigmoid(y - mr)) for y in f) - mean(log(1 - sigmoid(x - mf)) for x in r)


def rlsgan_d(r, f, m, p):
    return mean((x - y - 1) ** 2 for x, y in zip(r, f))


def rlsgan_g(r, f, m, p):
    return mean((y - x - 1) ** 2 for x, y in zip(r, f))


def ralsgan_d(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return mean((x - mf - 1) ** 2 for x in r) + mean((y - mr + 1) ** 2 for y in f)


def ralsgan_g(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return mean((y - mr - 1) ** 2 for y in f) + mean((x - mf + 1) ** 2 for x in r)


def rahinge_d(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return mean(max(mpf(0), 1 - x + mf) for x in r) + mean(max(mpf(0), 1 + y - mr) for y in f)


def rahinge_g(r, f, m, p):
    mr, mf = mean(r), mean(f)
    return mean(max(mpf(0), 1 - y + mr) for y in f) + mean(max(mpf(0), 1 + x - mf) for x in r)


def loss_sensitive_d(r, f, m, p):
    loss_real, loss_fake = [-x for x in r], [-y for y in f]
    kept = mean(max(mpf(0), d + a - b) for d, a, b in zip(m, loss_real, loss_fake))
    gamma = p.get("loss_sensitive_gamma")
    return kept if gamma is None else mean(loss_real) + kept / gamma


def gls_d(r, f, m, p):
    return mean(leaky(d - x + y, p["gls_slope"]) for d, x, y in zip(m, r, f))


# f(u), the u with f'(u) = t, and the output activation (f-GAN, tables 5 and 6).
F = {
    "kl": (lambda u: u * log(u), lambda t: exp(t) / e, lambda v: v),
    "reverse-kl": (lambda u: -log(u), lambda t: -1 / t, lambda v: -exp(-v)),
    "pearson": (lambda u: (u - 1) ** 2, lambda t: t / 2 + 1, lambda v: v),
    "squared-hellinger": (lambda u: (sqrt(u) - 1) ** 2, lambda t: (1 - t) ** -2, lambda v: 1 - exp(-v)),
    "jensen-shannon": (
        lambda u: u * log(u) - (u + 1) * log((1 + u) / 2),
        lambda t: exp(t) / (2 - exp(t)),
        lambda v: log(2) - log(1 + exp(-v)),
    ),
    "gan": (
        lambda u: u * log(u) - (u + 1) * log(u + 1),
        lambda t: exp(t) / (1 - exp(t)),
        lambda v: -log(1 + exp(-v)),
    ),
}


def conjugate(divergence, t):
    f, u_of, _ = F[divergence]
    u = u_of(t)
    return u * t - f(u)


def f_d(r, f, m, p):
    g = F[p["divergence"]][2]
    return -(mean(g(x) for x in r) - mean(conjugate(p["divergence"], g(y)) for y in f))


def f_g(r, f, m, p):
    g = F[p["divergence"]][2]
    if p.get("exact_f_generator"):
        return -mean(conjugate(p["divergence"], g(y)) for y in f)
    return -mean(g(y) for y in f)


PAIRED = {"relativistic", "relativistic-least-squares", "loss-sensitive", "generalized-loss-sensitive"}
# loss -> critic, generator, parameter sets
LOSSES = {
    "minimax": (minimax_d, minimax_g, [{}]),
    "non-saturating": (minimax_d, non_saturating_g, [{}]),
    "wasserstein": (wasserstein_d, negative_mean_fake, [{}]),
    "least-squares": (
        least_squares_d,
        least_squares_g,
        [
            {"least_squares_a": 0.0, "least_squares_b": 1.0, "least_squares_c": 1.0},
            {"least_squares_a": -1.0, "least_squares_b": 1.0, "least_squares_c": 0.0},
            {"least_squares_a": 0.25, "least_squares_b": 0.875, "least_squares_c": 0.625},
        ],
    ),
    "hinge": (hinge_d, negative_mean_fake, [{}]),
    "relativistic": (rsgan_d, rsgan_g, [{}]),
    "relativistic-average": (rasgan_d, rasgan_g, [{}]),
    "relativistic-least-squares": (rlsgan_d, rlsgan_g, [{}]),
    "relativistic-average-least-squares": (ralsgan_d, ralsgan_g, [{}]),
    "relativistic-average-hinge": (rahinge_d, rahinge_g, [{}]),
    "loss-sensitive": (loss_sensitive_d, negative_mean_fake, [{}, {"loss_sensitive_gamma": 0.5}]),
    "generalized-loss-sensitive": (gls_d, negative_mean_fake, [{"gls_slope": 0.01}, {"gls_slope": -0.5}]),
    "f-divergence": (
        f_d,
        f_g,
        [{"divergence": name, "exact_f_generator": exact} for name in F for exact in (False, True)],
    ),
}
# Real and fake differ in location, spread and, where the loss allows, number; no score lies on a kink.
CASES = {
    "mixed": ([0.7, -1.3, 2.1, 0.05], [-0.4, 1.9, -2.6, 0.33], [0.5, 1.25, 2.0, 0.125]),
    "unequal numbers": ([1.75, -0.625, 0.3], [0.2, -3.5, 0.9, -0.15, 2.2], None),
    "critic ahead": ([3.5, 4.25, 2.75], [-3.0, -5.5, -2.125], [0.75, 3.0, 8.0]),
    "critic wrong": ([-4.0, -2.5, -3.25], [2.0, 5.0, 3.75], [0.25, 0.5, 1.5]),
    "one pair": ([0.6], [-0.85], [1.6]),
    "far out": ([80.0, -30.0, 12.5], [-80.0, 25.0, -7.25], [3.0, 1.0, 20.0]),
    "far out, reversed": ([-80.0, 21.5], [80.0, -40.0], [2.0, 4.5]),
}


def plain(value):
    return float(nstr(value, 20))


def gradient(function, values):
    out = []
    middle = 2 * function(values)
    for i in range(len(values)):
        up, down = list(values), list(values)
        up[i] += STEP
        down[i] -= STEP
        # A smooth function's second difference is of the order of the step squared, a kink's of the step.
        if abs(function(up) + function(down) - middle) > STEP * mpf(10) ** -15:
            raise ValueError(f"score {i} of {[float(v) for v in values]} lies on a kink")
        out.append(plain((function(up) - function(down)) / (2 * STEP)))
    return out


def evaluate(function, real, fake, margin, parameters):
    return {
        "loss": plain(function(real, fake, margin, parameters)),
        "gradient_real": gradient(lambda r: function(r, fake, margin, parameters), real),
        "gradient_fake": gradient(lambda f: function(real, f, margin, parameters), fake),
    }


def exact_numbers(parameters):
    # mpf(x) of a double is that double exactly, as the C++ side will read it.
    return {k: mpf(v) if isinstance(v, float) else v for k, v in parameters.items()}


def vectors():
    for loss, (critic, generator, parameter_sets) in LOSSES.items():
        for parameters in parameter_sets:
            for case, (real, fake, margin) in CASES.items():
                if loss in PAIRED and len(real) != len(fake):
                    continue
                r, f = [mpf(x) for x in real], [mpf(x) for x in fake]
                needs_margin = "sensitive" in loss
                m = [mpf(x) for x in margin] if needs_margin else None
                p = exact_numbers(parameters)
                shown = {k: v for k, v in parameters.items() if k != "divergence"}
                yield {
                    "loss": loss,
                    "divergence": parameters.get("divergence"),
                    "parameters": shown,
                    "case": case,
                    "real": real,
                    "fake": fake,
                    "margin": margin if needs_margin else None,
                    "critic": evaluate(critic, r, f, m, p),
                    "generator": evaluate(generator, r, f, m, p),
                }


def document():
    return {
        "schema_version": 1,
        "about": "Losses of generative adversarial networks: raw critic scores in, losses and gradients out. "
        "See loss_oracle.md for the fields and the formulas.",
        "recipe": "tests/golden/loss_oracle.py, mpmath with 220 digits, gradients by central differences of step 1e-60",
        "tolerance": 1e-10,
        "vectors": list(vectors()),
    }


def text_of(doc):
    head = {k: v for k, v in doc.items() if k != "vectors"}
    lines = json.dumps(head, indent=1)[:-2] + ',\n "vectors": [\n  '
    return lines + ",\n  ".join(json.dumps(v) for v in doc["vectors"]) + "\n ]\n}\n"


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    default = pathlib.Path(__file__).resolve().parent / "loss_oracle.json"
    path = pathlib.Path(arguments[0]) if arguments else default
    text = text_of(document())
    if "--check" in sys.argv:
        if path.read_text() != text:
            sys.exit(f"[{path}] expected what this script writes, got other text; run tests/golden/loss_oracle.py")
        return
    path.write_text(text)


if __name__ == "__main__":
    main()
