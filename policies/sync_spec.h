#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/project.h"
#include "manifest/fields.h"
#include "policies/policy.h"

namespace weir::policies {

enum class SyncMode : std::uint8_t { kUpsert, kInsert, kUpdate, kMirror, kAppend };
std::string_view Name(SyncMode mode);
enum class OnUnknown : std::uint8_t { kHold, kResend };  // inserts whose delivery is unknown

// A sync as its exposure's `weir` block, or an item of weir.yml's `syncs:`, declares it. Nothing is decided here.
struct SyncSpec {
  std::string id;              // `exposure:crm_contacts`, `exposure:crm_contacts/2` of a list, `sync:NAME` from weir.yml
  std::string name;            // `crm_contacts`: what users type
  std::string exposure_id;     // unique_id; empty when from weir.yml
  std::string model_id;        // unique_id
  std::string destination;
  std::string object;
  std::string purpose;
  SyncMode mode = SyncMode::kUpsert;
  OnUnknown on_unknown = OnUnknown::kHold;
  struct Mapped {
    std::string column;        // of the model, as the manifest writes it; empty: a constant
    std::string field;         // at the destination
    std::string constant;      // canonical text
    manifest::Value::Kind constant_kind = manifest::Value::Kind::kNull;
    manifest::Position position;
  };
  // More refused or rejected rows than this, and the run ends with status 1; a share is one of the rows read.
  struct FailWhen {
    Limit refused, rejected;
  };
  FailWhen fail_when;
  std::vector<Mapped> match;   // at least one, save in mode append
  std::vector<Mapped> columns;
  std::string schedule;        // text; read by `weir serve`, which follows
  std::string declared_in;     // file for messages: models/exposures.yml or weir.yml
  manifest::Position position;
};

// Every sync of the project's own exposures (never of installed packages) and of `extra` (weir.yml's `syncs:`, may be
// null). Reports unknown keys, models and columns that are not there (with suggestions), two syncs of one name. Sorted
// by id.
std::vector<SyncSpec> ReadSyncs(const manifest::Project& project, const manifest::Value* extra,
                                const std::string& extra_file, manifest::Diagnostics* diagnostics);

}  // namespace weir::policies
