#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cfilesystem.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

int cfilesystem_exchange(const char *first, const char *second) {
    return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
}

bool cfilesystem_is_local(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0) return false;
    switch ((unsigned int)status.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case TMPFS_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case 0x2FC12FC1:  // ZFS, which the headers of Linux do not name
        return true;
    default:
        return false;
    }
}
