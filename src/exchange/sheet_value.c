/* Values of cells by the kind of their field. Texts are kept as they stand, for they come back byte
 * for byte; codes, numbers, dates and choices are taken without the blanks that people leave. */
#include "exchange/sheet_value.h"

#include "base/civil.h"
#include "base/limits.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATE_TEXT_BYTES 64

/* Bytes of white space at the start of a text: blanks of ASCII, U+00A0, U+3000, U+FEFF. */
static size_t blank_len(const uint8_t *text, size_t len)
{
    static const char *const wide[] = {"\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", NULL};
    if (len > 0 && strchr(" \t\r\n", text[0]) != NULL && text[0] != 0) {
        return 1;
    }
    for (size_t i = 0; wide[i] != NULL; i++) {
        size_t wide_len = strlen(wide[i]);
        if (len >= wide_len && memcmp(text, wide[i], wide_len) == 0) {
            return wide_len;
        }
    }
    return 0;
}

struct view sheet_trim(struct view text)
{
    size_t skip;
    while ((skip = blank_len(text.data, text.len)) > 0) {
        text = view_of(text.data + skip, text.len - skip);
    }
    for (bool more = true; more && text.len > 0;) {
        more = false;
        for (size_t len = 1; !more && len <= 3 && len <= text.len; len++) {
            more = blank_len(text.data + text.len - len, len) == len;
            text.len -= more ? len : 0;
        }
    }
    return text;
}

/* ---- one value ---- */

static struct doc *read_int(const char *text)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool good =
        errno == 0 && end != text && *end == 0 && value >= -DOC_INT_MAX && value <= DOC_INT_MAX;
    return good ? doc_new_int(value) : doc_new_text(text);
}

static struct doc *read_bool(const char *text)
{
    static const char *const yes[] = {"是", "true", "TRUE", "1", NULL};
    static const char *const no[] = {"否", "false", "FALSE", "0", NULL};
    for (size_t i = 0; yes[i] != NULL; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            return doc_new_bool(strcmp(text, yes[i]) == 0);
        }
    }
    return doc_new_text(text);
}

/* 2026-2-12, 2026/02/12, 2026.2.12, 2026年2月12日, with a time of day after it → 2026-02-12. */
static struct doc *read_date(const char *text)
{
    static const char *const between[][3] = {
        {"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}};
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        char date[DATE_TEXT_BYTES];
        unsigned part[3] = {0};
        const char *at = text;
        size_t read = 0;
        for (; read < 3; read++) {
            char *end = NULL;
            size_t digits = strspn(at, "0123456789");
            size_t len = strlen(between[i][read]);
            part[read] = (unsigned)strtoul(at, &end, 10);
            if (digits == 0 || digits > 4 || strncmp(end, between[i][read], len) != 0) {
                break;
            }
            at = end + len;
        }
        int64_t day;
        (void)snprintf(date, sizeof date, "%04u-%02u-%02u", part[0], part[1], part[2]);
        if (read == 3 && *at == 0 && civil_parse_date(&day, date) == 0) {
            return doc_new_text(date);
        }
    }
    return doc_new_text(text);
}

static struct doc *read_time(const char *text)
{
    int64_t time_ms;
    return civil_parse_time(&time_ms, text) == 0 ? doc_new_int(time_ms) : read_int(text);
}

void sheet_choice_append(struct buf *out, const struct sheet_layout *layout,
                         const struct field *field, const char *choice)
{
    const char *word = layout->word == NULL ? NULL : layout->word(field->name, choice);
    buf_append_text(out, word == NULL ? choice : word);
}

/* The protocol's word or the Chinese one. */
static struct doc *read_choice(const struct sheet_layout *layout, const struct field *field,
                               const char *text)
{
    for (const char *const *choice = field->choices; *choice != NULL; choice++) {
        AUTO(buf_free) struct buf shown = {0};
        sheet_choice_append(&shown, layout, field, *choice);
        if (strcmp(text, *choice) == 0 || strcmp(text, buf_text(&shown)) == 0) {
            return doc_new_text(*choice);
        }
    }
    return doc_new_text(text);
}

static struct doc *read_one(const struct sheet_layout *layout, const struct field *field,
                            struct view text)
{
    AUTO(buf_free) struct buf trimmed = {0};
    bool whole = field->kind == FIELD_TEXT;
    buf_append_view(&trimmed, whole ? text : sheet_trim(text));
    const char *value = buf_text(&trimmed);
    switch (field->kind) {
    case FIELD_INT:
        return read_int(value);
    case FIELD_BOOL:
        return read_bool(value);
    case FIELD_DATE:
        return read_date(value);
    case FIELD_TIME:
        return read_time(value);
    case FIELD_CHOICE:
        return read_choice(layout, field, value);
    default:
        return doc_new_text(value);
    }
}

static void append_one(struct buf *out, const struct sheet_layout *layout,
                       const struct field *field, const struct doc *value)
{
    char time[CIVIL_TIME_CHARS];
    switch (doc_kind(value)) {
    case DOC_BOOL:
        buf_append_text(out, doc_bool(value, false) ? "是" : "否");
        return;
    case DOC_INT:
        if (field->kind == FIELD_TIME) {
            civil_format_time(time, doc_int(value, 0));
            buf_append_text(out, time);
            return;
        }
        buf_append_format(out, "%" PRId64, doc_int(value, 0));
        return;
    default:
        if (field->kind == FIELD_CHOICE) {
            sheet_choice_append(out, layout, field, doc_text(value));
        } else {
            buf_append_text(out, doc_text(value) == NULL ? "" : doc_text(value));
        }
    }
}

/* ---- lists ---- */

/* "provider|code"; a part too many goes to the table as a field it does not know. */
static struct doc *read_object(const struct sheet_layout *layout, const struct field *fields,
                               struct view line)
{
    struct doc *object = doc_new_object();
    for (const struct field *field = fields; line.len > 0; field++) {
        const uint8_t *bar = memchr(line.data, '|', line.len);
        size_t len = bar == NULL ? line.len : (size_t)(bar - line.data);
        if (field->name == NULL) {
            doc_set(object, "|", read_one(layout, &(struct field){.kind = FIELD_TEXT}, line));
            break;
        }
        if (sheet_trim(view_of(line.data, len)).len > 0) {
            doc_set(object, field->name, read_one(layout, field, view_of(line.data, len)));
        }
        line = view_of(line.data + len + (bar != NULL), line.len - len - (bar != NULL));
    }
    return object;
}

static struct doc *read_list(const struct sheet_layout *layout, const struct field *element,
                             struct view text)
{
    struct doc *list = NULL;
    if (text.data[0] == '[' && doc_parse(&list, text, text.len) == 0) {
        return list;
    }
    list = doc_new_array();
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        struct view line = view_of(text.data, len);
        if (sheet_trim(line).len > 0) {
            doc_push(list, element->kind == FIELD_OBJECT
                               ? read_object(layout, element->fields, line)
                               : read_one(layout, element, line));
        }
        text = view_of(text.data + len + (end != NULL), text.len - len - (end != NULL));
    }
    return list;
}

static void append_lines(struct buf *out, const struct sheet_layout *layout,
                         const struct field *element, const struct doc *list)
{
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc *value = doc_at(list, i);
        buf_append_text(out, i == 0 ? "" : "\n");
        if (element->kind != FIELD_OBJECT) {
            append_one(out, layout, element, value);
            continue;
        }
        for (const struct field *field = element->fields; field->name != NULL; field++) {
            const struct doc *part = doc_get(value, field->name);
            buf_append_text(out, field == element->fields ? "" : "|");
            if (part != NULL) {
                append_one(out, layout, field, part);
            }
        }
    }
}

/* As lines where these give the same list again, otherwise as JSON: an empty list, elements of more
 * than one line or that begin with a bracket. */
static void append_list(struct buf *out, const struct sheet_layout *layout,
                        const struct field *list, const struct doc *value)
{
    AUTO(buf_free) struct buf lines = {0};
    append_lines(&lines, layout, list->element, value);
    AUTO(doc_free)
    struct doc *again =
        lines.len == 0 ? NULL : read_list(layout, list->element, view_of_buf(&lines));
    if (again != NULL && doc_equal(again, value)) {
        buf_append_view(out, view_of_buf(&lines));
    } else {
        doc_append_canonical(out, value);
    }
}

/* ---- any field ---- */

struct doc *sheet_value_read(const struct sheet_layout *layout, const struct field *field,
                             const char *text)
{
    if (sheet_trim(view_of_text(text)).len == 0) {
        return NULL;
    }
    return field->kind == FIELD_LIST ? read_list(layout, field->element, view_of_text(text))
                                     : read_one(layout, field, view_of_text(text));
}

void sheet_value_append(struct buf *out, const struct sheet_layout *layout,
                        const struct field *field, const struct doc *value)
{
    if (value == NULL) {
        return;
    }
    if (field->kind == FIELD_LIST && doc_kind(value) == DOC_ARRAY) {
        append_list(out, layout, field, value);
    } else {
        append_one(out, layout, field, value);
    }
}
