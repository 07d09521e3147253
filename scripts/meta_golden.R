#!/usr/bin/env Rscript
# Writes tests/golden/meta_analysis.json: three networks of studies with what metafor's rma.mv makes of them.
#
# usage: scripts/meta_golden.R [FILE]      (Debian: r-cran-metafor, r-cran-jsonlite; tests/golden/meta_analysis.md)
suppressMessages({library(metafor); library(jsonlite)})

# Studies over random subsets of treatments; the truth does not matter, only that both programs see one thing.
network <- function(seed, studies, treatments, sources, own, tau_source, tau_study, deviation) {
  set.seed(seed)
  truth <- rnorm(treatments, 0, 0.4)
  habit <- matrix(rnorm(sources * treatments, 0, tau_source / sqrt(2)), sources)
  rows <- list()
  for (s in seq_len(studies)) {
    source <- if (s > studies - own) sources else 1 + (s - 1) %% max(1, sources - (own > 0))
    # Neighbours on a ring, so that the network is joined; further ones at random.
    held <- unique(c(1 + (s - 1) %% treatments, 1 + s %% treatments, sample(treatments, sample(0:2, 1))))
    level <- rnorm(1, 3, 1)
    for (t in held) {
      v <- deviation^2 * runif(1, 0.2, 2)
      y <- level + truth[t] + habit[source, t] + rnorm(1, 0, tau_study / sqrt(2)) + rnorm(1, 0, sqrt(v))
      rows[[length(rows) + 1]] <- data.frame(study = sprintf("s%02d", s), source = sprintf("source-%d", source),
        treatment = letters[t], own = s > studies - own, y = round(y, 6), v = round(v, 6))
    }
  }
  do.call(rbind, rows)
}

fitted <- function(d) {
  d$arm <- seq_len(nrow(d))
  d$habit <- paste(d$source, d$treatment)
  d$kind <- factor(d$own)
  # Its own tolerance of 1e-8 leaves tau^2 known to four digits only.
  tight <- list(optimizer = "nlminb", rel.tol = 1e-10, iter.max = 10000, eval.max = 10000)
  model <- ~ 0 + study + treatment
  fit <- if (any(d$own))
    rma.mv(y, v, mods = model, random = list(~ 1 | habit, ~ kind | arm), struct = "DIAG", data = d, control = tight)
  else rma.mv(y, v, mods = model, random = list(~ 1 | habit, ~ 1 | arm), data = d, control = tight)
  # Contrasts with the first treatment, and between all, from the coefficients.
  at <- grepl("^treatment", rownames(fit$beta))
  covariance <- vcov(fit)[at, at, drop = FALSE]
  list(log_likelihood = as.numeric(logLik(fit)), tau_source2 = 2 * fit$sigma2[1],
    tau_study2 = 2 * (if (any(d$own)) fit$tau2[1] else fit$sigma2[2]),
    tau_own2 = if (any(d$own)) 2 * fit$tau2[2] else NULL,
    theta = as.numeric(fit$beta[at]), covariance = unname(covariance), cochran_q = fit$QE,
    degrees = fit$k - fit$p)
}

cases <- list(
  list(name = "published alone, both taus above 0", data = network(11, 24, 6, 5, 0, 0.3, 0.25, 0.1)),
  list(name = "own trials beside published ones", data = network(23, 26, 7, 5, 6, 0.35, 0.2, 0.08)),
  list(name = "large deviations, taus at or near 0", data = network(7, 14, 5, 4, 0, 0, 0.05, 0.5)))
for (i in seq_along(cases)) cases[[i]]$expected <- fitted(cases[[i]]$data)

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
path <- if (length(arguments)) arguments[1] else file.path(dirname(script), "..", "tests", "golden", "meta_analysis.json")
recipe <- sprintf("scripts/meta_golden.R, metafor %s, R %s", packageVersion("metafor"), getRversion())
write(toJSON(list(recipe = recipe, cases = cases), auto_unbox = TRUE, digits = 15, null = "null"), path)
for (case in cases) str(case$expected, give.attr = FALSE)
