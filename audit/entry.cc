#include "audit/entry.h"

#include <algorithm>
#include <charconv>

#include "audit/digest.h"

namespace weir::audit {
namespace {

void AppendNumber(std::uint64_t value, std::string* out) {
  char digits[20];
  const auto result = std::to_chars(std::begin(digits), std::end(digits), value);
  out->append(digits, static_cast<std::size_t>(result.ptr - digits));
}

// base64url without padding and quoted; without a temporary, because an intent has a thousand of these.
void AppendBase64Url(std::span<const std::byte> bytes, std::string* out) {
  const std::size_t start = out->size();
  out->resize(start + (bytes.size() + 2) / 3 * 4 + 2);
  char* const begin = out->data() + start;
  *begin = '"';
  char* const end = WriteBase64Url(bytes, begin + 1);
  *end = '"';
  out->resize(start + static_cast<std::size_t>(end + 1 - begin));
}

// One object: members in ascending order of their names, which every AppendJson below keeps by hand.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(out) { out_->push_back('{'); }
  void Close() { out_->push_back('}'); }

  void Member(std::string_view name) {
    if (!first_) out_->push_back(',');
    first_ = false;
    out_->push_back('"');
    out_->append(name);
    out_->append("\":");
  }
  void Number(std::string_view name, std::uint64_t value) {
    Member(name);
    AppendNumber(value, out_);
  }
  void String(std::string_view name, std::string_view value) {
    Member(name);
    AppendJsonString(value, out_);
  }
  // `value` needs no escaping.
  void Plain(std::string_view name, std::string_view value) {
    Member(name);
    out_->push_back('"');
    out_->append(value);
    out_->push_back('"');
  }
  void Binary(std::string_view name, std::span<const std::byte> value) {
    Member(name);
    AppendBase64Url(value, out_);
  }
  template <typename Items>
  void BinaryList(std::string_view name, const Items& items) {
    Member(name);
    out_->push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_->push_back(',');
      AppendBase64Url(items[i], out_);
    }
    out_->push_back(']');
  }
  void StringList(std::string_view name, const std::vector<std::string>& items) {
    Member(name);
    out_->push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_->push_back(',');
      AppendJsonString(items[i], out_);
    }
    out_->push_back(']');
  }
  void Counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    Member(name);
    out_->push_back('{');
    bool first = true;
    for (const auto& [key, value] : counts) {
      if (!first) out_->push_back(',');
      first = false;
      AppendJsonString(key, out_);
      out_->push_back(':');
      AppendNumber(value, out_);
    }
    out_->push_back('}');
  }
  template <typename Items, typename WriteItem>
  void List(std::string_view name, const Items& items, const WriteItem& write) {
    Member(name);
    out_->push_back('[');
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_->push_back(',');
      first = false;
      write(item);
    }
    out_->push_back(']');
  }
  void At(Time time) { Plain("time", FormatTime(time)); }

 private:
  std::string* out_;
  bool first_ = true;
};

}  // namespace

std::string_view Name(Op op) {
  constexpr std::string_view kNames[] = {"upsert", "insert", "update", "append", "delete", "blank", "suppress"};
  return kNames[static_cast<std::size_t>(op)];
}

std::string_view Name(OutcomeResult result) {
  constexpr std::string_view kNames[] = {"delivered", "rejected", "already_so", "accepted", "unknown"};
  return kNames[static_cast<std::size_t>(result)];
}

void RunStart::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.String("actor", actor);
  object.Plain("kind", "run_start");
  object.String("mode", mode);
  if (plan_digest) object.String("plan_digest", *plan_digest);
  object.String("run", run);
  object.String("sync", sync);
  object.At(time);
  object.String("version", version);
  object.Close();
}

void Plan::AppendJson(std::string* out) const {
  ObjectWriter writer(out);
  writer.List("columns", columns, [out](const PlanColumn& column) {
    ObjectWriter item(out);
    item.StringList("classes", column.classes);
    item.String("column", column.column);
    item.String("field", column.field);
    item.StringList("rules", column.rules);
    item.String("transform", column.transform);
    item.Close();
  });
  writer.String("destination", destination);
  writer.String("effect_digest", effect_digest);
  writer.Plain("kind", "plan");
  writer.String("manifest_digest", manifest_digest);
  writer.String("mode", mode);
  writer.String("model", model);
  writer.String("object", object);
  writer.String("plan_digest", plan_digest);
  writer.String("policy_digest", policy_digest);
  writer.String("purpose", purpose);
  writer.Number("run", run);
  writer.String("sync", sync);
  writer.At(time);
  writer.Close();
}

void Gate::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Plain("kind", "gate");
  object.List("reasons", reasons, [out](const GateReason& reason) {
    ObjectWriter item(out);
    item.String("code", reason.code);
    item.String("text", reason.text);
    item.Close();
  });
  object.Number("run", run);
  object.At(time);
  object.Plain("verdict", open ? "open" : "held");
  object.Close();
}

void Evidence::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.String("digest", digest);
  object.String("invocation_id", invocation_id);
  object.Plain("kind", "evidence");
  object.Number("run", run);
  object.Counts("tests", tests);
  object.At(time);
  object.String("which", which);
  object.Close();
}

void Intent::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Number("attempt", attempt);
  if (!commits.empty()) object.BinaryList("commits", commits);
  object.Plain("kind", "intent");
  object.Plain("op", Name(op));
  object.Number("part", part);
  object.Number("parts", parts);
  object.Number("plan", plan);
  object.BinaryList("records", records);
  object.String("request", request);
  if (retry_of) object.Number("retry_of", *retry_of);
  object.Number("run", run);
  object.At(time);
  object.Close();
}

void Baseline::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Plain("kind", "baseline");
  object.Number("plan", plan);
  object.Number("records", records);
  object.Number("run", run);
  object.At(time);
  object.Close();
}

void RunEnd::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Counts("counts", counts);
  object.Plain("kind", "run_end");
  object.String("result", result);
  object.Number("run", run);
  object.At(time);
  object.Close();
}

void Approval::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Plain("action", used ? "used" : "waiting");
  if (changes) object.Number("changes", *changes);
  if (deletes) object.Number("deletes", *deletes);
  if (used) object.String("document", document);
  object.Plain("kind", "approval");
  object.String("plan_digest", plan_digest);
  if (used) object.StringList("principals", principals);
  if (used) object.String("reason", reason);
  if (used) object.String("requested_by", requested_by);
  if (rows) object.Number("rows", *rows);
  object.Number("run", run);
  object.At(time);
  object.Close();
}

void Override::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.String("document", document);
  object.Plain("kind", "override");
  object.StringList("lifted", lifted);
  object.String("plan_digest", plan_digest);
  object.StringList("principals", principals);
  object.String("reason", reason);
  object.String("requested_by", requested_by);
  object.Number("run", run);
  object.At(time);
  object.Close();
}

void Recovery::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.Number("cut_bytes", cut_bytes);
  object.Number("frame", frame);
  object.Plain("kind", "recovery");
  object.Number("segment", segment);
  object.At(time);
  object.Close();
}

void Key::AppendJson(std::string* out) const {
  ObjectWriter object(out);
  object.String("action", action);
  object.String("key_id", key_id);
  object.Plain("kind", "key");
  object.String("purpose", purpose);
  object.At(time);
  object.Close();
}

std::optional<Entry> ParseEntry(std::string_view json) {
  auto value = ParseCanonicalJson(json);
  if (!value || value->kind != JsonValue::Kind::kObject) return std::nullopt;
  const JsonValue* kind = value->Find("kind");
  if (kind == nullptr || kind->kind != JsonValue::Kind::kString || kind->string.empty()) return std::nullopt;
  return Entry{kind->string, std::move(*value)};
}

bool DecodeTag(std::string_view text, Tag* tag) {
  if (text.size() != 22) return false;
  std::string padded(text);
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c == '+' || c == '/' ? '!' : c;
  std::string bytes;
  if (!DecodeBase64(padded + "==", &bytes)) return false;
  std::transform(bytes.begin(), bytes.end(), tag->begin(), [](char c) { return static_cast<std::byte>(c); });
  return true;
}

}  // namespace weir::audit
