/* The directories of a store: names that outlive a loss of power, and a store that was made and is
 * gone. What a loss of power really leaves is for tests/crash. */
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/kv.h"
#include "chain/kv_directory.h"
#include "check.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In the place of libc's: counts directories, and fails on demand. */
static unsigned directory_syncs;
static int sync_errno;

int fsync(int fd)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        directory_syncs++;
        if (sync_errno != 0) {
            errno = sync_errno;
            return -1;
        }
    }
    return (int)syscall(SYS_fsync, fd);
}

static unsigned syncs_since(void)
{
    unsigned count = directory_syncs;
    directory_syncs = 0;
    return count;
}

static void make(const char *name)
{
    assert_int_equal(file_create(scratch_path(name), (struct view){0}, 0600), OK);
    (void)syncs_since();
}

static void test_new_log_is_settled_once(void **state)
{
    (void)state;
    struct kv_names names;
    assert_int_equal(file_make_directory(scratch_path("db"), 0700), OK);
    make("db/000003.log");
    assert_int_equal(kv_names_open(&names, scratch_path("db")), OK);
    assert_int_equal(syncs_since(), 1);
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 0);
    make("db/000004.ldb"); /* another name is LevelDB's to sync, by its manifest */
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 0);
    make("db/000010.log");
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 1);
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 0);
    assert_int_equal(unlink(scratch_path("db/000003.log")), 0);
    make("db/000011.log.bak");
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 0);
    kv_names_close(&names);
}

/* Where times are coarse, the second of two changes leaves no trace of its own. */
static void test_new_log_in_the_same_moment(void **state)
{
    (void)state;
    struct kv_names names;
    struct stat before;
    assert_int_equal(file_make_directory(scratch_path("coarse"), 0700), OK);
    assert_int_equal(kv_names_open(&names, scratch_path("coarse")), OK);
    make("coarse/000003.log");
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 1);
    assert_int_equal(stat(scratch_path("coarse"), &before), 0);
    make("coarse/000004.log");
    const struct timespec times[] = {before.st_atim, before.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, scratch_path("coarse"), times, 0), 0);
    assert_int_equal(kv_names_settle(&names), OK);
    assert_int_equal(syncs_since(), 1);
    kv_names_close(&names);
}

static void test_failed_sync_is_told(void **state)
{
    (void)state;
    struct kv_names names;
    assert_int_equal(file_make_directory(scratch_path("failing"), 0700), OK);
    sync_errno = EIO;
    assert_int_equal(kv_names_open(&names, scratch_path("failing")), ERR_IO);
    sync_errno = 0;
    assert_int_equal(kv_names_open(&names, scratch_path("failing")), OK);
    make("failing/000007.log");
    sync_errno = ENOSPC;
    assert_int_equal(kv_names_settle(&names), ERR_DISK_FULL);
    sync_errno = 0;
    kv_names_close(&names);
    assert_int_equal(kv_names_open(&names, scratch_path("absent")), ERR_NOT_FOUND);
}

/* A block's worth of records that fills the memory table: the log behind it is a new file. */
static int write_block(struct kv *kv, uint64_t height)
{
    static uint8_t value[1 << 20];
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    AUTO(buf_free) struct buf key = {0};
    buf_append_u8(&key, KV_BLOCK);
    buf_append_u64(&key, height);
    kv_batch_put(batch, view_of_buf(&key), view_of(value, sizeof value));
    return kv_write(kv, batch, true);
}

static void test_store_settles_its_logs(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("store")), OK);
    (void)syncs_since();
    for (uint64_t height = 1; height <= 48; height++)
        assert_int_equal(write_block(kv, height), OK);
    assert_in_range(syncs_since(), 2, 3); /* 48 MiB through a table of 16 MiB */
    sync_errno = EIO;
    int failed = OK;
    for (uint64_t height = 49; height <= 96 && failed == OK; height++)
        failed = write_block(kv, height);
    sync_errno = 0;
    assert_int_equal(failed, ERR_IO);
    kv_close(&kv);
}

/* LevelDB would begin anew where CURRENT is missing. */
static void test_lost_store_is_refused(void **state)
{
    (void)state;
    static const char *const lost[] = {"index/CURRENT", "history/CURRENT"};
    for (size_t i = 0; i < COUNT_OF(lost); i++) {
        struct kv *kv = NULL;
        char name[64];
        snprintf(name, sizeof name, "lost%zu", i);
        assert_int_equal(kv_open_leveldb(&kv, scratch_path(name)), OK);
        assert_int_equal(write_block(kv, 1), OK);
        kv_close(&kv);
        snprintf(name, sizeof name, "lost%zu/%s", i, lost[i]);
        assert_int_equal(unlink(scratch_path(name)), 0);
        snprintf(name, sizeof name, "lost%zu", i);
        assert_int_equal(kv_open_leveldb(&kv, scratch_path(name)), ERR_CORRUPT);
        assert_null(kv);
    }
}

/* Power lost before the store was made: it is made then. */
static void test_half_made_store_is_made(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("half")), OK);
    kv_close(&kv);
    assert_int_equal(unlink(scratch_path("half/made")), 0);
    assert_int_equal(unlink(scratch_path("half/history/CURRENT")), 0);
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("half")), OK);
    kv_close(&kv);
    bool made = false;
    assert_int_equal(kv_was_made(&made, scratch_path("half")), OK);
    assert_true(made);
    assert_int_equal(kv_set_made(scratch_path("half")), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_log_is_settled_once),
        cmocka_unit_test(test_new_log_in_the_same_moment),
        cmocka_unit_test(test_failed_sync_is_told),
        cmocka_unit_test(test_store_settles_its_logs),
        cmocka_unit_test(test_lost_store_is_refused),
        cmocka_unit_test(test_half_made_store_is_made),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
