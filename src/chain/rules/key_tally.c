/* keys/<member>: how many keys a member has in force, and of each role how many of its own, not a
 * delegate's (PT 2), can sign, and how many the center keeps suspended: a delegate signs a few
 * types alone, and speaks for nobody who cannot.
 *
 *   {"in_force":n,"standing":{"<role>":n,…},"held":{…},"silence":{…}}     (key_silence.c)
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

/* In force, and suspended by another than its member: by the center. */
bool key_is_held(const struct doc *key)
{
    return is_in_force(key) && doc_get(key, "suspended") != NULL &&
           !doc_text_is(key, "suspended_by", doc_get_text(key, "member"));
}

static void add_to_role(struct doc *counts, const char *what, const char *role, int64_t more)
{
    if (more != 0) {
        struct doc *roles = record_edit(doc_get(counts, what));
        add(roles, role, more);
        doc_set(counts, what, roles);
    }
}

void key_record_put(struct state *state, struct doc *record)
{
    const char *member = doc_get_text(record, "member"), *name = doc_get_text(record, "name");
    const char *role = doc_get_text(record, "role");
    bool own = doc_get(record, "delegation") == NULL;
    const struct doc *before = state_getf(state, "key/%s/%s", member, name);
    int in_force = is_in_force(record) - is_in_force(before);
    int standing = own ? key_stands(record) - key_stands(before) : 0;
    int held = own ? key_is_held(record) - key_is_held(before) : 0;
    if (in_force != 0 || standing != 0 || held != 0) {
        struct doc *counts = record_edit(state_getf(state, "keys/%s", member));
        add(counts, "in_force", in_force);
        add_to_role(counts, "standing", role, standing);
        add_to_role(counts, "held", role, held);
        state_putf(state, counts, "keys/%s", member);
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

int64_t keys_held(struct state *state, const char *member, const char *role)
{
    return doc_get_int(doc_get(state_getf(state, "keys/%s", member), "held"), role, 0);
}
