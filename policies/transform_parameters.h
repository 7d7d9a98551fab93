#pragma once

#include <string>

#include "manifest/fields.h"
#include "policies/transform.h"

namespace weir::policies {

// Reads what stands behind a transform's name, `{normalize: email@1}`, into *out, whose kind is set. Reports everything
// that is wrong; false when that leaves the transform without a meaning.
bool ReadTransformParameters(const manifest::Value& value, const std::string& file,
                             manifest::Diagnostics* diagnostics, Transform* out);

// What to write for a transform that has no meaning by its name alone; empty: it has one.
std::string MissingParameters(TransformKind kind);

}  // namespace weir::policies
