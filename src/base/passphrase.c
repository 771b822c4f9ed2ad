/* Passphrases: from a file, from standard input, from the terminal. A passphrase is read byte by
 * byte straight into guarded memory, so that no copy stays in a stream buffer, and nothing behind
 * its line is taken from standard input. */
#include "base/keyfile.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define PROMPTS_MAX 3

static void fd_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

void passphrase_free(struct passphrase *passphrase)
{
    secret_free(passphrase->text);
    *passphrase = (struct passphrase){0};
}

/* Reads one byte: 1, 0 at the end, -1. With a signal mask, waits under that mask: a signal which it
 * lets through breaks off the wait, whenever it comes. */
static ssize_t read_byte(char *out, int fd, const sigset_t *waiting_mask)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    if (waiting_mask != NULL && ppoll(&input, 1, NULL, waiting_mask) < 0) {
        return -1;
    }
    return read(fd, out, 1);
}

/* Reads up to a newline or the end. ERR_FIELD_LENGTH beyond the limit, ERR_FIELD_FORMAT for NUL. */
static int read_line(struct passphrase *out, int fd, const sigset_t *waiting_mask)
{
    int error = 0;
    out->text = secret_alloc(PASSPHRASE_BYTES_MAX + 1);
    out->len = 0;
    for (;;) {
        char c = '\n';
        ssize_t got = read_byte(&c, fd, waiting_mask);
        if (got < 0) {
            error = file_error(errno);
            break;
        }
        if (got == 0 || c == '\n') {
            break;
        }
        if (c == '\0' || out->len == PASSPHRASE_BYTES_MAX) {
            error = c == '\0' ? ERR_FIELD_FORMAT : ERR_FIELD_LENGTH;
            break;
        }
        out->text[out->len++] = c;
    }
    if (out->len > 0 && out->text[out->len - 1] == '\r') {
        out->len--;
    }
    out->text[out->len] = '\0';
    if (error != 0) {
        passphrase_free(out);
    }
    return error;
}

int passphrase_read_file(struct passphrase *out, const char *path)
{
    struct stat status;
    bool standard_input = strcmp(path, "-") == 0;
    *out = (struct passphrase){0};
    AUTO(fd_close)
    int fd =
        standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        return file_error(errno);
    }
    if (!standard_input && !S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
        return ERR_NOT_FILE;
    }
    if (!standard_input && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return ERR_PERMISSION;
    }
    int error = read_line(out, fd, NULL);
    if (error == 0 && out->len < PASSPHRASE_CHARS_MIN) {
        passphrase_free(out);
        error = ERR_FIELD_LENGTH;
    }
    return error;
}

/* While the terminal is silent, a signal must not end us before it speaks again. So these are held
 * back, let through only while we wait for input, where they break off the wait; the one that came
 * is raised once the terminal is as it was. */
static const int caught[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP};
#define CAUGHT_COUNT (sizeof caught / sizeof caught[0])

static volatile sig_atomic_t signal_seen;

static void note_signal(int number)
{
    signal_seen = number;
}

struct silence {
    struct termios terminal;
    struct sigaction actions[CAUGHT_COUNT];
    sigset_t mask;
};

static void silence_end(const struct silence *before, int terminal)
{
    tcsetattr(terminal, TCSAFLUSH, &before->terminal);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaction(caught[i], &before->actions[i], NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
    if (signal_seen != 0) {
        raise(signal_seen);
    }
}

static bool silence_begin(struct silence *before, int terminal)
{
    struct sigaction action = {.sa_handler = note_signal}; /* no SA_RESTART: the wait breaks off */
    struct termios quiet;
    sigset_t held;
    if (tcgetattr(terminal, &before->terminal) != 0) {
        return false;
    }
    signal_seen = 0;
    sigemptyset(&held);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaddset(&held, caught[i]);
    }
    pthread_sigmask(SIG_BLOCK, &held, &before->mask);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaction(caught[i], &action, &before->actions[i]);
    }
    quiet = before->terminal;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(terminal, TCSAFLUSH, &quiet) != 0) {
        silence_end(before, terminal);
        return false;
    }
    return true;
}

static bool say(int terminal, const char *text)
{
    size_t len = strlen(text);
    return write(terminal, text, len) == (ssize_t)len;
}

static int ask_once(struct passphrase *out, int terminal, const char *prompt)
{
    struct silence before;
    if (!silence_begin(&before, terminal)) { /* first, or who is quick sees it on the screen */
        return ERR_IO;
    }
    int error = say(terminal, prompt) ? read_line(out, terminal, &before.mask) : ERR_IO;
    say(terminal, "\n");
    silence_end(&before, terminal);
    return error;
}

/* Asks for a new passphrase and once more for the same. ERR_FIELD_LENGTH or ERR_FIELD_FORMAT when
 * it may be tried again. */
static int ask_twice(struct passphrase *out, int terminal, const char *prompt)
{
    AUTO(passphrase_free) struct passphrase again = {0};
    int error = ask_once(out, terminal, prompt);
    if (error != 0) {
        return error;
    }
    if (out->len < PASSPHRASE_CHARS_MIN) {
        say(terminal, "At least 8 characters. 至少 8 个字符。\n");
        return ERR_FIELD_LENGTH;
    }
    error = ask_once(&again, terminal, "Once more 再次输入: ");
    if (error != 0) {
        return error;
    }
    if (again.len != out->len || memcmp(again.text, out->text, out->len) != 0) {
        say(terminal, "The two differ. 两次输入不一致。\n");
        return ERR_FIELD_FORMAT;
    }
    return 0;
}

int passphrase_prompt(struct passphrase *out, const char *prompt, bool confirm)
{
    *out = (struct passphrase){0};
    AUTO(fd_close) int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return ERR_IO;
    }
    int error = 0;
    for (int i = 0; i < PROMPTS_MAX; i++) {
        error = confirm ? ask_twice(out, terminal, prompt) : ask_once(out, terminal, prompt);
        if (error == 0) {
            return 0;
        }
        passphrase_free(out);
        if (error != ERR_FIELD_LENGTH && error != ERR_FIELD_FORMAT) {
            break;
        }
    }
    return error;
}
