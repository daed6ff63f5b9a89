/// JPEG 2000 (ISO/IEC 15444-1, and -15 "HTJ2K") out of memory, over OpenJPEG 2.5.
///
/// Swift cannot give OpenJPEG its stream and message callbacks without a C function for each, so the whole call is
/// one function here. Nothing keeps global state: calls may be made from several threads at once. OpenJPEG prints
/// nothing, and no longjmp, abort of a failed assertion, or exception leaves it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    copenjpeg_ok = 0,
    /// OpenJPEG refused the code stream, or its image is not of the shape that was asked for.
    copenjpeg_failed = 1,
};

/// What the caller read in the SIZ segment, and what every component must be: not subsampled, all of one precision
/// (1 to 32 bits) and sign.
typedef struct {
    uint32_t rows;
    uint32_t columns;
    uint32_t components;
    uint32_t precision;
    bool is_signed;
} copenjpeg_shape;

/// Decodes a raw code stream (no JP2 boxes) into `samples`, interleaved, native byte order, 1, 2 or 4 bytes each
/// (the smallest that holds `precision` bits); a multiple component transform is undone.
///
/// `byte_capacity` must be rows × columns × components × that width. On failure `message` (always terminated) says
/// why and `samples` holds nothing of use.
int32_t copenjpeg_decode(const uint8_t *_Nonnull bytes, size_t count, const copenjpeg_shape *_Nonnull shape,
                         uint8_t *_Nonnull samples, size_t byte_capacity, char *_Nonnull message,
                         size_t message_capacity);

#ifdef __cplusplus
}
#endif
