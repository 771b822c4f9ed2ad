/* What the parts tell each other: the ledger moves, peers come, go and speak, a second passes. */
#include "node/node_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/admission.h"
#include "node/members.h"
#include "node/sync_serve.h"

#include <inttypes.h>

#define PASSED_OVER_MS 3000 /* not ordered for so long: is it still valid? */
#define CHECK_AGAIN_MS 10000
#define CHECKS_PER_TICK 64

/* ---- the ledger moves ---- */

int node_read_members(struct node *node)
{
    struct peers_member *members = NULL;
    size_t count = 0;
    int error =
        members_read(&members, &count, node->kv, app_next_validators(node->app), node->config);
    if (error == 0) {
        peers_set_members(node->peers, members, count);
        sync_set_patient(node->sync, engine_is_validator(node->engine));
        node->holds_key = seat_holds_key(&node->parts, node->engine);
    }
    memory_free(members);
    return error;
}

static void append_status(struct buf *out, const struct node *node)
{
    int flags = (sync_active(node->sync) ? WIRE_STATUS_SYNCING : 0) |
                (node->holds_key ? WIRE_STATUS_VOTE_KEY : 0);
    const struct wire_status status = {.height = app_height(node->app),
                                       .round = engine_status(node->engine).round,
                                       .flags = (uint8_t)flags};
    wire_append_status(out, &status);
}

static void tell_status(struct node *node)
{
    AUTO(buf_free) struct buf frame = {0};
    append_status(&frame, node);
    peers_broadcast(node->peers, view_of_buf(&frame), LINK_DROPPABLE, false);
}

static void on_committed(struct node *node, struct app_commit *commit)
{
    const struct block *block = commit->block;
    for (size_t i = 0; i < block->tx_count; i++) {
        mempool_committed(node->mempool, &block->txs[i]->id, commit->header.height);
    }
    evidence_pool_committed(node->evidence, block);
    count_add(&node->counters.txs_committed, block->tx_count);
    if (commit->validators_changed || members_may_change(block)) {
        int error = node_read_members(node);
        if (error != 0) {
            node_fatal(node, error, "reading the members");
        }
    }
    seat_watch_committed(&node->seat, &node->parts, node->engine, commit);
    api_block_committed(node->api, commit);
    if (node->gateway != NULL) {
        exchange_gateway_wake(node->gateway);
    }
    log_write(LOG_DEBUG, "node", "block %" PRIu64 " with %zu transactions", commit->header.height,
              block->tx_count);
}

static void on_engine_committed(void *context, struct app_commit *commit)
{
    struct node *node = context;
    on_committed(node, commit);
    tell_status(node);
    sync_tip_moved(node->sync);
    engine_start_height(node->engine);
}

static void on_sync_committed(void *context, struct app_commit *commit)
{
    struct node *node = context;
    on_committed(node, commit);
    engine_look_back(node->engine, commit->header.height);
    bodies_start_height(node->bodies, app_height(node->app) + 1);
    if (sync_target(node->sync) <= app_height(node->app) + 1) {
        tell_status(node); /* not for each of thousands */
    }
}

static void on_sync_started(void *context)
{
    struct node *node = context;
    engine_pause(node->engine);
}

static void on_sync_finished(void *context)
{
    struct node *node = context;
    engine_start_height(node->engine);
}

/* ---- peers ---- */

static void on_peer_up(void *context, struct peer *peer)
{
    struct node *node = context;
    AUTO(buf_free) struct buf frame = {0};
    struct wire_offer offer = snapshot_serve_offer(node->snapshots);
    wire_append_offer(&frame, &offer); /* first: it says which blocks are here */
    append_status(&frame, node);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    engine_greet(node->engine, peer);
    intake_greet(node->intake, peer);
}

static void on_peer_down(void *context, struct peer *peer)
{
    struct node *node = context;
    if (!node->stopping) {
        sync_peer_down(node->sync, peer);
        restorer_peer_down(node->restorer, peer);
        requests_peer_down(node->requests, peer);
    }
}

/* Only what is new is work for consensus. */
static int take_evidence(struct node *node, struct peer *peer, struct view body)
{
    bool news;
    int error = evidence_pool_frame(&news, node->evidence, peer, body);
    if (news) {
        engine_work(node->engine);
    }
    return error;
}

/* The answer that was asked for tells the peer's tip as a status does: sync asks for what it tells,
 * and refutes it. */
static int take_roll(struct node *node, struct peer *peer, const struct frame *frame)
{
    bool before = peer->roll.answered;
    int error = engine_frame(node->engine, peer, frame);
    if (error == 0 && peer->roll.answered && !before) {
        sync_status(node->sync, peer);
    }
    return error;
}

/* Who has just learnt that it is behind does not go on saying for a second that it is not. */
static void note_behind(struct node *node)
{
    bool before = node->behind;
    node->behind = sync_behind(node->sync) || restorer_active(node->restorer);
    if (node->behind && !before) {
        node_renew_status(node);
    }
}

static int on_peer_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct node *node = context;
    bool first_status = peer->statuses == 1;
    switch (frame->kind) {
    case FRAME_STATUS:
        sync_status(node->sync, peer);
        restorer_review(node->restorer);
        note_behind(node);
        if (first_status) {
            engine_help(node->engine, peer);
        }
        return 0;
    case FRAME_TXS:
        return intake_gossip(node->intake, peer, frame->body);
    case FRAME_VOTES:
    case FRAME_PROPOSAL:
    case FRAME_WANT_ROLL:
        return engine_frame(node->engine, peer, frame);
    case FRAME_WANT_BODY:
    case FRAME_WANT_TXS:
    case FRAME_WANT_BLOCKS:
    case FRAME_WANT_PART:
        return requests_frame(node->requests, peer, frame);
    case FRAME_BODY:
    case FRAME_GIVE_TXS:
    case FRAME_NONE:
        return bodies_frame(node->bodies, peer, frame);
    case FRAME_BLOCK:
    case FRAME_BLOCKS_END:
        return sync_frame(node->sync, peer, frame);
    case FRAME_PART:
        return restorer_frame(node->restorer, peer, frame);
    case FRAME_EVIDENCE:
        return take_evidence(node, peer, frame->body);
    case FRAME_ROLL:
        return take_roll(node, peer, frame);
    case FRAME_HELLO:
    case FRAME_OFFER:
    case FRAME_KINDS:
    default:
        return ERR_ENCODING;
    }
}

static void on_turn_ends(void *context)
{
    struct node *node = context;
    intake_flush(node->intake);
}

const struct peers_handler node_peers_handler = {
    .up = on_peer_up, .down = on_peer_down, .frame = on_peer_frame, .turn_ends = on_turn_ends};

/* ---- small wires ---- */

static void on_tx_verified(void *context, struct tx *tx)
{
    struct node *node = context;
    bodies_verified(node->bodies, tx);
}

static void on_tx_added(void *context)
{
    struct node *node = context;
    engine_work(node->engine);
}

static void on_body_complete(void *context, struct block *block)
{
    struct node *node = context;
    engine_body(node->engine, block);
}

static size_t on_request(void *context, struct peer *peer, const struct frame *frame)
{
    struct node *node = context;
    if (frame->kind == FRAME_WANT_PART) {
        snapshot_serve_frame(node->snapshots, peer, frame->body);
        return 0; /* it costs the loop hardly anything */
    }
    return frame->kind == FRAME_WANT_BLOCKS ? sync_serve(&node->parts, peer, frame->body)
                                            : bodies_answer(node->bodies, peer, frame);
}

static bool on_body_voted(void *context, const char *member, const struct hash *block)
{
    const struct node *node = context;
    return engine_knows_body(node->engine, member, block);
}

static bool on_body_needed(void *context, const struct hash *block)
{
    const struct node *node = context;
    return engine_needs_body(node->engine, block);
}

int node_find_key(void *context, struct public_key *out, const char *member, const char *key_name)
{
    struct node *node = context;
    int error = app_signer_key(out, node->app, member, key_name);
    if (app_error_is_environment(error)) {
        node_fatal(node, error, "reading a key");
    }
    return error;
}

/* ---- once a second ---- */

/* Whoever waits for a transaction that later blocks have made invalid hears of it. */
static void recheck_passed_over(struct node *node)
{
    struct tx *list[CHECKS_PER_TICK];
    int64_t now = clock_monotonic_ms();
    size_t count = mempool_passed_over(node->mempool, list, CHECKS_PER_TICK, now - PASSED_OVER_MS,
                                       now, CHECK_AGAIN_MS);
    for (size_t i = 0; i < count; i++) {
        struct faults faults = {0};
        struct hash txid = list[i]->id;
        int error = admission_check(&node->parts, &faults, list[i], true);
        if (error != 0 && !app_error_is_environment(error)) {
            mempool_refused(node->mempool, &txid, error, &faults);
        }
    }
}

void node_on_tick(uv_timer_t *timer)
{
    struct node *node = timer->data;
    mempool_expire(node->mempool, app_tip_time_ms(node->app));
    recheck_passed_over(node);
    snapshot_serve_tell(node->snapshots);
    tell_status(node); /* peers hear at least that (peers.c) */
    resume_tick(node->resume);
    node_renew_status(node);
}

/* ---- the ledger is restored ---- */

static void on_restore_holds(void *context)
{
    struct node *node = context;
    sync_hold(node->sync, true);
}

static void on_restored(void *context)
{
    node_start_over(context);
}

static void on_restore_given_up(void *context)
{
    struct node *node = context;
    sync_hold(node->sync, false);
}

static void open_restorer(struct node *node)
{
    const struct restorer_handler handler = {node, on_restore_holds, on_restored,
                                             on_restore_given_up};
    struct restorer_config config = restorer_config_default();
    config.data_directory = node->config->data_directory;
    config.genesis = node->home.genesis;
    config.gap_blocks = node->config->snapshot_gap_blocks;
    config.interval = node->config->snapshot_blocks;
    restorer_open(&node->restorer, &node->parts, node->sync, &config, &handler);
}

/* ---- all wired ---- */

void node_open_parts(struct node *node, struct node_vote votes[ENGINE_KEYS_MAX])
{
    const struct bodies_handler bodies = {node, on_body_complete, on_body_voted, on_body_needed};
    const struct engine_handler engine = {node, on_engine_committed};
    const struct sync_handler sync = {node, on_sync_started, on_sync_finished, on_sync_committed};
    const struct intake_handler intake = {node, on_tx_verified, on_tx_added};
    node->parts.peers = node->peers;
    const struct requests_handler requests = {node, on_request};
    requests_open(&node->requests, &node->parts, &requests);
    bodies_open(&node->bodies, &node->parts, &bodies);
    node->evidence = evidence_pool_open(&node->parts);
    engine_open(&node->engine, &node->parts, node->bodies, node->evidence, &votes[0].signer,
                &votes[0].key, &engine);
    if (votes[1].signer != NULL) {
        engine_add_key(node->engine, &votes[1].signer, &votes[1].key);
    }
    sync_open(&node->sync, &node->parts, &sync);
    node->intake = intake_open(&node->parts, &intake);
    snapshot_serve_open(&node->snapshots, &node->parts, node->config->snapshot_blocks);
    pruner_open(&node->pruner, &node->parts, node->snapshots, node->config->history_blocks,
                node->config->snapshot_blocks);
    open_restorer(node);
    node->resume =
        resume_open(&node->parts, node->engine, node->intake, node->config->data_directory);
}
