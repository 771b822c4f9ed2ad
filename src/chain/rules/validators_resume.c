/* A validator signs again before its former height has passed. Its node had found that its memory
 * is older than its signatures and held its votes back (docs/spec/consensus.md, Holds); the
 * member's chief takes it upon the member to let it vote, since the chain cannot go on otherwise.
 * The node acts on the signed document at once; here it is put on record, for all to see. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/validators.h"

int validator_resume(struct rule_context *context)
{
    struct validator_set set;
    const char *member = context->tx->member;
    int64_t height = doc_get_int(context->body, "height", 0);
    int error = rules_validators(&set, context->state, context->height);
    if (error != 0) {
        return error;
    }
    if (validators_find(&set, member) < 0) {
        return rule_fault(context, ERR_STATUS, "A3", "%s", "");
    }
    /* Not ahead of time: an override is for the hold that is known when it is signed. */
    if (height > (int64_t)context->height) {
        (void)rule_fault(context, ERR_FIELD_RANGE, "A3", "height");
    }
    if (doc_get_int(context->body, "held_until", 0) < height) {
        (void)rule_fault(context, ERR_FIELD_RANGE, "A3", "held_until");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    const struct doc *before = state_getf(context->state, "resume/%s", member);
    struct doc *record = doc_new_object();
    doc_set_int(record, "count", doc_get_int(before, "count", 0) + 1);
    record_share(record, "height", doc_get(context->body, "height"));
    record_share(record, "held_until", doc_get(context->body, "held_until"));
    doc_set_text(record, "key", context->tx->key_name);
    doc_set_text(record, "member", member);
    record_share(record, "reason", doc_get(context->body, "reason"));
    doc_set_int(record, "since_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "resume/%s", member);
    return 0;
}
