/* Configuration by table: libcyaml checks keys and types against the schema below, this file fills
 * defaults and resolves paths. The one file that calls libcyaml; config_report.c tells what it
 * reports, config_check.c judges what a type cannot express.
 *
 * Numbers are read as texts: libcyaml takes "10MB" for 10, "010" for 8 and "-1" for the greatest.
 */
#include "node/config.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/config_check.h"
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
    TEXT("chunk_bytes", struct config_exchange, chunk_bytes_text, OPTIONAL),
    TEXT("rate_bytes_per_s", struct config_exchange, rate_bytes_per_s_text, OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_field_t keys_fields[] = {
    TEXT("vote", struct config_keys, vote, OPTIONAL),
    TEXT("vote_next", struct config_keys, vote_next, OPTIONAL),
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
    TEXT("history_blocks", struct config, history_blocks_text, OPTIONAL),
    TEXT("snapshot_blocks", struct config, snapshot_blocks_text, OPTIONAL),
    TEXT("snapshot_gap_blocks", struct config, snapshot_gap_blocks_text, OPTIONAL),
    TEXT("log_level", struct config, log_level, OPTIONAL),
    TEXT("worker_threads", struct config, worker_threads_text, OPTIONAL),
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
    config->keys.vote_next = path_resolve(config->keys.vote_next, directory);
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
    int error = config_check_documents(faults, text);
    if (error != 0) {
        return error;
    }
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
    error = config_check_values(faults, config, text);
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
