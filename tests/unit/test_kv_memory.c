/* The key-value store in memory: crashes and faults on demand, and what misuse does to either
 * store.
 */
#include "base/log.h"
#include "base/memory.h"
#include "kv_values.h"
#include "scratch.h"

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

/* Those that fork come first: a child lacks LevelDB's thread once that has started. */
int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_stops),
        cmocka_unit_test(memory_crash_loses_the_unsynced),
        cmocka_unit_test(memory_fails_on_demand),
        cmocka_unit_test(memory_copies),
        cmocka_unit_test(memory_tells_what_is_durable),
        cmocka_unit_test(memory_rots),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
