/* The state of height 0, on an overlay over an empty store. */
#include "chain/initial.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rule.h"

#include <string.h>

#define GENESIS_TAG "dirchain/genesis/1"

void initial_hash(struct hash *out, const struct doc *genesis)
{
    AUTO(doc_free) struct doc *plain = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(genesis, &cursor, &name, &value)) {
        if (strcmp(name, "signature") != 0) {
            doc_set(plain, name, doc_ref(value));
        }
    }
    doc_hash(out, GENESIS_TAG, plain);
}

int initial_check_hash(struct faults *faults, const struct doc *genesis,
                       const struct hash *expected)
{
    struct hash hash;
    if (doc_kind(genesis) != DOC_OBJECT) {
        return faults_add(faults, ERR_GENESIS, NULL, "%s", "");
    }
    initial_hash(&hash, genesis);
    return hash_equal(&hash, expected) ? 0 : faults_add(faults, ERR_GENESIS, NULL, "%s", "");
}

static int absent_get(void *context, struct doc **out, const char *key)
{
    (void)context;
    (void)key;
    *out = NULL;
    return 0;
}

static int absent_next(void *context, char *key, const char *prefix, const char *after)
{
    (void)context;
    (void)prefix;
    (void)after;
    key[0] = 0;
    return 0;
}

int initial_state_open(struct state **out, struct faults *faults, const struct doc *genesis)
{
    struct state_source nothing = {.get = absent_get, .next = absent_next};
    *out = state_open(&nothing);
    int error = rules_init_state(*out, faults, genesis);
    if (error != 0) {
        state_close(out);
    }
    return error;
}
