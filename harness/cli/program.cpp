#include "harness/cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "base/text.h"
#include "harness/cli/documentation.h"

namespace ganselect {
namespace {

// The parser that the command line ended in: "ganselect", "data" or "data fetch".
const CLI::App* innermost(const CLI::App& app) {
  const CLI::App* current = &app;
  while (!current->get_subcommands().empty()) current = current->get_subcommands().front();
  return current;
}

std::vector<std::string> valid_flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
    for (const auto* option : level->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::string where_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? "command line" : app.get_name();
}

// The words that no parser took; flags first, since they are what is meant most surely.
[[noreturn]] void fail_unexpected(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App& inner = *innermost(app);
  std::string first;
  for (const auto& word : words) {
    if (first.empty() || (first.rfind('-', 0) != 0 && word.rfind('-', 0) == 0)) first = word;
  }
  const bool flag = first.rfind('-', 0) == 0;
  const auto valid = flag ? valid_flags(inner) : command_names(inner);
  const auto nearest = nearest_name(first.substr(0, first.find('=')), valid);
  // A likely slip is answered before the long list.
  const std::string list = (flag ? "flags among " : "one of ") + join(valid);
  const std::string kind = flag ? "a flag of this command" : "a command";
  fail(ErrorKind::kUsage,
       {.where = where_of(inner),
        .expected = valid.empty() ? "no further words"
                    : nearest     ? kind
                                  : list,
        .got = "'" + first + "'",
        .hint = nearest ? "did you mean '" + *nearest + "'? Else " + list : std::string()});
}

// "shell: bash or zsh": of what must be given and is not.
std::string missing_words(const CLI::App& app) {
  std::vector<std::string> missing;
  for (const auto* option : app.get_options()) {
    if (option->get_required() && option->count() == 0)
      missing.push_back(option->get_name() + ": " + option->get_description());
  }
  return join(missing, "; ");
}

[[noreturn]] void fail_parse(const CLI::App& app, const CLI::ParseError& error) {
  // A mistyped command leaves "a command is missing" and the word itself among those not taken.
  const auto left_over = app.remaining(true);
  if (!left_over.empty()) fail_unexpected(app, left_over);
  const CLI::App& inner = *innermost(app);
  const bool required = error.get_name() == "RequiredError";
  const bool no_command = required && inner.get_require_subcommand_min() > 0;
  const auto missing = required ? missing_words(inner) : "";
  Problem problem{.where = where_of(inner),
                  .expected = "a command line that can be read",
                  .got = error.what(),
                  .hint = "see ganselect " +
                          (inner.get_parent() == nullptr ? "" : inner.get_name() + " ") + "--help"};
  if (no_command) {
    problem.expected = "one of " + join(command_names(inner));
    problem.got = "no command";
  } else if (!missing.empty()) {
    problem.expected = missing;
    problem.got = "none";
  }
  fail(ErrorKind::kUsage, problem);
}

// The parser's own reading of whole numbers wraps negative ones, takes 2^64 for its largest and 010
// for eight.
template <class Whole>
std::string whole_number_problem(const std::string& text) {
  Whole value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool whole = error == std::errc() && end == text.data() + text.size() &&
                     (digits.size() == 1 || digits.front() != '0');
  if (whole) return "";
  return fmt::format("expected a whole number from {} to {} in decimal digits, got '{}'",
                     std::numeric_limits<Whole>::min(), std::numeric_limits<Whole>::max(), text);
}

void check_whole_numbers(CLI::App& app) {
  for (auto* option : app.get_options()) {
    const auto type = option->get_type_name();
    if (type.starts_with("UINT")) option->check(whole_number_problem<std::uint64_t>, "", "");
    if (type.starts_with("INT")) option->check(whole_number_problem<std::int64_t>, "", "");
  }
  for (auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    check_whole_numbers(*sub);
}

// The headings of `ganselect --help` and what stands under each; a command of none stands last.
struct CommandGroup {
  std::string heading;
  std::vector<std::string> names;
};

std::string command_group(const std::string& name) {
  static const std::vector<CommandGroup> groups = {
      {"Choose a GAN",
       {"ask", "recommend", "race", "list", "explain", "tables", "claims", "report", "literature",
        "replay", "precision"}},
      {"Train", {"train", "sweep", "plans", "runs", "sample", "export", "bench"}},
      {"Measure", {"evaluate", "metrics", "validate", "judge", "embedding"}},
      {"Data", {"data", "neighbors", "partition", "tags"}},
      {"Setup", {"setup-libtorch", "verify", "completion", "manual"}}};
  for (const auto& group : groups) {
    if (std::find(group.names.begin(), group.names.end(), name) != group.names.end())
      return group.heading;
  }
  return "Others";
}

int parse_and_run(const std::vector<std::string>& arguments, const std::vector<Command>& commands) {
  CLI::App app{
      "Measure GANs, then choose one: trains the candidates of a survey, measures them, and says "
      "which to use."};
  app.name("ganselect");
  app.set_version_flag("--version", "ganselect " + program_version());
  GlobalFlags flags;
  app.add_option("--data-dir", flags.data_dir,
                 "where data sets lie (default: $GANSELECT_DATA, else the user's cache folder)");
  app.add_flag("--quiet,-q", flags.quiet, "warnings and errors only");
  app.add_flag("--verbose,-v", flags.verbose, "more lines on standard error");
  app.formatter(help_formatter());
  app.fallthrough();  // global flags may stand after the command too
  app.require_subcommand(1);
  CommandAction chosen;
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    sub->group(command_group(command.name));
    CommandAction action = command.attach(*sub, flags);
    sub->callback([&chosen, action] { chosen = action; });
  }
  check_whole_numbers(app);
  try {
    std::vector<std::string> reversed(arguments.rbegin(),
                                      arguments.rend());  // as CLI11 wants a vector
    app.parse(reversed);
  } catch (const CLI::Success& e) {
    return app.exit(e);  // --help and --version
  } catch (const CLI::ParseError& e) {
    fail_parse(app, e);
  }
  set_log_level(flags.quiet     ? LogLevel::kQuiet
                : flags.verbose ? LogLevel::kVerbose
                                : LogLevel::kNormal);
  return chosen();
}

int report_error(int status, const std::string& message) {
  clear_progress_line();
  std::fprintf(stderr, "ganselect: %s\n", message.c_str());
  return status;
}

}  // namespace

const char* const kOutOfMemory =
    "[memory] expected enough memory, got none; use a smaller --batch or fewer --jobs";

int run_program(const std::vector<std::string>& arguments, const std::vector<Command>& commands,
                ExceptionText exception_text) {
  try {
    return parse_and_run(arguments, commands);
  } catch (const Error& e) {
    return report_error(e.exit_status(), e.what());
  } catch (const std::bad_alloc&) {
    return report_error(1, kOutOfMemory);
  } catch (const std::exception& e) {
    const auto text = exception_text == nullptr ? std::nullopt : exception_text(e);
    return report_error(
        1, text.value_or(std::string("[internal] expected no such error, got ") + e.what()));
  }
}

[[noreturn]] void leave(int status) {
#ifdef __SANITIZE_ADDRESS__  // whose search for leaks is done at exit
  std::exit(status);
#else
  std::fflush(nullptr);
  std::_Exit(status);
#endif
}

void print_result(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) {
    fail(ErrorKind::kFailed, {.where = "standard output",
                              .expected = "to write the result",
                              .got = std::strerror(errno)});
  }
}

}  // namespace ganselect
