#pragma once
#include <zlib.h>

// inflateInit2 is a macro (it adds the version and the structure size), which Swift cannot call.
// 15 + 16: the largest window, gzip framing with its CRC-32 checked.
static inline int czlib_gunzip_begin(z_stream *_Nonnull stream) {
    return inflateInit2(stream, 15 + 16);
}

// 15 + 32: zlib or gzip framing, whichever the data has.
static inline int czlib_inflate_begin(z_stream *_Nonnull stream) {
    return inflateInit2(stream, 15 + 32);
}

// deflateInit2 is a macro for the same reason. The gzip header it writes has no time and no name.
static inline int czlib_gzip_begin(z_stream *_Nonnull stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

// deflateInit is one too.
static inline int czlib_zlib_begin(z_stream *_Nonnull stream, int level) {
    return deflateInit(stream, level);
}
