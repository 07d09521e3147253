#!/usr/bin/env python3
"""Plants errors into copies of the formulas of losses, penalties, packs and augmentation and shows that tests catch each.

usage: tests/mutants/losses.py [BUILD_DIR]      (default build/release; build its target tests_models first)

The sources are copied once with every planted error behind a switch, compiled and linked with the build's own commands, and
the tests tagged [loss] or [formula] run once per error. The sources themselves are not touched. Ends with `caught N of M`; exit status 1
where one goes unnoticed.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from planted import ROOT, compile_planted, link_planted, stop

LOSSES, DIVERGENCES = "models/losses.cpp", "models/divergences.cpp"
PENALTIES, AUGMENTATION, PACKING = "models/penalties.cpp", "models/augmentation.cpp", "models/packing.cpp"

# file, the formula as it stands after `return`, what is wrong with each planted one, and the planted one
PLANTED = [
    (LOSSES, "s(-c.real).mean() + s(c.fake).mean()", [
        ("real and fake swapped", "s(c.real).mean() + s(-c.fake).mean()"),
        ("the mean inside the logarithm", "s(-c.real.mean()) + s(c.fake.mean())"),
        ("one mean over both batches", "0.5 * (s(-c.real).mean() + s(c.fake).mean())"),
    ]),
    (LOSSES, "-s(c.fake).mean()", [("sign of minimax's generator", "s(c.fake).mean()")]),
    (LOSSES, "s(-c.fake).mean()", [("non-saturating's generator saturates", "-s(c.fake).mean()")]),
    (LOSSES, "c.fake.mean() - c.real.mean()", [("sign of the Wasserstein critic", "c.real.mean() - c.fake.mean()")]),
    (LOSSES, "-c.fake.mean()", [("a sum for a mean", "-c.fake.sum()")]),
    (LOSSES, "0.5 * (c.real - p.least_squares_b).square().mean() + 0.5 * (c.fake - p.least_squares_a).square().mean()", [
        ("square of the mean", "0.5 * (c.real - p.least_squares_b).mean().square() + 0.5 * (c.fake - p.least_squares_a).mean().square()"),
        ("targets a and b swapped", "0.5 * (c.real - p.least_squares_a).square().mean() + 0.5 * (c.fake - p.least_squares_b).square().mean()"),
        ("a sigmoid before the square", "0.5 * (c.real.sigmoid() - p.least_squares_b).square().mean() + 0.5 * (c.fake.sigmoid() - p.least_squares_a).square().mean()"),
    ]),
    (LOSSES, "0.5 * (c.fake - context.parameters.least_squares_c).square().mean()", [
        ("target b for c", "0.5 * (c.fake - context.parameters.least_squares_b).square().mean()"),
    ]),
    (LOSSES, "torch::relu(1 - c.real).mean() + torch::relu(1 + c.fake).mean()", [
        ("sign within the hinge", "torch::relu(1 - c.real).mean() + torch::relu(1 - c.fake).mean()"),
    ]),
    (LOSSES, "{.real = c.fake, .fake = c.real}", [
        ("the generator plays the critic's part", "CriticScores{.real = c.real, .fake = c.fake}"),
    ]),
    (LOSSES, "s(-(c.real - c.fake.mean())).mean() + s(c.fake - c.real.mean()).mean()", [
        ("average over the wrong side", "s(-(c.real - c.real.mean())).mean() + s(c.fake - c.fake.mean()).mean()"),
        ("no gradient through the average", "s(-(c.real - c.fake.mean().detach())).mean() + s(c.fake - c.real.mean().detach()).mean()"),
        ("the second term forgotten", "s(-(c.real - c.fake.mean())).mean()"),
    ]),
    (LOSSES, "(c.real - c.fake.mean() - 1).square().mean() + (c.fake - c.real.mean() + 1).square().mean()", [
        ("sign of the second target", "(c.real - c.fake.mean() - 1).square().mean() + (c.fake - c.real.mean() - 1).square().mean()"),
    ]),
    (LOSSES, "torch::leaky_relu(context.margin - c.real + c.fake, context.parameters.gls_slope).mean()", [
        ("C in place of L = -C", "torch::leaky_relu(context.margin + c.real - c.fake, context.parameters.gls_slope).mean()"),
    ]),
    (LOSSES, "gamma ? -c.real.mean() + margins / *gamma : margins", [
        ("gamma for 1/gamma", "gamma ? -c.real.mean() + margins * *gamma : margins"),
    ]),
    (LOSSES, "f.conjugate_of_activation(c.fake).mean() - f.activation(c.real).mean()", [
        ("the conjugate without the activation", "f.conjugate(c.fake).mean() - f.activation(c.real).mean()"),
        ("the activation forgotten on real scores", "f.conjugate_of_activation(c.fake).mean() - c.real.mean()"),
    ]),
    (DIVERGENCES, "torch::exp(v - 1)", [("Kullback-Leibler's conjugate without its -1", "torch::exp(v)")]),
    (DIVERGENCES, "v - 1", [("reverse Kullback-Leibler's conjugate: sign", "v + 1")]),
    (DIVERGENCES, "t.square() / 4 + t", [("Pearson's conjugate: half for a quarter", "t.square() / 2 + t")]),
    (DIVERGENCES, "torch::expm1(v)", [("squared Hellinger's conjugate without its -1", "torch::exp(v)")]),
    (DIVERGENCES, "divergence_softplus(v) - kLog2", [("Jensen-Shannon's conjugate: sign of log 2", "divergence_softplus(v) + kLog2")]),
    (DIVERGENCES, "r / 2", [("squared Hellinger's optimal score", "r")]),
    (PENALTIES, "(norm - 1).square().mean()", [
        ("one-sided penalty", "torch::relu(norm - 1).square().mean()"),
        ("the square of the mean", "(norm - 1).mean().square()"),
    ]),
    (PENALTIES, "gradient.square().sum(all_but_first(gradient)).mean()", [
        ("a mean over numbers for a sum", "gradient.square().mean(all_but_first(gradient)).mean()"),
    ]),
    (PENALTIES, "parameters.gradient_penalty_weight * distance_to_unit_norm(input, real + parameters.dragan_noise * deviation * share * u)", [
        ("dragan around generated samples", "parameters.gradient_penalty_weight * distance_to_unit_norm(input, input.fake + parameters.dragan_noise * deviation * share * u)"),
        ("dragan's deviation forgotten", "parameters.gradient_penalty_weight * distance_to_unit_norm(input, real + 100 * parameters.dragan_noise * share * u)"),
    ]),
    (AUGMENTATION, "(y - mean) * drawn_factors(x, 0.5, 1.5, random) + mean", [
        ("contrast between 0 and 1", "(y - mean) * drawn_factors(x, 0.0, 1.0, random) + mean"),
        ("contrast of the whole value", "y * drawn_factors(x, 0.5, 1.5, random)"),
    ]),
    (AUGMENTATION, "torch::matmul(torch::matmul(rows, x), columns.transpose(2, 3))", [
        ("a shift to the other side", "torch::matmul(torch::matmul(rows, x), columns)"),
        ("rows shifted alone", "torch::matmul(rows, x)"),
    ]),
    (AUGMENTATION, "x * rows.logical_and(columns).logical_not().unsqueeze(1).to(x.scalar_type())", [
        ("a cross cut in place of a square", "x * rows.logical_or(columns).logical_not().unsqueeze(1).to(x.scalar_type())"),
    ]),
    (AUGMENTATION, "offset.ge(0).logical_and(offset.lt(side))", [
        ("a square of one pixel more", "offset.ge(0).logical_and(offset.le(side))"),
    ]),
    (PACKING, "x.dim() == 4 ? packs.contiguous(torch::MemoryFormat::ChannelsLast) : packs", [
        ("samples of a pack mixed up", "x.flip(0).contiguous().view(sizes)"),
    ]),
]

def plant():
    """The sources with every error behind its switch, and the errors' descriptions by number."""
    texts = {name: (ROOT / name).read_text() for name, _, _ in PLANTED}
    errors = []
    for name, formula, wrong in PLANTED:
        pattern = r"return\s+" + r"\s+".join(re.escape(word) for word in formula.split()) + r";"
        found = re.findall(pattern, texts[name])
        if len(found) != 1:
            stop(name, f"one `return {formula};`", f"{len(found)}", "the table in this script follows the formulas")
        right = "CriticScores" + formula if formula.startswith("{") else formula
        choice = f"({right})"
        for description, expression in wrong:
            errors.append((name, description))
            choice = f"planted({len(errors)}) ? ({expression}) : {choice}"
        texts[name] = re.sub(pattern, lambda _: f"return {choice};", texts[name])
    return texts, errors


def passes(program, number):
    environment = dict(os.environ, PLANTED_ERROR=str(number), OMP_NUM_THREADS="1")
    done = subprocess.run([program, "[loss],[formula]", "--abort"], env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1, 42):  # Catch2's status is the number of failed cases, or 42 when it could not run
        stop(program, "a test run", f"exit status {done.returncode}", done.stdout[-500:] + done.stderr[-500:])
    return done.returncode == 0


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()
    texts, errors = plant()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program = folder / "tests_planted"
        link_planted(build, compile_planted(build, texts, folder), "tests_models", program)
        if not passes(program, 0):
            stop("loss tests", "success without a planted error", "failure", "mend the tests first")
        caught = 0
        for number, (name, description) in enumerate(errors, start=1):
            noticed = not passes(program, number)
            caught += noticed
            print(f"{'caught' if noticed else 'MISSED'}  {name}: {description}", flush=True)
    print(f"caught {caught} of {len(errors)}")
    return 0 if caught == len(errors) else 1


if __name__ == "__main__":
    sys.exit(main())
