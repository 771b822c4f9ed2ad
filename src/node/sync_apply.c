/* From received bytes to a longer ledger: decoded on the workers, one height at a time checked and
 * applied. Whoever gave what does not hold is blamed, and the height is open again. */
#include "node/sync_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/block_check.h"

#define DECODING_MAX 8 /* blocks at the workers */
#define BLAME_BAD_BLOCK 40

struct decode {
    uv_work_t work;
    struct sync *sync;
    struct hash genesis;
    uint64_t height;
    uint32_t giver;
    struct buf bytes;
    struct block *block;
    int error;
};

/* ---- decoding on the workers ---- */

static void decode_work(uv_work_t *work)
{
    struct decode *decode = work->data;
    decode->error =
        block_decode(&decode->block, NULL, view_of_buf(&decode->bytes), &decode->genesis);
}

/* Nothing else that it gave is waited for, or its lies would keep the truth out one by one. */
static void refute_giver(struct sync *sync, uint32_t giver, uint64_t height, const char *why)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state > PLACE_ASKED && place->giver == giver) {
            sync_place_reopen(sync, place);
        }
    }
    sync_refute(sync, giver, height, BLAME_BAD_BLOCK, why);
}

/* The place may have another's block by now: whoever gave this one answers for it. */
static void after_decode(uv_work_t *work, int status)
{
    struct decode *decode = work->data;
    struct sync *sync = decode->sync;
    struct place *place = sync_place(sync, decode->height);
    (void)status;
    sync->decoding--;
    if (decode->error != 0 || decode->block->header.height != decode->height) {
        refute_giver(sync, decode->giver, decode->height, "a block of no valid form");
    } else if (place->state == PLACE_DECODING && place->height == decode->height &&
               place->giver == decode->giver) {
        place->state = PLACE_READY;
        place->block = block_ref(decode->block);
    }
    block_free(&decode->block);
    buf_free(&decode->bytes);
    memory_free(decode);
    if (sync->fetching) {
        sync_pump(sync);
    }
}

static void start_decoding(struct sync *sync, struct place *place)
{
    struct decode *decode = memory_alloc(sizeof *decode);
    decode->work.data = decode;
    decode->sync = sync;
    decode->genesis = *app_genesis_hash(sync->parts->app);
    decode->height = place->height;
    decode->giver = place->giver;
    decode->bytes = place->bytes;
    place->bytes = (struct buf){0};
    place->state = PLACE_DECODING;
    sync->decoding++;
    ENSURE(uv_queue_work(sync->parts->loop, &decode->work, decode_work, after_decode) == 0);
}

void sync_decode_some(struct sync *sync)
{
    for (uint64_t i = 1; i <= SYNC_WINDOW && sync->decoding < DECODING_MAX; i++) {
        struct place *place = sync_place(sync, sync_tip(sync) + i);
        if (place->state == PLACE_RECEIVED && place->height == sync_tip(sync) + i) {
            start_decoding(sync, place);
        }
    }
}

/* ---- applying ---- */

/* At most f validators lie. When f+1 of them gave a certified block that does not hold here, one of
 * them is honest, and it is this ledger that is wrong. Never on the word of one alone: a
 * certificate vouches for a header, and anybody can put another body under it, also where f is 0.
 */
static void disown(struct sync *sync, uint64_t height, const struct peer *peer)
{
    struct disowned *disowned = &sync->disowned;
    if (disowned->height != height) {
        *disowned = (struct disowned){.height = height};
    }
    size_t faulty = validators_faulty_max(app_next_validators(sync->parts->app)->count);
    faulty = faulty > 0 ? faulty : 1;
    if (!peer->validator || disowned->count > faulty /* the node stops */ ||
        sync_is_disowned(sync, height, peer->id)) {
        return;
    }
    disowned->peer[disowned->count++] = peer->id;
    if (disowned->count > faulty) {
        sync->parts->fatal(sync->parts->fatal_context, ERR_CORRUPT,
                           "certified blocks of several validators do not execute here");
    }
}

static void refuse(struct sync *sync, struct place *place, int error, bool certified)
{
    struct peer *peer = peers_find(sync->parts->peers, place->giver);
    uint64_t height = place->height;
    log_write(LOG_WARN, "sync", "block %llu does not hold: %s", (unsigned long long)height,
              error_code(error));
    count_add(&sync->parts->counters->sync_refused, 1);
    if (peer != NULL && certified) {
        disown(sync, height, peer);
    }
    refute_giver(sync, place->giver, height, "a block that does not hold");
}

/* The certificate holds already and the transactions are verified: what is left is execution. */
static void apply(struct sync *sync, struct place *place)
{
    struct app_commit commit;
    struct faults faults = {0};
    int error =
        app_apply_synced(&commit, sync->parts->app, &faults, place->block, &place->certificate);
    if (app_error_is_environment(error)) {
        sync->parts->fatal(sync->parts->fatal_context, error, "applying a block");
        return;
    }
    if (error != 0) {
        refuse(sync, place, error, true);
        return;
    }
    struct peer *giver = peers_find(sync->parts->peers, place->giver);
    if (giver != NULL && giver->word.shown_ms == 0) { /* the oldest since it was looked at */
        giver->word.shown_ms = place->block->header.time_ms;
    }
    sync_rest_consensus(sync); /* only now: a body that does not fit its certificate stops nobody */
    sync_note_giver(sync, place);
    sync_place_clear(sync, place);
    count_add(&sync->parts->counters->blocks_synced, 1);
    sync->behind_since_ms = 0;
    sync->handler.committed(sync->handler.context, &commit);
    app_commit_free(&commit);
}

static void on_checked(void *context, struct block *block, int error)
{
    struct sync *sync = context;
    struct place *place = sync_place(sync, block->header.height);
    sync->checking = false;
    if (sync->closing || error == ERR_UNAVAILABLE) {
        return;
    }
    if (place->state == PLACE_READY && place->block == block &&
        block->header.height == sync_tip(sync) + 1) {
        if (error == 0) {
            apply(sync, place);
        } else {
            refuse(sync, place, error, true);
        }
    }
    sync_review(sync);
}

void sync_check_next(struct sync *sync)
{
    struct place *place = sync_place(sync, sync_tip(sync) + 1);
    if (sync->checking || place->state != PLACE_READY || place->height != sync_tip(sync) + 1) {
        return;
    }
    int error =
        certificate_verify(&place->certificate, app_genesis_hash(sync->parts->app), place->height,
                           &place->block->hash, app_next_validators(sync->parts->app));
    if (error != 0) {
        refuse(sync, place, error, false);
        return;
    }
    sync->checking = true;
    block_check_start(sync->parts, place->block, on_checked, sync);
}
