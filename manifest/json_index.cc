#include "manifest/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>

namespace weir::manifest {

// The parser that simdjson's own front ends are built on. Its index is reserved for a text in which every byte is a
// token, and used as far as there are any.
struct JsonIndex::Parser {
  std::size_t capacity = 0;
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

std::size_t BehindSpace(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// Behind the last `}` that `,` and `"` follow, which seldom do within a string. 0: none in the second half.
std::size_t LikelyEnd(std::string_view text) {
  for (std::size_t at = text.rfind('}'); at != std::string_view::npos && at > text.size() / 2; at = text.rfind('}', at - 1)) {
    const std::size_t comma = BehindSpace(text, at + 1);
    if (comma == text.size() || text[comma] != ',') continue;
    if (const std::size_t quote = BehindSpace(text, comma + 1); quote < text.size() && text[quote] == '"') return at + 1;
  }
  return 0;
}

}  // namespace

JsonIndex::JsonIndex() : parser_(std::make_unique<Parser>()) {}
JsonIndex::~JsonIndex() = default;

JsonIndex::Problem JsonIndex::Build(std::string_view text, bool all) {
  if (all) return text.empty() ? Problem::kEmpty : BuildAll(text);
  const std::size_t end = LikelyEnd(text);
  if (end == 0) return Problem::kNeedsMore;
  const Problem problem = BuildAll(text.substr(0, end));
  return problem == Problem::kUnclosedString ? Problem::kNeedsMore : problem;  // it did stand within one
}

JsonIndex::Problem JsonIndex::BuildAll(std::string_view text) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  static constexpr std::size_t kDepth = 1;  // of simdjson's second stage, which is not used
  size_ = text.size();
  if (parser_->capacity < text.size()) {
    const std::size_t capacity = std::bit_ceil(text.size());  // those that follow are about as long
    const simdjson::error_code made =
        simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, kDepth, parser_->simd);
    if (made != simdjson::SUCCESS) return ProblemOf(made);
    parser_->capacity = capacity;
  }
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
