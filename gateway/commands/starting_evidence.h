#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "manifest/project.h"
#include "policies/policy.h"

namespace weir::gateway {

// What shows a class in the project: one item for each class and each way to know it.
struct StartingEvidence {
  std::string class_name;
  std::string how;                   // "by meta `contains: email`", "by name"
  std::vector<std::string> columns;  // the first few, `model.column`
  std::size_t count = 0;             // of all of them
  std::string ToText() const;        // for the remarks of `weir init`
};

// Over every documented column of the project's own models, seeds and snapshots; sorted by class, then by how often.
std::vector<StartingEvidence> FindEvidence(const std::vector<policies::ClassDefinition>& classes,
                                           const manifest::Project& project);

}  // namespace weir::gateway
