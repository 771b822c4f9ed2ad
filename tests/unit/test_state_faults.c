/* The state tree over a store that rots, fails and crashes. */
#include "state_history.h"

/* ---- rot and faults ---- */

/* Flips each byte of each record of a table in turn: the check must see every one. Only in a full
 * node record a place may be of no account any more, when a patch stands over it. */
static void assert_rot_is_seen(struct kv *kv, enum kv_table table, uint64_t version)
{
    size_t harmless = 0;
    uint8_t prefix = (uint8_t)table;
    struct kv_iterator *iterator = kv_memory_iterate(kv, view_of(&prefix, 1), view_of(&prefix, 1));
    struct view key, value;
    size_t tried = 0;
    while (kv_iterator_next(iterator, &key, &value)) {
        AUTO(kv_batch_free) struct kv_batch *put_back = kv_batch_new();
        copy_record(put_back, kv, key);
        AUTO(buf_free) struct buf rotten = {0};
        buf_append_view(&rotten, value);
        for (size_t i = 0; i < rotten.len; i++, tried++) {
            AUTO(kv_batch_free) struct kv_batch *flip = kv_batch_new();
            uint8_t mask = (uint8_t)(1u << (i + tried) % 8);
            rotten.data[i] ^= mask;
            kv_batch_put(flip, key, view_of_buf(&rotten));
            assert_int_equal(kv_write(kv, flip, true), OK);
            struct hash root;
            uint64_t leaves;
            int error = state_tree_check(&root, &leaves, kv, version);
            if (error == OK && table == KV_STATE_NODE) {
                assert_root(&root, &model);
                harmless++;
            } else if (error != ERR_CORRUPT) {
                fail_msg("table %c, byte %zu of %zu, mask %x", prefix, i, rotten.len, mask);
            }
            rotten.data[i] ^= mask;
        }
        assert_int_equal(kv_write(kv, put_back, true), OK);
    }
    kv_iterator_free(&iterator);
    assert_true(harmless < tried / 4);
}

static void every_rotten_byte_is_seen(void **state)
{
    (void)state;
    const enum kv_table tables[] = {KV_STATE_ROOT, KV_STATE_NODE, KV_STATE_LEAF, KV_STATE_INDEX};
    struct kv *kv = kv_open_memory();
    history(kv, 80, 30, 12, 1 << 20);
    prune_to(kv, 29, 1000000);
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        assert_rot_is_seen(kv, tables[i], 29);
    kv_close(&kv);
}

/* What a reader of one key may do with rot below it: refuse, never give a wrong answer. */
static void rotten_values_are_not_given_out(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    changes.count = 1;
    changes.item[0] = (struct state_change){view_of_text("key"), view_of_text("value")};
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    const enum kv_table tables[] = {KV_STATE_LEAF, KV_STATE_INDEX};
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        uint8_t prefix = (uint8_t)tables[t];
        struct kv_iterator *iterator =
            kv_memory_iterate(kv, view_of(&prefix, 1), view_of(&prefix, 1));
        struct view key, value;
        assert_true(kv_iterator_next(iterator, &key, &value));
        for (size_t i = 0; i < value.len; i++) {
            AUTO(kv_batch_free) struct kv_batch *put_back = kv_batch_new();
            AUTO(kv_batch_free) struct kv_batch *flip = kv_batch_new();
            AUTO(buf_free) struct buf rotten = {0};
            copy_record(put_back, kv, key);
            buf_append_view(&rotten, value);
            rotten.data[i] ^= 0x20;
            kv_batch_put(flip, key, view_of_buf(&rotten));
            assert_int_equal(kv_write(kv, flip, true), OK);
            AUTO(buf_free) struct buf got = {0};
            assert_int_equal(state_value_read(kv, NULL, "key", &got), ERR_CORRUPT);
            assert_int_equal(got.len, 0);
            struct state_cursor *cursor = state_cursor_open(kv, NULL, "", NULL);
            const char *text;
            struct view bytes;
            assert_false(state_cursor_next(cursor, &text, &bytes));
            assert_int_equal(state_cursor_error(cursor), ERR_CORRUPT);
            assert_false(state_cursor_next(cursor, &text, &bytes));
            state_cursor_free(&cursor);
            cursor = state_cursor_open(kv, NULL, "", NULL);
            assert_true(state_cursor_next(cursor, &text, NULL)); /* the value is not looked at */
            assert_string_equal(text, "key");
            state_cursor_free(&cursor);
            assert_int_equal(kv_write(kv, put_back, true), OK);
        }
        kv_iterator_free(&iterator);
    }
    state_tree_close(&tree);
    kv_close(&kv);
}

/* Every read that can fail does so once: the error travels up, and nothing is left broken. */
static void read_errors_travel_up(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    history(kv, 200, 10, 60, 1 << 20);
    changes.count = 0;
    for (size_t i = 0; i < model.count; i += 5)
        model_change(&model, &changes, i, i % 2 ? "{\"late\":1}" : NULL);
    int error = ERR_IO;
    unsigned failed = 0;
    for (unsigned after = 1; error; after++) {
        struct state_tree *tree = state_tree_open(kv, 1 << 20);
        struct state_update *update = NULL;
        kv_memory_fail_reads(kv, ERR_IO, after);
        error = state_tree_update(&update, tree, 9, 10, changes.item, changes.count);
        kv_memory_fail_reads(kv, 0, 0);
        assert_true(error == OK || (error == ERR_IO && !update));
        if (!error)
            assert_root(state_update_root(update), &model);
        failed += error == ERR_IO;
        state_update_free(&update);
        state_tree_close(&tree);
    }
    assert_true(failed > 10);
    error = ERR_IO;
    for (unsigned after = 1; error; after++) {
        struct hash root;
        uint64_t leaves;
        kv_memory_fail_reads(kv, ERR_IO, after);
        error = state_tree_check(&root, &leaves, kv, 9);
        kv_memory_fail_reads(kv, 0, 0);
        assert_true(error == OK || error == ERR_IO);
    }
    struct state_proof proof;
    bool present;
    AUTO(buf_free) struct buf value = {0};
    kv_memory_fail_reads(kv, ERR_IO, 3);
    assert_int_equal(state_tree_prove(&proof, &present, &value, kv, 9, "duty/0000"), ERR_IO);
    kv_close(&kv);
}

/* An update that may read its base's root and nothing else. */
static int update_from_memory(struct state_tree *tree, struct kv *kv)
{
    struct state_update *update = NULL;
    kv_memory_fail_reads(kv, ERR_IO, 2);
    int error = state_tree_update(&update, tree, 9, 10, changes.item, changes.count);
    kv_memory_fail_reads(kv, 0, 0);
    state_update_free(&update);
    return error;
}

static void what_was_read_ahead_is_not_read_again(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    history(kv, 200, 10, 60, 1 << 20);
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    changes.count = 0;
    model_change(&model, &changes, 7, "\"new\"");
    assert_int_equal(update_from_memory(tree, kv), ERR_IO);
    assert_int_equal(state_tree_read_path(tree, 9, model.entry[7].key), OK);
    assert_int_equal(update_from_memory(tree, kv), OK);
    for (size_t i = 8; i < model.count; i++)
        model_change(&model, &changes, i, "\"new\"");
    assert_int_equal(update_from_memory(tree, kv), ERR_IO);
    assert_int_equal(state_tree_read_top(tree, 9, INT64_MAX), OK); /* of 200 keys it is all */
    assert_int_equal(update_from_memory(tree, kv), OK);
    assert_int_equal(state_tree_read_top(tree, 10, INT64_MAX), ERR_NOT_FOUND);
    assert_int_equal(state_tree_read_path(tree, 10, "key"), ERR_NOT_FOUND);
    state_tree_close(&tree);
    kv_close(&kv);
}

static void a_crash_loses_whole_versions(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    history(kv, 200, 10, 60, 1 << 20);
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    uint64_t seed = SEED;
    models[0] = model;
    model_step(&model, &changes, &seed, 60);
    struct state_update *update = NULL;
    assert_int_equal(state_tree_update(&update, tree, 9, 10, changes.item, changes.count), OK);
    tree_write(kv, update, false);
    state_update_committed(tree, &update);
    kv_memory_crash(kv);
    state_tree_close(&tree);
    assert_version(kv, 9, &models[0]);
    struct hash root;
    uint64_t leaves, newest = 0;
    assert_int_equal(state_root_read(&root, &leaves, kv, NULL, 10), ERR_NOT_FOUND);
    assert_int_equal(state_newest_read(&newest, kv, NULL), OK);
    assert_int_equal(newest, 9);
    tree = state_tree_open(kv, 1 << 20);
    root = tree_commit(tree, kv, 9, 10, &changes);
    assert_root(&root, &model);
    assert_version(kv, 10, &model);
    state_tree_close(&tree);
    kv_close(&kv);
}

int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rotten_byte_is_seen),
        cmocka_unit_test(rotten_values_are_not_given_out),
        cmocka_unit_test(read_errors_travel_up),
        cmocka_unit_test(what_was_read_ahead_is_not_read_again),
        cmocka_unit_test(a_crash_loses_whole_versions),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
