#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace weir::audit {

// A fresh folder, removed with all that is in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir_test_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    path_ = root_ + "/log";
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!root_.empty()) std::filesystem::remove_all(root_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }  // in the fresh folder, not made yet
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::string path_;
};

}  // namespace weir::audit
