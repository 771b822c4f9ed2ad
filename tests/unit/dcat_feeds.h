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
    AUTO(buf_free) struct buf where = {0};
    struct doc *feed = NULL;
    struct dcat_place place;
    long line;
    buf_append_format(&where, "%s/samples/dcat/%s", DIRCHAIN_SOURCE_DIR, path);
    assert_int_equal(file_read(&text, buf_text(&where), DCAT_FEED_BYTES_MAX), 0);
    assert_int_equal(strstr(path, ".rdf") == NULL ? dcat_us_read(&feed, &place, view_of_buf(&text))
                                                  : dcat_ap_read(&feed, &line, view_of_buf(&text)),
                     0);
    return feed;
}

/* Written in one of the formats and read again, the body of catalog.submit is that of the record;
 * nothing of it comes from the defaults. */
__attribute__((unused)) static void check_round_trip(const struct doc *record, bool ap)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *datasets = doc_new_array();
    AUTO(doc_free) struct doc *feed = NULL;
    AUTO(doc_free) struct doc *defaults = read_json("dcat/defaults-us.json");
    struct dcat_place place;
    long line;
    doc_push(datasets, dcat_dataset(record));
    if (ap) {
        dcat_ap_write(&text, datasets);
        assert_int_equal(dcat_ap_read(&feed, &line, view_of_buf(&text)), 0);
    } else {
        AUTO(doc_free) struct doc *catalog = dcat_us_write(datasets);
        doc_append_pretty(&text, catalog);
        assert_int_equal(dcat_us_read(&feed, &place, view_of_buf(&text)), 0);
    }
    assert_int_equal(doc_count(feed), 1);
    AUTO(dcat_draft_free) struct dcat_draft draft;
    dcat_draft(&draft, doc_get(doc_at(feed, 0), "dataset"), defaults);
    assert_string_equal(doc_get_text(draft.body, "code"), doc_get_text(record, "code"));
    if (!doc_equal(doc_get(draft.body, "entry"), doc_get(record, "entry"))) {
        AUTO(buf_free) struct buf shown = {0};
        doc_append_pretty(&shown, doc_get(draft.body, "entry"));
        fail_msg("%s\nbecame\n%s", buf_text(&text), buf_text(&shown));
    }
    assert_int_equal(doc_count(draft.defaulted), 0);
}

#endif
