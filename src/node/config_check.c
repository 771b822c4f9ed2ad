/* Characters, forms, ranges and relations of a configuration's values, told with the line. What
 * needs the disk or the keys is told by home.c, also to --check; what needs a port by the start. */
#include "node/config_check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "exchange/gateway.h"
#include "node/config_report.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* ---- characters ---- */

/* A line's text holds no controls, and none of what ends a line to libyaml without being a newline
 * (a second document could hide behind it) or is no character to it: it would tell no line. */
static bool line_is_plain(const char *line, size_t len)
{
    static const char *const strange[] = {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf",
                                          "\xef\xbf\xbe", "\xef\xbf\xbf"};
    len -= len > 0 && line[len - 1] == '\r';
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        if (memmem(line, len, strange[i], 3) != NULL) {
            return false;
        }
    }
    return doc_text_valid(view_of(line, len));
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
        if (!line_is_plain(at, len)) {
            return faults_add(faults, ERR_CONFIG_ENCODING, NULL, "%u", line);
        }
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
static uint64_t read_number(struct check *check, const char *path, const char *text, uint64_t min,
                            uint64_t max)
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
    fits = fits && value >= min;
    if (!fits) {
        fail(check, ERR_FIELD_RANGE, "%s: %" PRIu64 "…%" PRIu64, path, min, max);
    }
    return fits ? value : 0;
}

/* 0 says all, or none; anything else is not too small to be of use. */
static uint64_t read_blocks(struct check *check, const char *path, const char *text,
                            uint64_t standard, uint64_t least)
{
    if (text == NULL || strcmp(text, "0") == 0) {
        return text == NULL ? standard : 0;
    }
    return read_number(check, path, text, least, (uint64_t)DOC_INT_MAX);
}

static void read_history(struct check *check, struct config *config)
{
    config->history_blocks =
        read_blocks(check, "history_blocks", config->history_blocks_text, 0, HISTORY_BLOCKS_MIN);
    config->snapshot_blocks = read_blocks(check, "snapshot_blocks", config->snapshot_blocks_text,
                                          SNAPSHOT_BLOCKS_DEFAULT, SNAPSHOT_BLOCKS_MIN);
    config->snapshot_gap_blocks =
        read_blocks(check, "snapshot_gap_blocks", config->snapshot_gap_blocks_text,
                    config->history_blocks, SNAPSHOT_BLOCKS_MIN);
}

static void read_numbers(struct check *check, struct config *config)
{
    struct config_exchange *exchange = config->exchange;
    config->worker_threads = (unsigned)read_number(
        check, "worker_threads", config->worker_threads_text, 0, CONFIG_WORKERS_MAX);
    read_history(check, config);
    if (exchange != NULL) {
        exchange->chunk_bytes =
            (uint32_t)read_number(check, "exchange.chunk_bytes", exchange->chunk_bytes_text,
                                  TRANSFER_CHUNK_BYTES_MIN, TRANSFER_CHUNK_BYTES_MAX);
        exchange->rate_bytes_per_s = read_number(check, "exchange.rate_bytes_per_s",
                                                 exchange->rate_bytes_per_s_text, 0, INT64_MAX);
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

/* A numeric address; names are for the resolver. */
static int parse_address(uint8_t out[16], const char *host)
{
    int family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
    memset(out, 0, 16);
    return inet_pton(family, host, out) == 1 ? family : 0;
}

/* Whether two listeners want one port of one address: alike, or one has all of that kind. */
static bool listens_meet(const char *one, const char *other)
{
    static const uint8_t any[16] = {0};
    struct endpoint a, b;
    uint8_t address_a[16], address_b[16];
    if (endpoint_parse(&a, one) != 0 || endpoint_parse(&b, other) != 0 || a.port != b.port) {
        return false;
    }
    int family = parse_address(address_a, a.host);
    if (family == 0 || family != parse_address(address_b, b.host)) {
        return strcasecmp(a.host, b.host) == 0;
    }
    return memcmp(address_a, address_b, sizeof any) == 0 ||
           memcmp(address_a, any, sizeof any) == 0 || memcmp(address_b, any, sizeof any) == 0;
}

static void check_listens(struct check *check, const struct config *config)
{
    static const char *const keys[] = {"peer_listen", "api_listen", "gateway_listen"};
    const char *const texts[] = {config->peer_listen, config->api_listen, config->gateway_listen};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        check_endpoint(check, keys[i], texts[i]);
        for (size_t k = 0; k < i; k++) {
            if (listens_meet(texts[i], texts[k])) {
                /* The later one, unless it is not in the file but the default. */
                size_t told = config_line_of_key(check->text, 1, keys[i]) != 0 ? i : k;
                fail(check, ERR_CONFIG_LISTEN, "%s: %s", keys[told], texts[told]);
                break;
            }
        }
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

static void check_signers(struct check *check, const struct config *config)
{
    for (unsigned i = 0; i < config->signers_count; i++) {
        const char *name = config->signers[i].name;
        if (strlen(name) > CONFIG_SIGNER_NAME_CHARS_MAX) {
            fail(check, ERR_FIELD_LENGTH, "signers[%u].name: 1…%u", i,
                 CONFIG_SIGNER_NAME_CHARS_MAX);
        }
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(config->signers[k].name, name) == 0) {
                fail(check, ERR_DUPLICATE, "signers[%u].name: %s", i, name);
                break;
            }
        }
    }
    /* Of the keys' own names only the key files know. */
    if (config->exchange != NULL && config->signers_count == 0) {
        fail(check, ERR_CONFIG_SIGNER, "exchange.key: %s", config->exchange->key);
    }
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
    check_listens(&check, config);
    for (unsigned i = 0; i < config->peers_count; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "peers[%u].endpoint", i);
        check_endpoint(&check, path, config->peers[i].endpoint);
    }
    if (config->exchange != NULL) {
        check_exchange(&check, config->exchange);
    }
    check_signers(&check, config);
    return check.first;
}
