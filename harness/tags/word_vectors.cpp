#include "harness/tags/word_vectors.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/seeds.h"

namespace ganselect {
namespace {

constexpr double kNoisePower = 0.75;  // of the unigram counts, section 2.2 of the source
constexpr double kLeastRateShare = 1e-4;

// The vocabulary: words common enough, commonest first, equal counts by name.
WordVectors count_words(const std::vector<std::vector<std::string>>& corpus,
                        std::int64_t minimum_count) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& sentence : corpus) {
    for (const auto& word : sentence) ++counts[word];
  }
  std::vector<std::pair<std::string, std::int64_t>> kept;
  for (const auto& item : counts) {
    if (item.second >= minimum_count) kept.push_back(item);
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (kept.size() < 2) {
    fail(ErrorKind::kData,
         {.where = "word vectors",
          .expected = "at least two words that occur " + std::to_string(minimum_count) + " times",
          .got = std::to_string(kept.size()) + " of " + std::to_string(counts.size()) + " words",
          .hint = "lower minimum_count, or give a larger corpus"});
  }
  WordVectors result;
  for (const auto& [word, count] : kept) {
    result.rows[word] = static_cast<std::int64_t>(result.words.size());
    result.words.push_back(word);
    result.counts.push_back(count);
  }
  return result;
}

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// One training run: both matrices as plain rows, since a step touches a dozen of them.
class SkipGram {
 public:
  SkipGram(const WordVectors& vocabulary, const SkipGramSettings& settings)
      : settings_(settings),
        size_(static_cast<std::size_t>(settings.dimensions)),
        random_(stream_seed(settings.seed, "word vectors")) {
    const auto count = vocabulary.words.size();
    centre_.resize(count * size_);
    context_.assign(count * size_, 0.0F);
    std::uniform_real_distribution<float> start(-0.5F / static_cast<float>(size_),
                                                0.5F / static_cast<float>(size_));
    for (auto& value : centre_) value = start(random_);
    std::vector<double> weights;
    double total = 0;
    for (const auto n : vocabulary.counts) {
      weights.push_back(std::pow(static_cast<double>(n), kNoisePower));
      total += static_cast<double>(n);
    }
    noise_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
    for (const auto n : vocabulary.counts) {
      const double share = static_cast<double>(n) / total;
      kept_.push_back(settings.subsample > 0 ? std::min(1.0, std::sqrt(settings.subsample / share))
                                             : 1.0);
    }
  }

  void train(const std::vector<std::vector<std::size_t>>& sentences) {
    std::size_t tokens = 0;
    for (const auto& sentence : sentences) tokens += sentence.size();
    const double all = static_cast<double>(tokens) * static_cast<double>(settings_.epochs);
    double done = 0;
    for (std::int64_t epoch = 0; epoch < settings_.epochs; ++epoch) {
      throw_if_interrupted("word vectors are not kept half trained");
      for (const auto& sentence : sentences) {
        rate_ = static_cast<float>(settings_.rate * std::max(kLeastRateShare, 1.0 - done / all));
        train_sentence(sentence);
        done += static_cast<double>(sentence.size());
      }
    }
  }

  torch::Tensor vectors() const {
    return torch::tensor(centre_).view({-1, static_cast<std::int64_t>(size_)}).clone();
  }

 private:
  void train_sentence(const std::vector<std::size_t>& sentence) {
    std::uniform_real_distribution<double> chance(0.0, 1.0);
    std::vector<std::size_t> heard;
    for (const auto word : sentence) {
      if (chance(random_) < kept_[word]) heard.push_back(word);
    }
    std::uniform_int_distribution<std::int64_t> reach(1, settings_.window);
    const auto length = static_cast<std::int64_t>(heard.size());
    for (std::int64_t at = 0; at < length; ++at) {
      const auto far = reach(random_);
      for (auto near = std::max<std::int64_t>(0, at - far); near <= std::min(length - 1, at + far);
           ++near) {
        if (near != at)
          train_pair(heard[static_cast<std::size_t>(at)], heard[static_cast<std::size_t>(near)]);
      }
    }
  }

  void train_pair(std::size_t centre, std::size_t neighbour) {
    change_.assign(size_, 0.0F);
    push(centre, neighbour, 1.0F);
    for (std::int64_t n = 0; n < settings_.negatives; ++n) {
      const auto other = noise_(random_);
      if (other != neighbour) push(centre, other, 0.0F);
    }
    float* row = centre_.data() + centre * size_;
    for (std::size_t e = 0; e < size_; ++e) row[e] += change_[e];
  }

  // A step of gradient descent on -log s(c.n) (label 1) or -log s(-c.n) (label 0).
  void push(std::size_t centre, std::size_t other, float label) {
    const float* c = centre_.data() + centre * size_;
    float* o = context_.data() + other * size_;
    float dot = 0;
    for (std::size_t e = 0; e < size_; ++e) dot += c[e] * o[e];
    const float step = rate_ * (label - static_cast<float>(logistic(dot)));
    for (std::size_t e = 0; e < size_; ++e) {
      change_[e] += step * o[e];
      o[e] += step * c[e];
    }
  }

  SkipGramSettings settings_;
  std::size_t size_;
  std::mt19937_64 random_;
  std::vector<float> centre_, context_, change_;
  std::discrete_distribution<std::size_t> noise_;
  std::vector<double> kept_;  // chance that an occurrence of the word is used
  float rate_ = 0;
};

}  // namespace

WordVectors train_word_vectors(const std::vector<std::vector<std::string>>& corpus,
                               const SkipGramSettings& settings) {
  const auto checked =
      settings_from_json<SkipGramSettings>(settings_to_json(settings), "word vectors");
  auto result = count_words(corpus, checked.minimum_count);
  std::vector<std::vector<std::size_t>> sentences;
  for (const auto& sentence : corpus) {
    std::vector<std::size_t> known;
    for (const auto& word : sentence) {
      const auto row = result.rows.find(word);
      if (row != result.rows.end()) known.push_back(static_cast<std::size_t>(row->second));
    }
    if (known.size() > 1) sentences.push_back(std::move(known));
  }
  SkipGram training(result, checked);
  training.train(sentences);
  result.vectors = training.vectors();
  return result;
}

double skip_gram_loss(const torch::Tensor& centre, const torch::Tensor& neighbour,
                      const torch::Tensor& noise) {
  const auto near = torch::softplus(-centre.dot(neighbour));
  return (near + torch::softplus(noise.mv(centre)).sum()).item<double>();
}

torch::Tensor nearest_words(const WordVectors& vectors, const torch::Tensor& queries,
                            std::int64_t count) {
  namespace nnf = torch::nn::functional;
  if (queries.dim() != 2 || queries.size(1) != vectors.vectors.size(1) || count < 1 ||
      count > vectors.vectors.size(0)) {
    fail(ErrorKind::kUsage,
         {.where = "nearest words",
          .expected = "vectors of " + std::to_string(vectors.vectors.size(1)) +
                      " numbers and at most " + std::to_string(vectors.vectors.size(0)) + " words",
          .got = c10::str(queries.sizes(), " and ", count)});
  }
  const auto options = nnf::NormalizeFuncOptions().dim(1);
  const auto cosine =
      nnf::normalize(queries, options).mm(nnf::normalize(vectors.vectors, options).t());
  return std::get<1>(cosine.topk(count, 1));
}

}  // namespace ganselect
