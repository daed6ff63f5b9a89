/// Copies out of mapped files whose pages may be gone.
///
/// A page that a file has no more, or that its disk does not give, is the signal SIGBUS for who reads it from a mapping.
/// Handlers of signals must be C functions.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Copies `count` bytes. False where some could not be read, the target then holding anything, and where the guard does not
/// stand.
///
/// The first call sets a handler of SIGBUS for the process, which hands on what is not of a copy to the one that was there.
/// Where another handler was set since, by who did not hand on to ours, nothing is copied. The calling thread must not block
/// SIGBUS.
bool guarded_copy(void *_Nonnull target, const void *_Nonnull source, size_t count);

#ifdef __cplusplus
}
#endif
