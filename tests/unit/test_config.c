/* The configuration file: what it may say, and that every mistake is told with its line. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/config.h"

#include <string.h>

#define REQUIRED_KEYS                                                                              \
    "data_directory: data\n"                                                                       \
    "genesis: /etc/genesis.json\n"                                                                 \
    "member: 11440000006939756B\n"
#define KEYS "keys: {vote: vote.key, peer: peer.key, passphrase_file: pass}\n"
#define SIGNER(name) "  - {key_file: k, name: " name ", token_file: t}\n"
#define SIGNERS "signers:\n" SIGNER("gw")

static void test_everything_is_read(void **state)
{
    (void)state;
    static const char text[] =
        REQUIRED_KEYS KEYS "peer_listen: 0.0.0.0:7001\napi_listen: '[::1]:7002'\n"
                           "gateway_listen: node.example.cn:7003\n"
                           "peers:\n  - {member: 11440000006939801C, endpoint: 10.0.0.2:7600}\n"
                           "signers:\n  - key_file: compile.key\n    name: oa\n"
                           "    token_file: /run/oa.token\n"
                           "log_level: debug\nworker_threads: 3\nweb_directory: web\n";
    AUTO(config_free) struct config *config = NULL;
    assert_int_equal(config_parse(&config, NULL, view_of_text(text), "/srv/node"), 0);
    assert_string_equal(config->data_directory, "/srv/node/data");
    assert_string_equal(config->genesis, "/etc/genesis.json");
    assert_string_equal(config->member, "11440000006939756B");
    assert_string_equal(config->peer_listen, "0.0.0.0:7001");
    assert_string_equal(config->api_listen, "[::1]:7002");
    assert_string_equal(config->gateway_listen, "node.example.cn:7003");
    assert_int_equal(config->peers_count, 1);
    assert_string_equal(config->peers[0].endpoint, "10.0.0.2:7600");
    assert_string_equal(config->keys.vote, "/srv/node/vote.key");
    assert_string_equal(config->keys.passphrase_file, "/srv/node/pass");
    assert_int_equal(config->signers_count, 1);
    assert_string_equal(config->signers[0].key_file, "/srv/node/compile.key");
    assert_string_equal(config->signers[0].token_file, "/run/oa.token");
    assert_string_equal(config->log_level, "debug");
    assert_int_equal(config->worker_threads, 3);
    assert_string_equal(config->web_directory, "/srv/node/web");
}

/* Markers of the one document that there is, comments around it, a byte order mark. */
static void test_one_document(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf%YAML 1.1\n# c\n---\n" REQUIRED_KEYS KEYS
                               "web_directory: ---x\nworker_threads: 0\n...\n\n# c\n";
    AUTO(config_free) struct config *config = NULL;
    struct faults faults = {0};
    int error = config_parse(&config, &faults, view_of_text(text), "");
    if (error != 0) {
        fail_msg("%s at %s", error_code(error), faults.item[0].field);
    }
    assert_string_equal(config->web_directory, "---x");
    assert_int_equal(config->worker_threads, 0);
}

static void test_loopback_unless_told(void **state)
{
    (void)state;
    static const char text[] = REQUIRED_KEYS "keys: {peer: p, passphrase_file: s}\n";
    AUTO(config_free) struct config *config = NULL;
    assert_int_equal(config_parse(&config, NULL, view_of_text(text), ""), 0);
    struct endpoint endpoint;
    assert_int_equal(endpoint_parse(&endpoint, config->peer_listen), 0);
    assert_string_equal(endpoint.host, "127.0.0.1");
    assert_int_equal(endpoint_parse(&endpoint, config->api_listen), 0);
    assert_string_equal(endpoint.host, "127.0.0.1");
    assert_null(config->gateway_listen);
    assert_null(config->keys.vote);
    assert_null(config->web_directory);
    assert_string_equal(config->log_level, "info");
    assert_string_equal(config->data_directory, "data");
}

static void test_exchange(void **state)
{
    (void)state;
    static const char text[] =
        REQUIRED_KEYS KEYS SIGNERS "exchange:\n  root: files\n  inbox: /srv/inbox\n  resources:\n"
                                   "    - {id: trees, path: a/alberi.csv, delimiter: ';'}\n"
                                   "    - {id: map, path: map.pdf, format: file}\n"
                                   "  chunk_bytes: 65536\n  rate_bytes_per_s: 5000000000\n";
    AUTO(config_free) struct config *config = NULL;
    assert_int_equal(config_parse(&config, NULL, view_of_text(text), "/srv/node"), 0);
    const struct config_exchange *exchange = config->exchange;
    assert_string_equal(exchange->key, "gateway");
    assert_string_equal(exchange->root, "/srv/node/files");
    assert_string_equal(exchange->inbox, "/srv/inbox");
    assert_int_equal(exchange->resources_count, 2);
    assert_string_equal(exchange->resources[0].path, "a/alberi.csv");
    assert_string_equal(exchange->resources[0].delimiter, ";");
    assert_null(exchange->resources[0].format);
    assert_string_equal(exchange->resources[1].format, "file");
    assert_int_equal(exchange->chunk_bytes, 65536);
    assert_int_equal(exchange->rate_bytes_per_s, 5000000000);
    AUTO(config_free) struct config *least = NULL;
    assert_int_equal(config_parse(&least, NULL,
                                  view_of_text(REQUIRED_KEYS KEYS SIGNERS "exchange: {inbox: i}\n"),
                                  ""),
                     0);
    assert_null(least->exchange->root);
    assert_int_equal(least->exchange->resources_count, 0);
}

static void test_mistakes_name_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        const char *where;
    } cases[] = {
        {REQUIRED_KEYS KEYS "api_lissen: 127.0.0.1:1\n", ERR_CONFIG_KEY, "5: api_lissen"},
        {"api_lissen: 1\n" REQUIRED_KEYS KEYS, ERR_CONFIG_KEY, "1: api_lissen"},
        {REQUIRED_KEYS "keys:\n  peer: p\n  poor: q\n  passphrase_file: s\n", ERR_CONFIG_KEY,
         "6: keys.poor"},
        {REQUIRED_KEYS KEYS "exchange: {root: r}\n", ERR_CONFIG_MISSING, "5: exchange.inbox"},
        {REQUIRED_KEYS KEYS "exchange: {inbox: i, rate: 3}\n", ERR_CONFIG_KEY, "5: exchange.rate"},
        {REQUIRED_KEYS KEYS "exchange: {inbox: i, resources: [{id: a, path: b, format: xml}]}\n",
         ERR_FIELD_CHOICE, "5: exchange.resources[0].format: csv, file"},
        {REQUIRED_KEYS KEYS
         "exchange: {inbox: i, resources: [{id: a, path: b, delimiter: ';;'}]}\n",
         ERR_FIELD_CHOICE, "5: exchange.resources[0].delimiter: , ; | \\t"},
        {REQUIRED_KEYS KEYS "exchange: {inbox: i, resources: [{id: a, path: ../passphrase}]}\n",
         ERR_PATH, "5: exchange.resources[0].path: ../passphrase"},
        {REQUIRED_KEYS KEYS "exchange: {inbox: i, resources: [{id: a, path: b/..}]}\n", ERR_PATH,
         "5: exchange.resources[0].path: b/.."},
        {REQUIRED_KEYS KEYS "exchange: {inbox: i, resources: [{id: a, path: /etc/passwd}]}\n",
         ERR_PATH, "5: exchange.resources[0].path: /etc/passwd"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  resources:\n    - {id: a, path: [b]}\n",
         ERR_CONFIG_TEXT, "8: exchange.resources[0].path"},
        {REQUIRED_KEYS KEYS "peers:\n  - {member: a, endpoint: b}\n  - member: c\n",
         ERR_CONFIG_MISSING, "7: peers[1].endpoint"},
        {REQUIRED_KEYS KEYS "worker_threads: many\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: -1\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: 65\n", ERR_FIELD_RANGE, "5: worker_threads: 0…64"},
        {REQUIRED_KEYS KEYS "worker_threads: 4x\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: 010\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: 0x1\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: ''\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: [1]\n", ERR_CONFIG_NUMBER, "5: worker_threads"},
        {REQUIRED_KEYS KEYS "worker_threads: 18446744073709551617\n", ERR_FIELD_RANGE,
         "5: worker_threads: 0…64"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  rate_bytes_per_s: 10MB\n", ERR_CONFIG_NUMBER,
         "7: exchange.rate_bytes_per_s"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  rate_bytes_per_s: -1\n", ERR_CONFIG_NUMBER,
         "7: exchange.rate_bytes_per_s"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  rate_bytes_per_s: 9223372036854775808\n",
         ERR_FIELD_RANGE, "7: exchange.rate_bytes_per_s: 0…9223372036854775807"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  chunk_bytes: 1023\n", ERR_FIELD_RANGE,
         "7: exchange.chunk_bytes: 1024…4194304"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  resources:\n    - {id: a, path: b}\n",
         ERR_CONFIG_MISSING, "5: exchange.root"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  root: r\n  resources:\n"
                            "    - {id: a, path: b}\n    - {id: a, path: c}\n",
         ERR_DUPLICATE, "8: exchange.resources[1].id: a"},
        {REQUIRED_KEYS KEYS "'': x\n", ERR_CONFIG_KEY, "5: \"\""},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  chunk_bytes: 0\n", ERR_FIELD_RANGE,
         "7: exchange.chunk_bytes: 1024…4194304"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  chunk_bytes: 4194305\n", ERR_FIELD_RANGE,
         "7: exchange.chunk_bytes: 1024…4194304"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  chunk_bytes: 4294967297\n", ERR_FIELD_RANGE,
         "7: exchange.chunk_bytes: 1024…4194304"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n", ERR_CONFIG_SIGNER,
         "5: exchange.key: gateway"},
        {REQUIRED_KEYS KEYS "exchange:\n  inbox: i\n  key: gw\n", ERR_CONFIG_SIGNER,
         "7: exchange.key: gw"},
        {REQUIRED_KEYS KEYS "log_level: info\n" SIGNERS SIGNER("oa") SIGNER("gw"), ERR_DUPLICATE,
         "6: signers[2].name: gw"},
        {REQUIRED_KEYS KEYS "peer_listen: 10.0.0.1:0\n", ERR_CONFIG_ENDPOINT, "5: peer_listen"},
        {REQUIRED_KEYS KEYS "gateway_listen: 10.0.0.1:00000\n", ERR_CONFIG_ENDPOINT,
         "5: gateway_listen"},
        {REQUIRED_KEYS KEYS "peers: [{member: a, endpoint: 'b:0'}]\n", ERR_CONFIG_ENDPOINT,
         "5: peers[0].endpoint"},
        {REQUIRED_KEYS KEYS "api_listen: 10.0.0.1:7\npeer_listen: 10.0.0.1:7\n", ERR_CONFIG_LISTEN,
         "5: api_listen: 10.0.0.1:7"},
        {REQUIRED_KEYS KEYS "api_listen: 127.0.0.1:7600\n", ERR_CONFIG_LISTEN,
         "5: api_listen: 127.0.0.1:7600"},
        {REQUIRED_KEYS KEYS "peer_listen: 127.0.0.1:7700\n", ERR_CONFIG_LISTEN,
         "5: peer_listen: 127.0.0.1:7700"},
        {REQUIRED_KEYS KEYS "peer_listen: 0.0.0.0:7\ngateway_listen: 10.0.0.1:7\n",
         ERR_CONFIG_LISTEN, "6: gateway_listen: 10.0.0.1:7"},
        {REQUIRED_KEYS KEYS "peer_listen: '[::1]:7'\napi_listen: '[0::1]:7'\n", ERR_CONFIG_LISTEN,
         "6: api_listen: [0::1]:7"},
        {REQUIRED_KEYS KEYS "peer_listen: Node.cn:7\ngateway_listen: node.CN:7\n",
         ERR_CONFIG_LISTEN, "6: gateway_listen: node.CN:7"},
        {REQUIRED_KEYS KEYS "log_level: \xff\xfe\n", ERR_CONFIG_ENCODING, "5"},
        {REQUIRED_KEYS KEYS "# \xc5\xe4\xd6\xc3\n", ERR_CONFIG_ENCODING, "5"}, /* GBK */
        {REQUIRED_KEYS KEYS "# \xef\xbb\xbf\n", ERR_CONFIG_ENCODING, "5"},
        /* What libyaml ends a line at too. */
        {REQUIRED_KEYS KEYS "# c\r---\rfoo: 1\n", ERR_CONFIG_ENCODING, "5"},
        {REQUIRED_KEYS KEYS "# c\xc2\x85---\xc2\x85"
                            "foo: 1\n",
         ERR_CONFIG_ENCODING, "5"},
        {REQUIRED_KEYS KEYS "# c\xe2\x80\xa8---\xe2\x80\xa8"
                            "foo: 1\n",
         ERR_CONFIG_ENCODING, "5"},
        {REQUIRED_KEYS KEYS "---\nlog_level: debug\n", ERR_CONFIG_DOCUMENTS, "5"},
        {"---\n" REQUIRED_KEYS KEYS "--- # more\n", ERR_CONFIG_DOCUMENTS, "6"},
        {"\xef\xbb\xbf# c\n---\n" REQUIRED_KEYS KEYS "...\n# c\n\nlog_level: debug\n",
         ERR_CONFIG_DOCUMENTS, "10"},
        {REQUIRED_KEYS "keys: none\n", ERR_CONFIG_MAPPING, "4: keys"},
        {REQUIRED_KEYS KEYS "signers: {a: b}\n", ERR_CONFIG_LIST, "5: signers"},
        {REQUIRED_KEYS, ERR_CONFIG_MISSING, "1: keys"},
        {"genesis: g\nmember: 11440000006939756B\n" KEYS, ERR_CONFIG_MISSING, "1: data_directory"},
        {REQUIRED_KEYS KEYS "genesis: other\n", ERR_CONFIG_TWICE, "5: genesis"},
        {REQUIRED_KEYS KEYS " : :\n", ERR_CONFIG_SYNTAX, "4"},
        {REQUIRED_KEYS KEYS "web_directory: &a w\nlog_level: *a\n", ERR_CONFIG_SYNTAX, "6"},
        {"- a\n", ERR_CONFIG_MAPPING, "1"},
        {"data_directory: d\ngenesis: g\nmember: 11440000006939756A\n" KEYS, ERR_USCC_CHECK,
         "3: member"},
        {REQUIRED_KEYS KEYS "peer_listen: localhost\n", ERR_CONFIG_ENDPOINT, "5: peer_listen"},
        {REQUIRED_KEYS KEYS "api_listen: localhost:65536\n", ERR_CONFIG_ENDPOINT, "5: api_listen"},
        {REQUIRED_KEYS KEYS "log_level: loud\n", ERR_FIELD_CHOICE,
         "5: log_level: debug, info, warn, error"},
        {"data_directory: ''\n" KEYS, ERR_CONFIG_TEXT, "1: data_directory"},
        {"", ERR_CONFIG_EMPTY, "1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config *config = NULL;
        struct faults faults = {0};
        int error = config_parse(&config, &faults, view_of_text(cases[i].text), "");
        if (error != cases[i].error || faults_first(&faults) != error || config != NULL ||
            strcmp(faults.item[0].field, cases[i].where) != 0) {
            fail_msg("case %zu: %s, \"%s\"", i, error_code(error), faults.item[0].field);
        }
    }
}

/* libyaml reads UTF-16 with a byte order mark: what is looked for in bytes would not be seen. */
static void test_utf16_is_refused(void **state)
{
    (void)state;
    static const char text[] = REQUIRED_KEYS KEYS "---\nfoo: 1\n";
    for (unsigned big = 0; big < 2; big++) {
        AUTO(buf_free) struct buf wide = {0};
        buf_append(&wide, big ? "\xfe\xff" : "\xff\xfe", 2);
        for (const char *at = text; *at != '\0'; at++) {
            const char pair[2] = {big ? '\0' : *at, big ? *at : '\0'};
            buf_append(&wide, pair, 2);
        }
        struct config *config = NULL;
        struct faults faults = {0};
        assert_int_equal(config_parse(&config, &faults, view_of_buf(&wide), ""),
                         ERR_CONFIG_ENCODING);
        assert_string_equal(faults.item[0].field, "1");
        assert_null(config);
    }
}

/* One port on several addresses, and lines that end in CR LF. */
static void test_listeners_side_by_side(void **state)
{
    (void)state;
    static const char text[] = REQUIRED_KEYS KEYS "peer_listen: 10.0.0.1:7600\r\n"
                                                  "api_listen: 127.0.0.1:7600\r\n"
                                                  "gateway_listen: '[::]:7600'\r\n";
    AUTO(config_free) struct config *config = NULL;
    assert_int_equal(config_parse(&config, NULL, view_of_text(text), ""), 0);
    assert_string_equal(config->gateway_listen, "[::]:7600");
}

static void test_files(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct faults faults = {0};
    assert_int_equal(config_load(&config, &faults, scratch_path("absent.yaml")), ERR_NOT_FOUND);
    const char *path = scratch_path("node.yaml");
    assert_int_equal(file_create(path, view_of_text(REQUIRED_KEYS "keys: 1\n"), 0600), 0);
    faults = (struct faults){0};
    assert_int_equal(config_load(&config, &faults, path), ERR_CONFIG_MAPPING);
    assert_string_equal(faults.item[0].field, "node.yaml:4: keys");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(file_create(path, view_of_text(REQUIRED_KEYS KEYS), 0600), 0);
    assert_int_equal(config_load(&config, &faults, path), 0);
    assert_string_equal(config->data_directory, scratch_path("data"));
    config_free(&config);
}

static void test_endpoints(void **state)
{
    (void)state;
    struct endpoint endpoint;
    assert_int_equal(endpoint_parse(&endpoint, "[fe80::1]:80"), 0);
    assert_string_equal(endpoint.host, "fe80::1");
    assert_int_equal(endpoint.port, 80);
    static const char *const bad[] = {"",         ":1",      "a",    "a:",        "a:1x",
                                      "a:999999", "a b:1",   "[]:1", "[gg::1]:1", "[::1]1",
                                      "a:-1",     "a:65536", "a:0"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (endpoint_parse(&endpoint, bad[i]) != ERR_FIELD_FORMAT) {
            fail_msg("taken: %s", bad[i]);
        }
    }
    assert_int_equal(endpoint_parse(&endpoint, NULL), ERR_FIELD_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_read),
        cmocka_unit_test(test_one_document),
        cmocka_unit_test(test_loopback_unless_told),
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_mistakes_name_their_line),
        cmocka_unit_test(test_utf16_is_refused),
        cmocka_unit_test(test_listeners_side_by_side),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_endpoints),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
