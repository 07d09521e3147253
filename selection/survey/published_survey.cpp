#include "selection/survey/published_survey.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "selection/evidence/components.h"
#include "selection/evidence/literature_network.h"
#include "selection/evidence/meta_analysis.h"

namespace ganselect {
namespace {

constexpr double kVerdictLevel = 0.95;
constexpr const char* kNoDegrees = "as many effects as observations: no interval";

// One comparison on the scale of logarithms; negative: the better one has the lower FID.
struct StudyContrast {
  double difference = 0.0, error = 0.0;
  int degrees = 0;
  std::set<std::string> studies, sources;  // ids
};

// A part, or why there is none.
struct MaybeContrast {
  std::optional<StudyContrast> part;
  std::string reason;
};

struct VerdictBounds {
  double low, high;
};

VerdictBounds verdict_bounds(const StudyContrast& part, std::size_t tried = 1) {
  const double p = 1.0 - 0.5 * (1.0 - kVerdictLevel) / static_cast<double>(tried);
  const double half = student_t_quantile(p, part.degrees) * part.error;
  return {part.difference - half, part.difference + half};
}

// The share by which the better one's FID is lower; negative where it is higher.
double fid_gain(double difference) { return 1.0 - std::exp(difference); }

bool holds_word(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// The studies of FID as a network, and what is estimated from them.
class PublishedNetwork {
 public:
  PublishedNetwork(std::span<const Study> studies, std::vector<std::string> survey)
      : network_(network_from_studies(studies, "fid")), survey_(std::move(survey)) {}

  MaybeContrast candidates(const std::string& better, const std::string& worse) {
    for (const auto& name : {better, worse}) {
      if (fit().find(name) == nullptr) return {std::nullopt, not_there(name)};
    }
    const auto* part = fit().find(better);
    if (!part->has(worse))
      return {std::nullopt, "no chain of published studies joins " + better + " and " + worse};
    const auto contrast = part->contrast(better, worse);
    if (!contrast.standard_error) return {std::nullopt, kNoDegrees};
    StudyContrast out{contrast.difference, *contrast.standard_error, part->heterogeneity().degrees};
    count(out,
          [&](const NetworkArm& arm) { return arm.treatment == better || arm.treatment == worse; });
    return {out, ""};
  }

  // A candidate against the mean of the survey's that studies join with it.
  MaybeContrast against_mean(const std::string& candidate) {
    const auto* part = fit().find(candidate);
    if (part == nullptr) return {std::nullopt, not_there(candidate)};
    const auto& names = part->part().treatments;
    const auto& spread = part->heterogeneity();
    if (spread.degrees < 1) return {std::nullopt, kNoDegrees};
    Eigen::VectorXd weights = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (holds_word(survey_, names[i])) weights(static_cast<Eigen::Index>(i)) = -1.0;
    }
    weights /= -weights.sum();
    weights(std::find(names.begin(), names.end(), candidate) - names.begin()) += 1.0;
    StudyContrast out{weights.dot(part->theta()),
                      std::sqrt(spread.scale * weights.dot(part->covariance() * weights)),
                      spread.degrees};
    count(out, [&](const NetworkArm& arm) { return arm.treatment == candidate; });
    return {out, ""};
  }

  // Two points that differ in what they are made of, whatever they are called.
  MaybeContrast parts(const ArmParts& better, const ArmParts& worse,
                      const std::function<bool(const ArmParts&)>& concerned) {
    const NetworkArm a{.treatment = "point", .parts = better};
    const NetworkArm b{.treatment = "point", .parts = worse};
    const auto contrast = components().contrast(a, b);
    StudyContrast out{contrast.difference, *contrast.standard_error, components().degrees()};
    count(out, [&](const NetworkArm& arm) { return concerned(arm.parts); });
    if (out.studies.empty())
      return {std::nullopt, "no published study of FID has an arm of that kind"};
    return {out, ""};
  }

  const std::string& citation(const std::string& source) const {
    return network_.citations.at(source);
  }

 private:
  const NetworkFit& fit() {
    if (!fit_) fit_ = fit_network(network_.studies);
    return *fit_;
  }

  const ComponentEstimate& components() {
    if (!components_) components_ = fit_components(network_.studies);
    return *components_;
  }

  template <class Concerned>
  void count(StudyContrast& part, Concerned concerned) const {
    for (const auto& study : network_.studies) {
      if (study.arms.size() < 2 || std::none_of(study.arms.begin(), study.arms.end(), concerned))
        continue;
      part.studies.insert(study.id);
      part.sources.insert(study.source);
    }
  }

  static std::string not_there(const std::string& candidate) {
    return "no published study of FID has " + candidate;
  }

  LiteratureNetwork network_;
  std::vector<std::string> survey_;
  std::optional<NetworkFit> fit_;
  std::optional<ComponentEstimate> components_;
};

struct Judgement {
  bool supported = false, contradicted = false;
  StudyContrast told;  // the part that is shown
  std::set<std::string> studies, sources;
};

Judgement judge_contrast(const StudyContrast& part, std::size_t tried) {
  const auto bounds = verdict_bounds(part, tried);
  return {bounds.high<0.0, bounds.low> 0.0, part, part.studies, part.sources};
}

void join_evidence(const Judgement& one, Judgement& all) {
  all.studies.insert(one.studies.begin(), one.studies.end());
  all.sources.insert(one.sources.begin(), one.sources.end());
}

// Every part must hold: the weakest is told. One that goes the other way is enough against it.
Judgement all_hold(const std::vector<StudyContrast>& parts, std::size_t tried) {
  Judgement all{.supported = true};
  for (const auto& part : parts) {
    const auto one = judge_contrast(part, 1);
    all.supported = all.supported && judge_contrast(part, tried).supported;
    // Of several the strongest would be picked, so it is corrected for their number.
    all.contradicted = all.contradicted || judge_contrast(part, parts.size()).contradicted;
    if (all.studies.empty() || part.difference > all.told.difference) all.told = one.told;
    join_evidence(one, all);
  }
  return all;
}

// One alternative is enough, corrected for their number; all must fail against it.
Judgement any_holds(const std::vector<std::vector<StudyContrast>>& alternatives) {
  Judgement all{.contradicted = true};
  for (const auto& parts : alternatives) {
    const auto one = all_hold(parts, alternatives.size());
    all.supported = all.supported || one.supported;
    all.contradicted = all.contradicted && one.contradicted;
    if (all.studies.empty() || one.told.difference < all.told.difference) all.told = one.told;
    join_evidence(one, all);
  }
  all.contradicted = all.contradicted && !all.supported;
  return all;
}

// What a row compares, or why nothing can be: one alternative is enough, of which every part must
// hold.
struct TestedParts {
  std::vector<std::vector<StudyContrast>> alternatives;
  std::string reason;
};

// Each alternative whose parts are all there.
TestedParts tested_parts(std::vector<std::vector<MaybeContrast>> alternatives) {
  TestedParts out;
  for (const auto& parts : alternatives) {
    std::vector<StudyContrast> known;
    for (const auto& one : parts) {
      if (one.part) known.push_back(*one.part);
      if (!one.part && out.reason.empty()) out.reason = one.reason;
    }
    if (known.size() == parts.size()) out.alternatives.push_back(std::move(known));
  }
  return out;
}

ArmParts made_of(const std::string& loss, const std::vector<std::string>& regularization) {
  return {.architecture = "dcgan",
          .loss = loss,
          .regularization = regularization,
          .critic_norm = "none"};
}

MaybeContrast regularizer(PublishedNetwork& network, const std::string& loss,
                          const std::string& with, const std::vector<std::string>& without) {
  return network.parts(made_of(loss, {with}), made_of(loss, without), [&](const ArmParts& arm) {
    return arm.loss == loss && holds_word(arm.regularization, with);
  });
}

MaybeContrast loss_against_standard(PublishedNetwork& network, const std::string& loss,
                                    const std::vector<std::string>& regularization) {
  return network.parts(made_of(loss, regularization), made_of("non-saturating", {}),
                       [&](const ArmParts& arm) { return arm.loss == loss; });
}

TestedParts named_four(PublishedNetwork& network) {
  std::vector<MaybeContrast> parts;
  for (const char* name : {"wgan-gp", "lsgan", "rsgan", "sngan"})
    parts.push_back(network.against_mean(name));
  return tested_parts({parts});
}

TestedParts joined_least_squares(PublishedNetwork& network) {
  std::vector<std::vector<MaybeContrast>> alternatives;
  for (const char* name : {"ralsgan", "rlsgan"})
    alternatives.push_back({network.candidates(name, "lsgan"), network.candidates(name, "rsgan")});
  return tested_parts(alternatives);
}

// With and without; of Wasserstein critics in place of clipping, as they need one of the two.
TestedParts gradient_penalty(PublishedNetwork& network) {
  return tested_parts({{regularizer(network, "non-saturating", "gradient-penalty", {}),
                        regularizer(network, "wasserstein", "gradient-penalty", {"weight-clip"})}});
}

TestedParts critic_batch_norm(PublishedNetwork& network) {
  auto with = made_of("non-saturating", {});
  with.critic_norm = "batch-norm";
  return tested_parts({{network.parts(made_of("non-saturating", {}), with, [](const ArmParts& arm) {
    return arm.critic_norm == "batch-norm";
  })}});
}

TestedParts convolution(PublishedNetwork& network) {
  auto full = made_of("non-saturating", {});
  full.architecture = "fc";
  return tested_parts({{network.parts(made_of("non-saturating", {}), full, [](const ArmParts& arm) {
    return arm.architecture == "fc";
  })}});
}

TestedParts recommended_losses(PublishedNetwork& network) {
  return tested_parts({{loss_against_standard(network, "wasserstein", {"gradient-penalty"})},
                       {loss_against_standard(network, "least-squares", {})},
                       {loss_against_standard(network, "relativistic", {})}});
}

TestedParts recommended_regularizers(PublishedNetwork& network) {
  return tested_parts({{regularizer(network, "non-saturating", "gradient-penalty", {})},
                       {regularizer(network, "non-saturating", "spectral-norm", {})}});
}

struct PublishedRow {
  std::string name;  // of the claim or question
  std::string unit;
  bool whole = true;  // false: a part of it, which can be contradicted and never supported
  TestedParts (*test)(PublishedNetwork& network) = nullptr;
  std::string reason;  // why there is no test
};

const NamedTable<PublishedRow>& published_rows() {
  const std::string share = "share of FID";
  static const NamedTable<PublishedRow> table(
      "published row",
      {{"C1", "share of the mean candidate's FID, FID alone", false, named_four},
       {"C2", share, true, joined_least_squares},
       {"C3", "", true, nullptr, "no published study measures generalization"},
       {"C4", share, true, gradient_penalty},
       {"C5", "", true, nullptr, "no published study scores stability"},
       {"C6", "", true, nullptr, "no published study times an update"},
       {"C7", "share of FID, of the critic's batch norm alone", false, critic_batch_norm},
       {"C8", "", true, nullptr, "no published study compares the divergences that it names"},
       {"C9", share, true, convolution},
       {"C10", "", true, nullptr, "no published study gives the critic's loss along training"},
       {"architecture", share, true, convolution},
       {"loss", share, true, recommended_losses},
       {"regularization", share, true, recommended_regularizers},
       {"divergence", "", true, nullptr,
        "no published study compares the divergences that it names"}});
  return table;
}

LiteratureVerdict published_verdict(const PublishedRow& row, const Judgement& judged,
                                    std::size_t tried, const PublishedNetwork& network) {
  LiteratureVerdict verdict;
  verdict.direction = judged.supported && row.whole ? "supported"
                      : judged.contradicted         ? "contradicted"
                                                    : "undecided";
  const auto bounds = verdict_bounds(judged.told, tried);
  verdict.estimate = fid_gain(judged.told.difference);
  verdict.interval95 = {fid_gain(bounds.high), fid_gain(bounds.low)};
  verdict.unit = row.unit;
  verdict.studies = judged.studies.size();
  verdict.sources = judged.sources.size();
  for (const auto& source : judged.sources) verdict.citations.push_back(network.citation(source));
  return verdict;
}

LiteratureSaid said_of(const std::string& name, PublishedNetwork& network) {
  const auto& row = published_rows().at(name);
  if (row.test == nullptr) return {std::nullopt, row.reason};
  const auto found = row.test(network);
  if (found.alternatives.empty()) return {std::nullopt, found.reason};
  const auto judged = any_holds(found.alternatives);
  return {published_verdict(row, judged, found.alternatives.size(), network), ""};
}

}  // namespace

struct PublishedSurvey::Estimates {
  PublishedNetwork network;
};

PublishedSurvey::PublishedSurvey(std::span<const Study> studies, std::vector<std::string> survey)
    : estimates_(
          std::make_unique<Estimates>(Estimates{PublishedNetwork(studies, std::move(survey))})) {}

PublishedSurvey::~PublishedSurvey() = default;

LiteratureSaid PublishedSurvey::on(const std::string& name) const {
  return said_of(name, estimates_->network);
}

}  // namespace ganselect
