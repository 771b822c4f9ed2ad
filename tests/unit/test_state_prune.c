/* Pruning the state tree: what is wanted stays whole, the rest goes, whenever it is interrupted. */
#include "state_history.h"

static void assert_nothing_left_over(struct kv *kv, uint64_t version)
{
    const enum kv_table tables[] = {KV_STATE_NODE, KV_STATE_LEAF, KV_STATE_INDEX, KV_STATE_ROOT};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        uint8_t prefix = (uint8_t)tables[i];
        struct kv_iterator *iterator =
            kv_memory_iterate(kv, view_of(&prefix, 1), view_of(&prefix, 1));
        struct view key, value;
        while (kv_iterator_next(iterator, &key, &value)) {
            AUTO(kv_batch_free) struct kv_batch *put_back = kv_batch_new();
            AUTO(kv_batch_free) struct kv_batch *take_away = kv_batch_new();
            copy_record(put_back, kv, key);
            kv_batch_delete(take_away, key);
            assert_int_equal(kv_write(kv, take_away, true), OK);
            struct hash root;
            uint64_t leaves;
            int error = state_tree_check(&root, &leaves, kv, version);
            assert_true(error == ERR_CORRUPT || error == ERR_NOT_FOUND);
            assert_int_equal(kv_write(kv, put_back, true), OK);
        }
        kv_iterator_free(&iterator);
    }
}

static void pruning_keeps_what_is_wanted(void **state)
{
    (void)state;
    enum { STEPS = 40, KEYS = 260 };
    const size_t portions[] = {1, 50, 1000000};
    for (size_t run = 0; run < COUNT_OF(portions); run++) {
        struct kv *kv = kv_open_memory();
        history(kv, KEYS, STEPS, 60, 1 << 20);
        for (uint64_t keep_from = 7; keep_from < STEPS; keep_from += 11) {
            prune_to(kv, keep_from, portions[run]);
            for (uint64_t version = 0; version < STEPS; version++) {
                struct hash root;
                uint64_t leaves;
                struct state_proof proof;
                bool present;
                AUTO(buf_free) struct buf value = {0};
                if (version >= keep_from) {
                    assert_version(kv, version, &models[version]);
                    continue;
                }
                assert_int_equal(state_root_read(&root, &leaves, kv, NULL, version), ERR_NOT_FOUND);
                assert_int_equal(state_tree_prove(&proof, &present, &value, kv, version, "x"),
                                 ERR_NOT_FOUND);
                assert_int_equal(state_tree_check(&root, &leaves, kv, version), ERR_NOT_FOUND);
            }
        }
        prune_to(kv, STEPS - 1, portions[run]);
        assert_int_equal(count_records(kv, KV_STATE_LEAF), model_present(&model));
        assert_int_equal(count_records(kv, KV_STATE_STALE), 0);
        if (run == 0)
            assert_nothing_left_over(kv, STEPS - 1);
        assert_values(kv);
        kv_close(&kv);
    }
}

/* Stopped half way, with the roots gone first: no version is half there. */
static void an_interrupted_pruning_leaves_whole_versions(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    history(kv, 100, 30, 30, 1 << 20);
    bool more = true;
    while (more) {
        AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
        assert_int_equal(state_tree_prune(&more, batch, kv, 29, 3), OK);
        assert_int_equal(kv_write(kv, batch, true), OK);
        for (uint64_t version = 0; version < 30; version++) {
            struct hash root;
            uint64_t leaves;
            int error = state_tree_check(&root, &leaves, kv, version);
            assert_true(error == OK || error == ERR_NOT_FOUND);
        }
    }
    kv_close(&kv);
}

static void unknown_versions_are_refused(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    history(kv, 10, 5, 5, 1 << 20);
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    struct state_update *update = NULL;
    assert_int_equal(state_tree_update(&update, tree, 9, 10, NULL, 0), ERR_NOT_FOUND);
    assert_null(update);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    bool more = false;
    assert_int_equal(state_tree_prune(&more, batch, kv, 9, 100), ERR_NOT_FOUND);
    assert_int_equal(state_tree_prune(&more, batch, kv, 0, 100), OK); /* nothing is older */
    assert_false(more);
    assert_int_equal(kv_batch_count(batch), 0);
    state_tree_close(&tree);
    kv_close(&kv);
}

int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pruning_keeps_what_is_wanted),
        cmocka_unit_test(an_interrupted_pruning_leaves_whole_versions),
        cmocka_unit_test(unknown_versions_are_refused),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
