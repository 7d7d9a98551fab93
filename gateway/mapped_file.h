#pragma once

#include <string>
#include <string_view>

namespace weir::gateway {

// A file mapped for reading, private: no anonymous memory. Immutable; safe to read from several threads. The file must
// not shrink meanwhile: state files are written once, under a lock, and renamed into place.
class MappedFile {
 public:
  MappedFile() = default;  // empty
  // Throws audit::FileError.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace weir::gateway
