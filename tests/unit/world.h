/* A node in miniature for tests of the API: the real ledger with real rules on a store in memory,
 * one thread that makes and certifies a block whenever there is something to order, and the real
 * API in front of it. Include once a program, instead of rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_UNIT_WORLD_H
#define DIRCHAIN_TESTS_UNIT_WORLD_H

#include "rules_fixture.h"

#include "certify.h"
#include "scratch.h"

#include "api/api.h"
#include "chain/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define WORLD_PENDING_MAX 4096
#define WORLD_TOKEN "token-of-the-compile-key-0123456789"

struct world_pending {
    struct tx *tx;
    bool wait;
    api_submit_done done;
    void *argument;
};

struct world {
    struct doc *genesis;
    struct hash genesis_hash;
    struct kv *kv;
    struct app *app;
    struct api *api;
    struct secret_key signer_secret;
    struct api_signer signer;
    _Atomic int64_t now_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct world_pending pending[WORLD_PENDING_MAX];
    size_t pending_count;
    unsigned empty_blocks; /* to be made */
    bool stopping, paused;
};

/* ---- the node's side ---- */

/* One block of what is valid; who waited for it hears of it. */
static void world_make_block(struct world *world, struct world_pending *pending, size_t count)
{
    struct tx *txs[WORLD_PENDING_MAX];
    for (size_t i = 0; i < count; i++)
        txs[i] = pending[i].tx;
    int64_t now_ms = atomic_load(&world->now_ms), tip_ms = app_tip_time_ms(world->app);
    struct app_proposal proposal = {.time_ms = now_ms > tip_ms ? now_ms : tip_ms + 1,
                                    .proposer = app_next_validators(world->app)->item[0].member,
                                    .candidates = txs,
                                    .candidate_count = count};
    AUTO(block_free) struct block *block = NULL;
    struct app_commit commit;
    assert_int_equal(app_prepare(&block, world->app, &proposal), 0);
    struct certificate certificate = certify(world->app, block);
    assert_int_equal(app_commit(&commit, world->app, &block->hash, &certificate), 0);
    if (world->api)
        api_block_committed(world->api, &commit);
    for (size_t i = 0; i < count; i++) {
        bool included = false;
        for (size_t k = 0; k < block->tx_count; k++)
            included |= hash_equal(&block->txs[k]->id, &pending[i].tx->id);
        if (pending[i].wait)
            pending[i].done(pending[i].argument, included ? 0 : ERR_UNAVAILABLE, NULL,
                            included ? commit.header.height : 0);
        tx_free(&pending[i].tx);
    }
    app_commit_free(&commit);
}

/* As intake.c does: signature, standing, a dry run; then it is pending. */
static bool world_admit(struct world *world, struct world_pending *pending)
{
    struct public_key key;
    struct faults faults = {0};
    int error = app_signer_key(&key, world->app, pending->tx->member, pending->tx->key_name);
    if (error == 0)
        error = tx_verify(pending->tx, &key);
    if (error == 0)
        error = app_check(world->app, &faults, pending->tx, true);
    if (error == 0 && pending->wait)
        return true;
    pending->done(pending->argument, error, &faults, 0);
    if (error != 0)
        tx_free(&pending->tx);
    return error == 0;
}

static void *world_run(void *context)
{
    struct world *world = context;
    static struct world_pending batch[WORLD_PENDING_MAX];
    pthread_mutex_lock(&world->lock);
    while (!world->stopping) {
        if (world->paused || (world->pending_count == 0 && world->empty_blocks == 0)) {
            pthread_cond_wait(&world->changed, &world->lock);
            continue;
        }
        size_t count = world->pending_count, kept = 0;
        memcpy(batch, world->pending, count * sizeof batch[0]);
        world->pending_count = 0;
        bool empty = world->empty_blocks > 0;
        pthread_mutex_unlock(&world->lock);
        for (size_t i = 0; i < count; i++)
            if (world_admit(world, &batch[i]))
                batch[kept++] = batch[i];
        if (kept > 0 || empty)
            world_make_block(world, batch, kept);
        pthread_mutex_lock(&world->lock);
        world->empty_blocks -= empty;
        pthread_cond_broadcast(&world->changed);
    }
    pthread_mutex_unlock(&world->lock);
    return NULL;
}

/* ---- what the API is given ---- */

static void world_submit(void *context, struct tx *tx, bool wait, api_submit_done done,
                         void *argument)
{
    struct world *world = context;
    pthread_mutex_lock(&world->lock);
    bool full = world->stopping || world->pending_count == WORLD_PENDING_MAX;
    if (!full)
        world->pending[world->pending_count++] = (struct world_pending){tx, wait, done, argument};
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
    if (full) {
        tx_free(&tx);
        done(argument, ERR_UNAVAILABLE, NULL, 0);
    }
}

static struct doc *world_status(void *context)
{
    (void)context;
    struct doc *status = doc_new_object(), *mempool = doc_new_object(), *peers = doc_new_array();
    struct doc *peer = doc_new_object(), *counters = doc_new_object();
    struct doc *verifier = doc_new_object();
    doc_set_int(peer, "height", 3);
    doc_set_text(peer, "member", BETA);
    doc_set_bool(peer, "up", true);
    doc_push(peers, peer);
    doc_set_int(mempool, "txs", 7);
    doc_set_int(counters, "txs_submitted", 12);
    doc_set(status, "counters", counters);
    doc_set(status, "mempool", mempool);
    doc_set(status, "peers", peers);
    doc_set_int(verifier, "queued", 5);
    doc_set_int(verifier, "verified", 6);
    doc_set(status, "verifier", verifier);
    return status;
}

static int64_t world_now_ms(void *context)
{
    return atomic_load(&((struct world *)context)->now_ms);
}

static int world_advance(void *context, int64_t by_ms)
{
    struct world *world = context;
    atomic_fetch_add(&world->now_ms, by_ms);
    pthread_mutex_lock(&world->lock);
    world->empty_blocks++;
    pthread_cond_broadcast(&world->changed);
    while (world->empty_blocks > 0) /* so that no block is left out and no outage seen */
        pthread_cond_wait(&world->changed, &world->lock);
    pthread_mutex_unlock(&world->lock);
    return 0;
}

/* ---- life ---- */

static void world_start_api(struct world *world, const char *web_directory)
{
    struct faults faults = {0};
    struct api_config config = {.listen_host = "127.0.0.1",
                                .request_deadline_ms = 1000,
                                .signers = &world->signer,
                                .signer_count = 1,
                                .test = true};
    assert_true((size_t)snprintf(config.data_directory, sizeof config.data_directory, "%s",
                                 scratch_directory) < sizeof config.data_directory);
    snprintf(config.web_directory, sizeof config.web_directory, "%s", web_directory);
    const struct api_backend backend = {.context = world,
                                        .kv = world->kv,
                                        .genesis = world->genesis,
                                        .genesis_hash = world->genesis_hash,
                                        .member = ALPHA,
                                        .submit = world_submit,
                                        .status = world_status,
                                        .now_ms = world_now_ms,
                                        .advance_clock = world_advance};
    assert_int_equal(api_start(&world->api, &faults, &config, &backend, NULL), 0);
}

static struct world *world_open_under(const char *profile, const char *web_directory)
{
    struct world *world = memory_alloc(sizeof *world);
    struct faults faults = {0};
    world->genesis = fixture_genesis(profile);
    struct doc *params = doc_copy(doc_get(world->genesis, "params"));
    doc_set_int(params, "outage_ms", 2 * DAY_MS); /* a test may move the clock by days */
    doc_set(world->genesis, "params", params);
    doc_hash(&world->genesis_hash, "dirchain/genesis/1", world->genesis);
    world->kv = kv_open_memory();
    assert_int_equal(
        app_open(&world->app, &faults, world->kv, world->genesis, &world->genesis_hash), 0);
    atomic_init(&world->now_ms, at("2026-02-09T10:00:00+08:00")); /* a Monday */
    assert_int_equal(pthread_mutex_init(&world->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&world->changed, NULL), 0);
    world->signer_secret = fixture_secret_of(ALPHA "/compile");
    world->signer = (struct api_signer){.name = "oa",
                                        .token_hash = hash_sha256(view_of_text(WORLD_TOKEN)),
                                        .key_name = "compile",
                                        .secret = &world->signer_secret};
    if (web_directory)
        world_start_api(world, web_directory);
    world_make_block(world, NULL, 0); /* the tip's time is today's */
    assert_int_equal(pthread_create(&world->thread, NULL, world_run, world), 0);
    return world;
}

static inline struct world *world_open(const char *web_directory)
{
    return world_open_under("putuo", web_directory);
}

static void world_close(struct world **pointer)
{
    struct world *world = *pointer;
    *pointer = NULL;
    pthread_mutex_lock(&world->lock);
    world->stopping = true;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
    pthread_join(world->thread, NULL);
    api_stop(&world->api);
    for (size_t i = 0; i < world->pending_count; i++) {
        world->pending[i].done(world->pending[i].argument, ERR_UNAVAILABLE, NULL, 0);
        tx_free(&world->pending[i].tx);
    }
    app_close(&world->app);
    kv_close(&world->kv);
    doc_free(&world->genesis);
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->changed);
    memory_free(world);
}

/* ---- transactions ---- */

/* A signed transaction of "<member>/<key>", appended as JWS. */
static void world_sign(struct buf *out, struct world *world, const char *kid, const char *type,
                       const struct doc *body)
{
    char member[MEMBER_ID_CHARS + 1];
    snprintf(member, sizeof member, "%.*s", MEMBER_ID_CHARS, kid);
    struct secret_key secret = fixture_secret_of(kid);
    struct tx_draft draft = {.genesis = &world->genesis_hash,
                             .member = member,
                             .key_name = kid + MEMBER_ID_CHARS + 1,
                             .type = type,
                             .expires_ms = atomic_load(&world->now_ms) + 1800000,
                             .body = body};
    assert_int_equal(tx_sign(out, &draft, &secret), 0);
}

struct world_verdict {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool given;
    int error;
    struct faults faults;
};

static void world_done(void *argument, int error, const struct faults *faults, uint64_t height)
{
    (void)height;
    struct world_verdict *verdict = argument;
    pthread_mutex_lock(&verdict->lock);
    verdict->given = true;
    verdict->error = error;
    if (faults)
        verdict->faults = *faults;
    pthread_cond_signal(&verdict->changed);
    pthread_mutex_unlock(&verdict->lock);
}

/* A transaction into a block, past HTTP; its id as hex. Body as in rules_fixture.h. */
__attribute__((format(printf, 5, 6), unused)) static void world_must(struct world *world,
                                                                     char *txid, const char *kid,
                                                                     const char *type,
                                                                     const char *body, ...)
{
    va_list arguments;
    va_start(arguments, body);
    AUTO(doc_free) struct doc *document = fixture_body(body, arguments);
    va_end(arguments);
    AUTO(buf_free) struct buf raw = {0};
    struct world_verdict verdict = {
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, {0}};
    struct tx *tx = NULL;
    world_sign(&raw, world, kid, type, document);
    int error = tx_parse(&tx, &verdict.faults, view_of_buf(&raw), &world->genesis_hash);
    if (error == 0) {
        if (txid)
            hash_to_hex(txid, &tx->id);
        world_submit(world, tx, true, world_done, &verdict);
        pthread_mutex_lock(&verdict.lock);
        while (!verdict.given)
            pthread_cond_wait(&verdict.changed, &verdict.lock);
        pthread_mutex_unlock(&verdict.lock);
        error = verdict.error;
    }
    if (error != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &verdict.faults);
        fail_msg("%s by %s: %s\n%s", type, kid, error_code(error), buf_text(&text));
    }
}

/* The version of a record, from the store. */
static const char *world_version(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3), unused));
static const char *world_version(struct world *world, const char *format, ...)
{
    static char versions[4][2 * HASH_BYTES + 1];
    static unsigned next;
    char key[STATE_KEY_BYTES_MAX], *version = versions[next++ % 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(doc_free) struct doc *record = NULL;
    assert_int_equal(store_view_open(&view, world->kv), 0);
    assert_int_equal(store_read_state(&record, &view, key), 0);
    snprintf(version, sizeof versions[0], "%s", doc_get_text(record, "version"));
    return version;
}

#endif
