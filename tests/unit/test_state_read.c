/* Reading the state tree: cursors in order, readers that keep their moment beside the writer, and
 * what a version wrote. */
#include "state_history.h"

#include <pthread.h>
#include <stdatomic.h>

static void cursors_list_in_order(void **state)
{
    (void)state;
    static const char *const present[] = {"a",      "b/", "b/1", "b/10",  "b/2",
                                          "b/人口", "b0", "c",   "c/\x7f"};
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    changes.count = 0;
    for (size_t i = 0; i < COUNT_OF(present); i++)
        changes.item[changes.count++] =
            (struct state_change){view_of_text(present[i]), view_of_text(present[i])};
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    static const struct {
        const char *prefix, *from, *expected;
    } cases[] = {
        {"", NULL, "a b/ b/1 b/10 b/2 b/人口 b0 c c/\x7f "},
        {"b/", NULL, "b/ b/1 b/10 b/2 b/人口 "},
        {"b/", "b/10", "b/10 b/2 b/人口 "},
        {"b/", "b/11", "b/2 b/人口 "},
        {"b/", "a", "b/ b/1 b/10 b/2 b/人口 "},
        {"b/", "c", ""},
        {"b/1", NULL, "b/1 b/10 "},
        {"zz", NULL, ""},
        {"c", "c", "c c/\x7f "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf got = {0};
        AUTO(state_cursor_free)
        struct state_cursor *cursor = state_cursor_open(kv, NULL, cases[i].prefix, cases[i].from);
        const char *key;
        struct view value;
        while (state_cursor_next(cursor, &key, &value)) {
            assert_true(view_equal(value, view_of_text(key)));
            buf_append_format(&got, "%s ", key);
        }
        assert_int_equal(state_cursor_error(cursor), OK);
        assert_string_equal(buf_text(&got), cases[i].expected);
    }
    state_tree_close(&tree);
    kv_close(&kv);
}

static void readers_keep_their_moment(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    model_init(&model, 3);
    changes.count = 0;
    model_change(&model, &changes, 0, "\"old\"");
    model_change(&model, &changes, 1, "\"old\"");
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    struct kv_snapshot *snapshot = kv_snapshot_take(kv);
    AUTO(state_cursor_free)
    struct state_cursor *cursor = state_cursor_open(kv, NULL, "", NULL);
    changes.count = 0;
    model_change(&model, &changes, 0, "\"new\"");
    model_change(&model, &changes, 1, NULL);
    model_change(&model, &changes, 2, "\"new\"");
    tree_commit(tree, kv, 0, 1, &changes);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    bool more;
    assert_int_equal(state_tree_prune(&more, batch, kv, 1, 1000), OK);
    assert_int_equal(kv_write(kv, batch, true), OK);

    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(state_value_read(kv, snapshot, model.entry[0].key, &value), OK);
    assert_int_equal(state_value_read(kv, snapshot, model.entry[1].key, &value), OK);
    assert_string_equal(buf_text(&value), "\"old\"\"old\"");
    assert_int_equal(state_value_read(kv, snapshot, model.entry[2].key, &value), ERR_NOT_FOUND);
    const char *key;
    struct view seen;
    int count = 0;
    for (; state_cursor_next(cursor, &key, &seen); count++)
        assert_true(view_equal(seen, view_of_text("\"old\"")));
    assert_int_equal(count, 2);
    kv_snapshot_free(kv, &snapshot);
    state_cursor_free(&cursor);
    state_tree_close(&tree);
    kv_close(&kv);
}

/* How many values a version wrote that are still there; each must be the one expected. */
static int count_written(struct kv *kv, uint64_t version, const char *value)
{
    AUTO(state_cursor_free)
    struct state_cursor *cursor = state_cursor_open_version(kv, NULL, version);
    const char *key;
    struct view seen;
    int count = 0;
    for (; state_cursor_next(cursor, &key, &seen); count++) {
        assert_true(view_equal(seen, view_of_text(value)));
        assert_non_null(strchr(key, '/'));
    }
    assert_int_equal(state_cursor_error(cursor), OK);
    return count;
}

static void a_version_tells_what_it_wrote(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    model_init(&model, 4);
    changes.count = 0;
    for (size_t i = 0; i < 3; i++)
        model_change(&model, &changes, i, "\"old\"");
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    changes.count = 0;
    model_change(&model, &changes, 0, "\"new\"");
    model_change(&model, &changes, 1, NULL);
    model_change(&model, &changes, 3, "\"new\"");
    tree_commit(tree, kv, 0, 256, &changes); /* a version next to 1 but for its low byte */
    assert_int_equal(count_written(kv, 0, "\"old\""), 3);
    assert_int_equal(count_written(kv, 1, ""), 0);
    assert_int_equal(count_written(kv, 256, "\"new\""), 2);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    bool more;
    assert_int_equal(state_tree_prune(&more, batch, kv, 256, 1000), OK);
    assert_int_equal(kv_write(kv, batch, true), OK);
    assert_int_equal(count_written(kv, 0, "\"old\""), 1); /* what is still the newest */
    state_tree_close(&tree);
    kv_close(&kv);
}

static atomic_bool reader_stop;

/* Keys 0…9 are there in every version. Without a snapshot, commits and pruning come between a
 * reader's own reads; it must not notice. */
static void *reader_run(void *context)
{
    struct kv *kv = context;
    uint64_t seed = SEED;
    while (!atomic_load(&reader_stop)) {
        char key[MODEL_KEY_CHARS];
        size_t i = check_random(&seed) % 10;
        snprintf(key, sizeof key, "%s/%04zu", i % 3 ? "entry" : "duty", i);
        AUTO(buf_free) struct buf value = {0};
        struct state_cursor *cursor = state_cursor_open(kv, NULL, "duty/", NULL);
        const char *listed;
        struct view bytes;
        while (state_cursor_next(cursor, &listed, &bytes))
            continue;
        int error = state_cursor_error(cursor);
        state_cursor_free(&cursor);
        if (error || state_value_read(kv, NULL, key, &value) != OK)
            return "failed";
    }
    return NULL;
}

static void readers_run_beside_the_writer(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    pthread_t reader;
    model_init(&model, 10);
    for (uint64_t version = 0; version < 2000; version++) {
        char value[MODEL_VALUE_CHARS];
        snprintf(value, sizeof value, "%u", (unsigned)version);
        changes.count = 0;
        for (size_t i = 0; i < 10; i++)
            model_change(&model, &changes, i, value);
        tree_commit(tree, kv, version ? version - 1 : STATE_VERSION_NONE, version, &changes);
        AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
        bool more;
        assert_int_equal(state_tree_prune(&more, batch, kv, version, 1000), OK);
        assert_int_equal(kv_write(kv, batch, true), OK);
        if (version == 0) {
            atomic_store(&reader_stop, false);
            assert_int_equal(pthread_create(&reader, NULL, reader_run, kv), 0);
        }
    }
    atomic_store(&reader_stop, true);
    void *failed = NULL;
    assert_int_equal(pthread_join(reader, &failed), 0);
    assert_null(failed);
    state_tree_close(&tree);
    kv_close(&kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursors_list_in_order),
        cmocka_unit_test(readers_keep_their_moment),
        cmocka_unit_test(a_version_tells_what_it_wrote),
        cmocka_unit_test(readers_run_beside_the_writer),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
