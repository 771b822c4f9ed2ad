/* The log, read back from standard error as its readers do: line by line, each a JSON object. */
#include "base/civil.h"
#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "captured.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* Takes the next line; NULL at the end. */
static struct doc *next_line(struct view *rest)
{
    struct doc *doc = NULL;
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (end == NULL) {
        assert_int_equal(rest->len, 0); /* no line without its end */
        return NULL;
    }
    size_t len = (size_t)(end - rest->data);
    assert_true(len < LOG_LINE_BYTES_MAX);
    assert_int_equal(doc_parse(&doc, view_of(rest->data, len), LOG_LINE_BYTES_MAX), 0);
    assert_int_equal(doc_count(doc), 4);
    *rest = view_of(end + 1, rest->len - len - 1);
    return doc;
}

/* Logs one message and gives back what its line says. */
static struct doc *logged(const char *message)
{
    AUTO(buf_free) struct buf text = {0};
    capture_begin();
    log_write(LOG_INFO, "test", "%s", message);
    capture_end(&text);
    struct view rest = view_of_buf(&text);
    struct doc *line = next_line(&rest);
    assert_non_null(line);
    assert_int_equal(rest.len, 0);
    return line;
}

static void one_line(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    int64_t time_ms = 0;
    int64_t before = clock_wall_ms();
    errno = ENOENT;
    capture_begin();
    errno = ENOENT;
    log_write(LOG_WARN, "consensus", "Height %d took %d ms.", 7, 1200);
    int errno_after = errno;
    capture_end(&text);
    assert_int_equal(errno_after, ENOENT);
    struct view rest = view_of_buf(&text);
    AUTO(doc_free) struct doc *line = next_line(&rest);
    assert_true(doc_text_is(line, "level", "warn"));
    assert_true(doc_text_is(line, "module", "consensus"));
    assert_true(doc_text_is(line, "message", "Height 7 took 1200 ms."));
    assert_int_equal(civil_parse_time(&time_ms, doc_get_text(line, "time")), 0);
    assert_in_range(time_ms - before, 0, 60000);
}

static void levels(void **state)
{
    (void)state;
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (int least = LOG_DEBUG; least <= LOG_ERROR; least++) {
        AUTO(buf_free) struct buf text = {0};
        enum log_level level;
        assert_int_equal(log_level_from_text(&level, names[least]), 0);
        assert_int_equal(level, least);
        log_set_level(level);
        capture_begin();
        for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
            log_write((enum log_level)i, "test", "x");
        }
        capture_end(&text);
        struct view rest = view_of_buf(&text);
        for (int i = least; i <= LOG_ERROR; i++) {
            AUTO(doc_free) struct doc *line = next_line(&rest);
            assert_true(doc_text_is(line, "level", names[i]));
        }
        assert_int_equal(rest.len, 0);
    }
    log_set_level(LOG_INFO);
    enum log_level level;
    assert_int_equal(log_level_from_text(&level, "INFO"), ERR_FIELD_CHOICE);
    assert_int_equal(log_level_from_text(&level, ""), ERR_FIELD_CHOICE);
    assert_int_equal(log_level_from_text(&level, NULL), ERR_FIELD_CHOICE);
}

static void hostile_values(void **state)
{
    (void)state;
    static const struct {
        const char *message, *read;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"中文，标点。", "中文，标点。"},
        {"\"},{\"level\":\"error", "\"},{\"level\":\"error"},
        {"back\\slash", "back\\slash"},
        {"two\nlines\tand tab", "two\nlines\tand tab"},
        {"\x1b[2Jgone\x07\x7f\r", "\uFFFD[2Jgone\uFFFD\uFFFD\uFFFD"},
        {"\xc2\x9b"
         "1m",
         "\uFFFD\uFFFD"
         "1m"},                                           /* the one-character CSI */
        {"bad \xff\xfe", "bad \uFFFD\uFFFD"},             /* not UTF-8 */
        {"cut \xe4\xb8", "cut \uFFFD\uFFFD"},             /* half a character */
        {"over \xc0\xaf", "over \uFFFD\uFFFD"},           /* overlong */
        {"half \xed\xa0\x80", "half \uFFFD\uFFFD\uFFFD"}, /* a surrogate */
        {"\xf0\x9f\x8c\xb2 tree", "\xf0\x9f\x8c\xb2 tree"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(doc_free) struct doc *line = logged(cases[i].message);
        assert_string_equal(doc_get_text(line, "message"), cases[i].read);
    }
}

/* Longer than a line may be, in characters of every width, at every place a cut can fall. */
static void long_values(void **state)
{
    (void)state;
    static const char *const units[] = {"x", "\"", "é", "中", "\xf0\x9f\x8c\xb2", "\xff"};
    for (size_t unit = 0; unit < sizeof units / sizeof units[0]; unit++) {
        for (size_t shift = 0; shift < 4; shift++) {
            AUTO(buf_free) struct buf message = {0};
            buf_append(&message, "abc", shift);
            while (message.len < 3 * LOG_LINE_BYTES_MAX) {
                buf_append_text(&message, units[unit]);
            }
            AUTO(doc_free) struct doc *line = logged(buf_text(&message));
            const char *read = doc_get_text(line, "message");
            size_t len = strlen(read);
            assert_in_range(len, LOG_LINE_BYTES_MAX / 3, LOG_LINE_BYTES_MAX);
            assert_string_equal(read + len - strlen("…"), "…");
        }
    }
}

#define THREADS 4
#define LINES_OF_THREAD 300

static void *write_lines(void *name)
{
    for (int i = 0; i < LINES_OF_THREAD; i++) {
        log_write(LOG_INFO, name, "Line %d of %d.", i, LINES_OF_THREAD);
    }
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    static char names[THREADS][2] = {"0", "1", "2", "3"};
    int next[THREADS] = {0};
    pthread_t threads[THREADS];
    capture_begin();
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    capture_end(&text);
    struct view rest = view_of_buf(&text);
    for (int i = 0; i < THREADS * LINES_OF_THREAD; i++) {
        AUTO(doc_free) struct doc *line = next_line(&rest);
        char expected[64];
        int thread = doc_get_text(line, "module")[0] - '0';
        snprintf(expected, sizeof expected, "Line %d of %d.", next[thread]++, LINES_OF_THREAD);
        assert_string_equal(doc_get_text(line, "message"), expected);
    }
    assert_int_equal(rest.len, 0);
}

/* Nobody reads any more: the node goes on. */
static void closed_standard_error(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    capture_begin();
    close(STDERR_FILENO);
    log_write(LOG_ERROR, "test", "nobody hears this");
    capture_end(&text);
    assert_int_equal(text.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line),           cmocka_unit_test(levels),
        cmocka_unit_test(hostile_values),     cmocka_unit_test(long_values),
        cmocka_unit_test(threads_do_not_mix), cmocka_unit_test(closed_standard_error),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
