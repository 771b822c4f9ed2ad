/* Collecting faults: order, the bound, fields that quote what a caller sent. */
#include "check.h"

#include "base/errors.h"
#include "base/faults.h"
#include "base/memory.h"

#include <string.h>

static void faults_keep_their_order(void **state)
{
    (void)state;
    struct faults faults = {0};
    assert_int_equal(faults_first(&faults), 0);
    assert_int_equal(faults_first(NULL), 0);
    assert_int_equal(faults_add(&faults, ERR_FIELD_MISSING, "PT 20", "items[%d].%s", 3, "name"),
                     ERR_FIELD_MISSING);
    assert_int_equal(faults_add(&faults, ERR_DATE, NULL, "%s", ""), ERR_DATE);
    assert_int_equal(faults.count, 2);
    assert_int_equal(faults_first(&faults), ERR_FIELD_MISSING);
    assert_string_equal(faults.item[0].field, "items[3].name");
    assert_string_equal(faults.item[0].clause, "PT 20");
    assert_string_equal(faults.item[1].field, "");
    assert_string_equal(faults.item[1].clause, "");
}

static void a_caller_may_not_care(void **state)
{
    (void)state;
    assert_int_equal(faults_add(NULL, ERR_STATUS, NULL, "x"), ERR_STATUS);
}

static void beyond_the_bound_they_are_counted(void **state)
{
    (void)state;
    struct faults faults = {0};
    for (int i = 0; i < FAULTS_MAX + 5; i++)
        assert_int_equal(faults_add(&faults, ERR_FIELD_TYPE, NULL, "[%d]", i), ERR_FIELD_TYPE);
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_int_equal(faults.dropped, 5);
    char last[16];
    snprintf(last, sizeof last, "[%d]", FAULTS_MAX - 1);
    assert_string_equal(faults.item[FAULTS_MAX - 1].field, last);
    AUTO(buf_free) struct buf text = {0};
    faults_append_text(&text, &faults);
    assert_non_null(strstr(buf_text(&text), "... and 5 more / 另有 5 处\n"));
}

static void long_fields_are_cut_at_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *character;
        size_t bytes;
    } cases[] = {{"x", 1}, {"é", 2}, {"目", 3}, {"😀", 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t lead = 0; lead < 4; lead++) {
            char text[400] = "aaa";
            size_t len = lead;
            while (len + cases[i].bytes < sizeof text) {
                memcpy(text + len, cases[i].character, cases[i].bytes);
                len += cases[i].bytes;
            }
            text[len] = '\0';
            struct faults faults = {0};
            faults_add(&faults, ERR_FIELD_UNKNOWN, NULL, "%s", text);
            size_t room = FAULT_FIELD_BYTES_MAX - 1 - lead;
            size_t whole = lead + room / cases[i].bytes * cases[i].bytes;
            assert_int_equal(strlen(faults.item[0].field), whole);
            assert_memory_equal(faults.item[0].field, text, whole);
        }
    }
}

static void a_field_that_just_fits_is_whole(void **state)
{
    (void)state;
    char text[FAULT_FIELD_BYTES_MAX];
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 4, "目", 4); /* with the NUL */
    struct faults faults = {0};
    faults_add(&faults, ERR_FIELD_UNKNOWN, NULL, "%s", text);
    assert_string_equal(faults.item[0].field, text);
}

static void a_field_stays_on_its_line(void **state)
{
    (void)state;
    struct faults faults = {0};
    faults_add(&faults, ERR_FIELD_UNKNOWN, NULL, "a\nb\tc\x1b[2J\x7f");
    assert_string_equal(faults.item[0].field, "a?b?c?[2J?");
}

static void faults_as_text(void **state)
{
    (void)state;
    struct faults faults = {0};
    AUTO(buf_free) struct buf text = {0};
    faults_append_text(&text, &faults);
    assert_string_equal(buf_text(&text), "");
    faults_add(&faults, ERR_FIELD_MISSING, "PT 20", "items[0].name");
    faults_add(&faults, ERR_DATE, NULL, "%s", "");
    faults_append_text(&text, &faults);
    assert_string_equal(buf_text(&text),
                        "field-missing items[0].name: A required field is missing. (PT 20) / "
                        "缺少必填字段。\n"
                        "bad-date: Not a valid date or time. / 不是有效的日期或时间。\n");
}

/* What would have been allowed goes with the next fault of its kind, and with no other. */
static void what_is_allowed_goes_with_its_fault(void **state)
{
    (void)state;
    struct faults faults = {0};
    faults_note_may(NULL, ERR_PARTY, "supervisor");
    faults_note_may(&faults, ERR_PARTY, "supervisor");
    faults_note_may(&faults, ERR_PARTY, NULL);
    faults_note_may(&faults, ERR_PARTY, "center/review");
    faults_note_may(&faults, ERR_PARTY, "supervisor");
    faults_add(&faults, ERR_STATUS, NULL, "code");
    faults_add(&faults, ERR_PARTY, NULL, "code");
    faults_add(&faults, ERR_PARTY, NULL, "code");
    assert_string_equal(faults.item[0].may, "");
    assert_string_equal(faults.item[1].may, "supervisor center/review");
    assert_string_equal(faults.item[2].may, "");
    faults_note_now(&faults, ERR_STATUS, "published");
    faults_note_may(&faults, ERR_STATUS, "submitted");
    faults_forget_noted(&faults);
    faults_note_may(&faults, ERR_STATUS, "returned");
    faults_add(&faults, ERR_STATUS, NULL, "code");
    assert_string_equal(faults.item[3].now, "");
    assert_string_equal(faults.item[3].may, "returned");
}

/* Words that do not fit are left out whole. */
static void words_are_whole(void **state)
{
    (void)state;
    struct faults faults = {0};
    for (int i = 0; i < 100; i++) {
        char word[20];
        (void)snprintf(word, sizeof word, "status-%d", i);
        faults_note_may(&faults, ERR_STATUS, word);
    }
    faults_add(&faults, ERR_STATUS, NULL, "code");
    /* Ten of eight bytes and seven of nine, and a space before each but the first: 159. */
    assert_string_equal(strrchr(faults.item[0].may, ' '), " status-16");
}

static void add_success(void)
{
    struct faults faults = {0};
    faults_add(&faults, OK, NULL, "x");
}

static void success_is_no_fault(void **state)
{
    (void)state;
    assert_true(check_stops(add_success));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_keep_their_order),
        cmocka_unit_test(a_caller_may_not_care),
        cmocka_unit_test(beyond_the_bound_they_are_counted),
        cmocka_unit_test(long_fields_are_cut_at_a_character),
        cmocka_unit_test(a_field_that_just_fits_is_whole),
        cmocka_unit_test(a_field_stays_on_its_line),
        cmocka_unit_test(faults_as_text),
        cmocka_unit_test(what_is_allowed_goes_with_its_fault),
        cmocka_unit_test(words_are_whole),
        cmocka_unit_test(success_is_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
