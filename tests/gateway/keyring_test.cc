#include "gateway/keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "audit/digest.h"
#include "gateway/config.h"
#include "tests/gateway/temporary_folder.h"

namespace weir::gateway {
namespace {

std::string ErrorOf(const std::string& path, const std::string& tenant = "acme", const std::string& environment = "prod") {
  try {
    ReadKeyring(path, tenant, environment);
  } catch (const ConfigError& error) {
    return error.code() + " " + error.what();
  }
  return "no error";
}

// With a checksum that fits.
std::string Resealed(const std::string& text) {
  const std::string body = text.substr(0, text.find("checksum "));
  return body + "checksum sha256:" + audit::Hex(audit::Sha256(body)) + "\n";
}

TEST(Keyring, IsReadAsItWasMade) {
  const TemporaryFolder folder;
  CreateKeyring(folder / "keys", "acme", "prod");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "keys").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const Keyring keyring = ReadKeyring(folder / "keys", "acme", "prod");
  EXPECT_EQ(keyring.tenant, "acme");
  EXPECT_EQ(keyring.environment, "prod");
  EXPECT_EQ(keyring.id.size(), 16u);
  EXPECT_EQ(keyring.token_version, 1u);
  const audit::SecretKey* roots[] = {&keyring.token_root, &keyring.state_root, &keyring.tag_root, &keyring.seal_root,
                                     &keyring.signing_seed};
  for (const audit::SecretKey* root : roots) {
    EXPECT_FALSE(root->IsZero());
    for (const audit::SecretKey* other : roots) {
      EXPECT_EQ(root == other, std::equal(root->bytes().begin(), root->bytes().end(), other->bytes().begin()));
    }
  }
  const std::string text = ReadWhole(folder / "keys");
  EXPECT_TRUE(text.starts_with("weir-keys v1\ntenant acme\nenvironment prod\nid " + keyring.id + "\ntoken 1 ")) << text;
}

TEST(Keyring, IsNotOverwritten) {
  const TemporaryFolder folder;
  CreateKeyring(folder / "keys", "acme", "prod");
  const std::string before = ReadWhole(folder / "keys");
  try {
    CreateKeyring(folder / "keys", "acme", "prod");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), "W-KEY-010");
    EXPECT_EQ(Replaced(error.what(), folder.path(), "DIR"),
              "there is a key file `DIR/keys` already; it is not overwritten, because state and log of its syncs could "
              "never be read again");
  }
  EXPECT_EQ(ReadWhole(folder / "keys"), before);
}

TEST(Keyring, IsReadThroughALink) {
  const TemporaryFolder folder;
  CreateKeyring(folder / "keys", "acme", "prod");
  std::filesystem::create_symlink(folder / "keys", folder / "link");
  EXPECT_EQ(ErrorOf(folder / "link"), "no error");
  ::chmod((folder / "keys").c_str(), 0644);
  EXPECT_TRUE(ErrorOf(folder / "link").starts_with("W-KEY-003"));
}

TEST(Keyring, RefusesWithAMessageOfItsOwn) {
  const std::string damaged = "W-KEY-007 the key file `DIR/keys` is damaged; restore it from a backup";
  const struct {
    const char* name;
    std::function<void(const std::string& path)> change;
    std::string message;
  } cases[] = {
      {"absent", [](const std::string& path) { ::unlink(path.c_str()); },
       "W-KEY-001 there is no key file `DIR/keys`; run `weir init` to make one, or restore it from a backup: a new one "
       "cannot continue the state and the log of another"},
      {"folder",
       [](const std::string& path) {
         ::unlink(path.c_str());
         ::mkdir(path.c_str(), 0700);
       },
       "W-KEY-002 the key file `DIR/keys` is not a plain file"},
      {"pipe",
       [](const std::string& path) {
         ::unlink(path.c_str());
         ::mkfifo(path.c_str(), 0600);
       },
       "W-KEY-002 the key file `DIR/keys` is not a plain file"},
      {"group", [](const std::string& path) { ::chmod(path.c_str(), 0640); },
       "W-KEY-003 the key file `DIR/keys` is open to others than its owner; run `chmod 600 DIR/keys`, and if others were "
       "on this machine, treat its keys as known"},
      {"others", [](const std::string& path) { ::chmod(path.c_str(), 0602); },
       "W-KEY-003 the key file `DIR/keys` is open to others than its owner; run `chmod 600 DIR/keys`, and if others were "
       "on this machine, treat its keys as known"},
      {"magic", [](const std::string& path) { WriteWhole(path, "-----BEGIN"); },
       "W-KEY-005 `DIR/keys` is not a key file of Weir"},
      {"empty", [](const std::string& path) { WriteWhole(path, ""); }, "W-KEY-005 `DIR/keys` is not a key file of Weir"},
      {"version", [](const std::string& path) { WriteWhole(path, Replaced(ReadWhole(path), "keys v1", "keys v2")); },
       "W-KEY-006 the key file `DIR/keys` has format 2, and this program reads format 1; use the program that made it"},
      {"cut", [](const std::string& path) { WriteWhole(path, ReadWhole(path).substr(0, 150)); }, damaged},
      {"first line only", [](const std::string& path) { WriteWhole(path, "weir-keys v1"); }, damaged},
      {"longer", [](const std::string& path) { WriteWhole(path, ReadWhole(path) + "x"); }, damaged},
      {"huge", [](const std::string& path) { WriteWhole(path, ReadWhole(path) + std::string(9000, 'x')); }, damaged},
      {"root missing",
       [](const std::string& path) {
         std::string text = ReadWhole(path);
         text.erase(text.find("tag 1"), text.find("seal 1") - text.find("tag 1"));
         WriteWhole(path, Resealed(text));
       },
       damaged},
      {"root of another length",
       [](const std::string& path) { WriteWhole(path, Resealed(Replaced(ReadWhole(path), "seal 1 ", "seal 1 AAAA"))); },
       damaged},
      {"line added",
       [](const std::string& path) {
         WriteWhole(path, Resealed(Replaced(ReadWhole(path), "checksum ", "extra 1 x\nchecksum ")));
       },
       damaged},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const TemporaryFolder folder;
    CreateKeyring(folder / "keys", "acme", "prod");
    test.change(folder / "keys");
    EXPECT_EQ(Replaced(ErrorOf(folder / "keys"), folder.path(), "DIR"), test.message);
  }
}

TEST(Keyring, IsOfOneTenantAndEnvironment) {
  const TemporaryFolder folder;
  CreateKeyring(folder / "keys", "acme", "prod");
  const std::string id = ReadKeyring(folder / "keys", "acme", "prod").id;
  const auto shown = [&](const std::string& error) { return Replaced(Replaced(error, folder.path(), "DIR"), id, "ID"); };
  EXPECT_EQ(shown(ErrorOf(folder / "keys", "other", "prod")),
            "W-KEY-008 the key file `DIR/keys` (`ID`) is of tenant `acme`, and weir.yml says `other`");
  EXPECT_EQ(shown(ErrorOf(folder / "keys", "acme", "dev")),
            "W-KEY-009 the key file `DIR/keys` (`ID`) is of environment `prod`, and this run is in `dev`");
}

// Any changed byte is noticed, and no message holds a part of a key.
TEST(Keyring, NoticesEveryChangedByteAndTellsNoKey) {
  const TemporaryFolder folder;
  CreateKeyring(folder / "keys", "acme", "prod");
  const std::string whole = ReadWhole(folder / "keys");
  const std::string keys = whole.substr(whole.find("token 1"), whole.find("checksum") - whole.find("token 1"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    WriteWhole(folder / "keys", changed);
    const std::string error = ErrorOf(folder / "keys");
    ASSERT_NE(error, "no error") << "byte " << i;
    const std::string message = Replaced(error, folder.path(), "DIR");
    for (std::size_t at = 0; at + 8 <= message.size(); ++at) {
      ASSERT_TRUE(keys.find(message.substr(at, 8)) == std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace weir::gateway
