#include "gateway/sync_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "gateway/state_updates.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

using ::testing::HasSubstr;

struct Kept {
  StateRecord record;
  std::string side;
};
using Model = std::map<RowKey, Kept>;

audit::SecretKey KeyOf(std::uint8_t byte) {
  std::array<std::byte, 32> bytes;
  bytes.fill(std::byte{byte});
  return audit::SecretKey(bytes);
}

const StateIds kIds{"acme", "prod", "crm"};

std::unique_ptr<SyncState> OpenIn(const std::string& folder, const StateIds& ids = kIds) {
  return SyncState::Open(folder, ids, KeyOf(1), KeyOf(2));
}

RowKey Key(std::uint64_t number) {
  std::mt19937_64 random(number);
  RowKey key;
  for (std::size_t i = 0; i < key.size(); i += 8) {
    const std::uint64_t word = random();
    std::memcpy(key.data() + i, &word, 8);
  }
  return key;
}

StateRecord Record(const RowKey& key, std::uint64_t input, std::uint32_t flags = StateRecord::kPresent) {
  StateRecord record;
  record.key = key;
  record.input = input;
  record.outgoing[0] = static_cast<std::uint8_t>(input);
  record.bits = StateRecord::Pack(flags, 0, 7);
  return record;
}

void Advance(SyncState* state, const std::vector<StateUpdate>& updates, const StateHeader& header = {}) {
  state->Remember({});
  const std::unique_ptr<StateUpdates> collected = state->NewUpdates();
  for (const StateUpdate& each : updates) collected->Add(each);
  state->Advance(header, collected.get());
}

bool Same(const StateRecord& a, const StateRecord& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void ExpectEqual(SyncState* state, const Model& model) {
  ASSERT_EQ(state->size(), model.size());
  std::size_t index = 0;
  std::vector<RowKey> keys;
  for (const auto& [key, kept] : model) {
    ASSERT_TRUE(Same(state->at(index), kept.record)) << "record " << index;
    ASSERT_EQ(state->Find(key), index);
    const std::optional<std::string> side = state->OpenSide(index);
    ASSERT_EQ(side.value_or(""), kept.side);
    ASSERT_EQ(side.has_value(), !kept.side.empty());
    keys.push_back(key);
    ++index;
  }
  keys.push_back(Key(~0ull));  // not in any model
  ASSERT_EQ(state->Find(keys.back()), SyncState::kNotFound);
  std::vector<std::size_t> indices(keys.size());
  state->FindAll(keys, indices.data());
  for (std::size_t i = 0; i < model.size(); ++i) ASSERT_EQ(indices[i], i);
  ASSERT_EQ(indices.back(), SyncState::kNotFound);
}

void Apply(const StateUpdate& update, Model* model) {
  if ((update.record.flags() & StateRecord::kGone) != 0) {
    model->erase(update.record.key);
    return;
  }
  Kept& kept = (*model)[update.record.key];
  kept.record = update.record;
  if (!update.side.empty()) kept.side = std::string(update.side);
}

TEST(SyncState, BeginsEmpty) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder / "a/b");
  EXPECT_EQ(state->size(), 0u);
  EXPECT_EQ(state->Find(Key(1)), SyncState::kNotFound);
  EXPECT_EQ(state->header().applied_frame, 0u);
  Advance(state.get(), {});
  EXPECT_EQ(state->size(), 0u);
  EXPECT_EQ(state->Find(Key(1)), SyncState::kNotFound);
}

TEST(SyncState, KeepsTheHeader) {
  const TemporaryFolder folder;
  const StateHeader header{1ull << 40, 12, {"email", "", "näme"}, "sha256:ab", R"({"plan":1})"};
  {
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    Advance(state.get(), {}, header);
  }
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  EXPECT_EQ(state->header().applied_frame, header.applied_frame);
  EXPECT_EQ(state->header().run, header.run);
  EXPECT_EQ(state->header().sent_fields, header.sent_fields);
  EXPECT_EQ(state->header().effect_digest, header.effect_digest);
  EXPECT_EQ(state->header().place, header.place);
}

TEST(SyncState, LastUpdateOfAKeyWins) {
  const struct {
    const char* name;
    std::vector<StateUpdate> updates;
    std::optional<std::string> side;  // nullopt: the key is not there
    std::uint64_t input;
  } cases[] = {
      {"kept side", {{Record(Key(1), 5), ""}}, "old", 5},
      {"new side", {{Record(Key(1), 5), "new"}}, "new", 5},
      {"side of the one before", {{Record(Key(1), 5), "new"}, {Record(Key(1), 6), ""}}, "new", 6},
      {"gone", {{Record(Key(1), 5, StateRecord::kGone), ""}}, std::nullopt, 0},
      {"gone and back", {{Record(Key(1), 5, StateRecord::kGone), ""}, {Record(Key(1), 6), ""}}, "", 6},
      {"back and gone", {{Record(Key(1), 6), "new"}, {Record(Key(1), 5, StateRecord::kGone), ""}}, std::nullopt, 0},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const TemporaryFolder folder;
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    Advance(state.get(), {{Record(Key(1), 1), "old"}});
    Advance(state.get(), test.updates);
    const std::size_t index = state->Find(Key(1));
    ASSERT_EQ(index != SyncState::kNotFound, test.side.has_value());
    if (!test.side) continue;
    EXPECT_EQ(state->at(index).input, test.input);
    EXPECT_EQ(state->OpenSide(index).value_or(""), *test.side);
  }
}

// Many generations of random updates, reopened now and then, against a plain map.
TEST(SyncState, AgreesWithAMap) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    std::mt19937_64 random(seed);
    Model model;
    std::unique_ptr<SyncState> state = OpenIn(folder.path());
    const std::uint64_t keys = std::uint64_t{1} << (random() % 13);
    for (int generation = 0; generation < 6; ++generation) {
      std::vector<StateUpdate> updates;
      std::vector<std::string> sides(random() % 3000);
      for (std::string& side : sides) {
        if (random() % 2 == 0) side.assign(random() % 40, static_cast<char>('a' + random() % 26));
        const bool gone = random() % 4 == 0;
        const std::uint32_t flags = gone ? StateRecord::kGone : StateRecord::kPresent;
        updates.push_back({Record(Key(random() % keys), random(), flags), side});
      }
      for (const StateUpdate& update : updates) Apply(update, &model);
      Advance(state.get(), updates);
      if (random() % 2 == 0) {
        state.reset();
        state = OpenIn(folder.path());
      }
      ExpectEqual(state.get(), model);
    }
  }
}

// Keys that are no hashes: the search is slower, and right.
TEST(SyncState, FindsKeysOfAnySpread) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  Model model;
  std::vector<StateUpdate> updates;
  for (int i = 0; i < 5000; ++i) {
    RowKey key{};
    key[0] = i % 3 == 0 ? 0xff : 0;
    key[14] = static_cast<std::uint8_t>(i >> 8);
    key[15] = static_cast<std::uint8_t>(i);
    updates.push_back({Record(key, 1), ""});
    Apply(updates.back(), &model);
  }
  Advance(state.get(), updates);
  ExpectEqual(state.get(), model);
}

// More than fits in memory at once: partitions on disk, the last of a key wins all the same.
TEST(SyncState, MergesMoreThanFitsInMemory) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  constexpr std::uint64_t kCount = 1'600'000, kKeys = 150'000;
  std::vector<RowKey> keys;
  for (std::uint64_t i = 0; i < kKeys; ++i) keys.push_back(Key(i));
  Advance(state.get(), {{Record(keys[1], 1), "before"}});
  const std::unique_ptr<StateUpdates> updates = state->NewUpdates();
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const std::string side = i < kKeys && i != 1 ? "side " + std::to_string(i) : "";
    updates->Add({Record(keys[i % kKeys], i), side});
  }
  state->Advance({}, updates.get());
  ASSERT_EQ(state->size(), kKeys);
  for (std::uint64_t i = 0; i < kKeys; i += 997) {
    const std::size_t index = state->Find(keys[i]);
    ASSERT_NE(index, SyncState::kNotFound);
    ASSERT_EQ(state->at(index).input, i + (kCount - 1 - i) / kKeys * kKeys);
    ASSERT_EQ(state->OpenSide(index), "side " + std::to_string(i));
  }
  EXPECT_EQ(state->OpenSide(state->Find(keys[1])), "before");
}

TEST(SyncState, KeepsTheGenerationBeforeAndNoOther) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  for (int i = 0; i < 4; ++i) Advance(state.get(), {});
  EXPECT_THAT(audit::RealFileSystem().List(folder.path()),
              ::testing::ElementsAre("g00000003.side", "g00000003.state", "g00000004.side", "g00000004.state", "lock",
                                     "published"));
}

TEST(SyncState, WhatThrowsBeforeTheSwitchLeavesTheGeneration) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  Advance(state.get(), {{Record(Key(1), 1), "a"}});
  const std::unique_ptr<StateUpdates> updates = state->NewUpdates();
  updates->Add({Record(Key(2), 1), "b"});
  EXPECT_THROW(state->Advance({}, updates.get(), [] { throw std::runtime_error("the log cannot be published"); }),
               std::runtime_error);
  EXPECT_EQ(state->size(), 1u);
  Advance(state.get(), {{Record(Key(3), 1), "c"}});
  EXPECT_EQ(state->size(), 2u);
}

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const StateError& error) {
    return error.code() + " " + error.what();
  }
  return "no error";
}

TEST(SyncState, OneWriterOnly) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  EXPECT_EQ(Replaced(ErrorOf([&] { OpenIn(folder.path()); }), folder.path(), "DIR"),
            "W-STATE-002 the state in `DIR` is in use by another run of this sync (process " +
                std::to_string(::getpid()) + "); wait until it ends");
}

TEST(SyncState, RefusesWhatIsNotItsOwn) {
  const TemporaryFolder folder;
  Advance(OpenIn(folder.path()).get(), {{Record(Key(1), 1), "side"}});
  const struct {
    const char* name;
    StateIds ids;
    std::uint8_t state_key, seal_key;
    std::string message;
  } cases[] = {
      {"tenant", {"other", "prod", "crm"}, 1, 2,
       "W-STATE-003 the state file `DIR/g00000001.state` is of tenant `acme`, not of `other`; check `state` in weir.yml"},
      {"environment", {"acme", "dev", "crm"}, 1, 2,
       "W-STATE-003 the state file `DIR/g00000001.state` is of environment `prod`, not of `dev`; check `state` in "
       "weir.yml"},
      {"sync", {"acme", "prod", "tickets"}, 1, 2,
       "W-STATE-003 the state file `DIR/g00000001.state` is of sync `crm`, not of `tickets`; check `state` in weir.yml"},
      {"state key", kIds, 9, 2,
       "W-STATE-004 the state file `DIR/g00000001.state` was made with another key file; restore the key file that "
       "belongs to it"},
      {"seal key", kIds, 1, 9,
       "W-STATE-004 the state file `DIR/g00000001.state` was sealed with another key file; restore the key file that "
       "belongs to it"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const std::string error = ErrorOf(
        [&] { SyncState::Open(folder.path(), test.ids, KeyOf(test.state_key), KeyOf(test.seal_key)); });
    EXPECT_EQ(Replaced(error, folder.path(), "DIR"), test.message);
  }
}

TEST(SyncState, RefusesWhatIsNotWhole) {
  const struct {
    const char* name;
    const char* file;
    std::function<std::string(std::string)> change;
    std::string message;
  } cases[] = {
      {"empty", "g00000001.state", [](const std::string&) { return std::string(); }, "`DIR/g00000001.state` is cut short"},
      {"other file", "g00000001.state", [](const std::string& t) { return "GIF8" + t; },
       "`DIR/g00000001.state` does not begin as a state file does"},
      {"cut", "g00000001.state", [](const std::string& t) { return t.substr(0, t.size() - 1); },
       "`DIR/g00000001.state` does not have the size that it names"},
      {"longer", "g00000001.side", [](const std::string& t) { return t + "x"; },
       "`DIR/g00000001.side` does not have the size that it names"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const TemporaryFolder folder;
    Advance(OpenIn(folder.path()).get(), {{Record(Key(1), 1), "side"}});
    WriteWhole(folder / test.file, test.change(ReadWhole(folder / test.file)));
    EXPECT_EQ(Replaced(ErrorOf([&] { OpenIn(folder.path()); }), folder.path(), "DIR"),
              "W-STATE-001 no state in `DIR` is whole: " + test.message + "; restore the folder from a backup");
  }
  const TemporaryFolder folder;
  Advance(OpenIn(folder.path()).get(), {});
  std::filesystem::remove(folder / "g00000001.side");
  EXPECT_EQ(Replaced(ErrorOf([&] { OpenIn(folder.path()); }), folder.path(), "DIR"),
            "W-STATE-001 no state in `DIR` is whole: `DIR/g00000001.side` is missing; restore the folder from a backup");
}

TEST(SyncState, RefusesTheSideFileOfAnotherGeneration) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  Advance(state.get(), {{Record(Key(1), 1), "one"}});
  Advance(state.get(), {{Record(Key(1), 2), "two"}});
  WriteWhole(folder / "g00000002.side", ReadWhole(folder / "g00000001.side"));
  std::filesystem::remove(folder / "g00000001.state");
  std::filesystem::remove(folder / "lock");
  EXPECT_THAT(ErrorOf([&] { OpenIn(folder.path()); }), HasSubstr("does not belong to"));
}

TEST(SyncState, FallsBackToTheGenerationBefore) {
  const TemporaryFolder folder;
  {
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    Advance(state.get(), {{Record(Key(1), 1), "one"}});
    Advance(state.get(), {{Record(Key(1), 2), "two"}});
  }
  WriteWhole(folder / "g00000002.state", "");
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  EXPECT_EQ(state->at(0).input, 1u);
  Advance(state.get(), {{Record(Key(1), 3), ""}});
  EXPECT_EQ(state->at(0).input, 3u);
  EXPECT_EQ(state->OpenSide(0), "one");
  EXPECT_TRUE(std::filesystem::exists(folder / "g00000003.state"));
}

// Every byte of both files, changed: an error, or the same answers; never others.
TEST(SyncState, NoChangedByteChangesAnAnswer) {
  const TemporaryFolder folder;
  Model model;
  {
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    std::vector<StateUpdate> updates;
    for (std::uint64_t i = 0; i < 20; ++i) {
      updates.push_back({Record(Key(i), i), i % 3 == 0 ? std::string_view("the side value") : std::string_view()});
      Apply(updates.back(), &model);
    }
    Advance(state.get(), updates, {3, 1, {"email"}, "digest", "{}"});
  }
  std::size_t noticed = 0, tried = 0;
  for (const char* name : {"g00000001.state", "g00000001.side"}) {
    const std::string whole = ReadWhole(folder / name);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
      WriteWhole(folder / name, changed);
      ++tried;
      try {
        const std::unique_ptr<SyncState> state = OpenIn(folder.path());
        ASSERT_NO_FATAL_FAILURE(ExpectEqual(state.get(), model)) << name << " byte " << i;
        ASSERT_EQ(state->header().applied_frame, 3u);
      } catch (const StateError&) {
        ++noticed;
      }
    }
    WriteWhole(folder / name, whole);
  }
  EXPECT_EQ(noticed, tried);
}

TEST(SyncState, HoldsNoPlainSideValue) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  Advance(state.get(), {{Record(Key(1), 1), "ada@example.com"}}, {1, 1, {"secret_field"}, "", R"({"to":"crm"})"});
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const std::string text = ReadWhole(entry.path().string());
    EXPECT_EQ(text.find("ada@"), std::string::npos) << entry.path();
    EXPECT_EQ(text.find("secret_field"), std::string::npos) << entry.path();
    EXPECT_EQ(text.find("crm\"}"), std::string::npos) << entry.path();
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms(077), std::filesystem::perms::none);
  }
}

TEST(SyncState, IsReadFromSeveralThreads) {
  const TemporaryFolder folder;
  const std::unique_ptr<SyncState> state = OpenIn(folder.path());
  std::vector<StateUpdate> updates;
  for (std::uint64_t i = 0; i < 20'000; ++i) updates.push_back({Record(Key(i), i), ""});
  Advance(state.get(), updates);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 20'000; i += 7) {
        const std::size_t index = state->Find(updates[i].record.key);
        if (index == SyncState::kNotFound || state->at(index).input != i) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace weir::gateway
