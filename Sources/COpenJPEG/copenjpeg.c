#include "include/copenjpeg.h"

#include <openjpeg-2.5/openjpeg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
} memory_source;

static OPJ_SIZE_T read_bytes(void *target, OPJ_SIZE_T count, void *context) {
    memory_source *source = context;
    const size_t left = source->count - source->position;
    if (left == 0) return (OPJ_SIZE_T)-1;  // the end of the stream, as OpenJPEG says it
    const size_t taken = count < left ? count : left;
    memcpy(target, source->bytes + source->position, taken);
    source->position += taken;
    return taken;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void *context) {
    memory_source *source = context;
    if (count < 0) return -1;
    const size_t left = source->count - source->position;
    const size_t skipped = (size_t)count < left ? (size_t)count : left;
    source->position += skipped;
    return (OPJ_OFF_T)skipped;
}

static OPJ_BOOL seek_byte(OPJ_OFF_T position, void *context) {
    memory_source *source = context;
    if (position < 0 || (size_t)position > source->count) return OPJ_FALSE;
    source->position = (size_t)position;
    return OPJ_TRUE;
}

typedef struct {
    char *text;
    size_t capacity;
} message_buffer;

static void say(const message_buffer *message, const char *text) {
    snprintf(message->text, message->capacity, "%s", text);
}

/// Keeps the first error, which is the cause of the others, without its line end.
static void keep_error(const char *text, void *context) {
    const message_buffer *message = context;
    if (message->text[0] != '\0') return;
    say(message, text);
    message->text[strcspn(message->text, "\r\n")] = '\0';
}

static void drop(const char *text, void *context) {
    (void)text;
    (void)context;
}

static size_t sample_width(uint32_t precision) { return precision <= 8 ? 1 : precision <= 16 ? 2 : 4; }

static bool has_shape(const opj_image_t *image, const copenjpeg_shape *shape) {
    if (image->numcomps != shape->components) return false;
    for (uint32_t index = 0; index < image->numcomps; ++index) {
        const opj_image_comp_t *component = &image->comps[index];
        if (component->w != shape->columns || component->h != shape->rows || component->prec != shape->precision ||
            (component->sgnd != 0) != shape->is_signed || component->dx != 1 || component->dy != 1)
            return false;
    }
    return true;
}

static bool interleave(const opj_image_t *image, const copenjpeg_shape *shape, uint8_t *samples) {
    const size_t pixels = (size_t)shape->rows * shape->columns;
    const size_t step = shape->components;
    for (uint32_t index = 0; index < shape->components; ++index) {
        const OPJ_INT32 *source = image->comps[index].data;
        if (source == NULL) return false;
        if (sample_width(shape->precision) == 1) {
            uint8_t *target = samples + index;
            for (size_t pixel = 0; pixel < pixels; ++pixel) target[pixel * step] = (uint8_t)source[pixel];
        } else if (sample_width(shape->precision) == 2) {
            uint16_t *target = (uint16_t *)(void *)samples + index;
            for (size_t pixel = 0; pixel < pixels; ++pixel) target[pixel * step] = (uint16_t)source[pixel];
        } else {
            uint32_t *target = (uint32_t *)(void *)samples + index;
            for (size_t pixel = 0; pixel < pixels; ++pixel) target[pixel * step] = (uint32_t)source[pixel];
        }
    }
    return true;
}

/// Where a failed assertion inside OpenJPEG goes on, while one of our calls is under way on this thread.
static _Thread_local jmp_buf *assertion_target = NULL;

/// Debian builds OpenJPEG 2.5.0 with assertions on, and damaged code streams of HTJ2K fail some (`mel_init` in
/// ht_dec.c), which would end the process. So the C library's handler is replaced: inside of our calls it jumps over
/// OpenJPEG's C frames, elsewhere it ends the process as the original does. To be removed when OpenJPEG is built with
/// NDEBUG, or returns errors there.
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function) {
    if (assertion_target != NULL) longjmp(*assertion_target, 1);
    fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, assertion);
    abort();
}

/// What OpenJPEG allocates for one call; outside of the frame that is jumped to.
typedef struct {
    opj_codec_t *codec;
    opj_stream_t *stream;
    opj_image_t *image;
} session;

static void open_session(session *opened, memory_source *source, message_buffer *message) {
    const size_t count = source->count;
    opened->codec = opj_create_decompress(OPJ_CODEC_J2K);
    opened->stream = opj_stream_create(count < (1 << 20) ? count + 1 : 1 << 20, OPJ_TRUE);
    if (opened->codec == NULL || opened->stream == NULL) return;
    opj_set_error_handler(opened->codec, keep_error, message);
    opj_set_warning_handler(opened->codec, drop, NULL);
    opj_set_info_handler(opened->codec, drop, NULL);
    opj_stream_set_user_data(opened->stream, source, NULL);
    opj_stream_set_user_data_length(opened->stream, count);
    opj_stream_set_read_function(opened->stream, read_bytes);
    opj_stream_set_skip_function(opened->stream, skip_bytes);
    opj_stream_set_seek_function(opened->stream, seek_byte);
}

static void close_session(session *opened) {
    opj_image_destroy(opened->image);
    if (opened->stream != NULL) opj_stream_destroy(opened->stream);
    if (opened->codec != NULL) opj_destroy_codec(opened->codec);
}

static bool decode(session *opened, const copenjpeg_shape *shape, uint8_t *samples, message_buffer *message) {
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    if (opened->codec == NULL || opened->stream == NULL) {
        say(message, "out of memory");
    } else if (!opj_setup_decoder(opened->codec, &parameters) ||
               !opj_read_header(opened->stream, opened->codec, &opened->image)) {
        keep_error("its main header cannot be read", message);
    } else if (!has_shape(opened->image, shape)) {
        say(message, "its components differ in size, precision or sign");
    } else if (!opj_decode(opened->codec, opened->stream, opened->image)) {
        keep_error("its tiles cannot be decoded", message);
    } else if (!has_shape(opened->image, shape) || !interleave(opened->image, shape, samples)) {
        say(message, "its decoded components are incomplete");
    } else {
        return true;
    }
    return false;
}

static bool decode_or_land(session *opened, const copenjpeg_shape *shape, uint8_t *samples, message_buffer *message) {
    jmp_buf target;
    if (setjmp(target) != 0) {
        assertion_target = NULL;
        say(message, "OpenJPEG lost its way in it");
        return false;
    }
    assertion_target = &target;
    const bool is_decoded = decode(opened, shape, samples, message);
    assertion_target = NULL;
    return is_decoded;
}

int32_t copenjpeg_decode(const uint8_t *bytes, size_t count, const copenjpeg_shape *shape, uint8_t *samples,
                         size_t byte_capacity, char *message, size_t message_capacity) {
    message_buffer text = {message, message_capacity};
    message[0] = '\0';
    if (byte_capacity != (size_t)shape->rows * shape->columns * shape->components * sample_width(shape->precision)) {
        say(&text, "the buffer is not of its size");
        return copenjpeg_failed;
    }
    memory_source source = {bytes, count, 0};
    session opened = {NULL, NULL, NULL};
    open_session(&opened, &source, &text);
    const bool is_decoded = decode_or_land(&opened, shape, samples, &text);
    close_session(&opened);
    return is_decoded ? copenjpeg_ok : copenjpeg_failed;
}
