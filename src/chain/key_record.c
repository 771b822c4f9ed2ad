/* When a key may sign. */
#include "chain/key_record.h"

#include "base/errors.h"

int key_check(const struct doc *key, uint64_t height)
{
    int64_t at = (int64_t)height;
    if (at < doc_get_int(key, "from", INT64_MAX) || at > doc_get_int(key, "to", INT64_MAX)) {
        return ERR_TX_KEY; /* `to` is null while it is not retired */
    }
    bool suspended = at >= doc_get_int(key, "suspended", INT64_MAX);
    return suspended || at < doc_get_int(key, "restored", 0) ? ERR_KEY_SUSPENDED : 0;
}

bool key_stands(const struct doc *key)
{
    return doc_get(key, "from") != NULL && doc_kind(doc_get(key, "to")) == DOC_NULL &&
           doc_get(key, "suspended") == NULL;
}
