/* keys/<member>: how many keys a member has in force, and of each role how many can sign.
 *
 *   {"in_force":n,"standing":{"<role>":n,…}}
 *
 * Keys are never deleted, so a member's old ones grow without end. Who asks for a chief that is
 * left, or for room, asks these numbers, and no rule walks through the keys. Invariant: they are
 * what a count of key/<member>/… gives; so whoever writes a key's record does it here. */
#include "chain/key_record.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"

static bool is_in_force(const struct doc *key)
{
    return doc_get(key, "from") != NULL && doc_kind(doc_get(key, "to")) == DOC_NULL;
}

static void add(struct doc *object, const char *name, int64_t more)
{
    doc_set_int(object, name, doc_get_int(object, name, 0) + more);
}

static void tally(struct state *state, const char *member, const char *role, int64_t in_force,
                  int64_t standing)
{
    struct doc *counts = record_edit(state_getf(state, "keys/%s", member));
    struct doc *roles = record_edit(doc_get(counts, "standing"));
    add(counts, "in_force", in_force);
    add(roles, role, standing);
    doc_set(counts, "standing", roles);
    state_putf(state, counts, "keys/%s", member);
}

void key_record_put(struct state *state, struct doc *record)
{
    const char *member = doc_get_text(record, "member"), *name = doc_get_text(record, "name");
    const struct doc *before = state_getf(state, "key/%s/%s", member, name);
    int in_force = is_in_force(record) - is_in_force(before);
    int standing = key_stands(record) - key_stands(before);
    if (in_force != 0 || standing != 0) {
        tally(state, member, doc_get_text(record, "role"), in_force, standing);
    }
    state_putf(state, record, "key/%s/%s", member, name);
}

int64_t keys_in_force(struct state *state, const char *member)
{
    return doc_get_int(state_getf(state, "keys/%s", member), "in_force", 0);
}

int64_t keys_standing(struct state *state, const char *member, const char *role)
{
    return doc_get_int(doc_get(state_getf(state, "keys/%s", member), "standing"), role, 0);
}
