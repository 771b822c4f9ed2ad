/* Evidence of equivocation in the state: once per (validator, height, round, type), forever. What
 * follows from it: validators_removal.c. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/vote.h"

#include <inttypes.h>

void evidence_key(char out[RECORD_KEY_BYTES], const struct evidence *evidence)
{
    const struct vote *vote = &evidence->a;
    record_key(out, "evidence/%" PRIu64 "/%" PRIu32 "/%d/%s", vote->height, vote->round,
               (int)vote->type, vote->validator);
}

int rules_record_evidence(struct rule_context *context, const struct evidence *evidence)
{
    const struct vote *vote = &evidence->a;
    char key[RECORD_KEY_BYTES];
    evidence_key(key, evidence);
    if (state_get(context->state, key) != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "A3", "%s", key);
    }
    struct hash hash;
    evidence_hash(&hash, evidence);
    struct doc *record = doc_new_object();
    doc_set_hash(record, "hash", &hash);
    doc_set_int(record, "height", (int64_t)vote->height);
    doc_set_int(record, "recorded", (int64_t)context->height);
    doc_set_int(record, "round", vote->round);
    doc_set_text(record, "type", vote->type == VOTE_PREVOTE ? "prevote" : "precommit");
    doc_set_text(record, "validator", vote->validator);
    state_put(context->state, key, record);
    return state_error(context->state);
}
