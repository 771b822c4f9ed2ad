/* data.json as agencies publish it, and as we write it.
 *
 * Feeds are laxer than our documents: reals, control characters, other line ends. So a feed is
 * first rewritten into JSON that documents may hold (one pass over its bytes, which leaves its
 * structure as it is), then cut at its datasets, and each of them parsed by itself: one that is
 * broken costs no other. */
#include "exchange/dcat.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* ---- rewriting ---- */

static bool hex4(uint32_t *out, struct view text)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char c = i < text.len ? (char)(text.data[i] | 0x20) : 0;
        const char *at = c == 0 ? NULL : strchr(digits, c);
        if (at == NULL) {
            return false;
        }
        *out = *out << 4 | (uint32_t)(at - digits);
    }
    return true;
}

static bool is_control(uint32_t code)
{
    return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code <= 0x9f);
}

void dcat_clean_append(struct buf *out, struct view text)
{
    size_t at = 0;
    while (at < text.len) {
        uint8_t byte = text.data[at];
        bool two = byte == 0xc2 && at + 1 < text.len && text.data[at + 1] <= 0x9f &&
                   text.data[at + 1] >= 0x80; /* U+0080–9F */
        if (byte == '\r') {
            at += at + 1 < text.len && text.data[at + 1] == '\n' ? 2 : 1;
            buf_append_u8(out, '\n');
        } else if (two || is_control(byte < 0x80 ? byte : 'x')) {
            at += two ? 2 : 1;
            buf_append_text(out, REPLACEMENT);
        } else {
            buf_append_u8(out, byte);
            at++;
        }
    }
}

/* One escape of a JSON text, from its backslash on. Returns how many bytes it took. */
static size_t rewrite_escape(struct buf *out, struct view rest)
{
    uint32_t code = 0;
    char kind = rest.len > 1 ? (char)rest.data[1] : 0;
    if (kind == 'r') {
        bool newline = rest.len > 3 && rest.data[2] == '\\' && rest.data[3] == 'n';
        buf_append_text(out, "\\n");
        return newline ? 4 : 2;
    }
    if (kind == 'b' || kind == 'f') {
        buf_append_text(out, "\\ufffd");
        return 2;
    }
    if (kind != 'u' || !hex4(&code, view_of(rest.data + 2, rest.len - 2)) || !is_control(code)) {
        size_t len = rest.len > 1 ? 2 : 1;
        buf_append(out, rest.data, len);
        return len;
    }
    buf_append_text(out, code == '\r' ? "\\n" : "\\ufffd");
    return 6;
}

/* A JSON text, from its opening quote on. Raw control characters stay: they are no JSON, and the
 * parser says so of this dataset. */
static size_t rewrite_text(struct buf *out, struct view rest)
{
    size_t at = 1;
    buf_append_u8(out, '"');
    while (at < rest.len && rest.data[at] != '"') {
        if (rest.data[at] == '\\') {
            at += rewrite_escape(out, view_of(rest.data + at, rest.len - at));
        } else {
            size_t run = 0;
            while (at + run < rest.len && rest.data[at + run] != '"' &&
                   rest.data[at + run] != '\\') {
                run++;
            }
            for (size_t i = 0; i < run; i++) {
                uint8_t byte = rest.data[at + i];
                bool high = byte == 0xc2 && i + 1 < run && rest.data[at + i + 1] >= 0x80 &&
                            rest.data[at + i + 1] <= 0x9f;
                if (high || byte == 0x7f) {
                    buf_append_text(out, REPLACEMENT);
                    i += high ? 1 : 0;
                } else {
                    buf_append_u8(out, byte);
                }
            }
            at += run;
        }
    }
    if (at < rest.len) {
        buf_append_u8(out, '"');
        at++;
    }
    return at < rest.len ? at : rest.len;
}

/* A number: as it stands if a document may hold it, otherwise as a text. */
static size_t rewrite_number(struct buf *out, struct view rest)
{
    size_t len = 0;
    size_t digits = 0;
    bool whole = true;
    while (len < rest.len && strchr("+-.0123456789eE", rest.data[len]) != NULL &&
           rest.data[len] != 0) {
        whole = whole && strchr(".eE", rest.data[len]) == NULL;
        digits += rest.data[len] >= '0' && rest.data[len] <= '9';
        len++;
    }
    bool fits = whole && digits <= 16; /* as 2^53 has; the few above it the parser tells */
    buf_append_text(out, fits ? "" : "\"");
    buf_append(out, rest.data, len);
    buf_append_text(out, fits ? "" : "\"");
    return len;
}

/* Until so much is written. Returns how much of the text that took; a mark before it is passed. */
static size_t rewrite(struct buf *out, struct view text, size_t until)
{
    size_t at = 0;
    buf_reserve(out, (text.len < until ? text.len : until) + 16);
    while (at < text.len && out->len < until) {
        uint8_t byte = text.data[at];
        struct view rest = view_of(text.data + at, text.len - at);
        if (byte == '"') {
            at += rewrite_text(out, rest);
        } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
            at += rewrite_number(out, rest);
        } else {
            buf_append_u8(out, byte);
            at++;
        }
    }
    return at;
}

/* Where in the feed what stands at `at` of the rewritten text does: line and character, from 1. */
static struct dcat_place place_of(struct view text, size_t at)
{
    AUTO(buf_free) struct buf before = {0};
    struct dcat_place place = {.line = 1, .column = 1};
    size_t len = rewrite(&before, text, at);
    for (size_t i = 0; i < len; i++) {
        bool begins = (text.data[i] & 0xc0) != 0x80; /* a character, not within one */
        place.line += text.data[i] == '\n';
        place.column = text.data[i] == '\n' ? 1 : place.column + begins;
    }
    return place;
}

/* ---- cutting ---- */

struct cutter {
    struct view text;
    size_t at;
    size_t counted, lines; /* line ends before `counted` */
};

static uint8_t peek(struct cutter *cutter)
{
    while (cutter->at < cutter->text.len &&
           memchr(" \t\r\n", cutter->text.data[cutter->at], 4) != NULL) {
        cutter->at++;
    }
    return cutter->at < cutter->text.len ? cutter->text.data[cutter->at] : 0;
}

static bool take(struct cutter *cutter, char c)
{
    if (peek(cutter) != (uint8_t)c) {
        return false;
    }
    cutter->at++;
    return true;
}

static void skip_text(struct cutter *cutter)
{
    cutter->at++;
    while (cutter->at < cutter->text.len && cutter->text.data[cutter->at] != '"') {
        cutter->at += cutter->text.data[cutter->at] == '\\' ? 2 : 1;
    }
    cutter->at++;
}

/* A whole value, by its brackets; what is between them the parser judges. */
static bool take_value(struct cutter *cutter, struct view *out)
{
    size_t depth = 0;
    (void)peek(cutter);
    size_t from = cutter->at;
    while (cutter->at < cutter->text.len) {
        uint8_t byte = cutter->text.data[cutter->at];
        if (byte == '"') {
            skip_text(cutter);
        } else if (depth == 0 && (byte == ',' || byte == '}' || byte == ']')) {
            break;
        } else {
            depth += byte == '{' || byte == '[';
            depth -= byte == '}' || byte == ']';
            cutter->at++;
        }
        if (depth == 0 && (byte == '}' || byte == ']')) {
            break;
        }
    }
    bool whole = depth == 0 && cutter->at > from && cutter->at <= cutter->text.len;
    *out = view_of(cutter->text.data + from, whole ? cutter->at - from : 0);
    return whole;
}

/* A member's name, with its quotes, and its value; false at the end, or where there is none. */
static bool take_name(struct cutter *cutter, struct view *name)
{
    if (peek(cutter) != '"') {
        return false;
    }
    size_t from = cutter->at;
    skip_text(cutter);
    *name = view_of(cutter->text.data + from,
                    cutter->at > cutter->text.len ? 0 : cutter->at - from);
    return take(cutter, ':');
}

/* The line that the next value begins in, from 1. */
static size_t line_of(struct cutter *cutter)
{
    (void)peek(cutter);
    for (; cutter->counted < cutter->at; cutter->counted++) {
        cutter->lines += cutter->text.data[cutter->counted] == '\n';
    }
    return cutter->lines + 1;
}

/* The identifier of a dataset that cannot be read, as far as it is legible; NULL. */
static struct doc *identifier_in(struct view text)
{
    struct cutter cutter = {.text = text};
    struct view name, value;
    struct doc *identifier = NULL;
    bool more = take(&cutter, '{');
    while (more && identifier == NULL && take_name(&cutter, &name) && take_value(&cutter, &value)) {
        if (view_equal(name, view_of_text("\"identifier\"")) &&
            doc_parse(&identifier, value, value.len) == 0 && doc_text(identifier) == NULL) {
            doc_free(&identifier);
        }
        more = take(&cutter, ',');
    }
    return identifier;
}

static void push_dataset(struct doc *list, struct view text, size_t line)
{
    struct doc *item = doc_new_object();
    struct doc *dataset = NULL;
    int error = doc_parse(&dataset, text, text.len);
    error = error != 0 || doc_kind(dataset) == DOC_OBJECT ? error : ERR_FIELD_TYPE;
    doc_set_int(item, "line", (int64_t)line);
    if (error == 0) {
        doc_set(item, "dataset", doc_ref(dataset));
    } else {
        struct doc *identifier = identifier_in(text);
        doc_set_text(item, "error", error_code(error));
        if (identifier != NULL) {
            doc_set(item, "identifier", identifier);
        }
    }
    doc_free(&dataset);
    doc_push(list, item);
}

static int cut_datasets(struct doc *list, struct cutter *cutter)
{
    struct view text;
    if (!take(cutter, '[')) {
        return ERR_FIELD_TYPE;
    }
    while (peek(cutter) != ']') {
        if (doc_count(list) >= DCAT_DATASETS_MAX) {
            return ERR_TOO_LARGE;
        }
        size_t line = line_of(cutter);
        if (!take_value(cutter, &text)) {
            return ERR_JSON_SYNTAX;
        }
        push_dataset(list, text, line);
        if (!take(cutter, ',') && peek(cutter) != ']') {
            return ERR_JSON_SYNTAX;
        }
    }
    return take(cutter, ']') ? 0 : ERR_JSON_SYNTAX;
}

/* The catalog's members; of "dataset" the elements, and none twice. */
static int cut_catalog(struct doc *list, struct cutter *cutter)
{
    struct view name, value;
    bool found = false;
    int error = 0;
    if (!take(cutter, '{')) {
        return ERR_JSON_SYNTAX;
    }
    while (error == 0 && peek(cutter) == '"') {
        if (!take_name(cutter, &name)) {
            return ERR_JSON_SYNTAX;
        }
        bool dataset = view_equal(name, view_of_text("\"dataset\""));
        if (dataset) {
            error = found ? ERR_JSON_DUPLICATE : cut_datasets(list, cutter);
            found = true;
        } else if (!take_value(cutter, &value)) {
            error = ERR_JSON_SYNTAX;
        }
        if (!take(cutter, ',')) {
            break;
        }
    }
    error = error != 0 || take(cutter, '}') ? error : ERR_JSON_SYNTAX;
    return error != 0 || found ? error : ERR_FIELD_MISSING;
}

int dcat_us_read(struct doc **out, struct dcat_place *place, struct view text)
{
    AUTO(buf_free) struct buf rewritten = {0};
    AUTO(doc_free) struct doc *list = doc_new_array();
    *out = NULL;
    *place = (struct dcat_place){0};
    if (text.len > DCAT_FEED_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    text = doc_past_mark(text);
    (void)rewrite(&rewritten, text, SIZE_MAX);
    struct cutter cutter = {.text = view_of_buf(&rewritten)};
    bool bare = peek(&cutter) == '['; /* version 1.0: a list with nothing around it */
    int error = bare ? cut_datasets(list, &cutter) : cut_catalog(list, &cutter);
    if (error == 0 && peek(&cutter) != 0) {
        error = ERR_JSON_SYNTAX;
    }
    if (error == 0) {
        *out = doc_ref(list);
    } else if (error != ERR_FIELD_MISSING && error != ERR_TOO_LARGE) {
        *place = place_of(text, cutter.at < rewritten.len ? cutter.at : rewritten.len);
    }
    return error;
}

/* ---- writing ---- */

struct doc *dcat_us_write(const struct doc *datasets)
{
    struct doc *catalog = doc_new_object();
    struct doc *list = doc_new_array();
    doc_set_text(catalog, "@context",
                 "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld");
    doc_set_text(catalog, "@type", "dcat:Catalog");
    doc_set_text(catalog, "conformsTo", "https://project-open-data.cio.gov/v1.1/schema");
    doc_set_text(catalog, "describedBy",
                 "https://project-open-data.cio.gov/v1.1/schema/catalog.json");
    for (size_t i = 0; i < doc_count(datasets); i++) {
        doc_push(list, doc_ref(doc_at(datasets, i)));
    }
    doc_set(catalog, "dataset", list);
    return catalog;
}
