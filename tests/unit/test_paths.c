/* Paths beneath a root: what the kernel must refuse, and what it must find. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/paths.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int setup(void **state)
{
    if (scratch_make(state) != 0) {
        return -1;
    }
    struct view text = view_of_text("inside");
    return mkdir(scratch_path("shared"), 0700) || mkdir(scratch_path("shared/sub"), 0700) ||
           mkdir(scratch_path("sharedless"), 0700) ||
           file_write_atomic(scratch_path("shared/file.csv"), text, 0600) ||
           file_write_atomic(scratch_path("shared/sub/中文.csv"), text, 0600) ||
           file_write_atomic(scratch_path("outside"), view_of_text("secret"), 0600) ||
           file_write_atomic(scratch_path("sharedless/near"), view_of_text("secret"), 0600) ||
           symlink("file.csv", scratch_path("shared/link")) ||
           symlink("..", scratch_path("shared/up")) ||
           symlink("sub", scratch_path("shared/sublink")) ||
           symlink("/proc/self/root", scratch_path("shared/magic")) ||
           mkfifo(scratch_path("shared/pipe"), 0600);
}

static int open_file(const char *path)
{
    AUTO(fd_close) int root = -1;
    AUTO(fd_close) int fd = -1;
    struct file_mark mark;
    assert_int_equal(root_open(&root, scratch_path("shared")), 0);
    int error = root_open_file(&fd, &mark, root, path);
    assert_true((error == 0) == (fd >= 0));
    if (error == 0) {
        char text[6];
        assert_int_equal(mark.bytes, 6);
        assert_int_equal(file_read_all(fd, text, 6, 0), 0);
        assert_memory_equal(text, "inside", 6);
    }
    return error;
}

static void what_is_served(void **state)
{
    (void)state;
    char absolute[PATH_MAX], near_absolute[PATH_MAX];
    snprintf(absolute, sizeof absolute, "%s/shared/file.csv", scratch_directory);
    snprintf(near_absolute, sizeof near_absolute, "../sharedless/near");
    const struct {
        const char *path;
        int error;
    } cases[] = {
        {"file.csv", 0},
        {"sub/中文.csv", 0},
        {"./sub/../file.csv", 0}, /* stays beneath */
        {"sub//中文.csv", 0},
        {"absent", ERR_NOT_FOUND},
        {"file.csv/x", ERR_NOT_FOUND},
        {"", ERR_NOT_FOUND},
        {"..", ERR_PATH},
        {"../outside", ERR_PATH},
        {"sub/../../outside", ERR_PATH},
        {near_absolute, ERR_PATH},
        {absolute, ERR_PATH},
        {"/etc/passwd", ERR_PATH},
        {"link", ERR_PATH},
        {"sublink/中文.csv", ERR_PATH},
        {"up/outside", ERR_PATH},
        {"magic/etc/passwd", ERR_PATH},
        {"sub", ERR_PATH},
        {".", ERR_PATH},
        {"pipe", ERR_PATH},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int error = open_file(cases[i].path);
        if (error != cases[i].error) {
            fail_msg("%s: %s, not %s", cases[i].path, error_code(error),
                     error_code(cases[i].error));
        }
    }
}

static void a_change_is_seen(void **state)
{
    (void)state;
    AUTO(fd_close) int root = -1;
    AUTO(fd_close) int fd = -1;
    struct file_mark before, after;
    assert_int_equal(root_open(&root, scratch_path("shared")), 0);
    assert_int_equal(file_write_atomic(scratch_path("shared/changing"), view_of_text("one"), 0600),
                     0);
    assert_int_equal(root_open_file(&fd, &before, root, "changing"), 0);
    assert_int_equal(file_mark_of(&after, fd), 0);
    assert_true(file_mark_equal(&before, &after));
    int writer = open(scratch_path("shared/changing"), O_WRONLY | O_APPEND);
    assert_int_equal(write(writer, "!", 1), 1);
    close(writer);
    assert_int_equal(file_mark_of(&after, fd), 0);
    assert_false(file_mark_equal(&before, &after));
}

static void parts_are_written_beneath(void **state)
{
    (void)state;
    AUTO(fd_close) int root = -1;
    AUTO(fd_close) int inner = -1;
    AUTO(fd_close) int again = -1;
    AUTO(fd_close) int fd = -1;
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(root_open(&root, scratch_path("shared")), 0);
    assert_int_equal(root_make_directory(&inner, root, "inbox"), 0);
    assert_int_equal(root_make_directory(&again, root, "inbox"), 0);
    assert_int_equal(root_open_part(&fd, inner, "data.part"), 0);
    assert_int_equal(file_write_all(fd, view_of_text("whole"), 0), 0);
    assert_int_equal(root_rename(inner, "data.part", "data"), 0);
    assert_int_equal(file_read(&text, scratch_path("shared/inbox/data"), 100), 0);
    assert_true(view_equal(view_of_buf(&text), view_of_text("whole")));
    struct stat status;
    assert_int_equal(stat(scratch_path("shared/inbox/data"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    fd_close(&fd);
    assert_int_equal(root_open_part(&fd, root, "../escaped"), ERR_PATH);
    assert_int_equal(root_open_part(&fd, root, "up/escaped"), ERR_PATH);
    assert_int_equal(root_open_part(&fd, root, "link"), ERR_PATH);
    assert_int_equal(root_make_directory(&fd, root, "sublink"), ERR_PATH);
    assert_int_equal(access(scratch_path("escaped"), F_OK), -1);
    assert_int_equal(root_open(&fd, scratch_path("absent")), ERR_NOT_FOUND);
}

static void names_from_outside(void **state)
{
    (void)state;
    char longest[202];
    memset(longest, 'a', 201);
    longest[201] = 0;
    assert_false(file_name_valid(longest));
    longest[200] = 0;
    assert_true(file_name_valid(longest));
    assert_true(file_name_valid("alberi.csv"));
    assert_true(file_name_valid("树木 2026.csv"));
    static const char *const bad[] = {"",      ".",    "..",        ".hidden", "a/b",
                                      "/etc",  "a\nb", "a\x01",     "\xff",    "x.part",
                                      ".part", "a\tb", "a\xc2\x85", NULL};
    for (size_t i = 0; bad[i] != NULL; i++) {
        if (file_name_valid(bad[i])) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_false(file_name_valid(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_served),
        cmocka_unit_test(a_change_is_seen),
        cmocka_unit_test(parts_are_written_beneath),
        cmocka_unit_test(names_from_outside),
    };
    return cmocka_run_group_tests_name("paths", tests, setup, scratch_remove);
}
