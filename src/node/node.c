/* Wiring and life cycle.
 *
 *   API threads ──inbox──► intake ──► mempool ──► engine ◄──► peers
 *                                        ▲          │  ▲        │
 *                                        │          ▼  │        ▼
 *                                        └──── committed ◄── sync
 *
 * Stopping, by signal or by an error, always goes the same way: no new work, everything that waits
 * is told, handles are closed, workers finish, then the loop ends by itself; only then are the
 * server, the ledger and the store closed. */
#include "node/node.h"

#include "api/api.h"
#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/engine.h"
#include "node/home.h"
#include "node/inbox.h"
#include "node/intake.h"
#include "node/members.h"
#include "node/status.h"
#include "node/sync.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TICK_MS 1000
#define HEARTBEAT_TICKS 3
#define PASSED_OVER_MS 3000 /* not ordered for so long: is it still valid? */
#define CHECK_AGAIN_MS 10000
#define CHECKS_PER_TICK 64
#define API_THREADS 2

struct node {
    const struct config *config;
    struct home home;
    struct node_clock clock;
    struct kv *kv;
    struct app *app;
    uv_loop_t loop;
    uv_signal_t terminate, interrupt;
    uv_async_t stop_soon;
    uv_timer_t tick;
    struct inbox *inbox;
    struct verifier *verifier;
    struct mempool *mempool;
    struct peers *peers;
    struct intake *intake;
    struct bodies *bodies;
    struct evidence_pool *evidence;
    struct engine *engine;
    struct sync *sync;
    struct api *api;
    struct node_parts parts;
    struct node_counters counters;
    bool loop_open, running, stopping, fresh_signer;
    unsigned ticks;
    int error;
    char what[128]; /* was being done when the error came */
    pthread_mutex_t status_lock;
    struct doc *status; /* under the lock: what API threads are told */
};

/* ---- what the API asks, on its threads ---- */

struct submitted {
    struct node *node;
    struct tx *tx;
    bool wait_committed;
    api_submit_done done;
    void *argument;
};

static void run_submitted(void *argument)
{
    struct submitted *submitted = argument;
    struct node *node = submitted->node;
    if (node->stopping) {
        tx_free(&submitted->tx);
        submitted->done(submitted->argument, ERR_UNAVAILABLE, NULL, 0);
    } else {
        intake_submit(node->intake, submitted->tx, submitted->wait_committed, submitted->done,
                      submitted->argument);
    }
    memory_free(submitted);
}

static void backend_submit(void *context, struct tx *tx, bool wait_committed, api_submit_done done,
                           void *argument)
{
    struct node *node = context;
    struct submitted *submitted = memory_alloc(sizeof *submitted);
    *submitted = (struct submitted){node, tx, wait_committed, done, argument};
    if (inbox_post(node->inbox, run_submitted, submitted) != 0) {
        memory_free(submitted);
        tx_free(&tx);
        done(argument, ERR_UNAVAILABLE, NULL, 0);
    }
}

static struct doc *backend_status(void *context)
{
    struct node *node = context;
    pthread_mutex_lock(&node->status_lock);
    struct doc *status = doc_copy(node->status);
    pthread_mutex_unlock(&node->status_lock);
    return status;
}

static int64_t backend_now_ms(void *context)
{
    const struct node *node = context;
    return node_clock_now_ms(&node->clock);
}

static int backend_advance_clock(void *context, int64_t by_ms)
{
    struct node *node = context;
    pthread_mutex_lock(&node->status_lock);
    int error = node_clock_advance(&node->clock, by_ms);
    pthread_mutex_unlock(&node->status_lock);
    return error;
}

static void renew_status(struct node *node)
{
    struct doc *fresh = status_doc(&node->parts, node->engine, node->sync);
    pthread_mutex_lock(&node->status_lock);
    struct doc *old = node->status;
    node->status = fresh;
    pthread_mutex_unlock(&node->status_lock);
    doc_free(&old);
}

/* ---- stopping ---- */

static void on_fatal(void *context, int error, const char *what)
{
    struct node *node = context;
    if (node->error == 0) {
        node->error = error;
        snprintf(node->what, sizeof node->what, "%s", what);
        log_write(LOG_ERROR, "node", "%s: %s The node stops.", what, error_english(error));
    }
    uv_async_send(&node->stop_soon);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

/* Everything ends by itself after this; who waits has been told. */
static void stop(struct node *node)
{
    if (node->stopping) {
        return;
    }
    node->stopping = true;
    inbox_close(node->inbox);
    engine_close(node->engine);
    sync_close(node->sync);
    bodies_close(node->bodies);
    verifier_close(node->verifier);
    mempool_close(&node->mempool);
    peers_close(node->peers);
    close_handle((uv_handle_t *)&node->tick);
    close_handle((uv_handle_t *)&node->terminate);
    close_handle((uv_handle_t *)&node->interrupt);
    close_handle((uv_handle_t *)&node->stop_soon);
}

static void on_signal(uv_signal_t *handle, int number)
{
    log_write(LOG_INFO, "node", "stopping on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    stop(handle->data);
}

static void on_stop_soon(uv_async_t *async)
{
    stop(async->data);
}

/* ---- the ledger moves ---- */

static int read_members(struct node *node)
{
    struct peers_member *members = NULL;
    size_t count = 0;
    int error =
        members_read(&members, &count, node->kv, app_next_validators(node->app), node->config);
    if (error == 0) {
        peers_set_members(node->peers, members, count);
        sync_set_patient(node->sync, engine_is_validator(node->engine));
    }
    memory_free(members);
    return error;
}

static void append_status(struct buf *out, const struct node *node)
{
    const struct wire_status status = {.height = app_height(node->app),
                                       .round = engine_status(node->engine).round,
                                       .flags = sync_active(node->sync) ? WIRE_STATUS_SYNCING : 0};
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
        int error = read_members(node);
        if (error != 0) {
            on_fatal(node, error, "reading the members");
        }
    }
    api_block_committed(node->api, commit);
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
    if (node->fresh_signer) {
        /* The chain is older than our safety record. In an earlier life this key may have signed
         * up to the height after the tip; what comes later it cannot have signed. */
        engine_hold_until(node->engine, app_height(node->app) + 2);
    }
    engine_start_height(node->engine);
}

/* ---- peers ---- */

static void on_peer_up(void *context, struct peer *peer)
{
    struct node *node = context;
    AUTO(buf_free) struct buf frame = {0};
    append_status(&frame, node);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    intake_greet(node->intake, peer);
}

static void on_peer_down(void *context, struct peer *peer)
{
    struct node *node = context;
    if (!node->stopping) {
        sync_peer_down(node->sync, peer);
    }
}

static int on_peer_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct node *node = context;
    switch (frame->kind) {
    case FRAME_STATUS:
        sync_status(node->sync, peer);
        engine_help(node->engine, peer);
        return 0;
    case FRAME_TXS:
        return intake_gossip(node->intake, peer, frame->body);
    case FRAME_VOTES:
    case FRAME_PROPOSAL:
        return engine_frame(node->engine, peer, frame);
    case FRAME_WANT_BODY:
    case FRAME_BODY:
    case FRAME_WANT_TXS:
    case FRAME_GIVE_TXS:
    case FRAME_NONE:
        return bodies_frame(node->bodies, peer, frame);
    case FRAME_WANT_BLOCKS:
    case FRAME_BLOCK:
    case FRAME_BLOCKS_END:
        return sync_frame(node->sync, peer, frame);
    case FRAME_EVIDENCE:
        return evidence_pool_frame(node->evidence, peer, frame->body);
    case FRAME_HELLO:
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

static int on_key_wanted(void *context, struct public_key *out, const char *member,
                         const char *key_name)
{
    struct node *node = context;
    int error = app_signer_key(out, node->app, member, key_name);
    if (app_error_is_environment(error)) {
        on_fatal(node, error, "reading a key");
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
        int error = app_check(node->app, &faults, list[i], true);
        if (app_error_is_environment(error)) {
            on_fatal(node, error, "checking a transaction");
        } else if (error != 0) {
            mempool_refused(node->mempool, &txid, error, &faults);
        }
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct node *node = timer->data;
    mempool_expire(node->mempool, app_tip_time_ms(node->app));
    recheck_passed_over(node);
    if (++node->ticks % HEARTBEAT_TICKS == 0) {
        tell_status(node);
    }
    renew_status(node);
}

/* ---- opening ---- */

static int open_ledger(struct node *node, struct faults *faults)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "%s/ledger", node->config->data_directory);
    int error = file_make_directory(buf_text(&path), 0700);
    error = error != 0 ? error : kv_open_leveldb(&node->kv, buf_text(&path));
    if (error == 0) {
        error =
            app_open(&node->app, faults, node->kv, node->home.genesis, &node->home.genesis_hash);
    }
    if (error != 0 && faults->count == 0) {
        faults_add(faults, error, NULL, "%s", buf_text(&path));
    }
    return error;
}

static void open_parts(struct node *node, const struct vote_key *vote_key, struct signer **signer)
{
    const struct bodies_handler bodies = {node, on_body_complete};
    const struct engine_handler engine = {node, on_engine_committed};
    const struct sync_handler sync = {node, on_sync_started, on_sync_finished, on_sync_committed};
    const struct intake_handler intake = {node, on_tx_verified, on_tx_added};
    node->parts.peers = node->peers;
    bodies_open(&node->bodies, &node->parts, &bodies);
    node->evidence = evidence_pool_open(&node->parts);
    engine_open(&node->engine, &node->parts, node->bodies, node->evidence, signer, vote_key,
                &engine);
    sync_open(&node->sync, &node->parts, &sync);
    node->intake = intake_open(&node->parts, &intake);
}

static int open_peers(struct node *node, struct faults *faults)
{
    struct peers_config config = {.loop = &node->loop,
                                  .member = node->config->member,
                                  .genesis = node->home.genesis_hash,
                                  .peer_seed = node->home.peer.secret,
                                  .handler = {.context = node,
                                              .up = on_peer_up,
                                              .down = on_peer_down,
                                              .frame = on_peer_frame,
                                              .turn_ends = on_turn_ends}};
    ENSURE(endpoint_parse(&config.listen, node->config->peer_listen) == 0);
    int error = peers_open(&node->peers, &config);
    return error != 0 ? faults_add(faults, error, NULL, "peer_listen %s", node->config->peer_listen)
                      : 0;
}

static void open_loop(struct node *node)
{
    unsigned threads = verifier_pool_size(node->config->worker_threads);
    struct mempool_limits limits = mempool_limits_default();
    ENSURE(uv_loop_init(&node->loop) == 0);
    node->loop_open = true;
    node->loop.data = node;
    ENSURE(uv_signal_init(&node->loop, &node->terminate) == 0);
    ENSURE(uv_signal_init(&node->loop, &node->interrupt) == 0);
    ENSURE(uv_async_init(&node->loop, &node->stop_soon, on_stop_soon) == 0);
    ENSURE(uv_timer_init(&node->loop, &node->tick) == 0);
    node->terminate.data = node->interrupt.data = node->stop_soon.data = node->tick.data = node;
    ENSURE(inbox_open(&node->inbox, &node->loop, NODE_INBOX_MAX) == 0);
    ENSURE(verifier_open(&node->verifier, &node->loop, threads, &node->home.genesis_hash,
                         on_key_wanted, node) == 0);
    node->mempool = mempool_open(&limits);
    node->parts = (struct node_parts){.loop = &node->loop,
                                      .member = node->config->member,
                                      .kv = node->kv,
                                      .app = node->app,
                                      .clock = &node->clock,
                                      .mempool = node->mempool,
                                      .verifier = node->verifier,
                                      .counters = &node->counters,
                                      .fatal = on_fatal,
                                      .fatal_context = node};
}

static int open_api(struct node *node, struct faults *faults)
{
    struct endpoint listen;
    const struct config *from = node->config;
    struct api_config config = {.threads = API_THREADS,
                                .signers = node->home.signers,
                                .signer_count = node->home.signer_count,
                                .test = node->home.test};
    const struct api_backend backend = {.context = node,
                                        .kv = node->kv,
                                        .genesis = node->home.genesis,
                                        .genesis_hash = node->home.genesis_hash,
                                        .member = from->member,
                                        .submit = backend_submit,
                                        .status = backend_status,
                                        .now_ms = backend_now_ms,
                                        .advance_clock =
                                            node->home.test ? backend_advance_clock : NULL};
    ENSURE(endpoint_parse(&listen, from->api_listen) == 0);
    int fit =
        snprintf(config.data_directory, sizeof config.data_directory, "%s", from->data_directory);
    int web = snprintf(config.web_directory, sizeof config.web_directory, "%s",
                       from->web_directory != NULL ? from->web_directory : "");
    int host = snprintf(config.listen_host, sizeof config.listen_host, "%s", listen.host);
    if ((size_t)fit >= sizeof config.data_directory || (size_t)web >= sizeof config.web_directory ||
        (size_t)host >= sizeof config.listen_host) {
        return faults_add(faults, ERR_FIELD_LENGTH, NULL, "data_directory, web_directory or host");
    }
    config.listen_port = listen.port;
    renew_status(node);
    int error = api_start(&node->api, faults, &config, &backend, NULL);
    if (error != 0 && faults->count == 0) {
        faults_add(faults, error, NULL, "api_listen %s", from->api_listen);
    }
    return error;
}

static int open_signer(struct node *node, struct faults *faults, struct signer **out,
                       struct vote_key *vote_key)
{
    *out = NULL;
    if (!node->home.validator) {
        return 0;
    }
    memcpy(vote_key->bytes, node->home.vote.public_bytes, VOTE_KEY_BYTES);
    return home_signer(out, &node->fresh_signer, faults, &node->home, node->config,
                       app_height(node->app) == 0);
}

static int open_all(struct node *node, struct faults *faults)
{
    struct signer *signer = NULL;
    struct vote_key vote_key = {{0}};
    int error = home_open(&node->home, faults, node->config);
    if (error == 0) {
        error = node_clock_open(&node->clock, node->config->data_directory, node->home.test);
        if (error != 0) {
            faults_add(faults, error, NULL, "%s", node->clock.path);
        }
    }
    error = error != 0 ? error : open_ledger(node, faults);
    error = error != 0 ? error : open_signer(node, faults, &signer, &vote_key);
    if (error != 0) {
        return error;
    }
    open_loop(node);
    error = open_peers(node, faults);
    open_parts(node, &vote_key, &signer);
    if (error == 0) {
        error = read_members(node);
        if (error != 0) {
            faults_add(faults, error, NULL, "members");
        }
    }
    return error != 0 ? error : open_api(node, faults);
}

int node_open(struct node **out, struct faults *faults, const struct config *config)
{
    struct node *node = memory_alloc(sizeof *node);
    enum log_level level;
    *out = NULL;
    node->config = config;
    node->home.lock = -1;
    ENSURE(log_level_from_text(&level, config->log_level) == 0);
    log_set_level(level);
    ENSURE(pthread_mutex_init(&node->status_lock, NULL) == 0);
    int error = open_all(node, faults);
    if (error != 0) {
        node_close(&node);
        return error;
    }
    *out = node;
    return 0;
}

/* ---- running ---- */

int node_run(struct node *node, struct faults *faults)
{
    signal(SIGPIPE, SIG_IGN);
    uv_signal_start(&node->terminate, on_signal, SIGTERM);
    uv_signal_start(&node->interrupt, on_signal, SIGINT);
    uv_timer_start(&node->tick, on_tick, TICK_MS, TICK_MS);
    log_write(LOG_INFO, "node", "%s at height %" PRIu64 ", peers on port %u, API on port %u",
              node->config->member, app_height(node->app), (unsigned)peers_port(node->peers),
              (unsigned)api_port(node->api));
    if (node->home.validator && !engine_is_validator(node->engine)) {
        log_write(LOG_WARN, "node", "the vote key is not in the validator set: observing only");
    }
    engine_start_height(node->engine);
    uv_run(&node->loop, UV_RUN_DEFAULT);
    if (node->error != 0) {
        faults_add(faults, node->error, NULL, "%s", node->what);
    }
    return node->error;
}

static void free_parts(struct node *node)
{
    intake_free(&node->intake);
    sync_free(&node->sync);
    engine_free(&node->engine);
    evidence_pool_free(&node->evidence);
    bodies_free(&node->bodies);
    peers_free(&node->peers);
    mempool_close(&node->mempool);
    verifier_free(&node->verifier);
    inbox_free(&node->inbox);
}

void node_close(struct node **out)
{
    struct node *node = *out;
    if (node == NULL) {
        return;
    }
    if (node->loop_open) {
        stop(node);
        uv_run(&node->loop, UV_RUN_DEFAULT);
    }
    if (node->api != NULL) {
        api_stop(&node->api);
    }
    if (node->loop_open) {
        free_parts(node);
        ENSURE(uv_loop_close(&node->loop) == 0);
    }
    app_close(&node->app);
    if (node->kv != NULL) {
        kv_close(&node->kv);
    }
    home_close(&node->home);
    doc_free(&node->status);
    pthread_mutex_destroy(&node->status_lock);
    memory_free(node);
    *out = NULL;
}
