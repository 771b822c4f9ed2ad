/* doc_parse on anything: what is accepted has one canonical form, which parses to the same. */
#include "fuzz.h"

#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define BYTES_MAX (1024 * 1024)

static void check_iteration(const struct doc *object)
{
    size_t cursor = 0;
    size_t count = 0;
    const char *key;
    const char *last = NULL;
    const struct doc *value;
    while (doc_next(object, &cursor, &key, &value)) {
        ENSURE(last == NULL || strcmp(last, key) < 0);
        ENSURE(doc_get(object, key) == value);
        last = key;
        count++;
    }
    ENSURE(count == doc_count(object));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(doc_free) struct doc *doc = NULL;
    AUTO(doc_free) struct doc *from_canonical = NULL;
    AUTO(doc_free) struct doc *from_pretty = NULL;
    AUTO(buf_free) struct buf canonical = {0};
    AUTO(buf_free) struct buf again = {0};
    AUTO(buf_free) struct buf pretty = {0};
    int error = doc_parse(&doc, view_of(data, size), BYTES_MAX);
    ENSURE((doc != NULL) == (error == OK));
    if (error != OK)
        return 0;
    doc_append_canonical(&canonical, doc);
    doc_append_pretty(&pretty, doc);
    ENSURE(doc_parse(&from_canonical, view_of_buf(&canonical), 8 * BYTES_MAX) == OK);
    ENSURE(doc_parse(&from_pretty, view_of_buf(&pretty), 64 * BYTES_MAX) == OK);
    ENSURE(doc_equal(doc, from_canonical) && doc_equal(doc, from_pretty));
    doc_append_canonical(&again, from_canonical);
    ENSURE(view_equal(view_of_buf(&canonical), view_of_buf(&again)));
    if (doc_kind(doc) == DOC_OBJECT)
        check_iteration(doc);
    return 0;
}
