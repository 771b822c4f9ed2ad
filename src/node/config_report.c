/* libcyaml's reasons and backtraces as faults of ours. Knows the sentences of libcyaml 1; one that
 * it does not know is ERR_CONFIG, with the line. */
#include "node/config_report.h"

#include "base/errors.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *reason; /* what it begins with */
    int error;
    bool names_key; /* the rest of it is a key within the place */
} words[] = {
    {"Unexpected key: ", ERR_CONFIG_KEY, true},
    {"Mapping field already seen: ", ERR_CONFIG_TWICE, true},
    {"Missing required mapping field: ", ERR_CONFIG_MISSING, true},
    {"Expecting MAPPING", ERR_CONFIG_MAPPING, false},
    {"Expecting SEQUENCE", ERR_CONFIG_LIST, false},
    {"Expecting STRING", ERR_CONFIG_TEXT, false},
    {"STRING length", ERR_CONFIG_TEXT, false},
    {"Excessive entries", ERR_CONFIG_COUNT, false},
    {"libyaml", ERR_CONFIG_SYNTAX, false},
    {"YAML alias", ERR_CONFIG_SYNTAX, false},
    {"Internal error", ERR_CONFIG_SYNTAX, false}, /* a key that is no text */
};

/* Read as texts, and numbers to whoever writes them. */
static const char *const numbers[] = {"worker_threads", "exchange.chunk_bytes",
                                      "exchange.rate_bytes_per_s"};

/* ---- the backtrace ---- */

/* One step further out: "name" before "[2].path". */
static void path_prepend(char *path, const char *step, size_t len)
{
    char inner[FAULT_FIELD_BYTES_MAX];
    (void)snprintf(inner, sizeof inner, "%s", path);
    const char *between = inner[0] == '\0' || inner[0] == '[' ? "" : ".";
    int full = snprintf(path, FAULT_FIELD_BYTES_MAX, "%.*s%s%s", (int)len, step, between, inner);
    if (full >= FAULT_FIELD_BYTES_MAX) { /* the inner part says more */
        memcpy(path, inner, sizeof inner);
    }
}

static void note_place(struct config_report *report, const char *text, const char *place)
{
    static const char field[] = "in mapping field '", entry[] = "in sequence entry '";
    const char *name = strstr(text, field);
    const char *number = strstr(text, entry);
    if (report->line == 0) {
        (void)sscanf(place, "(line: %u", &report->line);
    }
    if (name != NULL) {
        name += sizeof field - 1;
        path_prepend(report->path, name, strcspn(name, "'"));
    } else if (number != NULL) {
        char index[16];
        unsigned count = 0; /* libcyaml counts from 1 */
        (void)sscanf(number + sizeof entry - 1, "%u", &count);
        int len = snprintf(index, sizeof index, "[%u]", count > 0 ? count - 1 : 0);
        path_prepend(report->path, index, (size_t)len);
    }
}

void config_report_note(struct config_report *report, const char *text)
{
    const char *place = strstr(text, "(line: ");
    if (place != NULL) {
        note_place(report, text, place);
        return;
    }
    const char *reason = strncmp(text, "Load: ", 6) == 0 ? text + 6 : text;
    if (report->reason[0] == '\0' && strncmp(reason, "Backtrace", 9) != 0) {
        (void)snprintf(report->reason, sizeof report->reason, "%.*s", (int)strcspn(reason, "\n"),
                       reason);
    }
}

/* ---- lines ---- */

/* Whether the line's first word is this key. */
static bool line_has_key(const char *line, const char *end, const char *key)
{
    while (line < end && strchr(" \t-{\"'", *line) != NULL) {
        line++;
    }
    size_t len = strlen(key);
    return (size_t)(end - line) > len && strncmp(line, key, len) == 0 &&
           strchr(" \t:\"'", line[len]) != NULL;
}

unsigned config_line_of_key(struct view text, unsigned from, const char *key)
{
    const char *at = (const char *)text.data;
    const char *end = at + text.len;
    for (unsigned line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline != NULL ? newline : end;
        if (line >= from && line_has_key(at, line_end, key)) {
            return line;
        }
        at = line_end + 1;
    }
    return 0;
}

/* ---- the fault ---- */

/* Where the path's last name begins: where the mapping itself was left off. */
static char *path_last(char *path)
{
    char *dot = strrchr(path, '.');
    return dot != NULL ? dot + 1 : path;
}

static bool is_number(const char *path)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(path, numbers[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Where in the file, and which key. */
static int add_fault(struct faults *faults, int error, unsigned line, const char *path)
{
    return faults_add(faults, error, NULL, "%u%s%s", line, path[0] != '\0' ? ": " : "", path);
}

int config_report_fault(struct faults *faults, const struct config_report *report,
                        const char *status, struct view text)
{
    const char *reason = report->reason[0] != '\0' ? report->reason : status;
    unsigned line = report->line > 0 ? report->line : 1, found = 0;
    char path[2 * FAULT_FIELD_BYTES_MAX];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].reason);
        if (strncmp(reason, words[i].reason, len) != 0) {
            continue;
        }
        int error = words[i].error;
        error = error == ERR_CONFIG_TEXT && is_number(report->path) ? ERR_CONFIG_NUMBER : error;
        (void)snprintf(path, sizeof path, "%s", error == ERR_CONFIG_SYNTAX ? "" : report->path);
        if (words[i].names_key) {
            /* The place is that of the item before; the key itself is what people look for. */
            char *end = error == ERR_CONFIG_KEY ? path + strlen(path) : path_last(path);
            const char *dot = end > path && end[-1] != '.' ? "." : "";
            const char *key = reason[len] != '\0' ? reason + len : "\"\"";
            (void)snprintf(end, sizeof path - (size_t)(end - path), "%s%s", dot, key);
            if (error == ERR_CONFIG_MISSING) {
                line = end == path ? 1 : line; /* it may stand anywhere in the file */
            } else {
                unsigned from = error == ERR_CONFIG_TWICE ? line + 1 : line;
                found = config_line_of_key(text, from, reason + len);
            }
        }
        return add_fault(faults, error, found != 0 ? found : line, path);
    }
    return add_fault(faults, ERR_CONFIG, line, reason);
}
