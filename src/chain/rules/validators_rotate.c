/* validator.rotate: a member changes its vote key, and with it that of its seat if it has one. The
 * chief signs the transaction; the new key signs that it is there (proof of possession), so that
 * nobody takes a key that is another's, or one that no node can vote with.
 *
 *   block H: registered ──► H, H+1: the old key votes ──► from H+2 on: only the new one
 *
 * To the preflight the seat is a newcomer's: the others must make a quorum without it until it has
 * proposed with the new key. Votes of heights before H+2 stay votes of the old key, and evidence of
 * them is judged by it: that the key changed excuses nothing.
 *
 * A key is registered once and for ever (state vote/<key>), so that an old one never comes back. It
 * stays for ROTATION_HEIGHTS_MIN heights: as one change waits for the other, a member that changed
 * its key all the time would keep the center from taking its seat. */
#include "chain/rules/rotation.h"

#include "base/errors.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/validators_seats.h"

#include <inttypes.h>
#include <string.h>

void rotation_digest(struct hash *out, const struct hash *genesis, const char *member,
                     const char *vote_key)
{
    AUTO(doc_free) struct doc *claim = doc_new_object();
    doc_set_hash(claim, "chain", genesis);
    doc_set_text(claim, "member", member);
    doc_set_text(claim, "vote_key", vote_key);
    doc_hash(out, ROTATION_TAG, claim);
}

static int check_possession(struct rule_context *context, const char *vote_key)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct vote_key key;
    struct signature signature;
    struct hash genesis, digest;
    const char *chain = doc_get_text(state_get(context->state, "network"), "genesis");
    if (chain == NULL) {
        return ERR_CORRUPT; /* the disk failed under us: state_error says so */
    }
    int error = base64url_decode(&bytes, view_of_text(rule_body_text(context, "vote_signature")));
    if (error != 0 || bytes.len != SIGNATURE_BYTES) {
        return rule_fault(context, ERR_BASE64URL, "A3", "vote_signature");
    }
    error = hex_decode(genesis.bytes, sizeof genesis.bytes, view_of_text(chain));
    error = error != 0 ? error : hex_decode(key.bytes, sizeof key.bytes, view_of_text(vote_key));
    if (error != 0) {
        return error;
    }
    memcpy(signature.bytes, bytes.data, sizeof signature.bytes);
    rotation_digest(&digest, &genesis, context->tx->member, vote_key);
    return schnorr_verify(&key, &digest, &signature)
               ? 0
               : rule_fault(context, ERR_SIGNATURE, "A3", "vote_signature");
}

static int check_age(struct rule_context *context, const struct doc *member)
{
    int64_t from = doc_get_int(member, "vote_key_from", -ROTATION_HEIGHTS_MIN);
    int64_t next = from + ROTATION_HEIGHTS_MIN;
    return (int64_t)context->height >= next
               ? 0
               : rule_fault(context, ERR_VOTE_KEY_RECENT, "A3",
                            "高度 %" PRId64 " 起方可再换 not before height %" PRId64, next, next);
}

/* The member's seat, if it has one, with the new key from H+2 on. */
static int rotate_seat(struct rule_context *context, const struct doc *member)
{
    struct seat_change change;
    int error = seats_begin(&change, context);
    if (error != 0) {
        return error;
    }
    int at = validators_find(&change.set, context->tx->member);
    if (seats_pending(context)) {
        return rule_fault(context, ERR_SEAT_PENDING, "A3", "%s", "");
    }
    if (at < 0) {
        return 0;
    }
    seats_take(&change, (size_t)at);
    validator_from_member(&change.set.item[change.set.count++], member);
    error = seats_preflight(context, &change);
    if (error == 0) {
        validators_forget_awake(context, context->tx->member);
        error = seats_put(context, &change, "vote_key");
    }
    return error;
}

int validator_rotate(struct rule_context *context)
{
    const char *vote_key = rule_body_text(context, "vote_key");
    const struct doc *member = rule_subjectf(context, "member/%s", context->tx->member);
    if (member == NULL) {
        return rule_failed(context);
    }
    int error = check_age(context, member);
    int other =
        vote_key_claim(context->state, context->faults, vote_key, context->tx->member, "vote_key");
    error = error != 0 ? error : other;
    other = check_possession(context, vote_key);
    error = error != 0 ? error : other;
    if (error != 0) {
        return error;
    }
    struct doc *record = record_edit(member);
    record_share(record, "vote_key", doc_get(context->body, "vote_key"));
    doc_set_int(record, "vote_key_from", (int64_t)context->height + 2);
    record_stamp(context, record);
    state_putf(context->state, record, "member/%s", context->tx->member);
    return rotate_seat(context, record);
}
