#include "manifest/sql_scope.h"

#include <algorithm>

namespace weir::manifest {
namespace {

void Insert(const SqlColumns& columns, SqlColumns* out) { out->insert(columns.begin(), columns.end()); }

// `email_1`, `email:1`: what DuckDB and others call the second `email` of `select *`.
bool MayBeSecondOfItsName(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789");
  return last != std::string_view::npos && last + 1 < name.size() && (name[last] == '_' || name[last] == ':');
}

// Several things that one name may mean.
class Meanings {
 public:
  void Add(const SqlOrigin& origin, bool certain) {
    ++count_;
    certain_ = certain_ || certain;
    Insert(origin.from, &all_.from);
    all_.copied = origin.copied;
  }
  bool certain() const { return certain_; }
  std::optional<SqlOrigin> Take() {
    if (count_ == 0) return std::nullopt;
    if (count_ > 1) all_.copied = false;
    return std::move(all_);
  }

 private:
  SqlOrigin all_;
  std::size_t count_ = 0;
  bool certain_ = false;
};

}  // namespace

std::optional<SqlOrigin> SqlRelation::Find(std::string_view name) const {
  Meanings meanings;
  for (const Named& column : columns) {
    if (!column.name.empty() && column.name == name) meanings.Add(column.origin, true);
  }
  const bool several = columns.size() + stars.size() > 1;
  bool starred = false;
  for (const Star& star : stars) {
    if (star.without.contains(std::string(name))) continue;
    if (several && !meanings.certain() && MayBeSecondOfItsName(name)) return std::nullopt;
    starred = true;
    meanings.Add({{{star.table, std::string(name)}}, true}, false);
  }
  if (starred) {
    for (const Named& column : columns) {
      if (column.name.empty()) meanings.Add(column.origin, false);
    }
  }
  std::optional<SqlOrigin> out = meanings.Take();
  if (out && !always.empty()) {
    out->copied = false;
    Insert(always, &out->from);
  }
  return out;
}

SqlColumns SqlRelation::All() const {
  SqlColumns out = always;
  for (const Named& column : columns) Insert(column.origin.from, &out);
  for (const Star& star : stars) out.insert({star.table, "*"});
  return out;
}

void SqlScope::MayBeNull(std::size_t first, std::size_t last, const SqlColumns& condition) {
  for (std::size_t i = first; i < last; ++i) {
    Insert(condition, &entries_[i].relation.always);
    Insert(entries_[i].relation.rows, &entries_[i].relation.always);
  }
}

std::optional<SqlOrigin> SqlScope::Find(const std::vector<std::string>& path) const {
  if (path.empty()) return std::nullopt;
  Meanings meanings;
  // A field of a column is a derivation of it.
  const auto add = [&](SqlOrigin origin, bool whole, bool certain) {
    if (!whole) origin.copied = false;
    meanings.Add(origin, certain);
  };
  for (const Entry& entry : entries_) {
    for (std::size_t i = 0; i < path.size() && i < 3; ++i) {
      if (entry.name.empty() || entry.name != path[i]) continue;
      if (i + 1 == path.size()) {
        if (i == 0) add({entry.relation.All(), false}, false, false);  // the row itself
      } else if (auto found = entry.relation.Find(path[i + 1])) {
        add(std::move(*found), i + 2 == path.size(), true);
      }
    }
  }
  const bool qualified = meanings.certain();
  for (const Entry& entry : entries_) {
    const bool certain = std::any_of(entry.relation.columns.begin(), entry.relation.columns.end(),
                                     [&](const SqlRelation::Named& named) { return named.name == path.front(); });
    // `c.email` where `c` names a table is hardly a field of a column `c`; where it does not, it must be.
    if (qualified && !certain) continue;
    if (auto found = entry.relation.Find(path.front())) add(std::move(*found), path.size() == 1, certain);
  }
  for (const SqlRelation::Named& alias : aliases_) {
    if (alias.name == path.front()) add(alias.origin, path.size() == 1, false);
  }
  if (!meanings.certain() && outer_ != nullptr) {
    if (auto found = outer_->Find(path)) meanings.Add(*found, false);
  }
  return meanings.Take();
}

std::vector<const SqlScope::Entry*> SqlScope::Visible(std::string_view name) const {
  std::vector<const Entry*> out;
  for (const Entry& entry : entries_) {
    if (name.empty() || entry.name == name) out.push_back(&entry);
  }
  if (out.empty() && outer_ != nullptr) return outer_->Visible(name);
  return out;
}

}  // namespace weir::manifest
