#include "models/backbones/architectures.h"

namespace ganselect {

#define BACKBONE(id) ArchitectureSpec id##_architecture();
#include "models/backbones/backbones.inc"
#undef BACKBONE

const NamedTable<ArchitectureSpec>& architectures() {
#define BACKBONE(id) id##_architecture(),
  static const NamedTable<ArchitectureSpec> table("architecture", {
#include "models/backbones/backbones.inc"
                                                                  });
#undef BACKBONE
  return table;
}

}  // namespace ganselect
