/* The offset file holds one decimal number; it exists only on chains marked test. */
#include "node/clock.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>

#define OFFSET_FILE "clock_offset"

static int read_offset(int64_t *out, const char *path)
{
    *out = 0;
    AUTO(buf_free) struct buf text = {0};
    int error = file_read(&text, path, 32);
    if (error == ERR_NOT_FOUND) {
        return 0;
    }
    if (error != 0) {
        return error;
    }
    int used = 0;
    if (sscanf(buf_text(&text), "%" SCNd64 "\n%n", out, &used) != 1 || (size_t)used != text.len ||
        *out < 0 || *out > DOC_INT_MAX / 2) {
        return ERR_CORRUPT;
    }
    return 0;
}

int node_clock_open(struct node_clock *out, const char *data_directory, bool test)
{
    int len = snprintf(out->path, sizeof out->path, "%s/" OFFSET_FILE, data_directory);
    if (len < 0 || (size_t)len >= sizeof out->path) {
        return ERR_FIELD_LENGTH;
    }
    out->test = test;
    int64_t offset;
    int error = read_offset(&offset, out->path);
    if (error != 0) {
        return error;
    }
    if (offset != 0 && !test) {
        return ERR_TEST_ONLY;
    }
    atomic_init(&out->offset_ms, offset);
    return 0;
}

int64_t node_clock_now_ms(const struct node_clock *clock)
{
    return clock_wall_ms() + atomic_load_explicit(&clock->offset_ms, memory_order_relaxed);
}

int node_clock_advance(struct node_clock *clock, int64_t by_ms)
{
    if (!clock->test) {
        return ERR_TEST_ONLY;
    }
    int64_t offset = atomic_load_explicit(&clock->offset_ms, memory_order_relaxed);
    if (by_ms < 0 || by_ms > CLOCK_ADVANCE_MS_MAX || offset + by_ms > DOC_INT_MAX / 2) {
        return ERR_FIELD_RANGE;
    }
    AUTO(buf_free) struct buf text = {0};
    buf_append_format(&text, "%" PRId64 "\n", offset + by_ms);
    int error = file_write_atomic(clock->path, view_of_buf(&text), 0600);
    if (error != 0) {
        return error;
    }
    atomic_store_explicit(&clock->offset_ms, offset + by_ms, memory_order_relaxed);
    return 0;
}
