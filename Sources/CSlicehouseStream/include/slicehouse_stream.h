/*
 * The C functions of libSlicehouseStream: training sets of a Slicehouse warehouse as batches in memory.
 *
 * Every function may be called from any thread. Nothing of Swift concurrency or Dispatch runs behind them. A handle belongs
 * to the process that opened it: in a forked child every call fails with the code "misuse", and nothing is freed.
 *
 * Errors: a function that takes `error` sets it, where it fails, to a JSON text {"code": …, "message": …} that the caller
 * frees with slicehouse_free; the message is a sentence and holds no value of a patient. Codes are those of
 * BatchStream/StreamError.swift, and "invalid_recipe". Texts that are returned are UTF-8 and freed in the same way.
 */
#ifndef SLICEHOUSE_STREAM_H
#define SLICEHOUSE_STREAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a function or a structure changes. */
#define SLICEHOUSE_ABI_VERSION 3
int32_t slicehouse_abi_version(void);

void slicehouse_free(char *_Nullable text);

/* ---- Training sets ---- */

/* Opens `name@version`, or the latest `name`. NULL on failure. Closed with slicehouse_set_close, once. */
void *_Nullable slicehouse_set_open(const char *_Nonnull url, const char *_Nonnull name, char *_Nullable *_Nonnull error);
/* {"name", "version", "digest", "sample_kind", "target_kind", "parameters", "class_weights", "sampling_plan",
   "sample_count", "folds": {fold: samples}, "recipe"} */
char *_Nullable slicehouse_set_describe(void *_Nonnull set, char *_Nullable *_Nonnull error);
/* Where a sample lies: row-major 4 x 4, from (slice, row, column, 1) of what the recipe makes without augmentation to
   (x, y, z, 1) in mm, DICOM LPS. 1; 0 where its series is no volume; -1 with an error. */
int32_t slicehouse_set_affine(
    void *_Nonnull set, int64_t sample_number, double *_Nonnull matrix, char *_Nullable *_Nonnull error);
void slicehouse_set_close(void *_Nullable set);

/* ---- Batches ---- */

/* Starts an epoch. `options` is JSON: "fold" (one, "fold-1+fold-2", or "all-but:fold-0"), "batch_size", and where the
   default does not do "seed", "epoch", "shuffle", "rank", "world_size", "worker", "workers", "tail" (drop, pad, short),
   "consumed", "skip", "augment", "oversample", "trained_on" (folds), "baked" (a folder), "verify", "threads",
   "prefetch", "retry_seconds". The set must stay open until the stream is closed. */
void *_Nullable slicehouse_stream_open(
    void *_Nonnull set, const char *_Nonnull options, char *_Nullable *_Nonnull error);
/* {"image": {"dtype", "shape"}, "mask", "target" (or null), "batch_count", "epoch_count", "consumed", "retries", "folds",
   "trained_on", "class_weights", …} */
char *_Nullable slicehouse_stream_describe(void *_Nonnull stream, char *_Nullable *_Nonnull error);

/* One batch. Pointers are good until slicehouse_batch_release(owner); those of absent parts are NULL. C order. */
typedef struct {
    void *_Nullable owner;
    void *_Nullable image;            /* count × shape of a sample */
    void *_Nullable mask;             /* count × shape of a mask */
    float *_Nullable target;          /* count × shape of a target */
    int64_t *_Nullable sample_number; /* count */
    float *_Nullable weight;          /* count */
    int64_t count;
    int64_t valid_count;              /* the samples behind these repeat others (tail "pad") */
    int64_t index;                    /* of the batch among those of its rank since "consumed" */
    int64_t consumed;                 /* samples that all ranks have taken after this batch: where to resume */
} slicehouse_batch;

enum { SLICEHOUSE_END = 0, SLICEHOUSE_BATCH = 1, SLICEHOUSE_TIMEOUT = 2, SLICEHOUSE_ERROR = -1 };

/* Waits for the next batch in order, at most timeout_milliseconds (negative: without end). */
int32_t slicehouse_stream_next(
    void *_Nonnull stream, int64_t timeout_milliseconds, slicehouse_batch *_Nonnull batch,
    char *_Nullable *_Nonnull error);
void slicehouse_batch_release(void *_Nullable owner);
/* Ends the threads of the stream and frees it; batches that were delivered stay. */
void slicehouse_stream_close(void *_Nullable stream);

/* ---- Recipes ---- */

/* Reads a recipe from JSON; NULL on failure. */
void *_Nullable slicehouse_recipe_open(const char *_Nonnull json, char *_Nullable *_Nonnull error);
/* Its canonical JSON. */
char *_Nullable slicehouse_recipe_json(void *_Nonnull recipe);
void slicehouse_recipe_close(void *_Nullable recipe);

/* The slices of one sample: [slices][rows][columns][samples_per_pixel], C order. */
typedef struct {
    const void *_Nonnull pixels;
    const uint8_t *_Nullable mask; /* [mask_slices][rows][columns], 0 or not; may be NULL */
    int64_t mask_slices;
    int64_t slices, rows, columns, samples_per_pixel;
    const char *_Nonnull type;     /* u8 i8 u16 i16 u32 i32 f32 f64 */
    double slope, intercept;       /* rescale; 1 and 0 for none */
    int64_t bits_stored;           /* DICOM's Bits Stored; 0 where unknown */
    double spacing[3];             /* mm between slices, rows, columns; 0 where unknown */
    int32_t augments;              /* whether the next numbers apply */
    uint64_t seed, epoch, sample_number, occurrence;
} slicehouse_sample;

/* {"image": {"dtype", "shape"}, "mask": {"dtype", "shape"}} of what the recipe makes of such a sample. */
char *_Nullable slicehouse_recipe_shape(
    void *_Nonnull recipe, const slicehouse_sample *_Nonnull sample, char *_Nullable *_Nonnull error);
/* Makes one sample in memory of the caller, of the size that slicehouse_recipe_shape says. 0, or -1 with an error. */
int32_t slicehouse_recipe_render(
    void *_Nonnull recipe, const slicehouse_sample *_Nonnull sample, void *_Nonnull image, void *_Nullable mask,
    char *_Nullable *_Nonnull error);

/* ---- SQL ---- */

/* Runs one statement that reads; NULL on failure. Freed with slicehouse_table_close. */
void *_Nullable slicehouse_query(const char *_Nonnull url, const char *_Nonnull sql, char *_Nullable *_Nonnull error);
/* {"rows": n, "columns": [{"name", "kind"}]}, kind: int64 float64 boolean text blob timestamp (µs since 1970, UTC) null */
char *_Nullable slicehouse_table_describe(void *_Nonnull table);

typedef struct {
    const void *_Nullable data;        /* values, or the bytes of all texts or blobs one behind the other */
    const int64_t *_Nullable offsets;  /* rows + 1 places in data, for texts and blobs */
    const uint8_t *_Nonnull validity;  /* 1 where the value is not NULL */
    int64_t byte_count;
} slicehouse_column;

/* Good until the table is closed. */
void slicehouse_table_column(void *_Nonnull table, int64_t column, slicehouse_column *_Nonnull result);
void slicehouse_table_close(void *_Nullable table);

#ifdef __cplusplus
}
#endif
#endif
