/* The last write of a store, half of which reached the disk: it is taken off, and nothing else is.
 * The logs are LevelDB's own. */
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/kv.h"
#include "chain/kv_log_tail.h"
#include "check.h"
#include "count_syncs.h"
#include "scratch.h"

#include <string.h>

#define RECORDS 3
#define VALUE_BYTES 100000 /* some blocks of the log */
#define STORE_LOG "000003.log"

static void key_of(struct buf *out, uint64_t height)
{
    buf_clear(out);
    buf_append_u8(out, KV_BLOCK);
    buf_append_u64(out, height);
}

static void write_record(struct kv *kv, uint64_t height, size_t bytes)
{
    static uint8_t value[VALUE_BYTES];
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    AUTO(buf_free) struct buf key = {0};
    memset(value, 'a' + (int)height, sizeof value);
    key_of(&key, height);
    kv_batch_put(batch, view_of_buf(&key), view_of(value, bytes));
    assert_int_equal(kv_write(kv, batch, true), OK);
}

static const char *log_path(const char *store)
{
    char name[96];
    (void)snprintf(name, sizeof name, "%s/history/" STORE_LOG, store);
    return scratch_path(name);
}

/* A new store of so many records; `ends` are the lengths of its log after each. */
static void make_store(const char *store, size_t ends[], size_t count, size_t bytes)
{
    struct kv *kv = NULL;
    AUTO(buf_free) struct buf log = {0};
    assert_int_equal(kv_open_leveldb(&kv, scratch_path(store)), OK);
    for (size_t i = 0; i < count; i++) {
        write_record(kv, i + 1, bytes);
        assert_int_equal(file_read(&log, log_path(store), 1 << 24), OK);
        ends[i] = log.len;
    }
    kv_close(&kv);
}

static int open_with(const char *store, const struct buf *log, uint64_t *records)
{
    struct kv *kv = NULL;
    AUTO(buf_free) struct buf key = {0};
    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(file_write_atomic(log_path(store), view_of_buf(log), 0600), OK);
    int error = kv_open_leveldb(&kv, scratch_path(store));
    if (error != OK)
        return error;
    for (*records = 0;; ++*records) {
        key_of(&key, *records + 1);
        error = kv_get(kv, NULL, view_of_buf(&key), &value);
        if (error != OK)
            break;
    }
    kv_close(&kv);
    assert_int_equal(error, ERR_NOT_FOUND);
    return OK;
}

/* Holes as a disk leaves them: sectors that never came. */
static void test_hole_in_the_last_record(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    AUTO(buf_free) struct buf spoilt = {0};
    size_t ends[RECORDS];
    make_store("holes", ends, RECORDS, VALUE_BYTES);
    assert_int_equal(file_read(&log, log_path("holes"), 1 << 24), OK);
    assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
    for (size_t at = 0; at + 512 <= log.len; at += 7 * 512) {
        buf_clear(&spoilt);
        buf_append_view(&spoilt, view_of_buf(&log));
        memset(spoilt.data + at, 0, 512);
        bool last = at >= ends[RECORDS - 2];
        bool both = !last && at + 512 > ends[RECORDS - 2]; /* a sector that two records share */
        if (!both)
            assert_int_equal(kv_log_sound_bytes(view_of_buf(&spoilt)),
                             last ? ends[RECORDS - 2] : log.len);
    }
}

static void test_store_opens_without_it(void **state)
{
    (void)state;
    static const size_t places[] = {3, 40000, 90000}; /* behind the last whole record */
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        AUTO(buf_free) struct buf log = {0};
        size_t ends[RECORDS];
        uint64_t records = 0;
        char store[16];
        (void)snprintf(store, sizeof store, "last%zu", i);
        make_store(store, ends, RECORDS, VALUE_BYTES);
        assert_int_equal(file_read(&log, log_path(store), 1 << 24), OK);
        memset(log.data + ends[RECORDS - 2] + places[i], 0, 2048);
        assert_int_equal(open_with(store, &log, &records), OK);
        assert_int_equal(records, RECORDS - 1);
    }
}

/* What was synced and is damaged is never taken off, wherever in its block it lies. */
static void test_damage_before_the_last_is_refused(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    enum { COUNT = 20 };
    size_t ends[COUNT];
    uint64_t records = 0;
    make_store("small", ends, COUNT, 900); /* all in one block */
    assert_int_equal(file_read(&log, log_path("small"), 1 << 24), OK);
    for (size_t at = 0; at < ends[COUNT - 2]; at += 5) {
        log.data[at] ^= 0x20;
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
        log.data[at] ^= 0x20;
    }
    log.data[ends[COUNT - 2] + 300] ^= 0x20; /* in the last: rot, for a hole is more than a bit */
    assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
    log.data[ends[COUNT - 2] + 300] ^= 0x20;
    log.data[ends[4] + 5] ^= 0x20; /* a length: what follows in the block is hard to find */
    assert_int_equal(open_with("small", &log, &records), ERR_CORRUPT);
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    size_t ends[RECORDS];
    make_store("cut", ends, RECORDS, VALUE_BYTES);
    assert_int_equal(file_read(&log, log_path("cut"), 1 << 24), OK);
    for (size_t len = ends[RECORDS - 2]; len < log.len; len += 1009) {
        size_t sound = kv_log_sound_bytes(view_of(log.data, len));
        assert_true(sound == len || sound == ends[RECORDS - 2]);
    }
    assert_int_equal(kv_log_sound_bytes((struct view){0}), 0);
    uint64_t records = 0;
    log.len = ends[RECORDS - 2] + 50000;
    assert_int_equal(open_with("cut", &log, &records), OK);
    assert_int_equal(records, RECORDS - 1);
}

/* What leaves the history is a write to its log, and the next body another. Whatever was not synced
 * when power failed may be gone; what was is there, so that the store opens. */
static void test_power_lost_behind_what_leaves(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    AUTO(buf_free) struct buf log = {0};
    AUTO(buf_free) struct buf key = {0};
    AUTO(kv_batch_free) struct kv_batch *leaving = kv_batch_new();
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("leaving")), OK);
    write_record(kv, 1, 900);
    assert_int_equal(file_read(&log, log_path("leaving"), 1 << 24), OK);
    size_t synced = log.len;
    for (uint64_t height = 10; height < 400; height++) {
        key_of(&key, height);
        kv_batch_delete(leaving, view_of_buf(&key));
    }
    (void)count_syncs();
    assert_int_equal(kv_write(kv, leaving, true), OK);
    assert_int_equal(file_read(&log, log_path("leaving"), 1 << 24), OK);
    synced = count_syncs() > 0 ? log.len : synced;
    write_record(kv, 2, VALUE_BYTES); /* in whose sync power fails */
    assert_int_equal(file_read(&log, log_path("leaving"), 1 << 24), OK);
    kv_close(&kv);
    size_t sector = synced - synced % 512 + 512;
    for (size_t at = sector; at + 512 <= log.len; at += 512) {
        AUTO(buf_free) struct buf left = {0};
        buf_append_view(&left, view_of_buf(&log));
        memset(left.data + at, 0, 512);
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&left)), synced);
    }
    uint64_t records = 0;
    memset(log.data + sector, 0, 512);
    assert_int_equal(open_with("leaving", &log, &records), OK);
    assert_int_equal(records, 1);
}

/* The bytes of a block too few for a header are always zero, and no hole. */
static void test_end_of_a_block_is_no_hole(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    enum { BLOCK = 32768, TRIED = 20000, ROTTEN = BLOCK + 300 };
    uint64_t records = 0;
    size_t ends[2];
    make_store("tried", ends, 1, TRIED);
    size_t rest = BLOCK - ends[0];
    for (size_t trailer = 1; trailer <= 6; trailer++) {
        struct kv *kv = NULL;
        char store[16];
        (void)snprintf(store, sizeof store, "block%zu", trailer);
        assert_int_equal(kv_open_leveldb(&kv, scratch_path(store)), OK);
        write_record(kv, 1, TRIED + rest - trailer);
        write_record(kv, 2, 900);
        kv_close(&kv);
        assert_int_equal(file_read(&log, log_path(store), 1 << 24), OK);
        log.data[ROTTEN] ^= 0x20;
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
        log.data[ROTTEN] ^= 0x20;
        memset(log.data + BLOCK, 0, 512);
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), BLOCK - trailer);
        assert_int_equal(open_with(store, &log, &records), OK);
        assert_int_equal(records, 1);
    }
}

/* A store of two records, the first of which ends that many bytes before a sector does. */
static void make_pair(struct buf *log, const char *store, size_t before_sector, size_t ends[2],
                      size_t bytes)
{
    enum { TRIED = 3000 };
    size_t tried;
    char other[24];
    struct kv *kv = NULL;
    (void)snprintf(other, sizeof other, "%s-tried", store);
    make_store(other, &tried, 1, TRIED);
    assert_int_equal(kv_open_leveldb(&kv, scratch_path(store)), OK);
    write_record(kv, 1, TRIED + (2 * 512 - tried % 512 - before_sector) % 512);
    assert_int_equal(file_read(log, log_path(store), 1 << 24), OK);
    ends[0] = log->len;
    assert_int_equal(ends[0] % 512, 512 - before_sector);
    write_record(kv, 2, bytes);
    assert_int_equal(file_read(log, log_path(store), 1 << 24), OK);
    ends[1] = log->len;
    kv_close(&kv);
}

/* The sector that the first record ends in stays as it was; of the second one it holds the first
 * bytes of the header only. */
static void test_little_of_a_header_is_lost(void **state)
{
    (void)state;
    for (size_t lost = 1; lost <= 6; lost++) {
        AUTO(buf_free) struct buf log = {0};
        size_t ends[2];
        uint64_t records = 0;
        char store[16];
        (void)snprintf(store, sizeof store, "header%zu", lost);
        make_pair(&log, store, lost, ends, 900);
        log.data[ends[0] + 100] ^= 0x20; /* rot, and nothing lost */
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
        log.data[ends[0] + 100] ^= 0x20;
        memset(log.data + ends[0], 0, lost);
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), ends[0]);
        assert_int_equal(open_with(store, &log, &records), OK);
        assert_int_equal(records, 1);
    }
}

/* A checksum that begins with zeros, right before a sector ends, is no hole: rot is refused. */
static void test_zeros_of_a_checksum_are_no_hole(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    size_t ends[2];
    make_pair(&log, "zeros", 1, ends, 900);
    log.data[ends[0]] = 0; /* as if it were its own, for the rest does not agree either */
    log.data[ends[0] + 100] ^= 0x20;
    assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), log.len);
}

/* However little of the record lies in the last sector. */
static void test_last_sector_is_lost(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf log = {0};
    size_t ends[2];
    uint64_t records = 0;
    make_pair(&log, "length", 100, ends, 900);
    size_t into = ends[1] % 512;
    for (size_t last = 1; last <= 17; last += 4) {
        char store[16];
        (void)snprintf(store, sizeof store, "end%zu", last);
        make_pair(&log, store, 100, ends, 900 + (512 + last - into) % 512);
        assert_int_equal(ends[1] % 512, last);
        memset(log.data + ends[1] - last, 0, last);
        assert_int_equal(kv_log_sound_bytes(view_of_buf(&log)), ends[0]);
        assert_int_equal(open_with(store, &log, &records), OK);
        assert_int_equal(records, 1);
    }
}

static void test_no_store_no_log(void **state)
{
    (void)state;
    assert_int_equal(kv_log_mend(scratch_path("nowhere")), OK);
    assert_int_equal(file_make_directory(scratch_path("empty"), 0700), OK);
    assert_int_equal(kv_log_mend(scratch_path("empty")), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hole_in_the_last_record),
        cmocka_unit_test(test_store_opens_without_it),
        cmocka_unit_test(test_damage_before_the_last_is_refused),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_power_lost_behind_what_leaves),
        cmocka_unit_test(test_end_of_a_block_is_no_hole),
        cmocka_unit_test(test_little_of_a_header_is_lost),
        cmocka_unit_test(test_zeros_of_a_checksum_are_no_hole),
        cmocka_unit_test(test_last_sector_is_lost),
        cmocka_unit_test(test_no_store_no_log),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
