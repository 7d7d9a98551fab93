#include "policies/check_positions.h"

#include <optional>

#include "manifest/selectable.h"

namespace weir::policies {

Place Positions::At(const manifest::DeclaredAt& at) const {
  return {folder_ + at.file, at.position.line, at.position.column};
}

std::string Positions::FileOf(std::string_view unique_id) const {
  if (const manifest::Node* node = project_.FindNode(unique_id)) {
    return std::string(node->patch_path.empty() ? std::string_view() : manifest::WithoutPackage(node->patch_path));
  }
  if (const manifest::Test* test = project_.FindTest(unique_id)) return test->original_file_path;
  if (const manifest::Source* source = project_.FindSource(unique_id)) return source->original_file_path;
  return {};
}

Place Positions::Of(const manifest::Exposure& exposure) const {
  if (declarations_ != nullptr) {
    if (const auto at = declarations_->Of(exposure.unique_id)) return this->At(*at);
  }
  return {exposure.original_file_path.empty() ? "" : folder_ + exposure.original_file_path, 0, 0};
}

Place Positions::Of(const SyncSpec& sync) const {
  const manifest::Exposure* exposure = project_.FindExposure(sync.exposure_id);
  if (exposure == nullptr) return {sync.declared_in, sync.position.line, sync.position.column};
  Place place = Of(*exposure);
  if (place.line == 0) place.line = sync.position.line;
  return place;
}

Place Positions::Of(std::string_view unique_id, const Place& otherwise) const {
  if (declarations_ != nullptr) {
    if (const auto at = declarations_->Of(unique_id)) return this->At(*at);
  }
  const std::string file = FileOf(unique_id);
  return file.empty() ? otherwise : Place{folder_ + file, 0, 0};
}

Place Positions::OfColumn(std::string_view unique_id, std::string_view column, const Place& otherwise) const {
  if (declarations_ != nullptr) {
    if (const auto at = declarations_->OfColumn(unique_id, column)) return this->At(*at);
  }
  return Of(unique_id, otherwise);
}

}  // namespace weir::policies
