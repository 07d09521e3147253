#include "models/explain.h"

#include <cstdio>

#include "base/text.h"
#include "models/backbones/architectures.h"
#include "models/candidate_settings.h"
#include "models/cost.h"
#include "models/masks.h"
#include "models/points.h"

namespace ganselect {
namespace {

using Sections = std::vector<std::pair<std::string, std::string>>;

void add_section(Sections& sections, const char* heading, const std::string& text) {
  if (!text.empty()) sections.emplace_back(heading, text);
}

std::string cited(const std::string& paper, const std::string& arxiv) {
  return arxiv.empty() ? paper : paper + ", arXiv " + arxiv;
}

std::string settings_text(const CandidateSpec& candidate) {
  std::string text;
  const Json settings = candidate_settings(candidate);
  for (const auto& [key, value] : settings.items()) {
    const auto shown = value.is_number_float() ? shortest(value.get<double>())
                       : value.is_string()     ? value.get<std::string>()
                                               : value.dump();
    text += (text.empty() ? "" : "\n") + key + ": " + shown;
  }
  return text;
}

std::string deviations_text(const CandidateSpec& candidate) {
  std::string text;
  for (const auto& [setting, why] : candidate.deviations) {
    text += (text.empty() ? "" : "\n") + setting + ": " + why;
  }
  return text;
}

std::string arithmetic_text(const CandidateSpec& candidate) {
  const bool points = architectures().at(candidate.architecture).points_only;
  const BuildSettings full{.shape = points ? SampleShape::point() : SampleShape::image(3, 32, 32)};
  const auto cost = update_cost(candidate, build_networks(candidate, full, 0));
  char text[160];
  std::snprintf(text, sizeof text, "%.1f GFLOP for one generator step with its critic steps (%s)",
                cost.flops / 1e9, to_string(full.shape).c_str());
  std::string all = text;
  if (cost.published_flops > cost.flops) {
    std::snprintf(text, sizeof text, "; %.1f as published, for the same function",
                  cost.published_flops / 1e9);
    all += text;
  }
  return all;
}

Explanation explain_architecture(const ArchitectureSpec& row) {
  Explanation text{"architecture", row.name, {}};
  add_section(text.sections, "generator (32x32)", row.generator);
  add_section(text.sections, "critic (32x32)", row.critic);
  add_section(text.sections, "conditional generator", row.told_generator);
  add_section(text.sections, "conditional critic", row.told_critic);
  add_section(text.sections, "can be conditioned by", join(row.conditionings));
  add_section(text.sections, "first weights", row.first_weights);
  add_section(text.sections, "points",
              row.points_only ? "the only ones: images are refused"
                              : "2-d data sets take perceptrons of 128, 128 units in place of it");
  add_section(text.sections, "source", row.source);
  return text;
}

Explanation explain_loss(const LossSpec& row) {
  Explanation text{"loss", row.name, {}};
  add_section(text.sections, "critic minimizes", row.critic_formula);
  add_section(text.sections, "generator minimizes", row.generator_formula);
  add_section(text.sections, "divergence", row.minimizes);
  add_section(text.sections, "also called", join(row.aliases));
  add_section(text.sections, "source", cited(row.paper, row.arxiv));
  add_section(text.sections, "loss curve", row.curve_hint);
  add_section(text.sections, "known trouble", row.known_trouble);
  return text;
}

Explanation explain_divergence(const DivergenceSpec& row) {
  Explanation text{"divergence", row.name, {}};
  add_section(text.sections, "f(u)", row.generator_function);
  add_section(text.sections, "activation g(v)", row.activation_formula);
  add_section(text.sections, "conjugate f*(t)", row.conjugate_formula);
  add_section(text.sections, "computed f*(g(v))", row.composition_formula);
  add_section(text.sections, "optimal score (r: log of the density ratio)", row.optimal_score);
  add_section(text.sections, "source", "Nowozin, Cseke & Tomioka 2016, f-GAN, arXiv 1606.00709");
  add_section(text.sections, "loss curve", row.curve_hint);
  add_section(text.sections, "known trouble", row.known_trouble);
  return text;
}

Explanation explain_regularizer(const RegularizerSpec& row) {
  Explanation text{"regularizer", row.name, {}};
  add_section(text.sections, "effect", row.effect);
  add_section(text.sections, "formula", row.formula);
  add_section(text.sections, "also called", join(row.aliases));
  add_section(text.sections, "source", cited(row.paper, row.arxiv));
  add_section(text.sections, "known trouble", row.known_trouble);
  return text;
}

std::string tables_text(const CandidateSpec& candidate) {
  if (candidate.extension) return "none: an extension of this project";
  std::vector<std::string> numbers;
  for (const int table : candidate.tables) numbers.push_back(std::to_string(table));
  return join(numbers) +
         "; inferred by us: of the survey's tables the titles are known, not the rows";
}

Explanation explain_candidate(const CandidateSpec& candidate, const char* kind) {
  const auto& loss = loss_of(candidate);
  const auto& architecture = architectures().at(candidate.architecture);
  Explanation text{kind, candidate.name, {}};
  auto& out = text.sections;
  const auto words = join(candidate.regularization);
  add_section(out, "architecture", candidate.architecture);
  const bool told = candidate.conditioning != "none";
  const auto network = [&](const std::string& own, const std::string& changed) {
    return told && !changed.empty() ? changed : own;
  };
  add_section(out, "generator", network(architecture.generator, architecture.told_generator));
  add_section(out, "critic", network(architecture.critic, architecture.told_critic));
  add_section(out, "batch norm as built",
              std::string(candidate.batch_norm_g ? "in the generator" : "not in the generator") +
                  (candidate.batch_norm_d ? ", in the critic" : ", not in the critic"));
  add_section(out, "loss", candidate.loss);
  add_section(out, "critic minimizes", loss.critic_formula);
  add_section(out, "generator minimizes", loss.generator_formula);
  add_section(out, "regularization", words.empty() ? "none" : words);
  add_section(out, "divergence", candidate.divergence.value_or(loss.minimizes));
  add_section(out, "settings", settings_text(candidate));
  if (told) {
    const auto& row = conditionings().at(candidate.conditioning);
    add_section(out, "conditioning", candidate.conditioning + " (" + row.source + ")");
    add_section(out, "generator is told by", row.generator);
    add_section(out, "critic is told by", row.critic);
  }
  if (candidate.needs_labels) add_section(out, "needs", "labels");
  if (candidate.needs_clusters) {
    add_section(out, "needs",
                "nothing of the data: it is told one of " + std::to_string(candidate.clusters) +
                    " clusters that are made of their features");
  }
  if (candidate.needs_visible) {
    add_section(out, "needs", "nothing of the data: a part of an image is shown, the rest hidden");
    add_section(out, "hidden", mask_laws().at(candidate.mask).explanation);
  }
  if (!told) add_section(out, "arithmetic", arithmetic_text(candidate));
  if (std::string_view(kind) == "candidate") add_section(out, "tables", tables_text(candidate));
  add_section(out, "source", candidate.source);
  add_section(out, "held against", candidate.code);
  add_section(out, "differs from its source", deviations_text(candidate));
  if (!candidate.same_training.empty()) {
    add_section(out, "trains as", candidate.same_training + ", step by step");
  }
  add_section(out, "loss curve", loss.curve_hint);
  auto trouble = loss.known_trouble;
  if (candidate.divergence) {
    const auto& divergence = divergences().at(*candidate.divergence);
    out.back().second += "\n" + divergence.curve_hint;
    trouble += "\n" + divergence.known_trouble;
  }
  for (const auto& name : candidate.regularization) {
    const auto& row = penalties().at(name);
    if (!row.known_trouble.empty()) trouble += "\n" + name + ": " + row.known_trouble;
  }
  add_section(out, "known trouble", trouble);
  return text;
}

template <class Row>
bool goes_by(const Row& row, std::string_view name) {
  if (row.name == name) return true;
  for (const auto& alias : row.aliases) {
    if (alias == name) return true;
  }
  return false;
}

}  // namespace

std::vector<Explanation> explain_model(std::string_view name) {
  std::vector<Explanation> found;
  if (name.find('/') != std::string_view::npos) {
    found.push_back(explain_candidate(resolve_point(name), "point"));
    return found;
  }
  refuse_former_name(name);
  if (const auto* row = candidates().find(name)) {
    found.push_back(explain_candidate(*row, "candidate"));
  } else if (name.find('+') != std::string_view::npos && penalties().find(name) == nullptr) {
    found.push_back(explain_candidate(parse_point(name), "candidate"));
  }
  if (const auto* row = architectures().find(name)) found.push_back(explain_architecture(*row));
  for (const auto& row : losses()) {
    if (goes_by(row, name)) found.push_back(explain_loss(row));
  }
  if (const auto* row = divergences().find(name)) found.push_back(explain_divergence(*row));
  for (const auto& row : penalties()) {
    if (goes_by(row, name)) found.push_back(explain_regularizer(row));
  }
  return found;
}

std::vector<std::string> explainable_model_names() {
  auto names = candidates().names();
  for (const auto& more :
       {architectures().names(), losses().names(), divergences().names(), penalties().names()}) {
    names.insert(names.end(), more.begin(), more.end());
  }
  return names;
}

}  // namespace ganselect
