/* This node's own words, as others tell them: in answers to the roll call and in any frame.
 *
 *   word ──► a height that this key may decide? ──► signed by it? ──► heard[] of this key
 *                                                                └──► unknown to its record: held
 *
 * Each vote key has its own record, and what was heard of it is apart from what was heard of the
 * other: one that was replaced may have been copied, and whoever has the copy can sign what it
 * likes. It says nothing where the set is known and names another key, nor of heights to come when
 * the seat has gone from it for good. Loop's thread only. */
#include "node/engine_internal.h"

#include "base/civil.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void note_vote(struct safety_record *heard, const struct vote *vote)
{
    bool is_last = vote->round == heard->round;
    if (vote->type == VOTE_PREVOTE && is_last) {
        heard->has_prevote = true;
        heard->prevote = *vote;
    } else if (vote->type == VOTE_PRECOMMIT && is_last) {
        heard->has_precommit = true;
        heard->precommit = *vote;
    }
    if (vote->type == VOTE_PRECOMMIT && !hash_is_zero(&vote->block) &&
        (int64_t)vote->round > heard->locked_round) { /* lines 38-40 */
        heard->locked_round = vote->round;
        heard->locked_block = vote->block;
    }
}

/* For engine_resume: a message that verified by this key, of a height that is not decided here. It
 * may be far above the tip: what is told before the blocks have come is told once. Of two heights
 * of one parity the higher counts, since who signs there has seen the lower one decided. */
static void note(struct engine_key *key, const struct message *message)
{
    uint64_t height = message_height(message);
    uint32_t round = message_round(message);
    struct safety_record *heard = &key->heard[height % 2];
    if (heard->height > height) {
        return;
    }
    if (heard->height < height) {
        safety_record_init(heard);
        heard->height = height;
        heard->round = round;
    }
    if (round > heard->round) {
        heard->round = round;
        heard->has_proposal = heard->has_prevote = heard->has_precommit = false;
    }
    if (message->kind == MESSAGE_VOTE) {
        note_vote(heard, &message->vote);
    } else if (round == heard->round) {
        heard->has_proposal = true;
        heard->proposal = message->proposal;
    }
}

/* Durably, before anything else is signed; what runs with this key at such a height goes on without
 * signatures. */
static void found_rolled_back(struct engine *engine, const struct engine_key *key,
                              const struct peer *peer, const struct message *message)
{
    uint64_t height = message_height(message);
    count_add(&engine->parts->counters->rollbacks_found, 1);
    log_write(
        LOG_ERROR, "engine",
        "%s has a message of this node's vote key for height %" PRIu64 ", round %" PRIu32
        " that the safety record does not know: the data directory was put back from an older "
        "copy, or the key runs elsewhere. Nothing is signed with it up to height %" PRIu64,
        peer->member, height, message_round(message), height);
    if (engine_hold_until(engine, key->signer, height, HOLD_ROLLED_BACK) == 0 &&
        engine->signer == key->signer && engine->running &&
        consensus_status(engine->core).height <= height) {
        engine_restart_height(engine);
    }
}

/* Whether the set of that height is known, and names another key for us or none. */
static bool is_of_another(const struct engine *engine, const struct engine_key *key,
                          uint64_t height)
{
    struct app *app = engine->parts->app;
    struct validator_set set;
    if (height == app_height(app) + 2) {
        return engine_key_in(engine, app_later_validators(app)) != key;
    }
    return app_validators_at(&set, app, height) == 0 && engine_key_in(engine, &set) != key;
}

/* The ledger knows the key, and the seat is another one's: a key that was replaced never comes
 * back, whatever the sets of heights to come are. */
static bool is_replaced(const struct engine *engine, const struct engine_key *key)
{
    const struct engine_key *last = engine_key_in(engine, app_later_validators(engine->parts->app));
    AUTO(doc_free) struct doc *claim = NULL;
    struct store_view view;
    char hex[2 * VOTE_KEY_BYTES + 1], path[sizeof "vote/" + sizeof hex];
    if (last == NULL || last == key || store_view_open(&view, engine->parts->kv) != 0) {
        return false;
    }
    hex_encode(hex, view_of(key->vote_key.bytes, VOTE_KEY_BYTES));
    (void)snprintf(path, sizeof path, "vote/%s", hex);
    int error = store_read_state(&claim, &view, path);
    store_view_close(&view);
    return error == 0 && claim != NULL;
}

/* What this key has signed, of heights that it decides or may: one that was replaced can be in
 * anybody's hands. */
static void take_own(struct engine *engine, struct engine_key *key, const struct peer *peer,
                     const struct message *message)
{
    const struct safety_record *record = signer_record(key->signer);
    uint64_t height = message_height(message), tip = app_height(engine->parts->app);
    bool known = signer_accounts_for(key->signer, message);
    if ((known && (height <= tip || record->hold_height <= tip)) ||
        is_of_another(engine, key, height)) {
        return; /* what is known and held is of use when the hold is lifted */
    }
    struct hash digest;
    message_digest(&digest, app_genesis_hash(engine->parts->app), message);
    bool ours = schnorr_verify(&key->vote_key, &digest,
                               message->kind == MESSAGE_VOTE ? &message->vote.signature
                                                             : &message->proposal.signature);
    if (!ours || (height > tip + 2 && is_replaced(engine, key))) {
        return;
    }
    if (height > tip) {
        note(key, message);
    }
    if (!known) {
        found_rolled_back(engine, key, peer, message);
    }
}

void engine_take_own(struct engine *engine, const struct peer *peer, const struct message *message)
{
    for (size_t i = 0; i < engine->key_count && !engine->dead; i++) {
        take_own(engine, &engine->keys[i], peer, message);
    }
}

static bool is_ours(const struct engine *engine, const struct message *message)
{
    if (message->kind == MESSAGE_VOTE) {
        return strcmp(message->vote.validator, engine->parts->member) == 0;
    }
    /* Who signed a proposal is not said: one that is not ours will not verify. */
    const struct validator_set *set = app_next_validators(engine->parts->app);
    size_t proposer = validators_proposer(set, message_height(message), message_round(message));
    return strcmp(set->item[proposer].member, engine->parts->member) == 0;
}

/* Validators alone are asked, and what each tells in a second is as much as an answer may hold: no
 * flood of forged ones keeps the loop from its work. */
static bool may_tell_ours(struct peer *peer, int64_t now)
{
    if (now - peer->word.ours_ms >= 1000) {
        peer->word.ours_ms = now;
        peer->word.ours = 0;
    }
    return peer->validator && peer->word.ours++ < WIRE_ROLL_MESSAGES_MAX;
}

bool engine_recognize(struct engine *engine, struct peer *peer, const struct message *message)
{
    if (engine->signer == NULL || engine->dead || engine->closing || !is_ours(engine, message)) {
        return true;
    }
    if (!may_tell_ours(peer, clock_monotonic_ms())) {
        return false;
    }
    engine_take_own(engine, peer, message); /* consensus judges forged ones */
    return true;
}
