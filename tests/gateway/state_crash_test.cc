// What a state folder holds when the process ends, or a call fails, between any two steps of an Advance.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "gateway/fault_point.h"
#include "gateway/state_updates.h"
#include "gateway/sync_state.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

std::atomic<int> steps_left{0};

audit::SecretKey KeyOf(std::uint8_t byte) {
  std::array<std::byte, 32> bytes;
  bytes.fill(std::byte{byte});
  return audit::SecretKey(bytes);
}

std::unique_ptr<SyncState> OpenIn(const std::string& folder) {
  return SyncState::Open(folder, {"acme", "prod", "crm"}, KeyOf(1), KeyOf(2));
}

// Generation n: 500 keys, whose inputs and side values all say n.
void Write(SyncState* state, std::uint32_t generation) {
  StateHeader header;
  header.run = generation;
  state->Remember({});
  const std::unique_ptr<StateUpdates> updates = state->NewUpdates();
  for (std::uint32_t i = 0; i < 500; ++i) {
    StateUpdate each;
    const std::uint32_t spread = i * 2654435761u;
    std::memcpy(each.record.key.data(), &spread, sizeof spread);
    each.record.input = generation;
    const std::string side = "of " + std::to_string(generation);
    each.side = side;
    updates->Add(each);
  }
  state->Advance(header, updates.get());
}

void ExpectWhole(SyncState* state, std::uint32_t generation) {
  ASSERT_EQ(state->header().run, generation);
  ASSERT_EQ(state->size(), 500u);
  for (std::size_t i = 0; i < state->size(); ++i) {
    ASSERT_EQ(state->at(i).input, generation);
    ASSERT_EQ(state->OpenSide(i), "of " + std::to_string(generation));
  }
}

// Runs `action` in a process of its own that ends before step `step`. True: it got to the end.
bool EndsBefore(int step, const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    steps_left = step;
    fault_hook = [](std::string_view) {
      if (steps_left-- == 0) ::_exit(7);
    };
    action();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 7)) << status;
  return WEXITSTATUS(status) == 0;
}

TEST(StateCrash, LeavesTheOldOrTheNew) {
  int step = 0, old_seen = 0, new_seen = 0;
  for (bool finished = false; !finished; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE(step);
    const TemporaryFolder folder;
    for (std::uint32_t generation : {1, 2}) Write(OpenIn(folder.path()).get(), generation);
    finished = EndsBefore(step, [&] { Write(OpenIn(folder.path()).get(), 3); });
    std::uint32_t next = 4;
    {
      const std::unique_ptr<SyncState> state = OpenIn(folder.path());
      const std::uint32_t found = state->header().run;
      ASSERT_TRUE(found == 2 || found == 3);
      (found == 2 ? old_seen : new_seen)++;
      ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), found));
      Write(state.get(), next);
      ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), next));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectWhole(OpenIn(folder.path()).get(), next));
  }
  EXPECT_GE(step, 12);
  EXPECT_GE(old_seen, 8);
  EXPECT_GE(new_seen, 3);
}

TEST(StateCrash, OfTheFirstGenerationLeavesNothingOrAll) {
  int step = 0;
  for (bool finished = false; !finished; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE(step);
    const TemporaryFolder folder;
    finished = EndsBefore(step, [&] { Write(OpenIn(folder.path()).get(), 1); });
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    if (state->size() != 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), 1));
    }
    Write(state.get(), 2);
    ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), 2));
  }
}

struct Injected {};

// A step that fails instead: the open state stays as it was, and the next Advance succeeds.
TEST(StateCrash, AFailedStepLeavesTheOpenStateUsable) {
  int step = 0;
  for (bool finished = false; !finished; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE(step);
    const TemporaryFolder folder;
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    Write(state.get(), 1);
    Write(state.get(), 2);
    steps_left = step;
    fault_hook = [](std::string_view) {
      if (steps_left-- == 0) throw Injected();
    };
    try {
      Write(state.get(), 3);
      finished = true;
    } catch (const Injected&) {
    }
    fault_hook = nullptr;
    ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), state->header().run));
    Write(state.get(), 4);
    ASSERT_NO_FATAL_FAILURE(ExpectWhole(state.get(), 4));
  }
}

// A full disk, as the limit on a file's size shows it: an error that says so, and the old generation.
TEST(StateCrash, AFullDiskLeavesTheOldGeneration) {
  const TemporaryFolder folder;
  Write(OpenIn(folder.path()).get(), 1);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const std::unique_ptr<SyncState> state = OpenIn(folder.path());
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      Write(state.get(), 2);
    } catch (const audit::FileError& error) {
      ::_exit(error.error_number() == EFBIG && state->header().run == 1 ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ExpectWhole(OpenIn(folder.path()).get(), 1);
}

}  // namespace
}  // namespace weir::gateway
