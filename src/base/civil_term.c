/* Where a term ends (D14), by the unit that its clause names. Pure, like the calendar beneath it.
 *
 *   5个工作日   working days of the calendar, make-up days among them
 *   30日        days as they come
 *   3个月, 1年  to the day of the same number; where that month has none, to its last day
 *
 * The day of receipt never counts, and a term lasts until 24:00 of its last day in Beijing. A term
 * of the calendar alone is not put off by a holiday: none of the documents says so of its terms. */
#include "base/civil.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"

static const struct unit {
    const char *text;
    int min, max;
} units[CIVIL_UNITS] = {
    [CIVIL_WORKING_DAYS] = {"days", 0, TERM_WORKING_DAYS_MAX},
    [CIVIL_CALENDAR_DAYS] = {"calendar_days", 1, TERM_DAYS_MAX},
    [CIVIL_MONTHS] = {"months", 1, TERM_MONTHS_MAX},
    [CIVIL_YEARS] = {"years", 1, TERM_YEARS_MAX},
};

const char *civil_unit_text(enum civil_unit unit)
{
    ENSURE(unit < CIVIL_UNITS);
    return units[unit].text;
}

int civil_unit_max(enum civil_unit unit)
{
    ENSURE(unit < CIVIL_UNITS);
    return units[unit].max;
}

/* The last of so many working days after the day of receipt. */
static int last_working_day(int64_t *last, bool *provisional, const struct civil_calendar *calendar,
                            int64_t from_day, int days)
{
    /* A term of no days ends on the first working day that is not over yet. */
    int64_t day = from_day - (days == 0 ? 1 : 0);
    int left = days == 0 ? 1 : days;
    for (int walked = 0; left > 0; walked++) {
        bool working;
        if (walked == TERM_CALENDAR_DAYS_MAX) {
            return ERR_FIELD_RANGE; /* only a calendar that civil_calendar_check refuses */
        }
        day++;
        if (civil_is_working_day(&working, calendar, day) != 0) {
            *provisional = true;
        }
        left -= working ? 1 : 0;
    }
    *last = day;
    return 0;
}

int civil_term_end(int64_t *end_ms, bool *provisional, const struct civil_calendar *calendar,
                   int64_t from_ms, enum civil_unit unit, int n)
{
    int64_t from_day = civil_day(from_ms), last = from_day;
    int error = 0;
    *provisional = false;
    ENSURE(unit < CIVIL_UNITS);
    if (n < units[unit].min || n > units[unit].max) {
        return ERR_FIELD_RANGE;
    }
    switch (unit) {
    case CIVIL_WORKING_DAYS:
        error = last_working_day(&last, provisional, calendar, from_day, n);
        break;
    case CIVIL_CALENDAR_DAYS:
        last = from_day + n;
        break;
    case CIVIL_MONTHS:
        last = civil_add_months(from_day, n);
        break;
    case CIVIL_YEARS:
        last = civil_add_months(from_day, n * 12);
        break;
    }
    if (error == 0) {
        *end_ms = civil_day_start(last + 1);
    }
    return error;
}
