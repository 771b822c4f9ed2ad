/* What holds this node's signatures after the roll call, and what lifts a hold.
 *
 *   NEW_RECORD    a quorum has answered, the record is empty, and the chain has blocks: what was
 *                 signed in an earlier life is unknown. Until the height after the tip
 *
 *   ALONE         nobody can be asked, and the record is empty and nobody made it on purpose. At
 *                 every height, until there are others who answer, or a person decides
 *
 *   ROLLED_BACK   an own message that the record does not know (engine_roll.c). Until its height
 *
 * The signer knows the hold, so that no mistake above it signs through one. A hold ends above its
 * height, or by the decision of the member's chief (resume.h). Loop's thread only. */
#include "node/engine_internal.h"

#include "base/errors.h"
#include "base/log.h"
#include "chain/store.h"

#include <inttypes.h>
#include <string.h>

int engine_hold_until(struct engine *engine, struct signer *signer, uint64_t height,
                      enum hold_reason reason)
{
    int error = signer_hold(signer, height, reason);
    if (error != 0) {
        engine_stop_node(engine, error, "writing the safety record");
    }
    return error;
}

/* Whether the set of that height names our key; in doubt it does. */
static bool had_a_seat(const struct engine *engine, uint64_t height)
{
    struct validator_set set;
    if (app_validators_at(&set, engine->parts->app, height) != 0) {
        return true;
    }
    const struct engine_key *key = engine_key_in(engine, &set);
    return key != NULL && key->signer == engine->signer;
}

/* The only validator, and nobody made the record on purpose (home_make_record). */
static bool stay_alone(struct engine *engine)
{
    if (!engine->told_alone) {
        log_write(
            LOG_ERROR, "engine",
            "the safety record of the only validator is new, and nobody can say what its key "
            "has signed: nothing is signed. First start of a new chain: stop, delete the data "
            "directory, dirchaind --init. Data lost: fetch the blocks from a member that has "
            "them, then the chief decides (dirchain validator resume)");
        engine->told_alone = true;
    }
    return false;
}

static bool end_alone(struct engine *engine, uint64_t height)
{
    for (size_t i = 0; i < 2; i++) {
        height = engine->heard[i].height > height ? engine->heard[i].height : height;
    }
    int error = signer_end_alone(engine->signer, height);
    if (error != 0) {
        engine_stop_node(engine, error, "writing the safety record");
    }
    return error == 0;
}

/* In an earlier life this key may have signed up to the height after the tip; a later one it cannot
 * have signed, if the others have said where the chain is. A record that was held before has
 * remembered everything since; and a key whose seat begins with the next height has no earlier life
 * worth the name: where the others need its vote, the chain must not wait for it. */
bool engine_settle_new(struct engine *engine, const struct engine_tally *tally)
{
    const struct safety_record *record = signer_record(engine->signer);
    uint64_t tip = app_height(engine->parts->app);
    bool nobody = tally->needed == 0;
    if (record->hold_reason == HOLD_ALONE) {
        return nobody ? stay_alone(engine) : end_alone(engine, tip + 1);
    }
    if (record->height > 0 || record->hold_height > 0 || tip == 0 || !had_a_seat(engine, tip)) {
        return true;
    }
    if (nobody) {
        int error = engine_hold_until(engine, engine->signer, HOLD_EVERYTHING, HOLD_ALONE);
        return error == 0 && stay_alone(engine);
    }
    log_write(LOG_WARN, "engine",
              "the safety record is new and the chain is not: no votes up to height %" PRIu64,
              tip + 1);
    return engine_hold_until(engine, engine->signer, tip + 1, HOLD_NEW_RECORD) == 0;
}

/* ---- what the ledger remembers of our votes ---- */

/* Of the key that the set of the height names; NULL if it is none of ours. */
static const struct safety_record *record_at(const struct engine *engine, uint64_t height)
{
    struct validator_set set;
    int error = app_validators_at(&set, engine->parts->app, height);
    const struct engine_key *key = error == 0 ? engine_key_in(engine, &set) : NULL;
    return key != NULL ? signer_record(key->signer) : NULL;
}

static bool has_our_vote(const struct engine *engine, uint64_t height)
{
    struct certificate certificate = {.count = 0};
    struct store_view view;
    bool found = false;
    if (store_view_open(&view, engine->parts->kv) != 0) {
        return false;
    }
    int error = store_read_certificate(&certificate, &view, height);
    store_view_close(&view);
    for (size_t i = 0; error == 0 && i < certificate.count && !found; i++) {
        found = strcmp(certificate.signer[i].member, engine->parts->member) == 0;
    }
    return found;
}

void engine_tell_forgotten(struct engine *engine)
{
    if (engine->forgotten_until > 0 && engine->roll_over && !engine->told_forgotten) {
        engine->told_forgotten = true;
        log_write(
            LOG_ERROR, "engine",
            "the ledger has votes of this node's key up to height %" PRIu64
            " that its safety record does not know: the data directory, or data/safety, was "
            "put back from an older copy or made anew. Those heights have passed, and signing "
            "goes on; find out who did it, and that the key runs nowhere else",
            engine->forgotten_until);
    }
}

void engine_look_back(struct engine *engine, uint64_t height)
{
    if (engine->signer == NULL || height == 0 || height <= signer_record(engine->signer)->height) {
        return;
    }
    const struct safety_record *record = record_at(engine, height);
    if (record != NULL && record->height < height && has_our_vote(engine, height)) {
        engine->forgotten_until = height;
        engine_tell_forgotten(engine);
    }
}

uint64_t engine_forgotten_until(const struct engine *engine)
{
    return engine->forgotten_until;
}

/* ---- what it is told of ---- */

struct engine_hold engine_hold(const struct engine *engine)
{
    struct engine_hold out = {.reason = ENGINE_FREE};
    if (engine->signer == NULL) {
        return out;
    }
    const struct engine_tally now = engine_tally(engine);
    const struct safety_record *record = signer_record(engine->signer);
    uint64_t next = app_height(engine->parts->app) + 1;
    bool behind = now.told >= next, alone = record->hold_reason == HOLD_ALONE;
    out.answered = now.answered;
    out.quorum = now.needed;
    if (alone && now.needed == 0 && !behind) {
        out.reason = ENGINE_ALONE;
        out.until = next;
    } else if (record->hold_height >= next && !alone) {
        out.reason =
            record->hold_reason == HOLD_NEW_RECORD ? ENGINE_NEW_RECORD : ENGINE_ROLLED_BACK;
        out.until = record->hold_height;
    } else if (record->height > next) {
        out.reason = ENGINE_LEDGER_BEHIND;
        out.until = record->height - 1;
    } else if (!engine->roll_over) {
        out.reason = behind ? ENGINE_BEHIND : ENGINE_ROLL_CALL;
        out.until = behind ? now.told : 0;
    }
    return out;
}

/* ---- the owner's decision ---- */

static int resume_at(struct engine *engine, uint64_t height)
{
    struct safety_record *heard = &engine->heard[height % 2];
    if (heard->height != height) {
        safety_record_init(heard);
        heard->height = height;
    }
    int error = signer_resume(engine->signer, heard);
    if (error != 0) {
        engine_stop_node(engine, error, "writing the safety record");
    }
    return error;
}

void engine_recall(struct engine *engine, uint64_t height)
{
    const struct safety_record *record = signer_record(engine->signer);
    if (engine->heard[height % 2].height == height && record->hold_height < height &&
        record->height <= height) {
        (void)resume_at(engine, height);
    }
}

int engine_may_resume(const struct engine *engine, uint64_t height, uint64_t held_until)
{
    const struct safety_record *record =
        engine->signer != NULL ? signer_record(engine->signer) : NULL;
    uint64_t next = app_height(engine->parts->app) + 1;
    if (record == NULL || record->hold_height < next) {
        return ERR_STATUS;
    }
    bool alone = record->hold_reason == HOLD_ALONE;
    if ((alone ? next : record->hold_height) != held_until || height > next) {
        return ERR_HOLD_OTHER;
    }
    if (alone) {
        return engine_hold(engine).reason == ENGINE_ALONE ? 0 : ERR_UNAVAILABLE;
    }
    return !engine->roll_over || record->height > next ? ERR_UNAVAILABLE : 0;
}

int engine_resume(struct engine *engine)
{
    uint64_t next = app_height(engine->parts->app) + 1;
    uint64_t held_until = engine_hold(engine).until;
    int error = resume_at(engine, next);
    if (error != 0) {
        return error;
    }
    log_write(LOG_WARN, "engine",
              "the hold until height %" PRIu64
              " is lifted by the member's chief: signs from height "
              "%" PRIu64 ", round %" PRIu32,
              held_until, next, signer_record(engine->signer)->round);
    engine_restart_height(engine);
    return 0;
}
