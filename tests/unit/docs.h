/* What tests of documents share. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_DOCS_H
#define DIRCHAIN_TESTS_UNIT_DOCS_H

#include "check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

#define BYTES_MAX (1024 * 1024)

static inline struct doc *parsed(const char *text)
{
    struct doc *doc = NULL;
    int error = doc_parse(&doc, view_of_text(text), BYTES_MAX);
    if (error)
        fail_msg("%s: %s", error_code(error), text);
    return doc;
}

static inline void assert_canonical(const struct doc *doc, const char *expected)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    assert_string_equal(buf_text(&text), expected);
}

#endif
