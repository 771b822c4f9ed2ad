/* Civil time and working days. The expected ends of terms were worked out by hand from the State
 * Council's notices for 2019 to 2026; the working is beside them. */
#include "base/civil.h"
#include "base/errors.h"
#include "base/faults.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define CALENDARS DIRCHAIN_SOURCE_DIR "/samples/calendar"

static int64_t at(const char *text)
{
    int64_t time_ms = 0;
    assert_int_equal(civil_parse_time(&time_ms, text), 0);
    return time_ms;
}

static int64_t day_of(const char *text)
{
    int64_t day = 0;
    assert_int_equal(civil_parse_date(&day, text), 0);
    return day;
}

/* ---- dates ---- */

static void known_days(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        int64_t number;
        int weekday; /* 0 is Monday */
    } cases[] = {
        {1970, 1, 1, 0, 3},      {1969, 12, 31, -1, 2},      {2000, 2, 29, 11016, 1},
        {1900, 3, 1, -25508, 3}, {2026, 2, 12, 20496, 3},    {1, 1, 1, -719162, 0},
        {0, 3, 1, -719468, 2},   {9999, 12, 31, 2932896, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int year, month, day;
        assert_int_equal(civil_day_from_date(cases[i].year, cases[i].month, cases[i].day),
                         cases[i].number);
        civil_date_from_day(&year, &month, &day, cases[i].number);
        assert_int_equal(year, cases[i].year);
        assert_int_equal(month, cases[i].month);
        assert_int_equal(day, cases[i].day);
        assert_int_equal(civil_weekday(cases[i].number), cases[i].weekday);
    }
}

/* Every day of 900 years, against counting on one's fingers. */
static void every_day(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t number = civil_day_from_date(1599, 12, 31);
    int weekday = civil_weekday(number);
    for (int year = 1600; year < 2500; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
            for (int day = 1; day <= length; day++) {
                int y, m, d;
                number++;
                weekday = (weekday + 1) % 7;
                civil_date_from_day(&y, &m, &d, number);
                if (y != year || m != month || d != day ||
                    civil_day_from_date(year, month, day) != number ||
                    civil_weekday(number) != weekday) {
                    fail_msg("%d-%d-%d is day %lld", year, month, day, (long long)number);
                }
            }
        }
    }
}

static void months(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int months;
        const char *to;
    } cases[] = {
        {"2026-01-31", 1, "2026-02-28"},  {"2024-01-31", 1, "2024-02-29"},
        {"2026-11-30", 3, "2027-02-28"},  {"2026-08-31", 1, "2026-09-30"},
        {"2026-03-31", -1, "2026-02-28"}, {"2024-02-29", 12, "2025-02-28"},
        {"2024-02-29", 48, "2028-02-29"}, {"2025-12-15", 1, "2026-01-15"},
        {"2026-01-15", -1, "2025-12-15"}, {"2026-12-31", 2, "2027-02-28"},
        {"2026-01-31", 0, "2026-01-31"},  {"1970-03-31", -13, "1969-02-28"},
        {"2026-02-28", 1, "2026-03-28"},  {"2026-05-31", -25, "2024-04-30"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char got[CIVIL_TIME_CHARS];
        civil_format_date(got, civil_add_months(day_of(cases[i].from), cases[i].months));
        assert_string_equal(got, cases[i].to);
    }
}

/* ---- instants ---- */

static void midnight_in_beijing(void **state)
{
    (void)state;
    int64_t midnight = INT64_C(1770825600000); /* 2026-02-11T16:00:00Z */
    assert_int_equal(at("2026-02-11T16:00:00Z"), midnight);
    assert_int_equal(at("2026-02-12T00:00:00+08:00"), midnight);
    assert_int_equal(civil_day_start(20496), midnight);
    assert_int_equal(civil_day(midnight), 20496);
    assert_int_equal(civil_day(midnight - 1), 20495);
    assert_int_equal(civil_day(midnight + DAY_MS - 1), 20496);
    assert_int_equal(civil_day(midnight + DAY_MS), 20497);
    char text[CIVIL_TIME_CHARS];
    civil_format_time(text, midnight - 1);
    assert_string_equal(text, "2026-02-11T23:59:59.999+08:00");
    civil_format_time(text, midnight);
    assert_string_equal(text, "2026-02-12T00:00:00.000+08:00");
}

static void before_1970(void **state)
{
    (void)state;
    char text[CIVIL_TIME_CHARS];
    assert_int_equal(civil_day(-1), 0); /* it is 07:59 in Beijing */
    assert_int_equal(civil_day(-INT64_C(28800000)), 0);
    assert_int_equal(civil_day(-INT64_C(28800001)), -1);
    civil_format_time(text, -INT64_C(28800001));
    assert_string_equal(text, "1969-12-31T23:59:59.999+08:00");
    assert_int_equal(at("1969-12-31T23:59:59.999+08:00"), -INT64_C(28800001));
}

/* Any integer a hostile document holds: no overflow (the sanitizer build watches), no long text. */
static void any_integer(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -DOC_INT_MAX,    DOC_INT_MAX,
                                    INT64_MAX, INT64_MAX - 1, 253402271999999, 253402272000000};
    char text[CIVIL_TIME_CHARS];
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        civil_format_time(text, times[i]);
        assert_int_equal(strlen(text), 29);
        int64_t start = civil_day_start(civil_day(times[i]));
        assert_true(start <= times[i]);
    }
    civil_format_time(text, 253402271999999);
    assert_string_equal(text, "9999-12-31T23:59:59.999+08:00");
    civil_format_time(text, INT64_MAX);
    assert_string_equal(text, "9999-12-31T23:59:59.999+08:00");
    civil_format_time(text, INT64_MIN);
    assert_string_equal(text, "0000-01-01T00:00:00.000+08:00");
    assert_int_equal(civil_day_start(INT64_MAX), INT64_MAX);
    assert_int_equal(civil_day_start(INT64_MIN), INT64_MIN);
}

static void times_as_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ms;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T08:00:00+08:00", 0},
        {"1969-12-31T16:00:00-08:00", 0},
        {"1970-01-01T05:45:00.000+05:45", 0},
        {"1970-01-01T00:00:00.1Z", 100},
        {"1970-01-01T00:00:00.12Z", 120},
        {"1970-01-01T00:00:00.123Z", 123},
        {"1970-01-01T00:00:00.123999999Z", 123}, /* cut, not rounded */
        {"2026-02-12T10:00:00.000+08:00", INT64_C(1770861600000)},
        {"2000-02-29T12:00:00Z", INT64_C(951825600000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(at(cases[i].text), cases[i].time_ms);
    }
}

static void bad_times(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-02-12",
        "2026-02-12T10:00:00", /* where? */
        "2026-02-12 10:00:00Z",
        "2026-02-12t10:00:00z",
        "2026-02-12T10:00Z",
        "2026-02-12T24:00:00Z",
        "2026-02-12T10:60:00Z",
        "2026-02-12T23:59:60Z", /* no leap seconds */
        "2026-02-12T10:00:00.Z",
        "2026-02-12T10:00:00.1234567890Z",
        "2026-02-12T10:00:00,5Z",
        "2026-02-12T10:00:00+0800",
        "2026-02-12T10:00:00+08",
        "2026-02-12T10:00:00+24:00",
        "2026-02-12T10:00:00+08:60",
        "2026-02-12T10:00:00Z ",
        " 2026-02-12T10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-02-12T1a:00:00Z",
        "2026-02-12T-1:00:00Z",
    };
    int64_t time_ms;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(civil_parse_time(&time_ms, bad[i]), ERR_DATE);
    }
    assert_int_equal(civil_parse_time(&time_ms, NULL), ERR_DATE);
}

static void bad_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "2026",       "2026-2-12",   "2026-02-1",  "2026-02-29", "2100-02-29",
        "2026-13-01", "2026-00-01", "2026-01-00",  "2026-01-32", "2026-04-31", "26-01-01",
        "2026/01/01", "20260101",   "2026-01-01 ", "+026-01-01", "2026-01-0x", "２026-01-01",
    };
    int64_t day;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(civil_parse_date(&day, bad[i]), ERR_DATE);
    }
    assert_int_equal(civil_parse_date(&day, NULL), ERR_DATE);
    assert_int_equal(day_of("2000-02-29"), 11016);
}

/* ---- the calendar ---- */

#define YEARS_MAX 8

/* Year documents as a ledger would hold them. */
struct years {
    struct doc *docs[YEARS_MAX];
    size_t count;
};

static const struct doc *year_doc(void *context, int year)
{
    const struct years *years = context;
    for (size_t i = 0; i < years->count; i++) {
        if (doc_get_int(years->docs[i], "year", 0) == year) {
            return years->docs[i];
        }
    }
    return NULL;
}

static void years_free(struct years *years)
{
    for (size_t i = 0; i < years->count; i++) {
        doc_free(&years->docs[i]);
    }
}

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(text), 100000), 0);
    return doc;
}

static void years_add(struct years *years, struct doc *doc)
{
    assert_true(years->count < YEARS_MAX);
    assert_int_equal(civil_calendar_check(NULL, doc), 0);
    years->docs[years->count++] = doc;
}

static struct doc *from_notice_file(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *notice = NULL;
    struct doc *doc = NULL;
    assert_int_equal(file_read(&text, path, 100000), 0);
    assert_int_equal(doc_parse(&notice, view_of_buf(&text), 100000), 0);
    assert_int_equal(civil_calendar_from_notice(&doc, NULL, notice), 0);
    return doc;
}

static struct years published_2025_and_2026(void)
{
    struct years years = {0};
    years_add(&years, from_notice_file(CALENDARS "/2025.json"));
    years_add(&years, from_notice_file(CALENDARS "/2026.json"));
    return years;
}

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

static void terms_into_a_year_not_published(void **state)
{
    (void)state;
    static const struct term_case cases[] = {
        {"2026-11-27T12:00:00+08:00", 1, "2026-12-01T00:00:00", false}, /* Mon 11.30 */
        /* a notice for 2027 could still move December days: 12.1 */
        {"2026-11-27T12:00:00+08:00", 2, "2026-12-02T00:00:00", true},
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

static void term_bounds(void **state)
{
    (void)state;
    AUTO(years_free) struct years years = published_2025_and_2026();
    struct civil_calendar calendar = {.year_doc = year_doc, .context = &years};
    int64_t end_ms = 0;
    bool provisional;
    int64_t from = at("2026-01-01T00:00:00+08:00");
    assert_int_equal(
        civil_term_end(&end_ms, &provisional, &calendar, from, CIVIL_WORKING_DAYS, -1),
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

#define DAY(date, off) "{\"date\":" date ",\"isOffDay\":" off "}"

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

static void clocks(void **state)
{
    (void)state;
    int64_t us = clock_monotonic_us();
    int64_t ms = clock_monotonic_ms();
    assert_true(ms >= us / 1000 && clock_monotonic_us() / 1000 >= ms);
    assert_true(clock_wall_ms() > at("2025-01-01T00:00:00Z"));
    assert_true(clock_wall_ms() < at("2200-01-01T00:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days),
        cmocka_unit_test(every_day),
        cmocka_unit_test(months),
        cmocka_unit_test(midnight_in_beijing),
        cmocka_unit_test(before_1970),
        cmocka_unit_test(any_integer),
        cmocka_unit_test(times_as_text),
        cmocka_unit_test(bad_times),
        cmocka_unit_test(bad_dates),
        cmocka_unit_test(notice_becomes_ledger_form),
        cmocka_unit_test(working_days_of_2026),
        cmocka_unit_test(terms),
        cmocka_unit_test(terms_of_earlier_years),
        cmocka_unit_test(terms_into_a_year_not_published),
        cmocka_unit_test(december_belongs_to_both_years),
        cmocka_unit_test(term_bounds),
        cmocka_unit_test(terms_of_the_calendar),
        cmocka_unit_test(term_without_end),
        cmocka_unit_test(bad_ledger_forms),
        cmocka_unit_test(bad_notices),
        cmocka_unit_test(notice_in_any_order),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
