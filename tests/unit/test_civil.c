/* Civil time: dates, instants and their texts, in Beijing whatever the machine's zone. */
#include "civil_years.h"

#include "base/errors.h"
#include "base/limits.h"

#include <string.h>

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
        cmocka_unit_test(bad_dates),
        cmocka_unit_test(midnight_in_beijing),
        cmocka_unit_test(before_1970),
        cmocka_unit_test(any_integer),
        cmocka_unit_test(times_as_text),
        cmocka_unit_test(bad_times),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
