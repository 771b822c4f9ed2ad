/* Civil time in Beijing. Pure arithmetic on the proleptic Gregorian calendar: no time zone
 * database, no locale, no clock, so every node gets the same answer for ever.
 *
 * Dates are computed on years that begin in March: the leap day is then the last of its year, and
 * 400 such years always have 146,097 days. */
#include "base/civil.h"

#include "base/errors.h"

#include <stdio.h>
#include <string.h>

#define BEIJING_OFFSET_MS (INT64_C(8) * 3600 * 1000)
#define DAYS_OF_400_YEARS 146097
#define DAYS_MARCH_0000_TO_1970 719468
/* The days whose start is an instant that int64 can hold. */
#define DAY_MAX (INT64_MAX / DAY_MS)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t civil_day(int64_t time_ms)
{
    int64_t day = floor_div(time_ms, DAY_MS);
    int64_t within_ms = time_ms % DAY_MS;
    within_ms += within_ms < 0 ? DAY_MS : 0; /* the offset is added to this, where it fits */
    return within_ms + BEIJING_OFFSET_MS >= DAY_MS ? day + 1 : day;
}

int64_t civil_day_start(int64_t day)
{
    if (day > DAY_MAX || day < -DAY_MAX + 1) {
        return day > 0 ? INT64_MAX : INT64_MIN;
    }
    return day * DAY_MS - BEIJING_OFFSET_MS;
}

int64_t civil_day_from_date(int year, int month, int day)
{
    int64_t march_year = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = floor_div(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t march_month = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_OF_400_YEARS + day_of_era - DAYS_MARCH_0000_TO_1970;
}

void civil_date_from_day(int *year, int *month, int *day_of_month, int64_t day)
{
    int64_t shifted = day + DAYS_MARCH_0000_TO_1970;
    int64_t era = floor_div(shifted, DAYS_OF_400_YEARS);
    int64_t day_of_era = shifted - era * DAYS_OF_400_YEARS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day_of_month = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

int civil_weekday(int64_t day)
{
    int64_t from_thursday = day - floor_div(day, 7) * 7; /* 1970-01-01 was a Thursday */
    return (int)((from_thursday + 3) % 7);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

int64_t civil_add_months(int64_t day, int months)
{
    int year, month, day_of_month;
    civil_date_from_day(&year, &month, &day_of_month, day);
    int64_t total = (int64_t)year * 12 + (month - 1) + months;
    year = (int)floor_div(total, 12);
    month = (int)(total - (int64_t)year * 12) + 1;
    int last = days_in_month(year, month);
    return civil_day_from_date(year, month, day_of_month < last ? day_of_month : last);
}

/* Reads exactly `digits` decimal digits. */
static bool take_number(const char **text, int digits, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        *value = *value * 10 + (c - '0');
    }
    *text += digits;
    return true;
}

static bool take_character(const char **text, char c)
{
    if (**text != c) {
        return false;
    }
    (*text)++;
    return true;
}

static bool take_date(const char **text, int64_t *day)
{
    int year, month, day_of_month;
    if (!take_number(text, 4, &year) || !take_character(text, '-') ||
        !take_number(text, 2, &month) || !take_character(text, '-') ||
        !take_number(text, 2, &day_of_month)) {
        return false;
    }
    if (month < 1 || month > 12 || day_of_month < 1 || day_of_month > days_in_month(year, month)) {
        return false;
    }
    *day = civil_day_from_date(year, month, day_of_month);
    return true;
}

/* "10:00:00" with an optional fraction of 1 to 9 digits, cut to ms. No leap seconds. */
static bool take_time_of_day(const char **text, int64_t *ms)
{
    int hour, minute, second, digit;
    if (!take_number(text, 2, &hour) || !take_character(text, ':') ||
        !take_number(text, 2, &minute) || !take_character(text, ':') ||
        !take_number(text, 2, &second) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
    if (take_character(text, '.')) {
        int digits = 0;
        int unit_ms = 100;
        while (digits < 9 && take_number(text, 1, &digit)) {
            *ms += (int64_t)digit * unit_ms;
            unit_ms /= 10;
            digits++;
        }
        return digits > 0;
    }
    return true;
}

static bool take_offset(const char **text, int64_t *offset_ms)
{
    int hour, minute;
    *offset_ms = 0;
    if (take_character(text, 'Z')) {
        return true;
    }
    bool west = **text == '-';
    if (!take_character(text, west ? '-' : '+') || !take_number(text, 2, &hour) ||
        !take_character(text, ':') || !take_number(text, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *offset_ms = ((int64_t)hour * 60 + minute) * 60 * 1000 * (west ? -1 : 1);
    return true;
}

int civil_parse_date(int64_t *day, const char *text)
{
    return text != NULL && take_date(&text, day) && *text == '\0' ? 0 : ERR_DATE;
}

int civil_parse_time(int64_t *time_ms, const char *text)
{
    int64_t day, within_ms, offset_ms;
    if (text == NULL || !take_date(&text, &day) || !take_character(&text, 'T') ||
        !take_time_of_day(&text, &within_ms) || !take_offset(&text, &offset_ms) || *text != '\0') {
        return ERR_DATE;
    }
    *time_ms = day * DAY_MS + within_ms - offset_ms;
    return 0;
}

/* Dates are written with four digits of year; what lies outside is written as the nearest. */
static int64_t clamp_day(int64_t day)
{
    int64_t first = civil_day_from_date(0, 1, 1);
    int64_t last = civil_day_from_date(9999, 12, 31);
    return day < first ? first : day > last ? last : day;
}

void civil_format_date(char out[CIVIL_TIME_CHARS], int64_t day)
{
    int year, month, day_of_month;
    civil_date_from_day(&year, &month, &day_of_month, clamp_day(day));
    snprintf(out, CIVIL_TIME_CHARS, "%04d-%02d-%02d", year, month, day_of_month);
}

void civil_format_time(char out[CIVIL_TIME_CHARS], int64_t time_ms)
{
    int64_t day = clamp_day(civil_day(time_ms));
    int64_t within_ms = time_ms < 0 ? 0 : DAY_MS - 1;
    if (day == civil_day(time_ms)) {
        within_ms = time_ms - civil_day_start(day);
    }
    int seconds = (int)(within_ms / 1000);
    civil_format_date(out, day);
    size_t len = strlen(out);
    snprintf(out + len, CIVIL_TIME_CHARS - len, "T%02d:%02d:%02d.%03d+08:00", seconds / 3600,
             seconds / 60 % 60, seconds % 60, (int)(within_ms % 1000));
}
