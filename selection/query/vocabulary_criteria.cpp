// The phrases that name criteria: what is wished for, then the trouble that is to be gone.
#include "selection/query/vocabulary_rows.h"

namespace ganselect {
namespace {

std::vector<VocabularyRow> sample_rows() {
  using enum WordKind;
  const std::map<std::string, double> quality = {{"quality", 1.0}};
  const std::map<std::string, double> diversity = {{"diversity", 1.0}};
  const std::map<std::string, double> modes = {{"mode_coverage", 1.0}};
  return {
      {kCriterion,
       "quality|image quality|sample quality|visual quality|realism|fidelity|precision|"
       "inception score|sharpness|detail|details|resemblance|good samples|good images|"
       "good looking|nice looking|nice images|nice samples|great images|best images|"
       "best looking|best samples|good fid|great fid|better fid|best fid|excellent fid|good kid|"
       "best kid",
       quality},
      {kCriterion, "fid|fids|fid score|kid|frechet inception distance|frechet distance", quality,
       true, false, true},
      {kCriterion,
       "realistic*|sharp|sharper|sharpest|crisp|crisper|lifelike|life like|photorealistic|"
       "photo realistic|convincing|detailed|plausible|natural looking|real looking|"
       "look* real|look* natural|look* good|beautiful|pretty|believable|faithful|"
       "clean images|clean samples",
       quality, false, true},
      {kCriterion,
       "blurry|blurred|blur|blurriness|artifact*|artefact*|noisy|noisy images|ugly|"
       "unrealistic|fake looking|garbage|distorted|distortion*|smeared|fuzzy|unsharp",
       quality, true, true},
      {kCriterion,
       "diversity|sample diversity|variety|variation*|variability|recall|coverage|spread|"
       "richness|heterogeneity|range of samples|different samples|different images|"
       "many different|lots of different|all kinds of|wide range|broad range|"
       "intra class diversity",
       diversity},
      {kCriterion,
       "diverse|varied|various|heterogeneous|diversified|multifaceted|cover* the data|"
       "cover* the distribution|cover* the whole distribution|full distribution|"
       "whole distribution",
       diversity, false, true},
      {kCriterion,
       "repetitive|repetition*|repeated images|repeated samples|same image|same images|"
       "same samples|same sample|same picture|identical images|identical samples|"
       "similar images|similar samples|monotonous|duplicates|duplicate images|"
       "duplicate samples|uniform samples|near duplicates|lack of diversity|lacks diversity",
       diversity, true, true},
      {kCriterion,
       "mode coverage|modes coverage|coverage of modes|coverage of all modes|"
       "coverage of classes|class coverage|all modes|all the modes|every mode|each mode|"
       "many modes|most modes|number of modes|mode count|all classes|all the classes|"
       "every class|every category|all categories|each class|modes|mode|rare modes|"
       "rare mode|rare classes|rare class|rare cases|rare categories|minority class*|"
       "minority modes|underrepresented class*|under represented class*|long tail|"
       "long tailed|tail classes|imbalanced|imbalanced data|imbalanced classes|"
       "class balance|balanced classes|unbalanced data|multimodal|multi modal|multimodality",
       modes},
      {kCriterion,
       "mode collapse|modes collapse|mode collapsing|collapse of modes|collapse|collapses|"
       "collapsed|collapsing",
       modes, true, true, false, true},
      {kCriterion,
       "mode drop*|drop* modes|dropped modes|dropped classes|drop* classes|missing modes|"
       "miss modes|misses modes|missing classes|miss* classes|lost modes|lose* modes|"
       "losing modes|forgotten classes|forget* classes|lost classes|mode loss",
       modes, true, true},
  };
}

std::vector<VocabularyRow> training_rows() {
  using enum WordKind;
  const std::map<std::string, double> stability = {{"stability", 1.0}};
  const std::map<std::string, double> cost = {{"cost", 1.0}};
  return {
      {kCriterion,
       "stability|training stability|robustness|reliability|convergence|reproducibility|"
       "consistency|ease of training",
       stability},
      {kCriterion,
       "stable|stably|stabler|stablest|robust|reliable|reliably|dependable|trustworthy|robust "
       "against hyperparameter*|reproducible|"
       "consistent|converge|converges|converging|steady|smooth training|trains smoothly|"
       "train smoothly|easy to train|easily trained|easiest to train|trains easily|"
       "well behaved|robust to hyperparameters|without divergence|no divergence|foolproof|"
       "safe|works every time|always works|trains well|predictable",
       stability, false, true},
      {kCriterion,
       "unstable|instability|instabilities|unreliable|fragile|brittle|oscillat*|"
       "vanishing gradient*|exploding gradient*|explod* gradients|hard to train|"
       "difficult to train|tricky to train|sensitive to hyperparameters|"
       "hyperparameter sensitivity|finicky|erratic|training failure*|failed runs|"
       "training problems",
       stability, true, true},
      {kCriterion,
       "diverge|diverges|diverged|diverging|divergent|divergence in training|"
       "training divergence|nan|nans|crash|crashes|crashing|blow up|blows up|blowing up|"
       "blow ups|fail to train|fails to train|failing to train",
       stability, true, true, false, true},
      {kCriterion,
       "cheap|cheaply|cheaper|cheapest|fast|faster|fastest|quick|quickly|quicker|quickest|"
       "lightweight|light weight|small model|smaller model|smallest model|small network|"
       "smallest network|small networks|small gan|smaller gan|smallest gan|tiny gan|"
       "small generator|tiny model|compact|economical|inexpensive|affordable|frugal|"
       "efficient|efficiency|efficiently|low end|laptop|notebook|raspberry pi|old hardware|"
       "weak hardware|limited hardware|modest hardware|cpu|cpu only|on a cpu|no gpu|"
       "without gpu|without a gpu|without any gpu|not have a gpu|have no gpu|one gpu|"
       "single gpu|small gpu|edge device*|speed|training speed|throughput|limited compute|"
       "limited resources|limited budget|tight budget|small budget|low budget|little money|"
       "short time|little time|limited time|limited memory|in a hurry|hurry|asap|"
       "resource friendly|low resource|low resources|not wait|afford|save time|save money|"
       "save energy|saves time|green",
       cost, false, true},
      {kCriterion,
       "cost|costs|computational cost|compute cost|training cost|compute|computation|"
       "computing power|computing time|training time|time|run time|runtime|duration|memory|"
       "memory use|memory usage|memory footprint|vram|ram|gpu memory|parameters|"
       "parameter count|number of parameters|weights|flops|gpu time|gpu hours|cpu time|"
       "energy|electricity|power consumption|money|price|budget|overhead|resources|"
       "resource use|expense|expenses|model size|footprint|hardware|latency",
       cost, true, false, true},
      {kCriterion,
       "expensive|slow|slower|slowest|slowly|costly|heavy|heavyweight|memory hungry|"
       "resource hungry|power hungry|bloated|long training|training long|"
       "long training time*|large model|big model|huge model",
       cost, true, true},
  };
}

std::vector<VocabularyRow> use_rows() {
  using enum WordKind;
  const std::map<std::string, double> generalization = {{"generalization", 1.0}};
  const std::map<std::string, double> control = {{"controllability", 1.0}};
  const std::map<std::string, double> transfer = {{"transfer", 1.0}};
  return {
      {kCriterion,
       "generaliz*|generalis*|generalization ability|held out data|held out images|held out|"
       "unseen images|unseen samples|novel samples|novel images|novelty|new samples|"
       "new images|original samples|privacy|private data|small dataset|small data set|"
       "small data|few images|few samples|little data|limited data|few training images|"
       "few examples|tiny dataset|small training set|scarce data|data scarcity|low data",
       generalization},
      {kCriterion,
       "memoriz*|memoris*|overfit*|over fit*|copies|copy|copying|copies of training images|"
       "copies of the training images|copies of the training data|copying training images|"
       "copying the training data|copies of training data|plagiari*|leak*|data leakage|"
       "training images reproduced|regurgitat*",
       generalization, true, true},
      {kCriterion,
       "control|controllability|control over|control the output|conditioning|steerability|"
       "conditional generation",
       control},
      {kCriterion,
       "class control|control the class|choose the class|pick the class|select the class|"
       "class label control|class conditioning|per class generation|class specific|"
       "labelled generation|on demand classes|class conditional|class conditional generation",
       control,
       false,
       false,
       false,
       false,
       false,
       1.0,
       {},
       true},
      {kCriterion,
       "controllable|controlled|conditional|conditioned|steerable|steer|conditional gan|"
       "conditional gans",
       control, false, true},
      {kCriterion,
       "transfer|transfers|transferable|transfer learning|transferability|unseen domain*|"
       "new domain*|other domain*|another domain|different domain*|unseen data|other data|"
       "other datasets|other data sets|another dataset|another data set|different dataset*|"
       "different data set*|domain shift|domain transfer|out of distribution|out of domain|"
       "ood|adapt|adapts|adaptation|domain adaptation|zero shot",
       transfer},
      {kCriterion,
       "data augmentation|augmentation|augment*|synthetic training data|synthetic data|"
       "train a classifier|training a classifier|classifier training|"
       "further training images|more training data|extra training data|enlarge my dataset|"
       "enlarge the dataset",
       {{"diversity", 0.4}, {"generalization", 0.25}, {"mode_coverage", 0.2}, {"quality", 0.15}}},
      {kCriterion,
       "balanced|all round|all rounder|allround|overall|general purpose|jack of all trades|"
       "well rounded|good at everything|everything|compromise|trade off|tradeoff",
       {{"quality", 0.3}, {"diversity", 0.3}, {"stability", 0.2}, {"cost", 0.2}}},
  };
}

}  // namespace

std::vector<VocabularyRow> criterion_rows() {
  std::vector<VocabularyRow> all;
  for (const auto& part : {sample_rows(), training_rows(), use_rows()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace ganselect
