/* Members of documents by name and C type: reading without ceremony, and building with the rules
 * for text enforced. All of it stands on the tree in doc.c. */
#include "base/doc_text.h"
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

const char *doc_get_text(const struct doc *object, const char *key)
{
    return doc_text(doc_get(object, key));
}

int64_t doc_get_int(const struct doc *object, const char *key, int64_t otherwise)
{
    return doc_int(doc_get(object, key), otherwise);
}

bool doc_get_bool(const struct doc *object, const char *key, bool otherwise)
{
    return doc_bool(doc_get(object, key), otherwise);
}

bool doc_text_is(const struct doc *object, const char *key, const char *value)
{
    const char *text = doc_get_text(object, key);
    return text && value && strcmp(text, value) == 0;
}

bool doc_has_text(const struct doc *array, const char *value)
{
    size_t count = doc_kind(array) == DOC_ARRAY ? doc_count(array) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = doc_text(doc_at(array, i));
        if (text && strcmp(text, value) == 0)
            return true;
    }
    return false;
}

/* ---- building ---- */

bool doc_text_valid(struct view text)
{
    bool ascii;
    return doc_text_check(text, &ascii) == OK; /* refuses NUL too */
}

struct doc *doc_new_text(const char *text)
{
    struct view view = view_of_text(text);
    ENSURE(doc_text_valid(view));
    return doc_new_text_unchecked(view);
}

void doc_set(struct doc *object, const char *key, struct doc *value)
{
    bool ascii;
    struct view view = view_of_text(key);
    ENSURE(doc_text_check(view, &ascii) == OK && ascii);
    doc_set_unchecked(object, view, value);
}

void doc_set_text(struct doc *object, const char *key, const char *value)
{
    doc_set(object, key, doc_new_text(value));
}

void doc_set_int(struct doc *object, const char *key, int64_t value)
{
    doc_set(object, key, doc_new_int(value));
}

void doc_set_bool(struct doc *object, const char *key, bool value)
{
    doc_set(object, key, doc_new_bool(value));
}

void doc_set_hash(struct doc *object, const char *key, const struct hash *value)
{
    char hex[2 * HASH_BYTES + 1];
    hash_to_hex(hex, value);
    doc_set_text(object, key, hex);
}

void doc_set_format(struct doc *object, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    va_end(args);
    memory_must(len < 0 ? NULL : text);
    doc_set_text(object, key, text);
    memory_free(text);
}

void doc_push_text(struct doc *array, const char *value)
{
    doc_push(array, doc_new_text(value));
}

void doc_set_bytes(struct doc *object, const char *key, struct view value)
{
    char *text = memory_alloc(2 * value.len + 1);
    hex_encode(text, value);
    doc_set_text(object, key, text);
    memory_free(text);
}

int doc_get_bytes(struct buf *out, const struct doc *object, const char *key, size_t bytes_max)
{
    const char *text = doc_get_text(object, key);
    if (!text)
        return ERR_FIELD_MISSING;
    size_t len = strlen(text) / 2;
    if (len > bytes_max)
        return ERR_TOO_LARGE;
    buf_reserve(out, len);
    int error = hex_decode(out->data + out->len, len, view_of_text(text));
    if (error == 0)
        out->len += len;
    return error;
}

static void fill_in(struct doc *object, const struct doc *defaults, const char *path,
                    struct doc *filled)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(defaults, &cursor, &name, &value)) {
        AUTO(buf_free) struct buf place = {0};
        const struct doc *own = doc_get(object, name);
        buf_append_format(&place, "%s%s%s", path, path[0] == 0 ? "" : ".", name);
        if (own == NULL) {
            doc_set(object, name, doc_ref(value));
            if (filled != NULL)
                doc_push_text(filled, buf_text(&place));
        } else if (doc_kind(own) == DOC_OBJECT && doc_kind(value) == DOC_OBJECT) {
            struct doc *merged = doc_copy(own);
            fill_in(merged, value, buf_text(&place), filled);
            doc_set(object, name, merged);
        }
    }
}

void doc_fill_in(struct doc *object, const struct doc *defaults, struct doc *filled)
{
    fill_in(object, defaults, "", filled);
}
