#include "selection/evidence/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/statistics.h"
#include "base/text.h"
#include "results/records/at_checkpoint.h"

namespace ganselect {
namespace {

// Mean logarithms by candidate, at some updates under one detector.
struct OwnOrder {
  std::int64_t updates = 0;
  std::string detector;
  std::map<std::string, double> levels;
};

std::string detector_of(const Measures& measures) {
  return measures.protocol.value("detector", std::string("no detector"));
}

using Logs = std::map<std::string, std::vector<double>>;  // by candidate

void add_log(const Measures& measures, const std::string& measure, std::vector<double>& logs) {
  const auto value = measures.value(measure);
  if (value && *value > 0.0) logs.push_back(std::log(*value));
}

// By updates, then the trials' own detector before others.
std::vector<OwnOrder> own_orders(const Evidence& evidence, const std::string& measure) {
  struct Key {
    std::int64_t updates;
    bool other;
    std::string detector;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, Logs> found;
  for (const auto& candidate : evidence.candidates) {
    for (const auto& trial : candidate.trials) {
      const Record& record = *trial.record;
      for (const auto step : measured_steps(record)) {
        const Record at = record_at(record, step);
        add_log(at.measures, measure,
                found[{step, false, detector_of(at.measures)}][candidate.name]);
      }
      for (const auto& [detector, measures] : record.measures_by_detector)
        add_log(measures, measure, found[{record.budget.steps, true, detector}][candidate.name]);
    }
  }
  std::vector<OwnOrder> orders;
  for (const auto& [key, logs] : found) {
    OwnOrder order{key.updates, key.detector, {}};
    for (const auto& [name, values] : logs) {
      if (!values.empty()) order.levels[name] = statistics::mean(values);
    }
    orders.push_back(std::move(order));
  }
  return orders;
}

struct StudyPair {
  std::string source, a, b;  // by the names of own candidates
  double observed = 0.0;
};

std::vector<StudyPair> pairs_of(std::span<const NetworkStudy> studies, const Evidence& evidence,
                                const ScoreOptions& options) {
  std::vector<StudyPair> pairs;
  for (const auto& study : studies) {
    if (study.own) continue;
    for (std::size_t i = 0; i < study.arms.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto *a = evidence.find(study.arms[i].treatment),
                   *b = evidence.find(study.arms[j].treatment);
        const double observed = study.arms[i].y - study.arms[j].y;
        if (a == nullptr || b == nullptr || a == b ||
            std::abs(observed) <= std::log(options.least_ratio))
          continue;
        pairs.push_back({study.source, a->name, b->name, observed});
      }
    }
  }
  return pairs;
}

// Nothing where one of the two has no value.
std::optional<double> said_of(const StudyPair& pair, const OwnOrder& order) {
  const auto a = order.levels.find(pair.a), b = order.levels.find(pair.b);
  if (a == order.levels.end() || b == order.levels.end()) return std::nullopt;
  return a->second - b->second;
}

// Kendall 1938: pairs in one order less those in the other, over all pairs.
std::optional<double> kendall_tau(const OwnOrder& one, const OwnOrder& other) {
  std::vector<std::pair<double, double>> both;
  for (const auto& [name, level] : one.levels) {
    const auto found = other.levels.find(name);
    if (found != other.levels.end()) both.emplace_back(level, found->second);
  }
  if (both.size() < 2) return std::nullopt;
  double sum = 0.0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double product = (both[i].first - both[j].first) * (both[i].second - both[j].second);
      sum += product > 0.0 ? 1.0 : product < 0.0 ? -1.0 : 0.0;
    }
  }
  const auto n = static_cast<double>(both.size());
  return sum / (0.5 * n * (n - 1.0));
}

AgreementRow row_of(const OwnOrder& order, const std::vector<StudyPair>& pairs,
                    const ScoreOptions& options) {
  AgreementRow row{.updates = order.updates, .detector = order.detector};
  std::vector<OrderedPair> ordered;
  std::set<std::string> names;
  for (const auto& pair : pairs) {
    const auto said = said_of(pair, order);
    if (!said) continue;
    ordered.push_back({pair.source, *said, pair.observed});
    names.insert({pair.a, pair.b});
  }
  row.candidates = names.size();
  row.share = order_share(fmt::format("{} {}", order.updates, order.detector), ordered, options);
  return row;
}

void add_candidates(const OwnOrder& order, const std::vector<StudyPair>& pairs,
                    std::vector<CandidateAgreement>& all) {
  std::map<std::string, CandidateAgreement> found;
  for (const auto& pair : pairs) {
    const auto said = said_of(pair, order);
    if (!said) continue;
    for (const auto& name : {pair.a, pair.b}) {
      auto& one = found.try_emplace(name, CandidateAgreement{name, order.detector}).first->second;
      ++one.pairs;
      one.right += *said * pair.observed > 0.0 ? 1 : 0;
    }
  }
  for (const auto& [name, one] : found) all.push_back(one);
}

double share_of(const CandidateAgreement& one) {
  return static_cast<double>(one.right) / static_cast<double>(one.pairs);
}

}  // namespace

Agreement agreement_with(std::span<const NetworkStudy> studies, const Evidence& evidence,
                         const std::string& measure, const ScoreOptions& options) {
  const auto pairs = pairs_of(studies, evidence, options);
  if (pairs.empty()) {
    fail(ErrorKind::kData, {.where = "published studies",
                            .expected = "two of the candidates in one study, over 10 % apart",
                            .got = "none"});
  }
  Agreement out{.description = evidence.description, .measure = measure};
  std::set<std::string> sources;
  for (const auto& pair : pairs) sources.insert(pair.source);
  out.sources = sources.size();
  out.studies = studies.size();
  const auto orders = own_orders(evidence, measure);
  const OwnOrder* own = nullptr;  // of the same updates
  for (const auto& order : orders) {
    if (own == nullptr || own->updates != order.updates) own = &order;
    auto row = row_of(order, pairs, options);
    if (row.share.pairs == 0) continue;
    if (own != &order) row.tau = kendall_tau(*own, order);
    out.rows.push_back(std::move(row));
    if (order.updates == orders.back().updates) add_candidates(order, pairs, out.by_candidate);
  }
  std::stable_sort(out.by_candidate.begin(), out.by_candidate.end(),
                   [](const auto& a, const auto& b) { return share_of(a) < share_of(b); });
  return out;
}

Json agreement_to_json(const Agreement& agreement) {
  Json rows = Json::array(), candidates = Json::array();
  for (const auto& row : agreement.rows) {
    rows.push_back({{"updates", row.updates},
                    {"detector", row.detector},
                    {"candidates", row.candidates},
                    {"right", row.share.right},
                    {"pairs", row.share.pairs},
                    {"share", row.share.share},
                    {"interval95", {row.share.interval95.low, row.share.interval95.high}},
                    {"kendall_tau", number_or_null(row.tau)}});
  }
  for (const auto& one : agreement.by_candidate)
    candidates.push_back({{"candidate", one.candidate},
                          {"detector", one.detector},
                          {"right", one.right},
                          {"pairs", one.pairs}});
  return {{"trials", agreement.description},
          {"measure", agreement.measure},
          {"studies", agreement.studies},
          {"sources", agreement.sources},
          {"rows", rows},
          {"candidates", candidates}};
}

std::string agreement_to_text(const Agreement& agreement) {
  std::string text = wrapped(
      fmt::format("Order by {} of own trials ({}) against pairs over 10 % apart in {} studies of "
                  "{} sources.",
                  agreement.measure, agreement.description, agreement.studies, agreement.sources),
      80, 0, 0);
  TextRows rows = {{"updates", "detector", "as published", "share", "over sources", "tau"}};
  for (const auto& row : agreement.rows)
    rows.push_back(
        {fmt::format("{}", row.updates), row.detector,
         fmt::format("{} of {}", row.share.right, row.share.pairs),
         fmt::format("{:.2f}", row.share.share),
         fmt::format("{:.2f} - {:.2f}", row.share.interval95.low, row.share.interval95.high),
         row.tau ? fmt::format("{:.2f}", *row.tau) : "-"});
  text += "\n" + aligned_rows(rows, 2) + "\n" +
          wrapped(
              "tau: Kendall's, between a detector's order and the first one's at the same "
              "updates.",
              80, 0, 0);
  rows = {{"candidate", "detector", "as published"}};
  for (const auto& one : agreement.by_candidate)
    rows.push_back({one.candidate, one.detector, fmt::format("{} of {}", one.right, one.pairs)});
  return text + "\n" + aligned_rows(rows, 2);
}

}  // namespace ganselect
