/* A ledger of some sixty blocks to take snapshots of: the validators change three times, values of
 * all sizes come, change and go, transactions live for eight blocks. And ways to restore from it.
 * Header only; include it once a program, after a registry of test types. */
#ifndef DIRCHAIN_TESTS_UNIT_SNAPSHOTS_H
#define DIRCHAIN_TESTS_UNIT_SNAPSHOTS_H

#include "ledger.h"

#include "chain/restore.h"

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

/* Takes the parts that are asked for until it is finished; returns how many. */
static inline size_t restore_all(struct restore *restore, const struct ledger *source)
{
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part part;
    size_t parts = 0;
    while (restore_next(&part, restore)) {
        make_part(&payload, source, &part);
        int error = restore_take(restore, &part, view_of_buf(&payload));
        if (error != 0)
            fail_msg("part %d at %u: %s", (int)part.kind, (unsigned)part.at, error_code(error));
        parts++;
    }
    assert_true(restore_finished(restore));
    return parts;
}

/* A second ledger, restored at a height and opened. */
static inline struct ledger restored(const struct ledger *source, uint64_t height)
{
    struct ledger ledger = {.kv = kv_open_memory(),
                            .genesis = doc_copy(source->genesis),
                            .genesis_hash = source->genesis_hash,
                            .nonce = 1000000};
    struct restore_plan plan = restore_plan_of(source, height);
    struct restore *restore = NULL;
    assert_int_equal(restore_open(&restore, ledger.kv, &plan), 0);
    (void)restore_all(restore, source);
    restore_close(&restore);
    ledger_open_app(&ledger);
    return ledger;
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

#endif
