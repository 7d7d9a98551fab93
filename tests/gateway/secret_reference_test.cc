#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "gateway/command_output.h"
#include "gateway/config.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

std::string Resolve(const std::string& reference, const std::string& folder) {
  try {
    return "= " + SecretReference::Parse(reference)->Resolve(folder);
  } catch (const ConfigError& error) {
    return error.code() + " " + error.what();
  }
}

TEST(SecretReference, IsOneOfThreeKinds) {
  for (const char* good : {"env:NAME", "env:_a1", "file:a/b", "file:/a", "command:pass show x"}) {
    ASSERT_TRUE(SecretReference::Parse(good)) << good;
    EXPECT_EQ(SecretReference::Parse(good)->text(), good);
  }
  for (const char* bad : {"", "hunter2", "env:", "env:1A", "env:A B", "file:", "file:///a", "command:", "command:  ",
                          "vault:x", "Env:A", " env:A", "command:a\nb"}) {
    EXPECT_FALSE(SecretReference::Parse(bad)) << bad;
  }
}

TEST(SecretReference, IsResolvedWhenItIsNeeded) {
  const TemporaryFolder folder;
  ::setenv("WEIR_TEST_SECRET", "from env", 1);
  WriteWhole(folder / "token", "from file\n");
  ::chmod((folder / "token").c_str(), 0600);
  EXPECT_EQ(Resolve("env:WEIR_TEST_SECRET", folder.path()), "= from env");
  EXPECT_EQ(Resolve("file:token", folder.path()), "= from file");
  EXPECT_EQ(Resolve("file:" + (folder / "token"), "/"), "= from file");
  EXPECT_EQ(Resolve("command:cat token", folder.path()), "= from file");
  EXPECT_EQ(Resolve("command:printf 'a\\nb\\n'", folder.path()), "= a\nb");
}

TEST(SecretReference, SaysWhatIsWrongAndNoSecret) {
  const TemporaryFolder folder;
  ::unsetenv("WEIR_TEST_UNSET");
  ::setenv("WEIR_TEST_EMPTY", "", 1);
  WriteWhole(folder / "open", "hunter2");
  ::chmod((folder / "open").c_str(), 0644);
  WriteWhole(folder / "empty", "\n");
  ::chmod((folder / "empty").c_str(), 0600);
  WriteWhole(folder / "large", std::string(70'000, 'x'));
  ::chmod((folder / "large").c_str(), 0600);
  ::mkfifo((folder / "pipe").c_str(), 0600);
  const struct {
    const char* reference;
    const char* message;
  } cases[] = {
      {"env:WEIR_TEST_UNSET", "W-CFG-020 `env:WEIR_TEST_UNSET` is not set in the environment"},
      {"env:WEIR_TEST_EMPTY", "W-CFG-020 `env:WEIR_TEST_EMPTY` is empty"},
      {"file:absent", "W-CFG-021 cannot read `file:absent`: No such file or directory"},
      {"file:.", "W-CFG-021 cannot read `file:.`: it is not a plain file"},
      {"file:pipe", "W-CFG-021 cannot read `file:pipe`: it is not a plain file"},
      {"file:open", "W-CFG-022 `file:open` can be read by others than its owner; run `chmod 600` on it"},
      {"file:empty", "W-CFG-020 `file:empty` is empty"},
      {"file:large", "W-CFG-021 `file:large` is larger than 65536 bytes; a secret is not"},
      {"command:echo hunter2; exit 3", "W-CFG-023 `command:echo hunter2; exit 3` failed with status 3"},
      {"command:true", "W-CFG-020 `command:true` is empty"},
      {"command:kill -9 $$", "W-CFG-023 `command:kill -9 $$` was ended by signal 9"},
      {"command:yes", "W-CFG-023 `command:yes` wrote more than 65536 bytes; a secret is shorter"},
      {"command:printf 'a\\0b'", "W-CFG-020 `command:printf 'a\\0b'` holds a zero byte; a secret is text"},
      {"command:curl -H token=abc123 x", "W-CFG-023 `command:***` failed with status 127"},
  };
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/usr/bin:/bin", 1);
  for (const auto& test : cases) {
    if (std::string(test.reference).find("curl") != std::string::npos) ::setenv("PATH", "/nowhere", 1);
    EXPECT_EQ(Resolve(test.reference, folder.path()), test.message);
    ::setenv("PATH", "/usr/bin:/bin", 1);
  }
  ::setenv("PATH", path.c_str(), 1);
}

TEST(CommandOutput, IsCutOffInTime) {
  using End = CommandOutput::End;
  const auto timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(RunCommand("sleep 60", "", timeout, 100).end, End::kTimedOut);
  EXPECT_EQ(RunCommand("exec >&-; sleep 60", "", timeout, 100).end, End::kTimedOut);
  EXPECT_EQ(RunCommand("echo a", "/does/not/exist", timeout, 100).end, End::kNotStarted);
}

}  // namespace
}  // namespace weir::gateway
