/* Passphrases: from files, from a pipe, and typed on a real pseudo-terminal. */
#include "base/errors.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "base/limits.h"
#include "base/memory.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- files ---- */

static void check_file(struct view contents, int error, const char *expected)
{
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    const char *path = scratch_path("passphrase");
    assert_int_equal(file_write_atomic(path, contents, 0600), 0);
    assert_int_equal(passphrase_read_file(&passphrase, path), error);
    if (error == 0) {
        assert_string_equal(passphrase.text, expected);
        assert_int_equal(passphrase.len, strlen(expected));
    } else {
        assert_null(passphrase.text);
        assert_int_equal(passphrase.len, 0);
    }
}

static void files(void **state)
{
    (void)state;
    static const struct {
        const char *contents;
        int error;
        const char *expected;
    } cases[] = {
        {"correct horse\n", 0, "correct horse"},
        {"correct horse", 0, "correct horse"},
        {"correct horse\r\n", 0, "correct horse"},
        {"correct horse\nsecond line\n", 0, "correct horse"},
        {"  spaces count  \n", 0, "  spaces count  "},
        {"八个字节以上", 0, "八个字节以上"},
        {"12345678", 0, "12345678"},
        {"1234567\n", ERR_FIELD_LENGTH, NULL},
        {"\ncorrect horse\n", ERR_FIELD_LENGTH, NULL},
        {"", ERR_FIELD_LENGTH, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_file(view_of_text(cases[i].contents), cases[i].error, cases[i].expected);
    }
    check_file(view_of("correct\0horse", 13), ERR_FIELD_FORMAT, NULL);
    char longest[PASSPHRASE_BYTES_MAX + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[PASSPHRASE_BYTES_MAX] = '\0';
    check_file(view_of_text(longest), 0, longest);
    longest[PASSPHRASE_BYTES_MAX] = 'x';
    longest[PASSPHRASE_BYTES_MAX + 1] = '\0';
    check_file(view_of_text(longest), ERR_FIELD_LENGTH, NULL);
}

static void files_not_ours_alone(void **state)
{
    (void)state;
    struct passphrase passphrase;
    const char *path = scratch_path("open-to-all");
    assert_int_equal(file_create(path, view_of_text("correct horse\n"), 0644), 0);
    assert_int_equal(passphrase_read_file(&passphrase, path), ERR_PERMISSION);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(passphrase_read_file(&passphrase, path), ERR_PERMISSION);
    assert_int_equal(passphrase_read_file(&passphrase, scratch_path("none")), ERR_NOT_FOUND);
    assert_int_equal(chmod(scratch_directory, 0700), 0);
    assert_int_equal(passphrase_read_file(&passphrase, scratch_directory), ERR_NOT_FILE);
    assert_int_equal(passphrase_read_file(&passphrase, "/dev/null"), ERR_NOT_FILE);
}

/* Only the first line is taken from standard input; what follows is for someone else. */
static void standard_input(void **state)
{
    (void)state;
    static const char text[] = "correct horse\nthe rest";
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    char rest[32] = {0};
    int ends[2];
    int before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    int error = passphrase_read_file(&passphrase, "-");
    ssize_t left = read(STDIN_FILENO, rest, sizeof rest - 1);
    if (before >= 0) {
        dup2(before, STDIN_FILENO);
        close(before);
    }
    assert_int_equal(error, 0);
    assert_string_equal(passphrase.text, "correct horse");
    assert_int_equal(left, 8);
    assert_string_equal(rest, "the rest");
}

/* ---- terminals ---- */

#define SAID_MAX 4096

struct terminal {
    int fd;
    pid_t child;
    char said[SAID_MAX]; /* all it wrote */
    size_t len;
};

/* Starts a prompt on a terminal of its own. The child ends with the error, or 100 if it did not
 * get "correct horse". */
static void terminal_start(struct terminal *terminal, bool confirm)
{
    memset(terminal, 0, sizeof *terminal);
    terminal->child = forkpty(&terminal->fd, NULL, NULL, NULL);
    assert_true(terminal->child >= 0);
    if (terminal->child == 0) {
        struct passphrase passphrase;
        int error = passphrase_prompt(&passphrase, "Passphrase: ", confirm);
        if (error == 0 && strcmp(passphrase.text, "correct horse") != 0) {
            error = 100;
        }
        passphrase_free(&passphrase);
        _exit(error);
    }
}

/* Reads until the child has said this and its terminal no longer echoes: now one may type. */
static void terminal_await(struct terminal *terminal, const char *text)
{
    for (;;) {
        struct termios settings;
        struct pollfd ready = {.fd = terminal->fd, .events = POLLIN};
        assert_int_equal(tcgetattr(terminal->fd, &settings), 0);
        bool silent = (settings.c_lflag & (tcflag_t)ECHO) == 0;
        if (silent && strstr(terminal->said, text) != NULL) {
            terminal->len = 0; /* each prompt is awaited once */
            memset(terminal->said, 0, sizeof terminal->said);
            return;
        }
        int polled = poll(&ready, 1, strstr(terminal->said, text) != NULL ? 5 : 20000);
        assert_true(polled >= 0);
        assert_true(polled > 0 || strstr(terminal->said, text) != NULL);
        if (polled > 0) {
            ssize_t got =
                read(terminal->fd, terminal->said + terminal->len, SAID_MAX - 1 - terminal->len);
            assert_true(got > 0);
            terminal->len += (size_t)got;
            assert_null(strstr(terminal->said, "horse")); /* nothing typed is ever shown */
        }
    }
}

static void terminal_type(struct terminal *terminal, const char *text)
{
    assert_int_equal(write(terminal->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int terminal_end(struct terminal *terminal)
{
    int status = 0;
    assert_int_equal(waitpid(terminal->child, &status, 0), terminal->child);
    close(terminal->fd);
    return status;
}

static void assert_ended(struct terminal *terminal, int error)
{
    int status = terminal_end(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), error);
}

static void prompt_once(void **state)
{
    (void)state;
    struct terminal terminal;
    terminal_start(&terminal, false);
    terminal_await(&terminal, "Passphrase: ");
    terminal_type(&terminal, "correct horse\n");
    assert_ended(&terminal, 0);
}

static void prompt_confirmed(void **state)
{
    (void)state;
    struct terminal terminal;
    terminal_start(&terminal, true);
    terminal_await(&terminal, "Passphrase: ");
    terminal_type(&terminal, "short\n");
    terminal_await(&terminal, "Passphrase: "); /* asked again */
    terminal_type(&terminal, "correct horse\n");
    terminal_await(&terminal, "Once more");
    terminal_type(&terminal, "correct horsf\n");
    terminal_await(&terminal, "Passphrase: "); /* and again: the two differed */
    terminal_type(&terminal, "correct horse\n");
    terminal_await(&terminal, "Once more");
    terminal_type(&terminal, "correct horse\n");
    assert_ended(&terminal, 0);
}

static void prompt_gives_up(void **state)
{
    (void)state;
    struct terminal terminal;
    terminal_start(&terminal, true);
    for (int i = 0; i < 3; i++) {
        terminal_await(&terminal, "Passphrase: ");
        terminal_type(&terminal, "short\n");
    }
    assert_ended(&terminal, ERR_FIELD_LENGTH);
}

static void prompt_differs(void **state)
{
    (void)state;
    static const char *const seconds[] = {"correct horse!\n", "correct hors\n", "\n"};
    struct terminal terminal;
    terminal_start(&terminal, true);
    for (size_t i = 0; i < 3; i++) {
        terminal_await(&terminal, "Passphrase: ");
        terminal_type(&terminal, "correct horse\n");
        terminal_await(&terminal, "Once more");
        terminal_type(&terminal, seconds[i]);
    }
    assert_ended(&terminal, ERR_FIELD_FORMAT);
}

/* Ctrl-C ends the program as it should, and the terminal echoes again. */
static void prompt_interrupted(void **state)
{
    (void)state;
    struct terminal terminal;
    struct termios settings;
    terminal_start(&terminal, false);
    terminal_await(&terminal, "Passphrase: ");
    int keep_open = open(ptsname(terminal.fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(keep_open >= 0);
    terminal_type(&terminal, "corr\x03");
    int status = 0;
    assert_int_equal(waitpid(terminal.child, &status, 0), terminal.child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_int_equal(tcgetattr(terminal.fd, &settings), 0);
    assert_true((settings.c_lflag & (tcflag_t)ECHO) != 0);
    close(keep_open);
    close(terminal.fd);
}

static void prompt_without_terminal(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct passphrase passphrase;
        setsid(); /* no controlling terminal */
        int error = passphrase_prompt(&passphrase, "Passphrase: ", false);
        _exit(error == ERR_IO && passphrase.text == NULL ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(files_not_ours_alone),
        cmocka_unit_test(standard_input),
        cmocka_unit_test(prompt_once),
        cmocka_unit_test(prompt_confirmed),
        cmocka_unit_test(prompt_gives_up),
        cmocka_unit_test(prompt_differs),
        cmocka_unit_test(prompt_interrupted),
        cmocka_unit_test(prompt_without_terminal),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
