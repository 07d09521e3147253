// The best recorded FID, and the candidate that a wish leads to: all that another program needs.
#include <cstdio>
#include <limits>

#include "results/records/store.h"
#include "selection/advice/advice.h"

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  const auto records = ganselect::load_records(argv[1]);
  double best = std::numeric_limits<double>::infinity();
  for (const auto& record : records) {
    if (const auto fid = record.measure("fid"); fid && *fid < best) best = *fid;
  }
  ganselect::AdviceInput input;
  input.query = argv[2];
  const auto advice = ganselect::advise(records, input);
  std::printf("%zu records, best FID %.6g\n%s", records.size(), best,
              ganselect::advice_to_text(advice).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
