/// Exchanges the names of two files or folders in one step.
///
/// The function of the C library for it is declared for programs that ask for the extensions of GNU, which Swift's import
/// of that library does not.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// 0, or -1 with `errno`: EINVAL, ENOSYS or ENOTSUP where the file system or the kernel knows no exchange.
int crename_exchange(const char *_Nonnull first, const char *_Nonnull second);

#ifdef __cplusplus
}
#endif
