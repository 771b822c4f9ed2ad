/* Submissions and gossip on their way to the mempool. */
#include "node/intake.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "node/admission.h"

#define GREET_BYTES_MAX (4 * 1024 * 1024)
#define FRAME_BYTES_MAX (1024 * 1024) /* one gossip frame */
#define FRAME_TXS_MAX 4096
#define BLAME_BAD_TX 5

struct intake {
    const struct node_parts *parts;
    struct intake_handler handler;
    struct buf gossip; /* a TXS frame being collected */
    struct wire_txs open;
    bool collecting;
};

/* Who waits for a submission's verdict. */
struct submission {
    api_submit_done done;
    void *argument;
    bool wait_committed;
};

struct intake *intake_open(const struct node_parts *parts, const struct intake_handler *handler)
{
    struct intake *intake = memory_alloc(sizeof *intake);
    intake->parts = parts;
    intake->handler = *handler;
    return intake;
}

void intake_free(struct intake **intake)
{
    if (*intake != NULL) {
        buf_free(&(*intake)->gossip);
        memory_free(*intake);
        *intake = NULL;
    }
}

/* ---- gossip going out ---- */

void intake_flush(struct intake *intake)
{
    if (!intake->collecting) {
        return;
    }
    wire_txs_end(&intake->open, &intake->gossip);
    peers_broadcast(intake->parts->peers, view_of_buf(&intake->gossip), LINK_DROPPABLE, true);
    buf_clear(&intake->gossip);
    intake->collecting = false;
}

static void collect(struct intake *intake, const struct tx *tx)
{
    if (!intake->collecting) {
        wire_txs_begin(&intake->open, &intake->gossip, FRAME_TXS, NULL);
        intake->collecting = true;
    }
    wire_txs_add(&intake->open, &intake->gossip, view_of_buf(&tx->raw));
    if (intake->gossip.len >= FRAME_BYTES_MAX || intake->open.count >= FRAME_TXS_MAX) {
        intake_flush(intake);
    }
}

void intake_greet(struct intake *intake, struct peer *peer)
{
    AUTO(buf_free) struct buf frames = {0};
    struct tx *tx = mempool_next_local(intake->parts->mempool, NULL);
    while (peer->validator && tx != NULL && frames.len < GREET_BYTES_MAX) {
        struct wire_txs txs;
        wire_txs_begin(&txs, &frames, FRAME_TXS, NULL);
        size_t start = frames.len;
        while (tx != NULL && frames.len - start < FRAME_BYTES_MAX && txs.count < FRAME_TXS_MAX) {
            wire_txs_add(&txs, &frames, view_of_buf(&tx->raw));
            tx = mempool_next_local(intake->parts->mempool, tx);
        }
        wire_txs_end(&txs, &frames);
    }
    if (frames.len > 0) {
        (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
    }
}

/* ---- submissions ---- */

static void answer(struct submission *submission, int error, const struct faults *faults)
{
    submission->done(submission->argument, error, faults, 0);
}

/* The pool has it already, or has just taken it: the submitter is told, or waits. */
static void settle(struct intake *intake, struct submission *submission, const struct hash *txid)
{
    int error = 0;
    if (submission->wait_committed) {
        error = mempool_wait(intake->parts->mempool, txid, submission->done, submission->argument);
        if (error == 0) {
            return;
        }
    }
    answer(submission, error, NULL);
}

static void take_submission(struct intake *intake, struct submission *submission, struct tx *tx)
{
    const struct node_parts *parts = intake->parts;
    struct faults faults = {0};
    int error = admission_add(parts, &faults, tx, ADMISSION_SUBMITTED);
    if (error == 0) {
        collect(intake, tx);
        settle(intake, submission, &tx->id);
        intake->handler.added(intake->handler.context);
    } else if (error == ERR_DUPLICATE && mempool_find(parts->mempool, &tx->id) != NULL) {
        settle(intake, submission, &tx->id);
    } else {
        count_add(&parts->counters->txs_refused, 1);
        answer(submission, error, &faults);
    }
}

static void on_submission_verified(struct verify_item *item)
{
    struct intake *intake = item->owner;
    struct submission *submission = item->argument;
    if (item->error == 0) {
        intake->handler.verified(intake->handler.context, item->tx);
        take_submission(intake, submission, item->tx);
    } else {
        struct faults faults = {0};
        faults_add(&faults, item->error, NULL, "%s", "");
        answer(submission, item->error, &faults);
    }
    memory_free(submission);
    verify_item_free(&item);
}

void intake_submit(struct intake *intake, struct tx *tx, bool wait_committed, api_submit_done done,
                   void *argument)
{
    const struct node_parts *parts = intake->parts;
    struct submission *submission = memory_alloc(sizeof *submission);
    *submission =
        (struct submission){.done = done, .argument = argument, .wait_committed = wait_committed};
    count_add(&parts->counters->txs_submitted, 1);
    struct verify_item *item = verify_item_new();
    item->id = tx->id;
    item->tx = tx;
    item->done = on_submission_verified;
    item->owner = intake;
    item->argument = submission;
    if (verifier_add(parts->verifier, &item, VERIFY_OWN) != 0) {
        verify_item_free(&item);
        answer(submission, ERR_UNAVAILABLE, NULL);
        memory_free(submission);
    }
}

/* ---- gossip coming in ---- */

/* Whether the bytes themselves are to blame: everything else may be an honest peer's older or
 * newer view of the ledger. */
static bool is_senders_fault(int error)
{
    switch (error) {
    case ERR_UNAVAILABLE:
    case ERR_TX_MEMBER:
    case ERR_TX_SUSPENDED:
    case ERR_TX_KEY:
    case ERR_KEY_SUSPENDED:
        return false;
    default:
        return true;
    }
}

/* A flood of one peer's leaves room for what others send, and all gossip together for what is
 * submitted here. */
static bool gossip_has_room(const struct intake *intake, const struct peer *peer, size_t bytes)
{
    struct verifier_stats stats = verifier_stats(intake->parts->verifier);
    return peer->gossip_txs < GOSSIP_PEER_TXS_MAX &&
           peer->gossip_bytes + bytes <= GOSSIP_PEER_BYTES_MAX && stats.queued < GOSSIP_TXS_MAX &&
           stats.queued_bytes + bytes <= GOSSIP_BYTES_MAX;
}

static void on_gossip_verified(struct verify_item *item)
{
    struct intake *intake = item->owner;
    const struct node_parts *parts = intake->parts;
    struct peer *peer = peers_find(parts->peers, item->sender);
    if (peer != NULL) {
        peer->gossip_txs--;
        peer->gossip_bytes -= item->raw.len;
    }
    if (item->error == 0) {
        intake->handler.verified(intake->handler.context, item->tx);
        if (admission_add(parts, NULL, item->tx, ADMISSION_FROM_PEER) == 0) {
            intake->handler.added(intake->handler.context);
        }
    } else if (is_senders_fault(item->error)) {
        count_add(&parts->counters->txs_refused, 1);
        if (peer != NULL) {
            peer_blame(parts->peers, peer, BLAME_BAD_TX, error_code(item->error));
        }
    }
    verify_item_free(&item);
}

static void take_gossip(struct intake *intake, struct peer *peer, struct view raw)
{
    const struct node_parts *parts = intake->parts;
    struct hash id;
    if (wire_txid(&id, raw) != 0) {
        peer_blame(parts->peers, peer, BLAME_BAD_TX, error_code(ERR_TX_FORM));
        return;
    }
    if (mempool_find(parts->mempool, &id) != NULL || verifier_has(parts->verifier, &id, raw) ||
        !gossip_has_room(intake, peer, raw.len)) {
        return; /* what is too much at once comes with a proposal that has it */
    }
    struct verify_item *item = verify_item_new();
    item->id = id;
    buf_append_view(&item->raw, raw);
    item->done = on_gossip_verified;
    item->owner = intake;
    item->sender = peer->id;
    if (verifier_add(parts->verifier, &item, VERIFY_GOSSIP) == 0) {
        peer->gossip_txs++;
        peer->gossip_bytes += raw.len;
    } else {
        verify_item_free(&item);
    }
}

int intake_gossip(struct intake *intake, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    uint16_t count = wire_txs_count(&reader);
    struct view raw;
    for (uint16_t i = 0; i < count; i++) {
        if (!wire_txs_next(&raw, &reader)) {
            return ERR_ENCODING;
        }
        take_gossip(intake, peer, raw);
    }
    count_add(&intake->parts->counters->txs_gossiped, count);
    return reader_done(&reader) ? 0 : ERR_ENCODING;
}
