"""Features that anybody can draw again, and what torch-fidelity and prdc make of them.

Used by benchmarks/tools/compare_metrics.py. Every set comes from one seed of NumPy's PCG64; all are float64, so that no side
rounds a distance that the other does not.
"""
import contextlib
import io
import warnings

import numpy


def gaussian(random, n, d, shift):
    return random.standard_normal((n, d)) + shift


def rectified(random, n, d, shift):
    """Like a network's pooled features: not negative, of very different scales."""
    scales = numpy.exp(numpy.linspace(-2, 1, d))
    return numpy.maximum(random.standard_normal((n, d)) + shift, 0) * scales


def heavy_tailed(random, n, d, shift):
    return random.standard_t(3, (n, d)) * (1 + shift)


def low_rank(random, n, d, shift):
    basis = numpy.random.default_rng(99).standard_normal((40, d))  # the same plane for both sides
    return (random.standard_normal((n, 40)) + shift) @ basis + 1e-3 * random.standard_normal((n, d))


def clustered(random, n, d, shift):
    """Ten clusters; the shifted side has seven of them."""
    centres = numpy.random.default_rng(98).standard_normal((10, d)) * 4
    return centres[random.integers(0, 7 if shift else 10, n)] + random.standard_normal((n, d))


# name, kind, real and fake samples, dimensions, shift of the fake side, subsets of KID
SETS = [
    ("gaussian-64", gaussian, 3000, 2500, 64, 0.2, 100),
    ("clustered-64", clustered, 5000, 4000, 64, 1, 100),
    ("rectified-512", rectified, 2500, 3000, 512, 0.2, 50),
    ("low-rank-512", low_rank, 2000, 1500, 512, 0.3, 50),
    ("heavy-tailed-512", heavy_tailed, 1200, 4000, 512, 0.1, 50),
    ("rectified-2048", rectified, 3000, 2500, 2048, 0.1, 10),
    ("heavy-tailed-2048", heavy_tailed, 2200, 2100, 2048, 0.1, 10),
    ("few-2048", gaussian, 1100, 1000, 2048, 0.1, 10),
]
SUBSET_SIZE = 1000
CLASSES = 10


def draw_set(index):
    """(real, fake, logits of the fake side) of one row of SETS."""
    _, kind, n, m, d, shift, _ = SETS[index]
    random = numpy.random.default_rng(1000 + index)
    real = kind(random, n, d, 0)
    fake = kind(random, m, d, shift)
    logits = 2.5 * random.standard_normal((m, CLASSES))
    return real, fake, logits


def quiet(call):
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return call()


def fidelity_fid(real, fake):
    import torch
    from torch_fidelity import metric_fid as fid
    first, second = (fid.fid_features_to_statistics(torch.from_numpy(x)) for x in (fake, real))
    return {"fid": fid.fid_statistics_to_metric(first, second, False)[fid.KEY_METRIC_FID]}


def fidelity_kid(real, fake, subsets):
    import torch
    from torch_fidelity import metric_kid as kid
    out = kid.kid_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), kid_subsets=subsets,
                                     kid_subset_size=SUBSET_SIZE, verbose=False, rng_seed=2020)
    return {"kid_mean": out[kid.KEY_METRIC_KID_MEAN], "kid_std": out[kid.KEY_METRIC_KID_STD]}


def fidelity_inception_score(logits):
    import torch
    from torch_fidelity import metric_isc as isc
    out = isc.isc_features_to_metric(torch.from_numpy(logits), 10, True, 2020)
    return {"inception_score_mean": out[isc.KEY_METRIC_ISC_MEAN], "inception_score_std": out[isc.KEY_METRIC_ISC_STD]}


def fidelity_precision_recall(real, fake):
    import torch
    from torch_fidelity import metric_prc as prc
    out = prc.prc_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), prc_neighborhood=3,
                                     prc_batch_size=10000, save_cpu_ram=False, verbose=False)
    return {"precision_k3": out[prc.KEY_METRIC_PRECISION], "recall_k3": out[prc.KEY_METRIC_RECALL]}


def prdc_scores(real, fake):
    from prdc import compute_prdc
    return {name: float(value) for name, value in compute_prdc(real, fake, nearest_k=5).items()}
