/* The key-value store: one suite against both back ends, then what is particular to each. */
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/kv.h"
#include "check.h"
#include "count_syncs.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

static void put(struct kv *kv, const char *key, const char *value, bool sync)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_put(batch, view_of_text(key), view_of_text(value));
    assert_int_equal(kv_write(kv, batch, sync), OK);
}

static void drop(struct kv *kv, const char *key)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_delete(batch, view_of_text(key));
    assert_int_equal(kv_write(kv, batch, true), OK);
}

/* NULL: absent. */
static void assert_value(struct kv *kv, const struct kv_snapshot *snapshot, const char *key,
                         const char *value)
{
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(kv_get(kv, snapshot, view_of_text(key), &got), value ? OK : ERR_NOT_FOUND);
    assert_string_equal(buf_text(&got), value ? value : "");
}

/* The pairs from a place on, as "key=value ". */
static void assert_listed(struct kv *kv, const struct kv_snapshot *snapshot, const char *prefix,
                          const char *from, const char *expected)
{
    AUTO(buf_free) struct buf got = {0};
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(kv, snapshot, view_of_text(prefix), view_of_text(from));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value))
        buf_append_format(&got, "%.*s=%.*s ", (int)key.len, (const char *)key.data, (int)value.len,
                          (const char *)value.data);
    assert_int_equal(kv_iterator_error(iterator), OK);
    assert_false(kv_iterator_next(iterator, &key, &value));
    assert_string_equal(buf_text(&got), expected);
}

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

/* Keys of the history: table, height, rest. */
static void history_key(struct buf *out, enum kv_table table, uint64_t height, const char *rest)
{
    buf_clear(out);
    buf_append_u8(out, (uint8_t)table);
    buf_append_u64(out, height);
    buf_append_text(out, rest);
}

static void assert_history(struct kv *kv, const struct kv_snapshot *snapshot, enum kv_table table,
                           uint64_t height, const char *expected)
{
    AUTO(buf_free) struct buf prefix = {0};
    AUTO(buf_free) struct buf got = {0};
    AUTO(buf_free) struct buf whole = {0};
    history_key(&prefix, table, height, "");
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(kv, snapshot, view_of_buf(&prefix), view_of_buf(&prefix));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value)) {
        assert_true(key.len >= prefix.len && memcmp(key.data, prefix.data, prefix.len) == 0);
        buf_append_format(&got, "%.*s=%.*s ", (int)(key.len - prefix.len),
                          (const char *)key.data + prefix.len, (int)value.len,
                          (const char *)value.data);
        buf_clear(&whole);
        assert_int_equal(kv_get(kv, snapshot, key, &whole), OK);
        assert_true(view_equal(view_of_buf(&whole), value));
    }
    assert_int_equal(kv_iterator_error(iterator), OK);
    assert_string_equal(buf_text(&got), expected);
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

/* ---- memory: faults ---- */

static void memory_crash_loses_the_unsynced(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    put(kv, "a", "synced", true);
    put(kv, "aa", "synced", true);
    put(kv, "a", "late", false);
    drop(kv, "absent");
    put(kv, "c", "late", false);
    struct kv_snapshot *snapshot = kv_snapshot_take(kv);
    kv_memory_crash(kv);
    assert_listed(kv, NULL, "", "", "a=late aa=synced "); /* the drop was synced, and a before it */
    assert_listed(kv, snapshot, "", "", "a=late aa=synced c=late ");
    kv_snapshot_free(kv, &snapshot);
    put(kv, "d", "late", false);
    kv_memory_crash(kv);
    kv_memory_crash(kv);
    assert_value(kv, NULL, "d", NULL);
    kv_close(&kv);

    kv = kv_open_memory();
    put(kv, "a", "late", false);
    kv_memory_crash(kv);
    assert_listed(kv, NULL, "", "", "");
    kv_close(&kv);
}

static void memory_fails_on_demand(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    put(kv, "a", "1", true);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_put(batch, view_of_text("a"), view_of_text("2"));
    kv_memory_fail_writes(kv, ERR_DISK_FULL, 2);
    assert_int_equal(kv_write(kv, batch, true), OK);
    kv_batch_put(batch, view_of_text("a"), view_of_text("3"));
    assert_int_equal(kv_write(kv, batch, true), ERR_DISK_FULL);
    assert_int_equal(kv_write(kv, batch, true), ERR_DISK_FULL);
    assert_value(kv, NULL, "a", "2");
    kv_memory_fail_writes(kv, 0, 0);
    assert_int_equal(kv_write(kv, batch, true), OK);

    AUTO(buf_free) struct buf got = {0};
    kv_memory_fail_reads(kv, ERR_IO, 2);
    assert_int_equal(kv_get(kv, NULL, view_of_text("a"), &got), OK);
    assert_int_equal(kv_get(kv, NULL, view_of_text("a"), &got), ERR_IO);
    struct kv_iterator *iterator = kv_iterate(kv, NULL, view_of_text(""), view_of_text(""));
    struct view key, value;
    assert_false(kv_iterator_next(iterator, &key, &value));
    assert_int_equal(kv_iterator_error(iterator), ERR_IO);
    kv_iterator_free(&iterator);
    kv_memory_fail_reads(kv, 0, 0);
    assert_value(kv, NULL, "a", "3");
    kv_close(&kv);
}

static void memory_copies(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    put(kv, "a", "1", true);
    put(kv, "c", "1", false);
    struct kv *copy = kv_memory_copy(kv);
    put(kv, "a", "2", true);
    put(copy, "c", "3", false);
    assert_listed(kv, NULL, "", "", "a=2 c=1 ");
    assert_listed(copy, NULL, "", "", "a=1 c=3 ");
    kv_memory_crash(copy);
    assert_listed(copy, NULL, "", "", "a=1 c=1 ");
    kv_close(&kv);
    assert_listed(copy, NULL, "", "", "a=1 c=1 ");
    kv_close(&copy);
}

static void memory_tells_what_is_durable(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    AUTO(buf_free) struct buf got = {0};
    put(kv, "a", "1", true);
    put(kv, "a", "2", false);
    put(kv, "c", "1", false);
    assert_int_equal(kv_memory_get_durable(kv, view_of_text("a"), &got), OK);
    assert_string_equal(buf_text(&got), "1");
    assert_int_equal(kv_memory_get_durable(kv, view_of_text("c"), &got), ERR_NOT_FOUND);
    kv_close(&kv);
}

/* One value of one key, for good; each number the same one each time. */
static void memory_rots(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    assert_false(kv_memory_rot(kv, 5));
    for (uint64_t number = 0; number < 100; number++) {
        struct kv *rotten = kv_memory_copy(kv);
        put(rotten, "a", "0", true);
        put(rotten, "c", "0", true);
        put(rotten, "e", "0", true);
        assert_true(kv_memory_rot(rotten, number));
        kv_memory_crash(rotten);
        unsigned bits = 0;
        for (const char *key = "ace"; *key != '\0'; key++) {
            AUTO(buf_free) struct buf got = {0};
            assert_int_equal(kv_get(rotten, NULL, view_of(key, 1), &got), OK);
            assert_int_equal(got.len, 1);
            bits += (unsigned)__builtin_popcount((unsigned)got.data[0] ^ '0');
        }
        assert_int_equal(bits, 1);
        kv_close(&rotten);
    }
    kv_close(&kv);
}

static void close_with_a_reader(void)
{
    struct kv *kv = kv_open_memory();
    kv_snapshot_take(kv);
    kv_close(&kv);
}

static void crash_of_a_disk(void)
{
    struct kv *kv = NULL;
    if (kv_open_leveldb(&kv, scratch_path("not-memory")) == OK)
        kv_memory_crash(kv);
}

static void misuse_stops(void **state)
{
    (void)state;
    assert_true(check_stops(close_with_a_reader));
    assert_true(check_stops(crash_of_a_disk));
}

/* ---- LevelDB: a real directory ---- */

static void leveldb_keeps_across_reopening(void **state)
{
    (void)state;
    const char *path = scratch_path("kept/deep");
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    put(kv, "a", "1", true);
    put(kv, "aa", "2", false);
    kv_close(&kv);
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    assert_listed(kv, NULL, "", "", "a=1 aa=2 ");
    kv_close(&kv);
}

/* A write that is to be durable syncs every part of it, what leaves too; another syncs nothing. */
static void leveldb_syncs_what_it_is_told_to(void **state)
{
    (void)state;
    struct kv *kv = open_leveldb();
    AUTO(buf_free) struct buf history = {0};
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    history_key(&history, KV_BODY, 1, "x");
    for (int sync = 0; sync < 2; sync++) {
        (void)count_syncs();
        put(kv, "a", "1", sync == 1);
        assert_int_equal(count_syncs(), sync);
        kv_batch_clear(batch);
        kv_batch_put(batch, view_of_buf(&history), view_of_text("1"));
        assert_int_equal(kv_write(kv, batch, sync == 1), OK);
        assert_int_equal(count_syncs(), sync);
        kv_batch_put(batch, view_of_text("aa"), view_of_text("2"));
        assert_int_equal(kv_write(kv, batch, sync == 1), OK);
        assert_int_equal(count_syncs(), 2 * sync);
        kv_batch_clear(batch);
        kv_batch_delete(batch, view_of_buf(&history));
        assert_int_equal(kv_write(kv, batch, sync == 1), OK);
        assert_int_equal(count_syncs(), sync);
    }
    kv_close(&kv);
}

static void leveldb_is_held_once(void **state)
{
    (void)state;
    const char *path = scratch_path("held");
    struct kv *kv = NULL, *again = NULL;
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    assert_int_equal(kv_open_leveldb(&again, path), ERR_BUSY);
    assert_null(again);
    pid_t child = fork(); /* and from another process */
    assert_true(child >= 0);
    if (child == 0)
        _exit(execl("/proc/self/exe", "test_kv", "--open", path, (char *)NULL));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_BUSY);
    put(kv, "still", "ours", true);
    kv_close(&kv);
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    kv_close(&kv);
}

static void leveldb_refuses_what_is_no_directory(void **state)
{
    (void)state;
    const char *path = scratch_path("file");
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    struct kv *kv = NULL;
    assert_int_not_equal(kv_open_leveldb(&kv, path), OK);
    assert_null(kv);
}

/* Flips a bit in the middle of every file of a database with that ending; returns how many. */
static unsigned flip_bits(const char *store, const char *database, const char *ending)
{
    unsigned flipped = 0;
    char directory[4096];
    snprintf(directory, sizeof directory, "%s/%s", store, database);
    DIR *listing = opendir(directory);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        size_t len = strlen(entry->d_name), end = strlen(ending);
        if (len < end || strcmp(entry->d_name + len - end, ending) != 0)
            continue;
        int fd = openat(dirfd(listing), entry->d_name, O_RDWR);
        struct stat status;
        assert_true(fd >= 0 && fstat(fd, &status) == 0);
        uint8_t byte = 0;
        if (status.st_size > 100) {
            assert_int_equal(pread(fd, &byte, 1, status.st_size / 3), 1);
            byte ^= 0x10;
            assert_int_equal(pwrite(fd, &byte, 1, status.st_size / 3), 1);
            flipped++;
        }
        close(fd);
    }
    closedir(listing);
    return flipped;
}

static void fill(struct kv *kv, unsigned count)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    for (unsigned i = 0; i < count; i++) {
        char key[16], value[200] = {0};
        snprintf(key, sizeof key, "%06u", i);
        memset(value, (int)('a' + i % 26), sizeof value - 1);
        kv_batch_put(batch, view_of_text(key), view_of_text(value));
    }
    for (unsigned i = 0; i < count; i++) {
        AUTO(buf_free) struct buf key = {0};
        history_key(&key, KV_TX, i, "of a height");
        kv_batch_put(batch, view_of_buf(&key), view_of_text("some value of the history"));
    }
    assert_int_equal(kv_write(kv, batch, true), OK);
}

static void leveldb_detects_rot_in_its_log(void **state)
{
    (void)state;
    static const char *const databases[] = {"index", "history"};
    for (size_t i = 0; i < COUNT_OF(databases); i++) {
        char name[32];
        snprintf(name, sizeof name, "rot-log-%zu", i);
        const char *path = scratch_path(name);
        struct kv *kv = NULL;
        assert_int_equal(kv_open_leveldb(&kv, path), OK);
        fill(kv, 1000);
        kv_close(&kv);
        assert_int_equal(flip_bits(path, databases[i], ".log"), 1);
        assert_int_equal(kv_open_leveldb(&kv, path), ERR_CORRUPT);
        assert_null(kv);
    }
}

static void leveldb_detects_rot_in_its_tables(void **state)
{
    (void)state;
    const char *path = scratch_path("rot-table");
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    fill(kv, 20000);
    kv_close(&kv);
    assert_int_equal(kv_open_leveldb(&kv, path), OK); /* the log becomes tables */
    kv_close(&kv);
    assert_true(flip_bits(path, "index", ".ldb") > 0);
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    AUTO(buf_free) struct buf got = {0};
    unsigned corrupt = 0;
    for (unsigned i = 0; i < 20000; i++) {
        char key[16];
        snprintf(key, sizeof key, "%06u", i);
        int error = kv_get(kv, NULL, view_of_text(key), &got);
        assert_true(error == OK || error == ERR_CORRUPT);
        corrupt += error == ERR_CORRUPT;
    }
    assert_in_range(corrupt, 1, 19999);
    struct kv_iterator *iterator = kv_iterate(kv, NULL, view_of_text(""), view_of_text(""));
    struct view key, value;
    unsigned seen = 0;
    while (kv_iterator_next(iterator, &key, &value))
        seen++;
    assert_true(seen < 20000);
    assert_int_equal(kv_iterator_error(iterator), ERR_CORRUPT);
    kv_iterator_free(&iterator);
    kv_close(&kv);
}

/* Tables are read into the bounded cache, not mapped, or memory would grow with the ledger. */
static void leveldb_maps_no_tables(void **state)
{
    (void)state;
    const char *path = scratch_path("maps");
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    fill(kv, 20000);
    kv_close(&kv);
    assert_int_equal(kv_open_leveldb(&kv, path), OK);
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(kv_get(kv, NULL, view_of_text("010000"), &got), OK);
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    char line[4096];
    while (fgets(line, sizeof line, maps))
        assert_null(strstr(line, ".ldb"));
    fclose(maps);
    kv_close(&kv);
}

int main(int argc, char **argv)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    if (argc == 3 && strcmp(argv[1], "--open") == 0) {
        struct kv *kv = NULL;
        int error = kv_open_leveldb(&kv, argv[2]);
        kv_close(&kv);
        return error;
    }
    const struct CMUnitTest tests[] = {
        /* Forks, and a child lacks LevelDB's thread once that has started: so it comes first. */
        cmocka_unit_test(misuse_stops),
        cmocka_unit_test(batches),
        cmocka_unit_test(get_appends),
        cmocka_unit_test(iteration),
        cmocka_unit_test(history),
        cmocka_unit_test(snapshots),
        cmocka_unit_test(random_history),
        cmocka_unit_test(readers),
        cmocka_unit_test(memory_crash_loses_the_unsynced),
        cmocka_unit_test(memory_fails_on_demand),
        cmocka_unit_test(memory_copies),
        cmocka_unit_test(memory_tells_what_is_durable),
        cmocka_unit_test(memory_rots),
        cmocka_unit_test(leveldb_keeps_across_reopening),
        cmocka_unit_test(leveldb_syncs_what_it_is_told_to),
        cmocka_unit_test(leveldb_is_held_once),
        cmocka_unit_test(leveldb_refuses_what_is_no_directory),
        cmocka_unit_test(leveldb_detects_rot_in_its_log),
        cmocka_unit_test(leveldb_detects_rot_in_its_tables),
        cmocka_unit_test(leveldb_maps_no_tables),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
