/* The index from duties and designations to entries: CESI 5.3.1 has every entry stem from a duty,
 * so whoever retires one has to see what stems from it. */
#include "chain/rules/stems.h"

#include <stdio.h>
#include <string.h>

void stem_duty_prefix(char out[RECORD_KEY_BYTES], const char *member, const char *duty)
{
    record_key(out, "stem/duty/%s/%s/", member, duty);
}

void stem_designation_prefix(char out[RECORD_KEY_BYTES], const char *id)
{
    record_key(out, "stem/designation/%s/", id);
}

static void stem_set(struct rule_context *context, const char *provider, const char *code,
                     const struct doc *entry, bool stands)
{
    char prefix[RECORD_KEY_BYTES], keys[2][RECORD_KEY_BYTES];
    const char *duty = doc_get_text(entry, "duty");
    const char *designation = doc_get_text(entry, "designation");
    size_t count = 0;
    if (duty != NULL) {
        stem_duty_prefix(prefix, provider, duty);
        record_key(keys[count++], "%s%s", prefix, code);
    }
    if (designation != NULL) {
        stem_designation_prefix(prefix, designation);
        record_key(keys[count++], "%s%s/%s", prefix, provider, code);
    }
    for (size_t i = 0; i < count; i++) {
        if (stands) {
            state_put(context->state, keys[i], doc_new_bool(true));
        } else {
            state_delete(context->state, keys[i]);
        }
    }
}

void stem_move(struct rule_context *context, const char *provider, const char *code,
               const struct doc *before, const struct doc *after)
{
    stem_set(context, provider, code, before, false);
    stem_set(context, provider, code, after, true);
}

/* stem/<kind>/<root…>/<entry>: of a duty the member stands before it, of a designation in it. */
static void entry_of_key(char out[RECORD_KEY_BYTES], const char *key, const char *prefix)
{
    static const char duty[] = "stem/duty/";
    if (strncmp(prefix, duty, sizeof duty - 1) == 0) {
        record_key(out, "%.*s/%s", MEMBER_ID_CHARS, prefix + sizeof duty - 1, key + strlen(prefix));
    } else {
        record_key(out, "%s", key + strlen(prefix));
    }
}

void stem_affect(struct rule_context *context, struct doc *record, const char *prefix,
                 const char *clause, const char *effect)
{
    char key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES], entry[RECORD_KEY_BYTES];
    char subject[RECORD_KEY_BYTES];
    struct doc *affected = doc_new_array();
    bool more = state_next(context->state, key, prefix, NULL);
    while (more && doc_count(affected) < STEM_ENTRIES_LISTED_MAX) {
        entry_of_key(entry, key, prefix);
        record_key(subject, "entry/%s", entry);
        doc_push_text(affected, entry);
        rule_act(context, clause, subject, effect);
        memcpy(after, key, sizeof after);
        more = state_next(context->state, key, prefix, after);
    }
    doc_set(record, "affected", affected);
    if (more) {
        doc_set_bool(record, "affected_more", true);
    }
}
