// LaTeX tables as LaTeX takes them.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <fstream>

#include "base/files.h"
#include "results/tables/tables.h"
#include "tests/support/errors.h"
#include "tests/support/fake_records.h"
#include "tests/support/temp_dir.h"

namespace ganselect {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::FakeTrial;

// Records with every measure there is, so that tables are as wide as they get.
std::vector<Record> wide_records() {
  std::vector<Record> records;
  for (const char* name : {"fcgan", "dcgan", "lsgan", "wgan-gp", "sngan", "rsgan"}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      FakeTrial trial;
      trial.candidate = name;
      trial.seed = seed;
      for (const auto& spec : metric_specs()) {
        if (spec.name.back() != '*')
          // Many digits, in the range of the measure.
          trial.measures[spec.name] =
              (bounds_of(spec).high ? 0.123456 : 1.123456) + 0.1 * static_cast<double>(seed);
      }
      records.push_back(test::make_record(trial));
    }
  }
  return records;
}

std::string document_of(int number) {
  return "\\documentclass[a4paper]{article}\n\\usepackage[T1]{fontenc}\n"
         "\\usepackage{array,booktabs,longtable}\n\\begin{document}\n" +
         table_to_latex(build_table(number, wide_records(), {})) + "\\end{document}\n";
}

TEST_CASE("LaTeX tables are parted where a page is too narrow", "[fast][tables]") {
  const auto text = table_to_latex(build_table(3, wide_records(), {}));
  CHECK_THAT(text, ContainsSubstring("\\usepackage{array,booktabs,longtable}"));
  CHECK_THAT(text, !ContainsSubstring("\\begin{tabular}"));
  std::size_t tables = 0;
  for (std::size_t at = text.find("\\begin{longtable}"); at != std::string::npos;
       at = text.find("\\begin{longtable}", at + 1))
    ++tables;
  CHECK(tables > 6);
}

TEST_CASE("LaTeX compiles them, and no line leaves the page", "[slow][tables]") {
  if (std::system("pdflatex --version > /dev/null 2>&1") != 0) SKIP("no pdflatex");
  for (const auto& spec : table_specs()) {
    CAPTURE(spec.number);
    const test::TempDir dir;
    write_file_atomically(dir / "table.tex", document_of(spec.number));
    const std::string command = "cd '" + dir.path().string() +
                                "' && pdflatex -interaction=nonstopmode -halt-on-error table.tex "
                                "> log.txt 2>&1";
    // Twice, as longtable settles its widths by the second run.
    CHECK(std::system(command.c_str()) == 0);
    CHECK(std::system(command.c_str()) == 0);
    std::ifstream log(dir / "table.log");
    for (std::string line; std::getline(log, line);) {
      if (!line.starts_with("Overfull \\hbox (")) continue;
      constexpr double kHair = 5.0;  // points
      INFO(line);
      CHECK(std::strtod(line.c_str() + 16, nullptr) < kHair);
    }
  }
}

TEST_CASE("CSV tables of unlike columns do not go into one text", "[fast][tables]") {
  const std::vector<SurveyTable> both = {build_table(2, {}, {}), build_table(7, {}, {})};
  const auto refused = test::thrown_by([&] { render_tables(table_formats().at("csv"), both); });
  CHECK(refused.kind == ErrorKind::kUsage);
  CHECK_THAT(refused.message, ContainsSubstring("--table") && ContainsSubstring("--out DIR"));
  CHECK_NOTHROW(render_tables(table_formats().at("csv"), {both.data(), 1}));
}

TEST_CASE("A CSV line ends with the trials' names", "[fast][tables]") {
  const auto text = table_to_csv(build_table(3, wide_records(), {}));
  CHECK_THAT(text.substr(0, text.find("\r\n")), Catch::Matchers::EndsWith(",trials"));
}

}  // namespace
}  // namespace ganselect
