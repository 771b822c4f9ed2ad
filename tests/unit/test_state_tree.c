/* The state tree against a naive one: random histories with deletions, versions side by side and in
 * place, bounds, and both back ends. */
#include "state_history.h"

static void random_histories_agree(void **state)
{
    (void)state;
    static const struct {
        size_t keys, steps, most, cache_bytes;
    } cases[] = {
        {4, 60, 3, 1 << 20},    /* much deletion, roots that are empty, a leaf, a node */
        {40, 60, 10, 1 << 20},  /* */
        {400, 40, 60, 1 << 20}, /* full nodes: patches */
        {400, 40, 60, 0},       /* no cache */
        {400, 40, 60, 6000},    /* hardly one */
        {4000, 12, 2500, 1 << 22},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct kv *kv = kv_open_memory();
        history(kv, cases[i].keys, cases[i].steps, cases[i].most, cases[i].cache_bytes);
        kv_close(&kv);
    }
}

static void history_on_leveldb(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("history")), OK);
    history(kv, 400, 20, 60, 1 << 20);
    kv_close(&kv);
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("history")), OK);
    for (uint64_t version = 0; version < 20; version++)
        assert_version(kv, version, &models[version]);
    struct state_tree *tree = state_tree_open(kv, 1 << 20); /* and it goes on */
    uint64_t seed = 1;
    model_step(&model, &changes, &seed, 50);
    struct hash root = tree_commit(tree, kv, 19, 25, &changes);
    assert_root(&root, &model);
    assert_version(kv, 25, &model);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* The same entries, put in any order and any portions, give the same root. */
static void order_does_not_matter(void **state)
{
    (void)state;
    enum { KEYS = 300 };
    uint64_t seed = SEED;
    model_init(&model, KEYS);
    changes.count = 0;
    for (size_t i = 0; i < KEYS; i++)
        model_change(&model, &changes, i, "{}");
    for (int order = 0; order < 10; order++) {
        for (size_t i = KEYS - 1; i > 0; i--) { /* shuffle */
            size_t j = check_random(&seed) % (i + 1);
            struct state_change kept = changes.item[i];
            changes.item[i] = changes.item[j];
            changes.item[j] = kept;
        }
        struct kv *kv = kv_open_memory();
        struct state_tree *tree = state_tree_open(kv, 1 << 20);
        uint64_t base = STATE_VERSION_NONE, version = 0;
        for (size_t from = 0; from < KEYS; version++) {
            size_t portion = 1 + check_random(&seed) % (order < 2 ? KEYS : 40);
            static struct model_changes part;
            part.count = portion < KEYS - from ? portion : KEYS - from;
            memcpy(part.item, changes.item + from, part.count * sizeof *part.item);
            tree_commit(tree, kv, base, version, &part);
            base = version;
            from += part.count;
        }
        assert_version(kv, base, &model);
        state_tree_close(&tree);
        kv_close(&kv);
    }
}

/* ---- what changes nothing ---- */

static void idle_changes_change_nothing(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    model_init(&model, 100);
    changes.count = 0;
    for (size_t i = 0; i < 50; i++)
        model_change(&model, &changes, i, "{}");
    struct hash root = tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    size_t leaves = count_records(kv, KV_STATE_LEAF), nodes = count_records(kv, KV_STATE_NODE);

    changes.count = 0;
    for (size_t i = 0; i < 50; i++)
        model_change(&model, &changes, i, "{}"); /* as it is */
    for (size_t i = 50; i < 100; i++)
        model_change(&model, &changes, i, NULL); /* absent already */
    struct hash again = tree_commit(tree, kv, 0, 1, &changes);
    assert_true(hash_equal(&root, &again));
    changes.count = 0;
    again = tree_commit(tree, kv, 1, 2, &changes); /* nothing at all */
    assert_true(hash_equal(&root, &again));
    assert_int_equal(count_records(kv, KV_STATE_LEAF), leaves);
    assert_int_equal(count_records(kv, KV_STATE_NODE), nodes);
    assert_int_equal(count_records(kv, KV_STATE_STALE), 0);
    uint64_t newest = 0;
    assert_int_equal(state_newest_read(&newest, kv, NULL), OK);
    assert_int_equal(newest, 2);
    for (uint64_t version = 0; version < 3; version++)
        assert_version(kv, version, &model);
    state_tree_close(&tree);
    kv_close(&kv);
}

static void the_empty_state(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    uint64_t newest;
    assert_int_equal(state_newest_read(&newest, kv, NULL), ERR_NOT_FOUND);
    model_init(&model, 20);
    changes.count = 0;
    struct hash root = tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    assert_true(hash_is_zero(&root));
    assert_version(kv, 0, &model);
    assert_proof(kv, 0, &model, 7);
    for (size_t i = 0; i < 20; i++)
        model_change(&model, &changes, i, "\"x\"");
    tree_commit(tree, kv, 0, 1, &changes);
    changes.count = 0;
    for (size_t i = 0; i < 20; i++)
        model_change(&model, &changes, i, NULL);
    root = tree_commit(tree, kv, 1, 2, &changes);
    assert_true(hash_is_zero(&root));
    assert_version(kv, 2, &model);
    assert_int_equal(count_records(kv, KV_STATE_INDEX), 0);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* An empty value is a value. */
static void empty_values_are_present(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    changes.count = 1;
    changes.item[0] = (struct state_change){view_of_text("k"), view_of("", 0)};
    struct hash root = tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(state_value_read(kv, NULL, "k", &value), OK);
    struct state_proof proof;
    bool present = false;
    assert_int_equal(state_tree_prove(&proof, &present, &value, kv, 0, "k"), OK);
    assert_true(present);
    assert_int_equal(value.len, 0);
    assert_int_equal(state_proof_verify(&proof, "k", view_of("", 0), &root), OK);
    assert_int_equal(state_proof_verify(&proof, "k", (struct view){0}, &root), ERR_PROOF_STATE);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* Two keys whose paths share 33 bits, found by search: eight nodes above them, and none after one
 * of the two is gone. */
static void deep_nodes_collapse(void **state)
{
    (void)state;
    static const char *const keys[] = {"deep/13394", "deep/9268", "deep/50678"};
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    model_init(&model, 3);
    changes.count = 0;
    for (size_t i = 0; i < 3; i++) {
        snprintf(model.entry[i].key, MODEL_KEY_CHARS, "%s", keys[i]);
        if (i < 2)
            model_change(&model, &changes, i, "1");
    }
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    assert_version(kv, 0, &model);
    assert_int_equal(count_records(kv, KV_STATE_NODE), 9);
    models[0] = model;
    changes.count = 0;
    model_change(&model, &changes, 0, NULL);
    struct hash root = tree_commit(tree, kv, 0, 1, &changes);
    assert_version(kv, 1, &model);
    changes.count = 0;
    model_change(&model, &changes, 2, "3"); /* meets the one left, 13 bits down */
    tree_commit(tree, kv, 1, 2, &changes);
    assert_version(kv, 2, &model);
    changes.count = 0;
    model_change(&model, &changes, 2, NULL);
    struct hash again = tree_commit(tree, kv, 2, 3, &changes);
    assert_true(hash_equal(&root, &again));
    for (size_t i = 0; i < 3; i++)
        assert_proof(kv, 0, &models[0], i);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* ---- side by side ---- */

static void rounds_live_side_by_side(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    uint64_t seed = SEED, base = STATE_VERSION_NONE;
    model_init(&model, 300);
    for (uint64_t version = 0; version < 30; version++) {
        struct state_update *rounds[3] = {0};
        for (size_t i = 0; i < COUNT_OF(rounds); i++) {
            models[i] = model;
            model_step(&models[i], &changes, &seed, 80);
            assert_int_equal(
                state_tree_update(&rounds[i], tree, base, version, changes.item, changes.count),
                OK);
        }
        for (size_t i = 0; i < COUNT_OF(rounds); i++)
            assert_root(state_update_root(rounds[i]), &models[i]);
        size_t chosen = check_random(&seed) % COUNT_OF(rounds);
        assert_int_equal(state_update_leaves(rounds[chosen]), model_present(&models[chosen]));
        tree_write(kv, rounds[chosen], true);
        state_update_committed(tree, &rounds[chosen]);
        for (size_t i = 0; i < COUNT_OF(rounds); i++)
            state_update_free(&rounds[i]);
        model = models[chosen];
        assert_version(kv, version, &model);
        base = version;
    }
    state_tree_close(&tree);
    kv_close(&kv);
}

/* An old version can be built upon again, as when a chain is verified from its start. */
static void old_versions_can_be_built_upon(void **state)
{
    (void)state;
    enum { STEPS = 25 };
    static struct model_changes kept[STEPS];
    static struct model after[STEPS];
    struct hash roots[STEPS];
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    uint64_t seed = SEED;
    model_init(&model, 300);
    for (uint64_t version = 0; version < STEPS; version++) {
        after[version] = model; /* whose texts the changes will point to */
        model_step(&after[version], &kept[version], &seed, 60);
        model = after[version];
        roots[version] = tree_commit(tree, kv, version ? version - 1 : STATE_VERSION_NONE, version,
                                     &kept[version]);
    }
    for (uint64_t version = 0; version < STEPS; version++) {
        struct state_update *update = NULL;
        assert_int_equal(state_tree_update(&update, tree,
                                           version ? version - 1 : STATE_VERSION_NONE, version,
                                           kept[version].item, kept[version].count),
                         OK);
        assert_true(hash_equal(state_update_root(update), &roots[version]));
        state_update_free(&update);
    }
    /* The cache still serves the newest. */
    model_step(&model, &changes, &seed, 60);
    struct hash root = tree_commit(tree, kv, STEPS - 1, STEPS, &changes);
    assert_root(&root, &model);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* ---- bounds ---- */

static void oversized_changes_are_refused(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    static char key[STATE_KEY_BYTES_MAX + 2], value[STATE_VALUE_BYTES_MAX + 1];
    memset(key, 'k', sizeof key - 1);
    struct state_update *update = NULL;
    const struct {
        size_t key_len, value_len;
        int error;
    } cases[] = {
        {0, 1, ERR_TOO_LARGE},
        {STATE_KEY_BYTES_MAX + 1, 1, ERR_TOO_LARGE},
        {1, STATE_VALUE_BYTES_MAX + 1, ERR_TOO_LARGE},
        {STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX, OK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct state_change change = {view_of(key, cases[i].key_len),
                                      view_of(value, cases[i].value_len)};
        int error = state_tree_update(&update, tree, STATE_VERSION_NONE, 0, &change, 1);
        assert_int_equal(error, cases[i].error);
    }
    tree_write(kv, update, true);
    state_update_committed(tree, &update);
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(state_value_read(kv, NULL, key, &got), ERR_NOT_FOUND); /* one byte longer */
    key[STATE_KEY_BYTES_MAX] = '\0';
    assert_int_equal(state_value_read(kv, NULL, key, &got), OK);
    assert_int_equal(got.len, STATE_VALUE_BYTES_MAX);
    state_tree_close(&tree);
    kv_close(&kv);
}

static void update_with(uint64_t base, uint64_t version, const char *second_key)
{
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 0);
    struct state_change twice[] = {{view_of_text("a"), view_of_text("1")},
                                   {view_of_text(second_key), view_of_text("2")}};
    struct state_update *update;
    state_tree_update(&update, tree, base, version, twice, 2);
}

static void same_key_twice(void)
{
    update_with(STATE_VERSION_NONE, 0, "a");
}

static void version_not_above_its_base(void)
{
    update_with(5, 5, "b");
}

static void misuse_stops(void **state)
{
    (void)state;
    assert_true(check_stops(same_key_twice));
    assert_true(check_stops(version_not_above_its_base));
}

int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_agree),
        cmocka_unit_test(history_on_leveldb),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(idle_changes_change_nothing),
        cmocka_unit_test(the_empty_state),
        cmocka_unit_test(empty_values_are_present),
        cmocka_unit_test(deep_nodes_collapse),
        cmocka_unit_test(rounds_live_side_by_side),
        cmocka_unit_test(old_versions_can_be_built_upon),
        cmocka_unit_test(oversized_changes_are_refused),
        cmocka_unit_test(misuse_stops),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
