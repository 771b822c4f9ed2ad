/* Openings: what the commitments and digests on the ledger stand for. They stay here, and here
 * alone they can be erased. */
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/gateway_parts.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *suffix, *member;
} kinds[] = {{"", "parameters"}, {".received", "received"}, {".sent", "sent"}};
#define KINDS (sizeof kinds / sizeof *kinds)

static bool name_of(char out[SHELF_NAME_CHARS_MAX + 1], const char *open, size_t kind)
{
    struct hash id;
    (void)snprintf(out, SHELF_NAME_CHARS_MAX + 1, "%.64s%s", open, kinds[kind].suffix);
    return hash_from_hex(&id, open) == 0; /* from outside */
}

int gateway_opening_get(struct doc **out, struct exchange_gateway *gateway, const char *open)
{
    AUTO(doc_free) struct doc *all = doc_new_object();
    char name[SHELF_NAME_CHARS_MAX + 1];
    *out = NULL;
    for (size_t i = 0; i < KINDS; i++) {
        struct doc *one = NULL;
        int error =
            name_of(name, open, i) ? shelf_get(&one, &gateway->openings, name) : ERR_NOT_FOUND;
        if (error == 0) {
            doc_set(all, kinds[i].member, one);
        } else if (error != ERR_NOT_FOUND) {
            return error;
        }
    }
    if (doc_count(all) == 0) {
        return ERR_NOT_FOUND;
    }
    *out = doc_ref(all);
    return 0;
}

int gateway_opening_erase(struct exchange_gateway *gateway, const char *open)
{
    AUTO(doc_free) struct doc *known = NULL;
    char name[SHELF_NAME_CHARS_MAX + 1];
    int error = gateway_opening_get(&known, gateway, open);
    if (error == ERR_NOT_FOUND || error == ERR_IO) {
        return error;
    }
    if (fetch_is_at_work(gateway->fetch, open)) {
        return ERR_STATUS;
    }
    error = 0;
    for (size_t i = 0; i < KINDS && error == 0; i++) {
        error = name_of(name, open, i) ? shelf_remove(&gateway->openings, name) : 0;
    }
    return error;
}
