/* Reading tests/vectors/: files that independent scripts wrote from docs/spec/. A vector that is
 * missing or malformed stops the test. */
#ifndef DIRCHAIN_TESTS_VECTORS_H
#define DIRCHAIN_TESTS_VECTORS_H

#include "base/bytes.h"
#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/sign.h"

#include <stdio.h>
#include <string.h>

#define VECTORS_BYTES_MAX (8 * 1024 * 1024)

static inline struct doc *vectors_load(const char *name)
{
    char path[512];
    AUTO(buf_free) struct buf text = {0};
    struct doc *vectors = NULL;
    (void)snprintf(path, sizeof path, "%s/tests/vectors/%s", DIRCHAIN_SOURCE_DIR, name);
    ENSURE(file_read(&text, path, VECTORS_BYTES_MAX) == OK);
    ENSURE(doc_parse(&vectors, view_of_buf(&text), VECTORS_BYTES_MAX) == OK);
    return vectors;
}

static inline const char *vector_text(const struct doc *vector, const char *key)
{
    const char *text = doc_get_text(vector, key);
    if (text == NULL)
        printf("vector lacks %s\n", key);
    ENSURE(text != NULL);
    return text;
}

static inline const char *vector_name(const struct doc *vector)
{
    return vector_text(vector, "name");
}

static inline void vector_bytes(struct buf *out, const struct doc *vector, const char *key)
{
    const char *hex = vector_text(vector, key);
    size_t len = strlen(hex) / 2;
    buf_clear(out);
    buf_reserve(out, len + 1);
    ENSURE(hex_decode(out->data, len, view_of_text(hex)) == OK);
    out->len = len;
}

static inline void vector_fixed(void *out, size_t len, const struct doc *vector, const char *key)
{
    ENSURE(hex_decode(out, len, view_of_text(vector_text(vector, key))) == OK);
}

static inline struct hash vector_hash(const struct doc *vector, const char *key)
{
    struct hash hash;
    vector_fixed(hash.bytes, sizeof hash.bytes, vector, key);
    return hash;
}

/* Compares, and names the vector when it fails: tables say which row is wrong. */
#define VECTOR_CHECK(vector, condition)                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("vector \"%s\": %s", vector_name(vector), #condition);                        \
    } while (0)

static inline bool buf_is(const struct buf *a, const struct buf *b)
{
    return view_equal(view_of_buf(a), view_of_buf(b));
}

#endif
