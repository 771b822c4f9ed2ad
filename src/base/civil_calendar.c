/* The working-day calendar: what the State Council published. Pure: the documents come from the
 * caller (ledger state), the answer depends on nothing else. Terms are counted on it in
 * civil_term.c.
 *
 * A notice is named after its year, but may move days of the December before: the notice for 2023
 * made 2022-12-31 a day off, the one for 2019 made 2018-12-29 a working day. So a December day is
 * looked up in both years, the later notice prevails, and while that one is not published an
 * unnamed December day is as uncertain as one of an unpublished year. */
#include "base/civil.h"

#include "base/errors.h"
#include "base/faults.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

enum day_rule { DAY_UNNAMED, DAY_OFF, DAY_WORK, DAY_UNPUBLISHED };

/* The dates stand in ascending order: civil_calendar_check. */
static bool has_date(const struct doc *list, const char *date)
{
    size_t from = 0, to = doc_count(list);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(doc_text(doc_at(list, middle)), date);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return false;
}

static enum day_rule rule_of(const struct civil_calendar *calendar, int year, const char *date)
{
    const struct doc *doc = calendar->year_doc(calendar->context, year);
    if (doc == NULL) {
        return DAY_UNPUBLISHED;
    }
    if (has_date(doc_get(doc, "off"), date)) {
        return DAY_OFF;
    }
    return has_date(doc_get(doc, "work"), date) ? DAY_WORK : DAY_UNNAMED;
}

int civil_is_working_day(bool *working, const struct civil_calendar *calendar, int64_t day)
{
    int year, month, day_of_month;
    char date[CIVIL_TIME_CHARS];
    civil_date_from_day(&year, &month, &day_of_month, day);
    civil_format_date(date, day);
    enum day_rule own = rule_of(calendar, year, date);
    bool in_both = month == 12 && day_of_month >= CIVIL_NEXT_NOTICE_FROM;
    enum day_rule next = in_both ? rule_of(calendar, year + 1, date) : DAY_UNNAMED;
    enum day_rule named = next == DAY_OFF || next == DAY_WORK ? next : own;
    if (named == DAY_OFF || named == DAY_WORK) {
        *working = named == DAY_WORK;
        return 0;
    }
    *working = civil_weekday(day) < 5;
    return own == DAY_UNPUBLISHED || next == DAY_UNPUBLISHED ? ERR_CALENDAR_YEAR : 0;
}

/* Whether the notice of `year` may name this day. */
static bool day_belongs(int64_t day, int year)
{
    return day >= civil_day_from_date(year - 1, 12, CIVIL_NEXT_NOTICE_FROM) &&
           day <= civil_day_from_date(year, 12, 31);
}

static int check_year(struct faults *faults, const struct doc *year_doc, int *year)
{
    const struct doc *value = doc_get(year_doc, "year");
    if (value == NULL) {
        return faults_add(faults, ERR_FIELD_MISSING, NULL, "year");
    }
    if (doc_kind(value) != DOC_INT) {
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "year");
    }
    int64_t number = doc_int(value, 0);
    if (number < CALENDAR_YEAR_MIN || number > CALENDAR_YEAR_MAX) {
        return faults_add(faults, ERR_FIELD_RANGE, NULL, "year");
    }
    *year = (int)number;
    return 0;
}

/* An array of at most CALENDAR_DAYS_MAX elements. */
static int check_list(struct faults *faults, const struct doc *object, const char *name)
{
    const struct doc *list = doc_get(object, name);
    if (list == NULL) {
        return faults_add(faults, ERR_FIELD_MISSING, NULL, "%s", name);
    }
    if (doc_kind(list) != DOC_ARRAY) {
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "%s", name);
    }
    if (doc_count(list) > CALENDAR_DAYS_MAX) {
        return faults_add(faults, ERR_FIELD_COUNT, NULL, "%s", name);
    }
    return 0;
}

/* 0, or what is wrong with the text as a day of that year's calendar. */
static int check_date(int64_t *day, const struct doc *value, int year)
{
    if (doc_kind(value) != DOC_TEXT) {
        return ERR_FIELD_TYPE;
    }
    if (civil_parse_date(day, doc_text(value)) != 0) {
        return ERR_DATE;
    }
    return day_belongs(*day, year) ? 0 : ERR_FIELD_RANGE;
}

/* Dates of the list in strictly ascending order, each of the year. */
static int check_dates(struct faults *faults, const struct doc *year_doc, const char *name,
                       int year)
{
    int first = 0;
    int64_t before = INT64_MIN;
    const struct doc *list = doc_get(year_doc, name);
    for (size_t i = 0; i < doc_count(list); i++) {
        int64_t day;
        int error = check_date(&day, doc_at(list, i), year);
        if (error == 0 && day <= before) {
            error = ERR_FIELD_FORMAT;
        }
        if (error != 0) {
            faults_add(faults, error, NULL, "%s[%zu]", name, i);
            first = first == 0 ? error : first;
            continue;
        }
        before = day;
    }
    return first;
}

static int check_members(struct faults *faults, const struct doc *year_doc)
{
    int first = 0;
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (doc_next(year_doc, &cursor, &key, &value)) {
        if (strcmp(key, "year") != 0 && strcmp(key, "off") != 0 && strcmp(key, "work") != 0) {
            faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s", key);
            first = ERR_FIELD_UNKNOWN;
        }
    }
    return first;
}

/* No day is both off and working. Both lists are known to hold texts. */
static int check_disjoint(struct faults *faults, const struct doc *year_doc)
{
    int first = 0;
    const struct doc *off = doc_get(year_doc, "off");
    const struct doc *work = doc_get(year_doc, "work");
    for (size_t i = 0; i < doc_count(work); i++) {
        if (doc_has_text(off, doc_text(doc_at(work, i)))) {
            first = faults_add(faults, ERR_DUPLICATE, NULL, "work[%zu]", i);
        }
    }
    return first;
}

int civil_calendar_check(struct faults *faults, const struct doc *year_doc)
{
    int year = 0;
    if (doc_kind(year_doc) != DOC_OBJECT) {
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "%s", "");
    }
    int errors[4] = {
        check_members(faults, year_doc),
        check_year(faults, year_doc, &year),
        check_list(faults, year_doc, "off"),
        check_list(faults, year_doc, "work"),
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i] != 0) {
            return errors[i];
        }
    }
    int off = check_dates(faults, year_doc, "off", year);
    int work = check_dates(faults, year_doc, "work", year);
    if (off != 0 || work != 0) {
        return off != 0 ? off : work;
    }
    return check_disjoint(faults, year_doc);
}

struct named_day {
    int64_t day;
    bool off;
};

static int compare_days(const void *a, const void *b)
{
    int64_t x = ((const struct named_day *)a)->day;
    int64_t y = ((const struct named_day *)b)->day;
    return (x > y) - (x < y);
}

/* Reads days[index] of a notice. */
static int read_notice_day(struct named_day *out, struct faults *faults, const struct doc *entry,
                           int year, size_t index)
{
    const struct doc *date = doc_get(entry, "date");
    const struct doc *off = doc_get(entry, "isOffDay");
    if (date == NULL || off == NULL) {
        return faults_add(faults, ERR_FIELD_MISSING, NULL, "days[%zu].%s", index,
                          date == NULL ? "date" : "isOffDay");
    }
    if (doc_kind(off) != DOC_BOOL) {
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "days[%zu].isOffDay", index);
    }
    int error = check_date(&out->day, date, year);
    if (error != 0) {
        return faults_add(faults, error, NULL, "days[%zu].date", index);
    }
    out->off = doc_get_bool(entry, "isOffDay", false);
    return 0;
}

/* Reads and sorts the days of a notice; `days` holds CALENDAR_DAYS_MAX. */
static int read_notice_days(struct named_day *days, struct faults *faults, const struct doc *list,
                            int year)
{
    int first = 0;
    size_t count = doc_count(list);
    for (size_t i = 0; i < count; i++) {
        int error = read_notice_day(&days[i], faults, doc_at(list, i), year, i);
        first = first == 0 ? error : first;
    }
    if (first != 0) {
        return first;
    }
    qsort(days, count, sizeof *days, compare_days);
    for (size_t i = 1; i < count; i++) {
        if (days[i].day == days[i - 1].day) {
            char date[CIVIL_TIME_CHARS];
            civil_format_date(date, days[i].day);
            return faults_add(faults, ERR_DUPLICATE, NULL, "days: %s", date);
        }
    }
    return 0;
}

int civil_calendar_from_notice(struct doc **out, struct faults *faults, const struct doc *notice)
{
    int year = 0;
    struct named_day days[CALENDAR_DAYS_MAX];
    *out = NULL;
    int error = check_year(faults, notice, &year);
    if (error == 0) {
        error = check_list(faults, notice, "days");
    }
    if (error == 0) {
        error = read_notice_days(days, faults, doc_get(notice, "days"), year);
    }
    if (error != 0) {
        return error;
    }
    struct doc *off = doc_new_array();
    struct doc *work = doc_new_array();
    for (size_t i = 0; i < doc_count(doc_get(notice, "days")); i++) {
        char date[CIVIL_TIME_CHARS];
        civil_format_date(date, days[i].day);
        doc_push_text(days[i].off ? off : work, date);
    }
    *out = doc_new_object();
    doc_set_int(*out, "year", year);
    doc_set(*out, "off", off);
    doc_set(*out, "work", work);
    return 0;
}
