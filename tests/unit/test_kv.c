/* The key-value store: one suite against both back ends. */
#include "base/memory.h"
#include "kv_values.h"
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- one suite, two back ends ---- */

static struct kv *open_memory(void)
{
    return kv_open_memory();
}

static struct kv *open_leveldb(void)
{
    static unsigned count;
    char name[32];
    snprintf(name, sizeof name, "db%u", count++);
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path(name)), OK);
    return kv;
}

static void check_batches(struct kv *kv)
{
    assert_value(kv, NULL, "a", NULL);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_put(batch, view_of_text("a"), view_of_text("1"));
    kv_batch_put(batch, view_of_text("aa"), view_of_text("2"));
    kv_batch_put(batch, view_of_text("a"), view_of_text("3"));
    kv_batch_delete(batch, view_of_text("aa"));
    kv_batch_delete(batch, view_of_text("absent"));
    kv_batch_put(batch, view_of_text("empty"), (struct view){0});
    kv_batch_put(batch, view_of_text("empty"), view_of_text(""));
    assert_value(kv, NULL, "a", NULL);
    AUTO(kv_batch_free) struct kv_batch *more = kv_batch_new();
    kv_batch_put(more, view_of_text("c"), view_of_text("4"));
    kv_batch_append(batch, more);
    assert_int_equal(kv_batch_count(batch), 8);
    assert_int_equal(kv_write(kv, batch, true), OK);
    assert_listed(kv, NULL, "", "", "a=3 c=4 empty= ");
    assert_int_equal(kv_write(kv, more, false), OK); /* batches stay usable */
    kv_batch_clear(more);
    assert_int_equal(kv_batch_count(more), 0);
    assert_int_equal(kv_batch_bytes(more), 0);
    assert_int_equal(kv_write(kv, more, true), OK);
    assert_listed(kv, NULL, "", "", "a=3 c=4 empty= ");
}

static void check_get_appends(struct kv *kv)
{
    put(kv, "k", "value", true);
    AUTO(buf_free) struct buf got = {0};
    buf_append_text(&got, "before ");
    assert_int_equal(kv_get(kv, NULL, view_of_text("k"), &got), OK);
    assert_string_equal(buf_text(&got), "before value");
}

static void check_iteration(struct kv *kv)
{
    const char *keys[] = {"aa/2", "a/1", "aa/1", "aa", "aa0", "c", "aa/10", "aa/"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        put(kv, keys[i], "x", false);
    put(kv, "\xff\xff", "last", true);
    assert_listed(kv, NULL, "aa/", "", "aa/=x aa/1=x aa/10=x aa/2=x ");
    assert_listed(kv, NULL, "aa/", "aa/10", "aa/10=x aa/2=x ");
    assert_listed(kv, NULL, "aa/", "aa/11", "aa/2=x ");
    assert_listed(kv, NULL, "aa/", "aa/3", "");
    assert_listed(kv, NULL, "aa/", "c", "");
    assert_listed(kv, NULL, "aa/", "a", "aa/=x aa/1=x aa/10=x aa/2=x ");
    assert_listed(kv, NULL, "\xff", "", "\xff\xff=last ");
    assert_listed(kv, NULL, "missing", "", "");
    drop(kv, "aa/1");
    assert_listed(kv, NULL, "aa/1", "", "aa/10=x ");
}

static void check_snapshots(struct kv *kv)
{
    put(kv, "a", "1", true);
    put(kv, "aa", "1", true);
    struct kv_snapshot *first = kv_snapshot_take(kv);
    put(kv, "a", "2", true);
    drop(kv, "aa");
    put(kv, "c", "2", false);
    struct kv_snapshot *second = kv_snapshot_take(kv);
    drop(kv, "a");
    assert_value(kv, first, "a", "1");
    assert_value(kv, second, "a", "2");
    assert_value(kv, NULL, "a", NULL);
    assert_listed(kv, first, "", "", "a=1 aa=1 ");
    assert_listed(kv, second, "", "", "a=2 c=2 ");
    assert_listed(kv, NULL, "", "", "c=2 ");

    /* An iterator keeps the moment at which it was made. */
    struct kv_iterator *iterator = kv_iterate(kv, NULL, view_of_text(""), view_of_text(""));
    put(kv, "d", "3", true);
    struct view key, value;
    assert_true(kv_iterator_next(iterator, &key, &value));
    assert_true(view_equal(key, view_of_text("c")));
    assert_false(kv_iterator_next(iterator, &key, &value));
    kv_iterator_free(&iterator);
    kv_snapshot_free(kv, &first);
    assert_null(first);
    assert_listed(kv, second, "", "", "a=2 c=2 ");
    kv_snapshot_free(kv, &second);
}

static void check_history(struct kv *kv)
{
    static const enum kv_table tables[] = {KV_TX, KV_BODY, KV_STATE_NODE, KV_STATE_LEAF};
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    AUTO(buf_free) struct buf key = {0};
    char value[32];
    for (uint64_t height = 255; height <= 257; height++) {
        for (size_t i = 0; i < COUNT_OF(tables); i++) {
            for (const char *rest = "ba"; *rest != 0; rest++) {
                history_key(&key, tables[i], height, rest);
                snprintf(value, sizeof value, "%c%u", tables[i], (unsigned)height);
                kv_batch_put(batch, view_of_buf(&key), view_of_text(value));
            }
        }
    }
    kv_batch_put(batch, view_of_text("index"), view_of_text("1"));
    assert_int_equal(kv_batch_count(batch), 25);
    assert_int_equal(kv_write(kv, batch, true), OK);
    struct kv_snapshot *before = kv_snapshot_take(kv);
    kv_batch_clear(batch);
    history_key(&key, KV_BODY, 256, "a");
    kv_batch_delete(batch, view_of_buf(&key));
    kv_batch_put(batch, view_of_text("index"), view_of_text("2"));
    history_key(&key, KV_TX, 256, "ba");
    kv_batch_put(batch, view_of_buf(&key), view_of_text("new"));
    assert_int_equal(kv_write(kv, batch, true), OK);
    assert_history(kv, NULL, KV_BODY, 256, "ba=u256 ");
    assert_history(kv, before, KV_BODY, 256, "a=u256 ba=u256 ");
    assert_history(kv, NULL, KV_TX, 256, "a=x256 ba=new ");
    assert_history(kv, before, KV_TX, 256, "a=x256 ba=x256 ");
    assert_history(kv, NULL, KV_STATE_LEAF, 255, "a=v255 ba=v255 ");
    assert_history(kv, NULL, KV_STATE_NODE, 257, "a=n257 ba=n257 ");
    assert_history(kv, NULL, KV_STATE_NODE, 258, "");
    assert_listed(kv, before, "", "", "index=1 ");
    assert_listed(kv, NULL, "", "", "index=2 ");
    kv_snapshot_free(kv, &before);
}

/* ---- both at random against a plain array ---- */

#define MODEL_KEYS 64

struct model {
    int value[MODEL_KEYS]; /* 0: absent */
};

static void model_list(struct buf *out, const struct model *model)
{
    for (int key = 0; key < MODEL_KEYS; key++) {
        if (model->value[key])
            buf_append_format(out, "%02d=%d ", key, model->value[key]);
    }
}

static void model_assert(struct kv *kv, const struct kv_snapshot *snapshot,
                         const struct model *model)
{
    AUTO(buf_free) struct buf expected = {0};
    model_list(&expected, model);
    assert_listed(kv, snapshot, "", "", buf_text(&expected));
}

static void model_step(struct kv *kv, struct model *model, uint64_t *seed, bool sync)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    for (uint64_t left = check_random(seed) % 20; left > 0; left--) {
        int key = (int)(check_random(seed) % MODEL_KEYS);
        int value = (int)(check_random(seed) % 3 ? check_random(seed) % 1000 : 0);
        char key_text[16], value_text[16];
        snprintf(key_text, sizeof key_text, "%02d", key);
        snprintf(value_text, sizeof value_text, "%d", value);
        if (value)
            kv_batch_put(batch, view_of_text(key_text), view_of_text(value_text));
        else
            kv_batch_delete(batch, view_of_text(key_text));
        model->value[key] = value;
    }
    assert_int_equal(kv_write(kv, batch, sync), OK);
}

static void check_random_history(struct kv *kv)
{
    enum { HELD = 5 };
    struct model now = {{0}}, then[HELD];
    struct kv_snapshot *held[HELD] = {0};
    uint64_t seed = 20260212;
    for (int step = 0; step < 300; step++) {
        model_step(kv, &now, &seed, step % 7 == 0);
        size_t slot = check_random(&seed) % HELD;
        if (held[slot])
            model_assert(kv, held[slot], &then[slot]);
        kv_snapshot_free(kv, &held[slot]);
        held[slot] = kv_snapshot_take(kv);
        then[slot] = now;
        model_assert(kv, NULL, &now);
    }
    for (size_t slot = 0; slot < HELD; slot++) {
        if (held[slot])
            model_assert(kv, held[slot], &then[slot]);
        kv_snapshot_free(kv, &held[slot]);
    }
}

/* ---- readers beside the writer ---- */

static atomic_bool reader_stop;

/* Both keys are always written together, so no reader may ever see them differ. */
static void *reader_run(void *context)
{
    struct kv *kv = context;
    while (!atomic_load(&reader_stop)) {
        struct kv_snapshot *snapshot = kv_snapshot_take(kv);
        AUTO(buf_free) struct buf x = {0};
        AUTO(buf_free) struct buf y = {0};
        int error = kv_get(kv, snapshot, view_of_text("p"), &x);
        if (!error)
            error = kv_get(kv, snapshot, view_of_text("q"), &y);
        kv_snapshot_free(kv, &snapshot);
        if (error || !view_equal(view_of_buf(&x), view_of_buf(&y)))
            return "torn";
    }
    return NULL;
}

static void check_readers(struct kv *kv)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    pthread_t reader;
    for (int i = 0; i < 3000; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        kv_batch_clear(batch);
        kv_batch_put(batch, view_of_text("p"), view_of_text(value));
        kv_batch_put(batch, view_of_text("q"), view_of_text(value));
        assert_int_equal(kv_write(kv, batch, false), OK);
        if (i == 0) {
            atomic_store(&reader_stop, false);
            assert_int_equal(pthread_create(&reader, NULL, reader_run, kv), 0);
        }
    }
    atomic_store(&reader_stop, true);
    void *torn = NULL;
    assert_int_equal(pthread_join(reader, &torn), 0);
    assert_null(torn);
}

static void both(void (*check)(struct kv *kv))
{
    struct kv *(*const open[])(void) = {open_memory, open_leveldb};
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        struct kv *kv = open[i]();
        check(kv);
        kv_close(&kv);
        assert_null(kv);
    }
}

#define BOTH(name)                                                                                 \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        both(check_##name);                                                                        \
    }
BOTH(batches)
BOTH(get_appends)
BOTH(iteration)
BOTH(history)
BOTH(snapshots)
BOTH(random_history)
BOTH(readers)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches), cmocka_unit_test(get_appends), cmocka_unit_test(iteration),
        cmocka_unit_test(history), cmocka_unit_test(snapshots),   cmocka_unit_test(random_history),
        cmocka_unit_test(readers),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
