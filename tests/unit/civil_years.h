/* What tests of civil time share: instants and days by their text, and the calendars of the years
 * as a ledger would hold them. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_CIVIL_YEARS_H
#define DIRCHAIN_TESTS_UNIT_CIVIL_YEARS_H

#include "check.h"

#include "base/civil.h"
#include "base/file.h"
#include "base/memory.h"

#define CALENDARS DIRCHAIN_SOURCE_DIR "/samples/calendar"

static inline int64_t at(const char *text)
{
    int64_t time_ms = 0;
    assert_int_equal(civil_parse_time(&time_ms, text), 0);
    return time_ms;
}

static inline int64_t day_of(const char *text)
{
    int64_t day = 0;
    assert_int_equal(civil_parse_date(&day, text), 0);
    return day;
}

#define YEARS_MAX 8

/* Year documents as a ledger would hold them. */
struct years {
    struct doc *docs[YEARS_MAX];
    size_t count;
};

static inline const struct doc *year_doc(void *context, int year)
{
    const struct years *years = context;
    for (size_t i = 0; i < years->count; i++) {
        if (doc_get_int(years->docs[i], "year", 0) == year) {
            return years->docs[i];
        }
    }
    return NULL;
}

static inline void years_free(struct years *years)
{
    for (size_t i = 0; i < years->count; i++) {
        doc_free(&years->docs[i]);
    }
}

static inline struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(text), 100000), 0);
    return doc;
}

static inline void years_add(struct years *years, struct doc *doc)
{
    assert_true(years->count < YEARS_MAX);
    assert_int_equal(civil_calendar_check(NULL, doc), 0);
    years->docs[years->count++] = doc;
}

static inline struct doc *from_notice_file(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *notice = NULL;
    struct doc *doc = NULL;
    assert_int_equal(file_read(&text, path, 100000), 0);
    assert_int_equal(doc_parse(&notice, view_of_buf(&text), 100000), 0);
    assert_int_equal(civil_calendar_from_notice(&doc, NULL, notice), 0);
    return doc;
}

static inline struct years published_2025_and_2026(void)
{
    struct years years = {0};
    years_add(&years, from_notice_file(CALENDARS "/2025.json"));
    years_add(&years, from_notice_file(CALENDARS "/2026.json"));
    return years;
}

#endif
