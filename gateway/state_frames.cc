#include "gateway/state_frames.h"

#include <cstring>

#include "audit/digest.h"

namespace weir::gateway {
namespace {

enum FrameKind : char { kIntentFrame = 'I', kOutcomeFrame = 'O', kRecordsFrame = 'R', kHeaderFrame = 'H' };
constexpr char kFrameVersion = 1;

// Fixed-width little-endian integers and length-prefixed text; the reader throws at the first thing that is not there.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}
  void Byte(std::uint8_t value) { out_->push_back(static_cast<char>(value)); }
  void Number(std::uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    out_->append(bytes, sizeof bytes);
  }
  void Text(std::string_view text) {
    Number(text.size());
    out_->append(text);
  }
  template <typename Array>
  void Raw(const Array& array) {
    out_->append(reinterpret_cast<const char*>(array.data()), array.size());
  }
  void Record(const StateRecord& record) { out_->append(reinterpret_cast<const char*>(&record), sizeof record); }

 private:
  std::string* out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  std::uint8_t Byte() { return static_cast<std::uint8_t>(Take(1)[0]); }
  std::uint64_t Number() {
    const std::string_view bytes = Take(8);
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::string Text() { return std::string(Take(Number())); }
  // A count of things that take at least `least` bytes each, so that no damaged count reserves more than is there.
  std::size_t Count(std::size_t least) {
    const std::uint64_t count = Number();
    if (count > in_.size() / least) Fail();
    return static_cast<std::size_t>(count);
  }
  template <typename Array>
  void Raw(Array* array) {
    std::memcpy(array->data(), Take(array->size()).data(), array->size());
  }
  StateRecord Record() {
    StateRecord record;
    std::memcpy(&record, Take(sizeof record).data(), sizeof record);
    return record;
  }
  void End() const {
    if (!in_.empty()) Fail();
  }

  [[noreturn]] static void Fail() {
    throw StateError("W-STATE-011", "a private frame of the log is damaged or of another sync; `weir audit verify` tells "
                                    "more, and the log must be restored from a backup");
  }

 private:
  std::string_view Take(std::uint64_t size) {
    if (size > in_.size()) Fail();
    const std::string_view out = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(static_cast<std::size_t>(size));
    return out;
  }
  std::string_view in_;
};

audit::SecretKey FrameKey(const audit::SecretKey& seal_root, const StateIds& ids) {
  const std::string_view fields[] = {"state-frames", "aes-256-gcm", ids.tenant, ids.environment, ids.sync, "1"};
  return audit::DeriveKey(seal_root, fields);
}

Result ReadResult(Reader* in) {
  const std::uint8_t value = in->Byte();
  if (value > static_cast<std::uint8_t>(Result::kDeferred)) Reader::Fail();
  return static_cast<Result>(value);
}

IntentFrame ReadIntent(Reader* in) {
  IntentFrame frame;
  frame.intent = in->Number();
  frame.run = in->Number();
  frame.plan = in->Number();
  const std::uint8_t operation = in->Byte();
  if (operation > static_cast<std::uint8_t>(Operation::kSuppress)) Reader::Fail();
  frame.operation = static_cast<Operation>(operation);
  frame.attempt = static_cast<std::uint32_t>(in->Number());
  frame.rows.resize(in->Count(sizeof(StateRecord)));
  for (IntentFrame::Row& row : frame.rows) {
    row.record = in->Record();
    row.previous_flags = in->Byte();
    row.previous_rejections = in->Byte();
    in->Raw(&row.record_tag);
    in->Raw(&row.commit);
    const std::size_t subjects = in->Byte();
    if (subjects > SubjectTags::kMax) Reader::Fail();
    row.subjects.resize(subjects);
    for (Tag& tag : row.subjects) in->Raw(&tag);
    row.side = in->Text();
  }
  return frame;
}

}  // namespace

StateFrameCodec::StateFrameCodec(const audit::SecretKey& seal_root, const StateIds& ids)
    : sealer_(FrameKey(seal_root, ids)) {
  for (const std::string& id : {ids.tenant, ids.environment, ids.sync}) audit::AppendField(&associated_, id);
}

std::string StateFrameCodec::Sealed() {
  std::string out;
  out.reserve(plain_.size() + audit::Sealer::kOverhead);
  sealer_.Seal(plain_, associated_, &out);
  return out;
}

std::string StateFrameCodec::Encode(const IntentFrame& frame) {
  plain_ = {kIntentFrame, kFrameVersion};
  Writer out(&plain_);
  out.Number(frame.intent);
  out.Number(frame.run);
  out.Number(frame.plan);
  out.Byte(static_cast<std::uint8_t>(frame.operation));
  out.Number(frame.attempt);
  out.Number(frame.rows.size());
  for (const IntentFrame::Row& row : frame.rows) {
    out.Record(row.record);
    out.Byte(row.previous_flags);
    out.Byte(row.previous_rejections);
    out.Raw(row.record_tag);
    out.Raw(row.commit);
    out.Byte(static_cast<std::uint8_t>(row.subjects.size()));
    for (const Tag& tag : row.subjects) out.Raw(tag);
    out.Text(row.side);
  }
  return Sealed();
}

std::string StateFrameCodec::Encode(const OutcomeFrame& frame) {
  plain_ = {kOutcomeFrame, kFrameVersion};
  Writer out(&plain_);
  out.Number(frame.intent);
  out.Number(frame.results.size());
  for (const Result result : frame.results) out.Byte(static_cast<std::uint8_t>(result));
  return Sealed();
}

std::string StateFrameCodec::Encode(const RecordsFrame& frame) {
  plain_ = {kRecordsFrame, kFrameVersion};
  Writer out(&plain_);
  out.Number(frame.rows.size());
  for (const RecordsFrame::Row& row : frame.rows) {
    out.Record(row.record);
    out.Text(row.side);
  }
  return Sealed();
}

std::string StateFrameCodec::Encode(const HeaderFrame& frame) {
  plain_ = {kHeaderFrame, kFrameVersion};
  Writer out(&plain_);
  out.Number(frame.header.run);
  out.Number(frame.header.sent_fields.size());
  for (const std::string& field : frame.header.sent_fields) out.Text(field);
  out.Text(frame.header.effect_digest);
  out.Text(frame.header.place);
  return Sealed();
}

StateFrame StateFrameCodec::Decode(std::string_view bytes) {
  std::string plain;
  try {
    sealer_.Open(bytes, associated_, &plain);
  } catch (const audit::SealError&) {
    Reader::Fail();
  }
  Reader in(plain);
  const char kind = static_cast<char>(in.Byte());
  if (in.Byte() != kFrameVersion) Reader::Fail();
  StateFrame out;
  if (kind == kIntentFrame) {
    out.intent = ReadIntent(&in);
  } else if (kind == kOutcomeFrame) {
    out.outcome.emplace().intent = in.Number();
    out.outcome->results.resize(in.Count(1));
    for (Result& result : out.outcome->results) result = ReadResult(&in);
  } else if (kind == kRecordsFrame) {
    out.records.emplace().rows.resize(in.Count(sizeof(StateRecord)));
    for (RecordsFrame::Row& row : out.records->rows) {
      row.record = in.Record();
      row.side = in.Text();
    }
  } else if (kind == kHeaderFrame) {
    StateHeader& header = out.header.emplace().header;
    header.run = static_cast<std::uint32_t>(in.Number());
    header.sent_fields.resize(in.Count(8));
    for (std::string& field : header.sent_fields) field = in.Text();
    header.effect_digest = in.Text();
    header.place = in.Text();
  } else {
    Reader::Fail();
  }
  in.End();
  return out;
}

StateRecord RecordAfter(const IntentFrame::Row& row, Result result) {
  StateRecord record = row.record;
  switch (result) {
    case Result::kDelivered:
    case Result::kAlreadySo:
      return record;
    case Result::kRejected: {
      // The destination still has what it had. The input is remembered, so that the row goes again when it changes or
      // when its delay is over; a leave request has input 0 and is tried again by every run.
      const std::uint32_t flags = (row.previous_flags & (StateRecord::kPresent | StateRecord::kMaybe)) |
                                  (row.record.input != 0 ? StateRecord::kRejected : 0u);
      record.bits = StateRecord::Pack(flags == 0 ? StateRecord::kRejected : flags, row.previous_rejections + 1u, row.record.run());
      record.outgoing = {};
      return record;
    }
    case Result::kAccepted:
    case Result::kUnknown:
    case Result::kNotSent:
    case Result::kDeferred:
      break;
  }
  record.bits = StateRecord::Pack((row.previous_flags & StateRecord::kPresent) | StateRecord::kMaybe,
                                  row.previous_rejections, row.record.run());
  record.input = 0;
  record.outgoing = {};
  return record;
}

}  // namespace weir::gateway
