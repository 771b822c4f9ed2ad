/* The error table: codes are an interface, so they are unique, well-formed and found again. */
#include "check.h"

#include "base/doc.h"
#include "base/errors.h"

#include <string.h>

static const struct {
    int error;
    const char *name;
} table[] = {
#define X(name, code, english, chinese) {name, #name},
#include "base/errors.def"
#undef X
};

static bool is_code(const char *code)
{
    return strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(code) &&
           code[0] >= 'a' && code[0] <= 'z' && code[strlen(code) - 1] != '-';
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void every_error_is_told_in_both_languages(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(table), ERROR_COUNT - 1);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int error = table[i].error;
        if (!is_code(error_code(error)))
            fail_msg("%s: code \"%s\"", table[i].name, error_code(error));
        if (!ends_with(error_english(error), ".") ||
            !doc_text_valid(view_of_text(error_english(error))))
            fail_msg("%s: English \"%s\"", table[i].name, error_english(error));
        if (!ends_with(error_chinese(error), "。") ||
            !doc_text_valid(view_of_text(error_chinese(error))))
            fail_msg("%s: Chinese \"%s\"", table[i].name, error_chinese(error));
    }
}

static void codes_and_texts_are_unique(void **state)
{
    (void)state;
    for (int a = 0; a < ERROR_COUNT; a++) {
        for (int b = a + 1; b < ERROR_COUNT; b++) {
            if (strcmp(error_code(a), error_code(b)) == 0)
                fail_msg("code \"%s\" twice", error_code(a));
            if (strcmp(error_english(a), error_english(b)) == 0)
                fail_msg("\"%s\" twice", error_english(a));
            if (strcmp(error_chinese(a), error_chinese(b)) == 0)
                fail_msg("\"%s\" twice", error_chinese(a));
        }
    }
}

static void codes_lead_back(void **state)
{
    (void)state;
    for (int error = 0; error < ERROR_COUNT; error++)
        assert_int_equal(error_from_code(error_code(error)), error);
    assert_int_equal(error_from_code("no-such-code"), 0);
    assert_int_equal(error_from_code(""), 0);
    assert_int_equal(error_from_code(NULL), 0);
    assert_string_equal(error_code(OK), "ok");
    assert_int_equal(error_from_code("json-duplicate-key"), ERR_JSON_DUPLICATE);
}

static void ask_below(void)
{
    error_code(-1);
}

static void ask_beyond(void)
{
    error_chinese(ERROR_COUNT);
}

static void integers_outside_the_table_stop(void **state)
{
    (void)state;
    assert_true(check_stops(ask_below));
    assert_true(check_stops(ask_beyond));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_is_told_in_both_languages),
        cmocka_unit_test(codes_and_texts_are_unique),
        cmocka_unit_test(codes_lead_back),
        cmocka_unit_test(integers_outside_the_table_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
