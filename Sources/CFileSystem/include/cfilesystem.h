/// What the C library says of file systems and does not declare to Swift's import of it.
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Exchanges the names of two files or folders in one step.
///
/// 0, or -1 with `errno`: EINVAL, ENOSYS or ENOTSUP where the file system or the kernel knows no exchange.
int cfilesystem_exchange(const char *_Nonnull first, const char *_Nonnull second);

/// Whether an open file lies on a disk or in the memory of this machine: ext4, XFS, Btrfs, F2FS, ZFS, tmpfs, or an overlay
/// of them.
bool cfilesystem_is_local(int descriptor);

#ifdef __cplusplus
}
#endif
