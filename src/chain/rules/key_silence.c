/* PT 20 takes silence (逾期未反馈) for approval. Who cannot speak, because the center has suspended
 * its last key of the role (key.suspend, PT 29), is not silent: what is to be signed with such a
 * key stands meanwhile, like the terms of a suspended member (term_ends.c).
 *
 *   keys/<member>  "silence": {"<role>": {"from_ms","to_ms"?}}    the last one, lasting without end
 *   silenced/<member>/<role>/<%016x to_ms>  {"from_ms","to_ms"}   each that is over
 *
 * It begins with an act of the center alone, so that no agency stops its own clock, and is over as
 * soon as a key of the role can sign again, or the center keeps none suspended any more. */
#include "chain/rules/members.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <string.h>

static const struct doc *last_silence(struct state *state, const char *member, const char *role)
{
    return doc_get(doc_get(state_getf(state, "keys/%s", member), "silence"), role);
}

static void put_silence(struct state *state, const char *member, const char *role, struct doc *last)
{
    struct doc *keys = record_edit(state_getf(state, "keys/%s", member));
    struct doc *roles = record_edit(doc_get(keys, "silence"));
    doc_set(roles, role, last);
    doc_set(keys, "silence", roles);
    state_putf(state, keys, "keys/%s", member);
}

static bool lasts(const struct doc *silence)
{
    return silence != NULL && doc_get(silence, "to_ms") == NULL;
}

bool keys_are_silenced(struct state *state, const char *member, const char *role)
{
    return lasts(last_silence(state, member, role));
}

void keys_silenced(struct rule_context *context, const char *member, const char *role)
{
    if (keys_standing(context->state, member, role) > 0 ||
        keys_held(context->state, member, role) == 0 ||
        keys_are_silenced(context->state, member, role)) {
        return;
    }
    struct doc *silence = doc_new_object();
    doc_set_int(silence, "from_ms", context->time_ms);
    put_silence(context->state, member, role, silence);
    if (strcmp(role, "approve") == 0) {
        member_note_silence(context, member, true);
    }
}

void keys_heard(struct rule_context *context, const char *member, const char *role)
{
    const struct doc *silence = last_silence(context->state, member, role);
    if (!lasts(silence) || (keys_standing(context->state, member, role) == 0 &&
                            keys_held(context->state, member, role) > 0)) {
        return;
    }
    struct doc *past = record_edit(silence);
    doc_set_int(past, "to_ms", context->time_ms);
    state_putf(context->state, doc_ref(past), "silenced/%s/%s/%016" PRIx64, member, role,
               (uint64_t)context->time_ms);
    put_silence(context->state, member, role, past);
    if (strcmp(role, "approve") == 0) {
        member_note_silence(context, member, false);
    }
}

bool keys_silence_find(struct rule_context *context, struct time_span *out, const char *member,
                       const char *role, int64_t after_ms)
{
    const struct doc *last = last_silence(context->state, member, role);
    if (last == NULL || doc_get_int(last, "to_ms", INT64_MAX) <= after_ms) {
        return false;
    }
    char key[RECORD_KEY_BYTES], prefix[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    record_key(prefix, "silenced/%s/%s/", member, role);
    record_key(after, "%s%016" PRIx64, prefix, record_instant(after_ms));
    const struct doc *found =
        state_next(context->state, key, prefix, after) ? state_get(context->state, key) : last;
    out->from_ms = doc_get_int(found, "from_ms", 0);
    out->to_ms = doc_get_int(found, "to_ms", INT64_MAX);
    return true;
}

int64_t keys_heard_since(struct rule_context *context, const char *member, const char *role)
{
    const struct doc *last = last_silence(context->state, member, role);
    return last == NULL ? 0 : doc_get_int(last, "to_ms", INT64_MAX);
}
