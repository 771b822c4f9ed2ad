/* Records and faults in words: a member's label comes from the table that declares it, so what a
 * clerk reads here is what the specification says; or from the labels of pages (labels.h). */
#include "node/cli/cli_output.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_text.h"
#include "exchange/fault_words.h"
#include "exchange/labels.h"
#include "exchange/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VALUE_COLUMN_MAX 44 /* where values begin at the latest */
#define INDENT 2
#define DEPTH_MAX 8

static const struct field *field_of(const struct field *fields, const char *name)
{
    for (; fields != NULL && fields->name != NULL; fields++) {
        if (strcmp(fields->name, name) == 0) {
            return fields;
        }
    }
    return NULL;
}

/* What the ledger itself notes in records no transaction declares: that has the label of the pages.
 */
void cli_label_append(struct buf *out, const struct field *field, const char *name)
{
    const char *chinese = field == NULL ? label_chinese(name) : field->chinese;
    if (chinese != NULL) {
        const char *end = chinese;
        while (*end != 0 && strncmp(end, "。", 3) != 0 && strncmp(end, "，", 3) != 0 &&
               strncmp(end, "；", 3) != 0 && strncmp(end, "（", 3) != 0) {
            end++;
        }
        buf_append(out, chinese, (size_t)(end - chinese));
        buf_append_text(out, " ");
    }
    buf_append_text(out, name);
}

static void append_spaces(struct buf *out, size_t count)
{
    for (; count > 0; count--) {
        buf_append_text(out, " ");
    }
}

static bool is_time(const struct field *field, const char *name, const struct doc *value)
{
    size_t len = strlen(name);
    return doc_kind(value) == DOC_INT && ((field != NULL && field->kind == FIELD_TIME) ||
                                          (len > 3 && strcmp(name + len - 3, "_ms") == 0 &&
                                           doc_int(value, 0) > 20 * 365 * DAY_MS));
}

static bool is_end(const char *name)
{
    static const char *const ends[] = {"due_ms", "expires_ms", "until_ms", "end_ms"};
    bool found = false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        found = found || strcmp(name, ends[i]) == 0;
    }
    return found;
}

static bool is_nested(const struct doc *value)
{
    if (doc_kind(value) == DOC_OBJECT) {
        return doc_count(value) > 0;
    }
    return doc_kind(value) == DOC_ARRAY && doc_kind(doc_at(value, 0)) == DOC_OBJECT;
}

/* Where values of one object begin: after its longest label. */
static size_t value_column(const struct doc *object, const struct field *fields)
{
    size_t cursor = 0, longest = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(object, &cursor, &name, &value)) {
        AUTO(buf_free) struct buf label = {0};
        cli_label_append(&label, field_of(fields, name), name);
        size_t width = cli_text_width(buf_text(&label));
        longest =
            width > longest && width <= VALUE_COLUMN_MAX && !is_nested(value) ? width : longest;
    }
    return longest + 2;
}

static void append_object(struct buf *out, const struct doc *object, const struct field *fields,
                          size_t depth, size_t width);

static void append_list(struct buf *out, const struct doc *list, const struct field *field,
                        size_t depth, size_t width)
{
    const struct field *element = field == NULL ? NULL : field->element;
    for (size_t i = 0; i < doc_count(list); i++) {
        append_spaces(out, INDENT * depth);
        buf_append_format(out, "[%zu]\n", i + 1);
        append_object(out, doc_at(list, i), element == NULL ? NULL : element->fields, depth + 1,
                      width);
    }
}

/* "published" → "published 已发布", where the member is a word of the protocol: of those that its
 * field may have, or of what the ledger itself notes. */
static void append_word(struct buf *out, const char *name, const struct doc *value,
                        const struct field *field)
{
    static const char *const worded[] = {"status",   "route",  "sharing", "opening",
                                         "decision", "mode",   "method",  "role",
                                         "result",   "effect", "silence"};
    const char *text = doc_text(value), *word = NULL;
    bool is = field != NULL && field->kind == FIELD_CHOICE;
    for (size_t i = 0; !is && i < sizeof worded / sizeof *worded; i++) {
        is = strcmp(worded[i], name) == 0;
    }
    if (text != NULL && is && field != NULL && field->gloss != NULL) {
        word = field->gloss(text);
    } else if (text != NULL && is) {
        word = word_chinese(name, text);
    }
    if (word != NULL) {
        buf_append_format(out, " %s", word);
    }
}

static void append_member(struct buf *out, const char *name, const struct doc *value,
                          const struct field *field, size_t column, size_t depth, size_t width)
{
    AUTO(buf_free) struct buf label = {0};
    AUTO(buf_free) struct buf text = {0};
    const struct cli_column as_time = {.title = "", .as = CLI_AS_TIME, .end = is_end(name)};
    cli_label_append(&label, field, name);
    append_spaces(out, INDENT * depth);
    buf_append_view(out, view_of_buf(&label));
    if (is_nested(value) && depth < DEPTH_MAX) {
        buf_append_text(out, "\n");
        if (doc_kind(value) == DOC_ARRAY) {
            append_list(out, value, field, depth + 1, width);
        } else {
            append_object(out, value, field == NULL ? NULL : field->fields, depth + 1, width);
        }
        return;
    }
    size_t at = INDENT * depth + cli_text_width(buf_text(&label));
    size_t begin = INDENT * depth + column;
    if (at + 2 > begin) {
        append_spaces(out, 2);
        at += 2;
    } else {
        append_spaces(out, begin - at);
        at = begin;
    }
    cli_value_append(&text, value, is_time(field, name, value) ? &as_time : NULL);
    if (doc_kind(value) == DOC_ARRAY && doc_count(value) == 0) {
        buf_append_text(&text, "无 none");
    }
    append_word(&text, name, value, field);
    cli_text_wrap(out, buf_text(&text), at, begin, width);
    buf_append_text(out, "\n");
}

/* Members in the order of the table, then those that it does not have. */
static void append_object(struct buf *out, const struct doc *object, const struct field *fields,
                          size_t depth, size_t width)
{
    size_t column = value_column(object, fields);
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++) {
        const struct doc *value = doc_get(object, field->name);
        if (value != NULL) {
            append_member(out, field->name, value, field, column, depth, width);
        }
    }
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(object, &cursor, &name, &value)) {
        if (field_of(fields, name) == NULL) {
            append_member(out, name, value, NULL, column, depth, width);
        }
    }
}

void cli_record_append(struct buf *out, const struct doc *record, const struct field *fields,
                       size_t width)
{
    append_object(out, record, fields, 0, width);
}

/* ---- faults ---- */

/* "supervisors[0] 已报送主管部门": the member that a path ends with, by its label. */
static void append_field(struct buf *out, const char *field)
{
    char member[FAULT_FIELD_BYTES_MAX];
    const char *dot = strrchr(field, '.');
    const char *last = dot == NULL ? field : dot + 1;
    (void)snprintf(member, sizeof member, "%.*s", (int)strcspn(last, "["), last);
    const char *label = label_chinese(member);
    buf_append_format(out, label == NULL ? "%s  " : "%s %s  ", field, label);
}

/* `again`: what its code means was said before. */
static void append_fault(struct buf *out, size_t number, const struct doc *fault, bool again,
                         size_t width)
{
    AUTO(buf_free) struct buf text = {0};
    const char *field = doc_get_text(fault, "field");
    const char *clause = doc_get_text(fault, "clause");
    const char *chinese = doc_get_text(fault, "chinese");
    const char *english = doc_get_text(fault, "english");
    const char *code = doc_get_text(fault, "code");
    buf_append_format(&text, "%2zu. ", number);
    if (field != NULL && field[0] != 0) {
        append_field(&text, field);
    }
    if (!again && chinese != NULL) {
        buf_append_text(&text, chinese);
    }
    if (clause != NULL) {
        buf_append_format(&text, "〔%s〕", clause);
    }
    if (!again) {
        buf_append_format(&text, "\n%s ", english == NULL ? "" : english);
    }
    buf_append_format(&text, "[%s]", code == NULL ? "?" : code);
    if (doc_get_text(fault, "told") != NULL && doc_get_text(fault, "told_zh") != NULL) {
        buf_append_format(&text, "\n%s\n%s", doc_get_text(fault, "told_zh"),
                          doc_get_text(fault, "told"));
    }
    cli_text_wrap(out, buf_text(&text), 0, 4, width);
    buf_append_text(out, "\n");
}

/* Whether its code was met among the faults before it, or is `said`. */
static bool is_said(const struct doc *faults, size_t index, const char *said)
{
    const char *code = doc_get_text(doc_at(faults, index), "code");
    bool found = code != NULL && said != NULL && strcmp(code, said) == 0;
    for (size_t i = 0; code != NULL && !found && i < index; i++) {
        found = doc_text_is(doc_at(faults, i), "code", code);
    }
    return found;
}

/* Beyond what its code means: a field, a clause, what would have been allowed. */
static bool says_more(const struct doc *fault)
{
    const char *field = doc_get_text(fault, "field");
    return (field != NULL && field[0] != 0) || doc_get_text(fault, "clause") != NULL ||
           doc_get_text(fault, "told") != NULL;
}

struct doc *cli_faults_to_doc(const struct faults *faults)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < faults->count; i++) {
        struct doc *entry = fault_to_doc(&faults->item[i]);
        if (doc_get(entry, "clause") == NULL) {
            doc_set(entry, "clause", doc_new_null());
        }
        doc_push(list, entry);
    }
    return list;
}

void cli_faults_append_doc(struct buf *out, const struct doc *faults, const char *said,
                           size_t width)
{
    size_t number = 0;
    for (size_t i = 0; doc_kind(faults) == DOC_ARRAY && i < doc_count(faults); i++) {
        bool again = is_said(faults, i, said);
        if (!again || says_more(doc_at(faults, i))) {
            append_fault(out, ++number, doc_at(faults, i), again, width);
        }
    }
}

void cli_faults_append(struct buf *out, const struct faults *faults, size_t width)
{
    AUTO(doc_free) struct doc *list = cli_faults_to_doc(faults);
    cli_faults_append_doc(out, list, NULL, width);
    if (faults->dropped > 0) {
        buf_append_format(out, "    另有 %zu 处 and %zu more\n", faults->dropped, faults->dropped);
    }
}
