#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "audit/digest.h"
#include "audit/entry.h"

namespace weir::audit {
namespace {

// Room for the longest outcome: indices of 20 digits instead of 12 make it 440 bytes.
constexpr std::size_t kRoom = 512;

// The one entry that is written once a record: a cursor over the stack and a single append, a quarter of the time that
// growing the string piece by piece takes.
class Cursor {
 public:
  void Literal(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void Number(std::uint64_t value) { at_ = std::to_chars(at_, buffer_.data() + buffer_.size(), value).ptr; }
  void Binary(std::span<const std::byte> bytes) {
    *at_++ = '"';
    at_ = WriteBase64Url(bytes, at_);
    *at_++ = '"';
  }
  // A machine code needs no escape; should anything else come, nothing of it may leak or grow.
  void Code(std::string_view code) {
    for (const char c : code.substr(0, kMaxCodeBytes)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                         c == '-' || c == '.';
      *at_++ = plain ? c : '_';
    }
  }
  // Most outcomes of a batch have the same time.
  void At(Time time) {
    thread_local Time last_time{};
    thread_local std::string last_text = FormatTime(last_time);
    if (time != last_time) {
      last_text = FormatTime(time);
      last_time = time;
    }
    Literal(last_text);
  }
  std::string_view text() const {
    return {buffer_.data(), static_cast<std::size_t>(at_ - buffer_.data())};
  }

 private:
  std::array<char, kRoom> buffer_;
  char* at_ = buffer_.data();
};

}  // namespace

void Outcome::AppendJson(std::string* out) const {
  Cursor cursor;
  cursor.Literal("{\"attempt\":");
  cursor.Number(std::min(attempt, 999u));
  if (!code.empty()) {
    cursor.Literal(",\"code\":\"");
    cursor.Code(code);
    cursor.Literal("\"");
  }
  cursor.Literal(",\"commit\":");
  cursor.Binary(commit);
  if (id_commit) {
    cursor.Literal(",\"id_commit\":");
    cursor.Binary(*id_commit);
  }
  cursor.Literal(",\"intent\":");
  cursor.Number(intent);
  cursor.Literal(",\"kind\":\"outcome\",\"op\":\"");
  cursor.Literal(Name(op));
  cursor.Literal("\",\"plan\":");
  cursor.Number(plan);
  cursor.Literal(",\"pos\":");
  cursor.Number(pos);
  cursor.Literal(",\"record\":");
  cursor.Binary(record);
  cursor.Literal(",\"result\":\"");
  cursor.Literal(Name(result));
  cursor.Literal("\",\"run\":");
  cursor.Number(run);
  if (status != 0) {
    cursor.Literal(",\"status\":");
    cursor.Number(std::min(status, 999u));
  }
  cursor.Literal(",\"subjects\":[");
  for (std::size_t i = 0; i < std::min(subjects.size(), kMaxOutcomeSubjects); ++i) {
    if (i != 0) cursor.Literal(",");
    cursor.Binary(subjects[i]);
  }
  cursor.Literal("],\"time\":\"");
  cursor.At(time);
  cursor.Literal("\"}");
  out->append(cursor.text());
}

}  // namespace weir::audit
