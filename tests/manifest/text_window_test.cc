#include "manifest/text_window.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/manifest/samples.h"

namespace weir::manifest {
namespace {

std::string AnyBytes(std::mt19937* random, std::size_t size) {
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>((*random)());
  return text;
}

// However it is moved, it shows the file, views of what was kept stay, and every byte is hashed once.
TEST(TextWindow, ShowsTheFileHoweverItMoves) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
    const std::string text = AnyBytes(&random, below(5000));
    const ArtifactFile file = AsFile(text);
    TextWindow window(file, true);
    struct View {
      std::string_view text;
      std::size_t begin;
      std::uint32_t moves;
    };
    std::vector<View> views;
    for (std::size_t begin = 0; !window.at_end() || begin < text.size();) {
      const std::uint32_t moves = window.moves();
      window.MoveTo(begin, 1 + below(400));
      EXPECT_LE(window.moves(), moves + 1);
      ASSERT_EQ(window.begin(), begin);
      ASSERT_EQ(window.text(), text.substr(begin, window.end() - begin));
      ASSERT_EQ(window.at_end(), window.end() == text.size());
      ASSERT_EQ(std::string(window.text().data() + window.text().size(), TextWindow::kPadding), std::string(TextWindow::kPadding, '\0'));
      for (const View& view : views) {
        if (view.begin < begin && view.moves + 1 < window.moves()) continue;  // let go, and perhaps used again
        ASSERT_EQ(view.text, text.substr(view.begin, view.text.size())) << seed;
      }
      for (int i = 0; i < 3 && !window.text().empty(); ++i) {
        const std::size_t at = below(window.text().size());
        views.push_back({window.text().substr(at, 1 + below(50)), begin + at, window.moves()});
      }
      begin += below(3) == 0 ? 0 : below(window.text().size() + 1);
      if (window.at_end() && below(4) == 0) break;
    }
    if (window.end() == text.size()) {
      EXPECT_EQ(window.Digest(), audit::Hex(audit::Sha256(text)));
    }
  }
}

TEST(TextWindow, ReadsAFileThatShrinksOrGrows) {
  std::mt19937 random(1);
  const std::string text = AnyBytes(&random, 3000);
  const auto path = std::filesystem::path(testing::TempDir()) / "text_window_test.bin";
  std::ofstream(path, std::ios::binary) << text;
  const auto file = ArtifactFile::Open(path.string());
  ASSERT_TRUE(file.has_value());
  TextWindow window(*file, false);
  window.MoveTo(0, 1000);
  std::ofstream(path, std::ios::binary | std::ios::app) << "more";
  window.MoveTo(500, 1000);
  EXPECT_EQ(window.text(), text.substr(500, 1000));
  std::filesystem::resize_file(path, 1700);
  window.MoveTo(1500, 1000);
  EXPECT_EQ(window.text(), text.substr(1500, 200));
  EXPECT_TRUE(window.at_end());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weir::manifest
