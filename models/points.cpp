#include "models/points.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "models/backbones/architectures.h"
#include "models/masks.h"
#include "models/packing.h"

namespace ganselect {
namespace {

constexpr std::int64_t kClustersOfPoints = 100;  // where a point does not come with its own number

std::vector<std::string> split_point(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// The row of a name or alias; the table's own error otherwise.
template <class Row>
const Row& row_of(const NamedTable<Row>& table, const std::string& name) {
  for (const auto& row : table) {
    if (std::find(row.aliases.begin(), row.aliases.end(), name) != row.aliases.end()) return row;
  }
  return table.at(name);
}

// "r1+r2" is a row of its own whose name holds the separator.
std::vector<std::string> split_regularization(const std::string& text) {
  auto parts = split_point(text, '+');
  const auto r2 = std::find(parts.begin(), parts.end(), "r2");
  const auto r1 = std::find(parts.begin(), parts.end(), "r1");
  if (r1 != parts.end() && r2 != parts.end()) {
    *r1 = "r1+r2";
    parts.erase(r2);
  }
  return parts;
}

// Names in the table's order, without "none".
std::vector<std::string> read_regularization(const std::string& text) {
  const auto given = split_regularization(text);
  std::vector<std::string> full;
  for (const auto& name : given) {
    full.push_back(row_of(penalties(), name).name);
    if (std::count(full.begin(), full.end(), full.back()) > 1) {
      fail(ErrorKind::kUsage, {.where = "regularization '" + text + "'",
                               .expected = "each name once",
                               .got = full.back() + " twice",
                               .hint = ""});
    }
  }
  if (full.size() > 1 && std::find(full.begin(), full.end(), "none") != full.end()) {
    fail(ErrorKind::kUsage, {.where = "regularization '" + text + "'",
                             .expected = "none alone, or regularizers",
                             .got = "both",
                             .hint = ""});
  }
  std::vector<std::string> ordered;
  for (const auto& row : penalties()) {
    const bool wanted = std::find(full.begin(), full.end(), row.name) != full.end();
    if (wanted && row.name != "none") ordered.push_back(row.name);
  }
  return ordered;
}

struct Switches {
  bool g, d;
};

Switches default_switches(const CandidateSpec& point) {
  const auto& architecture = architectures().at(point.architecture);
  Switches switches{architecture.batch_norm_g, architecture.batch_norm_d};
  for (const auto& name : point.regularization) {
    if (penalties().at(name).no_batch_norm_d) switches.d = false;
  }
  return switches;
}

void set_switches(CandidateSpec& point, const std::string& text) {
  auto [g, d] = default_switches(point);
  std::optional<bool> said_g, said_d;
  const auto say = [&](std::optional<bool>& said, const std::optional<bool>& now) {
    if (said && now && *said != *now) {
      fail(ErrorKind::kUsage, {.where = "point '" + text + "'",
                               .expected = "batch norm on or off",
                               .got = "both",
                               .hint = ""});
    }
    if (now) said = now;
  };
  for (const auto& name : point.regularization) {
    const auto& row = penalties().at(name);
    say(said_g, row.batch_norm_g);
    say(said_d, row.batch_norm_d);
  }
  point.batch_norm_g = said_g.value_or(g);
  point.batch_norm_d = said_d.value_or(d);
}

// "dcgan", or "dcgan+labels"
void read_architecture(const std::string& text, CandidateSpec& point) {
  const auto parts = split_point(text, '+');
  if (parts.size() > 2) {
    fail(ErrorKind::kUsage, {.where = "architecture '" + text + "'",
                             .expected = "ARCHITECTURE or ARCHITECTURE+CONDITIONING",
                             .got = std::to_string(parts.size()) + " parts",
                             .hint = ""});
  }
  point.architecture = architectures().at(parts[0]).name;
  if (parts.size() < 2) return;
  const auto& told = conditionings().at(parts[1]);
  point.conditioning = told.name;
  point.needs_labels = told.needs_labels;
  point.needs_instances = told.needs_instances;
  point.needs_clusters = told.needs_clusters;
  point.needs_visible = told.needs_visible;
  if (told.needs_clusters) point.clusters = kClustersOfPoints;
  if (told.needs_visible) point.mask = mask_laws().begin()->name;
}

[[noreturn]] void refuse_point(std::string_view text, const PointRule& rule) {
  fail(ErrorKind::kUsage, {.where = "point '" + std::string(text) + "'",
                           .expected = "a point within the rule " + rule.name,
                           .got = "one that breaks it",
                           .hint = rule.text});
}

CandidateSpec read_point(std::string_view text) {
  const auto parts = split_point(text, '/');
  if (parts.size() < 2 || parts.size() > 4) {
    fail(ErrorKind::kUsage,
         {.where = "point '" + std::string(text) + "'",
          .expected =
              "ARCHITECTURE[+CONDITIONING]/LOSS[/REGULARIZATION[+REGULARIZATION]][/DIVERGENCE]",
          .got = std::to_string(parts.size()) + " parts",
          .hint = "`ganselect list` shows the named candidates"});
  }
  CandidateSpec point;
  read_architecture(parts[0], point);
  point.loss = row_of(losses(), parts[1]).name;
  auto rest = std::vector<std::string>(parts.begin() + 2, parts.end());
  if (!rest.empty() && (rest.size() == 2 || divergences().find(rest.back()) != nullptr)) {
    point.divergence = divergences().at(rest.back()).name;
    rest.pop_back();
  }
  if (!rest.empty()) point.regularization = read_regularization(rest.front());
  set_switches(point, std::string(text));
  return point;
}

}  // namespace

void set_training_defaults(CandidateSpec& candidate) {
  const auto& architecture = architectures().at(candidate.architecture);
  const auto& loss = loss_of(candidate);
  OptimizerSpec optimizer;
  optimizer.lr = loss.lr;
  if (candidate.divergence) optimizer.lr = divergences().at(*candidate.divergence).lr;
  if (architecture.optimizer) optimizer = *architecture.optimizer;
  candidate.n_critic = architecture.n_critic;
  // As many scores a batch as without packs, as in the published code.
  candidate.batch = architecture.batch * pack_of(candidate);
  if (candidate.conditioning == "none") {
    candidate.latent_bound = architecture.latent_bound;
    candidate.input_dropout = architecture.input_dropout_d;
  }
  double decay = 0.0;
  bool clips = false;
  for (const auto& name : candidate.regularization) {
    decay += penalties().at(name).weight_decay;
    clips |= penalties().at(name).after_critic_step != nullptr;
  }
  if (loss.needs_bound) {
    candidate.n_critic = 5;
    optimizer.lr = 1e-4;
    optimizer.beta2 = 0.9;
    if (clips) optimizer = {.kind = OptimizerKind::kRmsprop, .lr = 5e-5};
  }
  optimizer.weight_decay = decay;
  candidate.optimizer = optimizer;
}

namespace {

// What names meant before: the name, and what to say now.
const std::vector<std::pair<std::string, std::string>>& former_names() {
  static const std::vector<std::pair<std::string, std::string>> names = {
      {"r3gan",
       "it is called rpgan-r1-r2 now: its loss and penalties on dcgan's networks, which are not "
       "R3GAN's own"}};
  return names;
}

// "dcgan+pack2": the candidate, with additions.
CandidateSpec with_additions(std::string_view name) {
  const auto parts = split_point(name, '+');
  CandidateSpec candidate = candidates().at(parts[0]);
  const int before = pack_of(candidate);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto* row = penalties().find(parts[i]);
    if (row == nullptr || !row->is_addition() || has_regularizer(candidate, parts[i])) {
      std::vector<std::string> valid;
      for (const auto& each : penalties()) {
        if (each.is_addition()) valid.push_back(each.name);
      }
      fail(ErrorKind::kUsage,
           {.where = "candidate '" + std::string(name) + "'",
            .expected = "a candidate and, each once, additions of " + join(valid),
            .got = "'+" + parts[i] + "'",
            .hint = "other regularizers need the whole point, "
                    "ARCHITECTURE/LOSS/REGULARIZATION"});
    }
    candidate.regularization.push_back(row->name);
  }
  if (const auto* rule = broken_rule(candidate)) refuse_point(name, *rule);
  candidate.batch = candidate.batch / before * pack_of(candidate);
  candidate.name = std::string(name);
  candidate.tables.clear();
  candidate.extension = true;
  candidate.same_training.clear();
  return candidate;
}

}  // namespace

std::string canonical_point_name(const CandidateSpec& candidate) {
  const auto defaults = default_switches(candidate);
  std::vector<std::string> words;
  for (const auto& name : candidate.regularization) {
    const auto& row = penalties().at(name);
    if (!row.batch_norm_g && !row.batch_norm_d && !row.needs_dropout) words.push_back(name);
  }
  for (const auto& row : penalties()) {
    const bool g = row.batch_norm_g && defaults.g != candidate.batch_norm_g &&
                   *row.batch_norm_g == candidate.batch_norm_g;
    const bool d = row.batch_norm_d && defaults.d != candidate.batch_norm_d &&
                   *row.batch_norm_d == candidate.batch_norm_d;
    if (g || d) words.push_back(row.name);
  }
  auto name = candidate.architecture;
  if (candidate.conditioning != "none") name += "+" + candidate.conditioning;
  name += "/" + candidate.loss;
  if (words.empty() && candidate.divergence) words.push_back("none");
  for (std::size_t i = 0; i < words.size(); ++i) name += (i == 0 ? "/" : "+") + words[i];
  if (candidate.divergence) name += "/" + *candidate.divergence;
  return name;
}

CandidateSpec resolve_point(std::string_view text) {
  auto point = read_point(text);
  if (const auto* rule = broken_rule(point)) refuse_point(text, *rule);
  set_training_defaults(point);
  point.name = canonical_point_name(point);
  point.source = loss_of(point).paper + ", arXiv " + loss_of(point).arxiv;
  return point;
}

void refuse_former_name(std::string_view name) {
  for (const auto& [former, now] : former_names()) {
    if (former != name) continue;
    fail(ErrorKind::kUsage, {.where = "candidate",
                             .expected = "a name of today",
                             .got = "'" + former + "'",
                             .hint = now});
  }
}

CandidateSpec parse_point(std::string_view name_or_point) {
  if (name_or_point.find('/') != std::string_view::npos) return resolve_point(name_or_point);
  if (const auto* row = candidates().find(name_or_point)) return *row;
  refuse_former_name(name_or_point);
  if (name_or_point.find('+') != std::string_view::npos) return with_additions(name_or_point);
  return candidates().at(name_or_point);
}

}  // namespace ganselect
