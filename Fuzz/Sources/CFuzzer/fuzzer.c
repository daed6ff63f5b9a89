#include "CFuzzer.h"

/// Of libclang_rt.fuzzer_no_main; declared here because the toolchain has no header for it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*examine)(const uint8_t *, size_t));

int fuzzer_run(int argc, char **argv, int (*examine)(const uint8_t *, size_t)) {
    return LLVMFuzzerRunDriver(&argc, &argv, examine);
}
