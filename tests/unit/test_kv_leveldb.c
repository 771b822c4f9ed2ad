/* The key-value store on LevelDB: a real directory, what reaches the disk, rot, and snapshots
 * beside a writer. */
#include "base/log.h"
#include "base/memory.h"
#include "count_syncs.h"
#include "kv_values.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

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
    struct kv *kv = NULL;
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("syncs")), OK);
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
        _exit(execl("/proc/self/exe", "test_kv_leveldb", "--open", path, (char *)NULL));
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

/* ---- one moment of both databases ---- */

/* Another thread's write, begun right after the index was taken by a snapshot. */
static struct {
    struct kv *kv; /* NULL: nobody writes */
    struct kv_batch *batch;
    pthread_t thread;
    atomic_bool written;
} meanwhile;

static void *write_meanwhile(void *context)
{
    struct kv *kv = context;
    int error = kv_write(kv, meanwhile.batch, true);
    atomic_store(&meanwhile.written, true);
    return error == OK ? NULL : "failed";
}

/* In the place of LevelDB's (--wrap): given time, the write gets as far as it may. */
const void *__real_leveldb_create_snapshot(void *database);
const void *__wrap_leveldb_create_snapshot(void *database);
const void *__wrap_leveldb_create_snapshot(void *database)
{
    const void *snapshot = __real_leveldb_create_snapshot(database);
    struct kv *kv = meanwhile.kv;
    meanwhile.kv = NULL;
    if (kv != NULL) {
        assert_int_equal(pthread_create(&meanwhile.thread, NULL, write_meanwhile, kv), 0);
        for (int i = 0; i < 100 && !atomic_load(&meanwhile.written); i++)
            usleep(3000);
    }
    return snapshot;
}

/* What leaves the history between the two halves of a snapshot is still there for it: its index
 * leads to it, and not finding it would be damage. */
static void leveldb_snapshots_are_of_one_moment(void **state)
{
    (void)state;
    struct kv *kv = NULL;
    void *failed = NULL;
    AUTO(buf_free) struct buf key = {0};
    AUTO(buf_free) struct buf value = {0};
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    history_key(&key, KV_BODY, 1, "x");
    assert_int_equal(kv_open_leveldb(&kv, scratch_path("moment")), OK);
    kv_batch_put(batch, view_of_buf(&key), view_of_text("body"));
    kv_batch_put(batch, view_of_text("kept from"), view_of_text("1"));
    assert_int_equal(kv_write(kv, batch, true), OK);
    kv_batch_clear(batch);
    kv_batch_delete(batch, view_of_buf(&key));
    kv_batch_put(batch, view_of_text("kept from"), view_of_text("2"));
    meanwhile.batch = batch;
    meanwhile.kv = kv;
    struct kv_snapshot *snapshot = kv_snapshot_take(kv);
    assert_int_equal(pthread_join(meanwhile.thread, &failed), 0);
    assert_null(failed);
    assert_value(kv, NULL, "kept from", "2");
    assert_int_equal(kv_get(kv, NULL, view_of_buf(&key), &value), ERR_NOT_FOUND);
    assert_value(kv, snapshot, "kept from", "1");
    assert_int_equal(kv_get(kv, snapshot, view_of_buf(&key), &value), OK);
    kv_snapshot_free(kv, &snapshot);
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
        cmocka_unit_test(leveldb_keeps_across_reopening),
        cmocka_unit_test(leveldb_syncs_what_it_is_told_to),
        cmocka_unit_test(leveldb_is_held_once),
        cmocka_unit_test(leveldb_refuses_what_is_no_directory),
        cmocka_unit_test(leveldb_detects_rot_in_its_log),
        cmocka_unit_test(leveldb_detects_rot_in_its_tables),
        cmocka_unit_test(leveldb_maps_no_tables),
        cmocka_unit_test(leveldb_snapshots_are_of_one_moment),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
