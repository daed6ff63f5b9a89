#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "crename.h"

#include <fcntl.h>
#include <stdio.h>

int crename_exchange(const char *first, const char *second) {
    return renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
}
