#include "cpng.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/// Where libpng's callbacks leave their findings: the pointer that libpng calls error_ptr and io_ptr.
typedef struct cpng_context {
    const uint8_t *input;
    size_t input_count;
    size_t input_position;
    uint8_t *output;
    size_t output_count;
    size_t output_capacity;
    cpng_status status;
    char *message;
    size_t message_capacity;
} cpng_context;

struct cpng_reader {
    png_structp png;
    png_infop info;
    cpng_context context;
};

static void set_message(cpng_context *context, const char *text) {
    if (context->message_capacity == 0) {
        return;
    }
    strncpy(context->message, text, context->message_capacity - 1);
    context->message[context->message_capacity - 1] = '\0';
}

static void fail(png_structp png, cpng_status status, const char *text) {
    cpng_context *context = png_get_error_ptr(png);
    context->status = status;
    set_message(context, text);
    png_longjmp(png, 1);
}

static void on_error(png_structp png, png_const_charp text) {
    cpng_context *context = png_get_error_ptr(png);
    // A callback of ours may have named a better reason already.
    if (context->status == CPNG_OK) {
        context->status = CPNG_CORRUPT;
        set_message(context, text);
    }
    png_longjmp(png, 1);
}

// Warnings are about ancillary chunks (ICC profiles, text); the samples do not depend on them.
static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    cpng_context *context = png_get_io_ptr(png);
    if (count > context->input_count - context->input_position) {
        fail(png, CPNG_TRUNCATED, "the file ends before the image does");
    }
    memcpy(target, context->input + context->input_position, count);
    context->input_position += count;
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
    cpng_context *context = png_get_io_ptr(png);
    if (count > context->output_capacity - context->output_count) {
        size_t capacity = context->output_capacity * 2 + count;
        uint8_t *grown = realloc(context->output, capacity);
        if (grown == NULL) {
            fail(png, CPNG_NO_MEMORY, "there is no memory for the encoded image");
        }
        context->output = grown;
        context->output_capacity = capacity;
    }
    memcpy(context->output + context->output_count, source, count);
    context->output_count += count;
}

static void flush_nothing(png_structp png) {
    (void)png;
}

cpng_status cpng_reader_create(const uint8_t *bytes, size_t byte_count, cpng_reader **reader, cpng_header *header,
                               char *message, size_t message_capacity) {
    *reader = NULL;
    cpng_reader *made = calloc(1, sizeof(cpng_reader));
    if (made == NULL) {
        return CPNG_NO_MEMORY;
    }
    made->context.input = bytes;
    made->context.input_count = byte_count;
    made->context.message = message;
    made->context.message_capacity = message_capacity;
    set_message(&made->context, "libpng could not start");
    made->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &made->context, on_error, on_warning);
    made->info = made->png == NULL ? NULL : png_create_info_struct(made->png);
    if (made->info == NULL) {
        cpng_reader_destroy(made);
        return CPNG_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(made->png))) {
        cpng_status status = made->context.status;
        cpng_reader_destroy(made);
        return status;
    }
    png_set_read_fn(made->png, &made->context, read_bytes);
    // Ancillary chunks may inflate without bound: 8 MiB is ample for a profile or text.
    png_set_chunk_malloc_max(made->png, 8u << 20);
    // The caller limits the pixels by their product before it allocates; the default side limit of 1,000,000 stays.
    png_read_info(made->png, made->info);
    header->width = png_get_image_width(made->png, made->info);
    header->height = png_get_image_height(made->png, made->info);
    header->bit_depth = png_get_bit_depth(made->png, made->info);
    header->color_type = png_get_color_type(made->png, made->info);
    header->is_interlaced = png_get_interlace_type(made->png, made->info) != PNG_INTERLACE_NONE;
    header->has_transparency = png_get_valid(made->png, made->info, PNG_INFO_tRNS) != 0;
    *reader = made;
    return CPNG_OK;
}

cpng_status cpng_reader_read(cpng_reader *reader, int keeps_samples, uint8_t *pixels, size_t pixel_byte_count,
                             char *message, size_t message_capacity) {
    png_structp png = reader->png;
    reader->context.message = message;
    reader->context.message_capacity = message_capacity;
    // volatile: assigned between setjmp and longjmp, read after it.
    png_bytep *volatile rows = NULL;
    if (setjmp(png_jmpbuf(png))) {
        free((void *)rows);
        return reader->context.status;
    }
    png_byte color_type = png_get_color_type(png, reader->info);
    png_byte bit_depth = png_get_bit_depth(png, reader->info);
    if (keeps_samples) {
        // One sample a byte; its value stays.
        png_set_packing(png);
    } else if (color_type == PNG_COLOR_TYPE_PALETTE) {
        png_set_palette_to_rgb(png);
        if (png_get_valid(png, reader->info, PNG_INFO_tRNS)) {
            png_set_tRNS_to_alpha(png);
        }
    } else if (color_type == PNG_COLOR_TYPE_GRAY && bit_depth < 8) {
        png_set_expand_gray_1_2_4_to_8(png);
    }
    if (bit_depth == 16) {
        png_set_swap(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    size_t row_byte_count = png_get_rowbytes(png, reader->info);
    size_t height = png_get_image_height(png, reader->info);
    if (row_byte_count == 0 || pixel_byte_count / row_byte_count != height || pixel_byte_count % row_byte_count != 0) {
        fail(png, CPNG_CORRUPT, "the rows do not have the size that the header promises");
    }
    rows = malloc(height * sizeof(png_bytep));
    if (rows == NULL) {
        fail(png, CPNG_NO_MEMORY, "there is no memory for the row table");
    }
    for (size_t row = 0; row < height; row++) {
        rows[row] = pixels + row * row_byte_count;
    }
    png_read_image(png, rows);
    png_read_end(png, NULL);
    free((void *)rows);
    return CPNG_OK;
}

void cpng_reader_destroy(cpng_reader *reader) {
    if (reader == NULL) {
        return;
    }
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}

/// The body of cpng_encode. It has its own frame so that `context`, which the callbacks change, is no local of the
/// function that longjmp returns to (C11 7.13.2.1).
static cpng_status encode_rows(cpng_context *context, const uint8_t *pixels, size_t pixel_byte_count,
                               const cpng_header *header, const cpng_options *options) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, context, on_error, on_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        return CPNG_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return context->status;
    }
    png_set_write_fn(png, context, write_bytes, flush_nothing);
    png_set_compression_level(png, options->compression);
    if (options->strategy != 0) {
        png_set_compression_strategy(png, options->strategy);
    }
    if (options->filters != 0) {
        // libpng's masks are the filter types from bit 3 on.
        png_set_filter(png, PNG_FILTER_TYPE_BASE, options->filters << 3);
    }
    png_set_IHDR(png, info, header->width, header->height, header->bit_depth, header->color_type, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (options->key != NULL && options->text != NULL) {
        png_text chunk = {.compression = PNG_TEXT_COMPRESSION_NONE,
                          .key = (png_charp)options->key,
                          .text = (png_charp)options->text,
                          .text_length = strlen(options->text)};
        png_set_text(png, info, &chunk, 1);
    }
    png_write_info(png, info);
    if (header->bit_depth == 16) {
        png_set_swap(png);
    }
    size_t row_byte_count = png_get_rowbytes(png, info);
    if (pixel_byte_count / header->height != row_byte_count || pixel_byte_count % header->height != 0) {
        fail(png, CPNG_CORRUPT, "the pixels do not have the size that the header promises");
    }
    for (size_t row = 0; row < header->height; row++) {
        png_write_row(png, pixels + row * row_byte_count);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return CPNG_OK;
}

cpng_status cpng_encode(const uint8_t *pixels, size_t pixel_byte_count, const cpng_header *header,
                        const cpng_options *options, uint8_t **png_bytes, size_t *png_byte_count, char *message,
                        size_t message_capacity) {
    *png_bytes = NULL;
    *png_byte_count = 0;
    cpng_context context = {.message = message, .message_capacity = message_capacity};
    set_message(&context, "libpng could not start");
    cpng_status status = encode_rows(&context, pixels, pixel_byte_count, header, options);
    if (status != CPNG_OK) {
        free(context.output);
        return status;
    }
    *png_bytes = context.output;
    *png_byte_count = context.output_count;
    return CPNG_OK;
}

void cpng_free(uint8_t *png) {
    free(png);
}
