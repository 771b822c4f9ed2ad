/* The working-day calendar: notices of the State Council, their form in the ledger, and which days
 * are worked. */
#include "civil_years.h"

#include "base/errors.h"
#include "base/faults.h"

static void notice_becomes_ledger_form(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = from_notice_file(CALENDARS "/2026.json");
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    assert_string_equal(
        buf_text(&text),
        "{\"off\":[\"2026-01-01\",\"2026-01-02\",\"2026-01-03\","
        "\"2026-02-15\",\"2026-02-16\",\"2026-02-17\",\"2026-02-18\",\"2026-02-19\","
        "\"2026-02-20\",\"2026-02-21\",\"2026-02-22\",\"2026-02-23\","
        "\"2026-04-04\",\"2026-04-05\",\"2026-04-06\","
        "\"2026-05-01\",\"2026-05-02\",\"2026-05-03\",\"2026-05-04\",\"2026-05-05\","
        "\"2026-06-19\",\"2026-06-20\",\"2026-06-21\","
        "\"2026-09-25\",\"2026-09-26\",\"2026-09-27\","
        "\"2026-10-01\",\"2026-10-02\",\"2026-10-03\",\"2026-10-04\",\"2026-10-05\","
        "\"2026-10-06\",\"2026-10-07\"],"
        "\"work\":[\"2026-01-04\",\"2026-02-14\",\"2026-02-28\",\"2026-05-09\",\"2026-09-20\","
        "\"2026-10-10\"],\"year\":2026}");
}

#define DAY(date, off) "{\"date\":" date ",\"isOffDay\":" off "}"

static void notice_in_any_order(void **state)
{
    (void)state;
    AUTO(doc_free)
    struct doc *notice =
        parse("{\"year\":2019,\"papers\":[],\"days\":[" DAY("\"2019-01-01\"", "true") "," DAY(
            "\"2018-12-29\"", "false") "," DAY("\"2018-12-31\"", "true") "]}");
    AUTO(doc_free) struct doc *doc = NULL;
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(civil_calendar_from_notice(&doc, NULL, notice), 0);
    assert_int_equal(civil_calendar_check(NULL, doc), 0);
    doc_append_canonical(&text, doc);
    assert_string_equal(buf_text(&text), "{\"off\":[\"2018-12-31\",\"2019-01-01\"],"
                                         "\"work\":[\"2018-12-29\"],\"year\":2019}");
}

static void working_days_of_2026(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        bool working;
    } cases[] = {
        {"2026-01-01", false},                       /* Thursday, 元旦 */
        {"2026-01-04", true},                        /* Sunday, 调休 */
        {"2026-01-05", true},                        /* Monday */
        {"2026-01-10", false},                       /* Saturday */
        {"2026-02-14", true},                        /* Saturday, 调休 */
        {"2026-02-16", false},                       /* Monday, 春节 */
        {"2026-02-23", false},                       /* Monday, 春节 */
        {"2026-02-24", true},  {"2026-09-20", true}, /* Sunday, 调休 */
        {"2026-10-07", false}, {"2026-10-10", true}, /* Saturday, 调休 */
        {"2026-10-11", false},
    };
    AUTO(years_free) struct years years = published_2025_and_2026();
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &years};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool working = !cases[i].working;
        assert_int_equal(civil_is_working_day(&working, &calendar, day_of(cases[i].date)), 0);
        assert_int_equal(working, cases[i].working);
    }
    int count = 0;
    for (int64_t day = day_of("2026-01-01"); day <= day_of("2026-12-31"); day++) {
        bool working;
        civil_is_working_day(&working, &calendar, day);
        count += working;
    }
    /* 261 weekdays in the year; of these off: 元旦 1.1 1.2; 春节 2.16–2.20 2.23; 清明 4.6;
     * 劳动 5.1 5.4 5.5; 端午 6.19; 中秋 9.25; 国庆 10.1 10.2 10.5 10.6 10.7: 2 + 6 + 1 + 3 + 1 + 1
     * + 5 = 19. Six weekend days are worked. */
    assert_int_equal(count, 261 - 19 + 6);
}

/* The notices for 2019 and 2023 moved days of the December before. */
static void december_belongs_to_both_years(void **state)
{
    (void)state;
    static const char year_2018[] = "{\"year\":2018,\"off\":[\"2018-12-27\"],\"work\":[]}";
    static const char year_2019[] =
        "{\"year\":2019,\"off\":[\"2018-12-30\",\"2018-12-31\",\"2019-01-01\"],"
        "\"work\":[\"2018-12-29\"]}";
    static const struct {
        const char *date;
        int error_before; /* the notice for 2019 */
        bool working_before, working_after;
    } cases[] = {
        {"2018-12-27", 0, false, false},                /* Thursday, named by its own year */
        {"2018-12-28", ERR_CALENDAR_YEAR, true, true},  /* Friday */
        {"2018-12-29", ERR_CALENDAR_YEAR, false, true}, /* Saturday, 调休 */
        {"2018-12-31", ERR_CALENDAR_YEAR, true, false}, /* Monday, 元旦 */
        {"2018-11-30", 0, true, true},
    };
    AUTO(years_free) struct years years = {0};
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &years};
    years_add(&years, parse(year_2018));
    for (int published = 0; published < 2; published++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            bool working;
            assert_int_equal(civil_is_working_day(&working, &calendar, day_of(cases[i].date)),
                             published ? 0 : cases[i].error_before);
            assert_int_equal(working, published ? cases[i].working_after : cases[i].working_before);
        }
        if (!published) {
            years_add(&years, parse(year_2019));
        }
    }
}

/* ---- what is refused ---- */

struct refusal {
    const char *text;
    int error;
    const char *field;
};

static void check_refusal(const struct refusal *refusal, int error, const struct faults *faults)
{
    assert_int_equal(error, refusal->error);
    assert_int_equal(faults_first(faults), refusal->error);
    assert_string_equal(faults->item[0].field, refusal->field);
}

static void bad_ledger_forms(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"[]", ERR_FIELD_TYPE, ""},
        {"{\"off\":[],\"work\":[]}", ERR_FIELD_MISSING, "year"},
        {"{\"year\":\"2026\",\"off\":[],\"work\":[]}", ERR_FIELD_TYPE, "year"},
        {"{\"year\":1969,\"off\":[],\"work\":[]}", ERR_FIELD_RANGE, "year"},
        {"{\"year\":9007199254740991,\"off\":[],\"work\":[]}", ERR_FIELD_RANGE, "year"},
        {"{\"year\":2026,\"work\":[]}", ERR_FIELD_MISSING, "off"},
        {"{\"year\":2026,\"off\":[]}", ERR_FIELD_MISSING, "work"},
        {"{\"year\":2026,\"off\":{},\"work\":[]}", ERR_FIELD_TYPE, "off"},
        {"{\"year\":2026,\"off\":[],\"work\":[],\"more\":1}", ERR_FIELD_UNKNOWN, "more"},
        {"{\"year\":2026,\"off\":[\"2026-01-01\",1],\"work\":[]}", ERR_FIELD_TYPE, "off[1]"},
        {"{\"year\":2026,\"off\":[\"2026-02-30\"],\"work\":[]}", ERR_DATE, "off[0]"},
        {"{\"year\":2026,\"off\":[\"2027-01-01\"],\"work\":[]}", ERR_FIELD_RANGE, "off[0]"},
        {"{\"year\":2026,\"off\":[],\"work\":[\"2025-11-30\"]}", ERR_FIELD_RANGE, "work[0]"},
        {"{\"year\":2026,\"off\":[\"2026-01-02\",\"2026-01-01\"],\"work\":[]}", ERR_FIELD_FORMAT,
         "off[1]"},
        {"{\"year\":2026,\"off\":[\"2026-01-01\",\"2026-01-01\"],\"work\":[]}", ERR_FIELD_FORMAT,
         "off[1]"},
        {"{\"year\":2026,\"off\":[\"2026-01-01\"],\"work\":[\"2026-01-01\"]}", ERR_DUPLICATE,
         "work[0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct faults faults = {0};
        AUTO(doc_free) struct doc *doc = parse(cases[i].text);
        int error = civil_calendar_check(&faults, doc);
        check_refusal(&cases[i], error, &faults);
    }
}

static void bad_notices(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"{}", ERR_FIELD_MISSING, "year"},
        {"{\"year\":2026}", ERR_FIELD_MISSING, "days"},
        {"{\"year\":2026,\"days\":1}", ERR_FIELD_TYPE, "days"},
        {"{\"year\":2026,\"days\":[1]}", ERR_FIELD_MISSING, "days[0].date"},
        {"{\"year\":2026,\"days\":[{\"date\":\"2026-01-01\"}]}", ERR_FIELD_MISSING,
         "days[0].isOffDay"},
        {"{\"year\":2026,\"days\":[" DAY("\"2026-01-01\"", "1") "]}", ERR_FIELD_TYPE,
         "days[0].isOffDay"},
        {"{\"year\":2026,\"days\":[" DAY("20260101", "true") "]}", ERR_FIELD_TYPE, "days[0].date"},
        {"{\"year\":2026,\"days\":[" DAY("\"2026-1-1\"", "true") "]}", ERR_DATE, "days[0].date"},
        {"{\"year\":2026,\"days\":[" DAY("\"2025-01-01\"", "true") "]}", ERR_FIELD_RANGE,
         "days[0].date"},
        {"{\"year\":2026,\"days\":[" DAY("\"2026-01-01\"", "true") "," DAY("\"2026-01-01\"",
                                                                           "false") "]}",
         ERR_DUPLICATE, "days: 2026-01-01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct faults faults = {0};
        struct doc *out = NULL;
        AUTO(doc_free) struct doc *doc = parse(cases[i].text);
        int error = civil_calendar_from_notice(&out, &faults, doc);
        assert_null(out);
        check_refusal(&cases[i], error, &faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notice_becomes_ledger_form),
        cmocka_unit_test(notice_in_any_order),
        cmocka_unit_test(working_days_of_2026),
        cmocka_unit_test(december_belongs_to_both_years),
        cmocka_unit_test(bad_ledger_forms),
        cmocka_unit_test(bad_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
