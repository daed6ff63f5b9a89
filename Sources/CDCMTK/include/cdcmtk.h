/// DCMTK behind a C header: no C++ type and no exception crosses it.
///
/// Data sets cross as *token streams*: a flat run of tokens, little-endian, without padding between them:
///
///     u16 group · u16 element · char vr[2] · u8 kind · u8 flags · u32 byteCount · byteCount bytes of payload
///
/// Kinds 1 and 2 carry a value. Kinds 3-6 bracket nesting: sequenceBegin, then per item itemBegin … itemEnd, then
/// sequenceEnd. Text is UTF-8 with the backslashes between values and the padding that the file has. Numbers are
/// little-endian arrays of the VR's own width. The stream is what `cdcmtk_read_data_set` makes and what
/// `cdcmtk_write_file` takes.
///
/// Ownership: every `cdcmtk_buffer` that a call fills belongs to the caller, who gives it back to `cdcmtk_buffer_free`.
/// All calls may be made from several threads at once.
#ifndef CDCMTK_H
#define CDCMTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    cdcmtk_token_text = 1,
    cdcmtk_token_bytes = 2,
    cdcmtk_token_sequence_begin = 3,
    cdcmtk_token_item_begin = 4,
    cdcmtk_token_item_end = 5,
    cdcmtk_token_sequence_end = 6,
    /// The element exists and its value could not be taken out of the data set.
    cdcmtk_token_unreadable = 7
};

enum {
    /// The text held bytes that the declared character set does not have; each became U+FFFD.
    cdcmtk_flag_lossy_text = 1,
    /// The text held non-ASCII bytes and no usable character set was declared; read as UTF-8 or Latin-1.
    cdcmtk_flag_assumed_text = 2
};

enum {
    cdcmtk_encoding_implicit_little = 0,
    cdcmtk_encoding_explicit_little = 1,
    cdcmtk_encoding_explicit_big = 2
};

enum {
    cdcmtk_ok = 0,
    /// Something was made, but the input ended or broke before its end.
    cdcmtk_partial = 1,
    cdcmtk_failed = 2,
    /// The output would exceed the caller's limit.
    cdcmtk_too_large = 3
};

typedef struct {
    uint8_t *_Nullable bytes;
    size_t count;
} cdcmtk_buffer;

/// Why a call did not return `cdcmtk_ok`: a DCMTK condition text, which never quotes a value of the data set.
typedef struct {
    char message[256];
} cdcmtk_error;

/// Frees what a call put into `buffer` and empties it. Safe to call twice.
void cdcmtk_buffer_free(cdcmtk_buffer *_Nonnull buffer);

/// Parses a data set (no preamble, no file meta information) and makes its token stream. The program does not call it:
/// the tests compare its headers with ours.
///
/// DCMTK 3.6.7 recurses over nested sequences without a limit: the caller guarantees that `bytes` nests at most 64 deep.
/// Returns ok, partial (the elements before the break are in `out`) or failed.
int32_t cdcmtk_read_data_set(const uint8_t *_Nonnull bytes, size_t count, int32_t encoding,
                             cdcmtk_buffer *_Nonnull out, cdcmtk_error *_Nonnull error);

/// Converts text of one element to UTF-8. `character_set` is the value of (0008,0005), possibly empty; `vr` decides which
/// characters end an ISO 2022 escape. `flags` receives `cdcmtk_flag_…`.
///
/// Returns ok or failed.
int32_t cdcmtk_decode_text(const char *_Nonnull character_set, const char *_Nonnull vr, const uint8_t *_Nonnull text,
                           size_t count, cdcmtk_buffer *_Nonnull out, uint8_t *_Nonnull flags,
                           cdcmtk_error *_Nonnull error);

/// Writes a Part 10 file from a token stream: preamble, file meta information, data set in `transfer_syntax_uid`.
///
/// Returns ok or failed.
int32_t cdcmtk_write_file(const uint8_t *_Nonnull tokens, size_t count, const char *_Nonnull transfer_syntax_uid,
                          cdcmtk_buffer *_Nonnull out, cdcmtk_error *_Nonnull error);

/// Inflates a raw deflate stream (RFC 1951) to at most `limit` bytes.
///
/// Returns ok, partial (input ended early; what was inflated is in `out`), too_large or failed.
int32_t cdcmtk_inflate(const uint8_t *_Nonnull bytes, size_t count, size_t limit, cdcmtk_buffer *_Nonnull out,
                       cdcmtk_error *_Nonnull error);

/// Decodes a JPEG code stream (ISO/IEC 10918-1: baseline, extended, progressive, lossless) of 2 to 16 bits into
/// `samples`, interleaved, without colour conversion: one byte a sample up to a precision of 8, else two in native order.
///
/// `precision` is that of the frame header; `byte_capacity` holds rows × columns × components samples, which the caller
/// has compared with the frame header. A missing end-of-image marker is forgiven.
/// Returns ok, partial (rows are missing, or their codes damaged: what is in `samples` is no image) or failed.
int32_t cdcmtk_decode_jpeg(const uint8_t *_Nonnull bytes, size_t count, int32_t precision, uint8_t *_Nonnull samples,
                           size_t byte_capacity, cdcmtk_error *_Nonnull error);

/// True when DCMTK found its data dictionary; without it implicit VR cannot be read.
bool cdcmtk_dictionary_is_loaded(void);

/// Looks a standard tag up. `vr` (3 bytes) and `keyword` (65 bytes) receive C strings; false when it is not listed.
bool cdcmtk_dictionary_find_tag(uint16_t group, uint16_t element, char *_Nonnull vr, char *_Nonnull keyword);

/// The value representation of an attribute in implicit VR, `creator` being the private creator of its block. `vr` (3
/// bytes) receives a C string; "xs" stands for US or SS, as Pixel Representation says. False when it is not listed.
bool cdcmtk_dictionary_find_vr(uint16_t group, uint16_t element, const char *_Nullable creator, char *_Nonnull vr);

/// Looks a keyword up; false when it is not listed or names a range of tags.
bool cdcmtk_dictionary_find_keyword(const char *_Nonnull keyword, uint16_t *_Nonnull group,
                                    uint16_t *_Nonnull element);

/// The registered name of a UID as a C string in `name` of `capacity` bytes; false when it is not listed.
bool cdcmtk_find_uid_name(const char *_Nonnull uid, char *_Nonnull name, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
