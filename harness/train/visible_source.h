#pragma once
// Training from images of which a part is hidden: the condition of a real image is what its mask
// leaves of it.
#include <memory>

#include "harness/train/condition_source.h"

namespace ganselect {

// Images of which a generator keeps what it may show, entry by entry of its ConditionTable.
struct StoredPictures {
  torch::Tensor images;  // uint8 (M,C,H,W), whole
  torch::Tensor masks;   // uint8 (M,1,H,W): 1 where the image is seen

  // float32 (M, 1 + C, H, W), as networks are told.
  torch::Tensor visible() const;
};

// Draws images uniformly, and for each a mask by the candidate's law; a real image keeps its own
// mask and visible part, further ones are of further images. Labels are not told.
std::unique_ptr<ConditionSource> make_visible_source(const CandidateSpec& candidate,
                                                     const Dataset& data, torch::Device device,
                                                     SourceStreams streams);

// Up to 1,000 images of the data, drawn, each behind a mask of the candidate's law; the draws are
// the same for every trial.
ConditionTable make_visible_table(const CandidateSpec& candidate, const Dataset& data);
// Pictures of one's own, each as likely.
ConditionTable table_of_pictures(StoredPictures pictures, std::string law);

}  // namespace ganselect
