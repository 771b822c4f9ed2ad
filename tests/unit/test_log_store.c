/* The log's tiles: proofs out of the store for logs grown in blocks of any size, restored logs,
 * rot, faults, crashes, and readers beside the writer. What a proof must be is test_log_tree's
 * business; here each must verify against the root that the frontier had at that size. */
#include "chain/log_store.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "check.h"
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define LEAVES 5000
#define SEED UINT64_C(424242)

static struct hash leaves[LEAVES];
static struct hash roots[LEAVES + 1];
static struct log_frontier frontiers[LEAVES + 1];

static int make_leaves(void **state)
{
    struct log_frontier frontier = {0};
    for (size_t i = 0; i <= LEAVES; i++) {
        frontiers[i] = frontier;
        log_frontier_root(&roots[i], &frontier);
        if (i == LEAVES)
            break;
        struct log_leaf leaf = {LOG_TX, hash_sha256(view_of(&i, sizeof i))};
        log_leaf_hash(&leaves[i], &leaf);
        log_frontier_append(&frontier, &leaves[i]);
    }
    return scratch_make(state);
}

static void append(struct kv *kv, size_t from, size_t to)
{
    struct log_frontier frontier = frontiers[from];
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    assert_int_equal(log_store_append(&frontier, batch, kv, leaves + from, to - from), OK);
    assert_int_equal(frontier.size, to);
    assert_memory_equal(frontier.peak, frontiers[to].peak,
                        (size_t)__builtin_popcountll(to) * HASH_BYTES);
    assert_int_equal(kv_write(kv, batch, true), OK);
}

static int prove_inclusion(struct kv *kv, const struct kv_snapshot *snapshot, size_t m, size_t n)
{
    struct log_reader reader;
    log_reader_init(&reader, kv, snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    struct log_proof proof;
    int error = log_prove_inclusion(&proof, &nodes, m, n);
    return error ? error : log_verify_inclusion(&proof, &leaves[m], m, n, &roots[n]);
}

static int prove_consistency(struct kv *kv, const struct kv_snapshot *snapshot, size_t m, size_t n)
{
    struct log_reader reader;
    log_reader_init(&reader, kv, snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    struct log_proof proof;
    int error = log_prove_consistency(&proof, &nodes, m, n);
    return error ? error : log_verify_consistency(&proof, m, &roots[m], n, &roots[n]);
}

static void assert_stored(struct kv *kv, size_t n, uint64_t *seed)
{
    struct log_frontier frontier;
    assert_int_equal(log_store_frontier(&frontier, kv, NULL), OK);
    assert_int_equal(frontier.size, n);
    assert_int_equal(log_store_check(kv, NULL), OK);
    for (int tries = 0; tries < 50 && n > 0; tries++) {
        size_t size = 1 + check_random(seed) % n;
        assert_int_equal(prove_inclusion(kv, NULL, check_random(seed) % size, size), OK);
        assert_int_equal(prove_consistency(kv, NULL, check_random(seed) % (size + 1), size), OK);
    }
}

static void grow(struct kv *kv, size_t from, size_t to, size_t block_max)
{
    uint64_t seed = SEED;
    while (from < to) {
        size_t block = check_random(&seed) % (block_max + 1);
        size_t next = block < to - from ? from + block : to;
        append(kv, from, next);
        from = next;
    }
    assert_stored(kv, to, &seed);
}

/* ---- growth ---- */

static void every_small_proof(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    struct log_reader reader;
    for (size_t n = 0; n < 70; n++)
        append(kv, n, n + 1);
    log_reader_init(&reader, kv, NULL);
    struct log_nodes nodes = log_reader_nodes(&reader); /* one reader for all of them */
    struct log_proof proof;
    for (size_t n = 1; n <= 70; n++) {
        for (size_t m = 0; m <= n; m++) {
            assert_int_equal(log_prove_consistency(&proof, &nodes, m, n), OK);
            assert_int_equal(log_verify_consistency(&proof, m, &roots[m], n, &roots[n]), OK);
            if (m == n)
                continue;
            assert_int_equal(log_prove_inclusion(&proof, &nodes, m, n), OK);
            assert_int_equal(log_verify_inclusion(&proof, &leaves[m], m, n, &roots[n]), OK);
        }
    }
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 3, 71), ERR_NOT_FOUND);
    kv_close(&kv);
}

static void blocks_of_any_size(void **state)
{
    (void)state;
    static const size_t block_max[] = {3, 17, 40, 300, 1000, LEAVES};
    for (size_t i = 0; i < COUNT_OF(block_max); i++) {
        struct kv *kv = kv_open_memory();
        grow(kv, 0, i < 2 ? 600 : LEAVES, block_max[i]);
        kv_close(&kv);
    }
}

/* However the leaves came, the records are the same, and few. */
static void records_do_not_depend_on_blocks(void **state)
{
    (void)state;
    struct kv *a = kv_open_memory(), *b = kv_open_memory();
    grow(a, 0, 3000, 7);
    append(b, 0, 3000);
    struct kv_iterator *x = kv_iterate(a, NULL, view_of("", 0), view_of("", 0));
    struct kv_iterator *y = kv_iterate(b, NULL, view_of("", 0), view_of("", 0));
    struct view xk, xv, yk, yv;
    size_t count = 0;
    for (; kv_iterator_next(x, &xk, &xv); count++) {
        assert_true(kv_iterator_next(y, &yk, &yv));
        assert_true(view_equal(xk, yk) && view_equal(xv, yv));
    }
    assert_false(kv_iterator_next(y, &yk, &yv));
    assert_int_equal(count, 188 + 12 + 1 + 1); /* ⌈3000/16⌉, ⌈187/16⌉, ⌈11/16⌉, frontier */
    kv_iterator_free(&x);
    kv_iterator_free(&y);
    kv_close(&a);
    kv_close(&b);
}

static void on_leveldb_across_reopening(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    uint64_t seed = SEED;
    for (size_t from = 0; from < 4000; from += 800) {
        assert_int_equal(kv_open_leveldb(&kv, scratch_path("log")), OK);
        assert_stored(kv, from, &seed);
        grow(kv, from, from + 800, 250);
        kv_close(&kv);
    }
}

static void snapshots_see_their_moment(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    append(kv, 0, 100);
    struct kv_snapshot *snapshot = kv_snapshot_take(kv);
    append(kv, 100, 1000);
    struct log_frontier frontier;
    assert_int_equal(log_store_frontier(&frontier, kv, snapshot), OK);
    assert_int_equal(frontier.size, 100);
    assert_int_equal(log_store_check(kv, snapshot), OK);
    assert_int_equal(prove_inclusion(kv, snapshot, 99, 100), OK);
    assert_int_equal(prove_inclusion(kv, snapshot, 99, 102), ERR_NOT_FOUND);
    assert_int_equal(prove_inclusion(kv, NULL, 99, 100), OK);
    assert_int_equal(prove_consistency(kv, NULL, 100, 1000), OK);
    kv_snapshot_free(kv, &snapshot);
    kv_close(&kv);
}

/* ---- restored ---- */

static void a_restored_log_goes_on(void **state)
{
    (void)state;
    static const size_t starts[] = {0, 1, 2, 15, 16, 17, 255, 256, 1000, 1023, 4095, 4096};
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        size_t start = starts[i], end = start + 700;
        struct kv *kv = kv_open_memory();
        AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
        log_store_restore(batch, &frontiers[start]);
        assert_int_equal(kv_write(kv, batch, true), OK);
        assert_int_equal(log_store_check(kv, NULL), OK);
        uint64_t seed = SEED;
        for (size_t from = start; from < end;) {
            size_t to = from + 1 + check_random(&seed) % 90;
            append(kv, from, to < end ? to : end);
            from = to;
        }
        assert_int_equal(log_store_check(kv, NULL), OK);
        for (size_t n = start + 1; n <= end; n += 13) {
            for (size_t m = start; m < n; m += 7) {
                assert_int_equal(prove_inclusion(kv, NULL, m, n), OK);
                assert_int_equal(prove_consistency(kv, NULL, m, n), OK);
            }
        }
        if (start == 1000) /* its siblings came never here */
            assert_int_equal(prove_inclusion(kv, NULL, 500, end), ERR_NOT_FOUND);
        kv_close(&kv);
    }
}

/* ---- what goes wrong ---- */

static void foreign_frontiers_are_refused(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    append(kv, 0, 100);
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    struct log_frontier frontier = frontiers[99];
    assert_int_equal(log_store_append(&frontier, batch, kv, leaves, 1), ERR_CORRUPT);
    frontier = frontiers[100];
    frontier.peak[1].bytes[0] ^= 1;
    assert_int_equal(log_store_append(&frontier, batch, kv, leaves, 1), ERR_CORRUPT);
    kv_close(&kv);
}

static void missing_tiles_are_noticed(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    append(kv, 0, 100);
    const uint8_t last[] = {KV_LOG_TILE, 0, 0, 0, 0, 0, 0, 0, 0, 6};
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_delete(batch, view_of(last, sizeof last));
    assert_int_equal(kv_write(kv, batch, true), OK);
    struct log_frontier frontier = frontiers[100];
    kv_batch_clear(batch);
    assert_int_equal(log_store_append(&frontier, batch, kv, leaves + 100, 1), ERR_CORRUPT);
    assert_int_equal(frontier.size, 100);
    assert_int_equal(log_store_check(kv, NULL), ERR_CORRUPT);
    kv_close(&kv);
}

static void every_rotten_byte_is_seen(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    log_store_restore(batch, &frontiers[19]);
    assert_int_equal(kv_write(kv, batch, true), OK);
    append(kv, 19, 90);
    struct kv_iterator *iterator = kv_iterate(kv, NULL, view_of("", 0), view_of("", 0));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value)) {
        AUTO(buf_free) struct buf rotten = {0};
        buf_append_view(&rotten, value);
        for (size_t i = 0; i < rotten.len; i++) {
            for (int back = 0; back < 2; back++) {
                rotten.data[i] ^= (uint8_t)(1u << i % 8);
                kv_batch_clear(batch);
                kv_batch_put(batch, key, view_of_buf(&rotten));
                assert_int_equal(kv_write(kv, batch, true), OK);
                assert_int_equal(log_store_check(kv, NULL), back ? OK : ERR_CORRUPT);
            }
        }
    }
    kv_iterator_free(&iterator);
    kv_close(&kv);
}

static void read_errors_travel_up(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    append(kv, 0, 700);
    int error = ERR_IO;
    unsigned failed = 0;
    for (unsigned after = 1; error; after++) {
        struct log_frontier frontier = frontiers[700];
        AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
        kv_memory_fail_reads(kv, ERR_IO, after);
        error = log_store_append(&frontier, batch, kv, leaves + 700, 400);
        assert_int_equal(frontier.size, error ? 700 : 1100);
        failed += error == ERR_IO;
    }
    assert_true(failed >= 4);
    kv_memory_fail_reads(kv, ERR_IO, 2);
    assert_int_equal(prove_inclusion(kv, NULL, 5, 700), ERR_IO);
    kv_memory_fail_reads(kv, ERR_IO, 5);
    assert_int_equal(log_store_check(kv, NULL), ERR_IO);
    kv_close(&kv);
}

static void a_crash_loses_whole_blocks(void **state)
{
    (void)state;
    struct kv *kv = kv_open_memory();
    uint64_t seed = SEED;
    append(kv, 0, 500);
    struct log_frontier frontier = frontiers[500];
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    assert_int_equal(log_store_append(&frontier, batch, kv, leaves + 500, 300), OK);
    assert_int_equal(kv_write(kv, batch, false), OK);
    kv_memory_crash(kv);
    assert_stored(kv, 500, &seed);
    append(kv, 500, 900);
    assert_stored(kv, 900, &seed);
    kv_close(&kv);
}

/* ---- readers beside the writer ---- */

static atomic_bool reader_stop;

static void *reader_run(void *context)
{
    struct kv *kv = context;
    uint64_t seed = SEED;
    while (!atomic_load(&reader_stop)) {
        struct kv_snapshot *snapshot = kv_snapshot_take(kv);
        struct log_frontier frontier;
        int error = log_store_frontier(&frontier, kv, snapshot);
        if (!error && frontier.size > 0) {
            size_t n = (size_t)frontier.size;
            error = prove_inclusion(kv, snapshot, check_random(&seed) % n, n);
        }
        kv_snapshot_free(kv, &snapshot);
        if (error)
            return "failed";
    }
    return NULL;
}

static void readers_run_beside_the_writer(void **state)
{
    (void)state;
    struct kv *stores[2] = {kv_open_memory(), NULL};
    assert_int_equal(kv_open_leveldb(&stores[1], scratch_path("beside")), OK);
    for (size_t i = 0; i < COUNT_OF(stores); i++) {
        pthread_t reader;
        atomic_store(&reader_stop, false);
        assert_int_equal(pthread_create(&reader, NULL, reader_run, stores[i]), 0);
        for (size_t from = 0; from < LEAVES; from += 50)
            append(stores[i], from, from + 50);
        atomic_store(&reader_stop, true);
        void *failed = NULL;
        assert_int_equal(pthread_join(reader, &failed), 0);
        assert_null(failed);
        kv_close(&stores[i]);
    }
}

int main(void)
{
    log_set_level((enum log_level)(LOG_ERROR + 1)); /* errors are made on purpose here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_proof),
        cmocka_unit_test(blocks_of_any_size),
        cmocka_unit_test(records_do_not_depend_on_blocks),
        cmocka_unit_test(on_leveldb_across_reopening),
        cmocka_unit_test(snapshots_see_their_moment),
        cmocka_unit_test(a_restored_log_goes_on),
        cmocka_unit_test(foreign_frontiers_are_refused),
        cmocka_unit_test(missing_tiles_are_noticed),
        cmocka_unit_test(every_rotten_byte_is_seen),
        cmocka_unit_test(read_errors_travel_up),
        cmocka_unit_test(a_crash_loses_whole_blocks),
        cmocka_unit_test(readers_run_beside_the_writer),
    };
    return cmocka_run_group_tests(tests, make_leaves, scratch_remove);
}
