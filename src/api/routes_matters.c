/* GET /v1/matters: what is neither a request nor a grant and has a status: disputes, needs,
 * fusions, collections, open lists, designations, offices, delegations and what supervision has to
 * do with, the oldest first. GET /v1/matters/kinds: the kinds, with their statuses. */
#include "api/list_query.h"
#include "api/list_words.h"
#include "api/lists.h"
#include "api/matter_kinds.h"
#include "api/term_recount.h"

#include <stdio.h>
#include <string.h>

/* ---- items ---- */

/* The text at a dotted path of one or two names. */
static const char *text_at(const struct doc *record, const char *path)
{
    char name[32];
    const char *dot = strchr(path, '.');
    if (dot == NULL)
        return doc_get_text(record, path);
    (void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
    return doc_get_text(doc_get(record, name), dot + 1);
}

/* What it is called by: a text of its own, or the name of the entry that it is about. */
static void put_title(struct doc *item, const struct store_view *view,
                      const struct matter_kind *kind, const struct doc *record)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    AUTO(doc_free) struct doc *entry = NULL;
    const char *title = kind->title != NULL ? text_at(record, kind->title) : NULL;
    const char *provider = doc_get_text(record, "provider"), *code = doc_get_text(record, "code");
    if (kind->title == NULL && provider != NULL && code != NULL) {
        (void)snprintf(key, sizeof key, "entry/%s/%s", provider, code);
        title = store_read_state(&entry, view, key) == 0
                    ? doc_get_text(doc_get(entry, "entry"), "name")
                    : NULL;
    }
    if (title != NULL)
        doc_set_text(item, "title", title);
}

/* The next end that the record waits for, and whether a calendar yet to come may move it, or it is
 * to be counted anew. */
static void put_due(struct doc *item, const struct doc *record, const struct store_view *view,
                    int64_t counted_ms)
{
    const struct doc *terms = doc_get(record, "terms"), *term;
    const char *name;
    size_t cursor = 0;
    const struct doc *first = NULL;
    const char *named = NULL;
    while (doc_kind(terms) == DOC_OBJECT && doc_next(terms, &cursor, &name, &term)) {
        if (doc_get(term, "rests") != NULL)
            continue;
        if (first == NULL || doc_get_int(term, "due_ms", 0) < doc_get_int(first, "due_ms", 0))
            first = term, named = name;
    }
    if (first == NULL)
        return;
    const struct term_kind *kind = term_kind_find(named);
    int64_t from_ms = doc_get_int(first, "from_ms", 0);
    doc_set_int(item, "due_ms", doc_get_int(first, "due_ms", 0));
    if (!doc_get_bool(first, "over", false) &&
        term_is_recounted(view, kind, record,
                          kind->owed_by != NULL ? doc_get_text(record, kind->owed_by) : NULL,
                          from_ms > counted_ms ? from_ms : counted_ms))
        doc_set_bool(item, "recounted", true);
    if (doc_get_bool(first, "provisional", false))
        doc_set_bool(item, "provisional", true);
}

static struct doc *matter_item(struct read_rows *rows, const struct store_view *view)
{
    static const char *const texts[] = {"id",       "subject",  "kind",  "member",
                                        "provider", "consumer", "status"};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf status = {0};
    const struct matter_kind *kind = matter_kind_of(read_rows_text(rows, 1));
    if (kind == NULL || store_read_state(&record, view, read_rows_text(rows, 1)) != 0)
        return NULL;
    struct doc *item = doc_new_object();
    for (int i = 0; i < 7; i++)
        if (read_rows_text(rows, i))
            doc_set_text(item, texts[i], read_rows_text(rows, i));
    doc_set_text(item, "chinese", matter_chinese(kind, record));
    doc_set_text(item, "english", matter_english(kind, record));
    matter_append_status(&status, kind, read_rows_text(rows, 6));
    doc_set_text(item, "status_zh", buf_text(&status));
    if (read_rows_int(rows, 7) > 0)
        doc_set_int(item, "since_ms", read_rows_int(rows, 7));
    doc_set_bool(item, "open", read_rows_int(rows, 8) != 0);
    put_due(item, record, view, read_rows_int(rows, 9));
    put_title(item, view, kind, record);
    return item;
}

static const struct list_filter matter_filters[] = {
    {"kind", "kind = ?"},     {"member", "party = ?"}, {"provider", "provider = ?"},
    {"status", "status = ?"}, {"open", "open = 1"},    {.parameter = NULL},
};
static const struct list_filter of_nobody = {"member", "party = ''"};
const struct list list_matters = {
    .name = "matters",
    .columns = "id, subject, kind, member, provider, consumer, status, since_ms, open,"
               " " LIST_COUNTED_OF("matter"),
    .table = "matter",
    .filters = matter_filters,
    .otherwise = &of_nobody,
    .item = matter_item,
};

static void serve_matters(void *context, struct http_request *request)
{
    list_serve(context, request, &list_matters);
}

/* ---- kinds ---- */

static void serve_kinds(void *context, struct http_request *request)
{
    (void)context;
    struct doc *document = doc_new_object(), *list = doc_new_array();
    for (size_t i = 0; matter_kind_at(i) != NULL; i++) {
        const struct matter_kind *kind = matter_kind_at(i);
        struct doc *item = doc_new_object();
        doc_set_text(item, "chinese", kind->chinese);
        doc_set_text(item, "english", kind->english);
        doc_set_text(item, "kind", kind->name);
        doc_set(item, "open", matter_statuses(kind->open));
        doc_set(item, "other", matter_statuses(kind->other));
        doc_push(list, item);
    }
    doc_set(document, "items", list);
    http_answer_doc(request, 200, document);
}

/* ---- the table ---- */

static const char *const choices_kind[] = {
#define MATTER(name, chinese, english, title, open, other) name,
#include "api/matter_kinds.def"
#undef MATTER
    NULL};
static const char *const choices_yes[] = {"1", NULL};
static const struct field fields_matters[] = {
    PAGE_FIELDS,
    {.name = "kind",
     .kind = FIELD_CHOICE,
     .choices = choices_kind,
     .gloss = matter_kind_gloss,
     .english = "What it is.",
     .chinese = "事项种类。"},
    {.name = "member",
     .kind = FIELD_MEMBER,
     .english = "Whom it concerns: as the one it is about, provider, consumer, or who began it.",
     .chinese = "所涉单位：当事单位、提供方、使用方或发起方。"},
    {.name = "provider", .kind = FIELD_MEMBER, .english = "Provider.", .chinese = "提供方。"},
    {.name = "status",
     .kind = FIELD_CHOICE,
     .choices = list_statuses_matter,
     .english = "Status, e.g. in-force.",
     .chinese = "状态，如 in-force（有效）。"},
    {.name = "open",
     .kind = FIELD_CHOICE,
     .choices = choices_yes,
     .english = "Only what is not settled yet, and measures in force.",
     .chinese = "仅未办结的事项与有效的措施。"},
    {.name = NULL},
};

const struct http_route routes_matters[] = {
    {.method = "GET",
     .path = "/v1/matters",
     .serve = serve_matters,
     .query = fields_matters,
     .english = "Disputes, needs, fusions, collections, open lists, designations, offices, "
                "delegations and matters of supervision, the oldest first.",
     .chinese = "争议、需求、融合、归集、开放清单、指定、岗位、委托与监管事项列表，最早的在前。"},
    {.method = "GET",
     .path = "/v1/matters/kinds",
     .serve = serve_kinds,
     .english = "Kinds of matters with their statuses in words: open ones, and others.",
     .chinese = "事项种类及其状态的中文：未办结的与其他。"},
    {.method = NULL},
};
