/* Ends of terms. Those in working days were worked out by hand from the State Council's notices for
 * 2019 to 2026; the working is beside them. */
#include "civil_years.h"

#include "base/errors.h"
#include "base/limits.h"

#include <string.h>

struct term_case {
    const char *from;
    int days;
    const char *end;
    bool provisional;
};

static void check_terms(struct years *years, const struct term_case *cases, size_t count)
{
    struct civil_calendar calendar = {.year_doc = year_doc, .context = years};
    for (size_t i = 0; i < count; i++) {
        int64_t end_ms = 0;
        bool provisional = !cases[i].provisional;
        char text[CIVIL_TIME_CHARS];
        assert_int_equal(civil_term_end(&end_ms, &provisional, &calendar, at(cases[i].from),
                                        CIVIL_WORKING_DAYS, cases[i].days),
                         0);
        civil_format_time(text, end_ms);
        text[strlen("2026-02-12T10:00:00")] = '\0';
        if (strcmp(text, cases[i].end) != 0 || provisional != cases[i].provisional) {
            fail_msg("%d days from %s: %s%s, expected %s", cases[i].days, cases[i].from, text,
                     provisional ? " provisional" : "", cases[i].end);
        }
    }
}

static void terms(void **state)
{
    (void)state;
    static const struct term_case cases[] = {
        /* an ordinary week: Mon 9 March; 10, 11, 12, 13, Mon 16 */
        {"2026-03-09T09:00:00+08:00", 5, "2026-03-17T00:00:00", false},
        /* 春节 2026: 2.13, Sat 2.14, 2.24 25 26 27, Sat 2.28, 3.2 3 4 */
        {"2026-02-12T10:00:00+08:00", 10, "2026-03-05T00:00:00", false},
        /* National Day 2026: Sun 9.20, 21–24, 28 29 30, 10.8 9, Sat 10.10, 12–16, 19–22 */
        {"2026-09-18T17:30:00+08:00", 20, "2026-10-23T00:00:00", false},
        /* received on a holiday: 10.8 9, Sat 10.10, 12 13 */
        {"2026-10-03T12:00:00+08:00", 5, "2026-10-14T00:00:00", false},
        /* 春节 2025: Sun 1.26, 27, 2.5 6 7; then Sat 2.8 */
        {"2025-01-24T12:00:00+08:00", 5, "2025-02-08T00:00:00", false},
        {"2025-01-24T12:00:00+08:00", 6, "2025-02-09T00:00:00", false},
        /* National Day 2025: Sun 9.28, 29 30, 10.9 10, Sat 10.11, 13 */
        {"2025-09-26T12:00:00+08:00", 7, "2025-10-14T00:00:00", false},
        /* over New Year: 12.31, Sun 1.4, 1.5 */
        {"2025-12-30T12:00:00+08:00", 3, "2026-01-06T00:00:00", false},
        /* the millisecond between two days of receipt: Sat 2.14 is worked, then 2.24 */
        {"2026-02-13T23:59:59.999+08:00", 1, "2026-02-15T00:00:00", false},
        {"2026-02-14T00:00:00.000+08:00", 1, "2026-02-25T00:00:00", false},
        /* the zone of the writer does not matter: this is 2.14 00:00 in Beijing */
        {"2026-02-13T16:00:00Z", 1, "2026-02-25T00:00:00", false},
        {"2026-02-13T15:59:59.999Z", 1, "2026-02-15T00:00:00", false},
        /* no days: today if it is worked, else the next that is */
        {"2026-02-14T08:00:00+08:00", 0, "2026-02-15T00:00:00", false},
        {"2026-02-14T23:59:59.999+08:00", 0, "2026-02-15T00:00:00", false},
        {"2026-02-15T00:00:00+08:00", 0, "2026-02-25T00:00:00", false},
        {"2026-10-03T12:00:00+08:00", 0, "2026-10-09T00:00:00", false},
    };
    AUTO(years_free) struct years years = published_2025_and_2026();
    check_terms(&years, cases, sizeof cases / sizeof cases[0]);
}

/* What each notice moved, from 2019 on; two of them were corrected during their year. */
static void terms_of_earlier_years(void **state)
{
    (void)state;
    static const struct term_case cases[] = {
        /* the notice for 2019 made a Saturday of 2018 a working day: 12.29 */
        {"2018-12-28T10:00:00+08:00", 1, "2018-12-30T00:00:00", false},
        /* 春节 2019: Sat 2.2, Sun 2.3, off 4–10, Mon 11 */
        {"2019-02-01T10:00:00+08:00", 3, "2019-02-12T00:00:00", false},
        /* May 2019 as corrected in March: off 1–4, Sun 5 worked */
        {"2019-04-30T10:00:00+08:00", 1, "2019-05-06T00:00:00", false},
        /* 2020: Sun 1.19, Mon 20 */
        {"2020-01-17T10:00:00+08:00", 2, "2020-01-21T00:00:00", false},
        /* the holiday of 2020 was prolonged to Sunday 2 February: Mon 3, Tue 4 */
        {"2020-01-23T10:00:00+08:00", 1, "2020-02-04T00:00:00", false},
        {"2020-01-23T10:00:00+08:00", 2, "2020-02-05T00:00:00", false},
        /* 2021: off 11–17 February, Thu 18, 19, Sat 20, Mon 22, 23 */
        {"2021-02-10T10:00:00+08:00", 5, "2021-02-24T00:00:00", false},
        /* 2022: Sat 1.29, Sun 1.30, off to 2.6, Mon 7 */
        {"2022-01-28T10:00:00+08:00", 3, "2022-02-08T00:00:00", false},
        /* and Sat 10.8, Sun 10.9, Mon 10 */
        {"2022-09-30T10:00:00+08:00", 3, "2022-10-11T00:00:00", false},
        /* the notice for 2023 made a Saturday in 2022 a day off: Tue 3 January */
        {"2022-12-30T10:00:00+08:00", 1, "2023-01-04T00:00:00", false},
        /* 2023: off 9.29–10.6, Sat 7, Sun 8, Mon 9 */
        {"2023-09-28T10:00:00+08:00", 3, "2023-10-10T00:00:00", false},
        /* 2024: New Year's Eve, Fri 2.9, was worked; off 10–17, Sun 18, Mon 19 */
        {"2024-02-08T10:00:00+08:00", 3, "2024-02-20T00:00:00", false},
        /* and Sat 9.14, off 15–17, Wed 18 */
        {"2024-09-13T10:00:00+08:00", 2, "2024-09-19T00:00:00", false},
    };
    AUTO(years_free) struct years years = {0};
    for (int year = 2019; year <= 2026; year++) {
        char path[300];
        (void)snprintf(path, sizeof path, CALENDARS "/%d.json", year);
        years_add(&years, from_notice_file(path));
    }
    check_terms(&years, cases, sizeof cases / sizeof cases[0]);
}

static void terms_into_a_year_not_published(void **state)
{
    (void)state;
    static const struct term_case cases[] = {
        {"2026-11-27T12:00:00+08:00", 1, "2026-12-01T00:00:00", false}, /* Mon 11.30 */
        /* a notice for 2027 could still move the last days of December: Fri 12.18, Mon 12.21 */
        {"2026-11-27T12:00:00+08:00", 2, "2026-12-02T00:00:00", false},
        {"2026-12-17T12:00:00+08:00", 1, "2026-12-19T00:00:00", false},
        {"2026-12-17T12:00:00+08:00", 2, "2026-12-22T00:00:00", true},
        /* weekdays only: 12.31, Fri 1.1, Mon 1.4 */
        {"2026-12-30T12:00:00+08:00", 3, "2027-01-05T00:00:00", true},
        {"2024-05-01T12:00:00+08:00", 1, "2024-05-03T00:00:00", true}, /* before the ledger */
    };
    AUTO(years_free) struct years years = published_2025_and_2026();
    check_terms(&years, cases, sizeof cases / sizeof cases[0]);

    struct years none = {0};
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &none};
    bool working = false;
    assert_int_equal(civil_is_working_day(&working, &calendar, day_of("2026-01-01")),
                     ERR_CALENDAR_YEAR);
    assert_true(working); /* a Thursday */
}

static void term_bounds(void **state)
{
    (void)state;
    AUTO(years_free) struct years years = published_2025_and_2026();
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &years};
    int64_t end_ms = 0;
    bool provisional;
    int64_t from = at("2026-01-01T00:00:00+08:00");
    assert_int_equal(civil_term_end(&end_ms, &provisional, &calendar, from, CIVIL_WORKING_DAYS, -1),
                     ERR_FIELD_RANGE);
    assert_int_equal(
        civil_term_end(&end_ms, &provisional, &calendar, from, CIVIL_WORKING_DAYS, 1001),
        ERR_FIELD_RANGE);
    assert_int_equal(
        civil_term_end(&end_ms, &provisional, &calendar, from, CIVIL_WORKING_DAYS, 1000), 0);
    assert_true(provisional);
    assert_true(end_ms > at("2029-10-01T00:00:00+08:00"));
    assert_int_equal(
        civil_term_end(&end_ms, &provisional, &calendar, DOC_INT_MAX, CIVIL_WORKING_DAYS, 1000), 0);
}

/* 30 日, 3 个月, 1 年: the calendar alone, the day of receipt not counted. */
static void terms_of_the_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        enum civil_unit unit;
        int n;
        const char *end;
    } cases[] = {
        {"2026-01-05T00:00:00+08:00", CIVIL_CALENDAR_DAYS, 30, "2026-02-05T00:00:00.000+08:00"},
        {"2026-01-05T23:59:59.999+08:00", CIVIL_CALENDAR_DAYS, 30, "2026-02-05T00:00:00.000+08:00"},
        {"2026-01-06T00:00:00+08:00", CIVIL_CALENDAR_DAYS, 30, "2026-02-06T00:00:00.000+08:00"},
        {"2026-01-05T16:00:00Z", CIVIL_CALENDAR_DAYS, 30, "2026-02-06T00:00:00.000+08:00"},
        {"2024-02-28T10:00:00+08:00", CIVIL_CALENDAR_DAYS, 1, "2024-03-01T00:00:00.000+08:00"},
        {"2026-02-12T10:00:00+08:00", CIVIL_MONTHS, 3, "2026-05-13T00:00:00.000+08:00"},
        {"2026-01-31T10:00:00+08:00", CIVIL_MONTHS, 1, "2026-03-01T00:00:00.000+08:00"},
        {"2028-01-31T10:00:00+08:00", CIVIL_MONTHS, 1, "2028-03-01T00:00:00.000+08:00"},
        {"2026-03-31T10:00:00+08:00", CIVIL_MONTHS, 3, "2026-07-01T00:00:00.000+08:00"},
        {"2026-11-30T10:00:00+08:00", CIVIL_MONTHS, 3, "2027-03-01T00:00:00.000+08:00"},
        {"2027-02-28T10:00:00+08:00", CIVIL_MONTHS, 12, "2028-02-29T00:00:00.000+08:00"},
        {"2026-02-12T10:00:00+08:00", CIVIL_YEARS, 1, "2027-02-13T00:00:00.000+08:00"},
        {"2028-02-29T10:00:00+08:00", CIVIL_YEARS, 1, "2029-03-01T00:00:00.000+08:00"},
        {"2028-02-29T10:00:00+08:00", CIVIL_YEARS, 4, "2032-03-01T00:00:00.000+08:00"},
        {"2027-02-28T10:00:00+08:00", CIVIL_YEARS, 1, "2028-02-29T00:00:00.000+08:00"},
    };
    /* No calendar at all: none is asked for. */
    struct years none = {0};
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &none};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t end_ms = 0;
        bool provisional = true;
        char text[CIVIL_TIME_CHARS];
        assert_int_equal(civil_term_end(&end_ms, &provisional, &calendar, at(cases[i].from),
                                        cases[i].unit, cases[i].n),
                         0);
        civil_format_time(text, end_ms);
        assert_string_equal(text, cases[i].end);
        assert_false(provisional);
    }
    static const int longest[CIVIL_UNITS] = {1000, 3660, 120, 10};
    for (enum civil_unit unit = CIVIL_CALENDAR_DAYS; unit < CIVIL_UNITS; unit++) {
        int64_t end_ms = 0, from = at("2026-01-05T10:00:00+08:00");
        bool provisional;
        assert_int_equal(civil_unit_max(unit), longest[unit]);
        assert_int_equal(civil_term_end(&end_ms, &provisional, &calendar, from, unit, 0),
                         ERR_FIELD_RANGE);
        assert_int_equal(
            civil_term_end(&end_ms, &provisional, &calendar, from, unit, longest[unit]), 0);
        assert_int_equal(
            civil_term_end(&end_ms, &provisional, &calendar, from, unit, longest[unit] + 1),
            ERR_FIELD_RANGE);
    }
}

/* A calendar without end in which nobody works: the ledger refuses such, the walk ends anyway. */
static const struct doc *always_off(void *context, int year)
{
    struct doc **doc = context;
    if (doc_get_int(*doc, "year", 0) == year) {
        return *doc;
    }
    doc_free(doc);
    *doc = doc_new_object();
    struct doc *off = doc_new_array();
    for (int64_t day = civil_day_from_date(year, 1, 1); day < civil_day_from_date(year + 1, 1, 1);
         day++) {
        char date[CIVIL_TIME_CHARS];
        civil_format_date(date, day);
        doc_push_text(off, date);
    }
    doc_set_int(*doc, "year", year);
    doc_set(*doc, "off", off);
    doc_set(*doc, "work", doc_new_array());
    return *doc;
}

static void term_without_end(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = NULL;
    struct civil_calendar calendar = {.year_doc = always_off, .context = &doc};
    int64_t end_ms;
    bool provisional;
    assert_int_equal(civil_calendar_check(NULL, always_off(&doc, 2026)), ERR_FIELD_COUNT);
    assert_int_equal(civil_term_end(&end_ms, &provisional, &calendar,
                                    at("2026-01-01T00:00:00+08:00"), CIVIL_WORKING_DAYS, 1),
                     ERR_FIELD_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms),
        cmocka_unit_test(terms_of_earlier_years),
        cmocka_unit_test(terms_into_a_year_not_published),
        cmocka_unit_test(term_bounds),
        cmocka_unit_test(terms_of_the_calendar),
        cmocka_unit_test(term_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
