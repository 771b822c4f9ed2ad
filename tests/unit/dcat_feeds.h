/* What tests of DCAT share: samples read from files. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_DCAT_FEEDS_H
#define DIRCHAIN_TESTS_UNIT_DCAT_FEEDS_H

#include "check.h"

#include "base/file.h"
#include "base/memory.h"
#include "exchange/dcat.h"

#include <string.h>

static inline struct doc *read_json(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf place = {0};
    struct doc *doc = NULL;
    buf_append_format(&place, "%s/samples/%s", DIRCHAIN_SOURCE_DIR, path);
    assert_int_equal(file_read(&text, buf_text(&place), DCAT_FEED_BYTES_MAX), 0);
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), DCAT_FEED_BYTES_MAX), 0);
    return doc;
}

static inline struct doc *read_feed(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf place = {0};
    struct doc *feed = NULL;
    long line;
    buf_append_format(&place, "%s/samples/dcat/%s", DIRCHAIN_SOURCE_DIR, path);
    assert_int_equal(file_read(&text, buf_text(&place), DCAT_FEED_BYTES_MAX), 0);
    assert_int_equal(strstr(path, ".rdf") == NULL ? dcat_us_read(&feed, view_of_buf(&text))
                                                  : dcat_ap_read(&feed, &line, view_of_buf(&text)),
                     0);
    return feed;
}

#endif
