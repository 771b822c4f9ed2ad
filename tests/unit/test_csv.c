/* Tables in text, and numbers compared in them: cells as they stand, rows counted, hostile forms.
 */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/csv.h"
#include "exchange/decimal.h"
#include "exchange/paths.h"

#include <fcntl.h>
#include <string.h>

static int open_text(struct view text)
{
    assert_int_equal(file_write_atomic(scratch_path("table"), text, 0600), 0);
    int fd = open(scratch_path("table"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* The whole table as text: cells between < and >, records between brackets. */
static int read_all(struct buf *out, struct view text, char delimiter)
{
    AUTO(fd_close) int fd = open_text(text);
    AUTO(csv_reader_close) struct csv_reader *reader = csv_reader_open(fd, text.len, delimiter);
    struct csv_record *record = memory_alloc(sizeof *record);
    bool more = true;
    int error = 0;
    while ((error = csv_next(reader, record, &more, NULL)) == 0 && more) {
        buf_append_text(out, "[");
        for (size_t i = 0; i < record->count; i++) {
            buf_append_text(out, "<");
            buf_append_view(out, record->cell[i]);
            buf_append_text(out, ">");
        }
        buf_append_text(out, "]");
    }
    memory_free(record);
    return error;
}

static void cells_as_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cells;
        int error;
    } cases[] = {
        {"", "", 0},
        {"a", "[<a>]", 0},
        {"a,b\n1,2\n", "[<a><b>][<1><2>]", 0},
        {"a,b\r\n1,2\r\n", "[<a><b>][<1><2>]", 0},
        {"a,b\n1,2", "[<a><b>][<1><2>]", 0},
        {"a,b\r\n1,2\r", "[<a><b>][<1><2>]", 0},
        {"a,b\n\n\r\n1,2\n\n", "[<a><b>][<1><2>]", 0}, /* blank lines */
        {"a,\n,\n", "[<a><>][<><>]", 0},
        {"\xef\xbb\xbf"
         "a,b\n",
         "[<a><b>]", 0},
        {"a;b\n1;2,5\n", "[<a><b>][<1><2,5>]", 0},
        {"a\tb\n", "[<a><b>]", 0},
        {"a|b\n", "[<a><b>]", 0},
        {"\"a;b\",c\n", "[<\"a;b\"><c>]", 0}, /* a quoted delimiter does not count */
        {"a,b\n\"1,\n2\",x\n", "[<a><b>][<\"1,\n2\"><x>]", 0},
        {"a,b\n\"say \"\"x\"\"\",y\n", "[<a><b>][<\"say \"\"x\"\"\"><y>]", 0},
        {"a,b\n\"\",\"\"\r\n", "[<a><b>][<\"\"><\"\">]", 0},
        {"a,b\n5\" pipe,y\n", "[<a><b>][<5\" pipe><y>]", 0},
        {"a,b\n\"x\",\"y\"", "[<a><b>][<\"x\"><\"y\">]", 0},
        {"a,b\n\"x\",\"y\"\r", "[<a><b>][<\"x\"><\"y\">]", 0},
        {"a,b\n\"x\"y,z\n", "[<a><b>]", ERR_CSV},
        {"a,b\n\"x\"\ry,z\n", "[<a><b>]", ERR_CSV},
        {"a,b\n\"open,z\n", "[<a><b>]", ERR_CSV},
        {"a,b\n\"open\"\"", "[<a><b>]", ERR_CSV},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf out = {0};
        int error = read_all(&out, view_of_text(cases[i].text), 0);
        if (error != cases[i].error || strcmp(buf_text(&out), cases[i].cells) != 0) {
            fail_msg("case %zu: %s %s", i, error_code(error), buf_text(&out));
        }
    }
}

/* Records that lie across the reader's window, wherever its edge falls. */
static void windows(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 12; shift++) {
        AUTO(buf_free) struct buf text = {0};
        AUTO(buf_free) struct buf out = {0};
        buf_append_text(&text, "h,i\n");
        while (text.len < 65536 - 12 + shift) {
            buf_append_text(&text, "x");
        }
        buf_append_text(&text, ",\"q\"\"q\"\r\nlast,\"\"\r\n");
        assert_int_equal(read_all(&out, view_of_buf(&text), ','), 0);
        const char *end = "><\"q\"\"q\">][<last><\"\">]";
        assert_string_equal(buf_text(&out) + out.len - strlen(end), end);
    }
}

static void bounds(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf out = {0};
    for (size_t i = 0; i < CSV_COLUMNS_MAX; i++) {
        buf_append_text(&text, i == 0 ? "a" : ",a");
    }
    buf_append_text(&text, "\n");
    assert_int_equal(read_all(&out, view_of_buf(&text), 0), 0);
    text.data[text.len - 1] = ',';
    assert_int_equal(read_all(&out, view_of_buf(&text), 0), ERR_CSV);
    buf_clear(&text);
    while (text.len < 2 * CSV_RECORD_BYTES_MAX) {
        buf_append_text(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    }
    assert_int_equal(read_all(&out, view_of_buf(&text), 0), ERR_TOO_LARGE);
}

static void rows_are_counted(void **state)
{
    (void)state;
    static const char text[] = "a,b\n1,\"x\ny\"\n2,z\n3,w";
    static const struct {
        size_t bytes;
        int64_t whole, part;
    } cases[] = {{0, 0, 0}, {4, 0, 0}, {12, 1, 1}, {16, 2, 2}, {17, -1, 2}, {19, 3, 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fd_close) int fd = open_text(view_of(text, sizeof text - 1));
        int64_t rows = -1;
        int error = csv_count_rows(&rows, fd, cases[i].bytes, ',', false);
        if (cases[i].whole < 0) {
            assert_int_equal(error, ERR_CSV); /* cut in a way that leaves a short row */
        } else {
            assert_int_equal(error, 0);
            assert_int_equal(rows, cases[i].whole);
        }
        assert_int_equal(csv_count_rows(&rows, fd, cases[i].bytes, ',', true), 0);
        assert_int_equal(rows, cases[i].part);
    }
    /* Cut within the quotes. */
    AUTO(fd_close) int fd = open_text(view_of(text, sizeof text - 1));
    int64_t rows = -1;
    assert_int_equal(csv_count_rows(&rows, fd, 9, ',', true), 0);
    assert_int_equal(rows, 0);
    assert_int_equal(csv_count_rows(&rows, fd, 9, ',', false), ERR_CSV);
    assert_int_equal(csv_count_rows(&rows, fd, sizeof text + 5, ',', false), ERR_DIGEST);
}

/* 16,484 trees, each with ; within quotes. */
static void a_real_table(void **state)
{
    (void)state;
    AUTO(fd_close)
    int fd = open(DIRCHAIN_SOURCE_DIR "/samples/files/alberi.csv", O_RDONLY | O_CLOEXEC);
    struct file_mark mark;
    int64_t rows = 0;
    assert_int_equal(file_mark_of(&mark, fd), 0);
    assert_int_equal(csv_count_rows(&rows, fd, mark.bytes, 0, false), 0);
    assert_int_equal(rows, 16484);
}

static void values(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain", "plain"}, {"\"a\"", "a"}, {"\"a\"\"b\"", "a\"b"}, {"\"\"", ""},
        {"5\" x", "5\" x"}, {"", ""},       {"\"\"\"\"", "\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf out = {0};
        csv_cell_value(&out, view_of_text(cases[i][0]));
        assert_string_equal(buf_text(&out), cases[i][1]);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order; /* 2: no numbers */
    } cases[] = {
        {"1", "2", -1},      {"10", "9", 1},
        {"007", "7", 0},     {"1.50", "1.5", 0},
        {"1.05", "1.5", -1}, {"-3", "2", -1},
        {"-3", "-2", -1},    {"-0", "0", 0},
        {"+4", "4", 0},      {" 4 ", "4", 0},
        {"0.1", "0.09", 1},  {"-0.1", "-0.09", -1},
        {"", "1", 2},        {"x", "1", 2},
        {"1e3", "1", 2},     {"1.", "1", 2},
        {".5", "1", 2},      {"1,5", "1", 2},
        {"--1", "1", 2},     {"12345678901234567890.1", "12345678901234567890.2", -1},
        {"-", "1", 2},       {"1", "NaN", 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int order = 2;
        bool both = decimal_compare(&order, view_of_text(cases[i].a), view_of_text(cases[i].b));
        order = both ? (order > 0) - (order < 0) : 2;
        if (order != cases[i].order) {
            fail_msg("%s and %s: %d", cases[i].a, cases[i].b, order);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_as_they_stand),
        cmocka_unit_test(windows),
        cmocka_unit_test(bounds),
        cmocka_unit_test(rows_are_counted),
        cmocka_unit_test(a_real_table),
        cmocka_unit_test(values),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests_name("csv", tests, scratch_make, scratch_remove);
}
