/* Configuration by table: libcyaml checks keys and types against the schema below, this file turns
 * its report into one line with the place, fills defaults, resolves paths and checks forms that a
 * type cannot express. The one file that knows libcyaml. */
#include "node/config.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uscc.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096

#define TEXT(key, type, member, flags)                                                             \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, TEXT_MAX)
#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_schema_field_t peer_fields[] = {
    TEXT("member", struct config_peer, member, REQUIRED),
    TEXT("endpoint", struct config_peer, endpoint, REQUIRED), CYAML_FIELD_END};
static const cyaml_schema_value_t peer_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_peer, peer_fields)};

static const cyaml_schema_field_t signer_fields[] = {
    TEXT("key_file", struct config_signer, key_file, REQUIRED),
    TEXT("name", struct config_signer, name, REQUIRED),
    TEXT("token_file", struct config_signer, token_file, REQUIRED), CYAML_FIELD_END};
static const cyaml_schema_value_t signer_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_signer, signer_fields)};

static const cyaml_schema_field_t resource_fields[] = {
    TEXT("id", struct config_resource, id, REQUIRED),
    TEXT("path", struct config_resource, path, REQUIRED),
    TEXT("format", struct config_resource, format, OPTIONAL),
    TEXT("delimiter", struct config_resource, delimiter, OPTIONAL), CYAML_FIELD_END};
static const cyaml_schema_value_t resource_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_resource, resource_fields)};

static const cyaml_schema_field_t exchange_fields[] = {
    TEXT("key", struct config_exchange, key, OPTIONAL),
    TEXT("root", struct config_exchange, root, OPTIONAL),
    TEXT("inbox", struct config_exchange, inbox, REQUIRED),
    CYAML_FIELD_SEQUENCE("resources", CYAML_FLAG_POINTER | OPTIONAL, struct config_exchange,
                         resources, &resource_schema, 0, CONFIG_RESOURCES_MAX),
    CYAML_FIELD_UINT("chunk_bytes", OPTIONAL, struct config_exchange, chunk_bytes),
    CYAML_FIELD_UINT("rate_bytes_per_s", OPTIONAL, struct config_exchange, rate_bytes_per_s),
    CYAML_FIELD_END};

static const cyaml_schema_field_t keys_fields[] = {
    TEXT("vote", struct config_keys, vote, OPTIONAL),
    TEXT("peer", struct config_keys, peer, REQUIRED),
    TEXT("passphrase_file", struct config_keys, passphrase_file, REQUIRED), CYAML_FIELD_END};

static const cyaml_schema_field_t config_fields[] = {
    TEXT("data_directory", struct config, data_directory, REQUIRED),
    TEXT("genesis", struct config, genesis, REQUIRED),
    TEXT("member", struct config, member, REQUIRED),
    TEXT("peer_listen", struct config, peer_listen, OPTIONAL),
    TEXT("api_listen", struct config, api_listen, OPTIONAL),
    TEXT("gateway_listen", struct config, gateway_listen, OPTIONAL),
    CYAML_FIELD_SEQUENCE("peers", CYAML_FLAG_POINTER | OPTIONAL, struct config, peers, &peer_schema,
                         0, CONFIG_PEERS_MAX),
    CYAML_FIELD_MAPPING("keys", REQUIRED, struct config, keys, keys_fields),
    CYAML_FIELD_SEQUENCE("signers", CYAML_FLAG_POINTER | OPTIONAL, struct config, signers,
                         &signer_schema, 0, CONFIG_SIGNERS_MAX),
    CYAML_FIELD_MAPPING_PTR("exchange", CYAML_FLAG_POINTER | OPTIONAL, struct config, exchange,
                            exchange_fields),
    TEXT("log_level", struct config, log_level, OPTIONAL),
    CYAML_FIELD_UINT("worker_threads", OPTIONAL, struct config, worker_threads),
    TEXT("web_directory", struct config, web_directory, OPTIONAL),
    CYAML_FIELD_END};
static const cyaml_schema_value_t config_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config, config_fields)};

/* What libcyaml says on an error: first the reason, then a backtrace whose first entry has the
 * innermost place. */
struct report {
    char reason[FAULT_FIELD_BYTES_MAX];
    unsigned line;
};

__attribute__((format(printf, 3, 0))) static void
on_cyaml_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    (void)level;
    struct report *report = context;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    const char *place = strstr(text, "(line: ");
    if (place != NULL) {
        if (report->line == 0) {
            (void)sscanf(place, "(line: %u", &report->line);
        }
        return;
    }
    const char *reason = strncmp(text, "Load: ", 6) == 0 ? text + 6 : text;
    if (report->reason[0] == '\0' && strncmp(reason, "Backtrace", 9) != 0) {
        snprintf(report->reason, sizeof report->reason, "%.*s", (int)strcspn(reason, "\n"), reason);
    }
}

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

/* libcyaml gives the place of the item before an unexpected key; the key itself is what people
 * look for: the first line from there on that starts with it. */
static unsigned line_of_key(struct view text, unsigned from, const char *reason)
{
    static const char *const before_key[] = {"Unexpected key: ", "Mapping field already seen: "};
    const char *key = NULL;
    for (size_t i = 0; i < sizeof before_key / sizeof before_key[0]; i++) {
        if (strncmp(reason, before_key[i], strlen(before_key[i])) == 0) {
            key = reason + strlen(before_key[i]);
        }
    }
    if (key == NULL) {
        return from;
    }
    const char *at = (const char *)text.data;
    const char *end = at + text.len;
    for (unsigned line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline != NULL ? newline : end;
        if (line > from && line_has_key(at, line_end, key)) {
            return line;
        }
        at = line_end + 1;
    }
    return from;
}

static char *path_resolve(char *path, const char *directory)
{
    if (path == NULL || path[0] == '/' || directory[0] == '\0') {
        return path;
    }
    AUTO(buf_free) struct buf joined = {0};
    buf_append_format(&joined, "%s/%s", directory, path);
    memory_free(path);
    return memory_copy_text(buf_text(&joined));
}

static void paths_resolve(struct config *config, const char *directory)
{
    config->data_directory = path_resolve(config->data_directory, directory);
    config->genesis = path_resolve(config->genesis, directory);
    config->web_directory = path_resolve(config->web_directory, directory);
    config->keys.vote = path_resolve(config->keys.vote, directory);
    config->keys.peer = path_resolve(config->keys.peer, directory);
    config->keys.passphrase_file = path_resolve(config->keys.passphrase_file, directory);
    if (config->exchange != NULL) {
        config->exchange->root = path_resolve(config->exchange->root, directory);
        config->exchange->inbox = path_resolve(config->exchange->inbox, directory);
    }
    for (unsigned i = 0; i < config->signers_count; i++) {
        struct config_signer *signer = &config->signers[i];
        signer->key_file = path_resolve(signer->key_file, directory);
        signer->token_file = path_resolve(signer->token_file, directory);
    }
}

static void default_text(char **text, const char *value)
{
    if (*text == NULL) {
        *text = memory_copy_text(value);
    }
}

static void check_endpoint(struct faults *faults, const char *name, const char *text)
{
    struct endpoint endpoint;
    if (text != NULL && endpoint_parse(&endpoint, text) != 0) {
        faults_add(faults, ERR_CONFIG, NULL, "%s: not host:port", name);
    }
}

/* The gateway itself checks ids, sizes and the root when it starts. */
static void check_exchange(struct faults *faults, const struct config_exchange *exchange)
{
    for (unsigned i = 0; i < exchange->resources_count; i++) {
        const struct config_resource *resource = &exchange->resources[i];
        if (resource->format != NULL && strcmp(resource->format, "csv") != 0 &&
            strcmp(resource->format, "file") != 0) {
            faults_add(faults, ERR_CONFIG, NULL, "exchange.resources[%u].format: csv or file", i);
        }
        if (resource->delimiter != NULL && strlen(resource->delimiter) != 1) {
            faults_add(faults, ERR_CONFIG, NULL,
                       "exchange.resources[%u].delimiter: one of , ; | and tab", i);
        }
    }
}

static int check_values(struct faults *faults, const struct config *config)
{
    size_t before = faults->count;
    enum log_level level;
    if (uscc_check(config->member) != 0) {
        faults_add(faults, ERR_CONFIG, NULL, "member: not a unified social credit code");
    }
    if (log_level_from_text(&level, config->log_level) != 0) {
        faults_add(faults, ERR_CONFIG, NULL, "log_level: one of debug, info, warn, error");
    }
    if (config->worker_threads > CONFIG_WORKERS_MAX) {
        faults_add(faults, ERR_CONFIG, NULL, "worker_threads: at most %u", CONFIG_WORKERS_MAX);
    }
    check_endpoint(faults, "peer_listen", config->peer_listen);
    check_endpoint(faults, "api_listen", config->api_listen);
    check_endpoint(faults, "gateway_listen", config->gateway_listen);
    for (unsigned i = 0; i < config->peers_count; i++) {
        check_endpoint(faults, "peers.endpoint", config->peers[i].endpoint);
    }
    if (config->exchange != NULL) {
        check_exchange(faults, config->exchange);
    }
    for (unsigned i = 0; i < config->signers_count; i++) {
        if (strlen(config->signers[i].name) > CONFIG_SIGNER_NAME_CHARS_MAX) {
            faults_add(faults, ERR_CONFIG, NULL, "signers[%u].name: at most %u characters", i,
                       CONFIG_SIGNER_NAME_CHARS_MAX);
        }
    }
    return faults->count > before ? ERR_CONFIG : 0;
}

static void cyaml_config_fill(cyaml_config_t *out, struct report *report)
{
    *out = (cyaml_config_t){.log_fn = on_cyaml_log,
                            .log_ctx = report,
                            .log_level = CYAML_LOG_WARNING,
                            .mem_fn = cyaml_mem,
                            .flags = CYAML_CFG_NO_ALIAS};
}

int config_parse(struct config **out, struct faults *faults, struct view text,
                 const char *directory)
{
    *out = NULL;
    struct faults ignored = {0};
    faults = faults != NULL ? faults : &ignored;
    struct report report = {0};
    cyaml_config_t options;
    cyaml_config_fill(&options, &report);
    AUTO(config_free) struct config *config = NULL;
    cyaml_err_t status = cyaml_load_data(text.data, text.len, &options, &config_schema,
                                         (cyaml_data_t **)&config, NULL);
    if (status != CYAML_OK) {
        const char *reason = report.reason[0] != '\0' ? report.reason : cyaml_strerror(status);
        unsigned line = line_of_key(text, report.line, reason);
        return faults_add(faults, ERR_CONFIG, NULL, "line %u: %s", line, reason);
    }
    if (config == NULL) {
        return faults_add(faults, ERR_CONFIG, NULL, "line 1: the file is empty");
    }
    default_text(&config->peer_listen, "127.0.0.1:7600");
    default_text(&config->api_listen, "127.0.0.1:7700");
    default_text(&config->log_level, "info");
    if (config->exchange != NULL) {
        default_text(&config->exchange->key, "gateway");
    }
    int error = check_values(faults, config);
    if (error != 0) {
        return error;
    }
    paths_resolve(config, directory);
    *out = config;
    config = NULL;
    return 0;
}

int config_load(struct config **out, struct faults *faults, const char *path)
{
    *out = NULL;
    AUTO(buf_free) struct buf text = {0};
    int error = file_read(&text, path, CONFIG_BYTES_MAX);
    if (error != 0) {
        return faults_add(faults, error, NULL, "%s", path);
    }
    AUTO(buf_free) struct buf directory = {0};
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        buf_append(&directory, path, slash > path ? (size_t)(slash - path) : 1);
    }
    return config_parse(out, faults, view_of_buf(&text), buf_text(&directory));
}

void config_free(struct config **config)
{
    struct report report = {0};
    cyaml_config_t options;
    cyaml_config_fill(&options, &report);
    (void)cyaml_free(&options, &config_schema, *config, 0);
    *config = NULL;
}
