#include "harness/race/contenders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/provenance.h"
#include "base/text.h"
#include "harness/train/trainer.h"
#include "models/catalogue.h"
#include "selection/advice/advice.h"

namespace ganselect {
namespace {

constexpr const char* kAugmentation = "+diffaugment";
constexpr std::size_t kConditionalPlaces = 2;

// Why the data cannot train it; empty: they can.
std::string reason_not_to_run(const std::string& point, const Dataset& data,
                              const TrainSettings& shared) {
  TrainSettings settings = shared;
  settings.point = point;
  try {
    const auto candidate = resolve_candidate(settings);
    if (candidate.needs_instances) return "is conditioned on instances, which a race does not make";
    if (candidate.needs_clusters) return "is told clusters, which a race does not make";
    if (candidate.needs_visible) return "fills in parts of images, which a race does not ask for";
    if (candidate.needs_labels && !data.labels.defined())
      return "needs labels, which " + data.name + " has not";
    require_buildable(candidate,
                      build_settings(settings, data.shape, data_conditioning(candidate, data)));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

bool is_valid(const std::string& point) {
  try {
    parse_point(point);
    return true;
  } catch (const Error&) {
    return false;
  }
}

AdviceInput advice_input(const UseCase& use_case, const std::string& wish) {
  AdviceInput input;
  input.query = wish;
  input.use_case = use_case;
  const Json catalogue = catalogue_json();
  for (const auto& candidate : catalogue.at("candidates")) {
    input.known.push_back(candidate);
    input.candidates.push_back(candidate.at("name"));
  }
  input.baselines = load_baselines(std::filesystem::path(share_dir()) / "results" / "published" /
                                   "baselines.json");
  input.studies = std::make_shared<const PublishedStudies>(load_studies(shipped_studies()));
  return input;
}

// A field that is filled place by place.
class Field {
 public:
  Field(const Dataset& data, const ContenderSettings& settings)
      : data_(data),
        settings_(settings),
        augments_(!data.shape.points && data.size() < kFewImages) {}

  bool is_full() const { return list_.size() >= settings_.most; }
  const std::vector<RaceContender>& list() const { return list_; }
  bool augments() const { return augments_; }
  // The first so many after all others: a short budget leaves out the last.
  void move_to_end(std::size_t count) {
    std::rotate(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(count), list_.end());
  }

  // False where it cannot run, runs already or its loss has had its share. Older records have
  // candidates under names that they had then.
  bool add(const std::string& name, const std::string& why, bool any_loss) {
    if (!is_valid(name)) return false;
    const auto loss = parse_point(name).loss;
    const std::size_t share = std::max<std::size_t>(1, settings_.most / 3);
    if (is_full() || (!any_loss && losses_[loss] >= share)) return false;
    const auto point = as_run(name);
    if (!names_.insert(point).second || !reason_not_to_run(point, data_, settings_.train).empty())
      return false;
    ++losses_[loss];
    list_.push_back({point, why + (point == name ? "" : "; augments, since images are few")});
    return true;
  }

 private:
  std::string as_run(const std::string& name) const {
    const auto augmented = name + kAugmentation;
    return augments_ && is_valid(augmented) ? parse_point(augmented).name : name;
  }

  const Dataset& data_;
  const ContenderSettings& settings_;
  bool augments_;
  std::vector<RaceContender> list_;
  std::set<std::string> names_;
  std::map<std::string, std::size_t> losses_;
};

// Conditional candidates, where the data have classes; returns how many.
std::size_t add_conditional(const Dataset& data, Field& field) {
  std::size_t places = 0;
  if (!data.labels.defined()) return places;
  for (const auto& candidate : candidates()) {
    if (!candidate.needs_labels || places == kConditionalPlaces) continue;
    places += field.add(candidate.name, "is told the classes that the data have", true) ? 1 : 0;
  }
  return places;
}

void add_ranked(const Ranking& ranking, const std::string& trials, Field& field) {
  std::vector<const RankedCandidate*> order;
  for (const auto& one : ranking.ranked) order.push_back(&one);
  // Those whose chance is not known, of one trial each, come after the others in their order.
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->p_best.value_or(0) > b->p_best.value_or(0);
  });
  for (const bool any_loss : {false, true}) {
    for (const auto* one : order) {
      const auto why = one->p_best ? fmt::format("{:.0f} % that it is the best by {}",
                                                 100 * *one->p_best, trials)
                                   : fmt::format("place {} by {}, of one seed", one->rank, trials);
      field.add(one->evidence->name, why, any_loss);
    }
  }
}

void fill_field(std::span<const Record> evidence, const UseCase& use_case, const std::string& wish,
                const Dataset& data, Field& field) {
  const auto places = add_conditional(data, field);
  add_ranked(advise(evidence, advice_input(use_case, wish)).ranking, "stored trials", field);
  // Trials of as few images may be of a handful of candidates; those of more fill what is left.
  if (!field.is_full()) {
    UseCase any_size = use_case;
    any_size.train_images.reset();
    add_ranked(advise(evidence, advice_input(any_size, wish)).ranking,
               "stored trials of other numbers of images", field);
  }
  field.move_to_end(places);
}

std::vector<RaceContender> named_field(const Dataset& data, const ContenderSettings& settings) {
  std::vector<RaceContender> list;
  for (const auto& name : settings.named) {
    const auto point = parse_point(name).name;
    const auto reason = reason_not_to_run(point, data, settings.train);
    const bool twice =
        std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.point == point; });
    if (!reason.empty() || twice) {
      fail(ErrorKind::kUsage, {.where = "--contenders " + name,
                               .expected = "contenders that " + data.name + " can train, each once",
                               .got = twice ? "it twice" : reason});
    }
    list.push_back({point, "named"});
  }
  return list;
}

}  // namespace

Reading read_wish(const std::string& wish) {
  std::vector<std::string> names;
  for (const auto& candidate : candidates()) names.push_back(candidate.name);
  return read_query(wish, names);
}

Contenders choose_contenders(std::span<const Record> evidence, const Dataset& data,
                             const ContenderSettings& settings) {
  const Reading reading = read_wish(settings.wish);
  Contenders contenders{.use_case = reading.use_case,
                        .understood = describe_use_case(reading.use_case)};
  if (!contenders.use_case.train_images) contenders.use_case.train_images = data.size();
  if (!contenders.use_case.device)
    contenders.use_case.device = settings.train.device == "cpu" ? "cpu" : "gpu";
  for (const auto& word : reading.unknown)
    contenders.notes.push_back("The word '" + word.word +
                               "' was not understood and had no effect.");
  if (!settings.named.empty()) {
    contenders.list = named_field(data, settings);
  } else {
    Field field(data, settings);
    fill_field(evidence, contenders.use_case, settings.wish, data, field);
    contenders.list = field.list();
    if (field.augments())
      contenders.notes.push_back(
          fmt::format("{} images are few (below {}): contenders augment them where they can.",
                      data.size(), kFewImages));
  }
  if (contenders.list.size() < 2) {
    fail(ErrorKind::kData, {.where = "contenders",
                            .expected = "two or more that " + data.name + " can train",
                            .got = std::to_string(contenders.list.size()),
                            .hint = "name them by --contenders"});
  }
  return contenders;
}

}  // namespace ganselect
