// A use case as JSON and as a line for people.
#include <fmt/format.h>

#include <algorithm>

#include "base/settings_io.h"
#include "selection/query/use_case.h"

namespace ganselect {
namespace {

std::vector<std::string> comparison_kinds() {
  std::vector<std::string> kinds = {"candidate", "gan"};
  kinds.insert(kinds.end(), decision_ids().begin(), decision_ids().end());
  return kinds;
}

}  // namespace

// Beside their structs, where settings_io.h looks for them.
template <class V>
void describe(V& v, AskedComparison& comparison) {
  v.field("kind", comparison.kind, "what is compared", one_of(comparison_kinds()));
  v.field("a", comparison.a, "the first");
  v.field("b", comparison.b, "the second");
}

template <class V>
void describe(V& v, AskedQuestion& question) {
  v.field("id", question.id, "a decision parameter", one_of(decision_ids()));
  v.field("values", question.values, "values named");
}

namespace {

// The most images and updates that anybody means.
constexpr double kMostCounted = 1e12;

// A use case as it stands in its file.
struct UseCaseText {
  Json weights, constraints = Json::array();
  std::string name;
  UseCase use_case;
};

template <class V>
void describe_facts(V& v, UseCase& use_case) {
  v.field("train_images", use_case.train_images, "images to train on", between(1, kMostCounted));
  v.field("updates", use_case.updates, "generator updates", between(1, kMostCounted));
  v.field("device", use_case.device, "where training runs", one_of({"cpu", "gpu"}));
  v.field("image_size", use_case.image_size, "height of the images", between(1, 65536));
  v.field("subjects", use_case.subjects, "what the images show");
  v.field("other_gans", use_case.other_gans, "GANs that are not trained here");
  v.field("comparison", use_case.comparison, "two things compared");
  v.field("question", use_case.question, "a question on one decision");
}

template <class V>
void describe(V& v, UseCaseText& text) {
  v.field("weights", text.weights, "weights by criterion");
  v.field("constraints", text.constraints, "hard constraints");
  v.field("name", text.name, "for people");
  describe_facts(v, text.use_case);
}

Constraint constraint_from_json(const Json& entry, const std::string& place) {
  static const std::vector<std::string> parts = {"key", "op", "value"};
  if (!entry.is_object()) fail_type(place, "objects with key, op and value", entry);
  for (const auto& item : entry.items()) {
    if (std::find(parts.begin(), parts.end(), item.key()) == parts.end())
      fail_unknown_key(place, item.key(), parts);
  }
  for (const auto& part : parts) {
    if (!entry.contains(part)) fail_type(place, "an object with '" + part + "'", entry);
  }
  if (!entry["key"].is_string() || !entry["op"].is_string())
    fail_type(place, "key and op as texts", entry);
  return {entry["key"].get<std::string>(), entry["op"].get<std::string>(), entry["value"]};
}

std::string constraint_text(const Constraint& constraint) {
  if (constraint.key == "candidate") {
    return fmt::format("candidate {} {}", constraint.op,
                       join(constraint.value.get<std::vector<std::string>>()));
  }
  return fmt::format("{} {} {}", constraint.key, constraint.op,
                     constraint.value.is_number_float() ? shortest(constraint.value.get<double>())
                                                        : constraint.value.dump());
}

// Each fact as it is shown, a clause each.
std::vector<std::string> fact_texts(const UseCase& use_case) {
  std::vector<std::string> texts;
  if (use_case.train_images)
    texts.push_back(fmt::format("train_images {}", *use_case.train_images));
  if (use_case.updates) texts.push_back(fmt::format("updates {}", *use_case.updates));
  if (use_case.device) texts.push_back("device " + *use_case.device);
  if (use_case.image_size) texts.push_back(fmt::format("image_size {}", *use_case.image_size));
  if (!use_case.subjects.empty()) texts.push_back("subjects " + join(use_case.subjects));
  if (!use_case.other_gans.empty()) texts.push_back("other GANs " + join(use_case.other_gans));
  if (const auto& two = use_case.comparison; two && two->kind != "candidate")
    texts.push_back(fmt::format("compared{}: {}, {}", two->kind == "gan" ? "" : " by " + two->kind,
                                two->a, two->b));
  if (const auto& question = use_case.question)
    texts.push_back("asked of " + question->id +
                    (question->values.empty() ? "" : ": " + join(question->values)));
  return texts;
}

}  // namespace

Json to_json(const UseCase& use_case) {
  Json weights = Json::object();
  for (const auto& criterion : criterion_names())
    weights[criterion.name] = use_case.weight(criterion.name);
  Json constraints = Json::array();
  for (const auto& constraint : use_case.constraints) {
    constraints.push_back(
        {{"key", constraint.key}, {"op", constraint.op}, {"value", constraint.value}});
  }
  Json json = {{"weights", weights}, {"constraints", constraints}};
  UseCase copy = use_case;  // a description takes a reference that readers write through
  SettingsWriter writer;
  describe_facts(writer, copy);
  const Json facts = writer.take();
  for (const auto& [key, value] : facts.items()) {
    if (!value.is_null() && !(value.is_array() && value.empty())) json[key] = value;
  }
  return json;
}

UseCase use_case_from_json(const Json& json, const std::string& where) {
  auto text = settings_from_json<UseCaseText>(json, where);
  if (!text.weights.is_object())
    fail_type(where + " key 'weights'", "an object of criteria and their weights", text.weights);
  UseCase use_case = std::move(text.use_case);
  const auto criteria = criterion_names().names();
  for (const auto& [name, weight] : text.weights.items()) {
    if (!criterion_names().find(name)) fail_unknown_key(where + " key 'weights'", name, criteria);
    if (!weight.is_number()) fail_type(where + " key 'weights." + name + "'", "a number", weight);
    use_case.weights[name] = weight.get<double>();
  }
  const std::string place = where + " key 'constraints'";
  if (!text.constraints.is_array()) fail_type(place, "an array", text.constraints);
  for (const auto& entry : text.constraints)
    use_case.constraints.push_back(constraint_from_json(entry, place));
  validate(use_case, where);
  return use_case;
}

std::string describe_use_case(const UseCase& use_case) {
  std::vector<std::pair<std::string, double>> order;
  for (const auto& criterion : criterion_names()) {
    const double weight = use_case.weight(criterion.name);
    if (weight > 0.0) order.emplace_back(criterion.name, weight);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [name, weight] : order) parts.push_back(fmt::format("{} {:.2f}", name, weight));
  std::string text = join(parts);
  for (const auto& constraint : use_case.constraints) text += "; " + constraint_text(constraint);
  for (const auto& fact : fact_texts(use_case)) text += "; " + fact;
  return text;
}

}  // namespace ganselect
