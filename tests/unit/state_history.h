/* Histories of the state tree, grown beside a model, for its tests. Header only; include it once a
 * program. */
#ifndef DIRCHAIN_TESTS_UNIT_STATE_HISTORY_H
#define DIRCHAIN_TESTS_UNIT_STATE_HISTORY_H

#include "chain/state_tree.h"

#include "base/log.h"
#include "chain/kv.h"
#include "scratch.h"
#include "state_model.h"

#define SEED UINT64_C(20260212)

static struct model model, models[64];
static struct model_changes changes;

static inline size_t count_records(struct kv *kv, enum kv_table table)
{
    uint8_t prefix = (uint8_t)table;
    struct kv_iterator *iterator = kv_memory_iterate(kv, view_of(&prefix, 1), view_of(&prefix, 1));
    struct view key, value;
    size_t count = 0;
    while (kv_iterator_next(iterator, &key, &value))
        count++;
    assert_int_equal(kv_iterator_error(iterator), OK);
    kv_iterator_free(&iterator);
    return count;
}

static inline void assert_values(struct kv *kv)
{
    for (size_t i = 0; i < model.count; i++) {
        const struct model_entry *entry = &model.entry[i];
        AUTO(buf_free) struct buf value = {0};
        assert_int_equal(state_value_read(kv, NULL, entry->key, &value),
                         entry->value[0] ? OK : ERR_NOT_FOUND);
        assert_string_equal(buf_text(&value), entry->value);
    }
}

/* A history of `steps` versions over `keys` keys, against a cache of the given size. Every version
 * is checked when it is new, and again at the end, with proofs. */
static inline void history(struct kv *kv, size_t keys, size_t steps, size_t most,
                           size_t cache_bytes)
{
    struct state_tree *tree = state_tree_open(kv, cache_bytes);
    uint64_t seed = SEED, base = STATE_VERSION_NONE;
    model_init(&model, keys);
    for (uint64_t version = 0; version < steps; version++) {
        model_step(&model, &changes, &seed, most);
        struct hash root = tree_commit(tree, kv, base, version, &changes);
        assert_root(&root, &model);
        models[version] = model;
        base = version;
    }
    assert_values(kv);
    for (uint64_t version = 0; version < steps; version++) {
        assert_version(kv, version, &models[version]);
        for (int tries = 0; tries < 40; tries++)
            assert_proof(kv, version, &models[version], check_random(&seed) % keys);
    }
    state_tree_close(&tree);
}

static inline void prune_to(struct kv *kv, uint64_t keep_from, size_t records_max)
{
    bool more = true;
    for (int calls = 0; more; calls++) {
        assert_true(calls < 10000);
        AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
        assert_int_equal(state_tree_prune(&more, batch, kv, keep_from, records_max), OK);
        assert_true(kv_batch_count(batch) <= records_max + 1100);
        assert_true(!more || kv_batch_count(batch) > 0);
        assert_int_equal(kv_write(kv, batch, true), OK);
    }
}

static inline void copy_record(struct kv_batch *batch, struct kv *kv, struct view key)
{
    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(kv_get(kv, NULL, key, &value), OK);
    kv_batch_put(batch, key, view_of_buf(&value));
}

/* Takes every record of the tree away in turn: if the rest still checks, it was left over. */

#endif
