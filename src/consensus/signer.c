/* The signing rule. Invariants: every signature that ever left this file is in the synced record of
 * its (height, round); the positions of synced records only move forward; nothing is signed at a
 * height that is held. */
#include "consensus/signer.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

struct signer {
    struct safety *safety;
    struct hash genesis;
    char member[MEMBER_ID_CHARS + 1];
    struct secret_key secret;
    signer_sign_function sign;
    struct safety_record next; /* scratch: the record with its signatures */
    struct buf old_bytes, next_bytes;
};

int signer_open(struct signer **out, struct safety **safety, const struct hash *genesis,
                const char *member, const struct secret_key *secret, signer_sign_function sign)
{
    struct vote_key key;
    int error = sign_vote_key(&key, secret);
    if (error != OK || strlen(member) != MEMBER_ID_CHARS) {
        safety_close(safety);
        return ERR_KEY_INVALID;
    }
    struct signer *signer = memory_alloc(sizeof *signer);
    signer->safety = *safety;
    *safety = NULL;
    signer->genesis = *genesis;
    memcpy(signer->member, member, MEMBER_ID_CHARS);
    signer->secret = *secret;
    signer->sign = sign ? sign : schnorr_sign;
    *out = signer;
    return OK;
}

void signer_close(struct signer **signer)
{
    if (!*signer)
        return;
    safety_close(&(*signer)->safety);
    buf_free(&(*signer)->old_bytes);
    buf_free(&(*signer)->next_bytes);
    memory_wipe(&(*signer)->secret, sizeof(*signer)->secret);
    memory_free(*signer);
    *signer = NULL;
}

const struct safety_record *signer_record(const struct signer *signer)
{
    return safety_loaded(signer->safety);
}

/* ---- the messages of a record, by the step at which they are signed ---- */

static bool record_message(struct message *out, const struct safety_record *record, enum step step)
{
    switch (step) {
    case STEP_PROPOSE:
        *out = (struct message){.kind = MESSAGE_PROPOSAL, .proposal = record->proposal};
        return record->has_proposal;
    case STEP_PREVOTE:
        *out = (struct message){.kind = MESSAGE_VOTE, .vote = record->prevote};
        return record->has_prevote;
    case STEP_PRECOMMIT:
        *out = (struct message){.kind = MESSAGE_VOTE, .vote = record->precommit};
        return record->has_precommit;
    case STEP_NEW:
    case STEP_DECIDED:
        break;
    }
    return false;
}

static struct signature *record_signature(struct safety_record *record, enum step step)
{
    return step == STEP_PROPOSE   ? &record->proposal.signature
           : step == STEP_PREVOTE ? &record->prevote.signature
                                  : &record->precommit.signature;
}

static enum step message_step(const struct message *message)
{
    if (message->kind == MESSAGE_PROPOSAL)
        return STEP_PROPOSE;
    return message->vote.type == VOTE_PREVOTE ? STEP_PREVOTE : STEP_PRECOMMIT;
}

static bool same_signed_bytes(const struct signer *signer, const struct message *a,
                              const struct message *b)
{
    struct hash digest_a, digest_b;
    message_digest(&digest_a, &signer->genesis, a);
    message_digest(&digest_b, &signer->genesis, b);
    return hash_equal(&digest_a, &digest_b);
}

/* ---- what may follow what ---- */

static bool same_round(const struct safety_record *a, const struct safety_record *b)
{
    return a->height == b->height && a->round == b->round;
}

/* Lock and valid value move to later rounds only, as long as the height lasts. */
static bool value_moves_forward(int64_t old_round, const struct hash *old_block, int64_t next_round,
                                const struct hash *next_block)
{
    if (next_round != old_round)
        return next_round > old_round;
    return hash_equal(old_block, next_block);
}

static bool position_moves_forward(const struct safety_record *old,
                                   const struct safety_record *next)
{
    if (next->height != old->height)
        return next->height > old->height;
    if (!value_moves_forward(old->locked_round, &old->locked_block, next->locked_round,
                             &next->locked_block) ||
        !value_moves_forward(old->valid_round, &old->valid_block, next->valid_round,
                             &next->valid_block))
        return false;
    if (next->round != old->round)
        return next->round > old->round;
    return next->step >= old->step;
}

/* One message of the new record: ours, in its place, and new only at a later step. */
static bool message_may_follow(const struct signer *signer, const struct safety_record *old,
                               const struct safety_record *next, enum step step)
{
    struct message before, now;
    bool had = same_round(old, next) && record_message(&before, old, step);
    if (!record_message(&now, next, step))
        return !had;
    if (message_height(&now) != next->height || message_round(&now) != next->round ||
        message_step(&now) != step || step > next->step)
        return false;
    if (now.kind == MESSAGE_VOTE && strcmp(now.vote.validator, signer->member) != 0)
        return false;
    if (had)
        return same_signed_bytes(signer, &before, &now);
    return !same_round(old, next) || step > old->step;
}

/* Line 38–40: a precommit for a block goes with the lock on it. */
static bool precommit_is_locked(const struct safety_record *record)
{
    if (!record->has_precommit || hash_is_zero(&record->precommit.block))
        return true;
    return record->locked_round == (int64_t)record->round &&
           hash_equal(&record->locked_block, &record->precommit.block);
}

static bool may_follow(const struct signer *signer, const struct safety_record *old,
                       const struct safety_record *next)
{
    if (next->step > STEP_PRECOMMIT || next->height <= old->hold_height ||
        !position_moves_forward(old, next) || !precommit_is_locked(next))
        return false;
    for (enum step step = STEP_PROPOSE; step <= STEP_PRECOMMIT; step++) {
        if (!message_may_follow(signer, old, next, step))
            return false;
    }
    return true;
}

/* ---- persist, then sign ---- */

static int fill_signatures(struct signer *signer, const struct safety_record *old,
                           struct safety_record *next)
{
    for (enum step step = STEP_PROPOSE; step <= STEP_PRECOMMIT; step++) {
        struct message before, now;
        if (!record_message(&now, next, step))
            continue;
        struct signature *signature = record_signature(next, step);
        if (same_round(old, next) && record_message(&before, old, step)) {
            *signature =
                before.kind == MESSAGE_PROPOSAL ? before.proposal.signature : before.vote.signature;
            continue;
        }
        struct hash digest;
        message_digest(&digest, &signer->genesis, &now);
        int error = signer->sign(signature, &signer->secret, &digest);
        if (error != OK)
            return error;
    }
    return OK;
}

/* Writes signer->next unless that is what is stored. */
static int save_if_new(struct signer *signer, const struct safety_record *old)
{
    buf_clear(&signer->old_bytes);
    buf_clear(&signer->next_bytes);
    safety_record_encode(&signer->old_bytes, old);
    safety_record_encode(&signer->next_bytes, &signer->next);
    if (view_equal(view_of_buf(&signer->old_bytes), view_of_buf(&signer->next_bytes)))
        return OK;
    return safety_save(signer->safety, &signer->next);
}

int signer_persist(struct signer *signer, const struct safety_record *record)
{
    const struct safety_record *old = safety_loaded(signer->safety);
    if (!may_follow(signer, old, record))
        return ERR_SAFETY_REGRESS;
    signer->next = *record;
    signer->next.hold_height = 0; /* it is above every hold */
    signer->next.hold_reason = HOLD_NONE;
    int error = fill_signatures(signer, old, &signer->next);
    if (error != OK)
        return error;
    return save_if_new(signer, old);
}

int signer_sign(const struct signer *signer, struct message *message)
{
    const struct safety_record *record = safety_loaded(signer->safety);
    struct message stored;
    if (message_height(message) != record->height || message_round(message) != record->round ||
        !record_message(&stored, record, message_step(message)) ||
        !same_signed_bytes(signer, &stored, message))
        return ERR_SAFETY_REGRESS;
    if (message->kind == MESSAGE_PROPOSAL)
        message->proposal.signature = stored.proposal.signature;
    else
        message->vote.signature = stored.vote.signature;
    return OK;
}

/* ---- holds ---- */

bool signer_accounts_for(const struct signer *signer, const struct message *message)
{
    const struct safety_record *record = safety_loaded(signer->safety);
    uint64_t height = message_height(message);
    uint32_t round = message_round(message);
    if (height < record->height || height <= record->hold_height)
        return true;
    if (height > record->height || round > record->round)
        return false;
    struct message stored;
    return round < record->round || (record_message(&stored, record, message_step(message)) &&
                                     same_signed_bytes(signer, &stored, message));
}

int signer_hold(struct signer *signer, uint64_t height, enum hold_reason reason)
{
    signer->next = *safety_loaded(signer->safety);
    if (height <= signer->next.hold_height)
        return OK;
    signer->next.hold_height = height;
    signer->next.hold_reason = reason;
    return safety_save(signer->safety, &signer->next);
}

int signer_end_alone(struct signer *signer, uint64_t height)
{
    signer->next = *safety_loaded(signer->safety);
    if (signer->next.hold_reason != HOLD_ALONE)
        return OK;
    signer->next.hold_height = height;
    signer->next.hold_reason = HOLD_NEW_RECORD;
    return safety_save(signer->safety, &signer->next);
}

/* Messages of one round: what the record has stays, what it lacks is taken over. */
static void merge_messages(struct safety_record *next, const struct safety_record *heard)
{
    if (!next->has_proposal && heard->has_proposal) {
        next->has_proposal = true;
        next->proposal = heard->proposal;
    }
    if (!next->has_prevote && heard->has_prevote) {
        next->has_prevote = true;
        next->prevote = heard->prevote;
    }
    if (!next->has_precommit && heard->has_precommit) {
        next->has_precommit = true;
        next->precommit = heard->precommit;
    }
    next->step = next->has_precommit  ? STEP_PRECOMMIT
                 : next->has_prevote  ? STEP_PREVOTE
                 : next->has_proposal ? STEP_PROPOSE
                                      : STEP_NEW;
}

static void enter_round(struct safety_record *next, uint32_t round)
{
    next->round = round;
    next->has_proposal = next->has_prevote = next->has_precommit = false;
    next->entry_precommit_count = 0;
}

int signer_resume(struct signer *signer, const struct safety_record *heard)
{
    const struct safety_record *old = safety_loaded(signer->safety);
    struct safety_record *next = &signer->next;
    if (heard->height < old->height || heard->locked_round > (int64_t)heard->round)
        return ERR_SAFETY_REGRESS;
    *next = *old;
    if (heard->height > old->height) {
        safety_record_init(next);
        next->height = heard->height;
    }
    next->hold_height = 0;
    next->hold_reason = HOLD_NONE;
    if (heard->round > next->round)
        enter_round(next, heard->round);
    if (heard->round == next->round)
        merge_messages(next, heard);
    if (heard->locked_round > next->locked_round) {
        next->locked_round = heard->locked_round;
        next->locked_block = heard->locked_block;
    }
    if (next->locked_round > next->valid_round) {
        next->valid_round = next->locked_round;
        next->valid_block = next->locked_block;
        next->valid_prevote_count = 0;
    }
    return save_if_new(signer, old);
}
