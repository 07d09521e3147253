#include "harness/cli/documentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/named_table.h"
#include "base/provenance.h"
#include "base/text.h"

namespace ganselect {
namespace {

constexpr std::size_t kColumns = 80, kIndent = 2, kTextColumn = 26;

// Within the columns, from the `first` on, later lines from `indent` on.
std::string filled(std::string text, std::size_t first, std::size_t indent) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return wrapped(text, kColumns, first, indent);
}

std::string entry(const std::string& name, const std::string& text) {
  const std::string head = std::string(kIndent, ' ') + name;
  if (text.empty()) return head + "\n";
  auto lines = filled(text, kTextColumn, kTextColumn);
  const bool beside = head.size() + 2 <= kTextColumn;
  return beside ? lines.replace(0, head.size(), head) : head + "\n" + lines;
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool positional) const override {
    return entry(make_option_name(option, positional) + make_option_opts(option),
                 make_option_desc(option));
  }
  std::string make_subcommand(const CLI::App* sub) const override {
    return entry(sub->get_name(), sub->get_description());
  }
  std::string make_description(const CLI::App* app) const override {
    return filled(app->get_description(), 0, 0);
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return filled(CLI::Formatter::make_usage(app, std::move(name)), 0, 4);
  }
};

using CommandPath = std::vector<std::string>;

// Every command below the program with the words that lead to it.
void each_command(const CLI::App& app, const CommandPath& path,
                  const std::function<void(const CLI::App&, const CommandPath&)>& visit) {
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    auto below = path;
    below.push_back(sub->get_name());
    visit(*sub, below);
    each_command(*sub, below, visit);
  }
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// man reads a line that begins with a point or an apostrophe as a macro, and - as a hyphen.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string man_options(const CLI::App& app) {
  std::string out;
  for (const auto* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    const auto names =
        option->nonpositional() ? option->get_name(false, true) : option->get_name(true);
    out += ".TP\n.B " + roff(names);
    if (option->nonpositional() && takes_value(*option) && !option->get_type_name().empty())
      out += " \\fI" + roff(option->get_type_name()) + "\\fR";
    out += "\n" + roff(option->get_description()) + "\n";
  }
  return out;
}

// A quoted word of a shell's list, where : and ' have a meaning.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == ':' || c == '[' || c == ']' || c == '\\') {
      out += std::string("\\") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_arguments(const CLI::App& app) {
  std::string out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      out += fmt::format("        '--{}[{}]{}' \\\n", name, zsh_text(option->get_description()),
                         takes_value(*option) ? ":value:_files" : "");
    }
  }
  return out;
}

struct CompletionFlags {
  std::string shell;
};

struct ShellRow {
  std::string name;
  std::string (*write)(const CLI::App&);
};

const NamedTable<ShellRow>& shells() {
  static const NamedTable<ShellRow> table("shell",
                                          {{"bash", bash_completion}, {"zsh", zsh_completion}});
  return table;
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

std::string man_page(const CLI::App& app) {
  std::string out =
      fmt::format(".TH GANSELECT 1 \"\" \"ganselect {}\" \"User Commands\"\n", program_version());
  out += ".SH NAME\nganselect \\- " + roff("measure GANs, then choose one") + "\n";
  out += ".SH SYNOPSIS\n.B ganselect\n[\\fIflags\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n";
  out += ".SH DESCRIPTION\n" + roff(app.get_description()) + "\n";
  out += ".SH FLAGS OF EVERY COMMAND\n" + man_options(app);
  out += ".SH COMMANDS\n";
  each_command(app, {}, [&](const CLI::App& command, const CommandPath& path) {
    out += ".SS " + roff(join(path, " ")) + "\n" + roff(command.get_description()) + "\n" +
           man_options(command);
  });
  return out;
}

std::string bash_completion(const CLI::App& app) {
  const auto names_below = [](const CLI::App& one) {
    std::vector<std::string> names;
    for (const auto* sub : one.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(sub->get_name());
    return names;
  };
  std::string words, cases;
  words += fmt::format("    '') words=\"{} {}\" ;;\n", join(names_below(app), " "),
                       join(flag_names(app), " "));
  each_command(app, {}, [&](const CLI::App& command, const CommandPath& path) {
    words += fmt::format("    '{}') words=\"{} {} {}\" ;;\n", join(path, " "),
                         join(names_below(command), " "), join(flag_names(command), " "),
                         join(flag_names(app), " "));
    cases += fmt::format("      '{}') path='{}' ;;\n", join(path, " "), join(path, " "));
  });
  return "# bash completion of ganselect\n"
         "_ganselect() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} path= word words=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"${path:+$path }$word\" in\n" +
         cases +
         "    esac\n"
         "  done\n"
         "  case $path in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _ganselect ganselect\n";
}

std::string zsh_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    commands += fmt::format("    '{}:{}'\n", sub->get_name(), zsh_text(sub->get_description()));
  each_command(app, {}, [&](const CLI::App& command, const CommandPath& path) {
    if (path.size() != 1) return;
    std::string below;
    for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; }))
      below += " " + sub->get_name();
    cases += fmt::format("    {})\n      _arguments -s \\\n", path.front());
    cases += zsh_arguments(command) +
             fmt::format("        '*:{}'\n      ;;\n",
                         below.empty() ? "file:_files" : "command:(" + below + ")");
  });
  return "#compdef ganselect\n"
         "_ganselect() {\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_ganselect \"$@\"\n";
}

CommandAction attach_manual(CLI::App& app, const GlobalFlags&) {
  return [&app] {
    print_result(man_page(*app.get_parent()));
    return 0;
  };
}

CommandAction attach_completion(CLI::App& app, const GlobalFlags&) {
  auto flags = std::make_shared<CompletionFlags>();
  app.add_option("shell", flags->shell, "bash or zsh")->required();
  return [flags, &app] {
    print_result(shells().at(flags->shell).write(*app.get_parent()));
    return 0;
  };
}

}  // namespace ganselect
