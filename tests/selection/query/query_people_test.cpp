// What people ask, how it is read, and what is said of it: their wishes together with how many
// images, how much time and which machine they have.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "selection/query/query.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::vector<std::string> kKnownToPeople = {
    "fcgan",   "conv-gan",           "dcgan",         "cgan",        "wgan",        "wgan-gp",
    "fgan-kl", "fgan-gan",           "geometric-gan", "lsgan",       "rsgan",       "rsgan-gp",
    "ralsgan", "loss-sensitive-gan", "sngan",         "rpgan-r1-r2", "sngan-resnet"};

struct Asked {
  const char* query;
  const char* reading;  // as describe_use_case words it, or a part of what is said
};

// "balanced" stands for the weights where nobody asked for a criterion.
std::string in_full(std::string reading) {
  const std::string word = "balanced";
  if (!reading.starts_with(word)) return reading;
  return reading.replace(0, word.size(), "quality 0.30, diversity 0.30, stability 0.20, cost 0.20");
}

// Questions on which the program was wrong before it could read them.
const std::vector<Asked> kTable = {
    {"80 images, mode collapse, low diversity",
     "diversity 0.50, mode_coverage 0.50; train_images 80"},
    {"only 400 training images, no copies", "generalization 1.00; train_images 400"},
    {"2,000 photos of birds and one GPU for a day",
     "balanced; train_seconds <= 86400; train_images 2000; device gpu; subjects birds"},
    {"fastest", "cost 1.00"},
    {"cheap and good", "quality 0.50, cost 0.50"},
    {"one hour on a laptop", "balanced; train_seconds <= 3600; device cpu"},
    {"FID at most 50", "balanced; fid <= 50"},
    {"recall at least 0.1", "balanced; recall >= 0.1"},
    {"FID between 20 and 50", "balanced; fid <= 50"},
    {"recall from 10% to 30%", "balanced; recall >= 0.1"},
    {"controllable by class", "controllability 1.00; labels == true"},
    {"choose the class, in under 2 days",
     "controllability 1.00; train_seconds <= 172800; labels == true"},
    {"should I use spectral norm?", "balanced; asked of regularization: spectral-norm"},
    {"does batch norm in the critic hurt?", "balanced; asked of regularization: batch-norm-d"},
    {"is hinge better than wasserstein?", "balanced; compared by loss: hinge, wasserstein"},
    {"which GAN should I start with", "balanced"},
    {"best GAN", "balanced"},
    {"medical images, 100x100", "balanced; image_size 100; subjects medical images"},
    {"faces 256x256", "balanced; image_size == 256; subjects faces"},
    {"StyleGAN2 or BigGAN", "balanced; other GANs StyleGAN2, BigGAN; compared: StyleGAN2, BigGAN"},
};

// Other words for them, and words that look like them.
const std::vector<Asked> kParaphrases = {
    {"do I need batch norm in the critic?", "balanced; asked of regularization: batch-norm-d"},
    {"is wgan-gp better than sngan?", "balanced; candidate in sngan, wgan-gp"},
    {"in 2,000 updates", "balanced; updates 2000"},
    {"in 10 minutes", "balanced; train_seconds <= 600"},
    {"one GPU for a day", "balanced; train_seconds <= 86400; device gpu"},
    {"an hour and a half, diverse", "diversity 1.00; train_seconds <= 5400"},
    {"in two days, sharp", "quality 1.00; train_seconds <= 172800"},
    {"diverse, 1h30", "diversity 1.00; train_seconds <= 5400"},
    {"diverse, 2 hours and 30 minutes", "diversity 1.00; train_seconds <= 9000"},
    {"diverse, 1 h 30 min", "diversity 1.00; train_seconds <= 5400"},
    {"in one and a half hours, stable", "stability 1.00; train_seconds <= 5400"},
    {"stable in two and a half hours", "stability 1.00; train_seconds <= 9000"},
    {"stable in 2.5 hours", "stability 1.00; train_seconds <= 9000"},
    {"stable in a quarter of an hour", "stability 1.00; train_seconds <= 900"},
    {"stable in three quarters of an hour", "stability 1.00; train_seconds <= 2700"},
    {"stable within 2-3 hours", "stability 1.00; train_seconds <= 10800"},
    {"stable in 2 to 3 days", "stability 1.00; train_seconds <= 259200"},
    {"stable, a few hours on a gpu", "stability 1.00; train_seconds <= 10800; device gpu"},
    {"stable, a couple of days", "stability 1.00; train_seconds <= 172800"},
    {"a second opinion: which gan is stable", "stability 1.00"},
    {"stable, in a second", "stability 1.00; train_seconds <= 1"},
    {"not for time series, diverse", "diversity 1.00"},
    {"not too slow and good", "quality 0.50, cost 0.50"},
    {"no labels, good", "quality 1.00; labels == false"},
    {"a few hundred images", "balanced; train_images 300"},
    {"a few hundred labelled images of cats, no memorization",
     "generalization 1.00; labels == true; train_images 300; subjects cats"},
    {"2k images, diverse", "diversity 1.00; train_images 2000"},
    {"10k photos", "balanced; train_images 10000"},
    {"10 000 images", "balanced; train_images 10000"},
    {"2 thousand pictures of dogs", "balanced; train_images 2000; subjects dogs"},
    {"two thousand five hundred images", "balanced; train_images 2500"},
    {"half a million images", "balanced; train_images 500000"},
    {"a dataset of 400", "balanced; train_images 400"},
    {"dataset of 5,000 faces", "balanced; train_images 5000; subjects faces"},
    {"500 x-rays", "balanced; train_images 500; subjects medical images"},
    {"400-500 images", "balanced; train_images 400"},
    {"fewer than 500 images, sharp", "quality 1.00; train_images 500"},
    {"at least 1000 training samples, sharp", "quality 1.00; train_images 1000"},
    {"50 images per class, diverse", "diversity 1.00"},
    {"10,000 32x32 images, diverse", "diversity 1.00; image_size == 32; train_images 10000"},
    {"sharp in 5k steps", "quality 1.00; updates 5000"},
    {"20 epochs, sharp", "quality 1.00"},
    {"FID below 30 and recall above 0.2", "balanced; fid <= 30; recall >= 0.2"},
    {"a recall of at least 10%, sharp", "quality 1.00; recall >= 0.1"},
    {"coverage >= 0.5, cheap", "cost 1.00; coverage >= 0.5"},
    {"precision of 0.8 or more", "balanced; precision >= 0.8"},
    {"FID under 50, at least 9 modes", "balanced; fid <= 50; modes >= 9"},
    {"FID 50", "balanced; fid <= 50"},
    {"FID better than 40, cheap", "cost 1.00; fid <= 40"},
    {"at most 60 FID, diverse", "diversity 1.00; fid <= 60"},
    {"coverage of at least 9 modes, cheap", "cost 1.00; modes >= 9"},
    {"coverage 70%, quality 30%", "diversity 0.70, quality 0.30"},
    {"which loss should I use?", "balanced; asked of loss"},
    {"which regularization is best for stable training?",
     "stability 1.00; asked of regularization"},
    {"spectral norm or gradient penalty?",
     "balanced; compared by regularization: spectral-norm, gradient-penalty"},
    {"is least squares better than hinge for quality?",
     "quality 1.00; compared by loss: least-squares, hinge"},
    {"wgan vs sngan", "balanced; candidate in sngan, wgan"},
    {"compare dcgan and lsgan", "balanced; candidate in dcgan, lsgan"},
    {"stylegan2 vs sngan", "balanced; other GANs StyleGAN2; compared: StyleGAN2, sngan"},
    {"stable dcgan with spectral norm", "stability 1.00"},
    {"what is a good GAN for a beginner?", "balanced"},
    {"which GAN is good", "balanced"},
    {"which GAN should I use", "balanced"},
    {"recommend a GAN", "balanced"},
    {"good samples and cheap", "quality 0.50, cost 0.50"},
    {"great and cheap", "quality 0.50, cost 0.50"},
    {"decent quality, cheap", "quality 0.50, cost 0.50"},
    {"good with few images", "generalization 1.00"},
    {"my GAN has low quality", "quality 1.00"},
    {"my samples are all the same, bad diversity", "diversity 1.00"},
    {"high FID and mode collapse", "quality 0.50, mode_coverage 0.50"},
    {"greyscale images 28x28, sharp", "quality 1.00; image_size == 32; subjects gray images"},
    {"satellite images at 128 pixels", "balanced; image_size == 128; subjects satellite images"},
    {"except stylegan, diverse", "diversity 1.00"},
    {"cheap on a small GPU", "cost 1.00; device gpu"},
    {"no GPU, diverse", "diversity 0.50, cost 0.50; device cpu"},
    {"on a gpu, diverse", "diversity 1.00; device gpu"},
    {"cpu or gpu, diverse", "diversity 1.00"},
    {"diverse, 3 gpu hours", "diversity 1.00; train_seconds <= 10800; device gpu"},
    {"best quality in 4 hours on a laptop with a GPU",
     "quality 1.00; train_seconds <= 14400; device gpu"},
    {"sounds good, which gan is diverse", "diversity 1.00"},
    {"is dcgan any good", "quality 1.00"},
    {"the best loss", "balanced; asked of loss"},
    {"hundreds of images, no copies", "generalization 1.00; train_images 300"},
    {"tens of thousands of photos, sharp", "quality 1.00; train_images 30000"},
    {"make the most of my 300 images, no overfitting", "generalization 1.00; train_images 300"},
    {"create a GAN for 500 flower pictures", "balanced; train_images 500; subjects flowers"},
    {"more diversity and FID at most 40", "diversity 1.00; fid <= 40"},
    {"no faces, diverse", "diversity 1.00"},
    {"good diversity but cheap", "diversity 0.60, cost 0.40"},
    {"I have 500 pictures of my cats and a laptop, which GAN?",
     "cost 1.00; train_images 500; device cpu; subjects cats"},
    {"my dataset has 1,200 medical images, what should I use",
     "balanced; train_images 1200; subjects medical images"},
    {"we only have 80 x-ray scans and want no memorization",
     "generalization 1.00; train_images 80; subjects medical images"},
    {"with 50k training images, most diverse", "diversity 1.00; train_images 50000"},
    {"50,000 labelled photos, choose the class",
     "controllability 1.00; labels == true; train_images 50000"},
    {"quality matters most, we have 10,000 photos", "quality 1.00; train_images 10000"},
    {"about 3000 images, rare classes", "mode_coverage 1.00; train_images 3000"},
    {"less than a thousand images, realistic", "quality 1.00; train_images 1000"},
    {"several hundred photos of flowers, diverse",
     "diversity 1.00; train_images 300; subjects flowers"},
    {"a dozen images, diverse", "diversity 1.00; train_images 12"},
    {"one thousand two hundred pictures, sharp", "quality 1.00; train_images 1200"},
    {"I can train for two days on one GPU, best quality",
     "quality 1.00; train_seconds <= 172800; device gpu"},
    {"I have a GPU for 12 hours, stable", "stability 1.00; train_seconds <= 43200; device gpu"},
    {"realistic within a week on my laptop", "quality 1.00; train_seconds <= 604800; device cpu"},
    {"not too slow, no labels, diverse", "diversity 0.50, cost 0.50; labels == false"},
    {"no labels; no more than 20 minutes on a CPU",
     "balanced; train_seconds <= 1200; labels == false; device cpu"},
    {"no need for labels, good and cheap", "quality 0.50, cost 0.50; labels == false"},
    {"fast and good", "quality 0.50, cost 0.50"},
    {"cheap but good", "quality 0.50, cost 0.50"},
    {"good, cheap and stable", "quality 0.33, stability 0.33, cost 0.33"},
    {"good quality at low cost", "quality 0.50, cost 0.50"},
    {"is sngan better than dcgan for diversity?", "diversity 1.00; candidate in dcgan, sngan"},
    {"dcgan or wgan-gp?", "balanced; candidate in dcgan, wgan-gp"},
    {"which is more stable, wgan or wgan-gp?", "stability 1.00; candidate in wgan, wgan-gp"},
    {"lsgan versus wgan in quality", "quality 1.00; candidate in lsgan, wgan"},
    {"sngan against wgan-gp", "balanced; candidate in sngan, wgan-gp"},
    {"is gradient penalty better than weight clipping?",
     "balanced; compared by regularization: gradient-penalty, weight-clip"},
    {"hinge or least squares loss?", "balanced; compared by loss: hinge, least-squares"},
    {"is the hinge loss worth it?", "balanced; asked of loss: hinge"},
    {"do I need spectral normalization?", "balanced; asked of regularization: spectral-norm"},
    {"should I use a gradient penalty for stable training?",
     "stability 1.00; asked of regularization: gradient-penalty"},
    {"is a ResNet better than fully connected?", "balanced; compared by architecture: resnet, fc"},
    {"KL or reverse KL?", "balanced; compared by divergence: kl, reverse-kl"},
    {"which architecture should I choose?", "balanced; asked of architecture"},
    {"where do I start?", "balanced"},
    {"I am a beginner, which GAN?", "balanced"},
    {"what is the best GAN?", "balanced"},
    {"which GAN is the best for a newcomer?", "balanced"},
    {"recommended GAN to start with", "balanced"},
    {"my GAN suffers from mode collapse and poor quality", "quality 0.50, mode_coverage 0.50"},
    {"why are my samples blurry and low diversity", "quality 0.50, diversity 0.50"},
    {"my training is unstable and my images have low quality", "quality 0.50, stability 0.50"},
    {"I get blurry images", "quality 1.00"},
    {"low variety, blurry", "quality 0.50, diversity 0.50"},
    {"not text, images: diverse", "diversity 1.00"},
    {"faces at 128x128, realistic", "quality 1.00; image_size == 128; subjects faces"},
    {"256 by 256 landscapes, sharp", "quality 1.00; image_size == 256; subjects landscapes"},
    {"1024x1024 images, diverse", "diversity 1.00; image_size 1024"},
    {"96 pixel images, stable", "stability 1.00; image_size 96"},
    {"diverse anime, 64x64", "diversity 1.00; image_size == 64; subjects art"},
    {"StyleGAN3", "balanced; other GANs StyleGAN3"},
    {"is BigGAN better than sngan?", "balanced; other GANs BigGAN; compared: BigGAN, sngan"},
    {"R3GAN or sngan", "balanced; other GANs R3GAN; compared: R3GAN, sngan"},
    {"diffusion models or GANs", "balanced; other GANs diffusion models"},
    {"FID no more than 20, stable", "stability 1.00; fid <= 20"},
    {"FID < 30, diverse", "diversity 1.00; fid <= 30"},
    {"fid of at most 25.5", "balanced; fid <= 25.5"},
    {"recall >= 0.3 and coverage >= 0.5", "balanced; recall >= 0.3; coverage >= 0.5"},
    {"precision at least 60%, diverse", "diversity 1.00; precision >= 0.6"},
    {"a FID lower than 40 within an hour", "balanced; fid <= 40; train_seconds <= 3600"},
    {"modes at least 900", "balanced; modes >= 900"},
    {"at least 900 modes and FID under 60", "balanced; fid <= 60; modes >= 900"},
    {"coverage above 0.4 in 10 minutes", "balanced; coverage >= 0.4; train_seconds <= 600"},
    {"diverse in 3,200 updates", "diversity 1.00; updates 3200"},
    {"best quality after 6400 steps", "quality 1.00; updates 6400"},
    {"after 10k iterations, stable", "stability 1.00; updates 10000"},
    {"in 800 generator updates, sharp", "quality 1.00; updates 800"},
    {"two hundred updates, diverse", "diversity 1.00; updates 200"},
    {"stable in half a day", "stability 1.00; train_seconds <= 43200"},
    {"stable for a day and a half", "stability 1.00; train_seconds <= 129600"},
    {"diverse, 45 mins", "diversity 1.00; train_seconds <= 2700"},
    {"diverse, 90min on CPU", "diversity 1.00; train_seconds <= 5400; device cpu"},
    {"in 1 hour and 30 minutes, diverse", "diversity 1.00; train_seconds <= 5400"},
    {"up to three hours on a gpu, diverse", "diversity 1.00; train_seconds <= 10800; device gpu"},
    {"diverse, at most 2 days of GPU time", "diversity 1.00; train_seconds <= 172800; device gpu"},
    {"diverse, time is no object", "diversity 1.00"},
    {"conditional on the class, cheap", "cost 0.50, controllability 0.50; labels == true"},
    {"I want to pick the digit", "controllability 1.00; labels == true"},
    {"no class control needed, diverse", "diversity 1.00"},
    {"class-conditional, diverse", "diversity 0.50, controllability 0.50; labels == true"},
    {"real time, diverse", "diversity 0.50, cost 0.50"},
    {"cheap and best", "cost 1.00"},
    {"not good, only fast", "cost 1.00"},
    {"good enough quality, cheap", "quality 0.50, cost 0.50"},
    {"good luck with diverse images", "diversity 1.00"},
    {"the same 400 images in 2 hours on a gpu with FID below 50",
     "balanced; fid <= 50; train_seconds <= 7200; train_images 400; device gpu"},
    {"10 classes, 600 images", "balanced; modes >= 10; train_images 600"},
    {"600 images in 10 classes, diverse", "diversity 1.00; modes >= 10; train_images 600"},
    {"training images: 400, no copies", "generalization 1.00; train_images 400"},
    {"400 images only, diverse", "diversity 1.00; train_images 400"},
    {"number of images 400, diverse", "diversity 1.00; train_images 400"},
};

const std::vector<Asked> kRefusedQuestions = {
    {"GAN for time series", "GANs for time series are out of scope"},
    {"tabular data", "GANs for tables are out of scope"},
    {"music", "GANs for music"},
    {"GAN for tabular data", "out of scope"},
    {"generate music with a GAN", "out of scope"},
    {"GAN for audio", "GANs for sound"},
    {"speech synthesis", "GANs for sound"},
    {"video GAN", "GANs for video"},
    {"which GAN for text?", "GANs for text"},
    {"text-to-image", "GANs for images from text"},
    {"3D point clouds", "GANs for three dimensions"},
    {"super resolution", "GANs for translation of images"},
    {"diverse in an hour or two", "one length of time"},
    {"diverse in 2 hours 30", "one length of time"},
    {"stable in 1,5 hours", "got \"1,5\""},
    {"stable in 1/2 hour", "got \"1/2\""},
    {"diverse, at least an hour", "upper bound on train_seconds"},
    {"2.000 images, diverse", "write thousands as 2000"},
    {"400 images and 800 images", "400 and 800"},
    {"0 images, diverse", "whole number of images"},
    {"sharp, at least 2000 updates", "upper bound on updates"},
    {"sharp in 2.5 updates", "whole number of updates"},
    {"FID at least 50", "an upper bound on fid"},
    {"recall at most 0.5", "a lower bound on recall"},
    {"recall at least 30", "recall from 0 to 1"},
    {"diverse, FID at most 5O", "got \"5o\""},
    {"recall at least 0,1", "got \"0,1\""},
    {"low quality, no mode collapse", "\"low quality\""},
    {"choose the class, no labels", "without labels"},
    {"100x100 and 200x200 images, diverse", "one image size"},
    {"my hobby is zorping, which GAN should I use", "'zorping'"},
};

struct Compared {
  const char* query;
  AskedComparison comparison;
};

const std::vector<Compared> kComparisons = {
    {"is hinge better than wasserstein?", {"loss", "hinge", "wasserstein"}},
    {"StyleGAN2 or BigGAN", {"gan", "StyleGAN2", "BigGAN"}},
    {"is wgan-gp better than sngan?", {"candidate", "wgan-gp", "sngan"}},
    {"spectral norm or gradient penalty?", {"regularization", "spectral-norm", "gradient-penalty"}},
    {"is least squares better than hinge for quality?", {"loss", "least-squares", "hinge"}},
    {"wgan vs sngan", {"candidate", "wgan", "sngan"}},
    {"compare dcgan and lsgan", {"candidate", "dcgan", "lsgan"}},
    {"stylegan2 vs sngan", {"gan", "StyleGAN2", "sngan"}},
    {"is sngan better than dcgan for diversity?", {"candidate", "sngan", "dcgan"}},
    {"dcgan or wgan-gp?", {"candidate", "dcgan", "wgan-gp"}},
    {"which is more stable, wgan or wgan-gp?", {"candidate", "wgan", "wgan-gp"}},
    {"lsgan versus wgan in quality", {"candidate", "lsgan", "wgan"}},
    {"sngan against wgan-gp", {"candidate", "sngan", "wgan-gp"}},
    {"is gradient penalty better than weight clipping?",
     {"regularization", "gradient-penalty", "weight-clip"}},
    {"hinge or least squares loss?", {"loss", "hinge", "least-squares"}},
    {"is a ResNet better than fully connected?", {"architecture", "resnet", "fc"}},
    {"KL or reverse KL?", {"divergence", "kl", "reverse-kl"}},
    {"is BigGAN better than sngan?", {"gan", "BigGAN", "sngan"}},
    {"R3GAN or sngan", {"gan", "R3GAN", "sngan"}},
};

// What is taken, assumed or of no effect.
const std::vector<Asked> kNotes = {
    {"which GAN should I start with", "the balanced weights are used"},
    {"best GAN", "the balanced weights are used"},
    {"80 images, mode collapse, low diversity", "\"low diversity\" was read as a complaint"},
    {"medical images, 100x100", "the nearest size is 128"},
    {"quality at 40 pixels", "the nearest size is 32"},
    {"except stylegan, diverse", "StyleGAN is not trained here"},
    {"FID at most 50", "those of another space"},
    {"FID between 20 and 50", "the end that bounds was taken: 50"},
    {"should I use spectral norm?", "the question on regularization"},
    {"stable dcgan with spectral norm", "\"spectral norm\" had no effect"},
    {"should I use hinge and spectral norm?", "one decision at a time"},
    {"a few hundred images", "taken as 300 training images"},
    {"fewer than 500 images, sharp", "taken as 500 training images"},
    {"stable, a few hours on a gpu", "\"a few hours\" was taken as 10800 s"},
    {"stable within 2-3 hours", "of \"2-3 hours\" the longer time"},
    {"50 images per class, diverse", "how many images there are in all"},
    {"generate 500 images, diverse", "any number of images can be generated"},
    {"20 epochs, sharp", "say it in generator updates"},
    {"not for time series, diverse", "\"not\" had no effect"},
    {"cpu or gpu, diverse", "neither was taken"},
};

void check_readings(const std::vector<Asked>& table) {
  for (const auto& [query, expected] : table) {
    CAPTURE(query);
    const auto reading = read_query(query, kKnownToPeople);
    CHECK(describe_use_case(reading.use_case) == in_full(expected));
    CHECK(reading.unknown.empty());
    // What is shown is what a file could say.
    const auto again = use_case_from_json(to_json(reading.use_case), "again");
    CHECK(to_json(again) == to_json(reading.use_case));
  }
}

TEST_CASE("Questions of the trial are read for what they are", "[fast][query]") {
  check_readings(kTable);
}

TEST_CASE("Other words for them are read alike, and traps are not", "[fast][query]") {
  REQUIRE(kParaphrases.size() >= 60);
  check_readings(kParaphrases);
}

TEST_CASE("What is out of scope, half understood or impossible is refused", "[fast][query]") {
  for (const auto& [query, part] : kRefusedQuestions) {
    CAPTURE(query);
    try {
      const auto reading = read_query(query, kKnownToPeople);
      FAIL_CHECK("read as " << reading.understood_as());
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kUsage);
      CHECK_THAT(error.what(), ContainsSubstring(part));
    }
  }
}

TEST_CASE("Two things held against each other are named in their order", "[fast][query]") {
  for (const auto& [query, comparison] : kComparisons) {
    CAPTURE(query);
    const auto reading = read_query(query, kKnownToPeople);
    REQUIRE(reading.use_case.comparison);
    CHECK(reading.use_case.comparison->kind == comparison.kind);
    CHECK(reading.use_case.comparison->a == comparison.a);
    CHECK(reading.use_case.comparison->b == comparison.b);
  }
  for (const char* query : {"only dcgan and lsgan, stable", "diverse, except wgan or lsgan",
                            "f-GANs versus wgan for quality", "more stable than wgan"}) {
    CAPTURE(query);
    CHECK_FALSE(read_query(query, kKnownToPeople).use_case.comparison);
  }
}

TEST_CASE("What a query leaves open or unused is said", "[fast][query]") {
  for (const auto& [query, part] : kNotes) {
    CAPTURE(query, part);
    std::string notes;
    for (const auto& note : read_query(query, kKnownToPeople).notes) notes += note + "\n";
    CHECK_THAT(notes, ContainsSubstring(part));
  }
}

TEST_CASE("Numbers of other things are no training images", "[fast][query]") {
  for (const char* query : {"diverse, 64x64 images", "diverse images, batch of 64 images",
                            "diverse, 9 of 10 images", "two images look the same, diverse",
                            "diverse, generate 10,000 images", "sharp, 64 pixel images"}) {
    CAPTURE(query);
    CHECK_FALSE(read_query(query, kKnownToPeople).use_case.train_images);
  }
  CHECK_FALSE(read_query("diverse, 5 critic steps", kKnownToPeople).use_case.updates);
  CHECK_FALSE(read_query("stable, 9 updates per second", kKnownToPeople).use_case.updates);
}

}  // namespace
}  // namespace ganselect
