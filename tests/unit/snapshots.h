/* A ledger of some sixty blocks to take snapshots of: the validators change three times, values of
 * all sizes come, change and go, transactions live for eight blocks. And ways to restore from it.
 * Header only; include it once a program, after a registry of test types. */
#ifndef DIRCHAIN_TESTS_UNIT_SNAPSHOTS_H
#define DIRCHAIN_TESTS_UNIT_SNAPSHOTS_H

#include "ledger.h"

#include "chain/restore.h"
#include "chain/state_record.h"

#define SOURCE_BLOCKS 60
#define SOURCE_LIFETIME_MS 8000 /* a block a second */

static inline struct tx *source_tx(struct ledger *ledger, size_t agency, unsigned key,
                                   const char *type, struct doc *body)
{
    int64_t expires_ms = app_tip_time_ms(ledger->app) + SOURCE_LIFETIME_MS;
    return ledger_tx_expiring(ledger, agency, key, type, body, expires_ms);
}

static inline struct tx *source_change(struct ledger *ledger, const char *how, size_t agency)
{
    return source_tx(ledger, 0, KEY_ADMIN, "validator.change", ledger_change_body(how, agency));
}

/* Every tenth value is large, so that the state has to be divided at its top. */
static inline struct tx *source_put(struct ledger *ledger, uint64_t height, size_t i)
{
    char key[16];
    static char text[60001];
    struct doc *body;
    uint64_t random = height * 64 + i;
    snprintf(key, sizeof key, "k%u", (unsigned)(check_random(&random) % 300));
    body = test_body(key, (int64_t)height);
    if (i == 0 && height % 10 == 3) {
        memset(text, 'x', sizeof text - 1);
        doc_set_text(body, "text", text);
        doc_set_int(body, "grow", 3);
    }
    doc_set_bool(body, "act", i == 2);
    return source_tx(ledger, 1 + i % 3, KEY_COMPILE, "test.put", body);
}

static inline void source_append(struct ledger *ledger, uint64_t height)
{
    struct tx *txs[8];
    size_t count = height % 4 == 0 ? 0 : height % 7;
    for (size_t i = 0; i < count; i++) {
        txs[i] = source_put(ledger, height, i);
    }
    if (height == 14 || height == 33 || height == 52) {
        txs[count++] = source_change(ledger, height != 33 ? "remove" : "add", 4);
    }
    ledger_append(ledger, txs, count);
}

/* `params` may be NULL: transactions live for longer than all blocks take. */
static inline struct ledger source_open_with(const struct doc *params)
{
    struct ledger ledger = ledger_open(kv_open_memory(), params);
    for (uint64_t height = 1; height <= SOURCE_BLOCKS; height++) {
        source_append(&ledger, height);
    }
    return ledger;
}

static inline struct ledger source_open(void)
{
    AUTO(doc_free) struct doc *params = doc_new_object();
    doc_set_int(params, "tx_lifetime_ms", SOURCE_LIFETIME_MS);
    return source_open_with(params);
}

/* One whose validators change more often than fits one part of a snapshot's head. */
#define RESTLESS_CHANGES 400

static inline struct ledger restless_open(void)
{
    struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    for (unsigned i = 0; i < RESTLESS_CHANGES; i++) {
        struct tx *tx = ledger_change_tx(&ledger, i % 2 == 0 ? "remove" : "add", 4);
        ledger_append(&ledger, &tx, 1);
        ledger_append(&ledger, NULL, 0);
    }
    return ledger;
}

/* One with more records than one of some sixty blocks has. */
static inline struct ledger crowded_open(void)
{
    struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    for (unsigned i = 0; i < 600;) {
        struct tx *txs[25];
        for (size_t count = 0; count < COUNT_OF(txs); count++, i++) {
            char key[16];
            snprintf(key, sizeof key, "k%u", i);
            txs[count] =
                ledger_tx(&ledger, 1 + i % 3, KEY_COMPILE, "test.put", test_body(key, (int64_t)i));
        }
        ledger_append(&ledger, txs, COUNT_OF(txs));
    }
    return ledger;
}

static inline struct restore_plan restore_plan_of(const struct ledger *source, uint64_t height)
{
    return (struct restore_plan){
        .genesis = source->genesis, .genesis_hash = source->genesis_hash, .height = height};
}

/* A part as an honest node gives it. */
static inline void make_part(struct buf *out, const struct ledger *source,
                             const struct snapshot_part *part)
{
    struct store_view view;
    assert_int_equal(store_view_open(&view, source->kv), 0);
    buf_clear(out);
    int error = snapshot_part_make(out, &view, part);
    store_view_close(&view);
    if (error != 0)
        fail_msg("part %d at %u, depth %u: %s", (int)part->kind, (unsigned)part->at,
                 part->place.depth, error_code(error));
    assert_true(out->len <= SNAPSHOT_PART_BYTES_MAX);
}

/* What stands at a place. */
static inline struct state_ref place_ref(const struct ledger *source, uint64_t version,
                                         const struct state_place *place)
{
    struct state_root root;
    assert_int_equal(state_root_load(&root, source->kv, NULL, version), 0);
    for (unsigned depth = 0; depth < place->depth; depth++) {
        struct state_node node;
        assert_int_equal(state_node_load(&node, source->kv, NULL, &root.ref, &place->path, depth),
                         0);
        state_node_get(&root.ref, &node, state_nibble(&place->path, depth));
    }
    return root.ref;
}

/* The node at a place as a part, though its leaves might fit one. With `called_inner`: leaves that
 * have a neighbour are called inner, and counted. False: a leaf stands there. */
static inline bool divide_part(struct buf *out, const struct ledger *source,
                               const struct snapshot_part *part, unsigned *called_inner)
{
    struct state_ref ref = place_ref(source, part->height, &part->place);
    struct state_node node;
    if (ref.kind != STATE_INNER)
        return false;
    assert_int_equal(
        state_node_load(&node, source->kv, NULL, &ref, &part->place.path, part->place.depth), 0);
    for (unsigned i = 0; i < STATE_PLACES; i++) {
        unsigned at = STATE_PLACES + i;
        node.version[i] = part->height;
        if (called_inner && node.kind[at] == STATE_LEAF && node.kind[at ^ 1] != STATE_EMPTY) {
            node.kind[at] = STATE_INNER;
            ++*called_inner;
        }
    }
    node.full = part->height;
    node.patched = 0;
    buf_clear(out);
    buf_append_u8(out, 2);
    out->len = 1 + state_node_pack(out, &node, part->height);
    return true;
}

/* One restore into a store of its own, part by part. */
struct attempt {
    const struct ledger *source;
    struct ledger ledger; /* opened when it is finished */
    struct restore *restore;
    struct snapshot_part part; /* asked for last */
    struct buf payload;        /* as the honest give it */
    size_t parts;              /* taken */
};

static inline void attempt_open_in(struct attempt *attempt, struct kv *kv,
                                   const struct ledger *source, const struct restore_plan *plan)
{
    *attempt = (struct attempt){.source = source};
    attempt->ledger = (struct ledger){.kv = kv,
                                      .genesis = doc_copy(source->genesis),
                                      .genesis_hash = source->genesis_hash,
                                      .nonce = 1000000};
    assert_int_equal(restore_open(&attempt->restore, kv, plan), 0);
}

static inline void attempt_open(struct attempt *attempt, const struct ledger *source,
                                uint64_t height)
{
    struct restore_plan plan = restore_plan_of(source, height);
    attempt_open_in(attempt, kv_open_memory(), source, &plan);
}

static inline void attempt_close(struct attempt *attempt)
{
    restore_close(&attempt->restore);
    ledger_close(&attempt->ledger);
    buf_free(&attempt->payload);
}

/* What is asked for next, if anything is. */
static inline bool attempt_next(struct attempt *attempt)
{
    bool more = restore_next(&attempt->part, attempt->restore);
    if (more) {
        make_part(&attempt->payload, attempt->source, &attempt->part);
    }
    return more;
}

static inline int attempt_try(struct attempt *attempt, struct view payload)
{
    return restore_take(attempt->restore, &attempt->part, payload);
}

static inline void attempt_take(struct attempt *attempt)
{
    int error = attempt_try(attempt, view_of_buf(&attempt->payload));
    if (error != 0)
        fail_msg("part %d at %u: %s", (int)attempt->part.kind, (unsigned)attempt->part.at,
                 error_code(error));
    attempt->parts++;
}

/* Takes all parts that are still to be had. */
static inline void attempt_finish(struct attempt *attempt)
{
    while (attempt_next(attempt))
        attempt_take(attempt);
    assert_true(restore_finished(attempt->restore));
}

/* The ledger of a finished one, which is closed. */
static inline struct ledger attempt_ledger(struct attempt *attempt)
{
    struct ledger ledger = attempt->ledger;
    attempt->ledger = (struct ledger){0};
    attempt_close(attempt);
    ledger_open_app(&ledger);
    return ledger;
}

/* A second ledger, restored at a height and opened. */
static inline struct ledger restored(const struct ledger *source, uint64_t height)
{
    struct attempt attempt;
    attempt_open(&attempt, source, height);
    attempt_finish(&attempt);
    return attempt_ledger(&attempt);
}

/* Applies the next block of the source as block sync does. */
static inline int follow(struct ledger *ledger, const struct ledger *source)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    struct store_view view;
    struct certificate certificate;
    struct app_commit commit;
    uint64_t height = app_height(ledger->app) + 1;
    assert_int_equal(store_view_open(&view, source->kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
    assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
    store_view_close(&view);
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &ledger->genesis_hash), 0);
    for (size_t i = 0; i < block->tx_count; i++) {
        struct public_key key;
        struct tx *tx = block->txs[i];
        assert_int_equal(app_signer_key(&key, ledger->app, tx->member, tx->key_name), 0);
        assert_int_equal(tx_verify(tx, &key), 0);
    }
    int error = app_apply_synced(&commit, ledger->app, NULL, block, &certificate);
    if (error == 0)
        app_commit_free(&commit);
    return error;
}

static inline void follow_all(struct ledger *ledger, const struct ledger *source)
{
    while (app_height(ledger->app) < SOURCE_BLOCKS)
        assert_int_equal(follow(ledger, source), 0);
    assert_true(hash_equal(app_tip_hash(ledger->app), app_tip_hash(source->app)));
}

/* ---- one source for all tests of a program ---- */

__attribute__((unused)) static struct ledger source;

__attribute__((unused)) static int source_make(void **state)
{
    (void)state;
    source = source_open();
    return 0;
}

__attribute__((unused)) static int source_drop(void **state)
{
    (void)state;
    ledger_close(&source);
    return 0;
}

#endif
