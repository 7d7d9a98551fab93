#include "gateway/message_codes.h"

#include <algorithm>
#include <string>

#include "gateway/message_code_tables.h"

namespace weir::gateway {

std::span<const MessageCode> MessageCodes() {
  static const std::vector<MessageCode> codes = [] {
    std::vector<MessageCode> all;
    for (const std::span<const MessageCode> table : {DocumentCodes(), PolicyCodes(), ImportCodes(), RunCodes(), ProgramCodes(), ApprovalCodes()}) {
      all.insert(all.end(), table.begin(), table.end());
    }
    std::sort(all.begin(), all.end(), [](const MessageCode& a, const MessageCode& b) { return a.code < b.code; });
    return all;
  }();
  return codes;
}

const MessageCode* FindMessageCode(std::string_view code) {
  std::string upper(code);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const MessageCode& entry : MessageCodes()) {
    if (entry.code == upper) return &entry;
  }
  return nullptr;
}

}  // namespace weir::gateway
