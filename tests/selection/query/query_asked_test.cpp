// Questions of many kinds as they were put to the program: read right, or refused, and never half.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "selection/query/query.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::vector<std::string> kAskedOf = {"fcgan", "dcgan", "cgan",  "wgan",    "wgan-gp",
                                           "lsgan", "sngan", "rsgan", "ralsgan", "sngan-resnet"};

struct Put {
  const char* query;
  const char* reading;
};

std::string in_words(std::string reading) {
  const std::string word = "balanced";
  if (!reading.starts_with(word)) return reading;
  return reading.replace(0, word.size(), "quality 0.30, diversity 0.30, stability 0.20, cost 0.20");
}

const std::vector<Put> kRead = {
    // Images of each class.
    {"10 classes with 100 images each", "balanced; modes >= 10; train_images 1000"},
    {"100 images for each of 10 classes", "balanced; modes >= 10; train_images 1000"},
    {"50 images per class, 10 classes", "balanced; modes >= 10; train_images 500"},
    {"each class has 80 photos, ten classes, diverse",
     "diversity 1.00; modes >= 10; train_images 800"},
    {"10 classes, 600 images", "balanced; modes >= 10; train_images 600"},
    // Numbers written out.
    {"FID under forty", "balanced; fid <= 40"},
    {"recall at least half, sharp", "quality 1.00; recall >= 0.5"},
    {"twelve hundred images, diverse", "diversity 1.00; train_images 1200"},
    {"after ten thousand iterations", "balanced; updates 10000"},
    // Times in words.
    {"overnight on one GPU", "balanced; train_seconds <= 36000; device gpu"},
    {"over the weekend, diverse", "diversity 1.00; train_seconds <= 172800"},
    {"stable in a fortnight", "stability 1.00; train_seconds <= 1209600"},
    {"by tomorrow, sharp", "quality 1.00; train_seconds <= 86400"},
    {"diverse within an afternoon", "diversity 1.00; train_seconds <= 14400"},
    {"in half a year", "balanced; train_seconds <= 15768000"},
    // Thresholds on further measures.
    {"KID below 0.05", "balanced; kid_mean <= 0.05"},
    {"inception score at least 3, stable", "stability 1.00; inception_score_mean >= 3"},
    // Comparisons.
    {"does lsgan beat dcgan", "balanced; candidate in dcgan, lsgan"},
    {"difference between dcgan and lsgan", "balanced; candidate in dcgan, lsgan"},
    {"is a convolutional network better than a fully connected one?",
     "balanced; compared by architecture: conv-deconv, fc"},
    {"is KL better than JS?", "balanced; compared by divergence: kl, jensen-shannon"},
    {"DC-GAN or sn-gan", "balanced; candidate in dcgan, sngan"},
    // Names alone.
    {"better than dcgan", "balanced"},
    {"MNIST", "balanced"},
    {"spectral normalisation", "balanced; asked of regularization: spectral-norm"},
    // Complaints.
    {"all my samples look alike", "diversity 1.00"},
    {"generator loss explodes", "stability 1.00"},
    {"discriminator wins too fast", "stability 1.00"},
    {"my GAN does not converge", "stability 1.00"},
    {"my samples are just noise", "quality 1.00"},
    {"I get noise instead of images", "quality 1.00"},
    {"checkerboard artifacts", "quality 1.00"},
    {"the discriminator loss goes to zero", "stability 1.00"},
    // Beginners.
    {"first time user, what should I try", "balanced"},
    {"I am new to GANs", "balanced"},
    {"easiest GAN", "balanced"},
    {"simplest GAN to implement", "balanced"},
    {"gans for images", "balanced"},
    {"GAN for a student project", "balanced"},
    {"what do you recommend", "balanced"},
    // Order of wishes.
    {"first quality, second diversity", "quality 0.80, diversity 0.20"},
    {"quality first, diversity second", "quality 0.80, diversity 0.20"},
    {"variety, but not at the cost of quality", "quality 0.50, diversity 0.50"},
    {"diverse without sacrificing quality", "quality 0.50, diversity 0.50"},
    {"covers every digit", "mode_coverage 1.00"},
    {"privacy preserving", "generalization 1.00"},
    {"few-shot", "generalization 1.00"},
};

const std::vector<Put> kNotRead = {
    {"FID below 30 or coverage over 0.5", "limits that hold together"},
    {"recall at least thirty", "recall from 0 to 1"},
    {"30 epochs", "say it in generator updates"},
    {"ECG signals", "GANs for time series are out of scope"},
    {"stock prices", "out of scope"},
    {"csv file", "GANs for tables"},
    {"chatbot", "GANs for text"},
    {"anomaly detection", "out of scope"},
    {"semi-supervised learning", "out of scope"},
    {"diverce images", "nearest known: 'diverse'"},
    {"stabel training", "nearest known: 'stable'"},
    {"hi", "which names none"},
    {"wgan gp", "\"wgan-gp\" was only mentioned"},
    {"sn-gan", "\"sngan\" was only mentioned"},
    {"a quarter million images", "'quarter'"},
};

const std::vector<Put> kSaid = {
    {"100 images for each of 10 classes",
     "\"100 images\" of each of 10 classes were taken as 1000 training images"},
    {"overnight, diverse", "\"overnight\" was taken as 10 h"},
    {"do I need labels?", "what labels are worth was not put to the test"},
    {"should I use Adam or RMSProp?", "the choice of the optimizer was not put to the test"},
    {"what learning rate should I use?", "the learning rate was not put to the test"},
    {"what batch size?", "the size of batches was not put to the test"},
    {"how many critic steps?", "the number of critic updates was not put to the test"},
    {"does self-attention help?", "attention in the networks was not put to the test"},
    {"LPIPS at least 0.3", "that measure was not put to the test"},
    {"better than dcgan", "\"dcgan\" was mentioned for comparison"},
    {"speed is secondary", "less for what is secondary"},
};

TEST_CASE("Questions of many kinds are read for what they are", "[fast][query]") {
  for (const auto& [query, expected] : kRead) {
    CAPTURE(query);
    const auto reading = read_query(query, kAskedOf);
    CHECK(describe_use_case(reading.use_case) == in_words(expected));
    CHECK(reading.unknown.empty());
    const auto again = use_case_from_json(to_json(reading.use_case), "again");
    CHECK(to_json(again) == to_json(reading.use_case));
  }
}

TEST_CASE("What cannot be read whole is refused and named", "[fast][query]") {
  for (const auto& [query, part] : kNotRead) {
    CAPTURE(query);
    try {
      const auto reading = read_query(query, kAskedOf);
      FAIL_CHECK("read as " << reading.understood_as());
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kUsage);
      CHECK_THAT(error.what(), ContainsSubstring(part));
    }
  }
}

TEST_CASE("What was taken for a word, or has no answer here, is said", "[fast][query]") {
  for (const auto& [query, part] : kSaid) {
    CAPTURE(query, part);
    std::string notes;
    for (const auto& note : read_query(query, kAskedOf).notes) notes += note + "\n";
    CHECK_THAT(notes, ContainsSubstring(part));
  }
}

TEST_CASE("A question whether labels are needed asks for none", "[fast][query]") {
  CHECK(read_query("do I need labels?", kAskedOf).use_case.constraints.empty());
  CHECK_FALSE(read_query("I need labels", kAskedOf).use_case.constraints.empty());
}

TEST_CASE("What is secondary weighs less than all that was not named", "[fast][query]") {
  const auto use_case = read_query("speed is secondary", kAskedOf).use_case;
  for (const char* name : {"quality", "diversity", "stability"})
    CHECK(use_case.weight("cost") < use_case.weight(name));
  CHECK(use_case.weight("cost") > 0.0);
}

}  // namespace
}  // namespace ganselect
