/// PNG in and out of memory, over libpng.
///
/// libpng reports errors by longjmp, which must not cross Swift frames. Every entry point here sets its own jump
/// target, returns a status, and leaves one line of text for people in a buffer of the caller. Nothing here keeps
/// global state: two threads may use two readers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cpng_status {
    CPNG_OK = 0,
    CPNG_TRUNCATED = 1,  ///< the bytes ended before the image did
    CPNG_CORRUPT = 2,    ///< libpng refused the content
    CPNG_NO_MEMORY = 3,
} cpng_status;

/// What the chunks before the first IDAT say. `color_type` is that of the PNG standard: 0 grey, 2 RGB, 3 palette,
/// 4 grey + alpha, 6 RGB + alpha.
typedef struct cpng_header {
    uint32_t width;
    uint32_t height;
    uint8_t bit_depth;
    uint8_t color_type;
    uint8_t is_interlaced;
    uint8_t has_transparency;  ///< a tRNS chunk is present
} cpng_header;

typedef struct cpng_reader cpng_reader;

/// Reads the chunks before the pixels. On CPNG_OK the caller owns `*reader` and ends it with cpng_reader_destroy; the
/// bytes must outlive it. On any other status `*reader` is NULL and `message` (always terminated) says why.
cpng_status cpng_reader_create(const uint8_t *_Nonnull bytes, size_t byte_count,
                               cpng_reader *_Nullable *_Nonnull reader, cpng_header *_Nonnull header,
                               char *_Nonnull message, size_t message_capacity);

/// Decodes all rows into `pixels`, which must hold exactly height rows of samples: palettes become RGB, or RGBA when
/// the palette has transparency; grey of 1, 2, 4 bits is scaled to 8; 16-bit samples are little-endian. With
/// `keeps_samples` palettes give their indices and grey of few bits its values, one in a byte. To be called once. Returns CPNG_CORRUPT without writing when `pixel_byte_count` is not what the decoder will write.
cpng_status cpng_reader_read(cpng_reader *_Nonnull reader, int keeps_samples, uint8_t *_Nonnull pixels,
                             size_t pixel_byte_count, char *_Nonnull message, size_t message_capacity);

void cpng_reader_destroy(cpng_reader *_Nullable reader);

/// How an image is compressed, and what is said about it.
typedef struct cpng_options {
    int compression;  ///< zlib's level, 0 to 9
    int strategy;     ///< zlib's: 0 default, 2 Huffman codes only, 3 runs only
    int filters;      ///< row filters of the PNG standard to choose among, as bits 1 << type; 0 leaves libpng its choice
    const char *_Nullable key;   ///< keyword of a tEXt chunk before the pixels; NULL for none
    const char *_Nullable text;  ///< its text, Latin-1
} cpng_options;

/// Encodes 8- or 16-bit (little-endian) samples. On CPNG_OK the caller owns `*png` and frees it with cpng_free.
/// `color_type` is 0, 2, 4 or 6. No time is written: the same samples and options give the same bytes.
cpng_status cpng_encode(const uint8_t *_Nonnull pixels, size_t pixel_byte_count, const cpng_header *_Nonnull header,
                        const cpng_options *_Nonnull options, uint8_t *_Nullable *_Nonnull png,
                        size_t *_Nonnull png_byte_count, char *_Nonnull message, size_t message_capacity);

void cpng_free(uint8_t *_Nullable png);

#ifdef __cplusplus
}
#endif
