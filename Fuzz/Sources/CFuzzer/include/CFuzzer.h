// libFuzzer's driver, for a program that has a `main` of its own (SwiftPM renames it, so the runtime's cannot be used).
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Reads the options of libFuzzer from the command line and calls `examine` until one of them says stop.
int fuzzer_run(int argc, char *_Nullable *_Nonnull argv, int (*_Nonnull examine)(const uint8_t *_Nullable, size_t));

#endif
