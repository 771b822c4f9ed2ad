/* The mempool: order, bounds, shares, waiters, expiry. */
#include "note_txs.h"

#include "base/errors.h"
#include "base/limits.h"
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

/* A block with room for all that is valid at the time of these notes. */
static struct mempool_block roomy(void)
{
    return (struct mempool_block){.txs_max = 8,
                                  .bytes_max = 1 << 20,
                                  .member_txs_max = 8,
                                  .cost_max = 1000,
                                  .time_ms = NOTE_EXPIRES_MS - 1000,
                                  .lifetime_ms = 3600000,
                                  .arrived_by_ms = 1000};
}

static void test_order_of_arrival(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    struct hash id[4];
    for (unsigned i = 0; i < 4; i++) {
        id[i] = add(mempool, i % 2 == 0 ? NOTE_MEMBER : NOTE_OTHER_MEMBER, i, 100 + (int64_t)i);
    }
    struct tx *out[8];
    struct mempool_block block = roomy();
    assert_int_equal(mempool_candidates(mempool, out, &block), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(hash_equal(&out[i]->id, &id[i]));
    }
    block.txs_max = 2;
    assert_int_equal(mempool_candidates(mempool, out, &block), 2);
    block.txs_max = 0;
    assert_int_equal(mempool_candidates(mempool, out, &block), 0);
    block = roomy();
    block.arrived_by_ms = 101;
    assert_int_equal(mempool_candidates(mempool, out, &block), 2);
    block = roomy();
    block.bytes_max = 2 * (out[0]->raw.len + 4); /* as a block counts them */
    assert_int_equal(mempool_candidates(mempool, out, &block), 2);
    block.bytes_max--;
    assert_int_equal(mempool_candidates(mempool, out, &block), 1);
    block = roomy();
    block.cost_max = 3; /* a note costs one */
    assert_int_equal(mempool_candidates(mempool, out, &block), 3);
    block = roomy();
    mempool_committed(mempool, &id[1], 7);
    assert_null(mempool_find(mempool, &id[1]));
    assert_int_equal(mempool_candidates(mempool, out, &block), 3);
    assert_true(hash_equal(&out[1]->id, &id[2]));
}

/* What no block of this time may hold stands in nobody's way, however much of it came first. */
static void test_unorderable_ones_are_passed_by(void **state)
{
    (void)state;
    static const struct mempool_limits limits = {
        .txs_max = 400, .bytes_max = 1 << 24, .member_txs_max = 400, .member_bytes_max = 1 << 24};
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&limits);
    struct mempool_block block = roomy();
    const struct {
        int64_t expires_ms;
        bool fits;
    } cases[] = {{block.time_ms, false},
                 {block.time_ms + 1, true},
                 {block.time_ms + block.lifetime_ms, true},
                 {block.time_ms + block.lifetime_ms + 1, false},
                 {INT64_C(9000000000000000), false}};
    struct tx *out[8];
    for (unsigned i = 0; i < 200; i++) { /* far more than a block holds, twenty hours early */
        AUTO(tx_free)
        struct tx *tx = note_tx(NOTE_MEMBER, i, block.time_ms + block.lifetime_ms + 72000000);
        assert_int_equal(mempool_add(mempool, tx, false, 0), 0);
    }
    assert_int_equal(mempool_candidates(mempool, out, &block), 0);
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        AUTO(tx_free) struct tx *own = note_tx(NOTE_MEMBER, 300 + i, cases[i].expires_ms);
        AUTO(tx_free) struct tx *tx = note_tx(NOTE_OTHER_MEMBER, 300 + i, cases[i].expires_ms);
        assert_int_equal(mempool_add(mempool, own, false, 1), 0);
        assert_int_equal(mempool_add(mempool, tx, false, 1), 0);
        assert_int_equal(mempool_candidates(mempool, out, &block), cases[i].fits ? 2 : 0);
        mempool_refused(mempool, &own->id, ERR_STATUS, NULL);
        mempool_refused(mempool, &tx->id, ERR_STATUS, NULL);
    }
    block.time_ms += 72000000; /* their time comes */
    assert_int_equal(mempool_candidates(mempool, out, &block), 8);
}

static size_t count_of(struct tx *const *txs, size_t count, const char *member)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        found += strcmp(txs[i]->member, member) == 0;
    }
    return found;
}

/* A block that is taken as chosen; how many of it are the other member's. */
static size_t commit_one(struct mempool *mempool, const struct mempool_block *block)
{
    struct tx *out[64];
    size_t count = mempool_candidates(mempool, out, block);
    size_t others = count_of(out, count, NOTE_OTHER_MEMBER);
    while (count > 0) {
        mempool_committed(mempool, &out[--count]->id, 1);
    }
    return others;
}

/* One member came first and with very many: the other has its half of the very next block. */
static void test_members_take_turns(void **state)
{
    (void)state;
    static const struct mempool_limits limits = {
        .txs_max = 400, .bytes_max = 1 << 24, .member_txs_max = 400, .member_bytes_max = 1 << 24};
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&limits);
    struct tx *out[64];
    for (unsigned i = 0; i < 300; i++) {
        add(mempool, NOTE_MEMBER, i, 0);
    }
    for (unsigned i = 300; i < 350; i++) {
        add(mempool, NOTE_OTHER_MEMBER, i, 1);
    }
    struct mempool_block block = roomy();
    block.txs_max = block.member_txs_max = 64;
    assert_int_equal(mempool_candidates(mempool, out, &block), 64);
    assert_int_equal(count_of(out, 64, NOTE_OTHER_MEMBER), 32);
    for (size_t i = 0; i < 32; i++) { /* still in order of arrival */
        assert_string_equal(out[i]->member, NOTE_MEMBER);
        assert_string_equal(out[32 + i]->member, NOTE_OTHER_MEMBER);
    }
    block.member_txs_max = 10; /* the rest of the block is nobody's */
    assert_int_equal(mempool_candidates(mempool, out, &block), 20);
    assert_int_equal(count_of(out, 20, NOTE_OTHER_MEMBER), 10);
    block.member_txs_max = 64;
    assert_int_equal(commit_one(mempool, &block), 32);
    assert_int_equal(commit_one(mempool, &block), 18); /* what one leaves the other takes */
    assert_int_equal(mempool_stats(mempool).txs, 350 - 128);
}

/* Blocks so small that not everybody has a turn in each: the next one goes on with the next. */
static void test_turns_go_on_in_the_next_block(void **state)
{
    (void)state;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    for (unsigned i = 0; i < 3; i++) {
        add(mempool, NOTE_MEMBER, i, 0);
    }
    for (unsigned i = 3; i < 5; i++) {
        add(mempool, NOTE_OTHER_MEMBER, i, 1);
    }
    struct mempool_block block = roomy();
    block.txs_max = 1;
    static const size_t expected[] = {0, 1, 0, 1, 0};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(commit_one(mempool, &block), expected[i]);
    }
    assert_int_equal(mempool_stats(mempool).txs, 0);
}

/* A note with so much text. */
static struct tx *large_tx(const char *member, unsigned number, size_t bytes)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct secret_key secret;
    struct public_key key;
    struct hash genesis = note_genesis();
    struct tx *tx = NULL;
    char nonce[32];
    while (text.len < bytes) {
        buf_append_text(&text, "0123456789abcdef");
    }
    doc_set_text(body, "text", buf_text(&text));
    snprintf(nonce, sizeof nonce, "nonce-%08u", number);
    const struct tx_draft draft = {.genesis = &genesis,
                                   .member = member,
                                   .key_name = "compile",
                                   .type = "test.note",
                                   .nonce = nonce,
                                   .expires_ms = NOTE_EXPIRES_MS,
                                   .body = body};
    note_key(&secret, &key, "key");
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &genesis), 0);
    assert_int_equal(tx_verify(tx, &key), 0);
    return tx;
}

/* Turns are of a block's bytes, too: large transactions do not crowd out small ones. */
static void test_turns_are_fair_by_bytes(void **state)
{
    (void)state;
    static const struct mempool_limits limits = {
        .txs_max = 400, .bytes_max = 1 << 24, .member_txs_max = 400, .member_bytes_max = 1 << 24};
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&limits);
    for (unsigned i = 0; i < 40; i++) {
        AUTO(tx_free) struct tx *tx = large_tx(NOTE_MEMBER, i, 50000);
        assert_int_equal(mempool_add(mempool, tx, false, 0), 0);
    }
    for (unsigned i = 100; i < 140; i++) {
        add(mempool, NOTE_OTHER_MEMBER, i, 1);
    }
    struct tx *out[64];
    struct mempool_block block = roomy();
    block.txs_max = block.member_txs_max = 64;
    block.bytes_max = 400000;
    size_t count = mempool_candidates(mempool, out, &block);
    assert_in_range(count_of(out, count, NOTE_OTHER_MEMBER), 32, 40);
    assert_in_range(count_of(out, count, NOTE_MEMBER), 4, 5);
    /* One that fits no block at all keeps back neither its member nor others. */
    block.bytes_max = 60000;
    add(mempool, NOTE_MEMBER, 200, 1);
    count = mempool_candidates(mempool, out, &block);
    assert_int_equal(count_of(out, count, NOTE_OTHER_MEMBER), 40);
    assert_int_equal(count_of(out, count, NOTE_MEMBER), 1);
}

/* Two members cannot fill the pool for good: whoever has less here finds room. */
static void test_who_has_most_makes_room(void **state)
{
    (void)state;
    struct told told = {0};
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&small);
    struct hash newest = {{0}};
    for (unsigned i = 0; i < 4; i++) {
        newest = add(mempool, NOTE_MEMBER, i, 0);
    }
    add(mempool, NOTE_OTHER_MEMBER, 10, 0);
    add(mempool, NOTE_OTHER_MEMBER, 11, 0);
    assert_int_equal(mempool_wait(mempool, &newest, on_done, &told), 0);
    struct hash third = add(mempool, "114400000069401674", 20, 0);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.error, ERR_UNAVAILABLE);
    assert_null(mempool_find(mempool, &newest));
    assert_non_null(mempool_find(mempool, &third));
    add(mempool, "114400000069401674", 21, 0);
    assert_int_equal(mempool_stats(mempool).txs, 6); /* two of each */
    AUTO(tx_free) struct tx *more = note_tx("114400000069401674", 22, NOTE_EXPIRES_MS);
    AUTO(tx_free) struct tx *again = note_tx(NOTE_MEMBER, 23, NOTE_EXPIRES_MS);
    assert_int_equal(mempool_add(mempool, more, false, 0), ERR_UNAVAILABLE);
    assert_int_equal(mempool_add(mempool, again, false, 0), ERR_UNAVAILABLE);
    assert_int_equal(mempool_stats(mempool).txs, 6);
}

static void test_room_is_made_in_bytes(void **state)
{
    (void)state;
    AUTO(tx_free) struct tx *large = large_tx(NOTE_MEMBER, 1, 20000);
    AUTO(tx_free) struct tx *also = large_tx(NOTE_MEMBER, 2, 20000);
    struct mempool_limits limits = small;
    limits.bytes_max = limits.member_bytes_max = large->raw.len + also->raw.len;
    AUTO(mempool_close) struct mempool *mempool = mempool_open(&limits);
    assert_int_equal(mempool_add(mempool, large, false, 0), 0);
    assert_int_equal(mempool_add(mempool, also, false, 0), 0);
    add(mempool, NOTE_OTHER_MEMBER, 3, 0);
    assert_null(mempool_find(mempool, &also->id));
    AUTO(tx_free) struct tx *other = large_tx(NOTE_OTHER_MEMBER, 4, 20000);
    assert_int_equal(mempool_add(mempool, other, false, 0), ERR_UNAVAILABLE);
    assert_non_null(mempool_find(mempool, &large->id));
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
    mempool_refused(mempool, &again->id, ERR_STATUS, NULL);
    struct hash other = add(mempool, NOTE_OTHER_MEMBER, 6, 0);
    add(mempool, NOTE_OTHER_MEMBER, 7, 0);
    add(mempool, NOTE_OTHER_MEMBER, 9, 0);
    AUTO(tx_free) struct tx *seventh = note_tx(NOTE_OTHER_MEMBER, 8, NOTE_EXPIRES_MS);
    assert_int_equal(mempool_add(mempool, seventh, false, 0), ERR_UNAVAILABLE);
    assert_int_equal(mempool_stats(mempool).txs, 6);
    mempool_refused(mempool, &other, ERR_STATUS, NULL);
    assert_int_equal(mempool_add(mempool, seventh, false, 0), 0);
    /* Leaving gives the share back. */
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
        cmocka_unit_test(test_order_of_arrival),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bytes_are_bounded),
        cmocka_unit_test(test_waiters_are_told_once),
        cmocka_unit_test(test_waiters_are_bounded),
        cmocka_unit_test(test_local_ones_for_gossip),
        cmocka_unit_test(test_passed_over),
        cmocka_unit_test(test_unorderable_ones_are_passed_by),
        cmocka_unit_test(test_members_take_turns),
        cmocka_unit_test(test_turns_go_on_in_the_next_block),
        cmocka_unit_test(test_turns_are_fair_by_bytes),
        cmocka_unit_test(test_who_has_most_makes_room),
        cmocka_unit_test(test_room_is_made_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
