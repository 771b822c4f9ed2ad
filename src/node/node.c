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
#include "node/node_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/ledger_place.h"
#include "chain/store.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TICK_MS 1000

/* ---- stopping ---- */

void node_fatal(void *context, int error, const char *what)
{
    struct node *node = context;
    if (node->error == 0) {
        node->error = error;
        snprintf(node->what, sizeof node->what, "%s", what);
        log_write(LOG_ERROR, "node", "%s: %s The node stops.", what, error_english(error));
    }
    if (node->engine != NULL) {
        engine_halt(node->engine);
    }
    uv_async_send(&node->stop_soon);
}

void node_start_over(struct node *node)
{
    node->start_over = true;
    uv_async_send(&node->stop_soon);
}

bool node_starts_over(const struct node *node)
{
    return node->start_over && node->error == 0;
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
    restorer_close(node->restorer);
    pruner_close(node->pruner);
    snapshot_serve_close(node->snapshots);
    bodies_close(node->bodies);
    requests_close(node->requests);
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

/* ---- opening ---- */

static int open_ledger(struct node *node, struct faults *faults)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "%s/ledger", node->config->data_directory);
    int error = ledger_place_settle(node->config->data_directory);
    error = error != 0 ? error : file_make_directory(buf_text(&path), 0700);
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

static int open_peers(struct node *node, struct faults *faults)
{
    struct peers_config config = {.loop = &node->loop,
                                  .member = node->config->member,
                                  .genesis = node->home.genesis_hash,
                                  .peer_seed = node->home.peer.secret,
                                  .handler = node_peers_handler};
    config.handler.context = node;
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
                         node_find_key, node) == 0);
    node->mempool = mempool_open(&limits);
    node->parts = (struct node_parts){.loop = &node->loop,
                                      .member = node->config->member,
                                      .kv = node->kv,
                                      .app = node->app,
                                      .clock = &node->clock,
                                      .mempool = node->mempool,
                                      .verifier = node->verifier,
                                      .counters = &node->counters,
                                      .fatal = node_fatal,
                                      .fatal_context = node};
}

/* Whether no set that the store knows, back to genesis, names the key. */
static int key_is_unused(bool *unused, const struct store_view *view, const struct vote_key *key)
{
    struct validator_set set;
    uint64_t first = 0;
    *unused = true;
    for (uint64_t height = view->height + 1; *unused && height > 0; height = first - 1) {
        int error = store_read_term(&set, &first, view, height);
        if (error != 0) {
            return error;
        }
        for (size_t i = 0; i < set.count; i++) {
            *unused = *unused && memcmp(set.item[i].key.bytes, key->bytes, VOTE_KEY_BYTES) != 0;
        }
    }
    return 0;
}

static bool is_only_validator(const struct app *app, const struct vote_key *key)
{
    const struct validator_set *set = app_next_validators(app);
    return set->count == 1 && memcmp(set->item[0].key.bytes, key->bytes, VOTE_KEY_BYTES) == 0;
}

static int open_signer(struct node *node, struct faults *faults, struct node_vote *out,
                       const struct keyfile *key)
{
    struct store_view view;
    struct home_vote vote = {.key = key};
    if (key->secret == NULL) {
        return 0;
    }
    memcpy(out->key.bytes, key->public_bytes, VOTE_KEY_BYTES);
    int error = store_view_open(&view, node->kv);
    if (error == 0) {
        error = key_is_unused(&vote.unused, &view, &out->key);
        store_view_close(&view);
    }
    if (error != 0) {
        return faults_add(faults, error, NULL, "%s/ledger", node->config->data_directory);
    }
    vote.unused = vote.unused || app_height(node->app) == 0;
    vote.alone = app_height(node->app) == 0 && is_only_validator(node->app, &out->key);
    return home_signer(&out->signer, faults, &node->home, node->config, &vote);
}

static int open_signers(struct node *node, struct faults *faults, struct node_vote *votes)
{
    int error = open_signer(node, faults, &votes[0], &node->home.vote);
    error = error != 0 ? error : open_signer(node, faults, &votes[1], &node->home.vote_next);
    if (error != 0) {
        signer_close(&votes[0].signer);
    }
    return error;
}

static int open_all(struct node *node, struct faults *faults)
{
    struct node_vote votes[ENGINE_KEYS_MAX] = {{.signer = NULL}};
    int error = home_open(&node->home, faults, node->config);
    if (error == 0) {
        error = node_clock_open(&node->clock, node->config->data_directory, node->home.test);
        if (error != 0) {
            faults_add(faults, error, NULL, "%s", node->clock.path);
        }
    }
    error = error != 0 ? error : open_ledger(node, faults);
    error = error != 0 ? error : open_signers(node, faults, votes);
    if (error != 0) {
        return error;
    }
    open_loop(node);
    error = open_peers(node, faults);
    node_open_parts(node, votes);
    if (error == 0) {
        error = node_read_members(node);
        if (error != 0) {
            faults_add(faults, error, NULL, "members");
        }
    }
    error = error != 0 ? error : node_open_exchange(node, faults);
    return error != 0 ? error : node_open_api(node, faults);
}

int node_open(struct node **out, struct faults *faults, const struct config *config)
{
    struct node *node = memory_alloc(sizeof *node);
    enum log_level level;
    *out = NULL;
    signal(SIGPIPE, SIG_IGN); /* both are told by the call that fails */
    signal(SIGXFSZ, SIG_IGN);
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
    uv_signal_start(&node->terminate, on_signal, SIGTERM);
    uv_signal_start(&node->interrupt, on_signal, SIGINT);
    uv_timer_start(&node->tick, node_on_tick, TICK_MS, TICK_MS);
    log_write(LOG_INFO, "node", "%s at height %" PRIu64 ", peers on port %u, API on port %u",
              node->config->member, app_height(node->app), (unsigned)peers_port(node->peers),
              (unsigned)api_port(node->api));
    seat_watch_start(&node->seat, &node->parts, node->engine);
    engine_start_height(node->engine);
    uv_run(&node->loop, UV_RUN_DEFAULT);
    if (node->error != 0) {
        faults_add(faults, node->error, NULL, "%s", node->what);
    }
    return node->error;
}

static void free_parts(struct node *node)
{
    resume_free(&node->resume);
    intake_free(&node->intake);
    restorer_free(&node->restorer);
    pruner_free(&node->pruner);
    snapshot_serve_free(&node->snapshots);
    sync_free(&node->sync);
    engine_free(&node->engine);
    evidence_pool_free(&node->evidence);
    bodies_free(&node->bodies);
    requests_free(&node->requests);
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
    node_close_exchange(node);
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
