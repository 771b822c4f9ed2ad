/* What an entry says beyond the core: classification and resource code, theme, keywords, period,
 * and the decimals of the district's dictionary. */
#include "rules_fixture.h"

#include "chain/rules/catalog.h"
#include "chain/rules/records.h"
#include "chain/text_form.h"

#include "entries.h"

static int submit_with(struct ledger *ledger, const char *code, const char *extra)
{
    char name[64];
    (void)snprintf(name, sizeof name, "社会组织信息 %s", code);
    return submit(ledger, code, entry_text(name, "unconditional", extra));
}

static void change(struct ledger *ledger, const char *code, const char *extra)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.change",
                "{'code':'%s','acts_on':'%s','reason':'业务系统变更','entry':%s}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code),
                entry_text("变更后", "unconditional", extra));
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "change/" ALPHA "/%s", code));
}

/* 1272号: 类 1 digit, 项 2, 目 3, 细目 as many as it takes; digits only; 类 is 1, 2 or 3. */
static void a_classification_code_has_its_form(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int error;
    } cases[] = {
        {"301001", 0},
        {"101001", 0},
        {"201001", 0},
        {"3010010102", 0},
        {"301001010203045", 0},
        {"401001", ERR_FIELD_FORMAT},
        {"001001", ERR_FIELD_FORMAT},
        {"30100", ERR_FIELD_LENGTH},
        {"30100A", ERR_FIELD_FORMAT},
        {"3010010102030456", ERR_FIELD_LENGTH},
        {"301-01", ERR_FIELD_FORMAT},
    };
    struct ledger *ledger = with_duty("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char code[8], extra[64];
        (void)snprintf(code, sizeof code, "E%zu", i);
        (void)snprintf(extra, sizeof extra, "'class_code':'%s',", cases[i].code);
        if (submit_with(ledger, code, extra) != cases[i].error) {
            fail_msg("%s", cases[i].code);
        }
        assert_true(cases[i].error == 0 ||
                    ledger_fault(ledger, cases[i].error, "entry.class_code"));
    }
    assert_int_equal(submit_with(ledger, "F1", "'class_code':'301001','resource_kind':'theme',"),
                     ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "entry.resource_kind"));
    assert_int_equal(
        submit_with(ledger, "F1", "'class_code':'301001','resource_kind':'department',"), 0);
    ledger_close(&ledger);
}

static void resource_codes_are_given_once(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit_with(ledger, "E1", "'class_code':'301001',"), 0);
    assert_null(doc_get(ledger_get(ledger, ENTRY("E1")), "resource_code"));
    assert_int_equal(submit_with(ledger, "E2", "'class_code':'301001',"), 0);
    assert_int_equal(submit_with(ledger, "E3", "'class_code':'3010010',"), 0);
    assert_int_equal(submit_with(ledger, "E4", ""), 0);
    review(ledger, "E2", "'accept'"); /* in order of acceptance */
    review(ledger, "E1", "'accept'");
    review(ledger, "E3", "'accept'");
    review(ledger, "E4", "'accept'");
    assert_string_equal(ledger_text(ledger, ENTRY("E2"), "resource_code"), "301001/000001");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "resource_code"), "301001/000002");
    assert_string_equal(ledger_text(ledger, ENTRY("E3"), "resource_code"), "3010010/000001");
    assert_null(doc_get(ledger_get(ledger, ENTRY("E4")), "resource_code"));
    /* A change keeps the code with the classification; another classification gives another. */
    change(ledger, "E1", "'class_code':'301001',");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "resource_code"), "301001/000002");
    change(ledger, "E1", "'class_code':'302001',");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "resource_code"), "302001/000001");
    /* What E1 had is nobody's again; the next one goes on. */
    assert_int_equal(submit_with(ledger, "E5", "'class_code':'301001',"), 0);
    review(ledger, "E5", "'accept'");
    assert_string_equal(ledger_text(ledger, ENTRY("E5"), "resource_code"), "301001/000003");
    change(ledger, "E1", "");
    assert_null(doc_get(ledger_get(ledger, ENTRY("E1")), "resource_code"));
    ledger_close(&ledger);
}

/* OPEN 9: theme, keywords, time and place. */
static void words_and_periods_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *extra;
        int error;
        const char *field;
    } cases[] = {
        {"'theme':'社会组织','keywords':['登记','年检'],'licence':'政府数据开放许可',"
         "'region':'广东省','period':{'from':'2020-01-01','to':'2025-12-31'},'level':'provincial',"
         "'format_type':'csv',",
         0, NULL},
        {"'period':{'from':'2025-12-31','to':'2025-12-31'},", 0, NULL},
        {"'period':{'from':'2026-01-01','to':'2025-12-31'},", ERR_FIELD_FORMAT, "entry.period.to"},
        {"'keywords':['登记','年检','登记'],", ERR_DUPLICATE, "entry.keywords[2]"},
        {"'keywords':['登记',' '],", ERR_FIELD_BLANK, "entry.keywords[1]"},
        {"'theme':'\u3000',", ERR_FIELD_BLANK, "entry.theme"},
        {"'licence':' ',", ERR_FIELD_BLANK, "entry.licence"},
        {"'region':' ',", ERR_FIELD_BLANK, "entry.region"},
        {"'level':'city',", ERR_FIELD_CHOICE, "entry.level"},
    };
    struct ledger *ledger = with_duty("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char code[8];
        (void)snprintf(code, sizeof code, "E%zu", i);
        assert_int_equal(submit_with(ledger, code, cases[i].extra), cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    ledger_close(&ledger);
}

/* CN 附件3 3.2: 注册资金/开办资金（万元） 数字 20/6; no other field has decimals. */
static void decimals_of_the_dictionary(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        bool agrees;
    } cases[] = {
        {"{'name':'注册资金','field':'reg_capital','type':'N','length':20,'precision':6}", true},
        {"{'name':'注册资金','field':'reg_capital','type':'N','length':20,'precision':7}", false},
        {"{'name':'注册资金','field':'reg_capital','type':'N','length':21,'precision':6}", false},
        {"{'name':'邮编','field':'zip','type':'C','length':6}", true},
        {"{'name':'邮编','field':'zip','type':'C','length':6,'precision':1}", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *item = fixture_parse("%s", cases[i].item);
        if (dictionary_agrees(item) != cases[i].agrees) {
            fail_msg("%s", cases[i].item);
        }
    }
}

static size_t append_point(char *out, unsigned point)
{
    size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = 0; i <= more; i++) {
        unsigned bits = point >> (6 * (more - i));
        out[i] = (char)(i == 0 ? lead[more] | bits : 0x80u | (bits & 0x3fu));
    }
    out[more + 1] = 0;
    return more + 1;
}

/* The next character that can be seen and that a text may hold, from `point` on. */
static unsigned next_seen(unsigned point, char text[8])
{
    for (;; point++) {
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        if (!surrogate && append_point(text, point) > 0 && text_form_good(text) &&
            rule_blank_bytes(text) == 0) {
            return point;
        }
    }
}

/* CESI 5.3.2, whatever the characters of a name: each is one, also where bytes inside of it would
 * be another that nobody sees (东 is E4 B8 9C; B8 9C alone were U+061C). */
static void names_may_hold_any_character(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    static char items[500 * 64], entry[sizeof items + 4096];
    char code[16], text[8];
    unsigned entries = 0;
    for (unsigned point = 0x0370; point < 0x20000; entries++) {
        size_t used = 0;
        for (size_t i = 0; i < 500; i++, point++) {
            point = next_seen(point, text);
            used += (size_t)snprintf(items + used, sizeof items - used,
                                     "%s{'name':'股%s名','type':'D'}", i == 0 ? "" : ",", text);
        }
        (void)snprintf(code, sizeof code, "N%u", entries);
        (void)snprintf(entry, sizeof entry, "%s", entry_text(code, "unconditional", ""));
        (void)snprintf(strstr(entry, "'items':["), sizeof items + 16, "'items':[%s]}", items);
        if (submit(ledger, code, entry) != 0) {
            fail_msg("the 500 characters before U+%04X", point);
        }
    }
    assert_true(entries > 100);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_classification_code_has_its_form),
        cmocka_unit_test(resource_codes_are_given_once),
        cmocka_unit_test(words_and_periods_are_checked),
        cmocka_unit_test(decimals_of_the_dictionary),
        cmocka_unit_test(names_may_hold_any_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
