/* The safety record on disk: slots, copies, torn writes, rot, locks. */
#include "check.h"
#include "count_syncs.h"
#include "safety_disk.h"
#include "scratch.h"

#include "base/file.h"
#include "base/memory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct hash genesis = {{1}};
static struct vote_key key;

static struct safety_record record_at(uint64_t height)
{
    struct safety_record record;
    safety_record_init(&record);
    record.height = height;
    return record;
}

static void make(struct test_disk *disk)
{
    memset(disk, 0, sizeof *disk);
    struct safety_disk io = test_disk_of(disk);
    assert_int_equal(safety_create(&io, &genesis, &key, false), OK);
}

static struct safety *open_disk(struct test_disk *disk)
{
    struct safety_disk io = test_disk_of(disk);
    struct safety *safety = NULL;
    assert_int_equal(safety_open(&safety, &io, &genesis, &key), OK);
    return safety;
}

static int try_open(struct test_disk *disk)
{
    struct safety_disk io = test_disk_of(disk);
    struct safety *safety = NULL;
    int error = safety_open(&safety, &io, &genesis, &key);
    safety_close(&safety);
    return error;
}

static uint64_t height_on(struct test_disk *disk)
{
    struct safety *safety = open_disk(disk);
    uint64_t height = safety_loaded(safety)->height;
    safety_close(&safety);
    return height;
}

static void save(struct test_disk *disk, uint64_t height)
{
    struct safety *safety = open_disk(disk);
    struct safety_record record = record_at(height);
    assert_int_equal(safety_save(safety, &record), OK);
    safety_close(&safety);
}

/* Everything a record can hold, at its largest. */
static struct safety_record full_record(void)
{
    struct safety_record record = record_at(9);
    record.round = 5;
    record.step = STEP_PRECOMMIT;
    record.locked_round = 5;
    record.valid_round = 5;
    memset(record.locked_block.bytes, 7, HASH_BYTES);
    record.valid_block = record.locked_block;
    record.has_proposal = record.has_prevote = record.has_precommit = true;
    record.proposal = (struct proposal){.height = 9, .round = 5, .valid_round = ROUND_NONE};
    record.proposal.header = (struct header){.version = HEADER_VERSION, .height = 9};
    memcpy(record.proposal.header.proposer, "910000000000000001", MEMBER_ID_CHARS);
    header_hash(&record.proposal.block, &record.proposal.header);
    record.prevote = (struct vote){.type = VOTE_PREVOTE, .height = 9, .round = 5};
    memcpy(record.prevote.validator, "910000000000000001", MEMBER_ID_CHARS);
    record.precommit = record.prevote;
    record.precommit.type = VOTE_PRECOMMIT;
    record.precommit.block = record.locked_block;
    record.valid_prevote_count = record.entry_precommit_count = SAFETY_QUORUM_MAX;
    record.hold_height = 12;
    record.hold_reason = HOLD_ROLLED_BACK;
    for (size_t i = 0; i < SAFETY_QUORUM_MAX; i++) {
        record.valid_prevotes[i].validator = record.entry_precommits[i].validator = (uint16_t)i;
        record.valid_prevotes[i].block = record.valid_block;
        memset(record.valid_prevotes[i].signature.bytes, (int)i, SIGNATURE_BYTES);
        memset(record.entry_precommits[i].block.bytes, (int)i, HASH_BYTES);
    }
    return record;
}

static void test_largest_record_round_trips(void **state)
{
    (void)state;
    static struct test_disk disk;
    make(&disk);
    struct safety_record record = full_record();
    struct safety *safety = open_disk(&disk);
    assert_int_equal(safety_save(safety, &record), OK);
    safety_close(&safety);
    safety = open_disk(&disk);
    AUTO(buf_free) struct buf before = {0}, after = {0};
    safety_record_encode(&before, &record);
    safety_record_encode(&after, safety_loaded(safety));
    assert_true(view_equal(view_of_buf(&before), view_of_buf(&after)));
    safety_close(&safety);
}

#define HOLD_BYTES 9 /* at the end of a record */

static void test_record_decode_refuses_every_truncation_and_bad_step(void **state)
{
    (void)state;
    struct safety_record record = full_record(), out;
    AUTO(buf_free) struct buf bytes = {0};
    safety_record_encode(&bytes, &record);
    for (size_t len = 0; len < bytes.len; len++) {
        struct reader reader = reader_of(view_of(bytes.data, len));
        if (len == bytes.len - HOLD_BYTES) {
            continue; /* a record without a hold */
        }
        assert_int_equal(safety_record_decode(&out, &reader), ERR_ENCODING);
    }
    const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } cases[] = {
        {"round beyond ROUND_MAX", 8, 0xff},
        {"step that is not the last message's", 12, STEP_PREVOTE},
        {"lock after the round", 16, 7},
        {"valid value without a block", 13 + 36 + 3, 0},
        {"unknown message bit", 13 + 72, 15},
        {"a message missing", 13 + 72, 3},
        {"a hold of no height", bytes.len - 2, 0},
        {"a hold for no reason", bytes.len - 1, 0},
        {"a hold for an unknown reason", bytes.len - 1, 4},
        {"a hold for ever up to some height", bytes.len - 1, HOLD_ALONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t old = bytes.data[cases[i].offset];
        bytes.data[cases[i].offset] = cases[i].value;
        struct reader reader = reader_of(view_of_buf(&bytes));
        if (safety_record_decode(&out, &reader) == OK && reader_done(&reader))
            fail_msg("decoded: %s", cases[i].what);
        bytes.data[cases[i].offset] = old;
    }
}

static void test_new_record_is_empty_and_newest_wins(void **state)
{
    (void)state;
    static struct test_disk disk;
    make(&disk);
    assert_int_equal(height_on(&disk), 0);
    for (uint64_t height = 1; height < 8; height++) {
        save(&disk, height);
        assert_int_equal(height_on(&disk), height);
    }
}

/* Pitfall 5: torn writes at every length of either copy leave the record before or the new one, and
 * never an older one or none. */
static void test_torn_write_keeps_the_last_synced_record(void **state)
{
    (void)state;
    static struct test_disk disk, torn;
    make(&disk);
    save(&disk, 5);
    struct safety *safety = open_disk(&disk);
    torn = disk; /* before the write */
    struct safety_record record = record_at(6);
    assert_int_equal(safety_save(safety, &record), OK);
    safety_close(&safety);
    unsigned new_records = 0, old_records = 0;
    for (size_t a = 0; a <= SAFETY_COPY_BYTES; a += a < 400 ? 7 : 512) {
        for (size_t b = 0; b <= SAFETY_COPY_BYTES; b += b < 400 ? 101 : 4096) {
            static struct test_disk trial;
            trial = torn;
            for (size_t slot = 0; slot < 2; slot++) {
                size_t at = slot * 2 * SAFETY_COPY_BYTES;
                memcpy(trial.cache + at, disk.cache + at, a);
                memcpy(trial.cache + at + SAFETY_COPY_BYTES, disk.cache + at + SAFETY_COPY_BYTES,
                       b);
            }
            uint64_t height = height_on(&trial);
            assert_true(height == 5 || height == 6);
            ++*(height == 5 ? &old_records : &new_records);
        }
    }
    assert_true(old_records > 0 && new_records > 0);
}

/* A flipped bit anywhere in one copy, or a copy that cannot be read, is survived by the other. */
static void test_rot_of_any_one_copy_is_survived(void **state)
{
    (void)state;
    static struct test_disk disk, trial;
    make(&disk);
    save(&disk, 3);
    save(&disk, 4);
    for (unsigned copy = 0; copy < SAFETY_COPIES; copy++) {
        for (size_t at = 0; at < 260; at++) {
            trial = disk;
            trial.cache[copy * SAFETY_COPY_BYTES + at] ^= (uint8_t)(1U << at % 8);
            assert_int_equal(height_on(&trial), 4);
        }
        trial = disk;
        trial.unreadable[copy] = true;
        struct safety *safety = open_disk(&trial);
        assert_int_equal(safety_damaged_copies(safety), 1);
        assert_int_equal(safety_loaded(safety)->height, 4);
        safety_close(&safety);
    }
}

static void test_nothing_left_is_corrupt(void **state)
{
    (void)state;
    static struct test_disk disk;
    make(&disk);
    memset(disk.cache, 0, sizeof disk.cache);
    assert_int_equal(try_open(&disk), ERR_SAFETY_DAMAGED);
    make(&disk);
    for (size_t copy = 0; copy < SAFETY_COPIES; copy++)
        disk.cache[copy * SAFETY_COPY_BYTES + 90] ^= 1;
    assert_int_equal(try_open(&disk), ERR_SAFETY_DAMAGED);
}

static void test_bound_to_genesis_and_key(void **state)
{
    (void)state;
    static struct test_disk disk;
    make(&disk);
    struct safety_disk io = test_disk_of(&disk);
    struct safety *safety = NULL;
    struct hash other_genesis = {{2}};
    struct vote_key other_key = {{2}};
    assert_int_equal(safety_open(&safety, &io, &other_genesis, &key), ERR_SAFETY_OTHER);
    assert_int_equal(safety_open(&safety, &io, &genesis, &other_key), ERR_SAFETY_OTHER);
    assert_null(safety);
}

/* A failed write or sync is never retried: the kernel may have dropped the data and say yes. */
static void test_failed_sync_is_final(void **state)
{
    (void)state;
    static struct test_disk disk;
    for (int fail_write = 0; fail_write <= 2; fail_write++) {
        make(&disk);
        struct safety *safety = open_disk(&disk);
        disk.fail_write = fail_write;
        disk.fail_sync = fail_write == 0;
        struct safety_record record = record_at(1);
        assert_int_equal(safety_save(safety, &record), fail_write ? ERR_DISK_FULL : ERR_IO);
        assert_int_equal(safety_loaded(safety)->height, 0);
        unsigned writes = disk.writes, syncs = disk.syncs;
        assert_int_equal(safety_save(safety, &record), ERR_IO);
        assert_int_equal(disk.writes, writes);
        assert_int_equal(disk.syncs, syncs);
        safety_close(&safety);
    }
}

/* Killed between write and sync, the next process reads the record from the cache. Before it may
 * act on it, the record must be durable: a power failure right after opening keeps it. */
static void test_record_read_from_the_cache_is_made_durable(void **state)
{
    (void)state;
    static struct test_disk disk;
    make(&disk);
    struct safety *safety = open_disk(&disk);
    disk.fail_sync = 1;
    struct safety_record record = record_at(1);
    assert_int_equal(safety_save(safety, &record), ERR_IO);
    safety_close(&safety);
    assert_int_equal(height_on(&disk), 1);
    test_disk_lose_power(&disk);
    assert_int_equal(height_on(&disk), 1);
    make(&disk);
    disk.fail_sync = 1;
    assert_int_equal(try_open(&disk), ERR_IO);
}

/* ---- the real file ---- */

static void test_file_is_made_once_and_survives(void **state)
{
    (void)state;
    const char *path = scratch_path("safety");
    struct safety *safety = NULL;
    assert_int_equal(safety_open_file(&safety, path, &genesis, &key), ERR_NOT_FOUND);
    assert_int_equal(safety_create_file(path, &genesis, &key, false), OK);
    assert_int_equal(safety_create_file(path, &genesis, &key, false), ERR_EXISTS);
    for (uint64_t height = 1; height <= 3; height++) {
        assert_int_equal(safety_open_file(&safety, path, &genesis, &key), OK);
        assert_int_equal(safety_loaded(safety)->height, height - 1);
        assert_int_equal(safety_damaged_copies(safety), 0);
        struct safety_record record = record_at(height);
        assert_int_equal(safety_save(safety, &record), OK);
        safety_close(&safety);
    }
}

/* No crash leaves a record free that is to be held from the beginning. */
static void test_a_record_that_is_held_from_the_beginning(void **state)
{
    (void)state;
    const char *path = scratch_path("safety");
    struct safety *safety = NULL;
    assert_int_equal(safety_create_file(path, &genesis, &key, true), OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(safety_open_file(&safety, path, &genesis, &key), OK);
        assert_int_equal(safety_loaded(safety)->height, 0);
        assert_true(safety_loaded(safety)->hold_height == HOLD_EVERYTHING);
        assert_int_equal(safety_loaded(safety)->hold_reason, HOLD_ALONE);
        assert_int_equal(safety_damaged_copies(safety), 0);
        safety_close(&safety);
    }
}

/* Pitfall "the same key run twice": the same file, or another home with a copy of the key. */
static void test_same_key_twice_on_one_host_is_refused(void **state)
{
    (void)state;
    const char *path = scratch_path("safety"), *copy = scratch_path("copy");
    assert_int_equal(safety_create_file(path, &genesis, &key, false), OK);
    assert_int_equal(safety_create_file(copy, &genesis, &key, false), OK);
    struct safety *first = NULL, *second = NULL;
    assert_int_equal(safety_open_file(&first, path, &genesis, &key), OK);
    assert_int_equal(safety_open_file(&second, path, &genesis, &key), ERR_BUSY);
    assert_int_equal(safety_open_file(&second, copy, &genesis, &key), ERR_VOTE_KEY_BUSY);
    safety_close(&first);
    assert_int_equal(safety_open_file(&second, copy, &genesis, &key), OK);
    safety_close(&second);
}

/* The lock on the file is one of its own: the one on the key's name is not seen from another
 * network namespace. */
static void test_a_file_that_somebody_holds_is_refused(void **state)
{
    (void)state;
    const char *path = scratch_path("safety");
    struct safety *safety = NULL;
    assert_int_equal(safety_create_file(path, &genesis, &key, false), OK);
    int holder = open(path, O_RDWR | O_CLOEXEC);
    assert_true(holder >= 0 && flock(holder, LOCK_EX) == 0);
    assert_int_equal(safety_open_file(&safety, path, &genesis, &key), ERR_BUSY);
    assert_int_equal(close(holder), 0);
    assert_int_equal(safety_open_file(&safety, path, &genesis, &key), OK);
    safety_close(&safety);
}

/* A link may lead to another record tomorrow; that the directory is one changes nothing. */
static void test_a_link_is_no_record(void **state)
{
    (void)state;
    char elsewhere[PATH_MAX];
    struct safety *safety = NULL;
    (void)snprintf(elsewhere, sizeof elsewhere, "%s", scratch_path("elsewhere"));
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(safety_create_file(scratch_path("elsewhere/safety"), &genesis, &key, false),
                     OK);
    assert_int_equal(symlink("elsewhere/safety", scratch_path("safety")), 0);
    assert_int_equal(safety_open_file(&safety, scratch_path("safety"), &genesis, &key),
                     ERR_SAFETY_LINK);
    assert_int_equal(symlink("nowhere", scratch_path("safety-0")), 0);
    assert_int_equal(safety_open_file(&safety, scratch_path("safety-0"), &genesis, &key),
                     ERR_SAFETY_LINK); /* missing is another thing: that may be made anew */
    assert_int_equal(symlink("elsewhere", scratch_path("data")), 0);
    assert_int_equal(safety_open_file(&safety, scratch_path("data/safety"), &genesis, &key), OK);
    safety_close(&safety);
}

/* Nothing counts as saved before the disk has it. */
static void test_file_is_synced(void **state)
{
    (void)state;
    const char *path = scratch_path("safety");
    struct safety *safety = NULL;
    assert_int_equal(safety_create_file(path, &genesis, &key, false), OK);
    (void)count_syncs();
    assert_int_equal(safety_open_file(&safety, path, &genesis, &key), OK);
    assert_true(count_syncs() >= 1); /* what was read may come from the cache */
    for (uint64_t height = 1; height <= 3; height++) {
        struct safety_record record = record_at(height);
        assert_int_equal(safety_save(safety, &record), OK);
        assert_int_equal(count_syncs(), 1);
    }
    safety_close(&safety);
}

static void test_cut_file_is_corrupt(void **state)
{
    (void)state;
    const char *path = scratch_path("safety");
    assert_int_equal(safety_create_file(path, &genesis, &key, false), OK);
    assert_int_equal(truncate(path, SAFETY_FILE_BYTES - 1), 0);
    struct safety *safety = NULL;
    assert_int_equal(safety_open_file(&safety, path, &genesis, &key), ERR_SAFETY_DAMAGED);
}

/* A later version holds the record for a reason that this one does not know: the slot before it has
 * no hold, and would sign. */
static void test_unknown_form_is_no_damage(void **state)
{
    (void)state;
    struct test_disk disk;
    make(&disk);
    struct safety *safety = open_disk(&disk);
    struct safety_record record = record_at(7);
    assert_int_equal(safety_save(safety, &record), OK);
    record.hold_height = 9;
    record.hold_reason = HOLD_ROLLED_BACK;
    assert_int_equal(safety_save(safety, &record), OK);
    safety_close(&safety);
    unsigned changed = 0;
    for (size_t i = 0; i < SAFETY_COPIES; i++) {
        uint8_t *copy = disk.cache + i * SAFETY_COPY_BYTES;
        size_t end = 84 + ((size_t)copy[82] << 8 | copy[83]); /* after the record: its checksum */
        if (copy[end - 1] == HOLD_ROLLED_BACK) {
            copy[end - 1] = 99;
            struct hash sum = hash_sha256(view_of(copy, end));
            memcpy(copy + end, sum.bytes, HASH_BYTES);
            changed++;
        }
    }
    assert_int_equal(changed, 2);
    struct safety_disk io = test_disk_of(&disk);
    assert_int_equal(safety_open(&safety, &io, &genesis, &key), ERR_SAFETY_FORM);
}

int main(void)
{
    struct secret_key secret; /* random: the lock on it is seen by everything on this machine */
    sign_random_key(&secret);
    if (sign_vote_key(&key, &secret) != OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_form_is_no_damage),
        cmocka_unit_test(test_largest_record_round_trips),
        cmocka_unit_test(test_record_decode_refuses_every_truncation_and_bad_step),
        cmocka_unit_test(test_new_record_is_empty_and_newest_wins),
        cmocka_unit_test(test_torn_write_keeps_the_last_synced_record),
        cmocka_unit_test(test_rot_of_any_one_copy_is_survived),
        cmocka_unit_test(test_nothing_left_is_corrupt),
        cmocka_unit_test(test_bound_to_genesis_and_key),
        cmocka_unit_test(test_failed_sync_is_final),
        cmocka_unit_test(test_record_read_from_the_cache_is_made_durable),
        cmocka_unit_test_setup_teardown(test_file_is_made_once_and_survives, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_same_key_twice_on_one_host_is_refused, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_record_that_is_held_from_the_beginning, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_file_that_somebody_holds_is_refused, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_link_is_no_record, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_file_is_synced, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_cut_file_is_corrupt, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
