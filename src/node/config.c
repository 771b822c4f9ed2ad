/* Configuration by table: libcyaml checks keys and types against the schema below, this file fills
 * defaults, resolves paths and checks forms that a type cannot express. The one file that calls
 * libcyaml; config_report.c tells what it reports. */
#include "node/config.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "node/config_report.h"

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

__attribute__((format(printf, 3, 0))) static void
on_cyaml_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    (void)level;
    char text[512];
    (void)vsnprintf(text, sizeof text, format, arguments);
    config_report_note(context, text);
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

/* What a type cannot express, told with the line of the key at the top. */
struct check {
    struct faults *faults;
    struct view text;
    int first;
};

__attribute__((format(printf, 4, 5))) static void fail(struct check *check, int error,
                                                       const char *top, const char *format, ...)
{
    char path[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    unsigned line = config_line_of_key(check->text, 1, top);
    (void)faults_add(check->faults, error, NULL, "%u: %s%s", line != 0 ? line : 1, top, path);
    check->first = check->first == 0 ? error : check->first;
}

static void check_endpoint(struct check *check, const char *top, const char *text)
{
    struct endpoint endpoint;
    if (text != NULL && endpoint_parse(&endpoint, text) != 0) {
        fail(check, ERR_CONFIG_ENDPOINT, top, "%s", "");
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

/* The gateway itself checks ids, sizes and the root when it starts. */
static void check_exchange(struct check *check, const struct config_exchange *exchange)
{
    for (unsigned i = 0; i < exchange->resources_count; i++) {
        const struct config_resource *resource = &exchange->resources[i];
        if (resource->format != NULL && strcmp(resource->format, "csv") != 0 &&
            strcmp(resource->format, "file") != 0) {
            fail(check, ERR_FIELD_CHOICE, "exchange", ".resources[%u].format: csv, file", i);
        }
        if (resource->delimiter != NULL &&
            (strlen(resource->delimiter) != 1 || strchr(",;|\t", resource->delimiter[0]) == NULL)) {
            fail(check, ERR_FIELD_CHOICE, "exchange", ".resources[%u].delimiter: , ; | \\t", i);
        }
        if (!path_stays(resource->path)) {
            fail(check, ERR_PATH, "exchange", ".resources[%u].path: %s", i, resource->path);
        }
    }
}

static int check_values(struct check *check, const struct config *config)
{
    enum log_level level;
    int error = uscc_check(config->member);
    if (error != 0) {
        fail(check, error, "member", "%s", "");
    }
    if (log_level_from_text(&level, config->log_level) != 0) {
        fail(check, ERR_FIELD_CHOICE, "log_level", ": debug, info, warn, error");
    }
    if (config->worker_threads > CONFIG_WORKERS_MAX) {
        fail(check, ERR_FIELD_RANGE, "worker_threads", ": 0…%u", CONFIG_WORKERS_MAX);
    }
    check_endpoint(check, "peer_listen", config->peer_listen);
    check_endpoint(check, "api_listen", config->api_listen);
    check_endpoint(check, "gateway_listen", config->gateway_listen);
    for (unsigned i = 0; i < config->peers_count; i++) {
        struct endpoint endpoint;
        if (endpoint_parse(&endpoint, config->peers[i].endpoint) != 0) {
            fail(check, ERR_CONFIG_ENDPOINT, "peers", "[%u].endpoint", i);
        }
    }
    if (config->exchange != NULL) {
        check_exchange(check, config->exchange);
    }
    for (unsigned i = 0; i < config->signers_count; i++) {
        if (strlen(config->signers[i].name) > CONFIG_SIGNER_NAME_CHARS_MAX) {
            fail(check, ERR_FIELD_LENGTH, "signers", "[%u].name: 1…%u", i,
                 CONFIG_SIGNER_NAME_CHARS_MAX);
        }
    }
    return check->first;
}

static void cyaml_config_fill(cyaml_config_t *out, struct config_report *report)
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
    struct config_report report = {0};
    cyaml_config_t options;
    cyaml_config_fill(&options, &report);
    AUTO(config_free) struct config *config = NULL;
    cyaml_err_t status = cyaml_load_data(text.data, text.len, &options, &config_schema,
                                         (cyaml_data_t **)&config, NULL);
    if (status != CYAML_OK) {
        return config_report_fault(faults, &report, cyaml_strerror(status), text);
    }
    if (config == NULL) {
        return faults_add(faults, ERR_CONFIG_EMPTY, NULL, "1");
    }
    default_text(&config->peer_listen, "127.0.0.1:7600");
    default_text(&config->api_listen, "127.0.0.1:7700");
    default_text(&config->log_level, "info");
    if (config->exchange != NULL) {
        default_text(&config->exchange->key, "gateway");
    }
    struct check check = {.faults = faults, .text = text};
    int error = check_values(&check, config);
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
    struct faults found = {0};
    error = config_parse(out, &found, view_of_buf(&text), buf_text(&directory));
    const char *name = slash != NULL ? slash + 1 : path;
    for (size_t i = 0; faults != NULL && i < found.count; i++) {
        (void)faults_add(faults, found.item[i].error, NULL, "%.40s:%s", name, found.item[i].field);
    }
    return error;
}

void config_free(struct config **config)
{
    struct config_report report = {0};
    cyaml_config_t options;
    cyaml_config_fill(&options, &report);
    (void)cyaml_free(&options, &config_schema, *config, 0);
    *config = NULL;
}
