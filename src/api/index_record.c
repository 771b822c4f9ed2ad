/* Records: what lists filter by, and the terms of the full text. */
#include "api/index_record.h"

#include "api/index_early.h"
#include "api/matter_kinds.h"
#include "api/read_schema.h"
#include "api/search.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct record {
    struct read_model *model;
    const struct store_view *view;
    const char *key;
    const char *id; /* the key behind its prefix */
    const struct doc *doc;
    int64_t time_ms; /* of the block that left it so */
};

static const char *text_or(const struct doc *object, const char *name, const char *otherwise)
{
    const char *text = doc_get_text(object, name);
    return text ? text : otherwise;
}

/* ---- full text ---- */

static void append_field(struct buf *out, const struct doc *object, const char *name)
{
    const char *text = doc_get_text(object, name);
    if (text)
        search_append_terms(out, text);
}

static int put_text(const struct record *record, const char *kind, const char *title,
                    struct buf *terms)
{
    AUTO(buf_free) struct buf title_terms = {0};
    search_append_terms(&title_terms, title);
    const char *a = buf_text(&title_terms), *b = buf_text(terms), *ref = record->id;
    int error = read_model_write(record->model, read_cut_terms, "tttt", kind, ref, a, b);
    if (!error)
        error = read_model_write(record->model, read_put_text, "ttttt", kind, ref, title, a, b);
    if (!error)
        error = read_model_write(record->model, read_put_terms, "tt", kind, ref);
    if (!error)
        error = read_model_write(record->model, read_end_terms, "tt", kind, ref);
    return error;
}

/* ---- kinds of records ---- */

static int put_member(const struct record *record)
{
    AUTO(buf_free) struct buf terms = {0};
    search_append_terms(&terms, record->id);
    return put_text(record, "member", text_or(record->doc, "name", record->id), &terms);
}

static int put_duty(const struct record *record)
{
    static const char *const fields[] = {"code", "category", "responsibility", "implementer"};
    const struct doc *duty = record->doc, *information = doc_get(duty, "information");
    AUTO(buf_free) struct buf terms = {0};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        append_field(&terms, duty, fields[i]);
    for (size_t i = 0; i < doc_count(information); i++)
        search_append_terms(&terms, doc_text(doc_at(information, i)));
    int error = read_model_write(record->model, read_put_duty, "tttt", record->id,
                                 text_or(duty, "member", ""), text_or(duty, "status", ""),
                                 text_or(duty, "category", ""));
    return error ? error : put_text(record, "duty", text_or(duty, "name", record->id), &terms);
}

static int put_entry(const struct record *record)
{
    static const char *const fields[] = {"category", "summary", "manager",    "coverage",
                                         "region",   "theme",   "information"};
    const struct doc *entry = doc_get(record->doc, "entry"), *items = doc_get(entry, "items");
    const struct doc *keywords = doc_get(entry, "keywords");
    const char *duty = doc_get_text(entry, "duty");
    char provider[MEMBER_ID_CHARS + 1], duty_key[STATE_KEY_BYTES_MAX];
    AUTO(buf_free) struct buf terms = {0};
    snprintf(provider, sizeof provider, "%s", record->id);
    snprintf(duty_key, sizeof duty_key, "%s/%s", provider, duty ? duty : "");
    search_append_terms(&terms, record->id);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        append_field(&terms, entry, fields[i]);
    append_field(&terms, doc_get(entry, "source"), "system");
    for (size_t i = 0; i < doc_count(keywords); i++)
        search_append_terms(&terms, doc_text(doc_at(keywords, i)));
    for (size_t i = 0; i < doc_count(items); i++) {
        append_field(&terms, doc_at(items, i), "name");
        append_field(&terms, doc_at(items, i), "field");
    }
    int error = read_model_write(record->model, read_put_entry, "tttttttt", record->id, provider,
                                 text_or(record->doc, "status", ""), text_or(entry, "sharing", ""),
                                 text_or(entry, "opening", ""), duty ? duty_key : NULL,
                                 text_or(entry, "format", ""), doc_get_text(entry, "theme"));
    return error ? error : put_text(record, "entry", text_or(entry, "name", record->id), &terms);
}

/* The place in the log of the request that a record is named after. */
static int find_seq(int64_t *seq, const struct record *record)
{
    int error = index_early_find_place(seq, record->view, record->id);
    if (error == ERR_NOT_FOUND)
        error = read_model_find(seq, record->model, read_find_early, record->id);
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

static void entry_of(char out[STATE_KEY_BYTES_MAX], const struct doc *record)
{
    snprintf(out, STATE_KEY_BYTES_MAX, "%s/%s", text_or(record, "provider", ""),
             text_or(record, "entry", ""));
}

static int put_request(const struct record *record)
{
    const struct doc *request = record->doc, *asked = doc_get(request, "request");
    char entry[STATE_KEY_BYTES_MAX];
    int64_t seq;
    int error = find_seq(&seq, record);
    if (error)
        return error;
    entry_of(entry, request);
    AUTO(buf_free) struct buf terms = {0};
    append_field(&terms, request, "entry");
    append_field(&terms, asked, "system");
    append_field(&terms, asked, "goal");
    const char *number = text_or(request, "number", "");
    search_append_terms(&terms, number);
    error =
        read_model_write(record->model, read_put_request, "ittttttt", seq, record->id,
                         text_or(request, "provider", ""), text_or(request, "consumer", ""), entry,
                         text_or(request, "status", ""), text_or(request, "route", ""), number);
    if (!error) /* its block may not be here to say when that was */
        error = read_model_write(record->model, read_put_moment, "ii",
                                 doc_get_int(request, "submitted_ms", 0), seq);
    return error ? error
                 : put_text(record, "request", text_or(asked, "purpose", record->id), &terms);
}

static int put_grant(const struct record *record)
{
    const struct doc *grant = record->doc;
    char entry[STATE_KEY_BYTES_MAX];
    int64_t seq;
    int error = find_seq(&seq, record);
    entry_of(entry, grant);
    return error
               ? error
               : read_model_write(record->model, read_put_grant, "ittttttii", seq, record->id,
                                  text_or(grant, "provider", ""), text_or(grant, "consumer", ""),
                                  entry, text_or(grant, "status", ""), text_or(grant, "mode", ""),
                                  doc_get_int(grant, "since_ms", 0), record->time_ms);
}

/* What was said of it before goes first: its beginning may be another by now, or its parties. */
static int put_matter(const struct record *record, const struct matter_kind *kind)
{
    const char *parties[MATTER_PARTIES_MAX + 1] = {""};
    const struct doc *matter = record->doc;
    size_t count = 1 + matter_parties(parties + 1, matter);
    char id[STATE_KEY_BYTES_MAX + 20];
    int64_t since_ms = matter_since_ms(matter);
    int error = read_model_write(record->model, read_cut_matter, "t", record->key);
    snprintf(id, sizeof id, "%016" PRIx64 "/%s", (uint64_t)since_ms, record->key);
    for (size_t i = 0; !error && i < count; i++)
        error = read_model_write(record->model, read_put_matter, "ttttttttii", parties[i], id,
                                 record->key, kind->name, matter_about(matter),
                                 doc_get_text(matter, "provider"), doc_get_text(matter, "consumer"),
                                 matter_status(matter), since_ms,
                                 (int64_t)matter_is_open(kind, matter));
    return error;
}

/* The record that the value is, put as what its key says it is. */
static int put_record(struct record *record, struct view value, const struct matter_kind *matter,
                      int (*put)(const struct record *record))
{
    AUTO(doc_free) struct doc *document = NULL;
    if (doc_parse(&document, value, STATE_VALUE_BYTES_MAX) != 0)
        return ERR_CORRUPT;
    record->doc = document;
    return matter ? put_matter(record, matter) : put(record);
}

int index_record(struct read_model *model, const struct store_view *view, const char *key,
                 struct view value, int64_t time_ms)
{
    static const struct {
        const char *prefix;
        int (*put)(const struct record *record);
    } kinds[] = {{"duty/", put_duty},
                 {"entry/", put_entry},
                 {"grant/", put_grant},
                 {"member/", put_member},
                 {"request/", put_request}};
    const struct matter_kind *matter = matter_kind_of(key);
    struct record record = {.model = model, .view = view, .key = key, .time_ms = time_ms};
    if (matter)
        return put_record(&record, value, matter, NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i].prefix);
        record.id = key + len;
        if (strncmp(key, kinds[i].prefix, len) == 0)
            return put_record(&record, value, NULL, kinds[i].put);
    }
    return 0;
}
