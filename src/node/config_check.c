/* Forms, ranges and relations of a configuration's values. All that can be told from the file alone
 * is told here, with its line; what needs the disk, the keys or a port is told by the start. */
#include "node/config_check.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "exchange/gateway.h"
#include "node/config_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct check {
    struct faults *faults;
    struct view text;
    int first;
};

/* ---- telling ---- */

/* Of "exchange.resources[0].path: …" the line of `resources` beneath that of `exchange`; where the
 * file has it all in one line, that one. */
static unsigned line_of(const struct check *check, const char *path)
{
    char name[FAULT_FIELD_BYTES_MAX];
    size_t len = strcspn(path, ".[:");
    (void)snprintf(name, sizeof name, "%.*s", (int)len, path);
    unsigned line = config_line_of_key(check->text, 1, name);
    if (line != 0 && path[len] == '.') {
        path += len + 1;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(path, ".[:"), path);
        unsigned inner = config_line_of_key(check->text, line, name);
        line = inner != 0 ? inner : line;
    }
    return line != 0 ? line : 1;
}

__attribute__((format(printf, 3, 4))) static void fail(struct check *check, int error,
                                                       const char *format, ...)
{
    char path[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    (void)faults_add(check->faults, error, NULL, "%u: %s", line_of(check, path), path);
    check->first = check->first == 0 ? error : check->first;
}

/* ---- one document ---- */

/* "---" or "...", alone in its line or before white space: nowhere else may a line begin so. */
static bool is_marker(const char *line, size_t len, const char *marker)
{
    return len >= 3 && memcmp(line, marker, 3) == 0 && (len == 3 || strchr(" \t\r", line[3]));
}

static bool says_something(const char *line, size_t len)
{
    while (len > 0 && strchr(" \t\r", *line) != NULL) {
        line++;
        len--;
    }
    return len > 0 && *line != '#';
}

int config_check_documents(struct faults *faults, struct view text)
{
    const char *at = (const char *)text.data;
    size_t left = text.len;
    bool begun = false, ended = false;
    if (left >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        at += 3;
        left -= 3;
    }
    for (unsigned line = 1; left > 0; line++) {
        const char *newline = memchr(at, '\n', left);
        size_t len = newline != NULL ? (size_t)(newline - at) : left;
        bool start = is_marker(at, len, "---");
        if ((start && begun) || (ended && says_something(at, len))) {
            return faults_add(faults, ERR_CONFIG_DOCUMENTS, NULL, "%u", line);
        }
        ended = ended || is_marker(at, len, "...");
        begun = begun || start || (says_something(at, len) && *at != '%');
        at += newline != NULL ? len + 1 : len;
        left -= newline != NULL ? len + 1 : len;
    }
    return 0;
}

/* ---- numbers ---- */

/* Decimal digits and nothing else. */
static uint64_t read_number(struct check *check, const char *path, const char *text, uint64_t max)
{
    uint64_t value = 0;
    bool fits = true;
    size_t digits = text == NULL ? 0 : strspn(text, "0123456789");
    if (text == NULL) {
        return 0;
    }
    if (digits == 0 || text[digits] != '\0' || (text[0] == '0' && digits > 1)) {
        fail(check, ERR_CONFIG_NUMBER, "%s", path);
        return 0;
    }
    for (size_t i = 0; i < digits && fits; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        fits = value <= (max - digit) / 10;
        value = value * 10 + digit;
    }
    if (!fits) {
        fail(check, ERR_FIELD_RANGE, "%s: 0…%" PRIu64, path, max);
    }
    return fits ? value : 0;
}

static void read_numbers(struct check *check, struct config *config)
{
    struct config_exchange *exchange = config->exchange;
    config->worker_threads = (unsigned)read_number(check, "worker_threads",
                                                   config->worker_threads_text, CONFIG_WORKERS_MAX);
    if (exchange != NULL) {
        exchange->chunk_bytes = (uint32_t)read_number(check, "exchange.chunk_bytes",
                                                      exchange->chunk_bytes_text, UINT32_MAX);
        exchange->rate_bytes_per_s = read_number(check, "exchange.rate_bytes_per_s",
                                                 exchange->rate_bytes_per_s_text, INT64_MAX);
    }
}

/* ---- values ---- */

static void check_endpoint(struct check *check, const char *path, const char *text)
{
    struct endpoint endpoint;
    if (text != NULL && endpoint_parse(&endpoint, text) != 0) {
        fail(check, ERR_CONFIG_ENDPOINT, "%s", path);
    }
}

/* Beneath the root: what leaves it could never be read, and would be missed only when asked for. */
static bool path_stays(const char *path)
{
    if (path[0] == '/') {
        return false;
    }
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) {
            return false;
        }
    }
    return true;
}

static void check_resource(struct check *check, const struct config_resource *resource, unsigned i)
{
    if (resource->format != NULL && strcmp(resource->format, "csv") != 0 &&
        strcmp(resource->format, "file") != 0) {
        fail(check, ERR_FIELD_CHOICE, "exchange.resources[%u].format: csv, file", i);
    }
    if (resource->delimiter != NULL &&
        (strlen(resource->delimiter) != 1 || strchr(",;|\t", resource->delimiter[0]) == NULL)) {
        fail(check, ERR_FIELD_CHOICE, "exchange.resources[%u].delimiter: , ; | \\t", i);
    }
    if (!path_stays(resource->path)) {
        fail(check, ERR_PATH, "exchange.resources[%u].path: %s", i, resource->path);
    }
}

/* Ids, the root and sizes are judged by the gateway's own rule. */
static void check_exchange(struct check *check, const struct config_exchange *exchange)
{
    struct faults faults = {0};
    struct exchange_resource *resources =
        memory_alloc(exchange->resources_count * sizeof *resources);
    for (unsigned i = 0; i < exchange->resources_count; i++) {
        check_resource(check, &exchange->resources[i], i);
        resources[i] = (struct exchange_resource){.id = exchange->resources[i].id};
    }
    const struct exchange_config config = {.root = exchange->root,
                                           .resources = resources,
                                           .resource_count = exchange->resources_count,
                                           .chunk_bytes = exchange->chunk_bytes};
    (void)exchange_config_check(&faults, &config);
    for (size_t i = 0; i < faults.count; i++) {
        fail(check, faults.item[i].error, "%s", faults.item[i].field);
    }
    memory_free(resources);
}

int config_check_values(struct faults *faults, struct config *config, struct view text)
{
    struct check check = {.faults = faults, .text = text};
    enum log_level level;
    int error = uscc_check(config->member);
    if (error != 0) {
        fail(&check, error, "member");
    }
    if (log_level_from_text(&level, config->log_level) != 0) {
        fail(&check, ERR_FIELD_CHOICE, "log_level: debug, info, warn, error");
    }
    read_numbers(&check, config);
    check_endpoint(&check, "peer_listen", config->peer_listen);
    check_endpoint(&check, "api_listen", config->api_listen);
    check_endpoint(&check, "gateway_listen", config->gateway_listen);
    for (unsigned i = 0; i < config->peers_count; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "peers[%u].endpoint", i);
        check_endpoint(&check, path, config->peers[i].endpoint);
    }
    if (config->exchange != NULL) {
        check_exchange(&check, config->exchange);
    }
    for (unsigned i = 0; i < config->signers_count; i++) {
        if (strlen(config->signers[i].name) > CONFIG_SIGNER_NAME_CHARS_MAX) {
            fail(&check, ERR_FIELD_LENGTH, "signers[%u].name: 1…%u", i,
                 CONFIG_SIGNER_NAME_CHARS_MAX);
        }
    }
    return check.first;
}
