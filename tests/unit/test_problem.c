/* Problem documents: every error has a status of its kind and both languages; all faults are told.
 */
#include "check.h"

#include "api/problem.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

static void test_every_error(void **state)
{
    (void)state;
    for (int error = 1; error < ERROR_COUNT; error++) {
        AUTO(doc_free) struct doc *problem = problem_new(error, NULL);
        unsigned status = problem_status(error);
        assert_in_range(status, 400, 599);
        assert_int_equal(doc_get_int(problem, "status", 0), status);
        assert_string_equal(doc_get_text(problem, "code"), error_code(error));
        assert_string_equal(doc_get_text(problem, "title"), error_english(error));
        assert_string_equal(doc_get_text(problem, "detail_zh"), error_chinese(error));
        assert_memory_equal(doc_get_text(problem, "type"), "urn:dirchain:problem:", 21);
        assert_string_equal(doc_get_text(problem, "type") + 21, error_code(error));
        assert_int_equal(doc_count(doc_get(problem, "faults")), 0);
        assert_null(doc_get(problem, "dropped"));
    }
}

/* What callers decide by: is it me, is it my right, is it gone, is it the moment, is it you. */
static void test_statuses(void **state)
{
    (void)state;
    static const struct {
        int error;
        unsigned status;
    } cases[] = {
        {ERR_JSON_SYNTAX, 400},    {ERR_HEX, 400},
        {ERR_HTTP_LINE, 400},      {ERR_HTTP_PATH, 400},
        {ERR_CURSOR, 400},         {ERR_TX_FORM, 400},
        {ERR_TX_HEADER, 400},      {ERR_TX_TYPE, 400},
        {ERR_TOKEN, 401},          {ERR_TX_ROLE, 403},
        {ERR_SIGNATURE, 403},      {ERR_TX_SUSPENDED, 403},
        {ERR_NOT_GRANTED, 403},    {ERR_LOOPBACK, 403},
        {ERR_NOT_FOUND, 404},      {ERR_TEST_ONLY, 404},
        {ERR_HTTP_METHOD, 405},    {ERR_TX_REPLAY, 409},
        {ERR_VERSION_STALE, 409},  {ERR_DUPLICATE, 409},
        {ERR_TOO_LARGE, 413},      {ERR_FIELD_RANGE, 422},
        {ERR_USCC_CHECK, 422},     {ERR_TX_EXPIRED, 422},
        {ERR_GROUNDS, 422},        {ERR_QUORUM_LOST, 422},
        {ERR_BROAD, 422},          {ERR_QUOTA, 429},
        {ERR_HTTP_HEAD_SIZE, 431}, {ERR_IO, 500},
        {ERR_CORRUPT, 500},        {ERR_UNAVAILABLE, 503},
        {ERR_STALE_LEDGER, 503},   {ERR_HTTP_VERSION, 505},
        {ERR_DISK_FULL, 507},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (problem_status(cases[i].error) != cases[i].status)
            fail_msg("%s: %u", error_code(cases[i].error), problem_status(cases[i].error));
}

static void test_faults(void **state)
{
    (void)state;
    struct faults faults = {0};
    faults_add(&faults, ERR_FIELD_MISSING, "PT 17", "items[%d].name", 3);
    faults_add(&faults, ERR_GROUNDS, NULL, "%s", "");
    faults.dropped = 2;
    AUTO(doc_free) struct doc *problem = problem_new(ERR_FIELD_MISSING, &faults);
    const struct doc *list = doc_get(problem, "faults");
    assert_int_equal(doc_count(list), 2);
    assert_string_equal(doc_get_text(doc_at(list, 0), "field"), "items[3].name");
    assert_string_equal(doc_get_text(doc_at(list, 0), "code"), "field-missing");
    assert_string_equal(doc_get_text(doc_at(list, 0), "clause"), "PT 17");
    assert_string_equal(doc_get_text(doc_at(list, 0), "chinese"), error_chinese(ERR_FIELD_MISSING));
    assert_string_equal(doc_get_text(doc_at(list, 1), "english"), error_english(ERR_GROUNDS));
    assert_null(doc_get(doc_at(list, 1), "clause"));
    assert_int_equal(doc_get_int(problem, "dropped", 0), 2);
}

/* A field may carry what a client sent, up to the bytes it holds: cut within a character, it would
 * be no text any more. */
static void test_field_of_a_client(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        struct faults faults = {0};
        AUTO(buf_free) struct buf name = {0};
        buf_append(&name, "xxx", shift);
        for (size_t i = 0; i < FAULT_FIELD_BYTES_MAX; i++)
            buf_append_text(&name, "中");
        faults_add(&faults, ERR_FIELD_UNKNOWN, NULL, "%s", buf_text(&name));
        AUTO(doc_free) struct doc *problem = problem_new(ERR_FIELD_UNKNOWN, &faults);
        AUTO(buf_free) struct buf text = {0};
        AUTO(doc_free) struct doc *again = NULL;
        doc_append_canonical(&text, problem);
        assert_int_equal(doc_parse(&again, view_of_buf(&text), text.len), 0);
    }
}

/* Both languages, for people; the words as they are, for machines. */
static void test_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *now, *may[2], *chinese, *english;
    } cases[] = {
        {ERR_STATUS,
         "published",
         {"submitted", "returned"},
         "现为已发布。须为待审查或已退回。",
         "It is published. It has to be submitted or returned."},
        {ERR_STATUS, "retired", {NULL}, "现为已撤销。", "It is retired."},
        {ERR_PARTY,
         NULL,
         {"provider:11440000006939916J", "center/review"},
         "应由提供方 11440000006939916J 或中心（审核）办理。",
         "It is for provider 11440000006939916J or center (review) to do."},
        {ERR_TX_ROLE,
         "chief",
         {"compile", "approve"},
         "该密钥为首席数据官。须用编制或审批密钥。",
         "The key is for chief. It takes a key for compile or approve."},
        {ERR_FIELD_FORMAT,
         NULL,
         {"key-name"},
         "须为 1 至 32 个 a-z、0-9 或 - 字符。",
         "It has to be 1 to 32 of a-z, 0-9 and -."},
        {ERR_DATE, NULL, {"date"}, "须为日期，如 2026-02-12。", "It has to be a date such as 2026-02-12."},
        {ERR_FIELD_TYPE, NULL, {"list"}, "须为列表 […]。", "It has to be a list […]."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        faults_note_now(&faults, cases[i].error, cases[i].now);
        faults_note_may(&faults, cases[i].error, cases[i].may[0]);
        faults_note_may(&faults, cases[i].error, cases[i].may[1]);
        faults_add(&faults, cases[i].error, NULL, "code");
        AUTO(doc_free) struct doc *problem = problem_new(cases[i].error, &faults);
        const struct doc *fault = doc_at(doc_get(problem, "faults"), 0);
        assert_string_equal(doc_get_text(fault, "told_zh"), cases[i].chinese);
        assert_string_equal(doc_get_text(fault, "told"), cases[i].english);
        assert_true(doc_has_text(doc_get(fault, "may"), cases[i].may[0]) || !cases[i].may[0]);
    }
}

/* What a value has to lie between. */
static void test_bounds_are_told(void **state)
{
    (void)state;
    static const struct {
        int error;
        bool days;
        int64_t low, high;
        const char *chinese, *english;
    } cases[] = {
        {ERR_FIELD_RANGE, false, 1, 60, "须为 1 至 60。", "It has to be 1 to 60."},
        {ERR_FIELD_RANGE, false, -3, -3, "须为 -3。", "It has to be -3."},
        {ERR_FIELD_LENGTH, false, 2, 500, "须为 2 至 500 字。", "It has to have 2 to 500 characters."},
        {ERR_FIELD_LENGTH, false, 86, 86, "须为 86 字。", "It has to have 86 characters."},
        {ERR_FIELD_COUNT, false, 1, 50, "须有 1 至 50 项。", "It has to have 1 to 50 elements."},
        /* 2026-02-12 and 2026-03-12 are days 20496 and 20524 since 1970-01-01. */
        {ERR_FIELD_RANGE, true, 20496, FAULT_OPEN, "不得早于 2026-02-12。",
         "It may not be before 2026-02-12."},
        {ERR_FIELD_RANGE, true, FAULT_OPEN, 20524, "不得晚于 2026-03-12。",
         "It may not be after 2026-03-12."},
        {ERR_FIELD_RANGE, true, 20496, 20524, "不得早于 2026-02-12，不得晚于 2026-03-12。",
         "It may not be before 2026-02-12, and not after 2026-03-12."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        (cases[i].days ? faults_note_days
                       : faults_note_bounds)(&faults, cases[i].error, cases[i].low, cases[i].high);
        faults_add(&faults, cases[i].error, NULL, "until");
        faults_add(&faults, cases[i].error, NULL, "from"); /* knows nothing of it */
        AUTO(doc_free) struct doc *problem = problem_new(cases[i].error, &faults);
        const struct doc *told = doc_at(doc_get(problem, "faults"), 0);
        assert_string_equal(doc_get_text(told, "told_zh"), cases[i].chinese);
        assert_string_equal(doc_get_text(told, "told"), cases[i].english);
        assert_null(doc_get(doc_at(doc_get(problem, "faults"), 1), "told"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_what_is_allowed),
        cmocka_unit_test(test_bounds_are_told),
        cmocka_unit_test(test_field_of_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
