/* Cutting Chinese and Latin text into terms and queries. */
#include "check.h"

#include "api/search.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

static const struct {
    const char *text, *terms, *query;
} cases[] = {
    {"林业局", "林业 业局 局 ", "\"林业 业局\""},
    {"林业", "林业 业 ", "\"林业\""},
    {"林", "林 ", "\"林\" *"},
    {"", "", NULL},
    {" ，。《》！？ -_/.", "", NULL},
    {"古树，名木", "古树 树 名木 木 ", "\"古树\" AND \"名木\""},
    {"CREATE_TIME", "create time ", "\"create\" * AND \"time\" *"},
    {"ＡＢＣ１２３", "abc123 ", "\"abc123\" *"},
    {"表5-2 职责", "表 5 2 职责 责 ", "\"表\" * AND \"5\" * AND \"2\" * AND \"职责\""},
    {"社会组织ABC登记", "社会 会组 组织 织 abc 登记 记 ",
     "\"社会 会组 组织\" AND \"abc\" * AND \"登记\""},
    {"㐀𠀀", "㐀𠀀 𠀀 ", "\"㐀𠀀\""},
    {"Größe", "größe ", "\"größe\" *"},
    {"\" OR * NOT NEAR(x) ^{}", "or not near x ",
     "\"or\" * AND \"not\" * AND \"near\" * AND \"x\" *"},
    {"11440000006940175Y", "11440000006940175y ", "\"11440000006940175y\" *"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf terms = {0};
        AUTO(buf_free) struct buf query = {0};
        search_append_terms(&terms, cases[i].text);
        assert_string_equal(buf_text(&terms), cases[i].terms);
        bool some = search_append_query(&query, cases[i].text);
        assert_int_equal(some, cases[i].query != NULL);
        assert_string_equal(buf_text(&query), some ? cases[i].query : "");
    }
}

/* A long query is cut short, not refused: it finds more than was asked for. */
static void test_parts_are_bounded(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf query = {0};
    for (int i = 0; i < 5 * SEARCH_PARTS_MAX; i++)
        buf_append_text(&text, "a ");
    assert_true(search_append_query(&query, buf_text(&text)));
    size_t parts = 1;
    for (const char *at = buf_text(&query); (at = strstr(at, " AND ")) != NULL; at++)
        parts++;
    assert_int_equal(parts, SEARCH_PARTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
                                       cmocka_unit_test(test_parts_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
