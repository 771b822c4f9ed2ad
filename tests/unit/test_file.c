/* Files on a real file system: what is read, what survives a failed write, what is refused. */
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void assert_holds(const char *path, const char *text)
{
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(file_read(&got, path, 1000), 0);
    assert_string_equal(buf_text(&got), text);
    assert_int_equal(got.len, strlen(text));
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

/* Files in the scratch directory whose name begins so: a temporary left behind would count. */
static int count_names(const char *prefix)
{
    int count = 0;
    DIR *directory = opendir(scratch_directory);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    }
    closedir(directory);
    return count;
}

static void reads_within_bounds(void **state)
{
    (void)state;
    const char *path = scratch_path("bounds");
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(file_create(path, view_of_text("12345"), 0600), 0);
    assert_int_equal(file_read(&got, path, 5), 0);
    assert_int_equal(got.len, 5);
    assert_int_equal(file_read(&got, path, 5), 0); /* replaces, does not append */
    assert_int_equal(got.len, 5);
    assert_int_equal(file_read(&got, path, 4), ERR_TOO_LARGE);
    assert_int_equal(got.len, 0);
    assert_int_equal(file_read(&got, path, 0), ERR_TOO_LARGE);
}

static void reads_what_has_no_size(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(file_read(&got, "/proc/self/status", 100000), 0);
    assert_non_null(strstr(buf_text(&got), "Pid:"));
    assert_int_equal(file_read(&got, "/proc/self/status", 10), ERR_TOO_LARGE);
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf got = {0};
    const char *fifo = scratch_path("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(file_read(&got, fifo, 10), ERR_NOT_FILE); /* and does not wait for a writer */
    assert_int_equal(file_read(&got, scratch_directory, 10), ERR_NOT_FILE);
    assert_int_equal(file_read(&got, "/dev/zero", 10), ERR_NOT_FILE);
    assert_int_equal(file_read(&got, scratch_path("nothing"), 10), ERR_NOT_FOUND);
    assert_int_equal(file_read(&got, scratch_path("nothing/below"), 10), ERR_NOT_FOUND);
}

static void replaces(void **state)
{
    (void)state;
    const char *path = scratch_path("replaced");
    mode_t before = umask(077);
    assert_int_equal(file_write_atomic(path, view_of_text("first, longer"), 0600), 0);
    assert_int_equal(file_write_atomic(path, view_of_text("second"), 0644), 0);
    umask(before);
    assert_holds(path, "second");
    assert_int_equal(mode_of(path), 0644); /* whatever the umask */
    assert_int_equal(file_write_atomic(path, view_of(NULL, 0), 0600), 0);
    assert_holds(path, "");
    assert_int_equal(count_names("replaced"), 1);
    assert_int_equal(file_write_atomic(scratch_path("no/where"), view_of_text("x"), 0600),
                     ERR_NOT_FOUND);
}

static void creates_only_once(void **state)
{
    (void)state;
    const char *path = scratch_path("created");
    assert_int_equal(file_create(path, view_of_text("mine"), 0600), 0);
    assert_int_equal(file_create(path, view_of_text("yours"), 0600), ERR_EXISTS);
    assert_holds(path, "mine");
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(count_names("created"), 1);
    const char *dangling = scratch_path("dangling");
    assert_int_equal(symlink("/nowhere/at/all", dangling), 0);
    assert_int_equal(file_create(dangling, view_of_text("x"), 0600), ERR_EXISTS);
}

/* The disk refuses part of a write (here: a limit on file size): the old contents stay. */
static void failed_write_changes_nothing(void **state)
{
    (void)state;
    const char *path = scratch_path("kept");
    static uint8_t large[20000];
    struct rlimit before, low;
    assert_int_equal(file_create(path, view_of_text("old"), 0600), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = before;
    low.rlim_cur = 10000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    int replaced = file_write_atomic(path, view_of(large, sizeof large), 0600);
    int created = file_create(scratch_path("kept-new"), view_of(large, sizeof large), 0600);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(replaced, ERR_DISK_FULL);
    assert_int_equal(created, ERR_DISK_FULL);
    assert_holds(path, "old");
    assert_int_equal(count_names("kept"), 1);
}

static void full_disk(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, view_of_text("x"), 0), ERR_DISK_FULL);
    close(fd);
}

static void reads_and_writes_at_offsets(void **state)
{
    (void)state;
    char got[4] = {0};
    int fd = open(scratch_path("offsets"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, view_of_text("world"), 6), 0);
    assert_int_equal(file_write_all(fd, view_of_text("hello "), 0), 0);
    assert_int_equal(file_read_all(fd, got, 3, 8), 0);
    assert_string_equal(got, "rld");
    assert_int_equal(file_read_all(fd, got, 4, 8), ERR_IO); /* one byte short */
    assert_int_equal(file_read_all(fd, got, 0, 1000), 0);
    close(fd);
    assert_int_equal(file_read_all(fd, got, 1, 0), ERR_IO);
    assert_int_equal(file_write_all(fd, view_of_text("x"), 0), ERR_IO);
}

static void directories(void **state)
{
    (void)state;
    assert_int_equal(file_make_directory(scratch_path("a/b//c/"), 0700), 0);
    assert_int_equal(mode_of(scratch_path("a/b/c")), 0700);
    assert_int_equal(file_make_directory(scratch_path("a/b/c"), 0700), 0);
    assert_int_equal(file_make_directory("/", 0700), 0);
    assert_int_equal(file_create(scratch_path("plain"), view_of_text("x"), 0600), 0);
    assert_int_equal(file_make_directory(scratch_path("plain"), 0700), ERR_NOT_DIRECTORY);
    assert_int_equal(file_make_directory(scratch_path("plain/below"), 0700), ERR_NOT_DIRECTORY);
    assert_int_equal(symlink("loop", scratch_path("loop")), 0);
    assert_int_equal(file_make_directory(scratch_path("loop"), 0700), ERR_LINK_LOOP);
    assert_int_equal(file_make_directory(scratch_path("loop/below"), 0700), ERR_LINK_LOOP);
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, scratch_path("loop"), 10), ERR_LINK_LOOP);
    assert_int_equal(file_sync_directory(scratch_directory), 0);
    assert_int_equal(file_sync_directory(scratch_path("plain")), ERR_NOT_DIRECTORY);
    assert_int_equal(chdir(scratch_directory), 0);
    assert_int_equal(file_make_directory("relative/path", 0700), 0);
    assert_int_equal(file_create("relative.txt", view_of_text("x"), 0600), 0);
    assert_holds(scratch_path("relative.txt"), "x");
}

static void errors_of_the_system(void **state)
{
    (void)state;
    assert_int_equal(file_error(0), 0);
    assert_int_equal(file_error(ENOSPC), ERR_DISK_FULL);
    assert_int_equal(file_error(EDQUOT), ERR_DISK_FULL);
    assert_int_equal(file_error(ENOENT), ERR_NOT_FOUND);
    assert_int_equal(file_error(EEXIST), ERR_EXISTS);
    assert_int_equal(file_error(EAGAIN), ERR_BUSY);
    assert_int_equal(file_error(EIO), ERR_IO);
    assert_int_equal(file_error(EACCES), ERR_IO);
}

static void test_secrets_are_read_from_files_of_their_own(void **state)
{
    (void)state;
    static const unsigned open_modes[] = {0640, 0604, 0620, 0602, 0666, 0610};
    AUTO(buf_free) struct buf text = {0};
    const char *path = scratch_path("secret");
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(file_write_atomic(path, view_of_text("s"), open_modes[i]), 0);
        assert_int_equal(file_read_private(&text, path, 10), ERR_PERMISSION);
        assert_int_equal(text.len, 0);
    }
    assert_int_equal(file_write_atomic(path, view_of_text("s"), 0600), 0);
    assert_int_equal(file_read_private(&text, path, 10), 0);
    assert_int_equal(text.len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_are_read_from_files_of_their_own),
        cmocka_unit_test(reads_within_bounds),
        cmocka_unit_test(reads_what_has_no_size),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(replaces),
        cmocka_unit_test(creates_only_once),
        cmocka_unit_test(failed_write_changes_nothing),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(reads_and_writes_at_offsets),
        cmocka_unit_test(directories),
        cmocka_unit_test(errors_of_the_system),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
