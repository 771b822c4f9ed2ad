/* The mempool: order, bounds, shares, waiters, expiry. */
#include "note_txs.h"

#include "base/errors.h"
#include "node/mempool.h"

static const struct mempool_limits small = {
    .txs_max = 6, .bytes_max = 1 << 20, .member_txs_max = 4, .member_bytes_max = 1 << 20};

/* What waiters were told. */
struct told {
    unsigned times;
    int error;
    uint64_t height;
};

static void on_done(void *argument, int error, const struct faults *faults, uint64_t height)
{
    struct told *told = argument;
    (void)faults;
    told->times++;
    told->error = error;
    told->height = height;
}

static struct hash add(struct mempool *mempool, const char *member, unsigned number, int64_t now_ms)
{
    AUTO(tx_free) struct tx *tx = note_tx(member, number, NOTE_EXPIRES_MS + (int64_t)number);
    assert_int_equal(mempool_add(mempool, tx, number % 2 == 1, now_ms), 0);
    return tx->id;
}

static void test_order_of_arrival(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    struct hash id[4];
    for (unsigned i = 0; i < 4; i++) {
        id[i] = add(mempool, NOTE_MEMBER, i, 100 + (int64_t)i);
    }
    struct tx *out[8];
    assert_int_equal(mempool_candidates(mempool, out, 8, 1 << 20, 1000), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(hash_equal(&out[i]->id, &id[i]));
    }
    assert_int_equal(mempool_candidates(mempool, out, 2, 1 << 20, 1000), 2);
    assert_int_equal(mempool_candidates(mempool, out, 8, 1 << 20, 101), 2);
    size_t bytes = out[0]->raw.len + out[1]->raw.len;
    assert_int_equal(mempool_candidates(mempool, out, 8, bytes, 1000), 2);
    assert_int_equal(mempool_candidates(mempool, out, 8, bytes - 1, 1000), 1);
    mempool_committed(mempool, &id[1], 7);
    assert_null(mempool_find(mempool, &id[1]));
    assert_int_equal(mempool_candidates(mempool, out, 8, 1 << 20, 1000), 3);
    assert_true(hash_equal(&out[1]->id, &id[2]));
}

static void test_bounds(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    for (unsigned i = 0; i < 4; i++) {
        add(mempool, NOTE_MEMBER, i, 0);
    }
    AUTO(tx_free) struct tx *again = note_tx(NOTE_MEMBER, 3, NOTE_EXPIRES_MS + 3);
    assert_int_equal(mempool_add(mempool, again, false, 0), ERR_DUPLICATE);
    AUTO(tx_free) struct tx *fifth = note_tx(NOTE_MEMBER, 5, NOTE_EXPIRES_MS);
    assert_int_equal(mempool_add(mempool, fifth, false, 0), ERR_QUOTA);
    struct hash other = add(mempool, NOTE_OTHER_MEMBER, 6, 0);
    add(mempool, NOTE_OTHER_MEMBER, 7, 0);
    AUTO(tx_free) struct tx *seventh = note_tx(NOTE_OTHER_MEMBER, 8, NOTE_EXPIRES_MS);
    assert_int_equal(mempool_add(mempool, seventh, false, 0), ERR_UNAVAILABLE);
    assert_int_equal(mempool_stats(mempool).txs, 6);
    mempool_refused(mempool, &other, ERR_STATUS, NULL);
    assert_int_equal(mempool_add(mempool, seventh, false, 0), 0);
    /* Leaving gives the share back. */
    mempool_committed(mempool, &again->id, 1);
    mempool_committed(mempool, &seventh->id, 1);
    assert_int_equal(mempool_add(mempool, fifth, false, 0), 0);
}

static void test_bytes_are_bounded(void **state)
{
    (void)state;
    AUTO(tx_free) struct tx *first = note_tx(NOTE_MEMBER, 1, NOTE_EXPIRES_MS);
    AUTO(tx_free) struct tx *second = note_tx(NOTE_MEMBER, 2, NOTE_EXPIRES_MS);
    struct mempool_limits limits = small;
    limits.bytes_max = first->raw.len + second->raw.len - 1;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&limits);
    assert_int_equal(mempool_add(mempool, first, false, 0), 0);
    assert_int_equal(mempool_add(mempool, second, false, 0), ERR_UNAVAILABLE);
    assert_int_equal(mempool_stats(mempool).bytes, first->raw.len);
    limits = small;
    limits.member_bytes_max = first->raw.len;
    AUTO(mempool_close) struct mempool *shared = mempool_open(&limits);
    assert_int_equal(mempool_add(shared, first, false, 0), 0);
    assert_int_equal(mempool_add(shared, second, false, 0), ERR_QUOTA);
}

static void test_waiters_are_told_once(void **state)
{
    (void)state;
    struct told committed = {0}, refused = {0}, expired = {0}, stopped = {0}, two = {0};
    struct mempool *mempool = mempool_open(&small);
    struct hash id[4];
    for (unsigned i = 0; i < 4; i++) {
        id[i] = add(mempool, NOTE_MEMBER, i, 0);
    }
    assert_int_equal(mempool_wait(mempool, &id[0], on_done, &committed), 0);
    assert_int_equal(mempool_wait(mempool, &id[0], on_done, &two), 0);
    assert_int_equal(mempool_wait(mempool, &id[1], on_done, &expired), 0);
    assert_int_equal(mempool_wait(mempool, &id[2], on_done, &refused), 0);
    assert_int_equal(mempool_wait(mempool, &id[3], on_done, &stopped), 0);
    assert_int_equal(mempool_stats(mempool).waiters, 5);
    mempool_committed(mempool, &id[0], 42);
    assert_int_equal(mempool_wait(mempool, &id[0], on_done, &two), ERR_NOT_FOUND);
    mempool_refused(mempool, &id[2], ERR_VERSION_STALE, NULL);
    mempool_expire(mempool, NOTE_EXPIRES_MS + 1); /* expires at T means: not in a block of time T */
    mempool_close(&mempool);
    assert_int_equal(committed.times, 1);
    assert_int_equal(committed.error, 0);
    assert_int_equal(committed.height, 42);
    assert_int_equal(two.times, 1);
    assert_int_equal(refused.times, 1);
    assert_int_equal(refused.error, ERR_VERSION_STALE);
    assert_int_equal(expired.times, 1);
    assert_int_equal(expired.error, ERR_TX_EXPIRED);
    assert_int_equal(stopped.times, 1);
    assert_int_equal(stopped.error, ERR_UNAVAILABLE);
}

static void test_waiters_are_bounded(void **state)
{
    (void)state;
    struct told told = {0};
    struct mempool *mempool = mempool_open(&small);
    struct hash id = add(mempool, NOTE_MEMBER, 1, 0);
    for (unsigned i = 0; i < MEMPOOL_WAITERS_MAX; i++) {
        assert_int_equal(mempool_wait(mempool, &id, on_done, &told), 0);
    }
    assert_int_equal(mempool_wait(mempool, &id, on_done, &told), ERR_QUOTA);
    mempool_close(&mempool);
    assert_int_equal(told.times, MEMPOOL_WAITERS_MAX);
}

static void test_local_ones_for_gossip(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    struct hash id[4];
    for (unsigned i = 0; i < 4; i++) {
        id[i] = add(mempool, NOTE_MEMBER, i, 0); /* 1 and 3 are local */
    }
    struct tx *tx = mempool_next_local(mempool, NULL);
    assert_true(hash_equal(&tx->id, &id[1]));
    tx = mempool_next_local(mempool, tx);
    assert_true(hash_equal(&tx->id, &id[3]));
    assert_null(mempool_next_local(mempool, tx));
}

static void test_passed_over(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    struct hash old = add(mempool, NOTE_MEMBER, 1, 100);
    add(mempool, NOTE_MEMBER, 2, 200);
    struct tx *out[4];
    assert_int_equal(mempool_passed_over(mempool, out, 4, 150, 1000, 500), 1);
    assert_true(hash_equal(&out[0]->id, &old));
    assert_int_equal(mempool_passed_over(mempool, out, 4, 150, 1400, 500), 0);
    assert_int_equal(mempool_passed_over(mempool, out, 4, 250, 1500, 500), 2);
    assert_int_equal(mempool_passed_over(mempool, out, 1, 250, 2500, 500), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_arrival),    cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bytes_are_bounded),   cmocka_unit_test(test_waiters_are_told_once),
        cmocka_unit_test(test_waiters_are_bounded), cmocka_unit_test(test_local_ones_for_gossip),
        cmocka_unit_test(test_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
