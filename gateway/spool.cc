#include "gateway/spool.h"

#include <cstring>
#include <span>
#include <type_traits>

#include "gateway/sealed_scratch.h"

namespace weir::gateway {
namespace {

// Chunks never leave the process that wrote them: the layout is that of memory.
static_assert(std::is_trivially_copyable_v<SpoolRow> && std::is_trivially_copyable_v<Tag>);

template <typename Item>
void Put(std::span<const Item> items, std::string* out) {
  const std::uint64_t count = items.size();
  out->append(reinterpret_cast<const char*>(&count), sizeof count);
  out->append(reinterpret_cast<const char*>(items.data()), items.size_bytes());
}

// Sealed bytes open as they were written, so no length here can be wrong.
template <typename Items>
void Take(std::string_view* in, Items* items) {
  std::uint64_t count = 0;
  std::memcpy(&count, in->data(), sizeof count);
  in->remove_prefix(sizeof count);
  items->resize(count);
  const std::size_t size = count * sizeof(typename Items::value_type);
  if (size != 0) std::memcpy(items->data(), in->data(), size);
  in->remove_prefix(size);
}

// One byte a cell says its length or that it is null, where five in memory do; most cells are short.
constexpr std::uint8_t kLong = 254, kNull = 255;

void PutLengths(const policies::CellColumn& column, std::string* out) {
  std::uint32_t begin = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const std::uint32_t size = column.ends()[row] - begin;
    begin = column.ends()[row];
    if (column.nulls()[row] != 0) {
      out->push_back(static_cast<char>(kNull));
    } else if (size < kLong) {
      out->push_back(static_cast<char>(size));
    } else {
      out->push_back(static_cast<char>(kLong));
      out->append(reinterpret_cast<const char*>(&size), sizeof size);
    }
  }
}

void TakeLengths(std::string_view* in, std::size_t rows, policies::CellColumn* column) {
  column->ends().resize(rows);
  column->nulls().resize(rows);
  const char* at = in->data();
  std::uint32_t end = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto code = static_cast<std::uint8_t>(*at++);
    std::uint32_t size = code == kNull ? 0 : code;
    if (code == kLong) {
      std::memcpy(&size, at, sizeof size);
      at += sizeof size;
    }
    column->ends()[row] = end += size;
    column->nulls()[row] = code == kNull ? 1 : 0;
  }
  in->remove_prefix(static_cast<std::size_t>(at - in->data()));
}

}  // namespace

void SpoolChunk::Clear() {
  rows.clear();
  subjects.clear();
  fields.Clear();
}

struct Spool::State {
  explicit State(const std::string& folder) : file(folder) {}
  SealedScratch file;
  std::uint64_t rows = 0;
  std::size_t next = 0;
  std::string plain;
};

Spool::Spool(const std::string& folder) : state_(std::make_unique<State>(folder)) {}
Spool::~Spool() = default;

void Spool::Append(const SpoolChunk& chunk) {
  std::string& plain = state_->plain;
  plain.clear();
  Put(std::span(chunk.rows), &plain);
  Put(std::span(chunk.subjects), &plain);
  const std::uint64_t shape[2] = {chunk.fields.rows, chunk.fields.columns.size()};
  Put(std::span<const std::uint64_t>(shape), &plain);
  for (const policies::CellColumn& column : chunk.fields.columns) {
    Put(std::span<const char>(column.data()), &plain);
    PutLengths(column, &plain);
  }
  state_->file.Append(plain);
  state_->rows += chunk.rows.size();
}

bool Spool::Next(SpoolChunk* chunk) {
  chunk->Clear();
  if (state_->next == state_->file.pieces()) return false;
  state_->file.Read(state_->next, &state_->plain);
  state_->file.GiveBack(state_->next++);
  std::string_view in = state_->plain;
  Take(&in, &chunk->rows);
  Take(&in, &chunk->subjects);
  std::vector<std::uint64_t> shape;
  Take(&in, &shape);
  chunk->fields.rows = shape[0];
  chunk->fields.columns.resize(shape[1]);
  for (policies::CellColumn& column : chunk->fields.columns) {
    Take(&in, &column.buffer());
    TakeLengths(&in, chunk->fields.rows, &column);
  }
  return true;
}

std::uint64_t Spool::rows() const { return state_->rows; }
std::uint64_t Spool::bytes() const { return state_->file.bytes(); }

}  // namespace weir::gateway
