#include "include/copenjpeg.h"

#include <openjpeg-2.5/openjpeg.h>
#include <stdio.h>
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

static bool decode(opj_codec_t *codec, opj_stream_t *stream, const copenjpeg_shape *shape, uint8_t *samples,
                   const message_buffer *message) {
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *image = NULL;
    bool is_decoded = false;
    if (!opj_setup_decoder(codec, &parameters) || !opj_read_header(stream, codec, &image)) {
        keep_error("its main header cannot be read", (void *)message);
    } else if (!has_shape(image, shape)) {
        say(message, "its components differ in size, precision or sign");
    } else if (!opj_decode(codec, stream, image)) {
        keep_error("its tiles cannot be decoded", (void *)message);
    } else if (!has_shape(image, shape) || !interleave(image, shape, samples)) {
        say(message, "its decoded components are incomplete");
    } else {
        is_decoded = true;
    }
    opj_image_destroy(image);
    return is_decoded;
}

int32_t copenjpeg_decode(const uint8_t *bytes, size_t count, const copenjpeg_shape *shape, uint8_t *samples,
                         size_t byte_capacity, char *message, size_t message_capacity) {
    message_buffer buffer = {message, message_capacity};
    message[0] = '\0';
    memory_source source = {bytes, count, 0};
    if (byte_capacity != (size_t)shape->rows * shape->columns * shape->components * sample_width(shape->precision)) {
        say(&buffer, "the buffer is not of its size");
        return copenjpeg_failed;
    }
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(count < (1 << 20) ? count + 1 : 1 << 20, OPJ_TRUE);
    bool is_decoded = false;
    if (codec == NULL || stream == NULL) {
        say(&buffer, "out of memory");
    } else {
        opj_set_error_handler(codec, keep_error, &buffer);
        opj_set_warning_handler(codec, drop, NULL);
        opj_set_info_handler(codec, drop, NULL);
        opj_stream_set_user_data(stream, &source, NULL);
        opj_stream_set_user_data_length(stream, count);
        opj_stream_set_read_function(stream, read_bytes);
        opj_stream_set_skip_function(stream, skip_bytes);
        opj_stream_set_seek_function(stream, seek_byte);
        is_decoded = decode(codec, stream, shape, samples, &buffer);
    }
    if (stream != NULL) opj_stream_destroy(stream);
    if (codec != NULL) opj_destroy_codec(codec);
    return is_decoded ? copenjpeg_ok : copenjpeg_failed;
}
