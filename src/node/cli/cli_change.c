/* The application for a change or deletion, beneath the entry that it is about. PT 14 has the
 * center assess it in a day: what would be other than it is, whose grants and requests that
 * concerns, who has yet to sign the plan, and what is due, in one place.
 *
 * With --json it is "application" of the entry: the record change/<provider>/<code>, and
 *   "differs"   of {"field","old","new"}; an item's field is "items.<name>.<field>"
 *   "concerned" {"grants": their records, "asked": the requests' and fusions'} as they are now */
#include "node/cli/cli_change.h"

#include "api/matter_kinds.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_view.h"

#include <string.h>

/* ---- what it changes ---- */

struct comparison {
    struct buf *words;
    struct doc *differs;
    size_t columns;
};

static void append_value(struct buf *out, const struct field *field, const struct doc *value)
{
    const struct cli_column as_word = {
        .title = "", .path = field->name, .as = CLI_AS_WORD};
    size_t before = out->len;
    cli_value_append(out, value, field->kind == FIELD_CHOICE ? &as_word : NULL);
    if (out->len == before) {
        buf_append_text(out, "无 none");
    }
}

static void note(struct comparison *to, const char *path, const char *label,
                 const struct field *field, const struct doc *old, const struct doc *new)
{
    AUTO(buf_free) struct buf line = {0};
    struct doc *item = doc_new_object();
    doc_set_text(item, "field", path);
    doc_set(item, "new", new == NULL ? doc_new_null() : doc_ref(new));
    doc_set(item, "old", old == NULL ? doc_new_null() : doc_ref(old));
    doc_push(to->differs, item);
    buf_append_format(&line, "  %s: ", label);
    append_value(&line, field, old);
    buf_append_text(&line, " → ");
    append_value(&line, field, new);
    cli_text_wrap(to->words, buf_text(&line), 0, 4, to->columns);
    buf_append_text(to->words, "\n");
}

static const struct doc *named(const struct doc *list, const char *name)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        if (doc_text_is(doc_at(list, i), "name", name)) {
            return doc_at(list, i);
        }
    }
    return NULL;
}

static void compare(struct comparison *to, const char *path, const char *label,
                    const struct field *fields, const struct doc *old, const struct doc *new);

/* One item, or another thing of a list that has a name: gone, new, or other than it was. */
static void compare_named(struct comparison *to, const char *path, const char *label,
                          const struct field *element, const char *name, const struct doc *old,
                          const struct doc *new)
{
    AUTO(buf_free) struct buf place = {0};
    AUTO(buf_free) struct buf called = {0};
    buf_append_format(&place, "%s.%s", path, name);
    buf_append_format(&called, "%s「%s」", label, name);
    if (old != NULL && new != NULL) {
        compare(to, buf_text(&place), buf_text(&called), element->fields, old, new);
        return;
    }
    struct doc *item = doc_new_object();
    doc_set_text(item, "field", buf_text(&place));
    doc_set(item, "new", new == NULL ? doc_new_null() : doc_ref(new));
    doc_set(item, "old", old == NULL ? doc_new_null() : doc_ref(old));
    doc_push(to->differs, item);
    cli_line_append(to->words, to->columns, 4, "  %s: %s", buf_text(&called),
                    new == NULL ? "删除 gone" : "新增 new");
}

static void compare_lists(struct comparison *to, const char *path, const char *label,
                          const struct field *element, const struct doc *old,
                          const struct doc *new)
{
    for (size_t i = 0; i < doc_count(old); i++) {
        const char *name = doc_get_text(doc_at(old, i), "name");
        compare_named(to, path, label, element, name, doc_at(old, i), named(new, name));
    }
    for (size_t i = 0; i < doc_count(new); i++) {
        const char *name = doc_get_text(doc_at(new, i), "name");
        if (named(old, name) == NULL) {
            compare_named(to, path, label, element, name, NULL, doc_at(new, i));
        }
    }
}

static bool lists_named(const struct doc *list)
{
    return doc_count(list) == 0 || doc_get_text(doc_at(list, 0), "name") != NULL;
}

/* Both are of the same fields: the ledger took them by one table. */
static void compare(struct comparison *to, const char *path, const char *label,
                    const struct field *fields, const struct doc *old, const struct doc *new)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct doc *was = doc_get(old, field->name), *is = doc_get(new, field->name);
        if (doc_equal(was, is)) {
            continue;
        }
        AUTO(buf_free) struct buf place = {0};
        AUTO(buf_free) struct buf called = {0};
        buf_append_format(&place, "%s%s%s", path, path[0] == 0 ? "" : ".", field->name);
        buf_append_format(&called, "%s%s", label, label[0] == 0 ? "" : " ");
        cli_label_append(&called, field, field->name);
        const struct field *element = field->kind == FIELD_LIST ? field->element : NULL;
        if (field->kind == FIELD_OBJECT && was != NULL && is != NULL) {
            compare(to, buf_text(&place), buf_text(&called), field->fields, was, is);
        } else if (element != NULL && element->kind == FIELD_OBJECT && lists_named(was) &&
                   lists_named(is)) {
            compare_lists(to, buf_text(&place), buf_text(&called), element, was, is);
        } else {
            note(to, buf_text(&place), buf_text(&called), field, was, is);
        }
    }
}

static const struct field *entry_fields(void)
{
    const struct field *field = schema_find("catalog.change")->fields;
    while (field->name != NULL && strcmp(field->name, "entry") != 0) {
        field++;
    }
    return field->fields;
}

static struct doc *append_differences(struct buf *words, const struct doc *entry,
                                      const struct doc *change, size_t columns)
{
    struct comparison to = {.words = words, .differs = doc_new_array(), .columns = columns};
    const struct doc *content = doc_get(change, "entry");
    bool decided = doc_text_is(change, "status", "adjusting"); /* the entry is changed already */
    if (content != NULL && !decided) {
        buf_append_text(words, "变更内容 What it changes:\n");
        compare(&to, "", "", entry_fields(), doc_get(entry, "entry"), content);
    }
    return to.differs;
}

/* ---- whom it concerns ---- */

static const struct cli_column columns_concerned[] = {
    {.title = "编号 number", .path = "number", .keep = true},
    {.title = "使用方 consumer", .path = "consumer", .as = CLI_AS_MEMBER},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD, .keep = true},
    {.title = "信息项 items", .path = "items", .rare = true},
    {.title = "到期 expires", .path = "expires_ms", .as = CLI_AS_DATE, .end = true, .rare = true},
    {.title = NULL},
};

/* The records of a list of ids, or of "family/id" where `family` is "". */
static int read_records(struct cli_node *node, struct doc **out, const char *family,
                        const struct doc *ids)
{
    int status = 0;
    *out = doc_new_array();
    for (size_t i = 0; status == 0 && i < doc_count(ids); i++) {
        struct doc *record = NULL;
        AUTO(buf_free) struct buf key = {0};
        buf_append_format(&key, "%s%s", family, doc_text(doc_at(ids, i)));
        status = cli_node_state(node, &record, buf_text(&key));
        if (record != NULL) {
            doc_push(*out, record);
        }
    }
    return status;
}

static void append_concerned(struct buf *words, const char *title, const struct doc *records,
                             bool more, const struct doc *names, size_t columns)
{
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns_concerned);
    table.names = names;
    buf_append_format(words, "%s: %zu%s\n", title, doc_count(records),
                      more ? "，其后还有 and there are more" : "");
    for (size_t i = 0; i < doc_count(records); i++) {
        cli_table_add_doc(&table, doc_at(records, i));
    }
    if (doc_count(records) > 0) {
        cli_table_append(words, &table, columns);
    }
}

static int add_concerned(struct cli_node *node, struct doc *application, struct buf *words)
{
    AUTO(doc_free) struct doc *names = NULL;
    struct doc *grants = NULL, *asked = NULL, *concerned = doc_new_object();
    doc_set(application, "concerned", concerned);
    int status = read_records(node, &grants, "grant/", doc_get(application, "grants"));
    doc_set(concerned, "grants", grants);
    if (status == 0) {
        status = read_records(node, &asked, "", doc_get(application, "asked"));
        doc_set(concerned, "asked", asked);
    }
    if (status == 0 && !node->cli->json && doc_count(grants) + doc_count(asked) > 0) {
        status = cli_view_names(node->cli, &names);
    }
    if (status == 0) {
        append_concerned(words, "受影响的授权 Grants concerned", grants,
                         doc_get_bool(application, "grants_more", false), names,
                         node->cli->columns);
        append_concerned(words, "在办的申请 Asked for and not decided", asked,
                         doc_get_bool(application, "asked_more", false), names,
                         node->cli->columns);
    }
    return status;
}

/* ---- what it is, and what is due ---- */

static void append_terms(struct buf *words, const struct doc *change)
{
    const struct doc *term;
    const char *name;
    size_t cursor = 0;
    const struct doc *terms = doc_get(change, "terms");
    while (terms != NULL && doc_next(terms, &cursor, &name, &term)) {
        buf_append_text(words, "  期限 due: ");
        cli_view_append_term(words, name, term);
        buf_append_text(words, "\n");
    }
    if (doc_get_bool(change, "late", false)) {
        buf_append_text(words, "  曾逾期未评估 The assessment was overdue〔PT 14〕\n");
    }
}

static void append_touches(struct buf *words, const struct doc *change, size_t columns)
{
    AUTO(buf_free) struct buf items = {0};
    const struct doc *touches = doc_get(change, "touches");
    cli_value_append(&items, doc_get(touches, "items"), NULL);
    cli_line_append(words, columns, 4, "  影响 touches: %s",
                    doc_get_bool(touches, "all", false) ? "该目录的全部授权 every grant on it"
                    : items.len == 0                    ? "不影响授权 no grant"
                                                        : buf_text(&items));
}

static void append_application(struct buf *words, const struct doc *change, size_t columns)
{
    AUTO(buf_free) struct buf status = {0};
    AUTO(buf_free) struct buf unsigned_ = {0};
    AUTO(buf_free) struct buf time = {0};
    const struct matter_kind *kind = matter_kind_of("change/");
    const struct cli_column as_time = {.title = "", .as = CLI_AS_TIME};
    matter_append_status(&status, kind, matter_status(change));
    cli_value_append(&time, doc_get(change, "submitted_ms"), &as_time);
    buf_append_format(words, "%s %s: %s，%s\n", matter_chinese(kind, change),
                      matter_english(kind, change), buf_text(&status), buf_text(&time));
    const char *reason = doc_get_text(change, "reason");
    cli_line_append(words, columns, 4, "  事由 reason: %s", reason == NULL ? "无 none" : reason);
    append_touches(words, change, columns);
    append_terms(words, change);
    if (doc_count(doc_get(change, "unsigned")) > 0) {
        cli_value_append(&unsigned_, doc_get(change, "unsigned"), NULL);
        cli_line_append(words, columns, 4, "  方案尚未签署 have not signed the plan: %s",
                        buf_text(&unsigned_));
    }
    if (doc_get_int(change, "objections", 0) > 0) {
        buf_append_format(words, "  对方案的异议 objections to the plan: %d\n",
                          (int)doc_get_int(change, "objections", 0));
    }
}

int cli_change_append(struct cli_node *node, struct doc **entry, struct buf *words)
{
    AUTO(doc_free) struct doc *change = NULL;
    AUTO(buf_free) struct buf key = {0};
    buf_append_format(&key, "change/%s/%s", doc_get_text(*entry, "provider"),
                      doc_get_text(*entry, "code"));
    int status = cli_node_state(node, &change, buf_text(&key));
    if (status != 0 || change == NULL || !matter_is_open(matter_kind_of("change/"), change)) {
        return status;
    }
    struct doc *application = doc_copy(change), *shown = doc_copy(*entry);
    doc_set(shown, "application", application);
    append_application(words, change, node->cli->columns);
    doc_set(application, "differs",
            append_differences(words, *entry, change, node->cli->columns));
    status = add_concerned(node, application, words);
    doc_free(entry);
    *entry = shown;
    return status;
}
