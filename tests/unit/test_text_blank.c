/* What counts as no text at all. */
#include "check.h"

#include "chain/rules/records.h"
#include "chain/text_form.h"

static void characters_that_show_nothing(void **state)
{
    (void)state;
    static const char *const blank[] = {"",
                                        " ",
                                        "\t\n",
                                        "\u00a0",
                                        "\u00ad",
                                        "\u034f",
                                        "\u061c",
                                        "\u115f\u1160",
                                        "\u1680",
                                        "\u17b4\u17b5",
                                        "\u180b\u180e\u180f",
                                        "\u2000\u200a",
                                        "\u200b\u200c\u200d",
                                        "\u200e\u200f",
                                        "\u2028\u2029",
                                        "\u202a\u202e",
                                        "\u202f",
                                        "\u205f",
                                        "\u2060",
                                        "\u2061\u2064\u2065",
                                        "\u2066\u2069",
                                        "\u206a\u206f",
                                        "\u2800",
                                        "\u3000",
                                        "\u3164",
                                        "\ufe00\ufe0f",
                                        "\ufeff",
                                        "\uffa0",
                                        "\ufff0\ufff8",
                                        "\ufff9\ufffb",
                                        "\U0001bca0\U0001bca3",
                                        "\U0001d173\U0001d17a",
                                        "\U000e0000",
                                        "\U000e0001\U000e0020\U000e007f",
                                        "\U000e0100\U000e01ef",
                                        "\U000e0fff",
                                        "\u0301",
                                        "!?.,-_/\\\"'()[]{}:;#%&*@",
                                        "……",
                                        "。、（）《》！？",
                                        "——",
                                        "\u00b7\u00a7\u00bf",
                                        "⸺〰﹔﹣「」『』〖〗",
                                        "\ufffd",
                                        " \u3000\u200b\ufeff\t"};
    for (size_t i = 0; i < COUNT_OF(blank); i++) {
        if (!rule_text_blank(blank[i])) {
            fail_msg("blank[%zu] counts as text", i);
        }
    }
    assert_true(rule_text_blank(NULL));
}

/* The neighbours of every range, and what an agency really writes. */
static void characters_that_can_be_seen(void **state)
{
    (void)state;
    static const char *const seen[] = {"+",          "$",          "№",
                                       "℃",          "e\u0301",    "（一）",
                                       "a",          "0",          "\u00ac",
                                       "\u00ae",     "\u061b",     "\u061d",
                                       "\u115e",     "\u1161",     "\u167f",
                                       "\u1681",     "\u17b3",     "\u17b6",
                                       "\u180a",     "\u1810",     "\u1fff",
                                       "\u2070",     "\u27ff",     "\u2801",
                                       "\u2fff",     "\u3163",     "\u3165",
                                       "\u3400",     "\u4e00",     "\u9fff",
                                       "\uac00",     "\ue000",     "\ufdff",
                                       "\ufefe",     "\uff00",     "\uff9f",
                                       "\uffa1",     "\uffef",     "\ufffc",
                                       "\U00010000", "\U0001bc9f", "\U0001bca4",
                                       "\U0001d172", "\U0001d17b", "\U00020000",
                                       "\U000dffff", "\U000e1000", "\U0010ffff",
                                       "依",         "\u200b依",   "\u3000第二十八条",
                                       "\u00e9"};
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        if (rule_text_blank(seen[i])) {
            fail_msg("seen[%zu] counts as blank", i);
        }
    }
}

/* What no text of a transaction may hold, by general category, and the neighbours. */
static void characters_that_no_text_holds(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "\u061c",     "\u200e",     "\u200f",     "\u202a",       "\u202e",     "\u2066",
        "\u2069",     "\ue000",     "\uf8ff",     "\ufdd0",       "\ufdef",     "\ufff9",
        "\ufffc",     "\ufffe",     "\uffff",     "\U0001fffe",   "\U0002ffff", "\U0010fffe",
        "\U000e0001", "\U000f0000", "\U0010ffff", "目录\u202e名",
    };
    static const char *const good[] = {
        "",       "目录",   "e\u0301",    "\u061b", "\u200d",     "\u2029",
        "\u202f", "\u2065", "\ud7ff",     "豈",     "\ufdcf",     "\ufdf0",
        "\ufff8", "\ufffd", "\U0001fffd", "𠮷",     "\U000e0100", "\n\t",
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (text_form_good(refused[i])) {
            fail_msg("refused[%zu] is let be", i);
        }
    }
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!text_form_good(good[i])) {
            fail_msg("good[%zu] is refused", i);
        }
    }
}

static void its_length_is_that_of_one_character(void **state)
{
    (void)state;
    assert_int_equal(rule_blank_bytes(" \u3000"), 1);
    assert_int_equal(rule_blank_bytes("\u00ad "), 2);
    assert_int_equal(rule_blank_bytes("\u3000 "), 3);
    assert_int_equal(rule_blank_bytes("\U000e0100 "), 4);
    assert_int_equal(rule_blank_bytes("\u4e00\u3000"), 0);
    assert_int_equal(rule_blank_bytes(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_that_show_nothing),
        cmocka_unit_test(characters_that_can_be_seen),
        cmocka_unit_test(characters_that_no_text_holds),
        cmocka_unit_test(its_length_is_that_of_one_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
