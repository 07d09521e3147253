// The phrases that say how much of a criterion is wished for, and how the parts of a query hang
// together.
#include "selection/query/vocabulary_rows.h"

namespace ganselect {

std::vector<VocabularyRow> modifier_rows() {
  using enum WordKind;
  std::vector<VocabularyRow> rows = {
      {kStrong,
       "very|extremely|extreme|highest|maximum|maximal|maximise|maximize|max|utmost|most|"
       "above all|mainly|mostly|primarily|especially|particularly|most important|most importantly|"
       "crucial|essential|top priority|really|absolutely|ultra|super|strongest|first of all|"
       "top|paramount|focus on|main goal|priority"},
      {kStrong,
       "high|higher|good|better|great|strong|best|excellent|lots of|much|a lot of|plenty of|"
       "improve*|increase*|large|big|huge|wide|broad|rich|well|enough"},
      {kStrongAfter,
       "matters most|is crucial|is essential|is key|is most important|is the most important|"
       "is paramount|is the priority|is my priority|is the main goal|is a must|comes first|"
       "first|above everything|above everything else|above all else|is very important|"
       "is everything|is critical"},
      {kStrongAfter,
       "matter most|are crucial|are essential|are key|are most important|are a must|"
       "are very important|are critical"},
      {kMild,
       "some|a bit of|a bit|a little|slightly|somewhat|decent|reasonable|reasonably|"
       "acceptable|fairly|ideally|preferably|if possible|moderate|moderately|okay|ok|"
       "passable|adequate|sufficient|secondarily|then|also some|fair|average"},
      {kMildAfter,
       "is nice to have|are nice to have|nice to have|is secondary|are secondary|"
       "would be nice|would be a plus|is a plus|is a bonus|comes second|second|"
       "is less important|matters less|too if possible"},
      {kMore, "more|rather more"},
      {kLess,
       "less|lower|low|lowest|least|little|few|fewer|fewest|small|smaller|smallest|minimal|"
       "minimum|minimise|minimize|min|reduce*|halve|reducing|cut|tiny|limited|short|shorter|"
       "shortest|save|saves|saving|decrease*|weak|restricted|modest"},
      {kPoor, "worst|bad|poor|worse|terrible|awful|poorest|lousy|horrible"},
      {kNot,
       "not|avoid|avoids|avoiding|prevent*|against|resist*|resistant to|free of|free from|"
       "get rid of|fight*|lack of|rarely|seldom|neither|instead|suffer* from|robust to|"
       "robust against|not too|not so|stop|stops|hate|hates|eliminate*|overcome*|non|rid of"},
      {kWithout,
       "without|no|never|must not|can not|may not|zero|without any|no more|should not|"
       "should never|must never|at no"},
      {kUnneeded,
       "not care about|without caring about|without caring for|without regard to|without regard "
       "for|not caring about|no interest in|without worrying about|without concern for|with no "
       "regard for|not care for|not care how|not care if|not care whether|"
       "not worry about|not worried about|not concerned with|not concerned about|"
       "not interested in|regardless of|irrespective of|independent of|no matter how|"
       "no matter|no matter the|ignore|ignoring|disregard*|at any|whatever the|whatever|"
       "never mind|not mind|unlimited|plenty of time and|forget about|not necessarily|"
       "need not be|not only about|indifferent to|not bothered about|not focus on|"
       "no limit on|no limits on|no concern for"},
      {kNotNeeded,
       "not need|not needing|needs no|need no|not require|not requiring|requires no|"
       "require no|not have to be|not need to be|without needing|no need for|"
       "without requiring|not want|not use|not using|needing no"},
      {kUnneededAfter,
       "not matter|does not matter|not important|unimportant|is not important|"
       "is unimportant|is irrelevant|is no object|is no issue|is not an issue|is no concern|"
       "is not a concern|is no problem|is not a problem|is fine|is ok|is okay|is acceptable|"
       "is secondary to nothing|can be ignored|not an issue|not a concern|not a problem|"
       "no object|no problem|no issue|irrelevant|is tolerable|is allowed|can be low|"
       "can be high|can be long|is unlimited|not needed|not required|is not needed|"
       "is not required|not necessary|is not necessary|is not a priority|no limit|"
       "makes no difference|be damned"},
      {kUnneededAfter,
       "do not matter|are not important|are unimportant|are irrelevant|are no object|"
       "are no issue|are not an issue|are no concern|are not a concern|are fine|are ok|"
       "are okay|are acceptable|are not needed|are not required|are not necessary"},
  };
  const std::vector<double> factors = {2.0, 1.5, 2.0, 2.0, 0.5, 0.5, 1.5};
  for (std::size_t i = 0; i < factors.size(); ++i) rows[i].factor = factors[i];
  rows[3].plural = true;
  rows.back().plural = true;
  return rows;
}

std::vector<VocabularyRow> joining_rows() {
  using enum WordKind;
  std::vector<VocabularyRow> rows = {
      {kThan, "than"},
      {kOver,
       "over|>|rather than|ahead of|in preference to|more important than|matters more than|"
       "matter more than|counts more than|outweighs|outweigh|beats|is worth more than|"
       "prior to"},
      {kOver,
       "twice as important as|is twice as important as|matters twice as much as|"
       "counts twice as much as|counts double"},
      {kOver,
       "three times as important as|is three times as important as|"
       "matters three times as much as"},
      {kUnder,
       "not as important as|less important than|matters less than|matter less than|"
       "not matter as much as|secondary to|counts less than|is not as important as|"
       "is less important than|is secondary to"},
      {kPrefer,
       "prefer|prefers|preferring|preferred|favor|favour|prioritize|prioritise|value|"
       "would rather have|rather"},
      {kTo, "to"},
      {kAnd,
       "and|&|plus|as well as|but also|and also|with|both|combined with|together with|"
       "along with|at the same time as|while being|yet|+|/|while still|but still"},
      {kOr, "or|nor"},
      {kComma, ","},
      {kBreak,
       ";|.|?|!|but|however|although|though|even if|even though|because|since|so|while|"
       "whereas|otherwise|(|)|as long as|if|where|provided"},
      {kOnly,
       "only|just|among|amongst|between|either|compare|comparing|restricted to|limited to|"
       "out of|choose between|limit to|restrict to|only consider|consider only|versus|vs|"
       "solely|from among|only use|use only"},
      {kExcept,
       "except|except for|excluding|exclude|other than|apart from|besides|instead of|"
       "but not|leave out|leaving out|skip|skipping|alternative to|alternatives to|"
       "without using|anything but|any gan but|any but|all but|all gans but|every gan but|not "
       "including|minus|drop the|replace|everything but"},
      {kLabels,
       "labels|label|with labels|labelled|labeled|labelled data|labeled data|class labels|"
       "supervised|semi supervised|annotations|annotated|annotated data|labels available|"
       "labels are available|have labels|have class labels|use labels|use the labels|"
       "use class labels|using labels|using class labels|labelled images|labeled images|"
       "ground truth labels"},
      {kNoLabels,
       "unlabelled|unlabeled|unlabelled data|unlabeled data|unlabelled images|"
       "unlabeled images|unsupervised|unconditional|label free|labelless|unannotated|"
       "self supervised"},
      {kNotAvailable,
       "not available|false|none|are not available|unavailable|are unavailable|are missing|not "
       "given|"
       "not exist|can not be had|not to be had|are lacking|not provided|are not provided|"
       "are not given"},
      {kExtensions,
       "extension|extensions|newer gans|recent gans|modern gans|beyond the survey|"
       "newer candidates|recent candidates|not in the survey"},
      {kSurveyOnly,
       "survey only|only the survey|only survey|survey s candidates|survey candidates|"
       "the survey s own|original survey|classic gans|classical gans|"
       "only the survey s candidates|within the survey|in the survey|from the survey"},
      {kDataset, "cifar|cifar10|cifar 10"},
      {kDataset, "mnist"},
      {kDataset, "stacked mnist|stackedmnist"},
      {kDataset, "embedded|embedded data|embedded data set|embedded dataset"},
      {kDataset, "ring"},
      {kDataset, "grid"},
  };
  rows[1].factor = 2.0;
  rows[2].factor = 2.0;
  rows[3].factor = 3.0;
  rows[4].factor = 2.0;
  const std::vector<std::string> names = {"cifar10",  "mnist", "stacked-mnist",
                                          "embedded", "ring",  "grid"};
  for (std::size_t i = 0; i < names.size(); ++i)
    rows[rows.size() - names.size() + i].dataset = names[i];
  return rows;
}

VocabularyRow ignored_row() {
  return {WordKind::kIgnored,
          "which|what|gan|gans|should|shall|i|use|used|using|the|a|an|for|of|in|on|is|are|be|"
          "am|was|it|its|my|me|we|our|us|you|your|that|this|these|those|there|do|does|did|"
          "doing|can|could|would|will|may|might|must|want|wants|wanted|need|needs|needed|"
          "needing|looking|look|looks|like|please|give|gives|giving|get|gets|getting|have|has|"
          "having|had|got|make|makes|making|made|generate|generates|generated|generating|"
          "generator|generators|generative|adversarial|network|networks|model|models|image|"
          "images|picture|pictures|photo|photos|sample|samples|output|outputs|result|results|"
          "data|dataset|datasets|set|train|trains|training|trained|trainable|learn|learns|"
          "learning|recommend|recommended|recommendation|suggest|suggestion|choose|choice|pick|"
          "select|selection|option|options|candidate|candidates|method|methods|approach|"
          "architecture|loss|application|app|project|case|task|problem|goal|purpose|work|works|"
          "working|produce|produces|producing|create|creates|creating|synthesize|synthesise|"
          "one|ones|as|by|at|from|into|about|also|too|who|how|when|why|s|:|free|per|all|any|"
          "each|every|many|several|other|their|them|they|not only|respect|terms|term|regard|"
          "important|importance|matters|matter|care|cares|care about|weight|weighted|score|"
          "scores|rank|ranking|ranked|possible|equally|equal|same|tell|show|find|help|know|hi|"
          "hello|thanks|thank|stay|stays|staying|remain|remains|keep|keeps|keeping|here|still|"
          "being|been|cover|covers|covering|covered|class|classes|run|runs|running|seed|seeds|"
          "trial|trials|take|takes|taking|finish|finishes|within|under|up|d|m|ll|re|ve|let|"
          "lets|go|going|provide|provides|achieve|achieves|achieving|reach|reaches|offer|"
          "offers|deliver|delivers|ensure|ensures|lead|leads|tend|tends|during|always|usually|"
          "often|good for|suited|suitable|fit|fits|ideal|right|kind|kinds|type|types|sort|"
          "variant|variants|ganselect|question|answer|available|hand|try|trying|start|think|"
          "say|mean|computer|machine|device|pc|gpu|size|resolution|pixel|pixels|px|"
          "small images|low resolution|research|paper|survey|benchmark|wish|desire|allow|"
          "allows|include|including|consider|considering|such|maybe|perhaps|quite|pretty much|"
          "someone|person|newcomer|beginner|unconditionally|real world|real|exists|exist|given|"
          "want to|long|handle|handles|handling|deal|deals|problems|issue|issues|trouble|"
          "through|across|between runs|every time|each time|times|share|number|amount|level|"
          "degree|performance|perform|performs|performing|outperforms|ability|generation|digit|"
          "digits|whichever|something|anything|else|setting|settings|new|"
          "regularization|regularizer|regularisation|divergence|divergences|f divergence|"
          "gradient penalty|spectral norm|spectral normalization|batch norm|"
          "batch normalization|weight "
          "clipping|penalty|gradient|norm|hyperparameters|hyperparameter|true|"
          "least squares|wasserstein|relativistic|afterwards|way|done|wait|able|domain|domains|"
          "different|whole|distribution|itself|user|users|use case|main|world"};
}

}  // namespace ganselect
