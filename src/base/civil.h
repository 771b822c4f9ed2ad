/* Civil time in Beijing (UTC+8, no daylight saving), whatever the machine's zone, and the
 * working-day calendar with 调休 make-up days. Instants are milliseconds since 1970 UTC. */
#ifndef DIRCHAIN_BASE_CIVIL_H
#define DIRCHAIN_BASE_CIVIL_H

#include "base/doc.h"

#include <stdbool.h>
#include <stdint.h>

#define DAY_MS INT64_C(86400000)
#define CIVIL_TIME_CHARS 32 /* "2026-02-12T10:00:00.000+08:00" and NUL fit */

/* Days since 1970-01-01 of the Beijing day that holds the instant. */
int64_t civil_day(int64_t time_ms);
/* First instant of a Beijing day; the exclusive end of the day before. */
int64_t civil_day_start(int64_t day);
int64_t civil_day_from_date(int year, int month, int day); /* proleptic Gregorian, no check */
void civil_date_from_day(int *year, int *month, int *day_of_month, int64_t day);
int civil_weekday(int64_t day); /* 0 = Monday … 6 = Sunday */
/* day + n calendar months; the day of month is capped at the month's length. */
int64_t civil_add_months(int64_t day, int months);
/* "2026-02-12" ↔ day. ERR_DATE. */
int civil_parse_date(int64_t *day, const char *text);
void civil_format_date(char out[CIVIL_TIME_CHARS], int64_t day); /* nearest of years 0…9999 */
/* RFC 3339 with an offset or Z in capitals; a fraction of up to 9 digits is cut to ms. ERR_DATE. */
int civil_parse_time(int64_t *time_ms, const char *text);
void civil_format_time(char out[CIVIL_TIME_CHARS], int64_t time_ms); /* …+08:00 */

/* Tells whether a day is a working day by the published calendar: year document
 * {"year":2026,"off":["2026-01-01",…],"work":["2026-01-04",…]} (canonical ledger form). Days not
 * named are working days iff Monday to Friday. `year_doc` gives the document of a year or NULL. */
struct civil_calendar {
    const struct doc *(*year_doc)(void *context, int year);
    void *context;
};
/* A day at the end of December is looked up in its own year and in the next, whose notice may move
 * it and then prevails: those for 2019 and 2023 did, from 29 December on, and a holiday that begins
 * with the New Year has its working weekend no earlier than CIVIL_NEXT_NOTICE_FROM.
 * ERR_CALENDAR_YEAR when no notice names the day and one of these years is not published (then
 * *working is the weekday rule). */
#define CIVIL_NEXT_NOTICE_FROM 20 /* of December */
int civil_is_working_day(bool *working, const struct civil_calendar *calendar, int64_t day);
/* What a term is counted in; its texts are the members of a profile's section and of a running
 * term: "days" (working days), "calendar_days", "months", "years". */
enum civil_unit { CIVIL_WORKING_DAYS, CIVIL_CALENDAR_DAYS, CIVIL_MONTHS, CIVIL_YEARS };
#define CIVIL_UNITS 4
const char *civil_unit_text(enum civil_unit unit);
int civil_unit_max(enum civil_unit unit); /* the longest term of that unit (base/limits.h) */
/* End of a term of n units counted from the day after `from_ms` (the day of receipt does not
 * count): 24:00 of the last day, as the exclusive instant (civil_term.c).
 *   working days       n = 0 ends on the first working day on or after the day of receipt itself
 *   30 日, 3 个月, 1 年  the calendar alone, holidays or not: n ≥ 1; a month that lacks the day of
 *                      receipt ends the term on its last day
 * *provisional: civil_is_working_day gave ERR_CALENDAR_YEAR for a day on the way; never for terms
 * of the calendar alone. ERR_FIELD_RANGE for n below these or above civil_unit_max. */
int civil_term_end(int64_t *end_ms, bool *provisional, const struct civil_calendar *calendar,
                   int64_t from_ms, enum civil_unit unit, int n);
/* Turns a State Council file as published by holiday-cn ({"year","days":[{"date","isOffDay"}]})
 * into the ledger form. ERR_FIELD_*, ERR_DATE, ERR_DUPLICATE. Caller owns *out; NULL on error. */
struct faults;
int civil_calendar_from_notice(struct doc **out, struct faults *faults, const struct doc *notice);
/* Validates the ledger form: just these members, dates ascending, of the year or of the end of the
 * December before, none both off and work. ERR_FIELD_*, ERR_DATE, ERR_DUPLICATE. */
int civil_calendar_check(struct faults *faults, const struct doc *year_doc);

/* Monotonic and wall clocks: only for layers that may know time (node, api, exchange, CLI). */
int64_t clock_wall_ms(void);
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

#endif
