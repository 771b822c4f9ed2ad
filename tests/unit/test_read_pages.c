/* Pages of the read model: a flipped bit anywhere in its file is noticed when it is read, and the
 * model is begun anew or tells so; no list holds what was never written. */
#include "api/read_model.h"
#include "api/read_schema.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "scratch.h"

#include <stdio.h>
#include <string.h>

#define ROWS 300
#define HEIGHT 7
#define SECTOR_BYTES 512
#define PAGE_BYTES 4096

static const struct hash genesis = {{1, 2, 3}};

static void row_text(char out[80], int row)
{
    (void)snprintf(out, 80, "%064d", row * 7919);
}

static void fill(const char *path)
{
    struct read_model *model = NULL;
    assert_int_equal(read_model_open(&model, path, &genesis), OK);
    assert_int_equal(read_model_begin(model), OK);
    for (int row = 0; row < ROWS; row++) {
        char text[80];
        row_text(text, row);
        assert_int_equal(read_model_write(model, read_put_tx, "itiittt", (int64_t)row, text,
                                          (int64_t)HEIGHT, (int64_t)1000 + row, "member", "key",
                                          "type"),
                         OK);
    }
    assert_int_equal(read_model_commit(model, 1, HEIGHT, &genesis), OK);
    read_model_close(&model);
}

/* How it ended; whatever rows came are those that were written. */
static int read_rows(struct read_model *model)
{
    struct read_rows *rows = NULL;
    char text[80];
    int row = 0;
    int error = read_rows_open(&rows, model, "SELECT seq, txid, time_ms FROM tx ORDER BY seq");
    for (; error == OK && read_rows_next(rows); row++) {
        row_text(text, row);
        assert_int_equal(read_rows_int(rows, 0), row);
        assert_string_equal(read_rows_text(rows, 1), text);
        assert_int_equal(read_rows_int(rows, 2), 1000 + row);
    }
    error = error != OK ? error : read_rows_error(rows);
    read_rows_close(&rows);
    if (error == OK)
        assert_int_equal(row, ROWS);
    return error;
}

enum found { ANEW, TOLD, UNHARMED };

static enum found look_at(const char *path)
{
    struct read_model *model = NULL;
    assert_int_equal(read_model_open(&model, path, &genesis), OK);
    enum found found = ANEW;
    if (read_model_height(model) != 0) {
        assert_int_equal(read_model_height(model), HEIGHT);
        int error = read_rows(model);
        assert_true(error == OK || error == ERR_CORRUPT);
        found = error == OK ? UNHARMED : TOLD;
    }
    read_model_close(&model);
    return found;
}

static void test_rot_in_every_sector(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    unsigned counts[3] = {0};
    fill(scratch_path("model"));
    assert_int_equal(look_at(scratch_path("model")), UNHARMED);
    assert_int_equal(file_read(&bytes, scratch_path("model"), 1 << 24), OK);
    for (size_t at = 0; at < bytes.len; at += SECTOR_BYTES) {
        size_t place = at + at / SECTOR_BYTES * 37 % SECTOR_BYTES;
        bytes.data[place] ^= 0x10;
        assert_int_equal(file_write_atomic(scratch_path("model"), view_of_buf(&bytes), 0600), OK);
        counts[look_at(scratch_path("model"))]++;
        bytes.data[place] ^= 0x10;
    }
    print_message("of %zu sectors: anew %u, told %u, not read %u\n", bytes.len / SECTOR_BYTES,
                  counts[ANEW], counts[TOLD], counts[UNHARMED]);
    assert_true(counts[ANEW] > 0 && counts[TOLD] > 20);
}

/* The next page from `from` on that holds rows, in which these three texts follow one another. */
static size_t page_with_rows(const struct buf *bytes, size_t from)
{
    static const char text[] = "memberkeytype";
    const uint8_t *found = memmem(bytes->data + from, bytes->len - from, text, sizeof text - 1);
    assert_non_null(found);
    return (size_t)(found - bytes->data) / PAGE_BYTES * PAGE_BYTES;
}

/* Pages that were right, each in the place of the other. */
static void test_pages_change_places(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    uint8_t page[PAGE_BYTES];
    fill(scratch_path("places"));
    assert_int_equal(file_read(&bytes, scratch_path("places"), 1 << 24), OK);
    size_t first = page_with_rows(&bytes, 0);
    size_t second = page_with_rows(&bytes, first + PAGE_BYTES);
    memcpy(page, bytes.data + first, PAGE_BYTES);
    memcpy(bytes.data + first, bytes.data + second, PAGE_BYTES);
    memcpy(bytes.data + second, page, PAGE_BYTES);
    assert_int_equal(file_write_atomic(scratch_path("places"), view_of_buf(&bytes), 0600), OK);
    assert_int_equal(look_at(scratch_path("places")), TOLD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rot_in_every_sector),
        cmocka_unit_test(test_pages_change_places),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
