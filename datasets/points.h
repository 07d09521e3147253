// Point sets drawn from Gaussian mixtures with known modes.
#pragma once

#include <cstdint>

#include "datasets/dataset.h"

namespace ganselect {

// Eight components of standard deviation 0.02 evenly on the circle of radius 2, the first at (2,
// 0), counter-clockwise (Metz et al. 2017, "Unrolled generative adversarial networks", experiment
// on a ring of Gaussians).
GaussianMixture ring_mixture();

// The same at half the size: radius 1, standard deviation 0.01 (Lin et al. 2018, "PacGAN",
// published code, 2DRing).
GaussianMixture unit_ring_mixture();

// 25 components of standard deviation 0.05 on {-4,-2,0,2,4}^2; component 5*i + j lies at (-4 + 2i,
// -4 + 2j) (Srivastava et al. 2017, "VEEGAN"; Lin et al. 2018, "PacGAN").
GaussianMixture grid_mixture();

// `count` points: float32 (count,2) with the component of each, uniform, as its label. Point n
// depends on `stream` and n alone. Fills samples, labels, class_names and mixture.
Dataset draw_points(const GaussianMixture& mixture, int64_t count, std::uint64_t stream);

// The body of both loaders: 50,000 training and 10,000 test points, or `limit` of them, from
// streams of their own.
Dataset load_points(const std::string& name, const GaussianMixture& mixture,
                    const LoadSettings& settings);

}  // namespace ganselect
