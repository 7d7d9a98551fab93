#pragma once

#include <string>
#include <string_view>

#include "policies/transform.h"

namespace weir::policies {

// Appends `text`, valid UTF-8, with a `*` for every code point that `transform` (a mask) does not keep. The number of
// code points stays visible; that is what a mask gives away beside the kept part.
//   keep_first, keep_last n: a text of n code points or fewer is masked whole, so that a short value never leaves as it is
//   keep_domain: only a domain name in ASCII with a dot, behind the one `@` of a text without spaces, is kept; whatever
//   is no such address is masked whole
//   nothing kept: masked whole
void AppendMasked(std::string_view text, const Transform& transform, std::string* out);

}  // namespace weir::policies
