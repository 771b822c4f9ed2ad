/* How alike two names are, in thousandths worked out by hand. */
#include "check.h"

#include "api/near.h"
#include "base/memory.h"

#include <string.h>

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int64_t likeness;
    } cases[] = {
        {"社会组织名录", "社会组织名录", 1000},
        {"社会组织名录", "社会组织名册", 800},   /* 4 of 5 and 5 */
        {"社会组织名录", "社会团体名录", 400},   /* 社会 名录: 2 of 5 and 5 */
        {"社会组织名录", "名录：社会组织", 888}, /* 4 of 5 and 4: 8000 of 9 */
        {"社会组织名录", "古树名木保护信息", 0},
        {"养老机构", "养老机构备案信息", 600},         /* 3 of 3 and 7 */
        {"养老 机构", "养老机构", 800},                /* 养老 机构 of 2 and 3 */
        {"Tree Census 2024", "tree census 2025", 666}, /* 2 of 3 and 3 */
        {"ＴＲＥＥ", "tree", 1000},
        {"林", "林", 1000},
        {"林", "林业", 0},
        {"林业林业林业", "林业", 666}, /* each once: 林业 业林, of 2 and 1 */
        {"", "", 0},
        {"。", "，", 0},
        {"", "林业", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(near_set_free) struct near_set a;
        AUTO(near_set_free) struct near_set b;
        near_set_of_name(&a, cases[i].a);
        near_set_of_name(&b, cases[i].b);
        if (near_likeness(&a, &b) != cases[i].likeness ||
            near_likeness(&b, &a) != cases[i].likeness)
            fail_msg("%s, %s: %d", cases[i].a, cases[i].b, (int)near_likeness(&a, &b));
    }
}

static void items(void **state)
{
    (void)state;
    static const char first[] = "[{\"name\":\"姓名\"},{\"name\":\"证件号码\"},{\"name\":\"Ａ_b\"}]";
    static const char second[] =
        "[{\"name\":\"a b\"},{\"name\":\"姓 名\"},{\"name\":\"证件号码\"}]";
    AUTO(doc_free) struct doc *a = NULL;
    AUTO(doc_free) struct doc *b = NULL;
    AUTO(near_set_free) struct near_set left;
    AUTO(near_set_free) struct near_set right;
    assert_int_equal(doc_parse(&a, view_of_text(first), sizeof first), 0);
    assert_int_equal(doc_parse(&b, view_of_text(second), sizeof second), 0);
    near_set_of_items(&left, a);
    near_set_of_items(&right, b);
    assert_int_equal(left.count, 3);
    assert_int_equal(near_shared(&left, &right), 2); /* 证件号码, a b */
    assert_int_equal(near_likeness(&left, &right), 666);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
