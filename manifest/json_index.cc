#include "manifest/json_index.h"

#include <simdjson.h>

#include "manifest/large_pages.h"

namespace weir::manifest {

// The parser that simdjson's own front ends are built on. Its index is reserved for a text in which every byte is a
// token, and used as far as there are any.
struct JsonIndex::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;
};

namespace {

JsonIndex::Problem ProblemOf(simdjson::error_code error) {
  switch (error) {
    case simdjson::SUCCESS:
      return JsonIndex::Problem::kNone;
    case simdjson::EMPTY:
      return JsonIndex::Problem::kEmpty;
    case simdjson::UNCLOSED_STRING:
      return JsonIndex::Problem::kUnclosedString;
    case simdjson::UNESCAPED_CHARS:
      return JsonIndex::Problem::kControlCharacter;
    case simdjson::UTF8_ERROR:
      return JsonIndex::Problem::kNotUtf8;
    case simdjson::MEMALLOC:
      return JsonIndex::Problem::kNoMemory;
    default:
      return JsonIndex::Problem::kOther;
  }
}

}  // namespace

JsonIndex::JsonIndex() : parser_(std::make_unique<Parser>()) {}
JsonIndex::~JsonIndex() = default;

JsonIndex::Problem JsonIndex::Build(std::string_view text) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  static constexpr std::size_t kDepth = 1;  // of simdjson's second stage, which is not used
  if (text.empty()) return Problem::kEmpty;
  const simdjson::error_code made =
      simdjson::get_active_implementation()->create_dom_parser_implementation(text.size(), kDepth, parser_->simd);
  if (made != simdjson::SUCCESS) return ProblemOf(made);
  AskForLargePages(parser_->simd->structural_indexes.get(), text.size() * sizeof(std::uint32_t));
  return ProblemOf(parser_->simd->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                         simdjson::stage1_mode::regular));
}

std::span<const std::uint32_t> JsonIndex::tokens() const {
  if (parser_->simd == nullptr) return {};
  return {parser_->simd->structural_indexes.get(), parser_->simd->n_structural_indexes};
}

char* JsonIndex::Unescape(const char* string, char* out) const {
  return reinterpret_cast<char*>(parser_->simd->parse_string(reinterpret_cast<const std::uint8_t*>(string),
                                                             reinterpret_cast<std::uint8_t*>(out)));
}

}  // namespace weir::manifest
