// What a walked query comes to: weights and constraints, or the refusal of what contradicts itself.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "selection/query/query_reader.h"

namespace ganselect {
namespace {

// Shares that someone typed may be rounded.
constexpr double kShareTolerance = 0.011;

}  // namespace

// "70% quality, 30% diversity" or "quality 70%, diversity 30%": what comes first tells which.
void QueryReader::assign_shares() {
  if (shares_.empty()) return;
  const bool number_first = shares_.front().before == 0;
  const auto plain_above_one = [](const Share& share) {
    return !share.percent && share.value > 1.0;
  };
  const bool ratios = std::any_of(shares_.begin(), shares_.end(), plain_above_one);
  double sum = 0.0;
  bool mixed = false;
  for (const auto& share : shares_) {
    sum += share.value;
    mixed = mixed || share.percent;
  }
  // "quality 2, diversity 1" divides the whole; a lone figure divides nothing.
  const bool usable =
      !ratios || (!mixed && shares_.size() > 1 && shares_.size() == mentions_.size());
  for (const auto& share : shares_) {
    const bool beside = number_first ? share.before < mentions_.size() : share.before > 0;
    if (!usable || !beside) {
      reading_.unknown.push_back({share.text, std::nullopt});
      continue;
    }
    mentions_[number_first ? share.before : share.before - 1].share =
        ratios ? share.value / sum : share.value;
  }
}

void QueryReader::refuse_mixed_wishes() const {
  for (const auto& mention : mentions_) {
    if (mention.wish == Wish::kRefused) {
      refuse_query("a wish for more of a criterion",
                   fmt::format("\"{}\", which reads as {}", mention.text, mention.why),
                   "say \"stable\" or \"stability does not matter\", \"low cost\" or \"cost does "
                   "not matter\"");
    }
  }
  for (const auto& a : mentions_) {
    for (const auto& b : mentions_) {
      if (a.wish == Wish::kWanted && b.wish == Wish::kUnneeded && a.row->criteria.size() == 1 &&
          a.row->criteria == b.row->criteria)
        refuse_query("one wish for each criterion",
                     fmt::format("\"{}\" and \"{}\", which contradict each other", a.text, b.text));
    }
  }
}

// Raises the heavier side until every comparison holds; one that can never hold runs in a circle.
void QueryReader::apply_comparisons(std::map<std::string, double>& weights) const {
  const std::size_t rounds = criterion_names().size() + 1;
  for (std::size_t round = 0; round < rounds; ++round) {
    bool changed = false;
    for (const auto& comparison : comparisons_) {
      const auto& heavier = mentions_[comparison.heavier];
      const auto& lighter = mentions_[comparison.lighter];
      for (const auto& [light, share] : lighter.row->criteria) {
        double& weight = weights[lone_criterion(heavier)];
        const double least = comparison.ratio * weights[light];
        if (light == lone_criterion(heavier) || round + 1 == rounds) {
          if (light == lone_criterion(heavier) || weight < least)
            refuse_query("comparisons that can hold together",
                         fmt::format("\"{}\" to outweigh \"{}\"", heavier.text, lighter.text));
        }
        if (weight < least) {
          weight = least;
          changed = true;
        }
      }
    }
    if (!changed) return;
  }
}

// Where all that was named is said to be secondary, the rest of the balanced weights comes first.
void QueryReader::soften_balanced(std::map<std::string, double>& weights) {
  bool any = false;
  for (const auto& mention : mentions_) {
    if (mention.wish != Wish::kWanted) continue;
    if (!mention.secondary) return;
    any = true;
  }
  if (!any || !comparisons_.empty() || !shares_.empty()) return;
  const auto secondary = weights;
  weights = presets().at("balanced").use_case.weights;
  double least = 1.0;
  for (const auto& [name, weight] : weights) least = std::min(least, weight);
  for (const auto& [name, factor] : secondary) weights[name] = factor * least;
  reading_.notes.push_back(
      "nothing else was asked for, so the balanced weights are used, less for what is secondary");
}

void QueryReader::finish_weights() {
  refuse_mixed_wishes();
  auto& weights = reading_.use_case.weights;
  std::set<std::string> unneeded;
  double shared = 0.0;
  std::size_t without_share = 0;
  for (const auto& mention : mentions_) {
    if (mention.wish == Wish::kUnneeded) {
      for (const auto& [criterion, share] : mention.row->criteria) unneeded.insert(criterion);
      continue;
    }
    if (mention.wish == Wish::kMeans) continue;
    if (mention.share) {
      shared += *mention.share;
      if (mention.row->criteria.size() == 1) weights[lone_criterion(mention)] = *mention.share;
      continue;
    }
    ++without_share;
    for (const auto& [criterion, share] : mention.row->criteria) {
      double& weight = weights[criterion];
      weight = std::max(weight, share * mention.factor);
    }
  }
  const bool any_share = shared > 0.0;
  if (any_share &&
      (shared > 1.0 + kShareTolerance || (without_share == 0 && shared < 1.0 - kShareTolerance)))
    refuse_query("shares that sum to 1 (100%)", fmt::format("a sum of {:g}", shared));
  if (any_share && without_share > 0) {
    if (shared >= 1.0)
      refuse_query("shares that leave something for every criterion named",
                   fmt::format("a sum of {:g}", shared));
    for (const auto& mention : mentions_) {
      if (mention.wish != Wish::kWanted || mention.share) continue;
      for (const auto& [criterion, share] : mention.row->criteria)
        weights[criterion] = share * (1.0 - shared) / static_cast<double>(without_share);
    }
    reading_.notes.push_back("criteria without a share divide the rest evenly");
  }
  apply_comparisons(weights);
  soften_balanced(weights);
  if (weights.empty() && (!unneeded.empty() || asks_beyond_criteria())) {
    weights = presets().at("balanced").use_case.weights;
    for (const auto& criterion : unneeded) weights.erase(criterion);
    reading_.notes.push_back("no criterion was asked for, so the balanced weights are used");
  }
  if (!weights.empty()) normalize_weights(reading_.use_case, "query");
}

void QueryReader::finish_constraints() {
  auto& constraints = reading_.use_case.constraints;
  if (labels_refused_) refuse_query("labels to be available or not", "both");
  for (const auto& mention : mentions_) {
    if (mention.row->needs_labels && mention.wish == Wish::kWanted && labels_ == false)
      refuse_query("labels, since the class is to be chosen",
                   fmt::format("\"{}\" without labels", mention.text),
                   "control by example images needs none: say \"control without labels\"");
  }
  const bool chooses_class =
      std::any_of(mentions_.begin(), mentions_.end(), [](const Mention& mention) {
        return mention.row->needs_labels && mention.wish == Wish::kWanted;
      });
  if (chooses_class) labels_ = true;
  if (labels_) constraints.push_back({"labels", "==", *labels_});
  // What is compared with a GAN that is not trained here is compared with all that are.
  if (compares_with_other_gan()) {
    only_.clear();
    bare_.clear();
  }
  if (!only_.empty() || bare_.size() > 1) {
    only_.insert(only_.end(), bare_.begin(), bare_.end());
    bare_.clear();
  }
  const auto add_names = [&](const char* op, Candidates& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty()) constraints.push_back({"candidate", op, Json(names)});
  };
  add_names("in", only_);
  add_names("not in", except_);
  if (bare_.size() == 1)
    reading_.notes.push_back(
        "\"" + bare_[0] +
        "\" was only mentioned; say \"only ...\" or \"except ...\" to name candidates in or out");
  std::vector<Constraint> distinct;
  for (const auto& constraint : constraints) {
    if (std::find(distinct.begin(), distinct.end(), constraint) == distinct.end())
      distinct.push_back(constraint);
  }
  constraints = std::move(distinct);
}

}  // namespace ganselect
