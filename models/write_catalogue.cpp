// At the build: writes the catalogue beside the program (harness/cli/main.cpp).
#include <cstdio>
#include <exception>

#include "base/files.h"
#include "models/catalogue.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_catalogue FILE\n", stderr);
    return 2;
  }
  try {
    ganselect::write_file_atomically(argv[1], ganselect::catalogue_json().dump() + "\n");
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "write_catalogue: %s\n", e.what());
    return 1;
  }
}
