// Preloaded into a program: what it does to files below a folder is counted, and one of these acts,
// or all from one on, fail as on a full disk. scripts/campaign builds and uses it.
//   FAULT_BELOW  the folder, as the program names it or as the system resolves it
//   FAULT_AT     the act that fails, from 1; 0 only counts
//   FAULT_STAYS  set: all later ones fail as well
//   FAULT_LOG    a file outside the folder: one line an act
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long acts;

static int is_below(const char* path) {
  const char* folder = getenv("FAULT_BELOW");
  return path && folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_below_open(int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

// Nonzero: the act fails.
static int fails(const char* what, const char* path) {
  const long at = atol(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0");
  const long act = atomic_fetch_add(&acts, 1) + 1;
  const int hit = at > 0 && (act == at || (act > at && getenv("FAULT_STAYS")));
  const char* log = getenv("FAULT_LOG");
  const int file = log ? REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  if (file >= 0) {
    char line[PATH_MAX + 64];
    const int length = snprintf(line, sizeof line, "%ld %s %s%s\n", act, what, path ? path : "",
                                hit ? " FAILS" : "");
    if (REAL(write)(file, line, (size_t)length) < 0) abort();
    close(file);
  }
  if (hit) errno = ENOSPC;
  return hit;
}

static int fails_open(const char* what, int file) {
  char link[64], path[PATH_MAX] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return fails(what, path);
}

ssize_t write(int file, const void* bytes, size_t count) {
  if (is_below_open(file) && fails_open("write", file)) return -1;
  return REAL(write)(file, bytes, count);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  if (is_below_open(file) && fails_open("writev", file)) return -1;
  return REAL(writev)(file, parts, count);
}

int fsync(int file) {
  if (is_below_open(file) && fails_open("fsync", file)) return -1;
  return REAL(fsync)(file);
}

int rename(const char* from, const char* to) {
  if (is_below(to) && fails("rename", to)) return -1;
  return REAL(rename)(from, to);
}

int mkdir(const char* path, mode_t mode) {
  if (is_below(path) && access(path, F_OK) != 0 && fails("mkdir", path)) return -1;
  return REAL(mkdir)(path, mode);
}

static int open_as(int (*real)(const char*, int, ...), const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) && is_below(path) && fails("open", path)) return -1;
  return real(path, flags, mode);
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_as(REAL(open), path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_as(REAL(open64), path, flags, mode);
}
