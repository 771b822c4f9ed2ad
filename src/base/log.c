/* The log. Every line is built on the stack and goes out in one write, so lines of several threads
 * (and, on a pipe, of several processes) do not mix. A line never exceeds LOG_LINE_BYTES_MAX: a
 * message too long for it is cut and ends in "…". Every line is a document that doc_parse accepts:
 * values from outside cannot forge a line or drive a terminal, for newlines are escaped, and other
 * control characters and bytes that are not UTF-8 become U+FFFD. */
#include "base/log.h"

#include "base/civil.h"
#include "base/doc.h"
#include "base/errors.h"
#include "base/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};
#define LEVEL_COUNT (sizeof level_names / sizeof level_names[0])

static const char cut_mark[] = "…";
static const char line_end[] = "\"}\n";

static atomic_int least_level = LOG_INFO;

struct line {
    char text[LOG_LINE_BYTES_MAX];
    size_t len;
};

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&least_level, (int)level, memory_order_relaxed);
}

int log_level_from_text(enum log_level *out, const char *text)
{
    for (size_t i = 0; text != NULL && i < LEVEL_COUNT; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    }
    return ERR_FIELD_CHOICE;
}

/* Room is kept for the mark of a cut and the end of the line. */
static bool line_append(struct line *line, const char *text, size_t len)
{
    size_t kept = sizeof cut_mark + sizeof line_end;
    if (line->len + len + kept > sizeof line->text) {
        return false;
    }
    memcpy(line->text + line->len, text, len);
    line->len += len;
    return true;
}

static void line_append_raw(struct line *line, const char *text)
{
    size_t len = strlen(text);
    if (line->len + len <= sizeof line->text) {
        memcpy(line->text + line->len, text, len);
        line->len += len;
    }
}

/* Bytes of the UTF-8 character at `text`, 0 if there is none. */
static size_t character_len(const char *text)
{
    unsigned char lead = (unsigned char)*text;
    size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (strnlen(text, len) < len || !doc_text_valid(view_of(text, len))) {
        return 0;
    }
    return len;
}

static bool line_append_character(struct line *line, const char *text, size_t *taken)
{
    char escape[2];
    unsigned char c = (unsigned char)*text;
    *taken = 1;
    if (c == '"' || c == '\\') {
        escape[0] = '\\';
        escape[1] = (char)c;
        return line_append(line, escape, sizeof escape);
    }
    if (c == '\n' || c == '\t') {
        return line_append(line, c == '\n' ? "\\n" : "\\t", 2);
    }
    size_t len = character_len(text);
    if (len == 0) {
        return line_append(line, "\xef\xbf\xbd", 3);
    }
    *taken = len;
    return line_append(line, text, len);
}

static void line_append_escaped(struct line *line, const char *text)
{
    while (*text != '\0') {
        size_t taken;
        if (!line_append_character(line, text, &taken)) {
            line_append_raw(line, cut_mark);
            return;
        }
        text += taken;
    }
}

static void line_write(const struct line *line)
{
    size_t done = 0;
    while (done < line->len) {
        ssize_t put = write(STDERR_FILENO, line->text + done, line->len - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return; /* nowhere left to say so; the node must not stop for its log */
        }
        done += (size_t)put;
    }
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed) ||
        (size_t)level >= LEVEL_COUNT) {
        return;
    }
    int saved_errno = errno;
    char message[LOG_LINE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (len < 0) {
        message[0] = '\0';
    }

    char now[CIVIL_TIME_CHARS];
    civil_format_time(now, clock_wall_ms());
    struct line line;
    line.len = 0;
    line_append_raw(&line, "{\"time\":\"");
    line_append_raw(&line, now);
    line_append_raw(&line, "\",\"level\":\"");
    line_append_raw(&line, level_names[level]);
    line_append_raw(&line, "\",\"module\":\"");
    line_append_escaped(&line, module);
    line_append_raw(&line, "\",\"message\":\"");
    line_append_escaped(&line, message);
    line_append_raw(&line, line_end);
    line_write(&line);
    errno = saved_errno;
}
